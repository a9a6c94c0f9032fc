//! A small client of Graph's API: plain requests, as scripts send them.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use provisor_scim::HttpClient;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// Why a request did not bring what was asked for.
#[derive(Debug)]
pub enum GraphClientError {
    /// No answer.
    Unreachable(String),
    /// An answer with an error status.
    Refused {
        /// Method and path.
        request: String,
        /// The status.
        status: StatusCode,
        /// Graph's error code.
        code: String,
        /// Graph's error message.
        message: String,
    },
}

impl std::fmt::Display for GraphClientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(why) => f.write_str(why),
            Self::Refused { request, status, code, message } => {
                write!(f, "{request} was answered {status}: {code}: {message}")
            }
        }
    }
}

impl std::error::Error for GraphClientError {}

/// A client of one server.
#[derive(Clone)]
pub struct GraphClient {
    http: HttpClient,
    base: Arc<str>,
    token: SecretString,
}

impl std::fmt::Debug for GraphClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GraphClient").field("base", &self.base).finish_non_exhaustive()
    }
}

impl GraphClient {
    /// A client of the API at `base`, such as `http://127.0.0.1:8080/v1.0`.
    #[must_use]
    pub fn new(http: HttpClient, base: &str, token: SecretString) -> Self {
        Self { http, base: base.trim_end_matches('/').into(), token }
    }

    /// The base address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Reads a resource; `path` begins with a slash, or is an absolute `@odata.nextLink`.
    ///
    /// # Errors
    /// When there is no answer, or an error status.
    pub async fn get(&self, path: &str) -> Result<Value, GraphClientError> {
        self.request(Method::GET, path, None).await
    }

    /// Creates a resource, or calls an action.
    ///
    /// # Errors
    /// As [`GraphClient::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, GraphClientError> {
        self.request(Method::POST, path, Some(body)).await
    }

    /// Changes a resource.
    ///
    /// # Errors
    /// As [`GraphClient::get`].
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value, GraphClientError> {
        self.request(Method::PATCH, path, Some(body)).await
    }

    /// Replaces a resource.
    ///
    /// # Errors
    /// As [`GraphClient::get`].
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, GraphClientError> {
        self.request(Method::PUT, path, Some(body)).await
    }

    /// Deletes a resource.
    ///
    /// # Errors
    /// As [`GraphClient::get`].
    pub async fn delete(&self, path: &str) -> Result<Value, GraphClientError> {
        self.request(Method::DELETE, path, None).await
    }

    /// All items of a collection, page by page.
    ///
    /// # Errors
    /// As [`GraphClient::get`].
    pub async fn all(&self, path: &str) -> Result<Vec<Value>, GraphClientError> {
        let mut items = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let mut page = self.get(&path).await?;
            if let Some(Value::Array(values)) = page.get_mut("value").map(Value::take) {
                items.extend(values);
            }
            next = page.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned);
        }
        Ok(items)
    }

    /// The body that refers to a directory object.
    #[must_use]
    pub fn reference(&self, id: &str) -> Value {
        json!({ "@odata.id": format!("{}/directoryObjects/{id}", self.base) })
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, GraphClientError> {
        let name = format!("{method} {path}");
        let unreachable =
            |why: &dyn std::fmt::Display| GraphClientError::Unreachable(format!("{name}: {why}"));
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Bearer {}", self.token.expose_secret()));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = request.body(body).map_err(|error| unreachable(&error))?;
        let response = self.http.send(request).await.map_err(|error| unreachable(&error))?;
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        if response.status.is_success() {
            return Ok(answer);
        }
        let said = |member: &str| {
            let text = answer.get("error").and_then(|error| error.get(member)).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        Err(GraphClientError::Refused {
            status: response.status,
            code: said("code"),
            message: said("message"),
            request: name,
        })
    }
}

/// Percent-encodes a value for a query string.
#[must_use]
pub fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The id of a created entity.
///
/// # Errors
/// When the answer has none.
pub fn id_of(entity: &Value) -> Result<String, GraphClientError> {
    let id = entity.get("id").and_then(Value::as_str).map(str::to_owned);
    id.ok_or_else(|| GraphClientError::Unreachable("the answer has no id".to_owned()))
}
