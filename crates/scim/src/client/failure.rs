//! Why a request has no answer.

use std::error::Error;
use std::io;
use std::time::Duration;

/// What was being waited for when the time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Name resolution, TCP and TLS.
    Connect,
    /// The head of the response.
    FirstByte,
    /// The rest of the response.
    Body,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connection",
            Self::FirstByte => "response",
            Self::Body => "end of the response",
        }
    }
}

/// Why a request has no answer. No message holds a token or a query string.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL cannot be used.
    #[error("the URL {url} cannot be used: {problem}")]
    InvalidUrl {
        /// The URL without its query.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The token holds characters that no header may hold.
    #[error("the token cannot be sent: it holds a line break or another control character")]
    InvalidToken,
    /// The version for `If-Match` holds characters that no header may hold.
    #[error("the version of the resource cannot be sent: it holds a line break or another control character")]
    InvalidVersion,
    /// Certificates or the TLS set-up could not be loaded.
    #[error("the TLS set-up failed: {0}; check the certificate files")]
    TlsSetup(String),
    /// The policy forbids every address of the host.
    #[error("{target}: {address} is an address that the settings forbid to connect to")]
    Forbidden {
        /// Scheme, host and port.
        target: String,
        /// The address, or the name that has only such addresses.
        address: String,
    },
    /// No connection came about.
    #[error("no connection to {target}: {cause}; check the host, the port and the network")]
    Connect {
        /// Scheme, host and port.
        target: String,
        /// The cause.
        cause: String,
    },
    /// The TLS handshake failed.
    #[error("no TLS connection to {target}: {cause}; check its certificate and the trusted roots")]
    Tls {
        /// Scheme, host and port.
        target: String,
        /// The cause.
        cause: String,
    },
    /// The server took too long.
    #[error("{target} gave no {} within {}", .phase.as_str(), seconds(*.after))]
    Timeout {
        /// Scheme, host and port.
        target: String,
        /// What was being waited for.
        phase: Phase,
        /// How long.
        after: Duration,
    },
    /// The response is larger than allowed.
    #[error("the response of {target} is larger than {limit} bytes; ask for fewer results at once")]
    BodyTooLarge {
        /// Scheme, host and port.
        target: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The server sends elsewhere; redirects are not followed.
    #[error("{target} redirects to {location} ({status}); use that address if it is trusted")]
    Redirect {
        /// Scheme, host and port.
        target: String,
        /// The HTTP status.
        status: u16,
        /// Where to, without the query.
        location: String,
    },
    /// The connection broke, or the server does not speak HTTP.
    #[error("the exchange with {target} broke off: {cause}")]
    Protocol {
        /// Scheme, host and port.
        target: String,
        /// The cause.
        cause: String,
        /// Whether the request may have reached the server.
        maybe_applied: bool,
    },
}

impl ClientError {
    /// Whether the server may have carried out the request all the same. While this is true, a
    /// create must not be repeated before the object was looked for.
    #[must_use]
    pub fn maybe_applied(&self) -> bool {
        match self {
            Self::Timeout { phase, .. } => *phase != Phase::Connect,
            Self::BodyTooLarge { .. } => true,
            Self::Protocol { maybe_applied, .. } => *maybe_applied,
            Self::InvalidUrl { .. }
            | Self::InvalidToken
            | Self::InvalidVersion
            | Self::TlsSetup(_)
            | Self::Forbidden { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Redirect { .. } => false,
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// The connector's own reasons, found again in the chain of causes.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectFailure {
    #[error("timed out after {0:?}")]
    Timeout(Duration),
    #[error("address {0} is forbidden")]
    Forbidden(String),
}

/// Sorts an error of the HTTP library.
pub(super) fn classify(target: String, error: &hyper_util::client::legacy::Error) -> ClientError {
    let cause = deepest(error);
    match find::<ConnectFailure>(error) {
        Some(ConnectFailure::Timeout(after)) => {
            return ClientError::Timeout { target, phase: Phase::Connect, after: *after };
        }
        Some(ConnectFailure::Forbidden(address)) => {
            return ClientError::Forbidden { target, address: address.clone() };
        }
        None => {}
    }
    if error.is_connect() {
        return match find::<rustls::Error>(error) {
            Some(_) => ClientError::Tls { target, cause },
            None => ClientError::Connect { target, cause },
        };
    }
    // Canceled: the request never left the queue of its connection.
    let unsent = find::<hyper::Error>(error).is_some_and(hyper::Error::is_canceled);
    ClientError::Protocol { target, cause, maybe_applied: !unsent }
}

/// The error at the bottom, which names the cause; those above only say where.
pub(super) fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(inner) = inner(last) {
        last = inner;
    }
    last.to_string()
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        current = inner(error);
    }
    None
}

/// The next cause; `io::Error` hides the error it wraps from `source`.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
