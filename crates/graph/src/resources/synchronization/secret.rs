//! Secrets: keys that everybody may know and values that nobody may read.

use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::edm::enumeration::wire_enum;

wire_enum! {
    /// The keys of secrets: `synchronizationSecret`.
    pub enum SecretKey: "synchronizationSecret" = None {
        /// Not usable.
        None = 0,
        /// Administrative account of the target.
        UserName = 1,
        /// Its password.
        Password = 2,
        /// Bearer token of a SCIM target.
        SecretToken = 3,
        /// Scenario of an agent.
        AppKey = 4,
        /// SCIM base URL.
        BaseAddress = 5,
        /// OAuth or API client id.
        ClientIdentifier = 6,
        /// Its secret.
        ClientSecret = 7,
        /// Specific to connectors.
        SingleSignOnType = 11,
        /// Whether the target is a sandbox.
        Sandbox = 12,
        /// URL of the target.
        Url = 13,
        /// Domain.
        Domain = 14,
        /// OAuth 1 consumer key.
        ConsumerKey = 15,
        /// OAuth 1 consumer secret.
        ConsumerSecret = 16,
        /// Token material.
        TokenKey = 17,
        /// Its lifetime.
        TokenExpiration = 18,
        /// OAuth 2 access token.
        Oauth2AccessToken = 19,
        /// When it was made.
        Oauth2AccessTokenCreationTime = 20,
        /// OAuth 2 refresh token.
        Oauth2RefreshToken = 21,
        /// Whether all objects are synchronized, assigned or not.
        SyncAll = 22,
        /// Tenant or instance of the target.
        InstanceName = 24,
        /// OAuth 2 client id.
        Oauth2ClientId = 27,
        /// OAuth 2 client secret.
        Oauth2ClientSecret = 28,
        /// Company or tenant of the target.
        CompanyId = 29,
        /// Whether the key is renamed on deactivation.
        UpdateKeyOnSoftDelete = 30,
        /// Override of the schedule.
        SynchronizationSchedule = 33,
        /// The source of record.
        SystemOfRecord = 34,
        /// The sandbox's name.
        SandboxName = 35,
        /// Whether the domain is enforced.
        EnforceDomain = 36,
        /// Notification settings: JSON.
        SyncNotificationSettings = 37,
        /// Whether objects that leave scope are left alone.
        SkipOutOfScopeDeletions = 40,
        /// OAuth 2 authorization code.
        Oauth2AuthorizationCode = 62,
        /// OAuth 2 redirect URI.
        Oauth2RedirectUri = 63,
        /// Gallery template id.
        ApplicationTemplateIdentifier = 64,
        /// OAuth 2 token endpoint.
        Oauth2TokenExchangeUri = 65,
        /// OAuth 2 authorization endpoint.
        Oauth2AuthorizationUri = 66,
        /// How to authenticate.
        AuthenticationType = 67,
        /// Host of the target.
        Server = 70,
        /// Whether entitlements are granted inbound.
        PerformInboundEntitlementGrants = 100,
        /// Whether deprovisioning deletes.
        HardDeletesEnabled = 101,
        /// Compatibility of an agent.
        SyncAgentCompatibilityKey = 102,
        /// Container of an agent.
        SyncAgentADContainer = 103,
        /// Whether the domain is validated.
        ValidateDomain = 206,
        /// Whether references are tested.
        TestReferences = 207,
        /// Connection string.
        ConnectionString = 250,
    }
}

/// What a confidential value reads back as.
pub const MASK: &str = "*";

impl SecretKey {
    /// Whether the value is never told: it reads back as [`MASK`].
    #[must_use]
    pub const fn is_confidential(self) -> bool {
        matches!(
            self,
            Self::Password
                | Self::SecretToken
                | Self::ClientSecret
                | Self::ConsumerSecret
                | Self::TokenKey
                | Self::Oauth2AccessToken
                | Self::Oauth2RefreshToken
                | Self::Oauth2ClientSecret
                | Self::Oauth2AuthorizationCode
                | Self::ConnectionString
        )
    }
}

/// A key and its value: `synchronizationSecretKeyStringValuePair`. Prints confidential values masked, and no
/// value at all in `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename = "synchronizationSecretKeyStringValuePair", default)]
pub struct SecretPair {
    /// The key.
    pub key: SecretKey,
    /// The value; null or empty: to be removed.
    pub value: Option<String>,
}

impl fmt::Debug for SecretPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_ref().map(|_| "[redacted]");
        f.debug_struct("SecretPair").field("key", &self.key).field("value", &value).finish()
    }
}

impl Serialize for SecretPair {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let masked = self.value.as_deref().map(|value| if self.key.is_confidential() { MASK } else { value });
        let mut pair = serializer.serialize_struct("synchronizationSecretKeyStringValuePair", 2)?;
        pair.serialize_field("key", &self.key)?;
        pair.serialize_field("value", &masked)?;
        pair.end()
    }
}

/// The parameters of `validateCredentials`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename = "validateCredentials", rename_all = "camelCase", default)]
pub struct ValidateCredentials {
    /// The gallery's key of the connector.
    pub application_identifier: Option<String>,
    /// The template whose connector is meant.
    pub template_id: Option<String>,
    /// Whether stored secrets are used; PowerShell sends the texts `true` and `false`.
    #[serde(deserialize_with = "truth")]
    pub use_saved_credentials: Option<bool>,
    /// Credentials to try.
    pub credentials: Vec<SecretPair>,
}

fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    struct Truth;

    impl serde::de::Visitor<'_> for Truth {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false")
        }

        fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<bool, E> {
            Ok(truth)
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<bool, E> {
            match text {
                _ if text.eq_ignore_ascii_case("true") => Ok(true),
                _ if text.eq_ignore_ascii_case("false") => Ok(false),
                _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
            }
        }
    }

    deserializer.deserialize_any(Truth).map(Some)
}
