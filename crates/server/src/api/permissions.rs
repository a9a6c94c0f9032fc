//! Which roles and scopes open which routes (Graph's permissions reference; classes as Graph's pages of the
//! synchronization API have them).
//!
//! An application holds its permissions as roles; a person's token holds them as scopes, and the person needs
//! a directory role beside it. Deciding is pure; whether the caller owns the object is looked up only when
//! everything hangs on it.

pub mod roles;

use crate::identity::Caller;

/// What a route asks of its caller.
#[derive(Debug)]
pub struct Permission {
    /// Its name in the API's description.
    pub name: &'static str,
    /// Any one of these opens it, the least first.
    pub any_of: &'static [&'static str],
    /// One of these opens it for objects that the caller owns.
    pub owned: &'static [&'static str],
    /// The directory roles of which a person needs one, when the token tells the person's roles.
    pub people: &'static [&'static str],
    /// Whether the permission for the kind of object that the path names opens it too.
    pub by_kind: bool,
}

/// The directory roles (template ids, the same in every tenant).
pub mod directory_role {
    /// Application Administrator
    pub const APPLICATION_ADMINISTRATOR: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";
    /// Cloud Application Administrator
    pub const CLOUD_APPLICATION_ADMINISTRATOR: &str = "158c047a-c907-4556-b7ef-446551a6b5f7";
    /// Global Administrator
    pub const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
    /// Global Reader
    pub const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
    /// Groups Administrator
    pub const GROUPS_ADMINISTRATOR: &str = "fdd7a751-b60b-444a-984c-02652fe8fa1c";
    /// Hybrid Identity Administrator
    pub const HYBRID_IDENTITY_ADMINISTRATOR: &str = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2";
    /// Reports Reader
    pub const REPORTS_READER: &str = "4a5d8f65-41da-4de4-8968-e035b65339cf";
    /// Security Administrator
    pub const SECURITY_ADMINISTRATOR: &str = "194ae4cb-b126-40b2-bd5b-6091b380977d";
    /// Security Operator
    pub const SECURITY_OPERATOR: &str = "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f";
    /// Security Reader
    pub const SECURITY_READER: &str = "5d6b6bb7-de71-4623-b4af-96380a352509";
    /// User Administrator
    pub const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";
}

use directory_role::{
    APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, GLOBAL_READER,
    GROUPS_ADMINISTRATOR, HYBRID_IDENTITY_ADMINISTRATOR, REPORTS_READER, SECURITY_ADMINISTRATOR,
    SECURITY_OPERATOR, SECURITY_READER, USER_ADMINISTRATOR,
};

const SYNC_PEOPLE: &[&str] = &[
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    HYBRID_IDENTITY_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
];
const APPS_PEOPLE: &[&str] =
    &[APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR];
const LOGS_PEOPLE: &[&str] = &[
    REPORTS_READER,
    SECURITY_READER,
    SECURITY_OPERATOR,
    SECURITY_ADMINISTRATOR,
    GLOBAL_READER,
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
];
const USERS_PEOPLE: &[&str] = &[USER_ADMINISTRATOR, GLOBAL_ADMINISTRATOR];
const GROUPS_PEOPLE: &[&str] = &[GROUPS_ADMINISTRATOR, USER_ADMINISTRATOR, GLOBAL_ADMINISTRATOR];

const DIRECTORY: [&str; 2] = ["Directory.Read.All", "Directory.ReadWrite.All"];
const OWNED_APPS: &[&str] = &["Application.ReadWrite.OwnedBy"];

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: [$($role:expr),*] $(, owned $owned:expr)? $(, people $people:expr)? $(, by_kind $by_kind:literal)?;)*) => {
        $($(#[$doc])* pub static $name: Permission = Permission {
            name: stringify!($name),
            any_of: &[$($role),*],
            owned: permissions!(@or $($owned)?),
            people: permissions!(@or $($people)?),
            by_kind: permissions!(@flag $($by_kind)?),
        };)*
        /// Every permission.
        pub static ALL: &[&Permission] = &[$(&$name),*];
    };
    (@flag) => { false };
    (@flag $value:literal) => { $value };
    (@or) => { &[] };
    (@or $value:expr) => { $value };
}

permissions! {
    /// Any valid token.
    ANYBODY: [];
    /// Jobs, schemas, templates, secrets as they are printed.
    SYNC_READ: [
        "Synchronization.Read.All", "Synchronization.ReadWrite.All", "Application.ReadWrite.All",
        DIRECTORY[0], DIRECTORY[1]
    ], owned OWNED_APPS, people SYNC_PEOPLE;
    /// The same, changed.
    SYNC_WRITE: ["Synchronization.ReadWrite.All", "Application.ReadWrite.All", DIRECTORY[1]],
        owned OWNED_APPS, people SYNC_PEOPLE;
    /// Uploads of people from a system of record.
    SYNC_UPLOAD: ["SynchronizationData-User.Upload"], owned &["SynchronizationData-User.Upload.OwnedBy"],
        people SYNC_PEOPLE;
    /// The provisioning log.
    LOGS_READ: ["ProvisioningLog.Read.All", "AuditLog.Read.All"], people LOGS_PEOPLE;
    /// Applications and service principals.
    APPS_READ: [
        "Application.Read.All", "Application.ReadWrite.OwnedBy", "Application.ReadWrite.All",
        DIRECTORY[0], DIRECTORY[1]
    ];
    /// New ones; the caller owns them.
    APPS_CREATE: ["Application.ReadWrite.OwnedBy", "Application.ReadWrite.All", DIRECTORY[1]],
        people APPS_PEOPLE;
    /// Changes of those there are.
    APPS_WRITE: ["Application.ReadWrite.All", DIRECTORY[1]], owned OWNED_APPS, people APPS_PEOPLE;
    /// App role assignments.
    ASSIGNMENTS_READ: [
        "Application.Read.All", "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All",
        DIRECTORY[0], DIRECTORY[1]
    ];
    /// The same, changed. Not with `Directory.ReadWrite.All`: whoever may assign roles may give himself any.
    ASSIGNMENTS_WRITE: ["AppRoleAssignment.ReadWrite.All"], people APPS_PEOPLE;
    /// Users.
    USERS_READ: ["User.Read.All", "User.ReadWrite.All", DIRECTORY[0], DIRECTORY[1]];
    /// The same, changed.
    USERS_WRITE: ["User.ReadWrite.All", DIRECTORY[1]], people USERS_PEOPLE;
    /// Groups and their members.
    GROUPS_READ: [
        "GroupMember.Read.All", "Group.Read.All", "GroupMember.ReadWrite.All", "Group.ReadWrite.All",
        DIRECTORY[0], DIRECTORY[1]
    ];
    /// New groups.
    GROUPS_CREATE: ["Group.Create", "Group.ReadWrite.All", DIRECTORY[1]], people GROUPS_PEOPLE;
    /// Changes of groups.
    GROUPS_WRITE: ["Group.ReadWrite.All", DIRECTORY[1]], people GROUPS_PEOPLE;
    /// Changes of who is a member.
    MEMBERS_WRITE: ["GroupMember.ReadWrite.All", "Group.ReadWrite.All", DIRECTORY[1]], people GROUPS_PEOPLE;
    /// Objects of any kind.
    DIRECTORY_READ: [DIRECTORY[0], DIRECTORY[1]];
    /// An object of any kind.
    OBJECT_READ: [DIRECTORY[0], DIRECTORY[1]], by_kind true;
    /// The same, changed.
    OBJECT_WRITE: [DIRECTORY[1]], by_kind true;
    /// The tenant.
    ORGANIZATION_READ: ["Organization.Read.All", DIRECTORY[0], DIRECTORY[1]];
    /// Its domains.
    DOMAINS_READ: ["Domain.Read.All", DIRECTORY[0], DIRECTORY[1]];
}

/// What a caller holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held<'a> {
    /// The administrator's token: everything.
    Everything,
    /// An application's roles.
    Roles(&'a [String]),
    /// A person's scopes, and the person's directory roles (empty when the token does not tell them).
    Scopes(&'a [String], &'a [String]),
}

/// Whether a caller may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Allowed,
    /// If the caller owns the object.
    IfOwner,
    /// If the caller may do it with objects of the kind that the path names.
    ByKind,
    /// No.
    Denied,
}

impl<'a> Held<'a> {
    /// What a caller holds.
    #[must_use]
    pub fn by(caller: &'a Caller) -> Self {
        match caller {
            Caller::Administrator => Self::Everything,
            Caller::Application(claims) => Self::Roles(&claims.roles),
            Caller::User(claims) => Self::Scopes(&claims.scopes, &claims.wids),
        }
    }
}

impl Permission {
    /// Whether what the caller holds is enough.
    #[must_use]
    pub fn decide(&self, held: Held<'_>) -> Decision {
        let names = match held {
            Held::Everything => return Decision::Allowed,
            Held::Roles(roles) => roles,
            Held::Scopes(scopes, people) => {
                let fit = people.iter().any(|role| self.people.contains(&role.as_str()));
                if !self.people.is_empty() && !people.is_empty() && !fit {
                    return Decision::Denied;
                }
                scopes
            }
        };
        let has = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
        if self.any_of.is_empty() || has(self.any_of) {
            Decision::Allowed
        } else if has(self.owned) {
            Decision::IfOwner
        } else if self.by_kind {
            Decision::ByKind
        } else {
            Decision::Denied
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_administrator_may_everything() {
        assert!(ALL.iter().all(|permission| permission.decide(Held::Everything) == Decision::Allowed));
    }

    #[test]
    fn whoever_holds_nothing_may_nothing_but_what_is_open() {
        for permission in ALL {
            let wanted = match permission {
                _ if permission.any_of.is_empty() => Decision::Allowed,
                Permission { by_kind: true, .. } => Decision::ByKind,
                _ => Decision::Denied,
            };
            assert_eq!(permission.decide(Held::Roles(&[])), wanted, "{}", permission.name);
        }
    }

    #[test]
    fn reading_roles_do_not_write() {
        for name in
            ["Synchronization.Read.All", "Directory.Read.All", "User.Read.All", "Application.Read.All"]
        {
            let held = roles(&[name]);
            for permission in ALL.iter().filter(|permission| permission.name.ends_with("WRITE")) {
                assert_ne!(permission.decide(Held::Roles(&held)), Decision::Allowed, "{}", permission.name);
            }
        }
    }

    #[test]
    fn owners_are_asked_about_only_when_it_matters() {
        let owner = roles(&["Application.ReadWrite.OwnedBy"]);
        assert_eq!(SYNC_WRITE.decide(Held::Roles(&owner)), Decision::IfOwner);
        let both = roles(&["Application.ReadWrite.OwnedBy", "Synchronization.ReadWrite.All"]);
        assert_eq!(SYNC_WRITE.decide(Held::Roles(&both)), Decision::Allowed);
        assert_eq!(ASSIGNMENTS_WRITE.decide(Held::Roles(&owner)), Decision::Denied);
    }

    #[test]
    fn a_person_needs_a_directory_role_beside_the_scope() {
        let scopes = roles(&["Synchronization.ReadWrite.All"]);
        let decide = |people: &[&str]| SYNC_WRITE.decide(Held::Scopes(&scopes, &roles(people)));
        assert_eq!(decide(&["b79fbf4d-3ef9-4689-8143-76b194e85509"]), Decision::Denied);
        assert_eq!(decide(&[CLOUD_APPLICATION_ADMINISTRATOR]), Decision::Allowed);
        // An issuer that tells no directory roles gives scopes only to those who are to have them.
        assert_eq!(decide(&[]), Decision::Allowed);
    }
}
