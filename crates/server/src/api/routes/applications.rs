//! Applications, service principals, who may use them, and the gallery.

use super::super::permissions::{
    ANYBODY, APPS_CREATE, APPS_READ, APPS_WRITE, ASSIGNMENTS_READ, ASSIGNMENTS_WRITE,
};
use super::super::route::{QueryOption, Route, delete, get, patch, post, run, takes};
use super::super::{
    application_templates, applications, assignments, entities, members, passwords, service_principals,
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
    get("applications", &APPS_READ, run!(entities::list, Application)).lists("application"),
    post("applications", &APPS_CREATE, run!(applications::create))
        .takes("application")
        .creates("application"),
    get("applications/$count", &APPS_READ, run!(entities::count, Application)).counts(),
    get("applications/{app}", &APPS_READ, run!(entities::get, Application)).gives("application"),
    patch("applications/{app}", &APPS_WRITE, run!(applications::patch)).takes("application"),
    delete("applications/{app}", &APPS_WRITE, run!(applications::delete)),
    post("applications/{app}/addPassword", &APPS_WRITE, run!(passwords::add, Application))
        .takes("addPassword")
        .gives("passwordCredential"),
    post("applications/{app}/removePassword", &APPS_WRITE, run!(passwords::remove, Application))
        .takes("removePassword"),
    get("applications/{app}/owners", &APPS_READ, run!(members::list, Owner)).lists("directoryObject"),
    get("applications/{app}/owners/$ref", &APPS_READ, run!(members::list_references, Owner))
        .lists("reference")
        .query(takes::REFERENCES),
    post("applications/{app}/owners/$ref", &APPS_WRITE, run!(members::add, Owner)).takes("reference"),
    delete("applications/{app}/owners/$ref", &APPS_WRITE, run!(members::remove, Owner))
        .query(&[QueryOption::Id]),
    get("applications/{app}/owners/{object}", &APPS_READ, run!(members::get, Owner)).gives("directoryObject"),
    delete("applications/{app}/owners/{object}/$ref", &APPS_WRITE, run!(members::remove, Owner)),
    get("servicePrincipals", &APPS_READ, run!(entities::list, ServicePrincipal)).lists("servicePrincipal"),
    post("servicePrincipals", &APPS_CREATE, run!(service_principals::create))
        .takes("servicePrincipal")
        .creates("servicePrincipal"),
    get("servicePrincipals/$count", &APPS_READ, run!(entities::count, ServicePrincipal)).counts(),
    get("servicePrincipals/{sp}", &APPS_READ, run!(entities::get, ServicePrincipal))
        .gives("servicePrincipal"),
    patch("servicePrincipals/{sp}", &APPS_WRITE, run!(entities::patch, ServicePrincipal))
        .takes("servicePrincipal"),
    delete("servicePrincipals/{sp}", &APPS_WRITE, run!(entities::delete, ServicePrincipal)),
    post("servicePrincipals/{sp}/addPassword", &APPS_WRITE, run!(passwords::add, ServicePrincipal))
        .takes("addPassword")
        .gives("passwordCredential"),
    post("servicePrincipals/{sp}/removePassword", &APPS_WRITE, run!(passwords::remove, ServicePrincipal))
        .takes("removePassword"),
    get("servicePrincipals/{sp}/owners", &APPS_READ, run!(members::list, Owner)).lists("directoryObject"),
    get("servicePrincipals/{sp}/owners/$ref", &APPS_READ, run!(members::list_references, Owner))
        .lists("reference")
        .query(takes::REFERENCES),
    post("servicePrincipals/{sp}/owners/$ref", &APPS_WRITE, run!(members::add, Owner)).takes("reference"),
    delete("servicePrincipals/{sp}/owners/$ref", &APPS_WRITE, run!(members::remove, Owner))
        .query(&[QueryOption::Id]),
    get("servicePrincipals/{sp}/owners/{object}", &APPS_READ, run!(members::get, Owner))
        .gives("directoryObject"),
    delete("servicePrincipals/{sp}/owners/{object}/$ref", &APPS_WRITE, run!(members::remove, Owner)),
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
];
