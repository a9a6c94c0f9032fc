//! `addPassword` and `removePassword`: the secrets that applications get tokens with.

use jiff::{SignedDuration, Timestamp};
use provisor_graph::edm;
use provisor_graph::error::GraphError;
use provisor_graph::resources::directory::complex::PASSWORD_CREDENTIAL;
use provisor_graph::resources::directory::validate_complex;
use provisor_store::directory::{DirectoryObject, ObjectChange, ObjectKind};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{entities, lookup, model};
use crate::builtin;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;
use crate::identity::client::SECRET_HASH;
use crate::identity::secret;

/// The property that holds them.
pub const PASSWORDS: &str = "passwordCredentials";
/// The parameter of `addPassword`.
const CREDENTIAL: &str = "passwordCredential";
/// Its type, as errors name it.
const RESOURCE: &str = "PasswordCredential";
/// How long a secret is valid when nothing is said: two years, as in Graph.
const VALIDITY: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);
/// The most credentials of one object; each is tried for every token.
const MOST: usize = 100;

/// What a client says of a new secret.
struct Wanted {
    name: Json,
    start: Timestamp,
    end: Timestamp,
}

/// `POST /applications/{app}/addPassword`, and of service principals: the answer is the only one that ever holds
/// the secret.
///
/// # Errors
/// 404 when there is no such object, 400 for dates that are none or the wrong way round.
pub async fn add(call: Call, kind: ObjectKind) -> Answer {
    let object = lookup::object(&call, kind, entities::key_name(kind)).await?;
    let wanted = wanted(&call)?;
    let text = secret::generate(call.state.ids.as_ref());
    let key = call.state.ids.uuid();
    let mut credential = Map::new();
    credential.insert("displayName".into(), wanted.name);
    credential.insert("endDateTime".into(), edm::print(wanted.end).into());
    credential.insert("hint".into(), secret::hint(&text).into());
    credential.insert("keyId".into(), key.to_string().into());
    credential.insert("startDateTime".into(), edm::print(wanted.start).into());
    let mut stored = credential.clone();
    stored.insert(SECRET_HASH.into(), secret::hash(call.state.ids.as_ref(), &text).into());
    change(&call, &object, |credentials| {
        if credentials.len() >= MOST {
            let message =
                format!("An object has at most {MOST} passwords; remove old ones with removePassword.");
            return Err(GraphError::directory_bad_request(message));
        }
        credentials.push(stored.into());
        Ok(())
    })
    .await?;
    credential.insert("customKeyIdentifier".into(), Json::Null);
    credential.insert("secretText".into(), text.expose_secret().into());
    Ok(Reply::entity(&call, "microsoft.graph.passwordCredential", &credential)?)
}

/// `POST /applications/{app}/removePassword`, and of service principals
///
/// # Errors
/// 404 when there is no such object, 400 when it has no such password.
pub async fn remove(call: Call, kind: ObjectKind) -> Answer {
    let object = lookup::object(&call, kind, entities::key_name(kind)).await?;
    let body = call.json()?;
    let key = match body.get("keyId") {
        None | Some(Json::Null) => {
            return Err(GraphError::missing_property("keyId", RESOURCE).into());
        }
        Some(value) => value.as_str().and_then(|text| Uuid::try_parse(text).ok()),
    };
    let key = key.ok_or_else(|| GraphError::invalid_value("keyId", RESOURCE))?.to_string();
    change(&call, &object, |credentials| {
        let before = credentials.len();
        credentials.retain(|credential| credential["keyId"].as_str() != Some(&key));
        if credentials.len() == before {
            let message = format!("No password credential found with keyId '{key}'.");
            return Err(GraphError::directory_bad_request(message));
        }
        Ok(())
    })
    .await?;
    Ok(Reply::no_content())
}

fn wanted(call: &Call) -> Result<Wanted, GraphError> {
    let body = call.optional_json()?.unwrap_or_else(|| json!({}));
    let members = body.as_object().ok_or_else(GraphError::unreadable_payload)?;
    let mut others = members.keys().filter(|name| *name != CREDENTIAL && !name.starts_with('@'));
    if let Some(name) = others.next() {
        let sentence = format!("What the password is to be stands within '{CREDENTIAL}'.");
        return Err(GraphError::unknown_property(name).because(sentence));
    }
    let unfit = |member: &str| GraphError::invalid_value(&format!("{CREDENTIAL}/{member}"), RESOURCE);
    let credential = match members.get(CREDENTIAL) {
        None | Some(Json::Null) => Map::new(),
        // A misspelt end would make a secret that lives for years.
        Some(Json::Object(sent)) => validate_complex(PASSWORD_CREDENTIAL, CREDENTIAL, sent, RESOURCE)?,
        Some(_) => {
            return Err(GraphError::invalid_value(CREDENTIAL, RESOURCE).because("It must be an object."));
        }
    };
    let at = |member: &str| match credential.get(member).and_then(Json::as_str) {
        None => Ok(None),
        Some(text) => text.parse::<Timestamp>().map(Some).map_err(|_| unfit(member)),
    };
    let name = credential.get("displayName").cloned().unwrap_or_default();
    let start = at("startDateTime")?.unwrap_or_else(|| call.now());
    let end = match at("endDateTime")? {
        Some(end) => end,
        None => start.checked_add(VALIDITY).map_err(|_| unfit("startDateTime"))?,
    };
    if end <= start {
        return Err(unfit("endDateTime")
            .because("It must be after 'startDateTime', which is now when it is not sent."));
    }
    Ok(Wanted { name, start, end })
}

/// Changes the passwords of an object while nobody else does.
async fn change(
    call: &Call,
    object: &DirectoryObject,
    change: impl FnOnce(&mut Vec<Json>) -> Result<(), GraphError> + Send,
) -> Result<(), Failure> {
    builtin::check_changeable(object)?;
    let _turn = call.state.locks.lock(object.id).await;
    let gone = || GraphError::not_found(&object.id.to_string());
    let mut properties = call.state.store.get(object.id).await?.ok_or_else(gone)?.properties.into_map();
    let mut credentials = match properties.remove(PASSWORDS) {
        Some(Json::Array(credentials)) => credentials,
        _ => Vec::new(),
    };
    change(&mut credentials)?;
    properties.insert(PASSWORDS.into(), credentials.into());
    let keys = model::keys(object.kind, &properties);
    let change = ObjectChange { properties, keys, edges: Vec::new() };
    call.state.store.update(object.id, change).await?.ok_or_else(gone)?;
    Ok(())
}
