//! What a server is told at its start. Parsing flags, environment and files is the binary's business.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::http::forwarded::Network;
use crate::http::throttle::Limit;
use crate::identity::outside::TrustedIssuer;
use crate::tls::Tls;

/// Who may call the API.
#[derive(Clone, Debug)]
pub enum Access {
    /// Whoever has this bearer token.
    Token(SecretString),
    /// Everybody. Only ever on loopback.
    Everybody,
}

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The folder of the embedded store; made when missing.
    pub data_dir: PathBuf,
    /// Who may call.
    pub access: Access,
    /// Whether a permission that is missing for `synchronization` is told with 401 `UnknownError`, as Graph
    /// does, and not with 403.
    pub refuse_as_graph: bool,
    /// The proxies that are believed when they say what the client called us by.
    pub trusted_proxies: Vec<Network>,
    /// How often a client may call; empty for no limits.
    pub throttle: Vec<Limit>,
    /// The address that clients call the server by, when it is not the one that it listens on.
    pub public_url: Option<String>,
    /// TLS on the listener; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// Further names of the API (`api://…`) that clients may ask tokens for.
    pub audiences: Vec<String>,
    /// Who else issues tokens that are accepted.
    pub issuers: Vec<TrustedIssuer>,
    /// Whether tokens are signed with a new key from this start on.
    pub rotate_signing_key: bool,
    /// The interval of new jobs: the safety net behind changes that wake them.
    pub job_interval: Duration,
    /// The tenant's default domain.
    pub domain: String,
    /// The tenant's display name.
    pub tenant_name: String,
}

impl Settings {
    /// Settings for a folder and an address; everything else as it is by default.
    #[must_use]
    pub fn new(listen: SocketAddr, data_dir: PathBuf, access: Access) -> Self {
        Self {
            listen,
            data_dir,
            access,
            refuse_as_graph: false,
            trusted_proxies: Vec::new(),
            throttle: Vec::new(),
            public_url: None,
            tls: None,
            audiences: Vec::new(),
            issuers: Vec::new(),
            rotate_signing_key: false,
            job_interval: Duration::from_secs(40 * 60),
            domain: "contoso.example".to_owned(),
            tenant_name: "Provisor".to_owned(),
        }
    }
}
