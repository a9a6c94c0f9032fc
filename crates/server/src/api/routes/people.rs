//! Users and groups, and what relates them.

use super::super::permissions::{
    ANYBODY, ASSIGNMENTS_READ, ASSIGNMENTS_WRITE, GROUPS_CREATE, GROUPS_READ, GROUPS_WRITE, MEMBERS_WRITE,
    USERS_READ, USERS_WRITE,
};
use super::super::route::{QueryOption, Route, delete, get, patch, post, put, run, takes};
use super::super::{
    assignments, delta, directory_objects, entities, groups, manager, members, memberships, users,
};
use provisor_store::directory::EdgeKind::{Manager, Member, Owner};
use provisor_store::directory::ObjectKind::{Application, Group, ServicePrincipal, User};
use provisor_store::directory::Transitive::{MemberOf, Members, Reports};

/// The rows.
pub(super) static ROUTES: &[Route] = &[
    get("users", &USERS_READ, run!(entities::list, User)).lists("user").query(takes::OBJECTS),
    post("users", &USERS_WRITE, run!(users::create)).takes("user").creates("user"),
    get("users/$count", &USERS_READ, run!(entities::count, User)).counts().query(takes::NUMBER_OF_OBJECTS),
    get("users/delta", &USERS_READ, run!(delta::read, User)).lists("user").query(takes::DELTA),
    get("users/{user}", &USERS_READ, run!(entities::get, User)).gives("user").query(takes::EXPANDABLE),
    patch("users/{user}", &USERS_WRITE, run!(entities::patch, User)).takes("user"),
    delete("users/{user}", &USERS_WRITE, run!(entities::delete, User)),
    get("users/{user}/manager", &USERS_READ, run!(manager::get)).gives("directoryObject"),
    get("users/{user}/manager/$ref", &USERS_READ, run!(manager::get_reference)).gives("reference").query(&[]),
    put("users/{user}/manager/$ref", &USERS_WRITE, run!(manager::set)).takes("reference"),
    delete("users/{user}/manager/$ref", &USERS_WRITE, run!(manager::remove)),
    get("users/{user}/directReports", &USERS_READ, run!(members::list_relating, Manager))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("users/{user}/directReports/$count", &USERS_READ, run!(members::count_relating, Manager)).counts(),
    get("users/{user}/memberOf", &USERS_READ, run!(members::list_relating, Member))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("users/{user}/memberOf/$count", &USERS_READ, run!(members::count_relating, Member)).counts(),
    get("users/{user}/memberOf/group", &USERS_READ, run!(members::list_relating_cast, Member, Group))
        .lists("group")
        .query(takes::OBJECTS),
    get("users/{user}/appRoleAssignments", &ASSIGNMENTS_READ, run!(assignments::list_of_principal))
        .lists("appRoleAssignment"),
    post("users/{user}/appRoleAssignments", &ASSIGNMENTS_WRITE, run!(assignments::create))
        .takes("appRoleAssignment")
        .creates("appRoleAssignment"),
    get("users/{user}/appRoleAssignments/{assignment}", &ASSIGNMENTS_READ, run!(assignments::get))
        .gives("appRoleAssignment"),
    delete("users/{user}/appRoleAssignments/{assignment}", &ASSIGNMENTS_WRITE, run!(assignments::delete)),
    get("users/{user}/directReports/user", &USERS_READ, run!(members::list_relating_cast, Manager, User))
        .lists("user")
        .query(takes::OBJECTS),
    get("users/{user}/transitiveReports", &USERS_READ, run!(members::list_reached, Reports))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("users/{user}/transitiveReports/$count", &USERS_READ, run!(members::count_reached, Reports)).counts(),
    get("users/{user}/transitiveMemberOf", &USERS_READ, run!(members::list_reached, MemberOf))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("users/{user}/transitiveMemberOf/$count", &USERS_READ, run!(members::count_reached, MemberOf))
        .counts(),
    get(
        "users/{user}/transitiveMemberOf/group",
        &USERS_READ,
        run!(members::list_reached_cast, MemberOf, Group),
    )
    .lists("group")
    .query(takes::OBJECTS),
    get(
        "users/{user}/transitiveMemberOf/group/$count",
        &USERS_READ,
        run!(members::count_reached_cast, MemberOf, Group),
    )
    .counts(),
    get("users/{user}/ownedObjects", &USERS_READ, run!(members::list_relating, Owner))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("users/{user}/ownedObjects/$count", &USERS_READ, run!(members::count_relating, Owner)).counts(),
    get(
        "users/{user}/ownedObjects/application",
        &USERS_READ,
        run!(members::list_relating_cast, Owner, Application),
    )
    .lists("application")
    .query(takes::OBJECTS),
    get("users/{user}/ownedObjects/group", &USERS_READ, run!(members::list_relating_cast, Owner, Group))
        .lists("group")
        .query(takes::OBJECTS),
    get(
        "users/{user}/ownedObjects/servicePrincipal",
        &USERS_READ,
        run!(members::list_relating_cast, Owner, ServicePrincipal),
    )
    .lists("servicePrincipal")
    .query(takes::OBJECTS),
    post("users/{user}/getMemberGroups", &USERS_READ, run!(memberships::get))
        .takes("getMemberObjects")
        .lists("Edm.String"),
    post("users/{user}/getMemberObjects", &USERS_READ, run!(memberships::get))
        .takes("getMemberObjects")
        .lists("Edm.String"),
    post("users/{user}/checkMemberGroups", &USERS_READ, run!(memberships::check, "groupIds"))
        .takes("checkMemberGroups")
        .lists("Edm.String"),
    post("users/{user}/checkMemberObjects", &USERS_READ, run!(memberships::check, "ids"))
        .takes("checkMemberObjects")
        .lists("Edm.String"),
    get("groups", &GROUPS_READ, run!(entities::list, Group)).lists("group").query(takes::OBJECTS),
    post("groups", &GROUPS_CREATE, run!(groups::create)).takes("group").creates("group"),
    get("groups/$count", &GROUPS_READ, run!(entities::count, Group)).counts().query(takes::NUMBER_OF_OBJECTS),
    get("groups/delta", &GROUPS_READ, run!(delta::read, Group)).lists("group").query(takes::DELTA),
    get("groups/{group}", &GROUPS_READ, run!(entities::get, Group)).gives("group").query(takes::EXPANDABLE),
    patch("groups/{group}", &GROUPS_WRITE, run!(groups::patch)).takes("group"),
    delete("groups/{group}", &GROUPS_WRITE, run!(entities::delete, Group)),
    get("groups/{group}/members", &GROUPS_READ, run!(members::list, Member))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("groups/{group}/members/$count", &GROUPS_READ, run!(members::count, Member)).counts(),
    get("groups/{group}/members/$ref", &GROUPS_READ, run!(members::list_references, Member))
        .lists("reference")
        .query(takes::REFERENCES),
    post("groups/{group}/members/$ref", &MEMBERS_WRITE, run!(members::add, Member)).takes("reference"),
    delete("groups/{group}/members/$ref", &MEMBERS_WRITE, run!(members::remove, Member))
        .query(&[QueryOption::Id]),
    get("groups/{group}/members/user", &GROUPS_READ, run!(members::list_cast, Member, User))
        .lists("user")
        .query(takes::OBJECTS),
    get("groups/{group}/members/group", &GROUPS_READ, run!(members::list_cast, Member, Group))
        .lists("group")
        .query(takes::OBJECTS),
    get(
        "groups/{group}/members/servicePrincipal",
        &GROUPS_READ,
        run!(members::list_cast, Member, ServicePrincipal),
    )
    .lists("servicePrincipal"),
    get("groups/{group}/members/{object}", &GROUPS_READ, run!(members::get, Member)).gives("directoryObject"),
    delete("groups/{group}/members/{object}/$ref", &MEMBERS_WRITE, run!(members::remove, Member)),
    get("groups/{group}/owners", &GROUPS_READ, run!(members::list, Owner))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("groups/{group}/owners/$count", &GROUPS_READ, run!(members::count, Owner)).counts(),
    get("groups/{group}/owners/$ref", &GROUPS_READ, run!(members::list_references, Owner))
        .lists("reference")
        .query(takes::REFERENCES),
    post("groups/{group}/owners/$ref", &GROUPS_WRITE, run!(members::add, Owner)).takes("reference"),
    delete("groups/{group}/owners/$ref", &GROUPS_WRITE, run!(members::remove, Owner))
        .query(&[QueryOption::Id]),
    get("groups/{group}/owners/user", &GROUPS_READ, run!(members::list_cast, Owner, User))
        .lists("user")
        .query(takes::OBJECTS),
    get("groups/{group}/owners/{object}", &GROUPS_READ, run!(members::get, Owner)).gives("directoryObject"),
    delete("groups/{group}/owners/{object}/$ref", &GROUPS_WRITE, run!(members::remove, Owner)),
    get("groups/{group}/memberOf", &GROUPS_READ, run!(members::list_relating, Member))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("groups/{group}/memberOf/$count", &GROUPS_READ, run!(members::count_relating, Member)).counts(),
    get("groups/{group}/appRoleAssignments", &ASSIGNMENTS_READ, run!(assignments::list_of_principal))
        .lists("appRoleAssignment"),
    post("groups/{group}/appRoleAssignments", &ASSIGNMENTS_WRITE, run!(assignments::create))
        .takes("appRoleAssignment")
        .creates("appRoleAssignment"),
    get("groups/{group}/appRoleAssignments/{assignment}", &ASSIGNMENTS_READ, run!(assignments::get))
        .gives("appRoleAssignment"),
    delete("groups/{group}/appRoleAssignments/{assignment}", &ASSIGNMENTS_WRITE, run!(assignments::delete)),
    get("groups/{group}/members/user/$count", &GROUPS_READ, run!(members::count_cast, Member, User)).counts(),
    get("groups/{group}/members/group/$count", &GROUPS_READ, run!(members::count_cast, Member, Group))
        .counts(),
    get("groups/{group}/transitiveMembers", &GROUPS_READ, run!(members::list_reached, Members))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("groups/{group}/transitiveMembers/$count", &GROUPS_READ, run!(members::count_reached, Members))
        .counts(),
    get(
        "groups/{group}/transitiveMembers/user",
        &GROUPS_READ,
        run!(members::list_reached_cast, Members, User),
    )
    .lists("user")
    .query(takes::OBJECTS),
    get(
        "groups/{group}/transitiveMembers/user/$count",
        &GROUPS_READ,
        run!(members::count_reached_cast, Members, User),
    )
    .counts(),
    get(
        "groups/{group}/transitiveMembers/group",
        &GROUPS_READ,
        run!(members::list_reached_cast, Members, Group),
    )
    .lists("group")
    .query(takes::OBJECTS),
    get(
        "groups/{group}/transitiveMembers/servicePrincipal",
        &GROUPS_READ,
        run!(members::list_reached_cast, Members, ServicePrincipal),
    )
    .lists("servicePrincipal")
    .query(takes::OBJECTS),
    get(
        "groups/{group}/owners/servicePrincipal",
        &GROUPS_READ,
        run!(members::list_cast, Owner, ServicePrincipal),
    )
    .lists("servicePrincipal")
    .query(takes::OBJECTS),
    get("groups/{group}/memberOf/group", &GROUPS_READ, run!(members::list_relating_cast, Member, Group))
        .lists("group")
        .query(takes::OBJECTS),
    get("groups/{group}/transitiveMemberOf", &GROUPS_READ, run!(members::list_reached, MemberOf))
        .lists("directoryObject")
        .query(takes::RELATED),
    get("groups/{group}/transitiveMemberOf/$count", &GROUPS_READ, run!(members::count_reached, MemberOf))
        .counts(),
    get(
        "groups/{group}/transitiveMemberOf/group",
        &GROUPS_READ,
        run!(members::list_reached_cast, MemberOf, Group),
    )
    .lists("group")
    .query(takes::OBJECTS),
    post("groups/{group}/getMemberGroups", &GROUPS_READ, run!(memberships::get))
        .takes("getMemberObjects")
        .lists("Edm.String"),
    post("groups/{group}/getMemberObjects", &GROUPS_READ, run!(memberships::get))
        .takes("getMemberObjects")
        .lists("Edm.String"),
    post("groups/{group}/checkMemberGroups", &GROUPS_READ, run!(memberships::check, "groupIds"))
        .takes("checkMemberGroups")
        .lists("Edm.String"),
    post("groups/{group}/checkMemberObjects", &GROUPS_READ, run!(memberships::check, "ids"))
        .takes("checkMemberObjects")
        .lists("Edm.String"),
    get("users/{user}/memberOf/group/$count", &USERS_READ, run!(members::count_relating_cast, Member, Group))
        .counts(),
    get(
        "users/{user}/directReports/user/$count",
        &USERS_READ,
        run!(members::count_relating_cast, Manager, User),
    )
    .counts(),
    get(
        "users/{user}/ownedObjects/application/$count",
        &USERS_READ,
        run!(members::count_relating_cast, Owner, Application),
    )
    .counts(),
    get(
        "users/{user}/ownedObjects/group/$count",
        &USERS_READ,
        run!(members::count_relating_cast, Owner, Group),
    )
    .counts(),
    get(
        "users/{user}/ownedObjects/servicePrincipal/$count",
        &USERS_READ,
        run!(members::count_relating_cast, Owner, ServicePrincipal),
    )
    .counts(),
    get(
        "groups/{group}/members/servicePrincipal/$count",
        &GROUPS_READ,
        run!(members::count_cast, Member, ServicePrincipal),
    )
    .counts(),
    get("groups/{group}/owners/user/$count", &GROUPS_READ, run!(members::count_cast, Owner, User)).counts(),
    get(
        "groups/{group}/transitiveMembers/group/$count",
        &GROUPS_READ,
        run!(members::count_reached_cast, Members, Group),
    )
    .counts(),
    get(
        "groups/{group}/transitiveMembers/servicePrincipal/$count",
        &GROUPS_READ,
        run!(members::count_reached_cast, Members, ServicePrincipal),
    )
    .counts(),
    get(
        "groups/{group}/owners/servicePrincipal/$count",
        &GROUPS_READ,
        run!(members::count_cast, Owner, ServicePrincipal),
    )
    .counts(),
    get(
        "groups/{group}/memberOf/group/$count",
        &GROUPS_READ,
        run!(members::count_relating_cast, Member, Group),
    )
    .counts(),
    get(
        "groups/{group}/transitiveMemberOf/group/$count",
        &GROUPS_READ,
        run!(members::count_reached_cast, MemberOf, Group),
    )
    .counts(),
    get("users/{user}/appRoleAssignments/$count", &ASSIGNMENTS_READ, run!(assignments::count_of_principal))
        .counts(),
    get("groups/{group}/appRoleAssignments/$count", &ASSIGNMENTS_READ, run!(assignments::count_of_principal))
        .counts(),
    post("users/getByIds", &ANYBODY, run!(directory_objects::get_by_ids))
        .takes("getByIds")
        .lists("directoryObject"),
    post("groups/getByIds", &ANYBODY, run!(directory_objects::get_by_ids))
        .takes("getByIds")
        .lists("directoryObject"),
];
