//! Answers: what handlers give back, and how it becomes an HTTP response with Graph's headers.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use provisor_graph::error::GraphError;
use serde::Serialize;

use super::compression;
use super::request::{Call, Identity};
use crate::api::router::Instead;
use crate::builtin::GRAPH_APP_ID;

/// The body type of every answer.
pub type Body = Full<Bytes>;

/// What a handler answers.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    location: Option<String>,
    /// The preferences that were honoured (RFC 7240 section 3).
    applied: Option<String>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    None,
    Json(Vec<u8>),
    Text(String),
    /// A document of this media type.
    Document(&'static str, &'static str),
}

/// A page of a collection as it is printed.
#[derive(Serialize)]
struct Page<'a, T> {
    #[serde(rename = "@odata.count", skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(rename = "@odata.nextLink", skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(rename = "@odata.deltaLink", skip_serializing_if = "Option::is_none")]
    delta: Option<String>,
    value: &'a [T],
}

/// What a page tells besides its items.
#[derive(Debug, Default)]
pub struct PageLinks {
    /// `@odata.count`.
    pub count: Option<u64>,
    /// `@odata.nextLink`.
    pub next: Option<String>,
    /// `@odata.deltaLink`.
    pub delta: Option<String>,
}

impl Reply {
    const fn new(status: StatusCode, content: Content) -> Self {
        Self { status, location: None, applied: None, content }
    }

    /// Says which preferences were honoured.
    #[must_use]
    pub fn applying(mut self, preferences: Option<String>) -> Self {
        self.applied = preferences;
        self
    }

    /// 204.
    #[must_use]
    pub const fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Content::None)
    }

    /// 200 with a value that has no context.
    ///
    /// # Errors
    /// 500 when `value` is not printable.
    pub fn value(value: &impl Serialize) -> Result<Self, GraphError> {
        let json = serde_json::to_vec(value).map_err(|error| unprintable(&error, "value"))?;
        Ok(Self::new(StatusCode::OK, Content::Json(json)))
    }

    /// 202 with nothing but where to look: a path below the version, without a leading slash.
    #[must_use]
    pub fn accepted(call: &Call, path: &str) -> Self {
        let mut reply = Self::new(StatusCode::ACCEPTED, Content::None);
        reply.location = Some(call.url(path));
        reply
    }

    /// 200 with plain text: the answer of `/$count`.
    #[must_use]
    pub fn text(text: &impl ToString) -> Self {
        Self::new(StatusCode::OK, Content::Text(text.to_string()))
    }

    /// 200 with a document of a media type.
    #[must_use]
    pub const fn document(media_type: &'static str, text: &'static str) -> Self {
        Self::new(StatusCode::OK, Content::Document(media_type, text))
    }

    /// 200 with one entity or value, after `@odata.context` with this fragment.
    ///
    /// # Errors
    /// 500 when `value` is not printable as a JSON object.
    pub fn entity(call: &Call, fragment: &str, value: &impl Serialize) -> Result<Self, GraphError> {
        let json = with_context(call, fragment, value)?;
        Ok(Self::new(StatusCode::OK, Content::Json(json)))
    }

    /// 201 with the new entity and where it is: a path below the version, without a leading slash.
    ///
    /// # Errors
    /// As [`Reply::entity`].
    pub fn created(
        call: &Call,
        fragment: &str,
        path: &str,
        value: &impl Serialize,
    ) -> Result<Self, GraphError> {
        let mut reply = Self::entity(call, fragment, value)?;
        reply.status = StatusCode::CREATED;
        reply.location = Some(call.url(path));
        Ok(reply)
    }

    /// 200 with a collection.
    ///
    /// # Errors
    /// As [`Reply::entity`].
    pub fn collection(
        call: &Call,
        fragment: &str,
        links: PageLinks,
        value: &[impl Serialize],
    ) -> Result<Self, GraphError> {
        let page = Page { count: links.count, next: links.next, delta: links.delta, value };
        Self::entity(call, fragment, &page)
    }
}

fn unprintable(error: &dyn std::fmt::Display, fragment: &str) -> GraphError {
    tracing::error!(%error, fragment, "an answer cannot be printed");
    GraphError::internal()
}

/// Bytes that an answer's body begins with; most entities fit.
const BODY: usize = 1024;

/// Prints `value` with `@odata.context` as its first member, unless the client wants no metadata.
fn with_context(call: &Call, fragment: &str, value: &impl Serialize) -> Result<Vec<u8>, GraphError> {
    let fail = |error: &dyn std::fmt::Display| unprintable(error, fragment);
    let mut json = Vec::with_capacity(BODY);
    if !call.no_metadata {
        let context = format!("{}/{}/$metadata#{fragment}", call.base, call.version.as_str());
        json.extend_from_slice(b"{\"@odata.context\":");
        serde_json::to_writer(&mut json, &context).map_err(|error| fail(&error))?;
    }
    let begin = json.len();
    serde_json::to_writer(&mut json, value).map_err(|error| fail(&error))?;
    // The brace of the value becomes the comma after the context.
    match json.get_mut(begin..) {
        Some([b'{', ..]) if begin == 0 => {}
        Some([first @ b'{', b'}']) => {
            *first = b'}';
            json.pop();
        }
        Some([first @ b'{', ..]) => *first = b',',
        _ => return Err(fail(&"not an object")),
    }
    Ok(json)
}

/// Facts about the request that the response repeats.
#[derive(Clone, Copy, Debug)]
pub struct Echo<'a> {
    /// The ids of the request.
    pub identity: &'a Identity,
    /// The verb; a `HEAD` is answered without its body.
    pub method: &'a Method,
    /// Whether the client wants no OData metadata.
    pub no_metadata: bool,
    /// Whether the path belongs to the directory.
    pub directory: bool,
    /// Whether the client takes gzip.
    pub gzip: bool,
}

const MINIMAL: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const NONE: &str =
    "application/json;odata.metadata=none;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
/// As many headers as an answer mostly has, and a few more.
const HEADERS: usize = 12;
/// What a client waits after a 503, in seconds.
const UNAVAILABLE_SECONDS: u32 = 5;
/// The challenge of a 401 to who calls us by `base`, where tokens are had: deliberately without `claims`, which would
/// make SDKs fetch another token.
#[must_use]
pub fn challenge(base: &str) -> Option<HeaderValue> {
    let uri = format!("{base}/common/oauth2/authorize");
    let text = format!("Bearer realm=\"\", authorization_uri=\"{uri}\", client_id=\"{GRAPH_APP_ID}\"");
    HeaderValue::try_from(text).ok()
}

/// The HTTP response of a reply.
#[must_use]
pub fn render(reply: Reply, echo: Echo<'_>) -> Response<Body> {
    let (content_type, bytes) = match reply.content {
        Content::None => (None, Vec::new()),
        Content::Json(json) => (Some(if echo.no_metadata { NONE } else { MINIMAL }), json),
        Content::Text(text) => (Some("text/plain"), text.into_bytes()),
        Content::Document(media_type, text) => (Some(media_type), text.as_bytes().to_vec()),
    };
    let mut response = response(reply.status, content_type, bytes, echo);
    if let Some(Ok(location)) = reply.location.map(HeaderValue::try_from) {
        response.headers_mut().insert(LOCATION, location);
    }
    if let Some(Ok(applied)) = reply.applied.map(HeaderValue::try_from) {
        response.headers_mut().insert("preference-applied", applied);
    }
    response
}

/// The HTTP response of an error, in Graph's shape.
#[must_use]
pub fn render_error(
    error: &GraphError,
    date: jiff::Timestamp,
    instead: Option<&Instead>,
    echo: Echo<'_>,
) -> Response<Body> {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = error.body(date, &echo.identity.request_id, &echo.identity.client_request_id);
    let mut response = response(status, Some("application/json"), body, echo);
    let headers = response.headers_mut();
    let hint = instead.map(|instead| match instead {
        Instead::Verbs(verbs) => (ALLOW, HeaderValue::try_from(verbs)),
        Instead::There(url) => (LOCATION, HeaderValue::try_from(url)),
        Instead::Later(seconds) => (RETRY_AFTER, Ok(HeaderValue::from(*seconds))),
    });
    if let Some((name, Ok(value))) = hint {
        headers.insert(name, value);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from(UNAVAILABLE_SECONDS));
    }
    response
}

/// The answer to `OPTIONS`: the verbs of the path.
#[must_use]
pub fn render_options(allow: &str, echo: Echo<'_>) -> Response<Body> {
    let mut response = response(StatusCode::NO_CONTENT, None, Vec::new(), echo);
    if let Ok(allow) = HeaderValue::try_from(allow) {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

fn response(
    status: StatusCode,
    content_type: Option<&'static str>,
    bytes: Vec<u8>,
    echo: Echo<'_>,
) -> Response<Body> {
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.headers_mut() = HeaderMap::with_capacity(HEADERS);
    let headers = response.headers_mut();
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    }
    let cache = if echo.directory { "no-cache" } else { "private" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(ODATA_VERSION, HeaderValue::from_static("4.0"));
    for (name, id) in
        [(REQUEST_ID, &echo.identity.request_id), (CLIENT_REQUEST_ID, &echo.identity.client_request_id)]
    {
        if let Ok(value) = HeaderValue::try_from(id) {
            headers.insert(name, value);
        }
    }
    compression::compressed(echo.gzip, echo.method, bytes, response)
}
