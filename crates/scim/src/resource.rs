//! Resources as JSON values, the schemas they name, and the list they come in.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::json;

/// URN of the core user schema (RFC 7643, 4.1).
pub const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// URN of the core group schema (RFC 7643, 4.2).
pub const GROUP_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// URN of the enterprise user extension (RFC 7643, 4.3).
pub const ENTERPRISE_USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// URN of the list message (RFC 7644, 3.4.2).
pub const LIST_RESPONSE_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// URN of the search message (RFC 7644, 3.4.3).
pub const SEARCH_REQUEST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// The media type of requests and responses (RFC 7644, 8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

const CORE_PREFIX: &str = "urn:ietf:params:scim:schemas:core:";

/// Whether the attributes of this schema stand at the top of a resource: `urn:…:core:2.0:User`,
/// `…:Group` and the like.
#[must_use]
pub fn is_core_schema(uri: &str) -> bool {
    uri.get(..CORE_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(CORE_PREFIX))
}

/// Whether the last part of a URN is a version, as in `urn:…:enterprise:2.0`: what follows such a
/// URN is the name of a schema, not of an attribute.
#[must_use]
pub fn ends_in_version(urn: &str) -> bool {
    let last = urn.rsplit(':').next().unwrap_or_default();
    last.contains('.') && last.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// The member `name` of a resource or of an element of one, ignoring letter case.
#[must_use]
pub fn get<'a>(resource: &'a Value, name: &str) -> Option<&'a Value> {
    json::get(resource.as_object()?, name)
}

/// The `id` that the server gave the resource. Some servers use numbers; they are given as text.
#[must_use]
pub fn id(resource: &Value) -> Option<String> {
    match get(resource, "id")? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// The schemas that the resource names.
pub fn schemas(resource: &Value) -> impl Iterator<Item = &str> {
    get(resource, "schemas").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The resource's `meta` (RFC 7643, 3.1), as far as it can be read.
#[must_use]
pub fn meta(resource: &Value) -> Meta {
    get(resource, "meta").and_then(|meta| Meta::deserialize(meta).ok()).unwrap_or_default()
}

/// An empty resource that names its schemas.
#[must_use]
pub fn with_schemas(schemas: &[&str]) -> Value {
    let mut object = Map::new();
    object.insert("schemas".into(), schemas.iter().map(|&uri| Value::from(uri)).collect());
    Value::Object(object)
}

/// What the server knows about a resource (RFC 7643, 3.1). Times are kept as they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// `User`, `Group`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Its URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Its entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A page of results (RFC 7644, 3.4.2).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListResponse<T = Value> {
    /// Always the URN of the list message.
    pub schemas: [&'static str; 1],
    /// How many results there are on all pages together.
    pub total_results: u64,
    /// The place of the first result on this page, from 1.
    pub start_index: u64,
    /// How many results this page holds.
    pub items_per_page: u64,
    /// The results.
    #[serde(rename = "Resources")]
    pub resources: Vec<T>,
}

impl<T> ListResponse<T> {
    /// A page that starts at `start_index` (from 1) of `total_results`.
    #[must_use]
    pub fn page(resources: Vec<T>, start_index: u64, total_results: u64) -> Self {
        let items_per_page = resources.len() as u64;
        Self { schemas: [LIST_RESPONSE_SCHEMA], total_results, start_index, items_per_page, resources }
    }

    /// All results on one page.
    #[must_use]
    pub fn all(resources: Vec<T>) -> Self {
        let total = resources.len() as u64;
        Self::page(resources, 1, total)
    }
}

#[derive(Deserialize)]
struct WireMessage<T> {
    #[serde(rename = "totalResults")]
    total_results: Count,
    #[serde(rename = "startIndex")]
    start_index: Option<Count>,
    #[serde(rename = "Resources", alias = "resources", default = "Option::default")]
    resources: Option<Vec<T>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Count {
    Number(u64),
    Text(String),
}

impl Count {
    fn get<E: serde::de::Error>(self) -> Result<u64, E> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Text(text) => {
                text.parse().map_err(|_| E::custom(format!("{text:?} is not a number of results")))
            }
        }
    }
}

/// Accepts what servers send: `Resources` left out of an empty page, numbers as strings, and a bare
/// array in place of the message. What was received counts, not `itemsPerPage`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for ListResponse<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = ListResponse<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a ListResponse message or an array of resources")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let message = WireMessage::<T>::deserialize(MapAccessDeserializer::new(map))?;
        let start = message.start_index.map_or(Ok(1), Count::get)?;
        Ok(ListResponse::page(message.resources.unwrap_or_default(), start, message.total_results.get()?))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(ListResponse::all)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_has_the_members_of_the_rfc() {
        let page = ListResponse::page(vec![json!({"id": "1"})], 3, 7);
        insta::assert_snapshot!(serde_json::to_string(&page).unwrap(), @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":7,"startIndex":3,"itemsPerPage":1,"Resources":[{"id":"1"}]}"#);
    }

    #[test]
    fn lists_of_other_servers_are_read() {
        let read = |text: &str| serde_json::from_str::<ListResponse>(text).unwrap();
        let empty = read(r#"{"totalResults":0}"#);
        assert_eq!((empty.total_results, empty.start_index, empty.resources.len()), (0, 1, 0));
        let text = read(r#"{"totalResults":"12","startIndex":"5","itemsPerPage":99,"Resources":[{"id":1}]}"#);
        assert_eq!((text.total_results, text.start_index, text.items_per_page), (12, 5, 1));
        assert_eq!(read(r#"[{"id":"a"},{"id":"b"}]"#).total_results, 2);
        assert!(serde_json::from_str::<ListResponse>(r#"{"Resources":[]}"#).is_err());
        assert!(serde_json::from_str::<ListResponse>(r#"{"totalResults":"many"}"#).is_err());
    }

    #[test]
    fn ids_may_be_numbers_and_names_ignore_letter_case() {
        assert_eq!(id(&json!({"ID": 7})).as_deref(), Some("7"));
        assert_eq!(id(&json!({"id": null})), None);
        assert_eq!(meta(&json!({"meta": {"version": "W/\"1\""}})).version.as_deref(), Some("W/\"1\""));
        assert_eq!(schemas(&json!({"Schemas": ["a", 1]})).collect::<Vec<_>>(), ["a"]);
        assert!(is_core_schema("URN:ietf:params:scim:schemas:core:2.0:Group"));
        assert!(!is_core_schema(ENTERPRISE_USER_SCHEMA));
    }
}
