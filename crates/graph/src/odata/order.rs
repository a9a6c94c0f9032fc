//! `$orderby`: property paths, each upward or downward.

use crate::error::GraphError;

/// The most keys of an order.
const MAX_KEYS: usize = 8;

/// One key of an order; the first counts most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderKey {
    /// The property, as sent.
    pub path: String,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// Reads an order.
///
/// # Errors
/// 400 for what is no property, a direction other than `asc` and `desc`, or too many keys.
pub fn parse(text: &str) -> Result<Vec<OrderKey>, GraphError> {
    let invalid = |why: &str| GraphError::bad_request(format!("Invalid $orderby '{text}': {why}."));
    let mut keys: Vec<OrderKey> = Vec::new();
    for part in text.split(',') {
        let mut words = part.split_whitespace();
        let path = words.next().ok_or_else(|| invalid("a property is missing"))?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_/".contains(&byte);
        if !path.bytes().all(fits) {
            return Err(invalid(&format!("'{path}' is no property")));
        }
        let descending = match words.next() {
            None => false,
            Some(word) if word.eq_ignore_ascii_case("asc") => false,
            Some(word) if word.eq_ignore_ascii_case("desc") => true,
            Some(word) => return Err(invalid(&format!("'{word}' is neither asc nor desc"))),
        };
        if let Some(word) = words.next() {
            return Err(invalid(&format!("'{word}' is one word too many; separate properties by commas")));
        }
        if keys.iter().any(|key| key.path.eq_ignore_ascii_case(path)) {
            return Err(invalid(&format!("'{path}' stands there twice")));
        }
        keys.push(OrderKey { path: path.to_owned(), descending });
    }
    if keys.len() > MAX_KEYS {
        return Err(invalid(&format!("at most {MAX_KEYS} properties can be sorted by")));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read() {
        let printed = |text: &str| {
            let keys = parse(text).unwrap();
            keys.iter().map(|key| format!("{} {}", key.path, key.descending)).collect::<Vec<_>>().join(" | ")
        };
        assert_eq!(printed("displayName"), "displayName false");
        assert_eq!(printed(" displayName  DESC, mail asc,id"), "displayName true | mail false | id false");
    }

    #[test]
    fn bad_orders_are_named() {
        let messages: Vec<String> = ["", "a,", "a down", "a desc b", "a(b)", "a,A", "a,b,c,d,e,f,g,h,i"]
            .iter()
            .map(|text| parse(text).unwrap_err().to_string())
            .collect();
        insta::assert_snapshot!(messages.join("\n"), @r"
            400 BadRequest: Invalid $orderby '': a property is missing.
            400 BadRequest: Invalid $orderby 'a,': a property is missing.
            400 BadRequest: Invalid $orderby 'a down': 'down' is neither asc nor desc.
            400 BadRequest: Invalid $orderby 'a desc b': 'b' is one word too many; separate properties by commas.
            400 BadRequest: Invalid $orderby 'a(b)': 'a(b)' is no property.
            400 BadRequest: Invalid $orderby 'a,A': 'A' stands there twice.
            400 BadRequest: Invalid $orderby 'a,b,c,d,e,f,g,h,i': at most 8 properties can be sorted by.
            ");
    }
}
