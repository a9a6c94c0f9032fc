//! `$batch`: many requests in one (OData JSON format section 19, with Graph's limits).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::join_all;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::Full;
use provisor_graph::error::GraphError;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

use crate::http::body::{Upload, read};
use crate::http::error::Answer;
use crate::http::request::{Call, Version};
use crate::http::response::{Body, Reply};

/// The most requests of one batch.
const MAX_REQUESTS: usize = 20;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<Item>,
}

/// One request of a batch.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: Id,
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, Json>,
    #[serde(default)]
    body: Option<Json>,
    #[serde(default)]
    depends_on: Vec<Id>,
}

/// The name of a request in its batch. PowerShell counts its requests, so a number is one too.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct Id(String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::String(text) => Ok(Self(text)),
            Json::Number(number) => Ok(Self(number.to_string())),
            _ => Err(D::Error::custom("expected a text")),
        }
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Marks a request that came in a batch.
#[derive(Clone, Copy)]
struct InBatch;

/// Its answer.
#[derive(Serialize)]
struct Outcome {
    id: Id,
    status: u16,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Json>,
}

#[derive(Serialize)]
struct Outcomes {
    responses: Vec<Outcome>,
}

/// `POST /$batch`: requests that depend on nothing run at once, the others after what they depend on; one
/// whose dependency failed is not run and gets 424. Answers stand in the order of the requests.
///
/// # Errors
/// 400 for more than twenty requests, ids that repeat, dependencies that are not there or go in circles.
pub async fn run(call: Call) -> Answer {
    if call.head.extensions.get::<InBatch>().is_some() {
        return Err(GraphError::bad_request("A batch cannot hold another batch.").into());
    }
    let batch: Batch = call.typed("batch")?;
    let order = waves(&batch.requests)?;
    let mut done: HashMap<usize, Outcome> = HashMap::new();
    for wave in order {
        let running = wave.into_iter().map(|index| {
            let item = &batch.requests[index];
            let failed = item.depends_on.iter().any(|id| {
                let dependency = position(&batch.requests, id).and_then(|at| done.get(&at));
                dependency.is_none_or(|outcome| outcome.status >= 400)
            });
            let call = &call;
            async move { (index, if failed { not_run(call, item) } else { one(call, item).await }) }
        });
        // The items of a wave only read `done`, which the wave before has filled.
        let finished: Vec<(usize, Outcome)> = join_all(running).await;
        done.extend(finished);
    }
    let responses = (0..batch.requests.len()).filter_map(|index| done.remove(&index)).collect();
    Ok(Reply::value(&Outcomes { responses })?)
}

fn position(items: &[Item], id: &Id) -> Option<usize> {
    items.iter().position(|item| item.id.0.eq_ignore_ascii_case(&id.0))
}

/// The requests by the round in which each can run.
fn waves(items: &[Item]) -> Result<Vec<Vec<usize>>, GraphError> {
    if items.is_empty() || items.len() > MAX_REQUESTS {
        return Err(GraphError::bad_request(format!(
            "A batch has 1 to {MAX_REQUESTS} requests; this one has {}.",
            items.len()
        )));
    }
    for (index, item) in items.iter().enumerate() {
        if item.id.0.is_empty() || position(items, &item.id) != Some(index) {
            let message = format!("The id '{}' of a request is empty or not unique in the batch.", item.id);
            return Err(GraphError::bad_request(message));
        }
        if let Some(id) = item.depends_on.iter().find(|id| position(items, id).is_none()) {
            let message = format!("Request '{}' depends on '{id}', which is not in the batch.", item.id);
            return Err(GraphError::bad_request(message));
        }
    }
    let mut waves: Vec<Vec<usize>> = Vec::new();
    let mut placed = vec![false; items.len()];
    while placed.contains(&false) {
        let ready: Vec<usize> = (0..items.len())
            .filter(|index| !placed[*index])
            .filter(|index| {
                let dependencies = items[*index].depends_on.iter();
                dependencies.filter_map(|id| position(items, id)).all(|at| placed[at])
            })
            .collect();
        if ready.is_empty() {
            return Err(GraphError::bad_request("Requests of the batch depend on each other in a circle."));
        }
        for index in &ready {
            placed[*index] = true;
        }
        waves.push(ready);
    }
    Ok(waves)
}

async fn one(call: &Call, item: &Item) -> Outcome {
    match request(call, item) {
        Ok(request) => told(&item.id, crate::http::handle(Arc::clone(&call.state), request).await).await,
        Err(error) => failed(call, item, &error),
    }
}

fn not_run(call: &Call, item: &Item) -> Outcome {
    let message = format!("Request '{}' was not run because a request that it depends on failed.", item.id);
    failed(call, item, &GraphError::new(424, "FailedDependency", message))
}

fn failed(call: &Call, item: &Item, error: &GraphError) -> Outcome {
    let id = call.state.ids.uuid().to_string();
    let body = error.body(call.state.clock.now(), &id, &id);
    Outcome {
        id: item.id.clone(),
        status: error.status,
        headers: BTreeMap::from([
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("request-id".to_owned(), id.clone()),
            ("client-request-id".to_owned(), id),
        ]),
        body: serde_json::from_slice(&body).ok(),
    }
}

/// The headers of the batch that say nothing of its items.
const OWN: [HeaderName; 4] = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];

/// Who calls, and by which name and way, is the batch's affair and not that of an item.
fn of_batch(name: &HeaderName) -> bool {
    let way = name == "forwarded" || name.as_str().starts_with("x-forwarded-");
    way || *name == HOST || *name == http::header::AUTHORIZATION || OWN[1..].contains(name)
}

fn request(call: &Call, item: &Item) -> Result<Request<Full<Bytes>>, GraphError> {
    let path = path(&item.url, call.version);
    let method: Method = item
        .method
        .to_ascii_uppercase()
        .parse()
        .map_err(|_| GraphError::bad_request(format!("'{}' is not an HTTP method.", item.method)))?;
    let mut headers: HeaderMap = call.headers().clone();
    for name in OWN {
        headers.remove(name);
    }
    headers.remove("accept-encoding");
    for (name, value) in &item.headers {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let unfit =
            || GraphError::bad_request(format!("The header '{name}' of request '{}' is unfit.", item.id));
        let name: HeaderName = name.parse().map_err(|_| unfit())?;
        if !of_batch(&name) {
            headers.insert(name, HeaderValue::try_from(text).map_err(|_| unfit())?);
        }
    }
    // HTTP/2 names the server in the URI alone.
    let authority = call.head.uri.authority().and_then(|name| HeaderValue::try_from(name.as_str()).ok());
    if let (None, Some(authority)) = (headers.get(HOST), authority) {
        headers.insert(HOST, authority);
    }
    let body = body(item, &headers)?;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .body(Full::new(body))
        .map_err(|error| GraphError::bad_request(format!("The url '{}' is unfit: {error}.", item.url)))?;
    *request.headers_mut() = headers;
    request.extensions_mut().insert(InBatch);
    if let Some(peer) = call.peer() {
        request.extensions_mut().insert(peer);
    }
    Ok(request)
}

/// JSON as it is; anything else comes as base64.
fn body(item: &Item, headers: &HeaderMap) -> Result<Bytes, GraphError> {
    let Some(body) = &item.body else { return Ok(Bytes::new()) };
    let Some(content_type) = headers.get(CONTENT_TYPE) else {
        let message = format!("Request '{}' has a body and no 'Content-Type' in its headers.", item.id);
        return Err(GraphError::bad_request(message));
    };
    let json = content_type.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("json"));
    match body.as_str() {
        Some(text) if !json => STANDARD.decode(text).map(Bytes::from).map_err(|_| {
            GraphError::bad_request(format!("The body of request '{}' is not JSON and not base64.", item.id))
        }),
        _ => Ok(body.to_string().into()),
    }
}

/// The path of an item below the server's root: `url` is relative to the version, with or without a slash;
/// an absolute one is taken without its host.
fn path(url: &str, version: Version) -> String {
    let local = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    let local = local.trim_start_matches('/');
    let first = local.split(['/', '?']).next().unwrap_or_default();
    // Spaces in a query are common in hand-written batches.
    let local = local.replace(' ', "%20");
    if Version::parse(first).is_some() {
        format!("/{local}")
    } else {
        format!("/{}/{local}", version.as_str())
    }
}

async fn told(id: &Id, response: Response<Body>) -> Outcome {
    let (head, body) = response.into_parts();
    // It is our own answer, whole in memory already.
    let bytes = read(&HeaderMap::new(), &mut Upload::new(body), usize::MAX).await.unwrap_or_default();
    let headers = head
        .headers
        .iter()
        .filter(|(name, _)| **name != CONTENT_LENGTH)
        .filter_map(|(name, value)| Some((canonical(name.as_str()), value.to_str().ok()?.to_owned())));
    let body = match serde_json::from_slice(&bytes) {
        _ if bytes.is_empty() => None,
        Ok(json) if is_json(&head.headers) => Some(json),
        _ => Some(STANDARD.encode(&bytes).into()),
    };
    Outcome { id: id.clone(), status: head.status.as_u16(), headers: headers.collect(), body }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

/// `content-type` as `Content-Type`: inside JSON, clients compare header names as texts.
fn canonical(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|letter| {
            let capital = if start { letter.to_ascii_uppercase() } else { letter };
            start = letter == '-';
            capital
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_relative_to_the_version() {
        for (url, wanted) in [
            ("/users?$top=1", "/v1.0/users?$top=1"),
            ("users", "/v1.0/users"),
            ("https://graph.example/beta/users", "/beta/users"),
            ("/v1.0/users?$filter=displayName eq 'a'", "/v1.0/users?$filter=displayName%20eq%20'a'"),
        ] {
            assert_eq!(path(url, Version::V1), wanted);
        }
    }

    fn item(id: &str, depends_on: &[&str]) -> Item {
        Item {
            id: Id(id.to_owned()),
            method: "GET".to_owned(),
            url: "users".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            depends_on: depends_on.iter().map(|id| Id((*id).to_owned())).collect(),
        }
    }

    #[test]
    fn what_depends_runs_later() {
        let items = [item("c", &["a", "B"]), item("a", &[]), item("b", &["a"])];
        assert_eq!(waves(&items).unwrap(), [vec![1], vec![2], vec![0]]);
        for wrong in [
            vec![],
            vec![item("a", &["a"])],
            vec![item("a", &["b"]), item("b", &["a"])],
            vec![item("a", &[]), item("A", &[])],
            vec![item("a", &["x"])],
            (0..21).map(|index| item(&index.to_string(), &[])).collect(),
        ] {
            assert_eq!(waves(&wrong).unwrap_err().status, 400);
        }
    }
}
