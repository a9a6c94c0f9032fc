//! Secrets: written by key, never read back.

use provisor_graph::error::GraphError;
use provisor_graph::nearest::suggestion;
use provisor_graph::odata::filter::{Field, Table};
use provisor_graph::resources::synchronization::secret::{MASK, SecretKey};
use provisor_store::secrets::{Secret, SecretChange};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::host::Host;
use super::values;
use crate::api::listing::{ItemType, Listing};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

static SECRET: ItemType = ItemType {
    name: "synchronizationSecretKeyStringValuePair",
    noun: "secret",
    key: "key",
    members: &Table(&[("key", Field::TEXT), ("value", Field::TEXT)]),
    expandable: None,
};

/// `GET …/secrets`: the keys that are stored, in the order of first storing.
///
/// # Errors
/// 404 when the container is not there, 400 for query options that secrets do not have.
pub async fn list(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let listing = Listing::new(&call, &SECRET)?;
    listing.reply(&format!("{}/secrets", host.context), printed(&stored(&call, &host).await?))
}

/// Secrets as anybody may see them; filters see no more.
#[must_use]
pub(super) fn printed(secrets: &[Secret]) -> Vec<Json> {
    let print = |secret: &Secret| {
        let confidential = SecretKey::parse(&secret.key).is_none_or(SecretKey::is_confidential);
        let value = if confidential { MASK } else { secret.value.expose_secret() };
        json!({"key": secret.key, "value": value})
    };
    secrets.iter().map(print).collect()
}

/// `GET …/secrets/$count`
///
/// # Errors
/// As [`list`].
pub async fn count(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    Ok(Listing::new(&call, &SECRET)?.count(printed(&stored(&call, &host).await?)))
}

/// What is stored: nothing without a service principal.
///
/// # Errors
/// When the store fails.
pub(super) async fn stored(call: &Call, host: &Host) -> Result<Vec<Secret>, Failure> {
    match host.service_principal_id() {
        Some(owner) => Ok(call.state.store.secrets(owner).await?),
        None => Ok(Vec::new()),
    }
}

/// `PUT …/secrets`: merges by key; an empty value removes its key.
///
/// # Errors
/// 400 for a key that Graph does not know or a value that is no text; then nothing is stored.
pub async fn merge(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    host.service_principal()?;
    let body = call.json()?;
    let list = ["value", "credentials"].iter().find_map(|member| body.get(*member)).unwrap_or(&body);
    store(&call, &host, pairs(list, "value")?).await?;
    Ok(Reply::no_content())
}

/// Merges secrets by key, and lets the jobs look at them.
///
/// # Errors
/// 404 for an application without a service principal, 400 for a value that its key can never have.
pub(super) async fn store(call: &Call, host: &Host, pairs: Vec<Pair>) -> Result<(), Failure> {
    let owner = host.service_principal()?.id;
    for pair in pairs.iter().filter(|pair| !is_mask(pair)) {
        let value = pair.value.as_ref().map(SecretString::expose_secret);
        if let Some(problem) = value.and_then(|value| values::of_secret(pair.key, value)) {
            let message = format!("The value of the secret '{}' {problem}. Nothing was stored.", pair.key);
            return Err(GraphError::new(400, values::refusal_code(pair.key), message).into());
        }
    }
    let changes: Vec<SecretChange> = pairs
        .into_iter()
        .filter(|pair| !is_mask(pair))
        .map(|Pair { key, value }| SecretChange { key: key.name().to_owned(), value })
        .collect();
    call.state.store.change_secrets(owner, changes).await?;
    for job in host.jobs(call).await? {
        call.state.runtime.wake(job.key);
    }
    Ok(())
}

/// Removes all secrets of a service principal.
///
/// # Errors
/// When the store fails.
pub async fn delete_all(call: &Call, owner: Uuid) -> Result<(), Failure> {
    let stored = call.state.store.secrets(owner).await?;
    let changes = stored.into_iter().map(|secret| SecretChange { key: secret.key, value: None }).collect();
    Ok(call.state.store.change_secrets(owner, changes).await?)
}

/// One entry of a list of secrets; `value` is `None` where it is to be removed.
pub struct Pair {
    /// The key.
    pub key: SecretKey,
    /// The value.
    pub value: Option<SecretString>,
}

fn is_mask(pair: &Pair) -> bool {
    pair.key.is_confidential() && pair.value.as_ref().is_some_and(|value| value.expose_secret() == MASK)
}

/// Reads a list of `{key, value}`. A key that is given twice counts as given last, at its first place.
///
/// # Errors
/// 400 for what is no such list, naming the entry but never its value.
pub fn pairs(list: &Json, member: &str) -> Result<Vec<Pair>, GraphError> {
    let entries = list.as_array().ok_or_else(|| {
        GraphError::bad_request(format!("'{member}' must be a list of {{\"key\", \"value\"}} pairs."))
    })?;
    let mut pairs: Vec<Pair> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let pair = secret_pair(entry).map_err(|problem| {
            GraphError::bad_request(format!("Invalid entry '{member}[{index}]': {problem}"))
        })?;
        match pairs.iter_mut().find(|known| known.key == pair.key) {
            Some(known) => known.value = pair.value,
            None => pairs.push(pair),
        }
    }
    Ok(pairs)
}

/// The key of this name or number.
fn named(text: &str) -> Result<SecretKey, String> {
    SecretKey::parse(text).filter(|key| *key != SecretKey::None).ok_or_else(|| {
        let known = SecretKey::ALL.iter().filter(|key| **key != SecretKey::None).map(|key| key.name());
        let near = suggestion(text, known);
        format!("'{text}' is not a secret key (the members of synchronizationSecret){near}")
    })
}

fn secret_pair(entry: &Json) -> Result<Pair, String> {
    let key = match entry.get("key") {
        Some(Json::String(text)) => named(text)?,
        Some(Json::Number(number)) => named(&number.to_string())?,
        _ => return Err("'key' must be the name of a secret key.".to_owned()),
    };
    let value = match entry.get("value") {
        None | Some(Json::Null) => None,
        Some(Json::String(text)) if text.is_empty() => None,
        Some(Json::String(text)) => Some(SecretString::from(text.as_str())),
        Some(_) => return Err(format!("the 'value' of '{}' must be a text.", key.name())),
    };
    Ok(Pair { key, value })
}

/// Stored secrets overlaid with given ones; a masked value stands for the stored one.
#[must_use]
pub fn overlay(mut stored: Vec<Secret>, given: Vec<Pair>) -> Vec<Secret> {
    for pair in given.into_iter().filter(|pair| !is_mask(pair)) {
        let key = pair.key.name();
        stored.retain(|secret| secret.key != key);
        if let Some(value) = pair.value {
            stored.push(Secret { key: key.to_owned(), value });
        }
    }
    stored
}

/// The stored secrets that may be used beside given ones: where these lead to another server, what is confidential
/// stays here. It was entrusted to us for the server that is stored, and is never told.
#[must_use]
pub fn for_their_target(mut stored: Vec<Secret>, given: &[Pair]) -> Vec<Secret> {
    let leads = |key: SecretKey| matches!(key, SecretKey::BaseAddress | SecretKey::Oauth2TokenExchangeUri);
    let leads_elsewhere = given.iter().filter(|pair| leads(pair.key)).any(|pair| {
        let known = stored.iter().find(|secret| secret.key == pair.key.name());
        let server = |text: &SecretString| server_of(text.expose_secret());
        pair.value.as_ref().is_some_and(|value| {
            known.is_none_or(|known| server(value).is_none() || server(value) != server(&known.value))
        })
    });
    if leads_elsewhere {
        stored.retain(|secret| !SecretKey::parse(&secret.key).is_none_or(SecretKey::is_confidential));
    }
    stored
}

/// Scheme, host and port of an address.
fn server_of(address: &str) -> Option<(String, String)> {
    let uri: http::Uri = address.trim().parse().ok()?;
    Some((uri.scheme_str()?.to_ascii_lowercase(), uri.authority()?.as_str().to_ascii_lowercase()))
}

/// The stored secrets that a list refers to by a masked value.
#[must_use]
pub fn referred(stored: &[Secret], given: &[Pair]) -> Vec<Secret> {
    let masked = |secret: &&Secret| given.iter().any(|pair| is_mask(pair) && pair.key.name() == secret.key);
    stored.iter().filter(masked).cloned().collect()
}
