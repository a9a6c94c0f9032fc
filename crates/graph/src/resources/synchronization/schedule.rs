//! `synchronizationSchedule`

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::edm::EdmDuration;
use crate::edm::enumeration::wire_enum;

wire_enum! {
    /// What the owner of the job wants.
    pub enum ScheduleState: "synchronizationScheduleState" = Disabled {
        /// Run.
        Active = 0,
        /// Never started.
        Disabled = 1,
        /// Stopped; state kept.
        Paused = 2,
    }
}

/// When a job runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationSchedule {
    /// When the job ends for good.
    #[serde(with = "crate::edm::optional")]
    pub expiration: Option<Timestamp>,
    /// The time between cycles. Not nullable: a missing one is printed as the longest there is.
    #[serde(serialize_with = "or_longest")]
    pub interval: Option<EdmDuration>,
    /// Whether it runs.
    pub state: ScheduleState,
}

fn or_longest<S: Serializer>(interval: &Option<EdmDuration>, serializer: S) -> Result<S::Ok, S::Error> {
    interval.unwrap_or(EdmDuration::MAX).serialize(serializer)
}
