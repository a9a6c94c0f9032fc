//! Trying credentials against the target.

use provisor_engine::ports::{ConnectorError, ErrorClass};
use provisor_graph::error::GraphError;
use provisor_graph::resources::synchronization::secret::SecretKey;
use provisor_store::secrets::Secret;
use serde_json::Value as Json;

use super::host::Host;
use super::{secrets, templates};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

/// The code for a target that cannot be used as it is described.
const INCOMPATIBLE: &str = "SystemForCrossDomainIdentityManagementServiceIncompatible";

/// `POST …/jobs/{id}/validateCredentials`
///
/// # Errors
/// 404 when there is no such job, 400 for credentials that the target refuses or a connector that is not here.
pub async fn validate_for_job(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job = host.job(&call).await?;
    check_template(&call, &host).await?;
    templates::check_connector(&call, &host, &job.template_id).await?;
    check(&call, &host).await
}

/// `POST …/jobs/validateCredentials`: before there is a job.
///
/// # Errors
/// 400 for credentials that the target refuses, or an unknown template.
pub async fn validate(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    check_template(&call, &host).await?;
    check(&call, &host).await
}

/// Refuses a template that the application does not have, or that there is no connector for.
async fn check_template(call: &Call, host: &Host) -> Result<(), Failure> {
    let body = call.optional_json()?;
    let template = body.as_ref().and_then(|body| body.get("templateId")).and_then(Json::as_str);
    let Some(template) = template.filter(|id| !id.is_empty()) else { return Ok(()) };
    templates::find(call, host, template).await.map_err(|_| {
        let message = format!("The template '{template}' in 'templateId' is not one of this application.");
        GraphError::bad_request(message)
    })?;
    templates::check_connector(call, host, template).await
}

async fn check(call: &Call, host: &Host) -> Answer {
    let body = call.optional_json()?;
    let stored = match host.service_principal_id() {
        Some(owner) => call.state.store.secrets(owner).await?,
        None => Vec::new(),
    };
    let given = match body.as_ref().and_then(|body| body.get("credentials")) {
        None | Some(Json::Null) => Vec::new(),
        Some(list) => secrets::pairs(list, "credentials")?,
    };
    let has_address =
        |secrets: &[Secret]| secrets.iter().any(|secret| secret.key == SecretKey::BaseAddress.name());
    let address_is_saved = has_address(&stored);
    let known = secrets::for_their_target(stored, &given);
    let base =
        if uses_saved(body.as_ref(), given.is_empty())? { known } else { secrets::referred(&known, &given) };
    let credentials = secrets::overlay(base, given);
    if address_is_saved && !has_address(&credentials) {
        let message = "The credentials sent have no 'BaseAddress', and the saved ones are not used: send it along, or \
                       'useSavedCredentials': true.";
        return Err(GraphError::new(400, INCOMPATIBLE, message).into());
    }
    call.state.runtime.validate(credentials).await.map_err(|error| Failure(refused(&error)))?;
    Ok(Reply::no_content())
}

/// `useSavedCredentials`, a boolean or, as PowerShell sends it, its text; saved ones are used when the body
/// gives none.
fn uses_saved(body: Option<&Json>, none_given: bool) -> Result<bool, GraphError> {
    match body.and_then(|body| body.get("useSavedCredentials")) {
        None | Some(Json::Null) => Ok(none_given),
        Some(Json::Bool(saved)) => Ok(*saved),
        Some(Json::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(Json::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(GraphError::bad_request("'useSavedCredentials' must be true or false.")),
    }
}

/// The 400 for credentials that did not pass, with the codes that Entra uses.
pub(super) fn refused(error: &ConnectorError) -> GraphError {
    let code = match error.class {
        ErrorClass::Unauthorized => "SystemForCrossDomainIdentityManagementInvalidCredentials",
        ErrorClass::Transient | ErrorClass::Throttled => {
            "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"
        }
        ErrorClass::Conflict | ErrorClass::NotFound | ErrorClass::Invalid | ErrorClass::Fatal => INCOMPATIBLE,
    };
    let untold = error.status.filter(|status| !error.message.contains(&format!("answered {status}")));
    let status = untold.map(|status| format!(" The endpoint answered {status}.")).unwrap_or_default();
    GraphError::new(400, code, format!("{}{status}", error.message))
}
