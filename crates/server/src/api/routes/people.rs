//! Users and groups, and what relates them.

use super::super::permissions::{
    ANYBODY, ASSIGNMENTS_READ, ASSIGNMENTS_WRITE, GROUPS_CREATE, GROUPS_READ, GROUPS_WRITE, MEMBERS_WRITE,
    USERS_READ, USERS_WRITE,
};
use super::super::route::{QueryOption, Route, delete, get, patch, post, put, run, takes};
use super::super::{
    assignments, delta, directory_objects, entities, groups, manager, members, memberships, users,
};
use provisor_store::directory::EdgeKind::{Member, Owner};
use provisor_store::directory::ObjectKind::{Group, User};

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
    get("users/{user}/appRoleAssignments", &ASSIGNMENTS_READ, run!(assignments::list_of_principal))
        .lists("appRoleAssignment"),
    post("users/{user}/appRoleAssignments", &ASSIGNMENTS_WRITE, run!(assignments::create))
        .takes("appRoleAssignment")
        .creates("appRoleAssignment"),
    get("users/{user}/appRoleAssignments/{assignment}", &ASSIGNMENTS_READ, run!(assignments::get))
        .gives("appRoleAssignment"),
    delete("users/{user}/appRoleAssignments/{assignment}", &ASSIGNMENTS_WRITE, run!(assignments::delete)),
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
    get("groups/{group}/members/$ref", &GROUPS_READ, run!(members::list_references, Member))
        .lists("reference")
        .query(takes::REFERENCES),
    post("groups/{group}/members/$ref", &MEMBERS_WRITE, run!(members::add, Member)).takes("reference"),
    delete("groups/{group}/members/$ref", &MEMBERS_WRITE, run!(members::remove, Member))
        .query(&[QueryOption::Id]),
    delete("groups/{group}/members/{object}/$ref", &MEMBERS_WRITE, run!(members::remove, Member)),
    get("groups/{group}/members/{object}/$ref", &GROUPS_READ, run!(members::get_reference, Member))
        .gives("reference")
        .query(&[]),
    get("groups/{group}/owners/$ref", &GROUPS_READ, run!(members::list_references, Owner))
        .lists("reference")
        .query(takes::REFERENCES),
    post("groups/{group}/owners/$ref", &GROUPS_WRITE, run!(members::add, Owner)).takes("reference"),
    delete("groups/{group}/owners/$ref", &GROUPS_WRITE, run!(members::remove, Owner))
        .query(&[QueryOption::Id]),
    delete("groups/{group}/owners/{object}/$ref", &GROUPS_WRITE, run!(members::remove, Owner)),
    get("groups/{group}/owners/{object}/$ref", &GROUPS_READ, run!(members::get_reference, Owner))
        .gives("reference")
        .query(&[]),
    get("groups/{group}/appRoleAssignments", &ASSIGNMENTS_READ, run!(assignments::list_of_principal))
        .lists("appRoleAssignment"),
    post("groups/{group}/appRoleAssignments", &ASSIGNMENTS_WRITE, run!(assignments::create))
        .takes("appRoleAssignment")
        .creates("appRoleAssignment"),
    get("groups/{group}/appRoleAssignments/{assignment}", &ASSIGNMENTS_READ, run!(assignments::get))
        .gives("appRoleAssignment"),
    delete("groups/{group}/appRoleAssignments/{assignment}", &ASSIGNMENTS_WRITE, run!(assignments::delete)),
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
