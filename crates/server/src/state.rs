//! What every request can reach.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use jiff::Timestamp;
use provisor_engine::clock::Clock;
use provisor_engine::ids::Ids;
use provisor_graph::error::GraphError;
use provisor_store::ServerStore;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::http::auth::Auth;
use crate::http::forwarded::{self, Network, Peer};
use crate::http::request;
use crate::http::throttle::Throttle;
use crate::identity::Authority;
use crate::runtime::Runtime;
use crate::tls::Acceptor;

/// The one tenant that this installation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id; the middle part of every job id.
    pub id: Uuid,
    /// Its display name.
    pub display_name: String,
    /// Its default domain; shown, never enforced on user principal names.
    pub domain: String,
    /// When the installation was set up.
    pub created: Timestamp,
}

/// Bounds on what a request may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an ordinary request body, after decompression.
    pub body: usize,
    /// Bytes of a body that carries a schema, after decompression.
    pub schema_body: usize,
    /// Connections open at a time; further ones wait in the listener's queue.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 4 << 20, schema_body: 16 << 20, connections: 1024 }
    }
}

/// Keeps two changes of one object apart: a PATCH reads, merges and writes, and must not lose what another one
/// wrote in between. Few locks for many objects: unrelated ones rarely share one.
#[derive(Debug)]
pub struct ObjectLocks([Mutex<()>; 64]);

impl Default for ObjectLocks {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl ObjectLocks {
    /// Waits until nobody else changes the object.
    pub async fn lock(&self, id: Uuid) -> MutexGuard<'_, ()> {
        // The last byte of a random id is as random as any.
        self.0[usize::from(id.as_bytes()[15] % 64)].lock().await
    }
}

/// Everything that the API works with. One for the whole process, shared by all requests.
pub struct ApiState {
    /// Durable state.
    pub store: Arc<dyn ServerStore>,
    /// What runs the jobs.
    pub runtime: Arc<dyn Runtime>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: Arc<dyn Ids>,
    /// Who we are.
    pub tenant: Tenant,
    /// The address that clients call us by, without a slash at the end; `None` takes it from each request's
    /// `Host`.
    pub public_url: Option<String>,
    /// Who may call.
    pub auth: Auth,
    /// Whether a permission that is missing for `synchronization` is told as Graph tells it (401
    /// `UnknownError`) rather than with 403, which Terraform repeats until its deadline.
    pub refuse_as_graph: bool,
    /// The proxies that are believed when they say what the client called us by.
    pub trusted_proxies: Vec<Network>,
    /// How often clients may call.
    pub throttle: Throttle,
    /// What issues and checks tokens.
    pub authority: Authority,
    /// What connections are accepted with; `None` without TLS.
    pub tls: Option<Acceptor>,
    /// Bounds on requests.
    pub limits: Limits,
    /// The interval that new jobs get.
    pub job_interval: Duration,
    /// Who changes which object.
    pub locks: ObjectLocks,
}

impl ApiState {
    /// The address that the client of a request called: the configured one, else what a trusted proxy says,
    /// else that of the request.
    ///
    /// # Errors
    /// 400 for a `Host` with characters that cannot stand in a URL's authority.
    pub fn base_url(&self, head: &Parts) -> Result<String, GraphError> {
        if let Some(url) = &self.public_url {
            return Ok(url.clone());
        }
        let peer = head.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let origin = forwarded::origin(&self.trusted_proxies, peer, &head.headers);
        let own = if self.tls.is_some() { "https" } else { "http" };
        let scheme = origin.scheme.as_deref().unwrap_or(own);
        request::base_url(scheme, origin.host.as_deref(), &head.uri, &head.headers)
    }
}

impl fmt::Debug for ApiState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiState")
            .field("tenant", &self.tenant)
            .field("public_url", &self.public_url)
            .field("auth", &self.auth)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
