//! `provisioningObjectSummary`: one entry of the provisioning log.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::edm;
use crate::edm::enumeration::wire_enum;
use crate::odata::filter::{Case, Comparison};

wire_enum! {
    /// What was done with an object.
    pub enum ProvisioningAction: "provisioningAction" = Other {
        /// Nothing of the others.
        Other = 0 as "other",
        /// It was created.
        Create = 1 as "create",
        /// It was deleted.
        Delete = 2 as "delete",
        /// It was deactivated.
        Disable = 3 as "disable",
        /// It was changed.
        Update = 4 as "update",
        /// It waits to be deleted.
        StagedDelete = 5 as "stagedDelete",
    }
}

wire_enum! {
    /// How a step or the whole came out.
    pub enum ProvisioningResult: "provisioningResult" = Success {
        /// Done.
        Success = 0 as "success",
        /// Failed.
        Failure = 1 as "failure",
        /// Not done, for a reason.
        Skipped = 2 as "skipped",
        /// Done, but.
        Warning = 3 as "warning",
    }
}

wire_enum! {
    /// Whose fault an error is.
    pub enum ProvisioningStatusErrorCategory: "provisioningStatusErrorCategory" = Failure {
        /// The service's.
        Failure = 0 as "failure",
        /// Another's: the target's, the configuration's.
        NonServiceFailure = 1 as "nonServiceFailure",
        /// Nobody's.
        Success = 2 as "success",
    }
}

wire_enum! {
    /// What a step was about.
    pub enum ProvisioningStepType: "provisioningStepType" = Import {
        /// Reading the object.
        Import = 0 as "import",
        /// Deciding whether it is in scope.
        Scoping = 1 as "scoping",
        /// Finding it in the target.
        Matching = 2 as "matching",
        /// Deciding what to do.
        Processing = 3 as "processing",
        /// Finding the objects it refers to.
        ReferenceResolution = 4 as "referenceResolution",
        /// Writing it.
        Export = 5 as "export",
    }
}

wire_enum! {
    /// Who began it.
    pub enum InitiatorType: "initiatorType" = System {
        /// A person.
        User = 0 as "user",
        /// An application.
        Application = 1 as "application",
        /// The service itself.
        System = 2 as "system",
    }
}

/// Old names of properties that clients of the first beta filter by, and those of today.
pub const RENAMED: &[(&str, &str)] =
    &[("statusInfo", "provisioningStatusInfo"), ("action", "provisioningAction")];

/// Paths of enumerations: filters compare them without regard to case, while other texts of the log compare
/// with it.
pub const ENUMERATIONS: &[&str] = &[
    "provisioningAction",
    "provisioningStatusInfo/status",
    "provisioningStatusInfo/errorInformation/errorCategory",
    "initiatedBy/initiatorType",
];

/// How filters compare entries of the log.
pub const COMPARISON: Comparison<'static> =
    Comparison { case: Case::Sensitive, enumerations: ENUMERATIONS, renamed: RENAMED };

/// An entry: what was done with one object in one cycle, and how it came to that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningObjectSummary {
    /// Its id, a GUID.
    pub id: String,
    /// When; printed to the second.
    #[serde(serialize_with = "to_the_second")]
    pub activity_date_time: Timestamp,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// The job.
    pub job_id: Option<String>,
    /// The cycle: `lastExecution/activityIdentifier` of the job.
    pub cycle_id: Option<String>,
    /// The object's pass through the cycle.
    pub change_id: Option<String>,
    /// What was done.
    pub provisioning_action: Option<ProvisioningAction>,
    /// How long it took.
    pub duration_in_milliseconds: Option<i32>,
    /// Who began it.
    pub initiated_by: Option<Initiator>,
    /// The application.
    pub service_principal: Option<ProvisioningServicePrincipal>,
    /// Where the object came from.
    pub source_system: Option<ProvisioningSystem>,
    /// Where it went.
    pub target_system: Option<ProvisioningSystem>,
    /// The object there.
    pub source_identity: Option<ProvisionedIdentity>,
    /// The object here.
    pub target_identity: Option<ProvisionedIdentity>,
    /// How it came out.
    pub provisioning_status_info: Option<ProvisioningStatusInfo>,
    /// How it came to that.
    pub provisioning_steps: Vec<ProvisioningStep>,
    /// What was changed.
    pub modified_properties: Vec<ModifiedProperty>,
}

fn to_the_second<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    let second = Timestamp::from_second(at.as_nanosecond().div_euclid(1_000_000_000).try_into().unwrap_or(0));
    serializer.serialize_str(&edm::print(second.unwrap_or(*at)))
}

/// Facts, all of them texts.
pub type Details = BTreeMap<String, String>;

/// Who began it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Initiator {
    /// Id.
    pub id: Option<String>,
    /// Name.
    pub display_name: Option<String>,
    /// Person, application or service.
    pub initiator_type: Option<InitiatorType>,
}

/// The application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisioningServicePrincipal {
    /// Id of the service principal.
    pub id: Option<String>,
    /// Its name.
    pub display_name: Option<String>,
}

/// One side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisioningSystem {
    /// Id of the directory definition.
    pub id: Option<String>,
    /// Its name.
    pub display_name: Option<String>,
    /// Facts.
    pub details: Details,
}

/// The object on one side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisionedIdentity {
    /// Id there.
    pub id: Option<String>,
    /// Name there.
    pub display_name: Option<String>,
    /// Object type.
    pub identity_type: Option<String>,
    /// Facts. The type is in `odatatype`: SDKs would take `@odata.type` for the type of the facts.
    pub details: Details,
}

/// How it came out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisioningStatusInfo {
    /// The result.
    pub status: Option<ProvisioningResult>,
    /// Why, when it is not a success.
    pub error_information: Option<ProvisioningErrorInfo>,
}

/// Why it came out so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisioningErrorInfo {
    /// A code that programs read.
    pub error_code: Option<String>,
    /// What happened.
    pub reason: Option<String>,
    /// More about it.
    pub additional_details: Option<String>,
    /// Whose fault it is.
    pub error_category: Option<ProvisioningStatusErrorCategory>,
    /// What can be done.
    pub recommended_action: Option<String>,
}

/// A step on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisioningStep {
    /// Its name: `EntryImportAdd`.
    pub name: Option<String>,
    /// What it was about.
    pub provisioning_step_type: Option<ProvisioningStepType>,
    /// How it came out.
    pub status: Option<ProvisioningResult>,
    /// What happened.
    pub description: Option<String>,
    /// Facts.
    pub details: Details,
}

/// A property that was written; values are plain texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ModifiedProperty {
    /// The target attribute.
    pub display_name: Option<String>,
    /// Its value before.
    pub old_value: Option<String>,
    /// Its value now.
    pub new_value: Option<String>,
}
