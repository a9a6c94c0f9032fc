//! The HTTP shell around the API: one entry point, [`handle`], that needs no socket.

pub mod auth;
pub mod body;
pub mod compression;
pub mod error;
pub mod forwarded;
pub mod listener;
pub mod request;
pub mod response;
pub mod throttle;

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::{CONNECTION, HeaderValue, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Method, Request, Response, Version as HttpVersion};
use provisor_graph::error::GraphError;
use provisor_graph::odata::options::QueryOptions;
use provisor_graph::odata::path::{self, Segment};

use crate::api::router::{self, Instead, Matched, Unmatched};
use crate::api::{openapi, ownership};
use crate::identity::endpoint::Endpoint;
use crate::state::ApiState;
use body::Upload;
use error::Failure;
use request::{Call, Identity, Version};
use response::{Body, Echo, Reply};

/// The ends of paths whose bodies may be as large as a schema.
const CARRY_SCHEMAS: [&str; 5] =
    ["/schema", "/templates", "/templates/{template}", "/directories", "/directories/{directory}"];

/// Answers one request. Whatever happens, the answer is Graph's: an error, even a panic, has its body and its
/// `request-id`.
pub async fn handle<B>(state: Arc<ApiState>, request: Request<B>) -> Response<Body>
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Display,
{
    let (head, body) = request.into_parts();
    let head = Arc::new(head);
    let mut upload = Upload::new(body);
    let identity = Identity::new(state.ids.uuid(), &head.headers);
    let echo = Echo {
        identity: &identity,
        method: &head.method,
        no_metadata: request::wants_no_metadata(&head.headers),
        directory: is_directory(head.uri.path()),
        gzip: compression::accepts_gzip(&head.headers),
    };
    if let Some(response) = health(&state, &head, echo).await {
        return response;
    }
    if let Some(version) = described(&head) {
        return response::render(Reply::document("application/json", openapi::text(version)), echo);
    }
    if let Some(endpoint) = Endpoint::of(head.uri.path()) {
        let answer = AssertUnwindSafe(endpoint.answer(&state, &head, &mut upload, &identity)).catch_unwind();
        let response = answer.await.unwrap_or_else(|_| {
            tracing::error!(request = identity.request_id, path = head.uri.path(), "an endpoint panicked");
            response::render_error(&GraphError::internal(), state.clock.now(), None, echo)
        });
        return finish(response, &head, upload);
    }
    if head.method == Method::OPTIONS
        && let Some(allow) = below_version(head.uri.path())
            .ok()
            .and_then(|place| router::options(place.version, &place.segments))
    {
        return response::render_options(&allow, echo);
    }
    let answer = AssertUnwindSafe(answer(&state, &head, &mut upload)).catch_unwind().await;
    let outcome = answer.unwrap_or_else(|_| {
        tracing::error!(request = identity.request_id, path = head.uri.path(), "a handler panicked");
        Err(GraphError::internal().into())
    });
    match outcome {
        Ok(reply) => response::render(reply, echo),
        Err(Unmatched { error, instead }) => {
            if is_fault(error.status) {
                let id = &identity.request_id;
                tracing::error!(
                    request = id,
                    path = head.uri.path(),
                    status = error.status,
                    "a request failed"
                );
            }
            let mut response = response::render_error(&error, state.clock.now(), instead.as_ref(), echo);
            if error.status == 401
                && let Some(challenge) =
                    state.base_url(&head).ok().and_then(|base| response::challenge(&base))
            {
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
            finish(response, &head, upload)
        }
    }
}

/// An answer that is given before the whole body was read takes in the rest of it and ends the connection.
fn finish<B>(mut response: Response<Body>, head: &Parts, upload: Upload<B>) -> Response<Body>
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Display,
{
    if upload.is_coming(&head.headers) {
        // In HTTP/2 only the stream ends; there the header is not allowed.
        if head.version <= HttpVersion::HTTP_11 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        tokio::spawn(upload.discard());
    }
    response
}

/// Whether a status tells of a fault of ours. What is not implemented is no fault: clients probe for it.
const fn is_fault(status: u16) -> bool {
    status >= 500 && status != 501
}

/// Checks the token, the path, the permission, the query, then reads the body and runs the handler.
async fn answer<B>(state: &Arc<ApiState>, head: &Arc<Parts>, body: &mut Upload<B>) -> Result<Reply, Unmatched>
where
    B: hyper::body::Body<Data = Bytes>,
    B::Error: Display,
{
    let base = state.base_url(head)?;
    let caller = state.auth.caller(&state.authority, &base, &head.headers).await?;
    let place = below_version(head.uri.path())?;
    let Matched { route, set, keys } = router::find(place.version, &head.method, &place.segments)?;
    state.throttle.count(&caller, route.pattern).map_err(Unmatched::throttled)?;
    let options = QueryOptions::parse(head.uri.query().unwrap_or(""))?;
    let mut call = Call {
        state: Arc::clone(state),
        caller,
        version: place.version,
        base,
        head: Arc::clone(head),
        route,
        set,
        keys,
        options,
        body: Bytes::new(),
        no_metadata: request::wants_no_metadata(&head.headers),
    };
    ownership::authorize(&call).await.map_err(|Failure(error)| error)?;
    route.check_query(&call.options)?;
    if !request::is_read(&head.method) {
        let carries_schema = CARRY_SCHEMAS.iter().any(|end| route.pattern.ends_with(end));
        let limit = if carries_schema { state.limits.schema_body } else { state.limits.body };
        call.body = body::read(&head.headers, body, limit).await?;
    }
    let base = call.base.clone();
    (route.run)(call).await.map_err(|Failure(error)| {
        // A change tracking that cannot go on begins again there.
        let afresh = || format!("{base}/{}/{}?$deltatoken=", place.version.as_str(), place.path);
        let instead = (error.status == 410).then(|| Instead::There(afresh()));
        Unmatched { error, instead }
    })
}

/// A path split into its version and what follows.
struct Place<'a> {
    version: Version,
    path: &'a str,
    segments: Vec<Segment>,
}

fn below_version(path: &str) -> Result<Place<'_>, GraphError> {
    let path = path.trim_start_matches('/');
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let version = Version::parse(first)
        .ok_or_else(|| GraphError::bad_request(format!("Invalid version: {first}. Use v1.0 or beta.")))?;
    let rest = rest.trim_end_matches('/');
    Ok(Place { version, path: rest, segments: path::parse(rest)? })
}

/// The unauthenticated probes: `/healthz` (the process answers) and `/readyz` (so does the store).
async fn health(state: &ApiState, head: &Parts, echo: Echo<'_>) -> Option<Response<Body>> {
    if !request::is_read(&head.method) {
        return None;
    }
    match head.uri.path() {
        "/healthz" => Some(response::render(Reply::text(&"ok"), echo)),
        "/readyz" => Some(match state.store.head().await {
            Ok(_) => response::render(Reply::text(&"ready"), echo),
            Err(error) => {
                tracing::warn!(%error, "not ready");
                let error = GraphError::unavailable("The store does not answer.");
                response::render_error(&error, state.clock.now(), None, echo)
            }
        }),
        _ => None,
    }
}

/// The version whose description is asked for. Everybody may read it, as they may read the documentation.
fn described(head: &Parts) -> Option<Version> {
    const FOLDER: &str = "/openapi/";
    let (folder, name) = head.uri.path().split_at_checked(FOLDER.len())?;
    if !request::is_read(&head.method) || !folder.eq_ignore_ascii_case(FOLDER) {
        return None;
    }
    let (version, ending) = name.rsplit_once('.')?;
    Version::parse(version).filter(|_| ending.eq_ignore_ascii_case("json"))
}

/// Whether a path belongs to the directory rather than to synchronization or its log.
fn is_directory(path: &str) -> bool {
    let is_other = |segment: &str| {
        ["synchronization", "auditlogs"].iter().any(|other| segment.eq_ignore_ascii_case(other))
    };
    !path.split('/').any(is_other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_no_fault() {
        assert!(is_fault(GraphError::internal().status));
        assert!(is_fault(GraphError::unavailable("").status));
        assert!(!is_fault(GraphError::not_implemented().status));
        assert!(!is_fault(404));
    }
}
