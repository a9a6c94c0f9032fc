//! A SCIM client: one HTTP request per method, the answer as it came.
//!
//! It decides nothing about retries. Every failure says whether the request may have been applied
//! ([`ClientError::maybe_applied`]), because a create whose answer was lost must be matched again
//! before it is repeated.

mod body;
mod connect;
mod failure;
mod http_client;
mod response;

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, IF_MATCH};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Method, Request, Uri, Version};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

pub use self::connect::AddressFilter;
pub use self::failure::{ClientError, Phase};
pub use self::http_client::{HttpClient, HttpOptions};
pub use self::response::Response;
use crate::resource::MEDIA_TYPE;

/// Everything but the unreserved characters of RFC 3986 (2.3).
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What may also stand in a path segment; the colons of schema URNs stay readable.
const SEGMENT: &AsciiSet = &STRICT.remove(b':').remove(b'@').remove(b'$').remove(b'!');

/// Requests at once to a server that speaks HTTP/1.0. Each needs a connection of its own there, and such
/// servers serve one after the other and let five wait (Python's `wsgiref`); the connections above that are
/// neither refused nor taken, and time out.
const AT_ONCE: usize = 5;

/// What a list or read request asks for; empty parts are left out of the URL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Query<'a> {
    /// The filter; [`crate::Filter`] writes it.
    pub filter: Option<&'a str>,
    /// The place of the first result, from 1.
    pub start_index: Option<u64>,
    /// The most results on the page.
    pub count: Option<u64>,
    /// The attributes to return, comma-separated.
    pub attributes: Option<&'a str>,
    /// The attributes not to return, comma-separated.
    pub excluded_attributes: Option<&'a str>,
}

/// A client of one SCIM server. Cloning is cheap and shares connections.
#[derive(Clone)]
pub struct ScimClient {
    http: HttpClient,
    target: Arc<Target>,
}

struct Target {
    scheme: Scheme,
    authority: Authority,
    /// The path of the base URL without a slash at its end.
    base_path: String,
    flags: Vec<String>,
    authorization: Option<HeaderValue>,
    places: Arc<Places>,
}

/// The places of a server that cannot keep a connection.
struct Places {
    /// Whether the server's newest answer was HTTP/1.0.
    are_few: AtomicBool,
    free: Semaphore,
}

impl Places {
    fn new() -> Arc<Self> {
        Arc::new(Self { are_few: AtomicBool::new(false), free: Semaphore::new(AT_ONCE) })
    }
}

impl ScimClient {
    /// A client of the server at `base_url`, which may end in a slash and may carry flags such as
    /// `?aadOptscim062020`; flags can be asked for and are never sent.
    ///
    /// # Errors
    /// [`ClientError::InvalidUrl`] when `base_url` is no absolute http or https URL or carries
    /// credentials; [`ClientError::InvalidToken`] when the token cannot stand in a header.
    pub fn new(http: HttpClient, base_url: &str, token: Option<&SecretString>) -> Result<Self, ClientError> {
        let invalid = |problem: &'static str| ClientError::InvalidUrl {
            url: without_query(base_url).to_owned(),
            problem,
        };
        let uri: Uri = base_url.trim().parse().map_err(|_| invalid("it is not a URL"))?;
        let parts = uri.into_parts();
        let scheme = parts.scheme.ok_or_else(|| invalid("it has no scheme; start it with https://"))?;
        if scheme != Scheme::HTTPS && scheme != Scheme::HTTP {
            return Err(invalid("its scheme is neither https nor http"));
        }
        let authority = parts.authority.ok_or_else(|| invalid("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(ClientError::InvalidUrl {
                url: format!("{scheme}://…"),
                problem: "it carries credentials; give them as a token",
            });
        }
        let (path, query) =
            parts.path_and_query.as_ref().map_or(("/", None), |target| (target.path(), target.query()));
        let flags =
            query.unwrap_or_default().split('&').filter(|f| !f.is_empty()).map(str::to_owned).collect();
        let base_path = path.trim_end_matches('/').to_owned();
        let authorization = token.map(bearer).transpose()?;
        let places = Places::new();
        Ok(Self {
            http,
            target: Arc::new(Target { scheme, authority, base_path, flags, authorization, places }),
        })
    }

    /// The same client with another token, as after a renewal; connections are kept.
    ///
    /// # Errors
    /// [`ClientError::InvalidToken`] when the token cannot stand in a header.
    pub fn with_token(&self, token: &SecretString) -> Result<Self, ClientError> {
        let Target { scheme, authority, base_path, flags, places, .. } = &*self.target;
        let target = Target {
            scheme: scheme.clone(),
            authority: authority.clone(),
            base_path: base_path.clone(),
            flags: flags.clone(),
            authorization: Some(bearer(token)?),
            places: Arc::clone(places),
        };
        Ok(Self { http: self.http.clone(), target: Arc::new(target) })
    }

    /// The flags in the base URL's query, as they were written.
    #[must_use]
    pub fn flags(&self) -> &[String] {
        &self.target.flags
    }

    /// Whether the base URL carries this flag, ignoring letter case and a value after `=`.
    #[must_use]
    pub fn has_flag(&self, name: &str) -> bool {
        self.flags().iter().any(|flag| flag.split('=').next().is_some_and(|f| f.eq_ignore_ascii_case(name)))
    }

    /// The base URL without flags and without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}://{}{}", self.target.scheme, self.target.authority, self.target.base_path)
    }

    /// Reads an endpoint such as `ServiceProviderConfig`, or `Schemas/urn:…`.
    ///
    /// # Errors
    /// See [`ClientError`]; an HTTP error status is a [`Response`], not an error.
    pub async fn get(&self, path: &str) -> Result<Response, ClientError> {
        let mut target = self.target.base_path.clone();
        for segment in path.trim_matches('/').split('/') {
            push_segment(&mut target, segment);
        }
        self.send(Method::GET, target, None, None).await
    }

    /// Reads one resource: `fetch("Users", id, …)`. Of `query`, the attribute lists are meant.
    ///
    /// # Errors
    /// As [`ScimClient::get`].
    pub async fn fetch(&self, resource: &str, id: &str, query: &Query<'_>) -> Result<Response, ClientError> {
        let mut target = self.resource(resource, Some(id));
        push_query(&mut target, query);
        self.send(Method::GET, target, None, None).await
    }

    /// Lists resources.
    ///
    /// # Errors
    /// As [`ScimClient::get`].
    pub async fn query(&self, resource: &str, query: &Query<'_>) -> Result<Response, ClientError> {
        let mut target = self.resource(resource, None);
        push_query(&mut target, query);
        self.send(Method::GET, target, None, None).await
    }

    /// Creates a resource.
    ///
    /// # Errors
    /// As [`ScimClient::get`].
    pub async fn create(&self, resource: &str, body: Bytes) -> Result<Response, ClientError> {
        self.send(Method::POST, self.resource(resource, None), Some(body), None).await
    }

    /// Changes a resource; with `if_match`, only when it still has this version.
    ///
    /// # Errors
    /// As [`ScimClient::get`].
    pub async fn patch(
        &self,
        resource: &str,
        id: &str,
        body: Bytes,
        if_match: Option<&str>,
    ) -> Result<Response, ClientError> {
        self.send(Method::PATCH, self.resource(resource, Some(id)), Some(body), if_match).await
    }

    /// Replaces a resource; with `if_match`, only when it still has this version.
    ///
    /// # Errors
    /// As [`ScimClient::get`].
    pub async fn put(
        &self,
        resource: &str,
        id: &str,
        body: Bytes,
        if_match: Option<&str>,
    ) -> Result<Response, ClientError> {
        self.send(Method::PUT, self.resource(resource, Some(id)), Some(body), if_match).await
    }

    /// Deletes a resource; with `if_match`, only when it still has this version.
    ///
    /// # Errors
    /// As [`ScimClient::get`].
    pub async fn delete(
        &self,
        resource: &str,
        id: &str,
        if_match: Option<&str>,
    ) -> Result<Response, ClientError> {
        self.send(Method::DELETE, self.resource(resource, Some(id)), None, if_match).await
    }

    fn resource(&self, resource: &str, id: Option<&str>) -> String {
        let base = &self.target.base_path;
        let mut target = String::with_capacity(base.len() + resource.len() + 160);
        target.push_str(base);
        for segment in resource.trim_matches('/').split('/') {
            push_segment(&mut target, segment);
        }
        if let Some(id) = id {
            push_segment(&mut target, id);
        }
        target
    }

    async fn send(
        &self,
        method: Method,
        target: String,
        body: Option<Bytes>,
        if_match: Option<&str>,
    ) -> Result<Response, ClientError> {
        let invalid = |problem: &'static str| ClientError::InvalidUrl { url: self.base_url(), problem };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.target.scheme.clone());
        parts.authority = Some(self.target.authority.clone());
        let target = PathAndQuery::from_maybe_shared(Bytes::from(target));
        parts.path_and_query =
            Some(target.map_err(|_| invalid("the request's path is too long or no path"))?);
        let uri = Uri::from_parts(parts).map_err(|_| invalid("the request's path is no path"))?;

        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(ACCEPT, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(authorization) = &self.target.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        }
        if let Some(version) = if_match {
            let version = HeaderValue::from_str(version).map_err(|_| ClientError::InvalidVersion)?;
            headers.insert(IF_MATCH, version);
        }
        let mut request = Request::new(body.unwrap_or_default());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let places = &self.target.places;
        // The semaphore is never closed; without a place the request would go out all the same.
        let _place = match places.are_few.load(Ordering::Relaxed) {
            true => places.free.acquire().await.ok(),
            false => None,
        };
        let response = self.http.send(request).await?;
        places.are_few.store(response.version == Version::HTTP_10, Ordering::Relaxed);
        Ok(response)
    }
}

impl fmt::Debug for ScimClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScimClient").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, ClientError> {
    let credentials = SecretString::from(format!("Bearer {}", token.expose_secret().trim()));
    let mut value =
        HeaderValue::from_str(credentials.expose_secret()).map_err(|_| ClientError::InvalidToken)?;
    value.set_sensitive(true);
    Ok(value)
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn push_segment(target: &mut String, segment: &str) {
    target.push('/');
    // `.` and `..` alone would be resolved away on the road.
    match segment {
        "." => target.push_str("%2E"),
        ".." => target.push_str("%2E%2E"),
        segment => target.extend(utf8_percent_encode(segment, SEGMENT)),
    }
}

fn push_query(target: &mut String, query: &Query<'_>) {
    let mut separator = '?';
    let mut push = |name: &str, value: &dyn fmt::Display| {
        // Writing to a string does not fail.
        let _ = write!(target, "{separator}{name}={value}");
        separator = '&';
    };
    if let Some(filter) = query.filter {
        push("filter", &encoded(filter));
    }
    if let Some(start) = query.start_index {
        push("startIndex", &start);
    }
    if let Some(count) = query.count {
        push("count", &count);
    }
    if let Some(attributes) = query.attributes {
        push("attributes", &encoded(attributes));
    }
    if let Some(attributes) = query.excluded_attributes {
        push("excludedAttributes", &encoded(attributes));
    }
}

fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, STRICT)
}

#[cfg(test)]
mod tests;
