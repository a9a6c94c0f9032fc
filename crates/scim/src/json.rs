//! Look-ups in JSON objects whose member names differ from ours in letter case only (RFC 7643, 2.1).

use serde_json::{Map, Value};

/// The member `name` of `object`, ignoring letter case; an exact spelling wins.
pub(crate) fn get<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

/// The spelling under which `object` holds `name`, or `name` itself when it holds none.
pub(crate) fn spelling(object: &Map<String, Value>, name: &str) -> String {
    if object.contains_key(name) {
        return name.to_owned();
    }
    object.keys().find(|k| k.eq_ignore_ascii_case(name)).cloned().unwrap_or_else(|| name.to_owned())
}

/// Whether RFC 7643 (2.5) calls the value unassigned: null, or an empty array.
pub(crate) fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
