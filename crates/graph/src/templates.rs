//! The gallery: what applications can be made from, and the schemas that come with them.
//!
//! Schemas are data (`templates/*.json`); members that are not there have the default of their type. The first
//! entry is the application that is in no gallery: any target that speaks SCIM 2.0, with both of Entra's names for
//! its template. The others are starting points for directories, databases and HR systems, each an entry of its
//! own, so that an application has only templates that fit it.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::resources::synchronization::metadata::{MetadataEntry, SynchronizationMetadata};
use crate::resources::synchronization::schema::SynchronizationSchema;
use crate::resources::synchronization::template::SynchronizationTemplate;

#[cfg(test)]
mod tests;

/// The id of the application that is in no gallery, as in Entra.
pub const CUSTOM_APPLICATION: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

const SCIM_SCHEMA: &str = include_str!("../templates/scim.json");
const LDAP_SCHEMA: &str = include_str!("../templates/ldap.json");
const SQL_SCHEMA: &str = include_str!("../templates/sql.json");
const HR_SCHEMA: &str = include_str!("../templates/hr2directory.json");

/// The tags of connectors that have a template here and nothing yet that runs it.
pub const WITHOUT_CONNECTOR: [&str; 3] = ["ldap", "sql", "hr2directory"];

/// An entry of the gallery.
#[derive(Debug)]
pub struct ApplicationTemplate {
    /// Its id, a GUID.
    pub id: &'static str,
    /// Its name.
    pub display_name: &'static str,
    /// Who publishes it.
    pub publisher: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its categories.
    pub categories: &'static [&'static str],
    /// The `appRoles` that its applications are made with.
    pub app_roles: Json,
    /// The synchronization templates that its applications are made with; the default one first.
    pub synchronization: Vec<SynchronizationOffer>,
}

/// A synchronization template of a gallery entry.
#[derive(Debug)]
pub struct SynchronizationOffer {
    /// The template's id.
    pub id: &'static str,
    /// The template as JSON, without its schema.
    pub document: String,
    /// Its schema as JSON.
    pub schema: String,
}

static GALLERY: LazyLock<Vec<ApplicationTemplate>> = LazyLock::new(|| {
    vec![
        custom_application(),
        entry(
            "3f2b7d1c-6a4e-4c58-9d0f-81b2c3d4e5f1",
            "LDAP directory",
            "ldap",
            LDAP_SCHEMA,
            "directories that \
              speak LDAP, such as OpenLDAP: inetOrgPerson and groupOfNames",
        ),
        entry(
            "3f2b7d1c-6a4e-4c58-9d0f-81b2c3d4e5f2",
            "SQL database",
            "sql",
            SQL_SCHEMA,
            "tables of users and \
              groups in a relational database",
        ),
        entry(
            "3f2b7d1c-6a4e-4c58-9d0f-81b2c3d4e5f3",
            "HR system",
            "hr2directory",
            HR_SCHEMA,
            "people from an HR \
              system into the directory (inbound)",
        ),
    ]
});
static SCIM: LazyLock<SynchronizationSchema> = LazyLock::new(|| {
    // The data file is part of the program; a test reads it.
    serde_json::from_str(SCIM_SCHEMA).unwrap_or_default()
});

/// All entries.
#[must_use]
pub fn application_templates() -> &'static [ApplicationTemplate] {
    &GALLERY
}

/// The entry of this id; letter case does not count.
#[must_use]
pub fn application_template(id: &str) -> Option<&'static ApplicationTemplate> {
    GALLERY.iter().find(|template| template.id.eq_ignore_ascii_case(id))
}

/// The schema of a SCIM 2.0 target: users and groups with Entra's default mappings. Its `id` is empty.
#[must_use]
pub fn scim_schema() -> SynchronizationSchema {
    SCIM.clone()
}

/// The shipped schema that templates with this factory tag begin with.
#[must_use]
pub fn schema_of_tag(tag: &str) -> SynchronizationSchema {
    match tag {
        _ if tag.eq_ignore_ascii_case("ldap") => with_directory(LDAP_SCHEMA),
        _ if tag.eq_ignore_ascii_case("sql") => with_directory(SQL_SCHEMA),
        _ if tag.eq_ignore_ascii_case("hr2directory") => with_directory(HR_SCHEMA),
        _ => scim_schema(),
    }
}

/// A schema whose one side is the built-in directory, which its data leaves out.
fn with_directory(text: &str) -> SynchronizationSchema {
    let mut schema: SynchronizationSchema = serde_json::from_str(text).unwrap_or_default();
    schema.directories.splice(..0, SCIM.directories.first().cloned());
    schema
}

/// An entry with one template.
fn entry(
    id: &'static str,
    display_name: &'static str,
    tag: &'static str,
    schema: &str,
    description: &'static str,
) -> ApplicationTemplate {
    ApplicationTemplate {
        id,
        display_name,
        publisher: "Provisor",
        description,
        categories: &["developerServices"],
        app_roles: app_roles(),
        synchronization: vec![offer(id, tag, true, with_directory(schema))],
    }
}

fn custom_application() -> ApplicationTemplate {
    ApplicationTemplate {
        id: CUSTOM_APPLICATION,
        display_name: "Custom application",
        publisher: "Provisor",
        description: "Any application that speaks SCIM 2.0.",
        categories: &["developerServices"],
        app_roles: app_roles(),
        synchronization: vec![
            offer(CUSTOM_APPLICATION, "scim", true, scim_schema()),
            offer(CUSTOM_APPLICATION, "customappsso", false, scim_schema()),
        ],
    }
}

fn offer(
    application: &str,
    id: &'static str,
    default: bool,
    schema: SynchronizationSchema,
) -> SynchronizationOffer {
    let fields = json!([{"name": "BaseAddress"}, {"name": "SecretToken", "secret": true}]).to_string();
    let entries = [
        (SynchronizationMetadata::GalleryApplicationIdentifier, application),
        (SynchronizationMetadata::GalleryApplicationKey, id),
        (SynchronizationMetadata::IsOAuthEnabled, "False"),
        (SynchronizationMetadata::IsSynchronizationAgentAssignmentRequired, "False"),
        (SynchronizationMetadata::IsSynchronizationAgentRequired, "False"),
        (SynchronizationMetadata::IsSynchronizationInPreview, "False"),
        (SynchronizationMetadata::ConfigurationFields, &fields),
    ];
    let template = SynchronizationTemplate {
        id: id.to_owned(),
        application_id: Uuid::try_parse(application).unwrap_or_default(),
        default,
        description: None,
        discoverable: true,
        factory_tag: Some(id.to_owned()),
        metadata: entries
            .map(|(key, value)| MetadataEntry { key: Some(key), value: Some(value.to_owned()) })
            .into(),
    };
    let schema = SynchronizationSchema { id: format!("{id}.{}", Uuid::nil().simple()), ..schema };
    // Structs of texts, numbers and lists: printing them cannot fail.
    SynchronizationOffer {
        id,
        document: serde_json::to_string(&template).unwrap_or_default(),
        schema: serde_json::to_string(&schema).unwrap_or_default(),
    }
}

/// The two roles of every application that is made from a template; the ids are Entra's.
fn app_roles() -> Json {
    let role = |id: &str, name: &str| {
        json!({
            "allowedMemberTypes": ["User"], "description": name, "displayName": name, "id": id,
            "isEnabled": true, "origin": "Application", "value": null,
        })
    };
    json!([
        role("18d14569-c3bd-439b-9a66-3a2aee01d14f", "User"),
        role("b9632174-c057-4f7e-951b-be3adc52bfe6", "msiam_access"),
    ])
}
