//! The HTTP client that all connectors share: pooled connections, time limits, bounded bodies.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, LOCATION, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::body::{self, ReadError};
use super::connect::{AddressFilter, Connector};
use super::failure::{ClientError, Phase, classify, deepest};
use super::response::Response;

/// How much of an error body is read.
const ERROR_BODY: usize = 8 * 1024;

/// Settings of [`HttpClient`].
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The `User-Agent` of every request.
    pub user_agent: String,
    /// The limit for name resolution, TCP and TLS together.
    pub connect_timeout: Duration,
    /// The limit from the request's start to the response's head.
    pub first_byte_timeout: Duration,
    /// The limit for the response's body after its head.
    pub body_timeout: Duration,
    /// The largest response that is read, in bytes.
    pub max_body: usize,
    /// How many idle connections are kept for each host.
    pub max_idle_per_host: usize,
    /// How long an idle connection is kept.
    pub idle_timeout: Duration,
    /// Whether the system's certificate store is trusted.
    pub system_roots: bool,
    /// Further trusted roots: the contents of PEM files.
    pub extra_roots: Vec<Vec<u8>>,
    /// Which addresses may be connected to; all, when there is none.
    pub addresses: Option<AddressFilter>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("provisor/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(60),
            max_body: 4 * 1024 * 1024,
            max_idle_per_host: 1_024,
            idle_timeout: Duration::from_secs(50),
            system_roots: true,
            extra_roots: Vec::new(),
            addresses: None,
        }
    }
}

/// An HTTP client. Cloning is cheap and shares connections. It follows no redirect, offers no
/// compression, and speaks HTTP/2 where the server chooses it in the TLS handshake.
#[derive(Clone)]
pub struct HttpClient {
    client: Client<Connector, Full<Bytes>>,
    settings: Arc<Settings>,
}

struct Settings {
    user_agent: HeaderValue,
    first_byte_timeout: Duration,
    body_timeout: Duration,
    max_body: usize,
}

impl HttpClient {
    /// A client with these settings. Unreadable certificates in the system's store are passed over.
    ///
    /// # Errors
    /// [`ClientError::TlsSetup`] when an extra root is no PEM certificate or no TLS version is
    /// available, and when the user agent cannot stand in a header.
    pub fn new(options: HttpOptions) -> Result<Self, ClientError> {
        let tls = tls(&options)?;
        let user_agent = HeaderValue::from_str(&options.user_agent)
            .map_err(|_| ClientError::TlsSetup(format!("{:?} cannot be a User-Agent", options.user_agent)))?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(options.idle_timeout)
            .pool_max_idle_per_host(options.max_idle_per_host)
            .build(Connector::new(tls, options.connect_timeout, options.addresses));
        let settings = Settings {
            user_agent,
            first_byte_timeout: options.first_byte_timeout,
            body_timeout: options.body_timeout,
            max_body: options.max_body,
        };
        Ok(Self { client, settings: Arc::new(settings) })
    }

    /// The same client, and the same connections, with another limit for the size of a response:
    /// inventory pages may be larger than answers to writes.
    #[must_use]
    pub fn with_max_body(&self, bytes: usize) -> Self {
        let Settings { user_agent, first_byte_timeout, body_timeout, .. } = &*self.settings;
        let settings = Settings {
            user_agent: user_agent.clone(),
            first_byte_timeout: *first_byte_timeout,
            body_timeout: *body_timeout,
            max_body: bytes,
        };
        Self { client: self.client.clone(), settings: Arc::new(settings) }
    }

    /// Sends a request with an absolute URL. Headers are sent as they are, with `User-Agent` and
    /// `Content-Length` added; an `Authorization` value should be marked sensitive.
    ///
    /// # Errors
    /// See [`ClientError`]; any status but a redirect is an answer.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response, ClientError> {
        let (mut parts, body) = request.into_parts();
        parts.headers.insert(USER_AGENT, self.settings.user_agent.clone());
        let uri = parts.uri.clone();
        let target = || origin(&uri);
        let request = Request::from_parts(parts, Full::new(body));

        let after = self.settings.first_byte_timeout;
        let response = tokio::time::timeout(after, self.client.request(request))
            .await
            .map_err(|_| ClientError::Timeout { target: target(), phase: Phase::FirstByte, after })?
            .map_err(|error| classify(target(), &error))?;

        let (head, body) = response.into_parts();
        if head.status.is_redirection() && head.status != StatusCode::NOT_MODIFIED {
            let location = head.headers.get(LOCATION).map(HeaderValue::as_bytes).unwrap_or_default();
            let location = String::from_utf8_lossy(location);
            let location = super::without_query(&location).chars().take(500).collect();
            return Err(ClientError::Redirect { target: target(), status: head.status.as_u16(), location });
        }
        let after = self.settings.body_timeout;
        let limit = self.settings.max_body;
        let reading = async {
            if head.status.is_client_error() || head.status.is_server_error() {
                return Ok(body::read_start(body, ERROR_BODY).await);
            }
            body::read(body, limit).await
        };
        let body = tokio::time::timeout(after, reading)
            .await
            .map_err(|_| ClientError::Timeout { target: target(), phase: Phase::Body, after })?
            .map_err(|error| match error {
                ReadError::TooLarge => ClientError::BodyTooLarge { target: target(), limit },
                ReadError::Broken(error) => {
                    ClientError::Protocol { target: target(), cause: deepest(&error), maybe_applied: true }
                }
            })?;
        Ok(Response { status: head.status, headers: head.headers, body, version: head.version })
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

fn origin(uri: &Uri) -> String {
    format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |a| a.as_str()))
}

fn tls(options: &HttpOptions) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    if options.system_roots {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    for pem in &options.extra_roots {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| ClientError::TlsSetup(error.to_string()))?;
            roots.add(certificate).map_err(|error| ClientError::TlsSetup(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(ClientError::TlsSetup("a file of trusted roots holds no certificate".into()));
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::TlsSetup(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
