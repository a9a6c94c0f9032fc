//! What goes wrong inside the store, before it is told to a caller.

use crate::StoreError;

/// A failure of one piece of work. SQLite's own become [`StoreError::Backend`] where the operation is known.
#[derive(Debug)]
pub(super) enum Fault {
    /// An answer for the caller.
    Store(StoreError),
    /// The database failed.
    Sqlite(rusqlite::Error),
    /// Something else failed.
    Refused(String),
}

impl Fault {
    pub(super) fn refused(reason: String) -> Self {
        Self::Refused(reason)
    }

    pub(super) fn not_found(what: impl Into<String>) -> Self {
        Self::Store(StoreError::NotFound { what: what.into() })
    }

    pub(super) fn conflict(property: impl Into<String>) -> Self {
        Self::Store(StoreError::Conflict { property: property.into() })
    }

    pub(super) fn corrupt(what: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Store(StoreError::Corrupt { what: what.into(), reason: reason.to_string() })
    }

    /// The error for the caller of `operation`.
    pub(super) fn into_store(self, operation: &str) -> StoreError {
        let reason = match self {
            Self::Store(error) => return error,
            Self::Sqlite(error) => error.to_string(),
            Self::Refused(reason) => reason,
        };
        StoreError::Backend { operation: operation.to_owned(), reason }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
