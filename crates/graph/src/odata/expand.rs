//! `$expand`: one relationship, with a `$select` of its own.

use crate::error::GraphError;

/// A relationship that is told within its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expand {
    /// The relationship, as sent.
    pub name: String,
    /// `$select` of what is told; `None` when it names nothing.
    pub select: Option<Vec<String>>,
}

/// Reads an expansion.
///
/// # Errors
/// 400 for several relationships, and for options other than `$select`.
pub fn parse(text: &str) -> Result<Expand, GraphError> {
    let invalid = |why: &str| GraphError::bad_request(format!("Invalid $expand '{text}': {why}."));
    let text = text.trim();
    let (name, inside) = match text.split_once('(') {
        None => (text, ""),
        Some((name, rest)) => {
            let inside = rest.strip_suffix(')').ok_or_else(|| {
                invalid("only one relationship can be expanded, written as name or name($select=…)")
            })?;
            (name.trim(), inside)
        }
    };
    if name.contains(',') || inside.contains(')') {
        return Err(invalid("only one relationship can be expanded"));
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(invalid(&format!("'{name}' is no relationship")));
    }
    let mut select = None;
    for option in inside.split(';').map(str::trim).filter(|option| !option.is_empty()) {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        let key = key.trim();
        if !key.eq_ignore_ascii_case("$select") {
            return Err(invalid(&format!("'{key}' is not supported here; only $select is")));
        }
        let names: Vec<String> =
            value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        select = (!names.is_empty()).then_some(names);
    }
    Ok(Expand { name: name.to_owned(), select })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansions_are_read() {
        let expand = |name: &str, select: Option<&[&str]>| Expand {
            name: name.into(),
            select: select.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
        };
        assert_eq!(parse("manager").unwrap(), expand("manager", None));
        assert_eq!(
            parse("manager($select=id, displayName)").unwrap(),
            expand("manager", Some(&["id", "displayName"]))
        );
        assert_eq!(parse("members($select=)").unwrap(), expand("members", None));
        assert_eq!(parse(" members () ").unwrap(), expand("members", None));
    }

    #[test]
    fn bad_expansions_are_named() {
        let messages: Vec<String> = [
            "manager,memberOf",
            "manager($select=id),memberOf",
            "manager($levels=max)",
            "manager($select=id",
            "a/b",
            "*",
        ]
        .iter()
        .map(|text| parse(text).unwrap_err().message)
        .collect();
        insta::assert_snapshot!(messages.join("\n"), @r"
            Invalid $expand 'manager,memberOf': only one relationship can be expanded.
            Invalid $expand 'manager($select=id),memberOf': only one relationship can be expanded, written as name or name($select=…).
            Invalid $expand 'manager($levels=max)': '$levels' is not supported here; only $select is.
            Invalid $expand 'manager($select=id': only one relationship can be expanded, written as name or name($select=…).
            Invalid $expand 'a/b': 'a/b' is no relationship.
            Invalid $expand '*': '*' is no relationship.
            ");
    }
}
