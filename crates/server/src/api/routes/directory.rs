//! Objects of any kind, the recycle bin, the tenant.

use super::super::permissions::{
    ANYBODY, DIRECTORY_READ, DOMAINS_READ, OBJECT_READ, OBJECT_WRITE, ORGANIZATION_READ,
};
use super::super::route::{Route, delete, get, post, run, takes};
use super::super::{batch, deleted_items, directory_objects, domains, memberships, organization};

/// The rows.
pub(super) static ROUTES: &[Route] = &[
    post("$batch", &ANYBODY, run!(batch::run)).takes("batch").gives("batchResponse"),
    post("directoryObjects/getByIds", &ANYBODY, run!(directory_objects::get_by_ids))
        .takes("getByIds")
        .lists("directoryObject"),
    get("directoryObjects/{object}", &OBJECT_READ, run!(directory_objects::get)).gives("directoryObject"),
    delete("directoryObjects/{object}", &OBJECT_WRITE, run!(directory_objects::delete)),
    post("directoryObjects/{object}/getMemberGroups", &DIRECTORY_READ, run!(memberships::get))
        .takes("getMemberObjects")
        .lists("Edm.String"),
    post("directoryObjects/{object}/getMemberObjects", &DIRECTORY_READ, run!(memberships::get))
        .takes("getMemberObjects")
        .lists("Edm.String"),
    post(
        "directoryObjects/{object}/checkMemberGroups",
        &DIRECTORY_READ,
        run!(memberships::check, "groupIds"),
    )
    .takes("checkMemberGroups")
    .lists("Edm.String"),
    post("directoryObjects/{object}/checkMemberObjects", &DIRECTORY_READ, run!(memberships::check, "ids"))
        .takes("checkMemberObjects")
        .lists("Edm.String"),
    get("directory/deletedItems", &DIRECTORY_READ, run!(deleted_items::list_all)).refuses(),
    get("directory/deletedItems/{type}", &OBJECT_READ, run!(deleted_items::list))
        .lists("directoryObject")
        .query(takes::OBJECTS),
    get("directory/deletedItems/{type}/$count", &OBJECT_READ, run!(deleted_items::count))
        .counts()
        .query(takes::NUMBER_OF_OBJECTS),
    get("directory/deletedItems/{object}", &OBJECT_READ, run!(deleted_items::get)).gives("directoryObject"),
    delete("directory/deletedItems/{object}", &OBJECT_WRITE, run!(deleted_items::purge)),
    post("directory/deletedItems/{object}/restore", &OBJECT_WRITE, run!(deleted_items::restore))
        .gives("directoryObject"),
    get("directory/deletedItems/{object}/{type}", &OBJECT_READ, run!(deleted_items::get_cast))
        .gives("directoryObject"),
    get("organization", &ORGANIZATION_READ, run!(organization::list)).lists("organization"),
    get("organization/{organization}", &ORGANIZATION_READ, run!(organization::get)).gives("organization"),
    get("me", &ANYBODY, run!(organization::me)).gives("user"),
    get("domains", &DOMAINS_READ, run!(domains::list)).lists("domain"),
    get("domains/{domain}", &DOMAINS_READ, run!(domains::get)).gives("domain"),
    get("subscribedSkus", &ORGANIZATION_READ, run!(domains::list_skus)).lists("subscribedSku"),
    get("organization/$count", &ORGANIZATION_READ, run!(organization::count)).counts(),
    get("domains/$count", &DOMAINS_READ, run!(domains::count)).counts(),
];
