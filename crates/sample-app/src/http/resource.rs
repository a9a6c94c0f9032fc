//! Requests for one resource.

use std::sync::Arc;

use http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{Method, StatusCode};
use provisor_scim::PatchRequest;

use super::body::{RequestBody, parse_json};
use super::{Answer, Refused, empty, is_long, not_allowed, one, query, set_etag, work};
use crate::schema::Kind;
use crate::service::{App, Versions};
use crate::stats::count;

/// A resource, and what a request says about it besides the body.
pub(super) struct Resource {
    kind: Kind,
    id: String,
    query: String,
    if_match: Option<Versions>,
    if_none_match: Option<Versions>,
}

impl Resource {
    pub(super) fn new(kind: Kind, id: String, query: String, headers: &HeaderMap) -> Self {
        let versions = |name: &HeaderName| {
            headers.get(name).map(|tags| Versions::parse(tags.to_str().unwrap_or_default()))
        };
        Self { kind, id, query, if_match: versions(&IF_MATCH), if_none_match: versions(&IF_NONE_MATCH) }
    }

    pub(super) async fn answer(
        self,
        app: &Arc<App>,
        method: &Method,
        body: &mut RequestBody,
    ) -> Result<Answer, Refused> {
        let kind = self.kind;
        let inner = Arc::clone(app);
        match *method {
            Method::GET => {
                count(&app.counters.gets);
                // The attributes that are asked for are picked out of the whole.
                let long = kind == Kind::Group && !self.query.is_empty();
                work(app, long, move || self.get(&inner)).await
            }
            Method::PUT => {
                count(&app.counters.puts);
                let body = body.read(kind.max_body()).await?;
                work(app, is_long(kind, &body), move || self.put(&inner, &body)).await
            }
            Method::PATCH => {
                count(&app.counters.patches);
                let body = body.read(kind.max_body()).await?;
                work(app, is_long(kind, &body), move || self.patch(&inner, &body)).await
            }
            Method::DELETE => {
                count(&app.counters.deletes);
                app.delete(kind, &self.id, self.if_match.as_ref())?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            _ => Err(not_allowed("GET, HEAD, PUT, PATCH, DELETE")),
        }
    }

    fn get(&self, app: &App) -> Result<Answer, Refused> {
        let record = app.get(self.kind, &self.id)?;
        if self.if_none_match.as_ref().is_some_and(|known| known.name(record.version)) {
            let mut answer = empty(StatusCode::NOT_MODIFIED);
            set_etag(answer.headers_mut(), &record);
            return Ok(answer);
        }
        one(&record, &self.query, StatusCode::OK)
    }

    fn put(&self, app: &App, body: &[u8]) -> Result<Answer, Refused> {
        let record = app.put(self.kind, &self.id, parse_json(body)?, self.if_match.as_ref())?;
        one(&record, &self.query, StatusCode::OK)
    }

    fn patch(&self, app: &App, body: &[u8]) -> Result<Answer, Refused> {
        let changes = PatchRequest::from_value(parse_json(body)?)?;
        let record = app.patch(self.kind, &self.id, &changes, self.if_match.as_ref())?;
        // A group may be large, and who changes it rarely wants all its members back; RFC 7644
        // (3.5.2) leaves the choice unless attributes were asked for.
        if self.kind == Kind::Group && query::projection(&self.query)?.is_all() {
            let mut answer = empty(StatusCode::NO_CONTENT);
            set_etag(answer.headers_mut(), &record);
            return Ok(answer);
        }
        one(&record, &self.query, StatusCode::OK)
    }
}
