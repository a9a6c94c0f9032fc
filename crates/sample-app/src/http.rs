//! The HTTP side: a router of a dozen routes, bodies within bounds, answers and errors as SCIM wants.

mod body;
mod query;
mod resource;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ALLOW, AUTHORIZATION, CONNECTION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, LOCATION,
    WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use provisor_scim::resource::MEDIA_TYPE;
use provisor_scim::{ListResponse, ScimError};
use serde::Serialize;

use self::body::{RequestBody, parse_json};
use self::resource::Resource;
use crate::schema::{self, Kind};
use crate::service::{App, ListRequest, etag, project};
use crate::stats::count;
use crate::store::{Record, is_indexed};

type Answer = Response<Full<Bytes>>;

/// From this size of a body on, in bytes, reading it is long work.
const LONG_BODY: usize = 64 * 1024;

/// Where a request goes.
enum Route {
    Collection(Kind),
    Resource(Kind, String),
    Search(Kind),
    ServiceProviderConfig,
    Schemas,
    Schema(String),
    ResourceTypes,
    ResourceType(String),
    /// Known to the RFC and not offered.
    NotOffered(&'static str),
}

/// Answers one request.
pub(crate) async fn answer(app: &Arc<App>, request: Request<Incoming>) -> Answer {
    count(&app.counters.requests);
    let (head, body) = request.into_parts();
    let mut body = RequestBody::new(&head.headers, body);
    match route(app, &head, &mut body).await {
        Ok(answer) => answer,
        Err(refused) => {
            tracing::debug!(status = refused.error.status, detail = %refused.error.detail, "refused");
            let ended = body.discard().await && refused.error.status != 413;
            let mut answer = refused.into_answer();
            if !ended {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            answer
        }
    }
}

/// An error with a header that belongs to it.
struct Refused {
    error: ScimError,
    header: Option<(HeaderName, &'static str)>,
}

impl From<ScimError> for Refused {
    fn from(error: ScimError) -> Self {
        Self { error, header: None }
    }
}

impl Refused {
    fn into_answer(self) -> Answer {
        let status = StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = body(status, Bytes::from(self.error.to_value().to_string()));
        if let Some((name, value)) = self.header {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        answer
    }
}

async fn route(app: &Arc<App>, head: &Parts, body: &mut RequestBody) -> Result<Answer, Refused> {
    if !app.admits(head.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes)) {
        return Err(Refused {
            error: ScimError::new(401, "the bearer token is missing or wrong"),
            header: Some((WWW_AUTHENTICATE, "Bearer realm=\"scim\"")),
        });
    }
    let route = find(head.uri.path())?;
    let query = head.uri.query().unwrap_or_default().to_owned();
    // What a HEAD is answered with is a GET's answer, of which hyper leaves out the body.
    let method = if head.method == Method::HEAD { &Method::GET } else { &head.method };
    match (method, route) {
        (&Method::GET, Route::Collection(kind)) => {
            count(&app.counters.queries);
            list(app, kind, query::list(&query)?).await
        }
        (&Method::POST, Route::Collection(kind)) => {
            count(&app.counters.creates);
            let body = body.read(kind.max_body()).await?;
            let inner = Arc::clone(app);
            work(app, is_long(kind, &body), move || create(&inner, kind, &body, &query)).await
        }
        (&Method::POST, Route::Search(kind)) => {
            count(&app.counters.queries);
            let search = parse_json(&body.read(Kind::User.max_body()).await?)?;
            list(app, kind, query::search(search)?).await
        }
        (method, Route::Resource(kind, id)) => {
            Resource::new(kind, id, query, &head.headers).answer(app, method, body).await
        }
        (&Method::GET, route) => about(route, &query),
        (_, Route::NotOffered(what)) => Err(ScimError::new(501, format!("{what} is not offered")).into()),
        (_, Route::Collection(_)) => Err(not_allowed("GET, HEAD, POST")),
        (_, Route::Search(_)) => Err(not_allowed("POST")),
        _ => Err(not_allowed("GET, HEAD")),
    }
}

async fn list(app: &Arc<App>, kind: Kind, request: ListRequest) -> Result<Answer, Refused> {
    let scans = request.filter.as_ref().is_some_and(|filter| !is_indexed(kind, filter));
    let inner = Arc::clone(app);
    work(app, kind == Kind::Group || scans, move || Ok(body(StatusCode::OK, inner.list(kind, &request)?)))
        .await
}

fn create(app: &App, kind: Kind, body: &[u8], query: &str) -> Result<Answer, Refused> {
    let record = app.create(kind, parse_json(body)?)?;
    let mut answer = one(&record, query, StatusCode::CREATED)?;
    if let Ok(location) = HeaderValue::try_from(app.location(kind, &record.id)) {
        answer.headers_mut().insert(LOCATION, location);
    }
    Ok(answer)
}

/// Whether a change takes long enough to keep other requests waiting: groups may have members
/// without number.
fn is_long(kind: Kind, body: &[u8]) -> bool {
    kind == Kind::Group || body.len() > LONG_BODY
}

/// Does the work of a request; long work away from the threads that serve connections.
async fn work(
    app: &App,
    long: bool,
    job: impl FnOnce() -> Result<Answer, Refused> + Send + 'static,
) -> Result<Answer, Refused> {
    if !long {
        return job();
    }
    let permit = Arc::clone(&app.long_work).acquire_owned().await;
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        job()
    });
    done.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request could not be worked on");
        Err(ScimError::new(500, "the request could not be worked on; see the server's log").into())
    })
}

/// What the application says about itself, which nobody may filter (RFC 7644, 4).
fn about(route: Route, query: &str) -> Result<Answer, Refused> {
    let about_itself = !matches!(route, Route::Search(_) | Route::NotOffered(_));
    if about_itself && query::has_filter(query) {
        return Err(ScimError::new(403, "this path cannot be filtered; leave out the filter").into());
    }
    match route {
        Route::ServiceProviderConfig => json(&schema::service_provider_config()),
        Route::Schemas => json(&ListResponse::all(schema::SCHEMAS.iter().collect())),
        Route::Schema(id) => {
            let found = schema::SCHEMAS.iter().find(|schema| schema.id.eq_ignore_ascii_case(&id));
            json(found.ok_or_else(|| ScimError::new(404, format!("there is no schema {id:?}")))?)
        }
        Route::ResourceTypes => json(&ListResponse::all(schema::resource_types().into())),
        Route::ResourceType(name) => {
            let found = schema::resource_types().into_iter().find(|kind| kind.name == name);
            json(&found.ok_or_else(|| ScimError::new(404, format!("there is no resource type {name:?}")))?)
        }
        Route::Search(_) => Err(not_allowed("POST")),
        Route::NotOffered(what) => Err(ScimError::new(501, format!("{what} is not offered")).into()),
        Route::Collection(_) | Route::Resource(..) => Err(nothing_here()),
    }
}

fn find(path: &str) -> Result<Route, Refused> {
    let path =
        path.strip_prefix("/scim/v2").filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path);
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let (first, second, more) = (segments.next(), segments.next(), segments.next());
    if more.is_some() {
        return Err(nothing_here());
    }
    let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    let kind = Kind::ALL.into_iter().find(|kind| Some(kind.endpoint()) == first);
    match (kind, first, second) {
        (Some(kind), _, None) => Ok(Route::Collection(kind)),
        (Some(kind), _, Some(".search")) => Ok(Route::Search(kind)),
        (Some(kind), _, Some(id)) => Ok(Route::Resource(kind, decoded(id))),
        (_, Some("ServiceProviderConfig"), None) => Ok(Route::ServiceProviderConfig),
        (_, Some("Schemas"), None) => Ok(Route::Schemas),
        (_, Some("Schemas"), Some(id)) => Ok(Route::Schema(decoded(id))),
        (_, Some("ResourceTypes"), None) => Ok(Route::ResourceTypes),
        (_, Some("ResourceTypes"), Some(name)) => Ok(Route::ResourceType(decoded(name))),
        (_, Some("Bulk"), None) => Ok(Route::NotOffered("bulk")),
        (_, Some("Me"), _) => Ok(Route::NotOffered("/Me")),
        (_, Some(".search"), None) => Ok(Route::NotOffered("a search over all resource types")),
        _ => Err(nothing_here()),
    }
}

/// An answer with one resource.
fn one(record: &Record, query: &str, status: StatusCode) -> Result<Answer, Refused> {
    let mut answer = body(status, project(record, &query::projection(query)?)?);
    set_etag(answer.headers_mut(), record);
    Ok(answer)
}

fn set_etag(headers: &mut HeaderMap, record: &Record) {
    if let Ok(tag) = HeaderValue::try_from(etag(record.version)) {
        headers.insert(ETAG, tag);
    }
}

fn json(value: &impl Serialize) -> Result<Answer, Refused> {
    let text = serde_json::to_vec(value).map_err(|error| ScimError::new(500, error.to_string()))?;
    Ok(body(StatusCode::OK, text.into()))
}

fn body(status: StatusCode, text: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    answer
}

fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

fn nothing_here() -> Refused {
    ScimError::new(404, "there is nothing at this path; resources are at /scim/v2/Users and /scim/v2/Groups")
        .into()
}

fn not_allowed(allowed: &'static str) -> Refused {
    Refused {
        error: ScimError::new(405, format!("this path answers {allowed}")),
        header: Some((ALLOW, allowed)),
    }
}
