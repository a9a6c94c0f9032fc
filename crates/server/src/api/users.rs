//! Creating users.

use provisor_graph::error::GraphError;
use provisor_store::directory::ObjectKind;
use serde_json::{Map, Value as Json};

use super::{entities, model};
use crate::http::error::Answer;
use crate::http::request::Call;

const ADDRESSES: &str = "proxyAddresses";

/// `POST /users`
///
/// # Errors
/// 400 for missing or unfit properties and a `userPrincipalName` that is taken.
pub async fn create(call: Call) -> Answer {
    let mut body = model::body(&call, ObjectKind::User)?;
    let edges = entities::bound_edges(&call, ObjectKind::User, None, &mut body).await?;
    let properties = model::created(ObjectKind::User, body)?;
    let user = entities::insert(&call, ObjectKind::User, properties, edges).await?;
    entities::created(&call, &user)
}

/// Checks the name of a user, and derives the addresses of its mail from its primary one, as Graph does.
///
/// # Errors
/// 400 for a name that is none.
pub(super) fn settle(user: &mut Map<String, Json>) -> Result<(), GraphError> {
    check_name(user.get("userPrincipalName").and_then(Json::as_str).unwrap_or_default())?;
    match user.get("mail").and_then(Json::as_str) {
        Some(mail) => user.insert(ADDRESSES.to_owned(), vec![format!("SMTP:{mail}")].into()),
        None => user.remove(ADDRESSES),
    };
    Ok(())
}

/// `local@domain`. The domain may be any: this directory does not verify domains.
fn check_name(name: &str) -> Result<(), GraphError> {
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || b"'.-_!#^~+".contains(&byte);
    let valid = name.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && local.len() <= 64
            && local.bytes().all(fit)
            && !domain.is_empty()
            && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
    });
    if valid {
        Ok(())
    } else {
        Err(GraphError::invalid_value("userPrincipalName", "User")
            .because("It must be local@domain, in ASCII."))
    }
}
