//! Graph's error: a status, a code, a message, and the JSON body around them.

use jiff::Timestamp;
use serde::Serialize;

#[cfg(test)]
mod tests;

/// One finding of several (`error.details`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorDetail {
    /// A code that programs read: `ObjectConflict`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// The property or place that the finding is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// An error as Graph answers it. The messages are those that clients recognise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub struct GraphError {
    /// The HTTP status.
    pub status: u16,
    /// `error.code`
    pub code: String,
    /// `error.message`
    pub message: String,
    /// `error.details`; not printed when empty.
    pub details: Vec<ErrorDetail>,
}

/// The code of most errors of the directory.
const DIRECTORY_BAD_REQUEST: &str = "Request_BadRequest";
/// The code for what the gateway refuses: syntax, paths, JSON.
const BAD_REQUEST: &str = "BadRequest";
/// The code for queries that are well-formed but not possible.
const UNSUPPORTED_QUERY: &str = "Request_UnsupportedQuery";
/// The code for a unique value that another object has.
const SAME_KEY_VALUE: &str = "Request_MultipleObjectsWithSameKeyValue";
const UNREADABLE: &str = "Unable to read JSON request payload. Please ensure Content-Type header is set and \
                          payload is of valid JSON format.";

impl GraphError {
    /// An error of these parts, without details.
    #[must_use]
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), details: Vec::new() }
    }

    /// The same error with one detail, whose message is the error's.
    #[must_use]
    fn with_detail(mut self, code: &str, target: &str) -> Self {
        self.details.push(ErrorDetail {
            code: code.to_owned(),
            message: self.message.clone(),
            target: Some(target.to_owned()),
        });
        self
    }

    /// The JSON of the response. `date` is printed in UTC, to the second, without a zone, as Graph does.
    #[must_use]
    pub fn body(&self, date: Timestamp, request_id: &str, client_request_id: &str) -> Vec<u8> {
        let date = date.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let body = Body {
            error: BodyError {
                code: &self.code,
                message: &self.message,
                details: &self.details,
                inner_error: InnerError { date: &date, request_id, client_request_id },
            },
        };
        // Texts under text keys: printing them cannot fail.
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Body<'a> {
    error: BodyError<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BodyError<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    details: &'a [ErrorDetail],
    inner_error: InnerError<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct InnerError<'a> {
    date: &'a str,
    request_id: &'a str,
    client_request_id: &'a str,
}

/// Requests that the gateway refuses.
impl GraphError {
    /// 400 `BadRequest` with a message of its own.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, BAD_REQUEST, message)
    }

    /// 400 for a path whose segment `segment` means nothing.
    #[must_use]
    pub fn segment_not_found(segment: &str) -> Self {
        Self::bad_request(format!("Resource not found for the segment '{segment}'."))
    }

    /// 405 for a known path with another verb.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(405, DIRECTORY_BAD_REQUEST, "Specified HTTP method is not allowed for the request target.")
    }

    /// 400 for a body that is no JSON, empty, or declared as something else.
    #[must_use]
    pub fn unreadable_payload() -> Self {
        Self::bad_request(UNREADABLE)
    }

    /// 400 for malformed JSON: Graph's message, then where the JSON breaks and why.
    #[must_use]
    pub fn malformed_json(line: usize, column: usize, why: &str) -> Self {
        Self::bad_request(format!("{UNREADABLE} (line {line}, column {column}: {why})"))
    }

    /// 413 for a body of more than `limit` bytes.
    #[must_use]
    pub fn payload_too_large(limit: usize) -> Self {
        Self::new(413, "RequestEntityTooLarge", format!("The request body is larger than {limit} bytes."))
    }

    /// 415 for a content type or encoding that cannot be read.
    #[must_use]
    pub fn unsupported_media_type(what: &str) -> Self {
        let message =
            format!("The content type or encoding '{what}' is not supported; send plain or gzip JSON.");
        Self::new(415, "UnsupportedMediaType", message)
    }

    /// 401 with one of Graph's messages about the access token.
    #[must_use]
    pub fn unauthenticated(message: &str) -> Self {
        Self::new(401, "InvalidAuthenticationToken", message)
    }

    /// The same with a sentence more: why, or what to do.
    #[must_use]
    pub fn because(mut self, sentence: impl AsRef<str>) -> Self {
        self.message.push(' ');
        self.message.push_str(sentence.as_ref());
        self
    }

    /// 403 for a caller without the permission.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    }

    /// 501 for what Graph has and this server has not. Clients do not repeat a 501.
    #[must_use]
    pub fn not_implemented() -> Self {
        Self::new(501, "NotImplemented", "This operation target is not yet supported.")
    }

    /// 500 for a fault of ours: the cause is in the log, not in the answer.
    #[must_use]
    pub fn internal() -> Self {
        let message =
            "The server failed to process the request; its log has the cause under this request-id.";
        Self::new(500, "InternalServerError", message)
    }

    /// 503: try again later.
    #[must_use]
    pub fn unavailable(message: &str) -> Self {
        Self::new(503, "ServiceUnavailable", message)
    }

    /// 429: try again in so many seconds. The answer wants a `Retry-After` header beside it.
    #[must_use]
    pub fn too_many_requests(seconds: u32) -> Self {
        let message = format!("Too many requests. Please retry after {seconds} seconds.");
        Self::new(429, "TooManyRequests", message)
    }
}

/// Objects, properties and relationships of the directory.
impl GraphError {
    /// 400 `Request_BadRequest` with a message of its own.
    #[must_use]
    pub fn directory_bad_request(message: impl Into<String>) -> Self {
        Self::new(400, DIRECTORY_BAD_REQUEST, message)
    }

    /// 404 for a directory object; `name` is its id, or the name of an empty navigation such as `manager`.
    #[must_use]
    pub fn not_found(name: &str) -> Self {
        let message = format!(
            "Resource '{name}' does not exist or one of its queried reference-property objects are not present."
        );
        Self::new(404, "Request_ResourceNotFound", message)
    }

    /// 400 for an id that is no GUID.
    #[must_use]
    pub fn invalid_object_identifier(id: &str) -> Self {
        Self::directory_bad_request(format!("Invalid object identifier '{id}'."))
    }

    /// 400 for a property that a new `resource` (`User`, `Group`) must have.
    #[must_use]
    pub fn missing_property(property: &str, resource: &str) -> Self {
        let message = format!("A value is required for property '{property}' of resource '{resource}'.");
        Self::directory_bad_request(message)
    }

    /// 400 for a value that the property cannot have.
    #[must_use]
    pub fn invalid_value(property: &str, resource: &str) -> Self {
        let message = format!("Invalid value specified for property '{property}' of resource '{resource}'.");
        Self::directory_bad_request(message).with_detail("InvalidValue", property)
    }

    /// 400 for a property that the type does not have.
    #[must_use]
    pub fn unknown_property(property: &str) -> Self {
        Self::bad_request(format!("Invalid property '{property}'."))
    }

    /// 400 for a property that only the server sets.
    #[must_use]
    pub fn read_only_property(property: &str) -> Self {
        Self::directory_bad_request(format!("Property '{property}' is read-only and cannot be set."))
    }

    /// 400 for a value that another object has and that is unique. (Users and groups: 400, not 409.)
    #[must_use]
    pub fn conflict(property: &str) -> Self {
        let message = format!("Another object with the same value for property {property} already exists.");
        Self::directory_bad_request(message).with_detail("ObjectConflict", property)
    }

    /// 400 for an object that is in `relation` (`members`, `owners`) already.
    #[must_use]
    pub fn references_exist(relation: &str) -> Self {
        Self::directory_bad_request(format!(
            "One or more added object references already exist for the following modified properties: \
             '{relation}'."
        ))
    }

    /// 400 for a second assignment of the same role.
    #[must_use]
    pub fn assignment_exists() -> Self {
        Self::directory_bad_request("Permission being assigned already exists on the object")
            .with_detail("InvalidUpdate", "appRoleId")
    }

    /// 400 for a role that the application does not have.
    #[must_use]
    pub fn role_not_found() -> Self {
        Self::directory_bad_request("Permission being assigned was not found on application")
    }

    /// 400 for a service principal whose `appId` is no application's.
    #[must_use]
    pub fn no_backing_application(app_id: &str) -> Self {
        let message = format!(
            "The appId '{app_id}' of the service principal does not reference a valid application object."
        );
        Self::directory_bad_request(message).with_detail("NoBackingApplicationObject", "appId")
    }

    /// 409 for a value that another application has and that is unique.
    #[must_use]
    pub fn same_key_value(property: &str) -> Self {
        let message = format!("Another object with the same value for property {property} already exists.");
        Self::new(409, SAME_KEY_VALUE, message).with_detail("ObjectConflict", property)
    }

    /// 400 for a role that is taken away while it is enabled.
    #[must_use]
    pub fn enabled_entitlement() -> Self {
        let message = "Permission (scope or role) cannot be deleted or updated unless disabled first.";
        let error = Self::new(400, "CannotDeleteOrUpdateEnabledEntitlement", message);
        error.with_detail("CannotDeleteOrUpdateEnabledEntitlement", "appRoles")
    }

    /// 409 for a second service principal of one application.
    #[must_use]
    pub fn service_principal_exists(app_id: &str) -> Self {
        let message = format!(
            "The service principal cannot be created, updated, or restored because the service principal name \
             {app_id} is already in use."
        );
        Self::new(409, SAME_KEY_VALUE, message).with_detail("ObjectConflict", "servicePrincipalNames")
    }
}

/// Jobs, templates, schemas.
impl GraphError {
    /// 404 `ResourceNotFound` with a message that names the kind and the id.
    #[must_use]
    pub fn resource_not_found(message: impl Into<String>) -> Self {
        Self::new(404, "ResourceNotFound", message)
    }

    /// 404 for a synchronization job.
    #[must_use]
    pub fn job_not_found(id: &str) -> Self {
        Self::resource_not_found(format!("Synchronization job '{id}' was not found."))
    }
}

/// Query options.
impl GraphError {
    /// 400 for a query that is well-formed and not possible.
    #[must_use]
    pub fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(400, UNSUPPORTED_QUERY, message)
    }

    /// 400 for a `$filter` that cannot be read.
    #[must_use]
    pub fn invalid_filter(detail: &str) -> Self {
        Self::bad_request(format!("Invalid filter clause: {detail}"))
    }

    /// 400 for a `$select` of a property that the type does not have.
    #[must_use]
    pub fn unknown_select(property: &str, type_name: &str) -> Self {
        Self::bad_request(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{property}' on type \
             'microsoft.graph.{type_name}'."
        ))
    }

    /// 400 for a `$orderby` of a property that the type does not have.
    #[must_use]
    pub fn unknown_order(property: &str, type_name: &str) -> Self {
        Self::bad_request(format!(
            "Invalid $orderby: Could not find a property named '{property}' on type 'microsoft.graph.{type_name}'."
        ))
    }

    /// 400 for a relationship with an object of a kind that it does not take.
    #[must_use]
    pub fn unfit_reference(relation: &str, id: &str, kind: &str, taken: &str) -> Self {
        Self::directory_bad_request(format!(
            "An invalid operation was included in the following modified references: '{relation}'. '{id}' is a \
             {kind}; this takes {taken}."
        ))
    }

    /// 400 for a `$search` from a client that does not admit eventual consistency, which Graph asks for.
    #[must_use]
    pub fn search_not_eventual() -> Self {
        Self::unsupported_query(
            "Request with $search query parameter only works through MSGraph with a special request header: \
             'ConsistencyLevel: eventual'",
        )
    }

    /// 400 for a `$orderby` of a property that objects cannot be sorted by.
    #[must_use]
    pub fn unsortable(property: &str) -> Self {
        let message = format!(
            "Sorting not supported for current query: '{property}' is a collection or an object; sort by a text, \
             a number, an instant or a boolean."
        );
        Self::unsupported_query(message)
    }

    /// 400 for a `$top` outside 1 to `max`.
    #[must_use]
    pub fn invalid_page_size(top: u64, max: u64) -> Self {
        let message = format!("Invalid page size specified: '{top}'. Must be between 1 and {max} inclusive.");
        Self::unsupported_query(message)
    }

    /// 400 for a `$skiptoken` that is not ours.
    #[must_use]
    pub fn expired_page_token() -> Self {
        let message =
            "The specified page token value has expired and can no longer be included in your request.";
        Self::new(400, "Directory_ExpiredPageToken", message)
    }

    /// 410 for a delta token that is not ours or too old: the client starts again.
    #[must_use]
    pub fn sync_state_not_found() -> Self {
        let message = "The delta token is not usable any more; start again without a token.";
        Self::new(410, "syncStateNotFound", message)
    }

    /// 400 for a count of directory objects without `ConsistencyLevel: eventual`.
    #[must_use]
    pub fn count_not_supported() -> Self {
        Self::directory_bad_request("$count is not currently supported.")
            .because("It is with the header 'ConsistencyLevel: eventual'.")
    }
}
