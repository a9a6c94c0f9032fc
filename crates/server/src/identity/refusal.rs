//! The errors of the token endpoint, with the numbers that clients and people know them by.

use jiff::Timestamp;
use provisor_graph::error::GraphError;
use serde_json::{Value as Json, json};

use crate::http::request::Identity;

/// Why a token is not given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// `error` (RFC 6749 section 5.2)
    pub error: &'static str,
    /// The number after `AADSTS`.
    pub code: u32,
    /// What is wrong and what to do.
    pub message: String,
}

impl Refusal {
    fn new(status: u16, error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self { status, error, code, message: message.into() }
    }

    /// The JSON of the answer.
    #[must_use]
    pub fn body(&self, now: Timestamp, identity: &Identity) -> Json {
        let timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let Identity { request_id: trace, client_request_id: correlation } = identity;
        json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                self.code, self.message
            ),
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        })
    }

    /// A parameter that must be there.
    #[must_use]
    pub fn missing(parameter: &str) -> Self {
        let message = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::new(400, "invalid_request", 900_144, message)
    }

    /// More parameters than anybody needs.
    #[must_use]
    pub fn too_many_parameters(most: usize) -> Self {
        let message = format!("The request has more than {most} parameters.");
        Self::new(400, "invalid_request", 90_100, message)
    }

    /// A parameter that is there and cannot be what it is to be.
    #[must_use]
    pub fn unfit(parameter: &str, wanted: &str) -> Self {
        Self::new(
            400,
            "invalid_request",
            90_100,
            format!("The parameter '{parameter}' is not valid: {wanted}."),
        )
    }

    /// Another grant than client credentials.
    #[must_use]
    pub fn grant(grant: &str) -> Self {
        let message =
            format!("The app requested an unsupported grant type '{grant}'; use 'client_credentials'.");
        Self::new(400, "unsupported_grant_type", 70_003, message)
    }

    /// A tenant that is not this one.
    #[must_use]
    pub fn tenant(tenant: &str) -> Self {
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID or domain and are \
             calling the right server."
        );
        Self::new(400, "invalid_request", 90_002, message)
    }

    /// A person who wants to sign in.
    #[must_use]
    pub fn sign_in() -> Self {
        let message = "Nobody signs in at this server: it gives tokens to applications only. Ask its token endpoint \
                       with grant_type=client_credentials, or let it trust an issuer that people sign in at.";
        Self::new(400, "unsupported_response_type", 700_022, message)
    }

    /// A client that is no application here.
    #[must_use]
    pub fn client(client: &str, tenant: &str) -> Self {
        let message = format!(
            "Application with identifier '{client}' was not found in the directory '{tenant}'. Check the \
             application (client) ID, and that you sent the request to the right tenant."
        );
        Self::new(400, "unauthorized_client", 700_016, message)
    }

    /// An application that has no service principal.
    #[must_use]
    pub fn no_principal(client: &str, tenant: &str) -> Self {
        let message = format!(
            "The client application '{client}' is missing service principal in the tenant '{tenant}'. Create it \
             with POST /servicePrincipals."
        );
        Self::new(400, "unauthorized_client", 7_000_229, message)
    }

    /// A client whose service principal is disabled.
    #[must_use]
    pub fn disabled(client: &str, name: &str) -> Self {
        let message = format!(
            "Application '{client}'({name}) is disabled. Set accountEnabled of its service principal."
        );
        Self::new(400, "unauthorized_client", 7_000_112, message)
    }

    /// A request without any proof.
    #[must_use]
    pub fn no_proof() -> Self {
        let message = "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' \
                       grant type.";
        Self::new(401, "invalid_client", 7_000_216, message)
    }

    /// A secret that is none of the client's.
    #[must_use]
    pub fn secret(client: &str) -> Self {
        let message = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
             value, not the client secret ID, for a secret added to app '{client}'."
        );
        Self::new(401, "invalid_client", 7_000_215, message)
    }

    /// A secret of the client that has expired.
    #[must_use]
    pub fn expired_secret(client: &str) -> Self {
        let message = format!(
            "The provided client secret keys for app '{client}' are expired. Add a new one with addPassword."
        );
        Self::new(401, "invalid_client", 7_000_222, message)
    }

    /// An assertion that proves nothing.
    #[must_use]
    pub fn assertion(why: &str) -> Self {
        let message = format!("Client assertion failed validation: {why}.");
        Self::new(401, "invalid_client", 700_027, message)
    }

    /// A scope of another form than this grant takes.
    #[must_use]
    pub fn scope(scope: &str) -> Self {
        let message = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value \
             with /.default suffixed to the resource identifier (application ID URI)."
        );
        Self::new(400, "invalid_scope", 1_002_012, message)
    }

    /// A resource that is not this API.
    #[must_use]
    pub fn resource(resource: &str, tenant: &str) -> Self {
        let message = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. Ask for \
             https://graph.microsoft.com or for this server's address."
        );
        Self::new(400, "invalid_resource", 500_011, message)
    }

    /// Another verb than POST.
    #[must_use]
    pub fn verb(verb: &str) -> Self {
        let message = format!("The endpoint only accepts POST requests. Received a {verb} request.");
        Self::new(405, "invalid_request", 900_561, message)
    }

    /// A request whose body or head cannot be read.
    #[must_use]
    pub fn unreadable(error: &GraphError) -> Self {
        Self::new(error.status, "invalid_request", 90_014, error.message.clone())
    }

    /// A fault of ours: the cause is in the log.
    #[must_use]
    pub fn fault(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "the token endpoint failed");
        Self::new(503, "temporarily_unavailable", 90_033, "A transient error has occurred. Please try again.")
    }
}
