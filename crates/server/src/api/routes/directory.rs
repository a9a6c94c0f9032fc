//! Objects of any kind, the recycle bin, the tenant.

use super::super::permissions::{
    ANYBODY, APPS_READ, DIRECTORY_READ, GROUPS_READ, OBJECT_READ, OBJECT_WRITE, ORGANIZATION_READ, USERS_READ,
};
use super::super::route::{Route, delete, get, post, run};
use super::super::{batch, deleted_items, directory_objects, organization};
use provisor_store::directory::ObjectKind::{Application, Group, ServicePrincipal, User};

/// The rows.
pub(super) static ROUTES: &[Route] = &[
    post("$batch", &ANYBODY, run!(batch::run)).takes("batch").gives("batchResponse"),
    post("directoryObjects/getByIds", &ANYBODY, run!(directory_objects::get_by_ids))
        .takes("getByIds")
        .lists("directoryObject"),
    get("directoryObjects/{object}", &OBJECT_READ, run!(directory_objects::get)).gives("directoryObject"),
    delete("directoryObjects/{object}", &OBJECT_WRITE, run!(directory_objects::delete)),
    get("directory/deletedItems", &DIRECTORY_READ, run!(deleted_items::list_all)).lists("directoryObject"),
    get("directory/deletedItems/user", &USERS_READ, run!(deleted_items::list, User)).lists("user"),
    get("directory/deletedItems/group", &GROUPS_READ, run!(deleted_items::list, Group)).lists("group"),
    get("directory/deletedItems/application", &APPS_READ, run!(deleted_items::list, Application))
        .lists("application"),
    get("directory/deletedItems/servicePrincipal", &APPS_READ, run!(deleted_items::list, ServicePrincipal))
        .lists("servicePrincipal"),
    get("directory/deletedItems/{object}", &OBJECT_READ, run!(deleted_items::get)).gives("directoryObject"),
    delete("directory/deletedItems/{object}", &OBJECT_WRITE, run!(deleted_items::purge)),
    post("directory/deletedItems/{object}/restore", &OBJECT_WRITE, run!(deleted_items::restore))
        .gives("directoryObject"),
    get("organization", &ORGANIZATION_READ, run!(organization::list)).lists("organization"),
    get("organization/{organization}", &ORGANIZATION_READ, run!(organization::get)).gives("organization"),
    get("me", &ANYBODY, run!(organization::me)).gives("user"),
];
