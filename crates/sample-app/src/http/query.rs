//! Query strings and search messages.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use provisor_scim::{Filter, ScimError, ScimType};
use serde::Deserialize;
use serde_json::Value;

use crate::projection::Projection;
use crate::service::ListRequest;

/// Reads what a list request asks for. Unknown parameters, `sortBy` among them, are ignored.
pub(super) fn list(query: &str) -> Result<ListRequest, ScimError> {
    let number = |name: &str| match value(query, name) {
        None => Ok(None),
        Some(text) => text.trim().parse().map(Some).map_err(|_| {
            ScimError::bad_request(ScimType::InvalidValue, format!("{name}: {text:?} is not an integer"))
        }),
    };
    Ok(ListRequest {
        filter: filter(value(query, "filter"))?,
        start_index: number("startIndex")?,
        count: number("count")?,
        projection: projection(query)?,
    })
}

/// Whether a filter is asked for.
pub(super) fn has_filter(query: &str) -> bool {
    value(query, "filter").is_some_and(|text| !text.trim().is_empty())
}

fn filter(text: Option<String>) -> Result<Option<Filter>, ScimError> {
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(|text| Filter::parse(&text)).transpose().map_err(|error| {
        ScimError::bad_request(ScimType::InvalidFilter, format!("the filter cannot be read: {error}"))
    })
}

/// Reads `attributes` and `excludedAttributes`.
pub(super) fn projection(query: &str) -> Result<Projection, ScimError> {
    if query.is_empty() {
        return Ok(Projection::All);
    }
    Projection::parse(value(query, "attributes").as_deref(), value(query, "excludedAttributes").as_deref())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    filter: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    #[serde(default)]
    attributes: Vec<String>,
    #[serde(default)]
    excluded_attributes: Vec<String>,
}

/// Reads a search message (RFC 7644, 3.4.3).
pub(super) fn search(message: Value) -> Result<ListRequest, ScimError> {
    let search: Search = serde_json::from_value(message).map_err(|error| {
        ScimError::bad_request(ScimType::InvalidSyntax, format!("the search cannot be read: {error}"))
    })?;
    let Search { filter: text, start_index, count, attributes, excluded_attributes } = search;
    let projection = Projection::parse(Some(&attributes.join(",")), Some(&excluded_attributes.join(",")))?;
    Ok(ListRequest { filter: filter(text)?, start_index, count, projection })
}

/// The first value of a parameter, decoded; `+` is a blank, as forms write it.
fn value(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_it = key == name || percent_decode_str(key).eq(name.bytes());
        is_it.then(|| {
            let spaced = if value.contains('+') { Cow::from(value.replace('+', " ")) } else { value.into() };
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let request =
            list("count=5&filter=userName+eq+%22a%2Bb%26%C3%A9%22&%73tartIndex=2&sortBy=x&flag").unwrap();
        assert_eq!(request.filter.unwrap().to_string(), "userName eq \"a+b&é\"");
        assert_eq!((request.start_index, request.count), (Some(2), Some(5)));
        assert!(request.projection.is_all());
        assert!(list("count=many").is_err());
        assert!(!list("excludedAttributes=members").unwrap().projection.is_all());
    }

    #[test]
    fn a_search_is_a_list_request_in_a_body() {
        let request =
            search(json!({"filter": "a pr", "count": 3, "attributes": ["id", "userName"]})).unwrap();
        assert_eq!((request.filter, request.count), (Some(Filter::parse("a pr").unwrap()), Some(3)));
        assert!(!request.projection.is_all());
        assert!(search(json!({"count": "3"})).is_err());
    }
}
