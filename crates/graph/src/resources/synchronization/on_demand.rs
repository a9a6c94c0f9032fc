//! `provisionOnDemand`: one object, now.

use serde::{Deserialize, Serialize};

/// The parameters of the action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "provisionOnDemand", rename_all = "camelCase", default)]
pub struct ProvisionOnDemand {
    /// Rules with their subjects.
    pub parameters: Vec<ApplicationParameters>,
}

/// A rule and the objects that it is applied to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "synchronizationJobApplicationParameters", rename_all = "camelCase", default)]
pub struct ApplicationParameters {
    /// The id of a rule in the job's schema.
    pub rule_id: Option<String>,
    /// The objects.
    pub subjects: Vec<JobSubject>,
}

/// A source object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "synchronizationJobSubject", rename_all = "camelCase", default)]
pub struct JobSubject {
    /// Its id in the source.
    pub object_id: Option<String>,
    /// Its type: a source object name of the schema.
    pub object_type_name: Option<String>,
    /// Objects related to it that are to be provisioned with it.
    pub links: Option<LinkedObjects>,
}

/// Objects related to a subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "synchronizationLinkedObjects", rename_all = "camelCase", default)]
pub struct LinkedObjects {
    /// The manager.
    pub manager: Option<Box<JobSubject>>,
    /// Members.
    pub members: Vec<JobSubject>,
    /// Owners.
    pub owners: Vec<JobSubject>,
}
