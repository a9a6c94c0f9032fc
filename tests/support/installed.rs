//! Third-party clients, as `scripts/install-test-clients` installs them, and servers for them to drive over TLS.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Process, TOKEN, sample_app};

/// Seconds that a script may take.
const PATIENCE: &str = "240";

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is there")
}

/// The folder of an installed client; installs it when it is not there.
pub(crate) fn client(name: &str) -> PathBuf {
    let folder = std::env::var_os("PROVISOR_TEST_DIR")
        .map_or_else(|| root().join("target/test-counterparts"), PathBuf::from);
    let output = Command::new(root().join("scripts/install-test-clients"))
        .arg(&folder)
        .arg(name)
        .output()
        .expect("the script runs");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    folder.join(name).canonicalize().expect("it was installed")
}

/// The virtual environment of an installed client in Python.
pub(crate) fn venv(name: &str) -> PathBuf {
    client(name).join("venv")
}

/// A server over TLS, an application to provision into, and a folder to run scripts in.
pub(crate) struct Counterparts {
    folder: TempDir,
    server: Process,
    target: String,
}

impl Counterparts {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Process::tls_server(&folder.path().join("data"));
        let (target, _) = sample_app().await;
        Self { folder, server, target }
    }

    /// Where scripts run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address that the server printed, without the version.
    pub(crate) fn server_url(&self) -> &str {
        self.server.url.trim_end_matches("/v1.0")
    }

    /// Puts the scripts of `tests/clients/NAME` into the folder, with their packages in reach.
    pub(crate) fn lay(&self, name: &str) {
        for entry in fs::read_dir(root().join("tests/clients").join(name)).expect("scripts").flatten() {
            fs::copy(entry.path(), self.folder().join(entry.file_name())).expect("a copy");
        }
    }

    /// Puts the packages of JavaScript in reach of scripts in the folder.
    pub(crate) fn lay_packages(&self) {
        let packages = client("javascript").join("node_modules");
        std::os::unix::fs::symlink(packages, self.folder().join("node_modules")).expect("a link");
    }

    /// Runs a program with what it must know in its environment; it must end well. Gives what it printed.
    pub(crate) async fn run(&self, program: &Path, arguments: &[&str]) -> String {
        let certificate = self.server.certificate.clone().expect("a certificate");
        let mut command = Command::new("timeout");
        command.arg(PATIENCE).arg(program).args(arguments).current_dir(self.folder());
        for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE"] {
            command.env(variable, &certificate);
        }
        command
            .env("PROVISOR_URL", self.server_url())
            .env("PROVISOR_CERTIFICATE", &certificate)
            .env("PROVISOR_TOKEN", TOKEN)
            .env("TARGET_URL", &self.target)
            .env("TARGET_TOKEN", TOKEN);
        let output = tokio::task::spawn_blocking(move || command.output())
            .await
            .expect("it is waited for")
            .expect("it starts");
        let (printed, said) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(
            output.status.success(),
            "{} {arguments:?}: {}\n{printed}\n{said}",
            program.display(),
            output.status
        );
        printed.into_owned()
    }
}
