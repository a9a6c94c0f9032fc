//! The key that secrets are encrypted with at rest.

use std::io::{Read as _, Write as _};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

/// The length of a key, in bytes.
const LENGTH: usize = 32;

/// Why a master key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file cannot be read or made.
    #[error("the master key file {path} cannot be used: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Others may read the file.
    #[error(
        "the master key file {path} can be read by other users (mode {mode:o}); run `chmod 600` on it, and \
         replace the secrets if others may have read it"
    )]
    Exposed {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("the master key file {path} does not hold a key of 32 bytes; restore it from a backup")]
    Malformed {
        /// The file.
        path: String,
    },
    /// The machine gave no randomness, or the cipher refused the key.
    #[error("a master key cannot be made on this machine")]
    Unavailable,
}

/// What was encrypted does not decrypt: another key, other associated data, or changed bytes.
#[derive(Debug, thiserror::Error)]
#[error(
    "it was encrypted with another master key, or was changed; use the key file that belongs to this data"
)]
pub struct Unsealable;

/// The key that secrets are encrypted with: AES-256-GCM-SIV (RFC 8452), with a random nonce each.
pub struct MasterKey(RandomizedNonceKey);

impl MasterKey {
    /// The key with these bytes.
    ///
    /// # Errors
    /// When the cipher refuses it.
    pub fn from_bytes(bytes: &[u8; LENGTH]) -> Result<Self, MasterKeyError> {
        RandomizedNonceKey::new(&AES_256_GCM_SIV, bytes).map(Self).map_err(|_| MasterKeyError::Unavailable)
    }

    /// The key in a file, which is made with a random key when it is not there.
    ///
    /// # Errors
    /// When the file cannot be used, holds something else, or (on Unix) can be read by others.
    pub fn load_or_create(path: &Path) -> Result<Self, MasterKeyError> {
        match create(path)? {
            Some(key) => Ok(key),
            None => load(path),
        }
    }

    /// Encrypts; only the same `associated` data decrypts it.
    pub(crate) fn seal(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let mut buffer = Zeroizing::new(Vec::with_capacity(plain.len() + AES_256_GCM_SIV.tag_len()));
        buffer.extend_from_slice(plain);
        let nonce =
            self.0.seal_in_place_append_tag(Aad::from(associated), &mut *buffer).map_err(|_| Unsealable)?;
        Ok([nonce.as_ref().as_slice(), buffer.as_slice()].concat())
    }

    /// Decrypts what [`Self::seal`] gave.
    pub(crate) fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        let mut buffer = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length =
            self.0.open_in_place(nonce, Aad::from(associated), &mut buffer).map_err(|_| Unsealable)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> MasterKeyError {
    |error| MasterKeyError::File { path: path.display().to_string(), reason: error.to_string() }
}

/// `None` when the file is there already.
fn create(path: &Path) -> Result<Option<MasterKey>, MasterKeyError> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(failed(path)(error)),
    };
    let mut bytes = Zeroizing::new([0; LENGTH]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| MasterKeyError::Unavailable)?;
    file.write_all(bytes.as_slice()).and_then(|()| file.sync_all()).map_err(failed(path))?;
    MasterKey::from_bytes(&bytes).map(Some)
}

fn load(path: &Path) -> Result<MasterKey, MasterKeyError> {
    let mut file = std::fs::File::open(path).map_err(failed(path))?;
    #[cfg(unix)]
    {
        let metadata = file.metadata().map_err(failed(path))?;
        let mode = std::os::unix::fs::MetadataExt::mode(&metadata) & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::Exposed { path: path.display().to_string(), mode });
        }
    }
    let malformed = || MasterKeyError::Malformed { path: path.display().to_string() };
    let mut bytes = Zeroizing::new([0; LENGTH]);
    match file.read_exact(bytes.as_mut_slice()) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Err(malformed()),
        Err(error) => return Err(failed(path)(error)),
    }
    if file.read(&mut [0]).map_err(failed(path))? > 0 {
        return Err(malformed());
    }
    MasterKey::from_bytes(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_associated_data_decrypt() {
        let key = MasterKey::from_bytes(&[1; LENGTH]).unwrap();
        let sealed = key.seal(b"row 1", b"hunter2").unwrap();
        assert_eq!(*key.open(b"row 1", &sealed).unwrap(), b"hunter2");
        assert_ne!(key.seal(b"row 1", b"hunter2").unwrap(), sealed, "each nonce is new");
        key.open(b"row 2", &sealed).unwrap_err();
        MasterKey::from_bytes(&[2; LENGTH]).unwrap().open(b"row 1", &sealed).unwrap_err();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            key.open(b"row 1", &changed).unwrap_err();
        }
        key.open(b"row 1", &sealed[..5]).unwrap_err();
    }

    #[test]
    fn a_key_file_is_made_once_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let sealed = MasterKey::load_or_create(&path).unwrap().seal(b"", b"text").unwrap();
        assert_eq!(*MasterKey::load_or_create(&path).unwrap().open(b"", &sealed).unwrap(), b"text");
        assert_eq!(std::fs::read(&path).unwrap().len(), LENGTH);
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        for length in [0, LENGTH - 1, LENGTH + 1] {
            drop(MasterKey::load_or_create(&path).unwrap());
            std::fs::write(&path, vec![7; length]).unwrap();
            assert!(matches!(MasterKey::load_or_create(&path), Err(MasterKeyError::Malformed { .. })));
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        MasterKey::load_or_create(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = MasterKey::load_or_create(&path).unwrap_err();
        assert!(matches!(error, MasterKeyError::Exposed { mode: 0o640, .. }));
        assert!(error.to_string().contains("mode 640"));
    }
}
