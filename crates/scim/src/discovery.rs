//! What a server says about itself (RFC 7644, 4; RFC 7643, 5 to 7). Reading is lenient: members
//! that are missing take the RFC's defaults, so that a sparse answer still is one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// URN of the service provider configuration.
pub const SERVICE_PROVIDER_CONFIG_SCHEMA: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// URN of a schema definition.
pub const SCHEMA_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// URN of a resource type.
pub const RESOURCE_TYPE_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

/// `/ServiceProviderConfig` (RFC 7643, 5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceProviderConfig {
    /// The message's schema.
    pub schemas: Vec<String>,
    /// Where a person can read more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation_uri: Option<String>,
    /// Whether PATCH is supported.
    pub patch: Supported,
    /// Whether and how far bulk is supported.
    pub bulk: BulkSupport,
    /// Whether and how far filters are supported.
    pub filter: FilterSupport,
    /// Whether a client may set passwords.
    pub change_password: Supported,
    /// Whether results can be sorted.
    pub sort: Supported,
    /// Whether entity tags are supported.
    pub etag: Supported,
    /// How clients authenticate.
    pub authentication_schemes: Vec<AuthenticationScheme>,
}

impl Default for ServiceProviderConfig {
    fn default() -> Self {
        Self {
            schemas: vec![SERVICE_PROVIDER_CONFIG_SCHEMA.to_owned()],
            documentation_uri: None,
            patch: Supported::default(),
            bulk: BulkSupport::default(),
            filter: FilterSupport::default(),
            change_password: Supported::default(),
            sort: Supported::default(),
            etag: Supported::default(),
            authentication_schemes: Vec::new(),
        }
    }
}

/// Whether a feature is supported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Supported {
    /// True when it is.
    pub supported: bool,
}

/// Support for bulk requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BulkSupport {
    /// True when bulk is supported.
    pub supported: bool,
    /// The most operations in one request.
    pub max_operations: u64,
    /// The largest request, in bytes.
    pub max_payload_size: u64,
}

/// Support for filters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterSupport {
    /// True when filters are supported.
    pub supported: bool,
    /// The most resources in one answer.
    pub max_results: u64,
}

/// One way to authenticate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthenticationScheme {
    /// `oauthbearertoken`, `httpbasic`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name, for a person.
    pub name: String,
    /// What it is, for a person.
    pub description: String,
}

/// One of `/ResourceTypes` (RFC 7643, 6).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceType {
    /// The message's schema.
    pub schemas: Vec<String>,
    /// Its id, often the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `User`, `Group`, …
    pub name: String,
    /// The path below the base URL, such as `/Users`.
    pub endpoint: String,
    /// What it is, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// URN of its main schema.
    pub schema: String,
    /// Its extensions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schema_extensions: Vec<SchemaExtension>,
}

/// An extension of a resource type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchemaExtension {
    /// URN of the extension.
    pub schema: String,
    /// Whether every resource of the type must have it.
    pub required: bool,
}

/// One of `/Schemas` (RFC 7643, 7).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchemaDefinition {
    /// The message's schema.
    pub schemas: Vec<String>,
    /// The URN.
    pub id: String,
    /// Its name, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its attributes.
    pub attributes: Vec<AttributeDefinition>,
}

/// An attribute of a schema (RFC 7643, 7), with the defaults of 2.2.
///
/// The closed sets of the RFC are kept as text: servers extend them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeDefinition {
    /// Its name.
    pub name: String,
    /// `string`, `boolean`, `decimal`, `integer`, `dateTime`, `binary`, `reference`, `complex`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it holds several values.
    pub multi_valued: bool,
    /// What it is, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether letter case makes a difference.
    pub case_exact: bool,
    /// `readOnly`, `readWrite`, `immutable` or `writeOnly`.
    pub mutability: String,
    /// `always`, `never`, `default` or `request`.
    pub returned: String,
    /// `none`, `server` or `global`.
    pub uniqueness: String,
    /// Values that are usual.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<Value>,
    /// What a reference may point to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// Sub-attributes of a complex attribute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<AttributeDefinition>,
}

impl Default for AttributeDefinition {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: "string".to_owned(),
            multi_valued: false,
            description: None,
            required: false,
            case_exact: false,
            mutability: "readWrite".to_owned(),
            returned: "default".to_owned(),
            uniqueness: "none".to_owned(),
            canonical_values: Vec::new(),
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
        }
    }
}

impl SchemaDefinition {
    /// The attribute of this name, ignoring letter case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&AttributeDefinition> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

impl AttributeDefinition {
    /// The sub-attribute of this name, ignoring letter case.
    #[must_use]
    pub fn sub_attribute(&self, name: &str) -> Option<&AttributeDefinition> {
        self.sub_attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparse_configuration_takes_defaults() {
        let config: ServiceProviderConfig =
            serde_json::from_str(r#"{"patch":{"supported":true},"filter":{"supported":true},"x":1}"#)
                .unwrap();
        assert!(config.patch.supported && config.filter.supported);
        assert!(!config.bulk.supported && !config.etag.supported);
        assert_eq!(config.filter.max_results, 0);
    }

    #[test]
    fn an_attribute_has_the_defaults_of_the_rfc() {
        let schema: SchemaDefinition =
            serde_json::from_str(r#"{"id":"urn:x","attributes":[{"name":"Badge"}]}"#).unwrap();
        insta::assert_snapshot!(serde_json::to_string(schema.attribute("badge").unwrap()).unwrap(), @r#"{"name":"Badge","type":"string","multiValued":false,"required":false,"caseExact":false,"mutability":"readWrite","returned":"default","uniqueness":"none"}"#);
    }

    #[test]
    fn a_resource_type_is_written_without_empty_members() {
        let kind = ResourceType {
            schemas: vec![RESOURCE_TYPE_SCHEMA.into()],
            name: "User".into(),
            endpoint: "/Users".into(),
            schema: crate::resource::USER_SCHEMA.into(),
            schema_extensions: vec![SchemaExtension { schema: "urn:x".into(), required: false }],
            ..ResourceType::default()
        };
        insta::assert_snapshot!(serde_json::to_string(&kind).unwrap(), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User","schemaExtensions":[{"schema":"urn:x","required":false}]}"#);
    }
}
