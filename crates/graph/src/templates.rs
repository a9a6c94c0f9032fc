//! The gallery: what applications can be made from, and the schemas that come with them.
//!
//! There is one entry, the application that is in no gallery: any target that speaks SCIM 2.0. Its schema is
//! data (`templates/scim.json`); members that are not there have the default of their type.

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

static GALLERY: LazyLock<Vec<ApplicationTemplate>> = LazyLock::new(|| vec![custom_application()]);
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

fn custom_application() -> ApplicationTemplate {
    ApplicationTemplate {
        id: CUSTOM_APPLICATION,
        display_name: "Custom application",
        publisher: "Provisor",
        description: "Any application that speaks SCIM 2.0.",
        categories: &["developerServices"],
        app_roles: app_roles(),
        synchronization: vec![offer("customappsso", true), offer("scim", false)],
    }
}

fn offer(id: &'static str, default: bool) -> SynchronizationOffer {
    let fields = json!([{"name": "BaseAddress"}, {"name": "SecretToken", "secret": true}]).to_string();
    let entries = [
        (SynchronizationMetadata::GalleryApplicationIdentifier, CUSTOM_APPLICATION),
        (SynchronizationMetadata::GalleryApplicationKey, id),
        (SynchronizationMetadata::IsOAuthEnabled, "False"),
        (SynchronizationMetadata::IsSynchronizationAgentAssignmentRequired, "False"),
        (SynchronizationMetadata::IsSynchronizationAgentRequired, "False"),
        (SynchronizationMetadata::IsSynchronizationInPreview, "False"),
        (SynchronizationMetadata::ConfigurationFields, &fields),
    ];
    let template = SynchronizationTemplate {
        id: id.to_owned(),
        application_id: Uuid::try_parse(CUSTOM_APPLICATION).unwrap_or_default(),
        default,
        description: None,
        discoverable: true,
        factory_tag: Some(id.to_owned()),
        metadata: entries
            .map(|(key, value)| MetadataEntry { key: Some(key), value: Some(value.to_owned()) })
            .into(),
    };
    let schema = SynchronizationSchema { id: format!("{id}.{}", Uuid::nil().simple()), ..scim_schema() };
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
