//! The query of a request: OData's system options.

use percent_encoding::percent_decode_str;

use crate::error::GraphError;

/// The system query options of a request. Options without `$` are not for OData and are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryOptions {
    /// `$select`, split at commas; `None` when it names nothing.
    pub select: Option<Vec<String>>,
    /// `$filter` as sent; see [`super::filter::parse`].
    pub filter: Option<String>,
    /// `$top`
    pub top: Option<u64>,
    /// `$skip`; most collections refuse it with [`unsupported_skip`].
    pub skip: Option<u64>,
    /// `$skiptoken` (also spelled `$skipToken`)
    pub skip_token: Option<String>,
    /// `$deltatoken`
    pub delta_token: Option<String>,
    /// `$count`
    pub count: Option<bool>,
    /// `$orderby` as sent
    pub order_by: Option<String>,
    /// `$expand` as sent
    pub expand: Option<String>,
    /// `$search` as sent
    pub search: Option<String>,
    /// `$id`: the object that a `DELETE …/$ref` takes away
    pub id: Option<String>,
}

/// Options that are meant without their `$` too, as Graph has it. Whoever forgets it and then works on all that is
/// found would otherwise work on everything there is.
const BARE: [&str; 10] =
    ["select", "filter", "top", "skip", "skiptoken", "deltatoken", "count", "orderby", "expand", "search"];

impl QueryOptions {
    /// Reads a raw query, without its `?`. Names compare without regard to case; `+` is a space; the `$` of a known
    /// option may be missing.
    ///
    /// # Errors
    /// 400 for an option of OData that is unknown, repeated, or has a value that it cannot have.
    pub fn parse(query: &str) -> Result<Self, GraphError> {
        let mut options = Self::default();
        let mut seen = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let mut name = decode(name)?.to_ascii_lowercase();
            if BARE.contains(&name.as_str()) {
                name.insert(0, '$');
            } else if name == "@id" {
                // What generated clients send of `…/$ref`.
                "$id".clone_into(&mut name);
            }
            if !name.starts_with('$') {
                continue;
            }
            let value = decode(value)?;
            if seen.contains(&name) {
                return Err(GraphError::bad_request(format!(
                    "Query option '{name}' was specified more than once, but it must be specified at most once."
                )));
            }
            options.set(&name, &value)?;
            seen.push(name);
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), GraphError> {
        let invalid = |wanted: &str| {
            let message =
                format!("Invalid value '{value}' for the query option '{name}': it must be {wanted}.");
            GraphError::bad_request(message)
        };
        let text = Some(value.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        match name {
            "$select" => self.select = names(value),
            "$filter" => match text {
                Some(text) => self.filter = Some(text),
                None => return Err(GraphError::invalid_filter("the filter is empty.")),
            },
            "$top" => match value.trim().parse() {
                Ok(top) => self.top = Some(top),
                Err(_) => return Err(invalid("a whole number")),
            },
            "$skip" => match value.trim().parse() {
                Ok(skip) => self.skip = Some(skip),
                Err(_) => return Err(invalid("a whole number")),
            },
            "$count" => match value.trim().to_ascii_lowercase().as_str() {
                "true" => self.count = Some(true),
                "false" => self.count = Some(false),
                _ => return Err(invalid("true or false")),
            },
            "$skiptoken" => self.skip_token = text,
            "$deltatoken" => self.delta_token = text,
            "$orderby" => self.order_by = text,
            "$expand" => self.expand = text,
            "$search" => self.search = text,
            "$id" => self.id = text,
            // JSON is the only format there is, and every answer has it.
            "$format" => {}
            _ => {
                let message = format!("The query option '{name}' is not a system query option of OData.");
                return Err(GraphError::bad_request(message));
            }
        }
        Ok(())
    }
}

/// What collections answer that cannot skip: those of the directory.
#[must_use]
pub fn unsupported_skip() -> GraphError {
    GraphError::directory_bad_request(
        "'$skip' is not supported by the service; follow '@odata.nextLink' instead.",
    )
}

fn names(value: &str) -> Option<Vec<String>> {
    let names: Vec<String> =
        value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

/// Percent-decodes a name or a value of a query.
fn decode(text: &str) -> Result<String, GraphError> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| {
        GraphError::bad_request(format!("The query has '{text}', which is not UTF-8 when percent-decoded."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_in_every_spelling() {
        let query = "$select=id, displayName,&%24FILTER=displayName%20eq+'a%26b'&$Top=5&$skipToken=abc\
                     &$deltaToken=latest&$COUNT=True&$orderby=displayName+desc&$expand=manager\
                     &$search=%22displayName:ana%22&$skip=7&$id=users/17&$format=json&foo=$top&ConsistencyLevel=eventual";
        assert_eq!(
            QueryOptions::parse(query).unwrap(),
            QueryOptions {
                select: Some(vec!["id".into(), "displayName".into()]),
                filter: Some("displayName eq 'a&b'".into()),
                top: Some(5),
                skip: Some(7),
                skip_token: Some("abc".into()),
                delta_token: Some("latest".into()),
                count: Some(true),
                order_by: Some("displayName desc".into()),
                expand: Some("manager".into()),
                search: Some("\"displayName:ana\"".into()),
                id: Some("users/17".into()),
            }
        );
        let bare = "select=id&FILTER=a eq 1&top=5&skipToken=abc&Count=true&orderBy=id&%40id=users/17";
        let dollar = "$select=id&$filter=a eq 1&$top=5&$skiptoken=abc&$count=true&$orderby=id&$id=users/17";
        assert_eq!(QueryOptions::parse(bare).unwrap(), QueryOptions::parse(dollar).unwrap());
        for empty in ["", "&&", "$select=&$skiptoken=&$deltatoken=", "$select=,"] {
            assert_eq!(QueryOptions::parse(empty).unwrap(), QueryOptions::default(), "{empty}");
        }
    }

    #[test]
    fn bad_options_are_named() {
        let messages: Vec<String> = [
            "$skipp=1",
            "$top=1&$TOP=2",
            "$top=1&top=2",
            "$top=ten",
            "$top=-1",
            "$top=99999999999999999999",
            "$count=maybe",
            "$filter=",
            "$skip=five",
            "$filter=%FF",
            "$apply=groupby",
        ]
        .iter()
        .map(|query| QueryOptions::parse(query).unwrap_err().to_string())
        .collect();
        insta::assert_snapshot!(messages.join("\n"), @r"
            400 BadRequest: The query option '$skipp' is not a system query option of OData.
            400 BadRequest: Query option '$top' was specified more than once, but it must be specified at most once.
            400 BadRequest: Query option '$top' was specified more than once, but it must be specified at most once.
            400 BadRequest: Invalid value 'ten' for the query option '$top': it must be a whole number.
            400 BadRequest: Invalid value '-1' for the query option '$top': it must be a whole number.
            400 BadRequest: Invalid value '99999999999999999999' for the query option '$top': it must be a whole number.
            400 BadRequest: Invalid value 'maybe' for the query option '$count': it must be true or false.
            400 BadRequest: Invalid filter clause: the filter is empty.
            400 BadRequest: Invalid value 'five' for the query option '$skip': it must be a whole number.
            400 BadRequest: The query has '%FF', which is not UTF-8 when percent-decoded.
            400 BadRequest: The query option '$apply' is not a system query option of OData.
            ");
    }
}
