//! X.509 certificates as credentials: what is read of them, and the names they are known by.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::{self, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jiff::tz::Offset;
use jsonwebtoken::DecodingKey;
use x509_cert::Certificate as Parsed;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::time::Time;

/// Around the base64 of a certificate in PEM.
const PEM: (&str, &str) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");

/// Why something is no usable certificate; it ends a sentence that begins with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It is not base64.
    #[error("is neither base64 nor PEM")]
    Encoding,
    /// The bytes are no certificate.
    #[error("is no X.509 certificate")]
    Malformed,
    /// Its key is none that an assertion can be signed with.
    #[error("has no RSA key of 2048 to 8192 bits")]
    Key,
}

/// A certificate that was read.
#[derive(Debug)]
pub struct Certificate {
    /// The whole of it.
    pub der: Vec<u8>,
    /// Valid from then.
    pub not_before: Timestamp,
    /// Valid until then.
    pub not_after: Timestamp,
    /// Its public key, as PKCS#1.
    key: Vec<u8>,
}

impl Certificate {
    /// Reads what clients send as `key`: base64 of DER, base64 of PEM, or PEM itself.
    ///
    /// # Errors
    /// When it is none of them, or its key is not RSA.
    pub fn from_text(text: &str) -> Result<Self, CertificateError> {
        if let Some(der) = pem(text) {
            return Self::from_der(der?);
        }
        let bytes = decoded(text)?;
        match std::str::from_utf8(&bytes).ok().and_then(pem) {
            Some(der) => Self::from_der(der?),
            None => Self::from_der(bytes),
        }
    }

    /// Reads DER.
    ///
    /// # Errors
    /// When it is no certificate, or its key is not RSA.
    pub fn from_der(der: Vec<u8>) -> Result<Self, CertificateError> {
        let parsed = Parsed::from_der(&der).map_err(|_| CertificateError::Malformed)?;
        let certificate = parsed.tbs_certificate;
        let info = certificate.subject_public_key_info;
        let spki = info.to_der().map_err(|_| CertificateError::Malformed)?;
        ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, &spki)
            .map_err(|_| CertificateError::Key)?;
        let key = info.subject_public_key.as_bytes().ok_or(CertificateError::Key)?.to_vec();
        Ok(Self {
            not_before: timestamp(certificate.validity.not_before)?,
            not_after: timestamp(certificate.validity.not_after)?,
            key,
            der,
        })
    }

    /// The key that its signatures are verified with.
    #[must_use]
    pub fn decoding_key(&self) -> DecodingKey {
        DecodingKey::from_rsa_der(&self.key)
    }

    /// The SHA-1 thumbprint, which names a certificate and proves nothing.
    #[must_use]
    pub fn sha1(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der).as_ref().to_vec()
    }

    /// The SHA-256 thumbprint.
    #[must_use]
    pub fn sha256(&self) -> Vec<u8> {
        digest(&SHA256, &self.der).as_ref().to_vec()
    }

    /// Whether the header of a JWT names this certificate: by `x5t#S256`, by `x5t`, or by a `kid` that is one of
    /// these or the SHA-1 thumbprint in hexadecimal. Clients write base64 in either alphabet, padded or not.
    #[must_use]
    pub fn is_named_by(&self, header: &jsonwebtoken::Header) -> bool {
        let (sha1, sha256) = (self.sha1(), self.sha256());
        let is = |text: &str, hash: &[u8]| {
            let text = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
            text == URL_SAFE_NO_PAD.encode(hash)
        };
        if let Some(text) = &header.x5t_s256 {
            return is(text, &sha256);
        }
        if let Some(text) = &header.x5t {
            return is(text, &sha1);
        }
        header.kid.as_deref().is_some_and(|kid| {
            is(kid, &sha1) || is(kid, &sha256) || kid.eq_ignore_ascii_case(&hexadecimal(&sha1))
        })
    }
}

/// The DER in a PEM text; `None` when it is none.
fn pem(text: &str) -> Option<Result<Vec<u8>, CertificateError>> {
    let (_, rest) = text.split_once(PEM.0)?;
    Some(rest.split_once(PEM.1).ok_or(CertificateError::Encoding).and_then(|(body, _)| decoded(body)))
}

fn decoded(text: &str) -> Result<Vec<u8>, CertificateError> {
    let compact: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    STANDARD.decode(compact).map_err(|_| CertificateError::Encoding)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn timestamp(time: Time) -> Result<Timestamp, CertificateError> {
    let seconds =
        i64::try_from(time.to_unix_duration().as_secs()).map_err(|_| CertificateError::Malformed)?;
    Timestamp::from_second(seconds).map_err(|_| CertificateError::Malformed)
}

/// Year, month and day of an instant, as certificates are dated with.
#[must_use]
pub fn date(at: Timestamp) -> (i32, u8, u8) {
    let date = Offset::UTC.to_datetime(at).date();
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    (i32::from(date.year()), part(date.month()), part(date.day()))
}
