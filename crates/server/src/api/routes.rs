//! The one table of paths: what is served is what stands here.
//!
//! Both versions serve every row; the few differences between them (`docs/graph-compatibility.md`) are made
//! by the handlers.

use http::Method;
use provisor_store::directory::EdgeKind::{Manager, Member, Owner};
use provisor_store::directory::ObjectKind::{Application, Group, ServicePrincipal, User};

use super::router::Route;
use super::synchronization::schema::{directories, discover, language, parse_expression};
use super::synchronization::{actions, credentials, jobs, on_demand, schema, secrets, templates};
use super::{
    application_templates, applications, assignments, audit_logs, deleted_items, delta, directory_objects,
    entities, groups, manager, members, organization, service_principals, users,
};

macro_rules! routes {
    ($($method:ident $pattern:literal => $handler:expr;)*) => {
        &[$(Route { method: Method::$method, pattern: $pattern, run: |call| Box::pin(($handler)(call)) }),*]
    };
}

/// Every path and verb that is served.
pub static ROUTES: &[Route] = routes! {
    GET    "{S}/jobs" => jobs::list;
    POST   "{S}/jobs" => jobs::create;
    GET    "{S}/jobs/$count" => jobs::count;
    POST   "{S}/jobs/validateCredentials" => credentials::validate;
    GET    "{S}/jobs/{job}" => jobs::get;
    PATCH  "{S}/jobs/{job}" => jobs::patch;
    DELETE "{S}/jobs/{job}" => jobs::delete;
    POST   "{S}/jobs/{job}/start" => actions::start;
    POST   "{S}/jobs/{job}/pause" => actions::pause;
    POST   "{S}/jobs/{job}/stop" => actions::pause;
    POST   "{S}/jobs/{job}/restart" => actions::restart;
    POST   "{S}/jobs/{job}/validateCredentials" => credentials::validate_for_job;
    POST   "{S}/jobs/{job}/provisionOnDemand" => on_demand::provision;
    GET    "{S}/jobs/{job}/schema" => schema::get;
    PUT    "{S}/jobs/{job}/schema" => schema::replace;
    PATCH  "{S}/jobs/{job}/schema" => schema::replace;
    DELETE "{S}/jobs/{job}/schema" => schema::reset;
    GET    "{S}/jobs/{job}/schema/directories" => directories::list;
    POST   "{S}/jobs/{job}/schema/directories" => directories::create;
    GET    "{S}/jobs/{job}/schema/directories/$count" => directories::count;
    GET    "{S}/jobs/{job}/schema/directories/{directory}" => directories::get;
    PATCH  "{S}/jobs/{job}/schema/directories/{directory}" => directories::patch;
    DELETE "{S}/jobs/{job}/schema/directories/{directory}" => directories::delete;
    POST   "{S}/jobs/{job}/schema/directories/{directory}/discover" => discover::discover;
    POST   "{S}/jobs/{job}/schema/parseExpression" => parse_expression::parse_expression;
    GET    "{S}/jobs/{job}/schema/functions" => language::functions;
    GET    "{S}/jobs/{job}/schema/filterOperators" => language::filter_operators;
    GET    "{S}/templates" => templates::list;
    GET    "{S}/templates/$count" => templates::count;
    POST   "applications/{app}/synchronization/templates" => templates::create;
    GET    "{S}/templates/{template}" => templates::get;
    PUT    "applications/{app}/synchronization/templates/{template}" => templates::replace;
    PATCH  "applications/{app}/synchronization/templates/{template}" => templates::replace;
    DELETE "{S}/templates/{template}" => templates::delete;
    GET    "{S}/templates/{template}/schema" => schema::get;
    PUT    "{S}/templates/{template}/schema" => schema::replace;
    PATCH  "{S}/templates/{template}/schema" => schema::replace;
    DELETE "{S}/templates/{template}/schema" => schema::reset;
    GET    "{S}/templates/{template}/schema/directories" => directories::list;
    POST   "{S}/templates/{template}/schema/directories" => directories::create;
    GET    "{S}/templates/{template}/schema/directories/$count" => directories::count;
    GET    "{S}/templates/{template}/schema/directories/{directory}" => directories::get;
    PATCH  "{S}/templates/{template}/schema/directories/{directory}" => directories::patch;
    DELETE "{S}/templates/{template}/schema/directories/{directory}" => directories::delete;
    POST   "{S}/templates/{template}/schema/directories/{directory}/discover" => discover::discover;
    POST   "{S}/templates/{template}/schema/parseExpression" => parse_expression::parse_expression;
    GET    "{S}/templates/{template}/schema/functions" => language::functions;
    GET    "{S}/templates/{template}/schema/filterOperators" => language::filter_operators;
    GET    "{S}/secrets" => secrets::list;
    PUT    "{S}/secrets" => secrets::merge;
    GET    "{S}/secrets/$count" => secrets::count;

    GET    "applicationTemplates" => application_templates::list;
    GET    "applicationTemplates/{template}" => application_templates::get;
    POST   "applicationTemplates/{template}/instantiate" => application_templates::instantiate;

    GET    "applications" => |call| entities::list(call, Application);
    POST   "applications" => applications::create;
    GET    "applications/$count" => |call| entities::count(call, Application);
    GET    "applications/{app}" => |call| entities::get(call, Application);
    PATCH  "applications/{app}" => applications::patch;
    DELETE "applications/{app}" => applications::delete;
    GET    "applications/{app}/owners" => |call| members::list(call, Owner);
    GET    "applications/{app}/owners/$ref" => |call| members::list_references(call, Owner);
    POST   "applications/{app}/owners/$ref" => |call| members::add(call, Owner);
    DELETE "applications/{app}/owners/$ref" => |call| members::remove(call, Owner);
    GET    "applications/{app}/owners/{object}" => |call| members::get(call, Owner);
    DELETE "applications/{app}/owners/{object}/$ref" => |call| members::remove(call, Owner);

    GET    "servicePrincipals" => |call| entities::list(call, ServicePrincipal);
    POST   "servicePrincipals" => service_principals::create;
    GET    "servicePrincipals/$count" => |call| entities::count(call, ServicePrincipal);
    GET    "servicePrincipals/{sp}" => |call| entities::get(call, ServicePrincipal);
    PATCH  "servicePrincipals/{sp}" => |call| entities::patch(call, ServicePrincipal);
    DELETE "servicePrincipals/{sp}" => |call| entities::delete(call, ServicePrincipal);
    GET    "servicePrincipals/{sp}/owners" => |call| members::list(call, Owner);
    GET    "servicePrincipals/{sp}/owners/$ref" => |call| members::list_references(call, Owner);
    POST   "servicePrincipals/{sp}/owners/$ref" => |call| members::add(call, Owner);
    DELETE "servicePrincipals/{sp}/owners/$ref" => |call| members::remove(call, Owner);
    GET    "servicePrincipals/{sp}/owners/{object}" => |call| members::get(call, Owner);
    DELETE "servicePrincipals/{sp}/owners/{object}/$ref" => |call| members::remove(call, Owner);
    GET    "servicePrincipals/{sp}/appRoleAssignedTo" => assignments::list_of_resource;
    POST   "servicePrincipals/{sp}/appRoleAssignedTo" => assignments::create;
    GET    "servicePrincipals/{sp}/appRoleAssignedTo/{assignment}" => assignments::get;
    DELETE "servicePrincipals/{sp}/appRoleAssignedTo/{assignment}" => assignments::delete;
    GET    "servicePrincipals/{sp}/appRoleAssignments" => assignments::list_of_principal;
    POST   "servicePrincipals/{sp}/appRoleAssignments" => assignments::create;
    GET    "servicePrincipals/{sp}/appRoleAssignments/{assignment}" => assignments::get;
    DELETE "servicePrincipals/{sp}/appRoleAssignments/{assignment}" => assignments::delete;

    GET    "users" => |call| entities::list(call, User);
    POST   "users" => users::create;
    GET    "users/$count" => |call| entities::count(call, User);
    GET    "users/delta" => |call| delta::read(call, User);
    GET    "users/{user}" => |call| entities::get(call, User);
    PATCH  "users/{user}" => |call| entities::patch(call, User);
    DELETE "users/{user}" => |call| entities::delete(call, User);
    GET    "users/{user}/manager" => manager::get;
    GET    "users/{user}/manager/$ref" => manager::get_reference;
    PUT    "users/{user}/manager/$ref" => manager::set;
    DELETE "users/{user}/manager/$ref" => manager::remove;
    GET    "users/{user}/directReports" => |call| members::list_relating(call, Manager);
    GET    "users/{user}/directReports/$count" => |call| members::count_relating(call, Manager);
    GET    "users/{user}/memberOf" => |call| members::list_relating(call, Member);
    GET    "users/{user}/memberOf/$count" => |call| members::count_relating(call, Member);
    GET    "users/{user}/memberOf/group" => |call| members::list_relating_cast(call, Member, Group);
    GET    "users/{user}/appRoleAssignments" => assignments::list_of_principal;
    POST   "users/{user}/appRoleAssignments" => assignments::create;
    GET    "users/{user}/appRoleAssignments/{assignment}" => assignments::get;
    DELETE "users/{user}/appRoleAssignments/{assignment}" => assignments::delete;

    GET    "groups" => |call| entities::list(call, Group);
    POST   "groups" => groups::create;
    GET    "groups/$count" => |call| entities::count(call, Group);
    GET    "groups/delta" => |call| delta::read(call, Group);
    GET    "groups/{group}" => |call| entities::get(call, Group);
    PATCH  "groups/{group}" => |call| entities::patch(call, Group);
    DELETE "groups/{group}" => |call| entities::delete(call, Group);
    GET    "groups/{group}/members" => |call| members::list(call, Member);
    GET    "groups/{group}/members/$count" => |call| members::count(call, Member);
    GET    "groups/{group}/members/$ref" => |call| members::list_references(call, Member);
    POST   "groups/{group}/members/$ref" => |call| members::add(call, Member);
    DELETE "groups/{group}/members/$ref" => |call| members::remove(call, Member);
    GET    "groups/{group}/members/user" => |call| members::list_cast(call, Member, User);
    GET    "groups/{group}/members/group" => |call| members::list_cast(call, Member, Group);
    GET    "groups/{group}/members/servicePrincipal" => |call| members::list_cast(call, Member, ServicePrincipal);
    GET    "groups/{group}/members/{object}" => |call| members::get(call, Member);
    DELETE "groups/{group}/members/{object}/$ref" => |call| members::remove(call, Member);
    GET    "groups/{group}/owners" => |call| members::list(call, Owner);
    GET    "groups/{group}/owners/$count" => |call| members::count(call, Owner);
    GET    "groups/{group}/owners/$ref" => |call| members::list_references(call, Owner);
    POST   "groups/{group}/owners/$ref" => |call| members::add(call, Owner);
    DELETE "groups/{group}/owners/$ref" => |call| members::remove(call, Owner);
    GET    "groups/{group}/owners/user" => |call| members::list_cast(call, Owner, User);
    GET    "groups/{group}/owners/{object}" => |call| members::get(call, Owner);
    DELETE "groups/{group}/owners/{object}/$ref" => |call| members::remove(call, Owner);
    GET    "groups/{group}/memberOf" => |call| members::list_relating(call, Member);
    GET    "groups/{group}/memberOf/$count" => |call| members::count_relating(call, Member);
    GET    "groups/{group}/appRoleAssignments" => assignments::list_of_principal;
    POST   "groups/{group}/appRoleAssignments" => assignments::create;
    GET    "groups/{group}/appRoleAssignments/{assignment}" => assignments::get;
    DELETE "groups/{group}/appRoleAssignments/{assignment}" => assignments::delete;

    POST   "directoryObjects/getByIds" => directory_objects::get_by_ids;
    GET    "directoryObjects/{object}" => directory_objects::get;
    DELETE "directoryObjects/{object}" => directory_objects::delete;
    GET    "directory/deletedItems" => deleted_items::list_all;
    GET    "directory/deletedItems/user" => |call| deleted_items::list(call, User);
    GET    "directory/deletedItems/group" => |call| deleted_items::list(call, Group);
    GET    "directory/deletedItems/application" => |call| deleted_items::list(call, Application);
    GET    "directory/deletedItems/servicePrincipal" => |call| deleted_items::list(call, ServicePrincipal);
    GET    "directory/deletedItems/{object}" => deleted_items::get;
    DELETE "directory/deletedItems/{object}" => deleted_items::purge;
    POST   "directory/deletedItems/{object}/restore" => deleted_items::restore;

    GET    "organization" => organization::list;
    GET    "organization/{organization}" => organization::get;
    GET    "me" => organization::me;
    GET    "auditLogs/provisioning" => audit_logs::list;
    GET    "auditLogs/provisioning/{entry}" => audit_logs::get;
};

/// What Graph has and this server does not: answered with 501, so that a client sees a missing feature and
/// not a mistake of its own.
pub static UNIMPLEMENTED: &[&str] = &[
    "$metadata",
    "$batch",
    "domains",
    "subscribedSkus",
    "{S}/Ping",
    "{S}/acquireAccessToken",
    "{S}/jobs/{job}/bulkUpload",
    "{S}/jobs/{job}/bulkUpload/$value",
    "applications/delta",
    "applications/{app}/addPassword",
    "applications/{app}/removePassword",
    "servicePrincipals/delta",
    "servicePrincipals/{sp}/addPassword",
    "servicePrincipals/{sp}/removePassword",
    "users/{user}/transitiveMemberOf",
    "groups/{group}/transitiveMembers",
    "groups/{group}/transitiveMemberOf",
];
