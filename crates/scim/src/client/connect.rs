//! Connecting: TCP, TLS, a time limit over both, and a say in which addresses are reached.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use rustls::ClientConfig;
use tower::Service;

use super::failure::ConnectFailure;

/// Decides which addresses may be connected to. The decision falls on the address that is really
/// used, after name resolution, so a name that changes its address in between gains nothing.
#[derive(Clone)]
pub struct AddressFilter(Arc<dyn Fn(IpAddr) -> bool + Send + Sync>);

impl AddressFilter {
    /// A filter by a function that says true for allowed addresses. It is given IPv4 addresses as
    /// such when they come mapped into IPv6.
    pub fn new(allows: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(allows))
    }

    fn allows(&self, address: IpAddr) -> bool {
        (self.0)(address.to_canonical())
    }
}

impl fmt::Debug for AddressFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressFilter")
    }
}

type BoxError = Box<dyn Error + Send + Sync>;
type Inner = HttpsConnector<HttpConnector<Resolver>>;

/// The connector of the HTTP client.
#[derive(Clone)]
pub(super) struct Connector {
    inner: Inner,
    filter: Option<AddressFilter>,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(tls: ClientConfig, timeout: Duration, filter: Option<AddressFilter>) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver(filter.clone()));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        let inner = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        Self { inner, filter, timeout }
    }
}

impl Service<Uri> for Connector {
    type Response = <Inner as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        // A literal address never reaches the resolver.
        if let (Some(filter), Some(address)) = (&self.filter, literal(&uri))
            && !filter.allows(address)
        {
            let refused = ConnectFailure::Forbidden(address.to_string());
            return Box::pin(async move { Err(refused.into()) });
        }
        let connecting = self.inner.call(uri);
        let timeout = self.timeout;
        Box::pin(async move {
            match tokio::time::timeout(timeout, connecting).await {
                Ok(outcome) => outcome,
                Err(_) => Err(ConnectFailure::Timeout(timeout).into()),
            }
        })
    }
}

fn literal(uri: &Uri) -> Option<IpAddr> {
    uri.host()?.trim_matches(['[', ']']).parse().ok()
}

/// The system's resolver, less the addresses that the filter forbids.
#[derive(Clone)]
pub(super) struct Resolver(Option<AddressFilter>);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let filter = self.0.clone();
        Box::pin(async move {
            let mut found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let resolved = !found.is_empty();
            if let Some(filter) = filter {
                found.retain(|address| filter.allows(address.ip()));
            }
            if resolved && found.is_empty() {
                return Err(ConnectFailure::Forbidden(name.as_str().to_owned()).into());
            }
            Ok(found.into_iter())
        })
    }
}
