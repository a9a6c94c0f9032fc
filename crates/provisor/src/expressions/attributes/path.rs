//! Paths into nested values, as SCIM writes them.

use provisor_expression::Value;

/// The value that the rest of a path leads to: `.givenName`, `[type eq "work"].value`, `:department`.
pub(super) fn follow(value: &Value, path: &str) -> Option<Value> {
    if path.is_empty() {
        return Some(value.clone());
    }
    if let Some(rest) = path.strip_prefix('[') {
        let (filter, rest) = rest.split_once(']')?;
        let conditions: Vec<(&str, &str)> = filter.split(" and ").map(condition).collect::<Option<_>>()?;
        let kept = value.values().iter().filter(|item| conditions.iter().all(|wanted| holds(item, *wanted)));
        return follow(&of(kept.cloned().collect())?, rest);
    }
    let rest = path.strip_prefix(['.', ':'])?;
    let end = rest.find(['.', '[', ':']).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let found: Vec<Value> = value.values().iter().filter_map(|item| item.field(name).cloned()).collect();
    follow(&of(found)?, rest)
}

/// One value as itself, several as a list.
fn of(mut values: Vec<Value>) -> Option<Value> {
    match values.len() {
        0 => None,
        1 => values.pop(),
        _ => Some(Value::from(values)),
    }
}

/// `type eq "work"`
fn condition(text: &str) -> Option<(&str, &str)> {
    let mut words = text.trim().splitn(3, ' ');
    let (name, operator, value) = (words.next()?, words.next()?, words.next()?);
    operator.eq_ignore_ascii_case("eq").then(|| (name, value.trim().trim_matches('"')))
}

/// Letter case does not count in SCIM's types, nor in True and False.
fn holds(item: &Value, (name, wanted): (&str, &str)) -> bool {
    let text = item.field(name).and_then(|value| value.text().map(|text| text.into_owned()));
    text.is_some_and(|text| text.eq_ignore_ascii_case(wanted))
}
