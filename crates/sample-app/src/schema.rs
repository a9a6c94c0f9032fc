//! The schemas that the application knows, and its answers about itself.

mod target;
mod validate;

use std::sync::LazyLock;

use provisor_scim::discovery::{
    AttributeDefinition, AuthenticationScheme, BulkSupport, FilterSupport, RESOURCE_TYPE_SCHEMA,
    ResourceType, SCHEMA_SCHEMA, SchemaDefinition, SchemaExtension, ServiceProviderConfig, Supported,
};
use provisor_scim::resource::{ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, USER_SCHEMA};

pub(crate) use self::target::{check_targets, required};
pub(crate) use self::validate::normalize;

/// The most resources on one page.
pub(crate) const MAX_RESULTS: usize = 1_000;

/// What is kept of one kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Group,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::User, Self::Group];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The collection's name in paths.
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }

    pub(crate) fn uri(self) -> &'static str {
        match self {
            Self::User => USER_SCHEMA,
            Self::Group => GROUP_SCHEMA,
        }
    }

    /// The required attribute whose values are unique, whatever their letter case.
    pub(crate) fn unique(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }

    /// The largest body of a request, in bytes: groups come with their members.
    pub(crate) fn max_body(self) -> usize {
        match self {
            Self::User => 1024 * 1024,
            Self::Group => 16 * 1024 * 1024,
        }
    }

    pub(crate) fn schema(self) -> &'static SchemaDefinition {
        match self {
            Self::User => &SCHEMAS[0],
            Self::Group => &SCHEMAS[1],
        }
    }
}

/// All schemas: user, group, enterprise user.
pub(crate) static SCHEMAS: LazyLock<[SchemaDefinition; 3]> =
    LazyLock::new(|| [user(), group(), enterprise()]);

pub(crate) fn resource_types() -> [ResourceType; 2] {
    Kind::ALL.map(|kind| ResourceType {
        schemas: vec![RESOURCE_TYPE_SCHEMA.into()],
        id: Some(kind.name().into()),
        name: kind.name().into(),
        endpoint: format!("/{}", kind.endpoint()),
        description: None,
        schema: kind.uri().into(),
        schema_extensions: match kind {
            Kind::User => vec![SchemaExtension { schema: ENTERPRISE_USER_SCHEMA.into(), required: false }],
            Kind::Group => Vec::new(),
        },
    })
}

pub(crate) fn service_provider_config() -> ServiceProviderConfig {
    let yes = Supported { supported: true };
    ServiceProviderConfig {
        patch: yes,
        bulk: BulkSupport::default(),
        filter: FilterSupport { supported: true, max_results: MAX_RESULTS as u64 },
        etag: yes,
        authentication_schemes: vec![AuthenticationScheme {
            kind: "oauthbearertoken".into(),
            name: "Bearer token".into(),
            description: "A fixed token in the Authorization header (RFC 6750)".into(),
        }],
        ..ServiceProviderConfig::default()
    }
}

fn attribute(name: &str, kind: &str) -> AttributeDefinition {
    AttributeDefinition { name: name.into(), kind: kind.into(), ..AttributeDefinition::default() }
}

fn string(name: &str) -> AttributeDefinition {
    attribute(name, "string")
}

fn exact(name: &str) -> AttributeDefinition {
    AttributeDefinition { case_exact: true, ..string(name) }
}

fn unique(name: &str) -> AttributeDefinition {
    AttributeDefinition { required: true, uniqueness: "server".into(), ..string(name) }
}

fn reference(name: &str, types: &[&str]) -> AttributeDefinition {
    let reference_types = types.iter().map(|&kind| kind.to_owned()).collect();
    AttributeDefinition { case_exact: true, reference_types, ..attribute(name, "reference") }
}

fn complex(name: &str, sub_attributes: Vec<AttributeDefinition>) -> AttributeDefinition {
    AttributeDefinition { sub_attributes, ..attribute(name, "complex") }
}

fn several(of: AttributeDefinition) -> AttributeDefinition {
    AttributeDefinition { multi_valued: true, ..of }
}

/// A multi-valued attribute with the sub-attributes of RFC 7643 (2.4).
fn valued(name: &str, value: AttributeDefinition) -> AttributeDefinition {
    several(complex(name, vec![value, string("display"), string("type"), attribute("primary", "boolean")]))
}

fn schema(uri: &str, name: &str, attributes: Vec<AttributeDefinition>) -> SchemaDefinition {
    SchemaDefinition {
        schemas: vec![SCHEMA_SCHEMA.into()],
        id: uri.into(),
        name: Some(name.into()),
        description: None,
        attributes,
    }
}

fn user() -> SchemaDefinition {
    let name = ["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"];
    let address = ["formatted", "streetAddress", "locality", "region", "postalCode", "country", "type"];
    let mut addresses: Vec<AttributeDefinition> = address.map(string).into();
    addresses.push(attribute("primary", "boolean"));
    let texts = ["displayName", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone"];
    let mut attributes =
        vec![unique("userName"), exact("externalId"), complex("name", name.map(string).into())];
    attributes.extend(texts.map(string));
    attributes.extend([
        reference("profileUrl", &["external"]),
        attribute("active", "boolean"),
        valued("emails", string("value")),
        valued("phoneNumbers", string("value")),
        valued("ims", string("value")),
        valued("photos", reference("value", &["external"])),
        several(complex("addresses", addresses)),
        valued("entitlements", string("value")),
        valued("roles", string("value")),
        valued("x509Certificates", attribute("value", "binary")),
    ]);
    schema(USER_SCHEMA, "User", attributes)
}

fn group() -> SchemaDefinition {
    let member = vec![
        AttributeDefinition { required: true, mutability: "immutable".into(), ..string("value") },
        AttributeDefinition { mutability: "immutable".into(), ..reference("$ref", &["User", "Group"]) },
        string("display"),
        AttributeDefinition { mutability: "immutable".into(), ..string("type") },
    ];
    let attributes = vec![unique("displayName"), exact("externalId"), several(complex("members", member))];
    schema(GROUP_SCHEMA, "Group", attributes)
}

fn enterprise() -> SchemaDefinition {
    let texts = ["employeeNumber", "costCenter", "organization", "division", "department"];
    let mut attributes: Vec<AttributeDefinition> = texts.map(string).into();
    let manager = vec![string("value"), reference("$ref", &["User"]), string("displayName")];
    attributes.push(complex("manager", manager));
    schema(ENTERPRISE_USER_SCHEMA, "Enterprise User", attributes)
}
