//! Jobs, schemas, templates, secrets, and their log.

use super::super::permissions::{ANYBODY, LOGS_READ, SYNC_READ, SYNC_UPLOAD, SYNC_WRITE};
use super::super::route::{Route, delete, get, patch, post, put, run, takes};
use super::super::synchronization::schema::{directories, discover, language, parse_expression};
use super::super::synchronization::{
    acquire_access_token, actions, bulk_upload, container, credentials, jobs, on_demand, schema, secrets,
    templates,
};
use super::super::{audit_logs, metadata};

/// The rows.
pub(super) static ROUTES: &[Route] = &[
    get("{S}", &SYNC_READ, run!(container::get)).gives("synchronization").query(takes::EXPANDABLE),
    put("{S}", &SYNC_WRITE, run!(container::change)).takes("synchronization"),
    patch("{S}", &SYNC_WRITE, run!(container::change)).takes("synchronization"),
    delete("{S}", &SYNC_WRITE, run!(container::delete)),
    post("{S}/acquireAccessToken", &SYNC_WRITE, run!(acquire_access_token::acquire))
        .takes("acquireAccessToken"),
    get("{S}/Ping", &SYNC_READ, run!(container::ping)).gives("Edm.String").query(&[]).beta(),
    get("{S}/jobs", &SYNC_READ, run!(jobs::list)).lists("synchronizationJob").query(takes::EXPANDABLE_LIST),
    post("{S}/jobs", &SYNC_WRITE, run!(jobs::create))
        .takes("synchronizationJob")
        .creates("synchronizationJob"),
    get("{S}/jobs/$count", &SYNC_READ, run!(jobs::count)).counts(),
    post("{S}/jobs/validateCredentials", &SYNC_WRITE, run!(credentials::validate))
        .takes("validateCredentials"),
    get("{S}/jobs/{job}", &SYNC_READ, run!(jobs::get)).gives("synchronizationJob").query(takes::EXPANDABLE),
    patch("{S}/jobs/{job}", &SYNC_WRITE, run!(jobs::patch)).takes("synchronizationJob"),
    delete("{S}/jobs/{job}", &SYNC_WRITE, run!(jobs::delete)),
    post("{S}/jobs/{job}/start", &SYNC_WRITE, run!(actions::start)),
    post("{S}/jobs/{job}/pause", &SYNC_WRITE, run!(actions::pause)),
    post("{S}/jobs/{job}/stop", &SYNC_WRITE, run!(actions::pause)),
    post("{S}/jobs/{job}/restart", &SYNC_WRITE, run!(actions::restart)).takes("restart"),
    post("{S}/jobs/{job}/validateCredentials", &SYNC_WRITE, run!(credentials::validate_for_job))
        .takes("validateCredentials"),
    post("{S}/jobs/{job}/provisionOnDemand", &SYNC_WRITE, run!(on_demand::provision))
        .takes("provisionOnDemand")
        .gives("stringKeyStringValuePair"),
    post("{S}/jobs/{job}/bulkUpload", &SYNC_UPLOAD, run!(bulk_upload::upload)).takes("bulkRequest").accepts(),
    get("{S}/jobs/{job}/schema", &SYNC_READ, run!(schema::get))
        .gives("synchronizationSchema")
        .query(takes::EXPANDABLE),
    put("{S}/jobs/{job}/schema", &SYNC_WRITE, run!(schema::replace)).takes("synchronizationSchema"),
    patch("{S}/jobs/{job}/schema", &SYNC_WRITE, run!(schema::replace)).takes("synchronizationSchema"),
    delete("{S}/jobs/{job}/schema", &SYNC_WRITE, run!(schema::reset)),
    get("{S}/jobs/{job}/schema/directories", &SYNC_READ, run!(directories::list))
        .lists("directoryDefinition")
        .query(takes::WHOLE_LIST),
    post("{S}/jobs/{job}/schema/directories", &SYNC_WRITE, run!(directories::create))
        .takes("directoryDefinition")
        .creates("directoryDefinition"),
    get("{S}/jobs/{job}/schema/directories/$count", &SYNC_READ, run!(directories::count)).counts(),
    get("{S}/jobs/{job}/schema/directories/{directory}", &SYNC_READ, run!(directories::get))
        .gives("directoryDefinition"),
    patch("{S}/jobs/{job}/schema/directories/{directory}", &SYNC_WRITE, run!(directories::patch))
        .takes("directoryDefinition"),
    delete("{S}/jobs/{job}/schema/directories/{directory}", &SYNC_WRITE, run!(directories::delete)),
    post("{S}/jobs/{job}/schema/directories/{directory}/discover", &SYNC_WRITE, run!(discover::discover))
        .gives("directoryDefinition"),
    post("{S}/jobs/{job}/schema/parseExpression", &SYNC_READ, run!(parse_expression::parse_expression))
        .takes("parseExpression")
        .gives("parseExpressionResponse"),
    get("{S}/jobs/{job}/schema/functions", &SYNC_READ, run!(language::functions))
        .lists("attributeMappingFunctionSchema")
        .query(takes::WHOLE_LIST),
    get("{S}/jobs/{job}/schema/filterOperators", &SYNC_READ, run!(language::filter_operators))
        .lists("filterOperatorSchema")
        .query(takes::WHOLE_LIST),
    get("{S}/templates", &SYNC_READ, run!(templates::list))
        .lists("synchronizationTemplate")
        .query(takes::EXPANDABLE_LIST),
    get("{S}/templates/$count", &SYNC_READ, run!(templates::count)).counts(),
    post("applications/{app}/synchronization/templates", &SYNC_WRITE, run!(templates::create))
        .takes("synchronizationTemplate")
        .creates("synchronizationTemplate"),
    get("{S}/templates/{template}", &SYNC_READ, run!(templates::get))
        .gives("synchronizationTemplate")
        .query(takes::EXPANDABLE),
    put("applications/{app}/synchronization/templates/{template}", &SYNC_WRITE, run!(templates::replace))
        .takes("synchronizationTemplate"),
    patch("applications/{app}/synchronization/templates/{template}", &SYNC_WRITE, run!(templates::replace))
        .takes("synchronizationTemplate"),
    delete("{S}/templates/{template}", &SYNC_WRITE, run!(templates::delete)),
    get("{S}/templates/{template}/schema", &SYNC_READ, run!(schema::get))
        .gives("synchronizationSchema")
        .query(takes::EXPANDABLE),
    put("{S}/templates/{template}/schema", &SYNC_WRITE, run!(schema::replace)).takes("synchronizationSchema"),
    patch("{S}/templates/{template}/schema", &SYNC_WRITE, run!(schema::replace))
        .takes("synchronizationSchema"),
    delete("{S}/templates/{template}/schema", &SYNC_WRITE, run!(schema::reset)),
    get("{S}/templates/{template}/schema/directories", &SYNC_READ, run!(directories::list))
        .lists("directoryDefinition")
        .query(takes::WHOLE_LIST),
    post("{S}/templates/{template}/schema/directories", &SYNC_WRITE, run!(directories::create))
        .takes("directoryDefinition")
        .creates("directoryDefinition"),
    get("{S}/templates/{template}/schema/directories/$count", &SYNC_READ, run!(directories::count)).counts(),
    get("{S}/templates/{template}/schema/directories/{directory}", &SYNC_READ, run!(directories::get))
        .gives("directoryDefinition"),
    patch("{S}/templates/{template}/schema/directories/{directory}", &SYNC_WRITE, run!(directories::patch))
        .takes("directoryDefinition"),
    delete("{S}/templates/{template}/schema/directories/{directory}", &SYNC_WRITE, run!(directories::delete)),
    post(
        "{S}/templates/{template}/schema/directories/{directory}/discover",
        &SYNC_WRITE,
        run!(discover::discover),
    )
    .gives("directoryDefinition"),
    post(
        "{S}/templates/{template}/schema/parseExpression",
        &SYNC_READ,
        run!(parse_expression::parse_expression),
    )
    .takes("parseExpression")
    .gives("parseExpressionResponse"),
    get("{S}/templates/{template}/schema/functions", &SYNC_READ, run!(language::functions))
        .lists("attributeMappingFunctionSchema")
        .query(takes::WHOLE_LIST),
    get("{S}/templates/{template}/schema/filterOperators", &SYNC_READ, run!(language::filter_operators))
        .lists("filterOperatorSchema")
        .query(takes::WHOLE_LIST),
    get("{S}/secrets", &SYNC_READ, run!(secrets::list)).lists("synchronizationSecretKeyStringValuePair"),
    put("{S}/secrets", &SYNC_WRITE, run!(secrets::merge)).takes("secrets"),
    get("{S}/secrets/$count", &SYNC_READ, run!(secrets::count)).counts(),
    get("", &ANYBODY, run!(metadata::service_document)).document("application/json"),
    get("$metadata", &ANYBODY, run!(metadata::get)).document("application/xml"),
    get("auditLogs/provisioning", &LOGS_READ, run!(audit_logs::list))
        .lists("provisioningObjectSummary")
        .query(takes::ORDERED_LIST),
    get("auditLogs/provisioning/$count", &LOGS_READ, run!(audit_logs::count)).counts(),
    get("auditLogs/provisioning/{entry}", &LOGS_READ, run!(audit_logs::get))
        .gives("provisioningObjectSummary"),
];
