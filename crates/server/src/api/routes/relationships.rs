//! What relates directory objects to each other, read: every relationship has the same six rows.

use super::super::permissions::{APPS_READ, GROUPS_READ, USERS_READ};
use super::super::relationships::{self, Way};
use super::super::route::{Route, get, run, takes};
use provisor_store::directory::EdgeKind::{Manager, Member, Owner};
use provisor_store::directory::Transitive::{MemberOf, Members, Reports};

/// The rows of one relationship: its objects, how many they are, those of a type, how many those are, one of them,
/// and that one as its type.
macro_rules! related {
    ($pattern:literal, $permission:expr, $way:expr) => {
        [
            get($pattern, $permission, run!(relationships::list, $way))
                .lists("directoryObject")
                .query(takes::RELATED),
            get(concat!($pattern, "/$count"), $permission, run!(relationships::count, $way))
                .counts()
                .query(takes::NUMBER_OF_OBJECTS),
            get(concat!($pattern, "/{type}"), $permission, run!(relationships::list_cast, $way))
                .lists("directoryObject")
                .query(takes::OBJECTS),
            get(concat!($pattern, "/{type}/$count"), $permission, run!(relationships::count_cast, $way))
                .counts()
                .query(takes::NUMBER_OF_OBJECTS),
            get(concat!($pattern, "/{object}"), $permission, run!(relationships::get, $way))
                .gives("directoryObject"),
            get(concat!($pattern, "/{object}/{type}"), $permission, run!(relationships::get_cast, $way))
                .gives("directoryObject"),
        ]
    };
}

const MANAGED: Way = Way::Relating(Manager);
const MEMBER_OF: Way = Way::Relating(Member);
const OWNERS: Way = Way::Related(Owner);
const OWNED: Way = Way::Relating(Owner);

static ROWS: [[Route; 6]; 17] = [
    related!("users/{user}/directReports", &USERS_READ, MANAGED),
    related!("users/{user}/transitiveReports", &USERS_READ, Way::Reached(Reports)),
    related!("users/{user}/memberOf", &USERS_READ, MEMBER_OF),
    related!("users/{user}/transitiveMemberOf", &USERS_READ, Way::Reached(MemberOf)),
    related!("users/{user}/ownedObjects", &USERS_READ, OWNED),
    related!("groups/{group}/members", &GROUPS_READ, Way::Related(Member)),
    related!("groups/{group}/transitiveMembers", &GROUPS_READ, Way::Reached(Members)),
    related!("groups/{group}/owners", &GROUPS_READ, OWNERS),
    related!("groups/{group}/memberOf", &GROUPS_READ, MEMBER_OF),
    related!("groups/{group}/transitiveMemberOf", &GROUPS_READ, Way::Reached(MemberOf)),
    related!("applications/{app}/owners", &APPS_READ, OWNERS),
    related!("servicePrincipals/{sp}/owners", &APPS_READ, OWNERS),
    related!("servicePrincipals/{sp}/memberOf", &APPS_READ, MEMBER_OF),
    related!("servicePrincipals/{sp}/transitiveMemberOf", &APPS_READ, Way::Reached(MemberOf)),
    related!("servicePrincipals/{sp}/ownedObjects", &APPS_READ, OWNED),
    related!("users/{user}/createdObjects", &USERS_READ, Way::Nowhere),
    related!("servicePrincipals/{sp}/createdObjects", &APPS_READ, Way::Nowhere),
];

/// The rows.
pub(super) static ROUTES: &[Route] = ROWS.as_flattened();
