//! TLS for the listener: a certificate that was given, or one that signs itself.

use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::identity::certificate::date;

/// The file of the certificate that signs itself.
const CERTIFICATE_FILE: &str = "tls-certificate.pem";
/// The file of its key.
const KEY_FILE: &str = "tls-key.pem";
/// How long such a certificate is valid; Apple's clients accept at most 825 days.
const VALIDITY: SignedDuration = SignedDuration::from_hours(730 * 24);
/// How long before its end a new one is made.
const RENEWAL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From files in PEM.
    Files {
        /// The certificate, then those that signed it.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// It is made for this machine and kept in the data folder.
    SelfSigned,
}

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("the TLS file {path} cannot be used: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system said, or what is wrong with it.
        reason: String,
    },
    /// Certificate and key do not go together, or the key is of an unknown kind.
    #[error(
        "the TLS certificate cannot be served: {0}; give a certificate and the private key that belongs to it"
    )]
    Unfit(String),
}

/// What the listener accepts connections with, and the file that clients can trust when it signs itself.
#[derive(Clone)]
pub struct Acceptor {
    /// Accepts.
    pub acceptor: TlsAcceptor,
    /// The certificate that signs itself.
    pub own_certificate: Option<PathBuf>,
}

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Acceptor").field("own_certificate", &self.own_certificate).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads the files, or makes them. `host` is a further name that clients call us by.
    ///
    /// # Errors
    /// When a file cannot be used, or certificate and key do not go together.
    pub fn acceptor(&self, folder: &Path, host: Option<&str>, now: Timestamp) -> Result<Acceptor, TlsError> {
        let own = (folder.join(CERTIFICATE_FILE), folder.join(KEY_FILE));
        let (certificate, key) = match self {
            Self::Files { certificate, key } => (certificate, key),
            Self::SelfSigned => {
                let names = names(host);
                if !is_usable(&own.0, &names, now) || !own.1.exists() {
                    make(&own.0, &own.1, names, now)?;
                }
                (&own.0, &own.1)
            }
        };
        let acceptor = TlsAcceptor::from(Arc::new(config(certificate, key)?));
        let own_certificate = (*self == Self::SelfSigned).then(|| own.0.clone());
        Ok(Acceptor { acceptor, own_certificate })
    }
}

fn failed(path: &Path) -> impl Fn(&dyn std::fmt::Display) -> TlsError {
    |reason| TlsError::File { path: path.display().to_string(), reason: reason.to_string() }
}

fn config(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| failed(path)(&error));
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(certificate)?).collect();
    let chain = chain.map_err(|error| failed(certificate)(&error))?;
    if chain.is_empty() {
        return Err(failed(certificate)(&"it holds no certificate in PEM"));
    }
    let key = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| failed(key)(&"it holds no private key in PEM"))?;
    let unfit = |error: rustls::Error| TlsError::Unfit(error.to_string());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The names that clients on this machine call us by, and one more.
fn names(host: Option<&str>) -> Vec<String> {
    let mut names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    let host = host.map(|host| host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase());
    names.extend(host.filter(|host| !host.is_empty()));
    names.dedup();
    names
}

/// Whether a certificate is there, has all names, and does not end soon.
fn is_usable(path: &Path, names: &[String], now: Timestamp) -> bool {
    let Some(parsed) =
        CertificateDer::from_pem_file(path).ok().and_then(|der| Certificate::from_der(&der).ok())
    else {
        return false;
    };
    let certificate = parsed.tbs_certificate;
    let ends = i64::try_from(certificate.validity.not_after.to_unix_duration().as_secs()).unwrap_or(0);
    let Ok(Some((_, SubjectAltName(known)))) = certificate.get::<SubjectAltName>() else { return false };
    let has = |name: &String| match name.parse::<IpAddr>() {
        Ok(address) => known.iter().any(|known| match (known, address) {
            (GeneralName::IpAddress(bytes), IpAddr::V4(address)) => bytes.as_bytes() == address.octets(),
            (GeneralName::IpAddress(bytes), IpAddr::V6(address)) => bytes.as_bytes() == address.octets(),
            _ => false,
        }),
        Err(_) => {
            known.iter().any(|known| matches!(known, GeneralName::DnsName(dns) if dns.as_str() == name))
        }
    };
    ends > (now + RENEWAL).as_second() && names.iter().all(has)
}

fn make(certificate: &Path, key: &Path, names: Vec<String>, now: Timestamp) -> Result<(), TlsError> {
    let unfit = |error: rcgen::Error| TlsError::Unfit(error.to_string());
    let pair = KeyPair::generate().map_err(unfit)?;
    let mut params = CertificateParams::new(names).map_err(unfit)?;
    params.distinguished_name.push(DnType::CommonName, "Provisor");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let day = |at: Timestamp| {
        let (year, month, day) = date(at);
        rcgen::date_time_ymd(year, month, day)
    };
    params.not_before = day(now - SignedDuration::from_hours(24));
    params.not_after = day(now + VALIDITY);
    let signed = params.self_signed(&pair).map_err(unfit)?;
    write(key, &pair.serialize_pem(), 0o600)?;
    write(certificate, &signed.pem(), 0o644)?;
    tracing::info!(certificate = %certificate.display(), "a certificate was made; clients must trust it anew");
    Ok(())
}

/// Writes a file with these permissions (on Unix), in place of one that may be there.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let failed = failed(path);
    if path.exists() {
        std::fs::remove_file(path).map_err(|error| failed(&error))?;
    }
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(not(unix))]
    let _ = mode;
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut file = options.open(path).map_err(|error| failed(&error))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| failed(&error))
}
