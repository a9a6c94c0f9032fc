//! From secrets to a target.

use provisor_connectors::scim::ScimTarget;
use provisor_engine::object::ObjectType;
use provisor_engine::ports::{
    AttributeType, ConnectorError, ErrorClass, Mutability, Target as _, TargetAttribute, TargetShape,
};
use provisor_engine::schema::definition::ObjectDefinition;
use provisor_scim::{ClientError, ScimClient};
use provisor_store::secrets::Secret;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

use crate::scheduler::Shared;

/// How to reach a target.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) base_address: String,
    pub(crate) token: Option<SecretString>,
}

impl PartialEq for Connection {
    fn eq(&self, other: &Self) -> bool {
        let token =
            |connection: &Self| connection.token.as_ref().map(|token| token.expose_secret().to_owned());
        self.base_address == other.base_address && token(self) == token(other)
    }
}

/// The value of a secret.
pub(crate) fn secret<'a>(secrets: &'a [Secret], key: &str) -> Option<&'a str> {
    let found = secrets.iter().find(|secret| secret.key.eq_ignore_ascii_case(key))?;
    Some(found.value.expose_secret()).filter(|value| !value.trim().is_empty())
}

/// Whether a secret that is a switch is on: `True`, `true` or `1`.
pub(crate) fn is_on(secrets: &[Secret], key: &str) -> bool {
    secret(secrets, key).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
}

impl Connection {
    /// Reads `BaseAddress` and `SecretToken`.
    ///
    /// # Errors
    /// A sentence when there is no address.
    pub(crate) fn from_secrets(secrets: &[Secret]) -> Result<Self, String> {
        let base_address = secret(secrets, "BaseAddress").ok_or(
            "the target's address is not set: PUT …/synchronization/secrets with the key BaseAddress (the SCIM \
             base URL) and SecretToken (its bearer token)",
        )?;
        let token = secret(secrets, "SecretToken").map(SecretString::from);
        Ok(Self { base_address: base_address.to_owned(), token })
    }

    /// A client of the target.
    pub(crate) fn client(&self, shared: &Shared) -> Result<ScimClient, ClientError> {
        ScimClient::new(shared.http.clone(), &self.base_address, self.token.as_ref())
    }
}

/// Tries credentials: one query for a user that cannot exist.
pub(crate) async fn validate(shared: &Shared, secrets: &[Secret]) -> Result<(), ConnectorError> {
    let operation = "validate credentials";
    let invalid = |message: String| ConnectorError::new(ErrorClass::Invalid, operation, message);
    let connection = Connection::from_secrets(secrets).map_err(invalid)?;
    let client = connection.client(shared).map_err(|error| invalid(error.to_string()))?;
    let user_name = TargetAttribute {
        name: "userName".into(),
        attribute_type: AttributeType::String,
        multivalued: false,
        case_exact: false,
        mutability: Mutability::ReadWrite,
        matching: true,
    };
    let shape = TargetShape { object_type: ObjectType::new("User"), attributes: vec![user_name] };
    let target = ScimTarget::new(client, &[&shape], Arc::clone(&shared.clock), Arc::clone(&shared.ids))
        .map_err(|error| invalid(error.to_string()))?;
    target.check().await
}

/// Reads the object types of a target.
pub(crate) async fn discover(
    shared: &Shared,
    secrets: &[Secret],
) -> Result<Vec<ObjectDefinition>, ConnectorError> {
    let invalid =
        |message: String| ConnectorError::new(ErrorClass::Invalid, "read the target's schema", message);
    let connection = Connection::from_secrets(secrets).map_err(invalid)?;
    let client = connection.client(shared).map_err(|error| invalid(error.to_string()))?;
    provisor_connectors::scim::discover(&client, shared.clock.now()).await
}
