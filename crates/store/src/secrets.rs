//! Secrets of service principals (Graph: `synchronizationSecretKeyStringValuePair`), encrypted at rest.

use secrecy::SecretString;
use uuid::Uuid;

use crate::StoreError;

/// A stored secret.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The key, in Graph's spelling.
    pub key: String,
    /// The value; `Debug` does not show it.
    pub value: SecretString,
}

/// A change of one secret.
#[derive(Clone, Debug)]
pub struct SecretChange {
    /// The key, in Graph's spelling.
    pub key: String,
    /// The new value; `None` removes the key.
    pub value: Option<SecretString>,
}

/// The secrets. Every value is encrypted, confidential or not.
#[async_trait::async_trait]
pub trait Secrets: Send + Sync {
    /// The secrets of one service principal, in the order of first storing.
    async fn secrets(&self, service_principal: Uuid) -> Result<Vec<Secret>, StoreError>;

    /// Merges changes by key, all or none.
    async fn change_secrets(
        &self,
        service_principal: Uuid,
        changes: Vec<SecretChange>,
    ) -> Result<(), StoreError>;
}
