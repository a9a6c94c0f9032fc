//! The clients of the token endpoint: applications, what they prove themselves by, and what they may do.

use jiff::Timestamp;
use provisor_store::directory::{AssignmentsOf, DirectoryObject, ObjectKind};
use provisor_store::{ServerStore, StoreError};
use secrecy::SecretString;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::refusal::Refusal;
use super::secret;
use crate::builtin::GRAPH_APP_ID;

/// The member of a stored password credential that holds its hash. It is no property of Graph's type, so that
/// it is never printed and cannot be sent.
pub const SECRET_HASH: &str = "secretHash";
/// How many assignments are read at a time.
const PAGE: usize = 100;

/// An application that asks for a token.
#[derive(Debug)]
pub struct Client {
    /// Its `appId`.
    pub id: Uuid,
    /// Its service principal.
    pub principal: DirectoryObject,
    application: Option<DirectoryObject>,
}

/// Whether a service principal may be used.
#[must_use]
pub fn is_enabled(principal: &DirectoryObject) -> bool {
    principal.properties.get("accountEnabled").and_then(Json::as_bool).unwrap_or(true)
}

impl Client {
    /// The client of this id.
    ///
    /// # Errors
    /// When it is no application, has no service principal, or a disabled one.
    pub async fn find(store: &dyn ServerStore, client: &str, tenant: &str) -> Result<Self, Refusal> {
        let unknown = || Refusal::client(client, tenant);
        let id = Uuid::try_parse(client).map_err(|_| unknown())?;
        let key = id.to_string();
        let of = async |kind| store.get_by_key(kind, &key).await.map_err(|error| Refusal::fault(&error));
        let application = of(ObjectKind::Application).await?;
        let Some(principal) = of(ObjectKind::ServicePrincipal).await? else {
            return Err(if application.is_some() {
                Refusal::no_principal(client, tenant)
            } else {
                unknown()
            });
        };
        let client = Self { id, principal, application };
        if is_enabled(&client.principal) { Ok(client) } else { Err(Refusal::disabled(&key, client.name())) }
    }

    /// Its display name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.principal.properties.get("displayName").and_then(Json::as_str).unwrap_or_default()
    }

    /// The credentials of the application and of its service principal: both count.
    pub fn credentials(&self, property: &'static str) -> impl Iterator<Item = &Map<String, Json>> {
        let objects = self.application.iter().chain([&self.principal]);
        objects
            .filter_map(move |object| object.properties.get(property).and_then(Json::as_array))
            .flatten()
            .filter_map(Json::as_object)
    }

    /// Checks a secret.
    ///
    /// # Errors
    /// When it is none of the client's, or was one.
    pub fn check_secret(&self, given: &SecretString, now: Timestamp) -> Result<(), Refusal> {
        let is_it = |credential: &&Map<String, Json>| {
            let stored = credential.get(SECRET_HASH).and_then(Json::as_str);
            stored.is_some_and(|stored| secret::matches(stored, given))
        };
        let id = self.id.to_string();
        let credential =
            self.credentials("passwordCredentials").find(is_it).ok_or_else(|| Refusal::secret(&id))?;
        match period(credential) {
            (Some(start), _) if now < start => Err(Refusal::secret(&id)),
            (_, Some(end)) if now >= end => Err(Refusal::expired_secret(&id)),
            _ => Ok(()),
        }
    }

    /// The values of the roles that it is assigned on the API.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn roles(&self, store: &dyn ServerStore) -> Result<Vec<String>, StoreError> {
        let Some(api) = store.get_by_key(ObjectKind::ServicePrincipal, GRAPH_APP_ID).await? else {
            return Ok(Vec::new());
        };
        let known = api.properties.get("appRoles").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let value_of = |role: Uuid| {
            let role = known.iter().find(|known| {
                let id = known["id"].as_str().and_then(|id| Uuid::try_parse(id).ok());
                id == Some(role) && known["isEnabled"].as_bool().unwrap_or(true)
            });
            role.and_then(|role| role["value"].as_str()).map(str::to_owned)
        };
        let (mut roles, mut after) = (Vec::new(), None);
        loop {
            let of = AssignmentsOf::Principal(self.principal.id);
            let page = store.assignments(of, after, PAGE).await?;
            let on_api = page.iter().filter(|assignment| assignment.resource == api.id);
            roles.extend(on_api.filter_map(|assignment| value_of(assignment.role)));
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.key),
                _ => break,
            }
        }
        roles.sort_unstable();
        roles.dedup();
        Ok(roles)
    }
}

/// From when and until when a credential is valid.
#[must_use]
pub fn period(credential: &Map<String, Json>) -> (Option<Timestamp>, Option<Timestamp>) {
    let at = |name: &str| credential.get(name).and_then(Json::as_str).and_then(|text| text.parse().ok());
    (at("startDateTime"), at("endDateTime"))
}
