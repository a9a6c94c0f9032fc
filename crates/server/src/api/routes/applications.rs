//! Applications, service principals, who may use them, and the gallery.

use super::super::permissions::{
    ANYBODY, APPS_CREATE, APPS_READ, APPS_WRITE, ASSIGNMENTS_READ, ASSIGNMENTS_WRITE,
};
use super::super::route::{QueryOption, Route, delete, get, patch, post, run, takes};
use super::super::{
    application_templates, applications, assignments, delta, directory_objects, entities, members,
    memberships, passwords, service_principals,
};
use provisor_store::directory::EdgeKind::Owner;
use provisor_store::directory::ObjectKind::{Application, ServicePrincipal};

/// The rows.
pub(super) static ROUTES: &[Route] = &[
    get("applicationTemplates", &ANYBODY, run!(application_templates::list)).lists("applicationTemplate"),
    get("applicationTemplates/{template}", &ANYBODY, run!(application_templates::get))
        .gives("applicationTemplate"),
    post(
        "applicationTemplates/{template}/instantiate",
        &APPS_CREATE,
        run!(application_templates::instantiate),
    )
    .takes("instantiate")
    .creates("applicationServicePrincipal"),
    get("applications", &APPS_READ, run!(entities::list, Application))
        .lists("application")
        .query(takes::OBJECTS),
    post("applications", &APPS_CREATE, run!(applications::create))
        .takes("application")
        .creates("application"),
    get("applications/$count", &APPS_READ, run!(entities::count, Application))
        .counts()
        .query(takes::NUMBER_OF_OBJECTS),
    get("applications/{app}", &APPS_READ, run!(entities::get, Application))
        .gives("application")
        .query(takes::EXPANDABLE),
    patch("applications/{app}", &APPS_WRITE, run!(applications::patch)).takes("application"),
    delete("applications/{app}", &APPS_WRITE, run!(applications::delete)),
    post("applications/{app}/addPassword", &APPS_WRITE, run!(passwords::add, Application))
        .takes("addPassword")
        .gives("passwordCredential"),
    post("applications/{app}/removePassword", &APPS_WRITE, run!(passwords::remove, Application))
        .takes("removePassword"),
    get("applications/{app}/owners/$ref", &APPS_READ, run!(members::list_references, Owner))
        .lists("reference")
        .query(takes::REFERENCES),
    post("applications/{app}/owners/$ref", &APPS_WRITE, run!(members::add, Owner)).takes("reference"),
    delete("applications/{app}/owners/$ref", &APPS_WRITE, run!(members::remove, Owner))
        .query(&[QueryOption::Id]),
    delete("applications/{app}/owners/{object}/$ref", &APPS_WRITE, run!(members::remove, Owner)),
    get("applications/{app}/owners/{object}/$ref", &APPS_READ, run!(members::get_reference, Owner))
        .gives("reference")
        .query(&[]),
    get("applications/delta", &APPS_READ, run!(delta::read, Application))
        .lists("application")
        .query(takes::DELTA),
    get("servicePrincipals", &APPS_READ, run!(entities::list, ServicePrincipal))
        .lists("servicePrincipal")
        .query(takes::OBJECTS),
    post("servicePrincipals", &APPS_CREATE, run!(service_principals::create))
        .takes("servicePrincipal")
        .creates("servicePrincipal"),
    get("servicePrincipals/$count", &APPS_READ, run!(entities::count, ServicePrincipal))
        .counts()
        .query(takes::NUMBER_OF_OBJECTS),
    get("servicePrincipals/{sp}", &APPS_READ, run!(entities::get, ServicePrincipal))
        .gives("servicePrincipal")
        .query(takes::EXPANDABLE),
    patch("servicePrincipals/{sp}", &APPS_WRITE, run!(service_principals::patch)).takes("servicePrincipal"),
    delete("servicePrincipals/{sp}", &APPS_WRITE, run!(entities::delete, ServicePrincipal)),
    post("servicePrincipals/{sp}/addPassword", &APPS_WRITE, run!(passwords::add, ServicePrincipal))
        .takes("addPassword")
        .gives("passwordCredential"),
    post("servicePrincipals/{sp}/removePassword", &APPS_WRITE, run!(passwords::remove, ServicePrincipal))
        .takes("removePassword"),
    get("servicePrincipals/{sp}/owners/$ref", &APPS_READ, run!(members::list_references, Owner))
        .lists("reference")
        .query(takes::REFERENCES),
    post("servicePrincipals/{sp}/owners/$ref", &APPS_WRITE, run!(members::add, Owner)).takes("reference"),
    delete("servicePrincipals/{sp}/owners/$ref", &APPS_WRITE, run!(members::remove, Owner))
        .query(&[QueryOption::Id]),
    delete("servicePrincipals/{sp}/owners/{object}/$ref", &APPS_WRITE, run!(members::remove, Owner)),
    get("servicePrincipals/{sp}/owners/{object}/$ref", &APPS_READ, run!(members::get_reference, Owner))
        .gives("reference")
        .query(&[]),
    get("servicePrincipals/{sp}/appRoleAssignedTo", &ASSIGNMENTS_READ, run!(assignments::list_of_resource))
        .lists("appRoleAssignment"),
    post("servicePrincipals/{sp}/appRoleAssignedTo", &ASSIGNMENTS_WRITE, run!(assignments::create))
        .takes("appRoleAssignment")
        .creates("appRoleAssignment"),
    get("servicePrincipals/{sp}/appRoleAssignedTo/{assignment}", &ASSIGNMENTS_READ, run!(assignments::get))
        .gives("appRoleAssignment"),
    delete(
        "servicePrincipals/{sp}/appRoleAssignedTo/{assignment}",
        &ASSIGNMENTS_WRITE,
        run!(assignments::delete),
    ),
    get("servicePrincipals/{sp}/appRoleAssignments", &ASSIGNMENTS_READ, run!(assignments::list_of_principal))
        .lists("appRoleAssignment"),
    post("servicePrincipals/{sp}/appRoleAssignments", &ASSIGNMENTS_WRITE, run!(assignments::create))
        .takes("appRoleAssignment")
        .creates("appRoleAssignment"),
    get("servicePrincipals/{sp}/appRoleAssignments/{assignment}", &ASSIGNMENTS_READ, run!(assignments::get))
        .gives("appRoleAssignment"),
    delete(
        "servicePrincipals/{sp}/appRoleAssignments/{assignment}",
        &ASSIGNMENTS_WRITE,
        run!(assignments::delete),
    ),
    get("servicePrincipals/delta", &APPS_READ, run!(delta::read, ServicePrincipal))
        .lists("servicePrincipal")
        .query(takes::DELTA),
    post("servicePrincipals/{sp}/getMemberGroups", &APPS_READ, run!(memberships::get))
        .takes("getMemberObjects")
        .lists("Edm.String"),
    post("servicePrincipals/{sp}/getMemberObjects", &APPS_READ, run!(memberships::get))
        .takes("getMemberObjects")
        .lists("Edm.String"),
    post("servicePrincipals/{sp}/checkMemberGroups", &APPS_READ, run!(memberships::check, "groupIds"))
        .takes("checkMemberGroups")
        .lists("Edm.String"),
    post("servicePrincipals/{sp}/checkMemberObjects", &APPS_READ, run!(memberships::check, "ids"))
        .takes("checkMemberObjects")
        .lists("Edm.String"),
    get(
        "servicePrincipals/{sp}/appRoleAssignedTo/$count",
        &ASSIGNMENTS_READ,
        run!(assignments::count_of_resource),
    )
    .counts(),
    get(
        "servicePrincipals/{sp}/appRoleAssignments/$count",
        &ASSIGNMENTS_READ,
        run!(assignments::count_of_principal),
    )
    .counts(),
    post("applications/getByIds", &ANYBODY, run!(directory_objects::get_by_ids))
        .takes("getByIds")
        .lists("directoryObject"),
    post("servicePrincipals/getByIds", &ANYBODY, run!(directory_objects::get_by_ids))
        .takes("getByIds")
        .lists("directoryObject"),
    get("applicationTemplates/$count", &ANYBODY, run!(application_templates::count)).counts(),
];
