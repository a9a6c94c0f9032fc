//! Settings of the server from flags, environment and file, in that precedence.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use provisor_server::http::throttle::Limits;
use provisor_server::identity::outside::TrustedIssuer;
use provisor_server::service::make_private;
use provisor_server::settings::{Access, Settings};
use provisor_server::tls::Tls;
use secrecy::SecretString;

use crate::logging::LogFormat;

/// The file in the data folder that holds the token which Provisor made for itself.
const TOKEN_FILE: &str = "token";
/// The shortest token that is accepted, in characters.
const TOKEN_LENGTH: usize = 16;

/// What `serve` can be told, on the command line or in the environment.
#[derive(clap::Args, Debug)]
pub(crate) struct ServerArgs {
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "PROVISOR_LISTEN", value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// The folder that everything is kept in; made when missing [default: ./data]
    #[arg(long, env = "PROVISOR_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Read settings from this TOML file; flags and environment come before it.
    #[arg(long, env = "PROVISOR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read the bearer token that clients must send from this file. It may also be given in
    /// PROVISOR_TOKEN; without either, one is made and kept in the data folder.
    #[arg(long, env = "PROVISOR_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Let everybody call, without a token. On loopback addresses only.
    #[arg(long, env = "PROVISOR_INSECURE_NO_AUTH")]
    insecure_no_auth: bool,
    /// The address that clients call the server by, when a proxy stands before it.
    #[arg(long, env = "PROVISOR_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Believe what the proxy at this address says of the address that clients call (Forwarded, or
    /// X-Forwarded-Proto and -Host), such as 127.0.0.1 or 10.0.0.0/8. May be repeated. Not needed with
    /// --public-url.
    #[arg(long, env = "PROVISOR_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ',')]
    trusted_proxy: Vec<String>,
    /// Limit how often each client may call: KIND=NUMBER/SECONDSs, such as all=1000/60s, where KIND is all,
    /// provisionOnDemand, bulkUpload or auditLogs; or graph for the limits that Graph documents. May be
    /// repeated [default: no limits]
    #[arg(long, env = "PROVISOR_THROTTLE", value_name = "LIMIT", value_delimiter = ',')]
    throttle: Vec<String>,
    /// Answer a missing permission for synchronization as Graph does, with 401 UnknownError, and not with
    /// 403, which Terraform repeats until its deadline.
    #[arg(long, env = "PROVISOR_REFUSE_AS_GRAPH")]
    refuse_as_graph: bool,
    /// Serve HTTPS, with a certificate that Provisor makes for localhost and the host of --public-url and
    /// keeps in the data folder, for clients to trust.
    #[arg(long, env = "PROVISOR_TLS", value_enum, conflicts_with_all = ["tls_cert", "tls_key"])]
    tls: Option<TlsMode>,
    /// Serve HTTPS, with the certificate in this PEM file, followed by those that signed it.
    #[arg(long, env = "PROVISOR_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate of --tls-cert, in PEM.
    #[arg(long, env = "PROVISOR_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A further name of the API that clients may ask tokens for, such as api://provisor, besides
    /// https://graph.microsoft.com and the server's own address. May be repeated.
    #[arg(long, env = "PROVISOR_AUDIENCE", value_name = "URI", value_delimiter = ',')]
    audience: Vec<String>,
    /// Accept access tokens of this OpenID Connect issuer that are for this audience: ISSUER=AUDIENCE, such
    /// as https://idp.example/realms/people=provisor. Its keys are found by discovery. May be repeated.
    #[arg(long, env = "PROVISOR_TRUSTED_ISSUER", value_name = "ISSUER=AUDIENCE", value_delimiter = ',')]
    trusted_issuer: Vec<String>,
    /// Sign tokens with a new key from this start on; those of the old one are accepted until they expire.
    /// Without this, a key is replaced after 90 days.
    #[arg(long)]
    rotate_signing_key: bool,
    /// Minutes between the cycles of a job when no change starts one earlier [default: 40]
    #[arg(long, env = "PROVISOR_JOB_INTERVAL", value_name = "MINUTES")]
    job_interval: Option<u64>,
    /// The tenant's default domain [default: contoso.example]
    #[arg(long, env = "PROVISOR_DOMAIN", value_name = "DOMAIN")]
    domain: Option<String>,
    /// How log lines are printed [default: text]
    #[arg(long, env = "PROVISOR_LOG_FORMAT", value_enum)]
    log_format: Option<LogFormat>,
    /// Which log lines are printed: off, error, warn, info, debug, trace [default: info]
    #[arg(long, env = "PROVISOR_LOG_LEVEL", value_name = "FILTER")]
    log_level: Option<String>,
}

/// Where the certificate of HTTPS comes from, when it is in no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TlsMode {
    /// Made by Provisor; it signs itself.
    SelfSigned,
}

/// The same settings in a file.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSettings {
    listen: Option<SocketAddr>,
    data_dir: Option<PathBuf>,
    token_file: Option<PathBuf>,
    insecure_no_auth: Option<bool>,
    public_url: Option<String>,
    trusted_proxy: Option<Vec<String>>,
    throttle: Option<Vec<String>>,
    refuse_as_graph: Option<bool>,
    tls: Option<TlsMode>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    audience: Option<Vec<String>>,
    trusted_issuer: Option<Vec<String>>,
    job_interval: Option<u64>,
    domain: Option<String>,
    log_format: Option<LogFormat>,
    log_level: Option<String>,
}

/// Settings of the process.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) server: Settings,
    pub(crate) log_format: LogFormat,
    pub(crate) log_level: String,
    /// Where the token stands that was made because none was given.
    pub(crate) own_token: Option<PathBuf>,
}

impl ServerArgs {
    /// Merges the layers. `token` is the value of `PROVISOR_TOKEN`.
    pub(crate) fn resolve(self, token: Option<String>) -> anyhow::Result<Resolved> {
        let file = self.config.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let data_dir = self.data_dir.or(file.data_dir).unwrap_or_else(|| PathBuf::from("data"));
        let listen = self.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let open = self.insecure_no_auth || file.insecure_no_auth.unwrap_or(false);
        let token_file = self.token_file.or(file.token_file);
        let mut own_token = None;
        let access = match (open, token, token_file) {
            (true, _, _) => Access::Everybody,
            (false, Some(token), _) => Access::Token(checked(&token, "PROVISOR_TOKEN")?),
            (false, None, Some(file)) => Access::Token(read_token(&file)?),
            (false, None, None) => {
                let (token, file) = own(&data_dir)?;
                own_token = Some(file);
                Access::Token(token)
            }
        };
        let mut server = Settings::new(listen, data_dir, access);
        server.public_url = self.public_url.or(file.public_url);
        // A flag of one way to have a certificate comes before the file's other way.
        let flags = (self.tls, self.tls_cert, self.tls_key);
        server.tls = match flags {
            (None, None, None) => tls(file.tls, file.tls_cert, file.tls_key)?,
            (mode, certificate, key) => tls(mode, certificate, key)?,
        };
        let given = |flags: Vec<String>, file: Option<Vec<String>>| {
            if flags.is_empty() { file.unwrap_or_default() } else { flags }
        };
        server.trusted_proxies = given(self.trusted_proxy, file.trusted_proxy)
            .iter()
            .map(|text| text.parse().context("--trusted-proxy"))
            .collect::<anyhow::Result<_>>()?;
        for text in given(self.throttle, file.throttle) {
            server.throttle.extend(text.parse::<Limits>().context("--throttle")?.0);
        }
        server.refuse_as_graph = self.refuse_as_graph || file.refuse_as_graph.unwrap_or(false);
        server.audiences = given(self.audience, file.audience);
        server.issuers = issuers(&given(self.trusted_issuer, file.trusted_issuer))?;
        server.rotate_signing_key = self.rotate_signing_key;
        if let Some(minutes) = self.job_interval.or(file.job_interval) {
            anyhow::ensure!(minutes > 0, "the job interval is at least one minute");
            server.job_interval = Duration::from_secs(minutes.saturating_mul(60));
        }
        if let Some(domain) = self.domain.or(file.domain) {
            server.domain = domain;
        }
        Ok(Resolved {
            server,
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            log_level: self.log_level.or(file.log_level).unwrap_or_else(|| "info".to_owned()),
            own_token,
        })
    }
}

fn tls(
    mode: Option<TlsMode>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> anyhow::Result<Option<Tls>> {
    match (mode, certificate, key) {
        (None, None, None) => Ok(None),
        (Some(TlsMode::SelfSigned), None, None) => Ok(Some(Tls::SelfSigned)),
        (None, Some(certificate), Some(key)) => Ok(Some(Tls::Files { certificate, key })),
        _ => anyhow::bail!("HTTPS takes either tls, or both tls_cert and tls_key"),
    }
}

/// The issuers of `ISSUER=AUDIENCE` pairs; one that stands there several times has several audiences.
fn issuers(pairs: &[String]) -> anyhow::Result<Vec<TrustedIssuer>> {
    let mut issuers: Vec<TrustedIssuer> = Vec::new();
    for pair in pairs {
        let (issuer, audience) = pair
            .rsplit_once('=')
            .filter(|(issuer, audience)| !issuer.is_empty() && !audience.is_empty())
            .with_context(|| {
                format!("the trusted issuer '{pair}' names no audience: write ISSUER=AUDIENCE")
            })?;
        match issuers.iter_mut().find(|known| known.issuer == issuer) {
            Some(known) => known.audiences.push(audience.to_owned()),
            None => issuers
                .push(TrustedIssuer { issuer: issuer.to_owned(), audiences: vec![audience.to_owned()] }),
        }
    }
    Ok(issuers)
}

fn read_file(path: &Path) -> anyhow::Result<FileSettings> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the settings file {} cannot be read", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the settings file {} is not right", path.display()))
}

fn checked(token: &str, from: &str) -> anyhow::Result<SecretString> {
    let token = token.trim();
    anyhow::ensure!(
        token.len() >= TOKEN_LENGTH && token.bytes().all(|byte| byte.is_ascii_graphic()),
        "the token in {from} is too short or holds blanks: take at least {TOKEN_LENGTH} printable ASCII characters, \
         for example from `openssl rand -hex 32`"
    );
    Ok(SecretString::from(token))
}

fn read_token(path: &Path) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the token file {} cannot be read", path.display()))?;
    checked(&text, &path.display().to_string())
}

/// The token that Provisor made for itself, at the first start.
pub(crate) fn own(data_dir: &Path) -> anyhow::Result<(SecretString, PathBuf)> {
    let path = data_dir.join(TOKEN_FILE);
    if path.exists() {
        return Ok((read_token(&path)?, path));
    }
    make_private(data_dir)
        .with_context(|| format!("the data folder {} cannot be made", data_dir.display()))?;
    let token = random_token()?;
    write_private(&path, &token).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok((SecretString::from(token), path))
}

/// A new token: a prefix by which scanners find leaks, and 256 random bits.
pub(crate) fn random_token() -> anyhow::Result<String> {
    use provisor_engine::ids::{Ids as _, SeededIds};
    let clock = std::sync::Arc::new(provisor_engine::clock::SystemClock::new());
    let ids = SeededIds::from_machine(clock).context("the machine gives no randomness")?;
    let words: Vec<String> = (0..4).map(|_| format!("{:016x}", ids.random())).collect();
    Ok(format!("pvs_{}", words.concat()))
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn args() -> ServerArgs {
        ServerArgs {
            listen: None,
            data_dir: None,
            config: None,
            token_file: None,
            insecure_no_auth: false,
            public_url: None,
            trusted_proxy: Vec::new(),
            throttle: Vec::new(),
            refuse_as_graph: false,
            tls: None,
            tls_cert: None,
            tls_key: None,
            audience: Vec::new(),
            trusted_issuer: Vec::new(),
            rotate_signing_key: false,
            job_interval: None,
            domain: None,
            log_format: None,
            log_level: None,
        }
    }

    fn token_of(resolved: &Resolved) -> &str {
        match &resolved.server.access {
            Access::Token(token) => token.expose_secret(),
            Access::Everybody => panic!("a token"),
        }
    }

    #[test]
    fn flags_come_before_the_file_and_the_file_before_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("provisor.toml");
        std::fs::write(&config, "listen = \"127.0.0.1:1\"\njob_interval = 5\n").unwrap();
        let flags = ServerArgs {
            config: Some(config),
            listen: Some("127.0.0.1:2".parse().unwrap()),
            data_dir: Some(folder.path().join("data")),
            ..args()
        };
        let resolved = flags.resolve(Some("a-token-of-enough-length".into())).unwrap();
        assert_eq!(resolved.server.listen.port(), 2);
        assert_eq!(resolved.server.job_interval, Duration::from_secs(300));
        assert_eq!(resolved.log_format, LogFormat::Text);
        assert_eq!(token_of(&resolved), "a-token-of-enough-length");
    }

    #[test]
    fn a_misspelt_setting_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("provisor.toml");
        std::fs::write(&config, "lisen = \"127.0.0.1:1\"\n").unwrap();
        let error = ServerArgs { config: Some(config), ..args() }.resolve(None).unwrap_err();
        assert!(format!("{error:#}").contains("lisen"), "{error:#}");
    }

    #[test]
    fn without_a_token_one_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let resolve = || ServerArgs { data_dir: Some(folder.path().into()), ..args() }.resolve(None).unwrap();
        let (first, second) = (resolve(), resolve());
        assert_eq!(token_of(&first), token_of(&second));
        assert!(token_of(&first).starts_with("pvs_") && token_of(&first).len() == 68);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(first.own_token.unwrap()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_short_token_is_refused_without_printing_it() {
        let error = args().resolve(Some("hunter2".into())).unwrap_err().to_string();
        assert!(error.contains("PROVISOR_TOKEN") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn https_has_a_certificate_of_its_own_or_both_files() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("provisor.toml");
        let token = || Some("a-token-of-enough-length".to_owned());
        let resolve = |text: &str, flags: ServerArgs| {
            std::fs::write(&config, text).unwrap();
            ServerArgs { config: Some(config.clone()), ..flags }.resolve(token())
        };
        let tls = |text: &str, flags: ServerArgs| resolve(text, flags).unwrap().server.tls;
        let files = || Tls::Files { certificate: "c.pem".into(), key: "k.pem".into() };
        assert_eq!(tls("", args()), None);
        assert_eq!(tls("tls = \"self-signed\"\n", args()), Some(Tls::SelfSigned));
        assert_eq!(tls("tls_cert = \"c.pem\"\ntls_key = \"k.pem\"\n", args()), Some(files()));
        let flags = ServerArgs { tls_cert: Some("c.pem".into()), tls_key: Some("k.pem".into()), ..args() };
        assert_eq!(tls("tls = \"self-signed\"\n", flags), Some(files()));
        let error = resolve("tls_cert = \"c.pem\"\n", args()).unwrap_err().to_string();
        assert!(error.contains("tls_key"), "{error}");
    }

    #[test]
    fn an_issuer_is_trusted_for_each_audience_that_is_named() {
        let pairs = ["https://a.example/x?y=1=one", "https://b.example=two", "https://a.example/x?y=1=three"];
        let pairs = pairs.map(str::to_owned);
        let issuers = issuers(&pairs).unwrap();
        assert_eq!(issuers.len(), 2);
        assert_eq!(issuers[0].issuer, "https://a.example/x?y=1");
        assert_eq!(issuers[0].audiences, ["one", "three"]);
        assert!(super::issuers(&["https://a.example".to_owned()]).is_err());
    }
}
