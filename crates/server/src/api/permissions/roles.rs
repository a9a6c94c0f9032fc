//! The app roles of Microsoft Graph that mean something here, by the ids that they have in every tenant
//! (Graph's permissions reference), so that scripts and Terraform configurations assign them unchanged.

use serde_json::{Value as Json, json};

/// A role: its value, its id, what it is called.
type Role = (&'static str, &'static str, &'static str);

/// Every role, by value.
pub static ROLES: &[Role] = &[
    ("AppRoleAssignment.ReadWrite.All", "06b708a9-e830-4db3-a914-8e69da51d44f", "Assign app roles"),
    ("Application.Read.All", "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "Read applications"),
    ("Application.ReadWrite.All", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Read and change applications"),
    (
        "Application.ReadWrite.OwnedBy",
        "18a4783c-866b-4cc7-a460-3d5e5662c884",
        "Change the applications it owns",
    ),
    ("AuditLog.Read.All", "b0afded3-3588-46d8-8b3d-9842eff778da", "Read every log"),
    ("Directory.Read.All", "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "Read the directory"),
    ("Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "Read and change the directory"),
    ("Domain.Read.All", "dbb9058a-0e50-45d7-ae91-66909b5d4664", "Read domains"),
    ("Group.Create", "bf7b1a76-6e77-406b-b258-bf5c7720e98f", "Create groups"),
    ("Group.Read.All", "5b567255-7703-4780-807c-7be8301ae99b", "Read groups"),
    ("Group.ReadWrite.All", "62a82d76-70ea-41e2-9197-370581804d09", "Read and change groups"),
    ("GroupMember.Read.All", "98830695-27a2-44f7-8c18-0c3ebc9698f6", "Read the members of groups"),
    ("GroupMember.ReadWrite.All", "dbaae8cf-10b5-4b86-a4a1-f871c94c6695", "Change the members of groups"),
    ("Organization.Read.All", "498476ce-e0fe-48b0-b801-37ba7e2685c6", "Read the organization"),
    // Its id in Entra is not known to us; scripts look it up by value.
    ("ProvisioningLog.Read.All", "7c1d9a5e-4b0f-4f6a-9d57-2f8f6a9b3c14", "Read the provisioning log"),
    ("Synchronization.Read.All", "5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce", "Read synchronization"),
    (
        "Synchronization.ReadWrite.All",
        "9b50c33d-700f-43b1-b2eb-87e89b703581",
        "Read and change synchronization",
    ),
    ("SynchronizationData-User.Upload", "db31e92a-b9ea-4d87-bf6a-75a37a9ca35a", "Upload people"),
    (
        "SynchronizationData-User.Upload.OwnedBy",
        "25c32ff3-849a-494b-b94f-20a8ac4e6774",
        "Upload people to the applications it owns",
    ),
    ("User.Read.All", "df021288-bdef-4463-88db-98f22de89214", "Read users"),
    ("User.ReadWrite.All", "741f803b-c850-494e-b5df-cde7c675a1ca", "Read and change users"),
];

/// The roles as `appRoles` has them.
#[must_use]
pub fn app_roles() -> Json {
    let role = |(value, id, name): &Role| {
        json!({
            "allowedMemberTypes": ["Application"],
            "description": name,
            "displayName": name,
            "id": id,
            "isEnabled": true,
            "origin": "Application",
            "value": value,
        })
    };
    ROLES.iter().map(role).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::api::permissions::ALL;

    #[test]
    fn every_role_that_opens_something_can_be_assigned() {
        let known: BTreeSet<&str> = ROLES.iter().map(|(value, ..)| *value).collect();
        let asked: BTreeSet<&str> = ALL
            .iter()
            .flat_map(|permission| permission.any_of.iter().chain(permission.owned))
            .copied()
            .collect();
        assert_eq!(known, asked);
    }

    #[test]
    fn ids_are_guids_and_unique() {
        let ids: BTreeSet<uuid::Uuid> = ROLES.iter().map(|(_, id, _)| id.parse().unwrap()).collect();
        assert_eq!(ids.len(), ROLES.len());
    }
}
