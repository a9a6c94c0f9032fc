//! Small facts about this installation, such as its tenant id.

use crate::StoreError;

/// Named texts that outlive a restart.
#[async_trait::async_trait]
pub trait Settings: Send + Sync {
    /// The text of this name.
    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError>;

    /// Sets the text of this name unless it is set, and gives the one that is there now.
    async fn setting_or_insert(&self, name: &str, value: &str) -> Result<String, StoreError>;
}
