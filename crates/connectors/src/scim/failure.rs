//! The class of a failed request, set where the answer is read.

use jiff::Timestamp;
use provisor_engine::ports::{ConnectorError, ErrorClass};
use provisor_scim::{ClientError, Response, ScimType};

/// A request that got no answer.
pub(super) fn unanswered(operation: &str, error: &ClientError) -> ConnectorError {
    let class = match error {
        ClientError::InvalidUrl { .. }
        | ClientError::InvalidToken
        | ClientError::TlsSetup(_)
        | ClientError::Forbidden { .. }
        | ClientError::Redirect { .. } => ErrorClass::Fatal,
        ClientError::BodyTooLarge { .. } | ClientError::InvalidVersion => ErrorClass::Invalid,
        ClientError::Connect { .. }
        | ClientError::Tls { .. }
        | ClientError::Timeout { .. }
        | ClientError::Protocol { .. } => ErrorClass::Transient,
    };
    let mut failed = ConnectorError::new(class, operation, error.to_string());
    failed.maybe_applied = error.maybe_applied();
    failed
}

/// A request that was answered with an error status. Servers disagree about `scimType`, so the status
/// decides and the keyword is a hint.
pub(super) fn refused(operation: &str, response: &Response, now: Timestamp) -> ConnectorError {
    let status = response.status.as_u16();
    let detail = response.error();
    let keyword = detail.as_ref().and_then(|error| error.scim_type.clone());
    let retry_after = response.retry_after(now);
    let class = match status {
        401 => ErrorClass::Unauthorized,
        404 | 410 => ErrorClass::NotFound,
        409 => ErrorClass::Conflict,
        400 if keyword == Some(ScimType::Uniqueness) => ErrorClass::Conflict,
        429 => ErrorClass::Throttled,
        503 if retry_after.is_some() => ErrorClass::Throttled,
        501 | 505 => ErrorClass::Invalid,
        408 | 412 | 425 | 500..=599 => ErrorClass::Transient,
        _ => ErrorClass::Invalid,
    };
    let said = detail.map(|error| error.detail).filter(|detail| !detail.trim().is_empty());
    let keyword = keyword.map(|keyword| format!(" {keyword}")).unwrap_or_default();
    let message = match said {
        Some(said) => format!("the target answered {status}{keyword}: {said}"),
        None => format!("the target answered {status}{keyword} without saying why"),
    };
    let mut failed = ConnectorError::new(class, operation, message);
    failed.status = Some(status);
    failed.retry_after = retry_after;
    // A server error may come after the work was done.
    failed.maybe_applied = class == ErrorClass::Transient;
    failed
}

/// An answer that is not what the protocol says.
pub(super) fn unreadable(operation: &str, why: impl std::fmt::Display) -> ConnectorError {
    let message = format!("the target's answer is not SCIM: {why}");
    let mut failed = ConnectorError::new(ErrorClass::Invalid, operation, message);
    failed.maybe_applied = true;
    failed
}
