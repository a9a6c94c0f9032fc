//! Synchronization templates of applications.

use uuid::Uuid;

use crate::StoreError;

/// A template: documents as clients gave them, opaque to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateRecord {
    /// The id, unique within the application; compares without regard to case.
    pub id: String,
    /// The template's own properties, a JSON text.
    pub document: String,
    /// Its schema, a JSON text.
    pub schema: String,
}

/// The templates, by the `appId` that an application and its service principal share.
#[async_trait::async_trait]
pub trait Templates: Send + Sync {
    /// The templates of an application, in the order of their creation.
    async fn templates(&self, app_id: Uuid) -> Result<Vec<TemplateRecord>, StoreError>;

    /// Creates a template.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the application has one with this id.
    async fn create_template(&self, app_id: Uuid, template: TemplateRecord) -> Result<(), StoreError>;

    /// Replaces a template; its place in the order stays. `false` when the application has none with this id.
    async fn replace_template(&self, app_id: Uuid, template: TemplateRecord) -> Result<bool, StoreError>;

    /// Deletes a template; `false` when the application has none with this id.
    async fn delete_template(&self, app_id: Uuid, id: &str) -> Result<bool, StoreError>;
}
