//! `synchronizationJob`

use serde::{Deserialize, Serialize, Serializer};

pub use super::pair::KeyValuePair;
pub use super::schedule::{ScheduleState, SynchronizationSchedule};
pub use super::status::SynchronizationStatus;

/// A job. On input every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationJob {
    /// `{template}.{tenant}.{appId}`; the server makes it.
    pub id: String,
    /// The template that the job was made from.
    pub template_id: Option<String>,
    /// When it runs. Never printed as null: clients follow it without looking.
    #[serde(serialize_with = "or_default")]
    pub schedule: Option<SynchronizationSchedule>,
    /// How it stands. Never printed as null.
    #[serde(serialize_with = "or_default")]
    pub status: Option<SynchronizationStatus>,
    /// Settings by name. Entries with neither name nor value are left out on input.
    #[serde(deserialize_with = "super::pair::settings")]
    pub synchronization_job_settings: Vec<KeyValuePair>,
}

fn or_default<T: Serialize + Default, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => value.serialize(serializer),
        None => T::default().serialize(serializer),
    }
}
