//! What clients read before they ask for a token.

use serde_json::{Value as Json, json};

use super::authority::Authority;
use super::keys::KeyError;
use super::token::Generation;

impl Authority {
    /// The OpenID configuration of the tenant.
    #[must_use]
    pub fn openid_configuration(&self, generation: Generation, base: &str) -> Json {
        let tenant = format!("{base}/{}", self.tenant.id);
        let host = base.split_once("://").map_or(base, |(_, host)| host);
        let version = match generation {
            Generation::V1 => "",
            Generation::V2 => "/v2.0",
        };
        json!({
            "issuer": self.issuer(base),
            "authorization_endpoint": format!("{tenant}/oauth2{version}/authorize"),
            "token_endpoint": format!("{tenant}/oauth2{version}/token"),
            "device_authorization_endpoint": format!("{tenant}/oauth2{version}/devicecode"),
            "end_session_endpoint": format!("{tenant}/oauth2{version}/logout"),
            "jwks_uri": format!("{tenant}/discovery{version}/keys"),
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256"],
            "grant_types_supported": ["client_credentials"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": [
                "aud", "iss", "iat", "nbf", "exp", "appid", "azp", "idtyp", "oid", "roles", "sub", "tid", "ver"
            ],
            "tenant_region_scope": null,
            "cloud_instance_name": host,
            "cloud_graph_host_name": host,
            "msgraph_host": host,
        })
    }

    /// The keys that our tokens are signed with.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn key_set(&self, base: &str) -> Result<Json, KeyError> {
        let issuer = self.issuer(base);
        // The newest first: it signed most of what is verified.
        let keys: Vec<Json> = self.keys.published().await?.iter().rev().map(|key| key.jwk(&issuer)).collect();
        Ok(json!({"keys": keys}))
    }

    /// What MSAL asks before it trusts an authority.
    #[must_use]
    pub fn instance_discovery(&self, base: &str) -> Json {
        let host = base.split_once("://").map_or(base, |(_, host)| host);
        json!({
            "tenant_discovery_endpoint":
                format!("{base}/{}/v2.0/.well-known/openid-configuration", self.tenant.id),
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        })
    }
}

/// What Terraform (`metadata_host`) and the Azure command line read of a cloud.
#[must_use]
pub fn cloud(base: &str) -> Json {
    json!({
        "name": "Provisor",
        "resourceManager": format!("{base}/"),
        "microsoftGraphResourceId": base,
        "authentication": {
            "loginEndpoint": base,
            "audiences": [base],
            "tenant": "common",
            "identityProvider": "AAD",
        },
    })
}
