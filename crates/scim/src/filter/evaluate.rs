//! Evaluating a filter against a resource.

use std::cmp::Ordering;

use serde_json::Value;

use super::{CompareOp, Filter};
use crate::json;
use crate::path::Path;

pub(super) fn matches(filter: &Filter, resource: &Value) -> bool {
    match filter {
        Filter::Present(path) => path.visit(resource, &mut is_present),
        Filter::Compare { path, op, value } => compare(path, *op, value, resource),
        Filter::ValuePath { attribute, filter } => match attribute.find(resource) {
            Some(Value::Array(items)) => items.iter().any(|item| matches(filter, item)),
            Some(single) => matches(filter, single),
            None => false,
        },
        Filter::And(parts) => parts.iter().all(|part| matches(part, resource)),
        Filter::Or(parts) => parts.iter().any(|part| matches(part, resource)),
        Filter::Not(inner) => !matches(inner, resource),
    }
}

/// `pr`: RFC 7644 asks for "a non-empty or non-null value", and for complex attributes "a non-empty
/// node".
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compare(path: &Path, op: CompareOp, wanted: &Value, resource: &Value) -> bool {
    let exact = is_case_exact(path);
    let mut any = false;
    let hit = path.visit(resource, &mut |found| {
        let Some(found) = comparable(found) else { return false };
        any = true;
        holds(op, found, wanted, exact)
    });
    // An attribute without a value equals null and differs from everything else.
    hit || (!any && matches!((op, wanted.is_null()), (CompareOp::Eq, true) | (CompareOp::Ne, false)))
}

/// The value that stands for an element: of a complex element its `value` (RFC 7644, 3.4.2.2).
fn comparable(found: &Value) -> Option<&Value> {
    match found {
        Value::Null | Value::Array(_) => None,
        Value::Object(members) => json::get(members, "value").filter(|value| !value.is_null()),
        simple => Some(simple),
    }
}

fn holds(op: CompareOp, found: &Value, wanted: &Value, exact: bool) -> bool {
    match op {
        CompareOp::Eq => equal(found, wanted, exact),
        CompareOp::Ne => !equal(found, wanted, exact),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => match (found, wanted) {
            (Value::String(found), Value::String(wanted)) => {
                let (found, wanted) = if exact {
                    (found.clone(), wanted.clone())
                } else {
                    (found.to_lowercase(), wanted.to_lowercase())
                };
                match op {
                    CompareOp::Co => found.contains(&wanted),
                    CompareOp::Sw => found.starts_with(&wanted),
                    _ => found.ends_with(&wanted),
                }
            }
            _ => false,
        },
        CompareOp::Gt => order(found, wanted, exact).is_some_and(Ordering::is_gt),
        CompareOp::Ge => order(found, wanted, exact).is_some_and(Ordering::is_ge),
        CompareOp::Lt => order(found, wanted, exact).is_some_and(Ordering::is_lt),
        CompareOp::Le => order(found, wanted, exact).is_some_and(Ordering::is_le),
    }
}

fn equal(found: &Value, wanted: &Value, exact: bool) -> bool {
    match (found, wanted) {
        (Value::String(found), Value::String(wanted)) => {
            found == wanted || (!exact && equal_ignoring_case(found, wanted))
        }
        // Entra asks for `primary eq "True"`; the attribute is a boolean all the same.
        (Value::Bool(flag), Value::String(text)) | (Value::String(text), Value::Bool(flag)) => {
            text.eq_ignore_ascii_case(if *flag { "true" } else { "false" })
        }
        (Value::Number(found), Value::Number(wanted)) => found == wanted || found.as_f64() == wanted.as_f64(),
        (found, wanted) => found == wanted,
    }
}

/// Whether two texts differ in letter case only, beyond ASCII too.
pub(crate) fn equal_ignoring_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.to_lowercase() == b.to_lowercase()
}

fn order(found: &Value, wanted: &Value, exact: bool) -> Option<Ordering> {
    match (found, wanted) {
        (Value::Number(found), Value::Number(wanted)) => found.as_f64()?.partial_cmp(&wanted.as_f64()?),
        (Value::String(found), Value::String(wanted)) => {
            // `dateTime` attributes are ordered in time, whatever their offsets and fractions.
            if let (Ok(a), Ok(b)) = (found.parse::<jiff::Timestamp>(), wanted.parse::<jiff::Timestamp>()) {
                return Some(a.cmp(&b));
            }
            if exact {
                return Some(found.cmp(wanted));
            }
            Some(found.to_lowercase().cmp(&wanted.to_lowercase()))
        }
        _ => None,
    }
}

/// `caseExact` of RFC 7643 (3.1, 8.7.1): ids, references, versions and binaries; everything else in
/// the core schemas ignores letter case, which also is the default for attributes of extensions.
fn is_case_exact(path: &Path) -> bool {
    const ATTRIBUTES: [&str; 6] = ["id", "externalId", "meta", "profileUrl", "x509Certificates", "$ref"];
    let is = |name: &str, known: &str| name.eq_ignore_ascii_case(known);
    let name = path.attribute().name();
    path.sub_attribute().is_some_and(|sub| is(sub, "$ref"))
        || (path.attribute().extension().is_none() && ATTRIBUTES.iter().any(|known| is(name, known)))
}
