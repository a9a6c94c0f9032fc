//! The HTTP side: a router of a dozen routes, bodies within bounds, answers and errors as SCIM wants.

mod query;

use bytes::Bytes;
use http::header::{
    ALLOW, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH,
    IF_NONE_MATCH, LOCATION, WWW_AUTHENTICATE,
};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use provisor_scim::resource::MEDIA_TYPE;
use provisor_scim::{ListResponse, PatchRequest, ScimError, ScimType};
use serde::Serialize;
use serde_json::Value;

use crate::PATIENCE;
use crate::schema::{self, Kind};
use crate::service::{App, Versions, etag, project};
use crate::stats::count;
use crate::store::Record;

type Answer = Response<Full<Bytes>>;

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
pub(crate) async fn answer(app: &App, request: Request<Incoming>) -> Answer {
    count(&app.counters.requests);
    match route(app, request).await {
        Ok(answer) => answer,
        Err(refused) => {
            tracing::debug!(status = refused.error.status, detail = %refused.error.detail, "refused");
            refused.into_answer()
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

async fn route(app: &App, request: Request<Incoming>) -> Result<Answer, Refused> {
    if !app.admits(request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes)) {
        return Err(Refused {
            error: ScimError::new(401, "the bearer token is missing or wrong"),
            header: Some((WWW_AUTHENTICATE, "Bearer realm=\"scim\"")),
        });
    }
    let route = find(request.uri().path())?;
    let query = request.uri().query().unwrap_or_default().to_owned();
    match (request.method(), route) {
        (&Method::GET, Route::Collection(kind)) => {
            count(&app.counters.queries);
            Ok(body(StatusCode::OK, app.list(kind, &query::list(&query)?)?))
        }
        (&Method::POST, Route::Collection(kind)) => {
            count(&app.counters.creates);
            let resource = read_json(kind.max_body(), request).await?;
            let record = app.create(kind, resource)?;
            let mut answer = one(&record, &query, StatusCode::CREATED)?;
            if let Ok(location) = HeaderValue::try_from(app.location(kind, &record.id)) {
                answer.headers_mut().insert(LOCATION, location);
            }
            Ok(answer)
        }
        (&Method::POST, Route::Search(kind)) => {
            count(&app.counters.queries);
            let search = read_json(kind.max_body(), request).await?;
            Ok(body(StatusCode::OK, app.list(kind, &query::search(search)?)?))
        }
        (method, Route::Resource(kind, id)) => {
            let method = method.clone();
            resource(app, kind, &id, &method, &query, request).await
        }
        (&Method::GET, route) => about(route),
        (_, Route::NotOffered(what)) => Err(ScimError::new(501, format!("{what} is not offered")).into()),
        (_, Route::Collection(_)) => Err(not_allowed("GET, POST")),
        (_, Route::Search(_)) => Err(not_allowed("POST")),
        _ => Err(not_allowed("GET")),
    }
}

async fn resource(
    app: &App,
    kind: Kind,
    id: &str,
    method: &Method,
    query: &str,
    request: Request<Incoming>,
) -> Result<Answer, Refused> {
    let versions = |name: &HeaderName| {
        request.headers().get(name).map(|tags| Versions::parse(tags.to_str().unwrap_or_default()))
    };
    let if_match = versions(&IF_MATCH);
    let condition = if_match.as_ref();
    match *method {
        Method::GET => {
            count(&app.counters.gets);
            let record = app.get(kind, id)?;
            if versions(&IF_NONE_MATCH).is_some_and(|known| known.name(record.version)) {
                let mut answer = empty(StatusCode::NOT_MODIFIED);
                set_etag(answer.headers_mut(), &record);
                return Ok(answer);
            }
            one(&record, query, StatusCode::OK)
        }
        Method::PUT => {
            count(&app.counters.puts);
            let replacement = read_json(kind.max_body(), request).await?;
            one(&*app.put(kind, id, replacement, condition)?, query, StatusCode::OK)
        }
        Method::PATCH => {
            count(&app.counters.patches);
            let changes = PatchRequest::from_value(read_json(kind.max_body(), request).await?)?;
            let record = app.patch(kind, id, &changes, condition)?;
            // A group may be large, and who changes it rarely wants all its members back; RFC 7644
            // (3.5.2) leaves the choice unless attributes were asked for.
            if kind == Kind::Group && query::projection(query)?.is_all() {
                let mut answer = empty(StatusCode::NO_CONTENT);
                set_etag(answer.headers_mut(), &record);
                return Ok(answer);
            }
            one(&record, query, StatusCode::OK)
        }
        Method::DELETE => {
            count(&app.counters.deletes);
            app.delete(kind, id, condition)?;
            Ok(empty(StatusCode::NO_CONTENT))
        }
        _ => Err(not_allowed("GET, PUT, PATCH, DELETE")),
    }
}

/// What the application says about itself.
fn about(route: Route) -> Result<Answer, Refused> {
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

/// Reads a JSON body of at most `limit` bytes.
async fn read_json(limit: usize, request: Request<Incoming>) -> Result<Value, Refused> {
    let headers = request.headers();
    let media_type = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    if let Some(text) = media_type {
        let essence = text.split(';').next().unwrap_or_default().trim();
        if ![MEDIA_TYPE, "application/json"].iter().any(|known| essence.eq_ignore_ascii_case(known)) {
            let detail = format!("{essence:?} is not understood; send {MEDIA_TYPE}");
            return Err(ScimError::new(415, detail).into());
        }
    }
    let too_large = || Refused::from(ScimError::new(413, format!("a body may have at most {limit} bytes")));
    let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    #[expect(clippy::disallowed_methods, reason = "the body is bounded by Limited and by time")]
    let reading = Limited::new(request.into_body(), limit).collect();
    let read = tokio::time::timeout(PATIENCE, reading)
        .await
        .map_err(|_| ScimError::new(408, format!("the body took longer than {} s", PATIENCE.as_secs())))?;
    let body = match read {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
        Err(error) => return Err(ScimError::new(400, format!("the body broke off: {error}")).into()),
    };
    serde_json::from_slice(&body).map_err(|error| {
        ScimError::bad_request(ScimType::InvalidSyntax, format!("the body is not JSON: {error}")).into()
    })
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
