//! Resource paths: `servicePrincipals(appId='x')/synchronization/jobs('y')/microsoft.graph.start`.

use percent_encoding::percent_decode_str;

use crate::error::GraphError;

/// One segment of a path, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The name before the key; for a segment without one, all of it. `microsoft.graph.` is taken off.
    pub name: String,
    /// The key in parentheses.
    pub key: Option<Key>,
}

/// A key in parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// `('17')`
    Value(String),
    /// `(appId='17')`: the property, then the value
    Named(String, String),
}

/// Splits a path below the version into its segments. Each is percent-decoded once, after splitting; a slash
/// at either end does not count; `()` after a function is dropped.
///
/// # Errors
/// 400 for an empty segment, a key that cannot be read, and what is not UTF-8 when decoded.
pub fn parse(path: &str) -> Result<Vec<Segment>, GraphError> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Ok(Vec::new());
    }
    path.split('/').map(segment).collect()
}

fn segment(raw: &str) -> Result<Segment, GraphError> {
    let text = percent_decode_str(raw).decode_utf8().map_err(|_| {
        GraphError::bad_request(format!("The path segment '{raw}' is not UTF-8 when decoded."))
    })?;
    if text.is_empty() {
        return Err(GraphError::segment_not_found(""));
    }
    let Some((name, inside)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        return Ok(Segment { name: unqualified(&text).to_owned(), key: None });
    };
    if !is_identifier(name.rsplit('.').next().unwrap_or_default()) {
        // Parentheses of an id rather than around a key.
        return Ok(Segment { name: text.into_owned(), key: None });
    }
    let key = match inside.trim() {
        "" => None,
        inside => Some(key(inside).ok_or_else(|| {
            GraphError::bad_request(format!(
                "The key in the path segment '{text}' cannot be read; write it as ('id') or (name='value')."
            ))
        })?),
    };
    Ok(Segment { name: unqualified(name).to_owned(), key })
}

fn key(text: &str) -> Option<Key> {
    if let Some((name, value)) = text.split_once('=')
        && is_identifier(name.trim())
    {
        return Some(Key::Named(name.trim().to_owned(), value_of(value.trim())?));
    }
    value_of(text).map(Key::Value)
}

/// A quoted text with its quotes doubled inside, or a bare GUID or number.
fn value_of(text: &str) -> Option<String> {
    if let Some(quoted) = text.strip_prefix('\'') {
        let inner = quoted.strip_suffix('\'')?.replace("''", "\u{0}");
        return (!inner.is_empty() && !inner.contains('\'')).then(|| inner.replace('\u{0}', "'"));
    }
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (!text.is_empty() && text.bytes().all(is_bare)).then(|| text.to_owned())
}

/// Takes the namespace off an operation or a cast. What follows must be a plain name: a job id may begin with
/// `graph.` too, but goes on with dots and digits.
fn unqualified(name: &str) -> &str {
    ["microsoft.graph.", "graph."]
        .iter()
        .find_map(|namespace| {
            let head = name.get(..namespace.len())?;
            let rest = name.get(namespace.len()..)?;
            let plain = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphabetic());
            (head.eq_ignore_ascii_case(namespace) && plain).then_some(rest)
        })
        .unwrap_or(name)
}

fn is_identifier(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printed(path: &str) -> String {
        let print = |segment: &Segment| match &segment.key {
            None => segment.name.clone(),
            Some(Key::Value(value)) => format!("{} [{value}]", segment.name),
            Some(Key::Named(name, value)) => format!("{} [{name}: {value}]", segment.name),
        };
        parse(path).unwrap().iter().map(print).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn paths_are_read_in_every_spelling() {
        for (path, wanted) in [
            ("", ""),
            ("/", ""),
            ("users", "users"),
            ("/users/17/", "users | 17"),
            ("users('17')", "users [17]"),
            ("users(17)", "users [17]"),
            ("users('o''neil@x.example')/manager/$ref", "users [o'neil@x.example] | manager | $ref"),
            ("users(%27a%2Fb%27)", "users [a/b]"),
            ("users/ann%23EXT%23@x.example", "users | ann#EXT#@x.example"),
            ("users/a%252Fb", "users | a%2Fb"),
            ("users/a+b@x.example", "users | a+b@x.example"),
            ("applications(appId='17')/synchronization", "applications [appId: 17] | synchronization"),
            (
                "applications(appId=5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10)",
                "applications [appId: 5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10]",
            ),
            ("users/delta()", "users | delta"),
            ("users/microsoft.graph.delta()", "users | delta"),
            ("users/Graph.delta", "users | delta"),
            ("jobs/graph.6f0b.0c6a/microsoft.graph.start", "jobs | graph.6f0b.0c6a | start"),
            ("jobs/microsoft.graph.x.y", "jobs | microsoft.graph.x.y"),
            ("directory/deletedItems/microsoft.graph.user", "directory | deletedItems | user"),
            ("jobs('customappsso.6f.0c')/start", "jobs [customappsso.6f.0c] | start"),
            ("users/{user}", "users | {user}"),
            ("groups/1(2)", "groups | 1(2)"),
        ] {
            assert_eq!(printed(path), wanted, "{path}");
        }
    }

    #[test]
    fn bad_paths_are_refused() {
        for path in [
            "users//17",
            "users('17)",
            "users('')",
            "users('a'b')",
            "users(a='1',b='2')",
            "users(%FF)",
            "users(a=)",
            "users(a b)",
        ] {
            assert_eq!(parse(path).unwrap_err().status, 400, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_quoted_key_comes_back_as_it_was(value in "[^\u{0}]{1,20}") {
            let quoted = format!("users('{}')", value.replace('\'', "''"));
            let encoded = percent_encoding::utf8_percent_encode(&quoted, percent_encoding::NON_ALPHANUMERIC);
            let wanted = Segment { name: "users".into(), key: Some(Key::Value(value)) };
            prop_assert_eq!(parse(&encoded.to_string()).unwrap(), vec![wanted]);
        }

        #[test]
        fn reading_never_panics(path in "[a-z/()'=%.ø]{0,40}") {
            let _ = parse(&path);
        }
    }
}
