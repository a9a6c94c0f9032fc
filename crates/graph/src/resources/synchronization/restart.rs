//! `restart`: what a job forgets before it runs again.

use serde::{Deserialize, Deserializer, Serialize};

use crate::edm::enumeration::{self, Spelled, wire_flags};

wire_flags! {
    /// What is forgotten.
    pub struct RestartScope: "synchronizationJobRestartScope" {
        /// Links: who is who on both sides.
        CONNECTOR_DATA_STORE = 1 as "ConnectorDataStore",
        /// Objects that failed and wait.
        ESCROWS = 2 as "Escrows",
        /// How far the source was read.
        WATERMARK = 4 as "Watermark",
        /// The quarantine.
        QUARANTINE_STATE = 8 as "QuarantineState",
        /// All of the above.
        FULL = 15 as "Full",
        /// Nothing; lets deletions pass that are held back.
        FORCE_DELETES = 32 as "ForceDeletes",
    }
}

impl RestartScope {
    /// What is forgotten when the request does not say: as the console's *Restart provisioning*.
    pub const UNSPECIFIED: Self = Self::ESCROWS.union(Self::WATERMARK).union(Self::QUARANTINE_STATE);
}

/// The criteria of a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "synchronizationJobRestartCriteria", rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RestartCriteria {
    /// What is forgotten. An empty text is as good as none; `None` is a scope, the empty one.
    #[serde(deserialize_with = "unless_empty")]
    pub reset_scope: Option<RestartScope>,
}

impl RestartCriteria {
    /// What is forgotten, whether the request says it or not.
    #[must_use]
    pub fn scope(&self) -> RestartScope {
        self.reset_scope.unwrap_or(RestartScope::UNSPECIFIED)
    }
}

/// A scope, or the empty text for none.
struct Given(Option<RestartScope>);

impl Spelled for Given {
    const TYPE: &'static str = RestartScope::TYPE;

    fn members() -> Vec<&'static str> {
        RestartScope::members()
    }

    fn from_text(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            Some(Self(None))
        } else {
            RestartScope::from_text(text).map(|s| Self(Some(s)))
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        RestartScope::from_number(number).map(|scope| Self(Some(scope)))
    }
}

fn unless_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RestartScope>, D::Error> {
    enumeration::deserialize::<Given, D>(deserializer).map(|given| given.0)
}
