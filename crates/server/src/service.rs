//! The whole server: store, scheduler and API, started and stopped together.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use provisor_engine::clock::{Clock, SystemClock};
use provisor_engine::ids::{Ids, SeededIds};
use provisor_scim::{ClientError, HttpClient, HttpOptions};
use provisor_store::ServerStore;
use provisor_store::StoreError;
use provisor_store::master_key::{MasterKey, MasterKeyError};
use provisor_store::sqlite::{Options, SqliteStore, Synchronous};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::builtin;
use crate::http::auth::Auth;
use crate::http::listener;
use crate::http::throttle::Throttle;
use crate::identity::Authority;
use crate::identity::authority::Parts;
use crate::identity::outside::{IssuerError, OutsideIssuers, TrustedIssuer};
use crate::scheduler::Scheduler;
use crate::settings::{Access, Settings};
use crate::state::{ApiState, Limits, ObjectLocks, Tenant};
use crate::tls::TlsError;

/// The file of the store inside the data folder.
const STORE_FILE: &str = "provisor.sqlite";
/// The file of the key that secrets are encrypted with.
const KEY_FILE: &str = "master.key";

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}; is another server running there?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Everybody may call, and not only from this machine.
    #[error("{0} is not a loopback address: without authentication the API is served on loopback only")]
    Open(SocketAddr),
    /// The data folder cannot be used.
    #[error("the data folder {folder} cannot be used: {cause}")]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key that secrets are encrypted with cannot be used.
    #[error(transparent)]
    Key(#[from] MasterKeyError),
    /// Connections to targets cannot be set up.
    #[error(transparent)]
    Http(#[from] ClientError),
    /// TLS cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An issuer of tokens cannot be trusted.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The machine gives no randomness.
    #[error("the machine gives no randomness: {0}")]
    Entropy(String),
}

/// A running server.
pub struct Service {
    address: SocketAddr,
    tenant: Uuid,
    is_tls: bool,
    own_certificate: Option<PathBuf>,
    shutdown: CancellationToken,
    scheduler: Arc<Scheduler>,
    api: tokio::task::JoinHandle<()>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Service {
    /// Starts a server and goes on with the jobs that its store holds.
    ///
    /// # Errors
    /// When the address, the folder or the store cannot be used.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        if matches!(settings.access, Access::Everybody) && !settings.listen.ip().is_loopback() {
            return Err(StartError::Open(settings.listen));
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let ids = SeededIds::from_machine(Arc::clone(&clock))
            .map_err(|error| StartError::Entropy(error.to_string()))?;
        let ids: Arc<dyn Ids> = Arc::new(ids);
        let store = open(&settings)?;
        let tenant = tenant(&settings, store.as_ref(), clock.as_ref(), ids.as_ref()).await?;
        builtin::ensure(store.as_ref(), ids.as_ref(), clock.now()).await?;
        let http = HttpClient::new(HttpOptions::default())?;
        let shutdown = CancellationToken::new();
        let scheduler = Arc::new(Scheduler::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            http,
            tenant.domain.as_str().into(),
            shutdown.clone(),
        ));
        let (listening, address) = bind(settings.listen).await?;
        scheduler.resume().await?;
        let tenant_id = tenant.id;
        let public_url = settings.public_url.as_ref().map(|url| url.trim_end_matches('/').to_owned());
        let host = public_url.as_ref().and_then(|url| url.parse::<Uri>().ok()?.host().map(str::to_owned));
        let tls = settings.tls.as_ref();
        let tls =
            tls.map(|tls| tls.acceptor(&settings.data_dir, host.as_deref(), clock.now())).transpose()?;
        let (is_tls, own_certificate) =
            (tls.is_some(), tls.as_ref().and_then(|tls| tls.own_certificate.clone()));
        let authority = Authority::new(Parts {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            tenant: tenant.clone(),
            public_url: public_url.clone(),
            audiences: settings.audiences,
            outside: outside(settings.issuers)?,
        });
        if settings.rotate_signing_key {
            authority.rotate_key();
        }
        let state = ApiState {
            store,
            runtime: Arc::clone(&scheduler) as _,
            clock: Arc::clone(&clock),
            ids,
            tenant,
            public_url,
            auth: match settings.access {
                Access::Token(token) => Auth::Token(token),
                Access::Everybody => Auth::Disabled,
            },
            refuse_as_graph: settings.refuse_as_graph,
            trusted_proxies: settings.trusted_proxies,
            throttle: Throttle::new(&settings.throttle, &clock),
            authority,
            tls,
            limits: Limits::default(),
            job_interval: settings.job_interval,
            locks: ObjectLocks::default(),
        };
        let stop = shutdown.clone();
        let api = tokio::spawn(async move { listener::serve(listening, state, stop).await });
        Ok(Self { address, tenant: tenant_id, is_tls, own_certificate, shutdown, scheduler, api })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as a URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The file of the certificate that signs itself, which clients must trust.
    #[must_use]
    pub fn own_certificate(&self) -> Option<&Path> {
        self.own_certificate.as_deref()
    }

    /// The id of its tenant.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// Stops: takes no more requests, puts down what the jobs have in flight, and returns when everything is
    /// settled.
    pub async fn stop(self) {
        self.shutdown.cancel();
        let _panics_were_logged = self.api.await;
        self.scheduler.finished().await;
    }
}

/// The issuers that are trusted besides ourselves. Requests wait for them, so they have little time.
fn outside(issuers: Vec<TrustedIssuer>) -> Result<OutsideIssuers, StartError> {
    let wait = Duration::from_secs(5);
    let options = HttpOptions {
        connect_timeout: wait,
        first_byte_timeout: wait,
        body_timeout: wait,
        ..HttpOptions::default()
    };
    Ok(OutsideIssuers::new(issuers, &HttpClient::new(options)?)?)
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let refused = |cause| StartError::Listen { address, cause };
    let listening = TcpListener::bind(address).await.map_err(refused)?;
    let address = listening.local_addr().map_err(refused)?;
    Ok((listening, address))
}

/// Makes a folder, when it is not there, that only its owner can look into.
///
/// # Errors
/// As the system gives them.
pub fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn open(settings: &Settings) -> Result<Arc<dyn ServerStore>, StartError> {
    let folder = &settings.data_dir;
    make_private(folder)
        .map_err(|cause| StartError::Folder { folder: folder.display().to_string(), cause })?;
    let master_key = MasterKey::load_or_create(&folder.join(KEY_FILE))?;
    let store = SqliteStore::open(Options {
        path: folder.join(STORE_FILE),
        master_key,
        synchronous: Synchronous::Normal,
    })?;
    Ok(Arc::new(store))
}

/// Who this installation is: made at its first start, the same ever after.
async fn tenant(
    settings: &Settings,
    store: &dyn ServerStore,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Result<Tenant, StartError> {
    let id = store.setting_or_insert("tenant.id", &ids.uuid().to_string()).await?;
    let created = store.setting_or_insert("tenant.created", &clock.now().to_string()).await?;
    let corrupt =
        |what: &str, reason: String| StoreError::Corrupt { what: format!("setting {what}"), reason };
    Ok(Tenant {
        id: id.parse().map_err(|error: uuid::Error| corrupt("tenant.id", error.to_string()))?,
        display_name: settings.tenant_name.clone(),
        domain: settings.domain.clone(),
        created: created
            .parse()
            .map_err(|error: jiff::Error| corrupt("tenant.created", error.to_string()))?,
    })
}
