//! The grant of client credentials (RFC 6749 section 4.4).

use http::HeaderMap;
use secrecy::SecretString;
use serde_json::{Value as Json, json};

use super::assertion;
use super::authority::Authority;
use super::client::Client;
use super::form::{self, Form};
use super::refusal::Refusal;
use super::token::{self, Generation, Grant, LIFETIME, Proof};

/// What clients of version 2 end the resource with.
const DEFAULT_SCOPE: &str = "/.default";
/// Scopes that are about a person who signs in. MSAL for Java and Go asks for them beside any other, in any order;
/// there is no person here, so they ask for nothing.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "offline_access", "email"];
/// The seconds that a client is told a token lasts: one less, as Entra does.
const EXPIRES_IN: i64 = LIFETIME.as_secs() - 1;

/// A request for a token.
#[derive(Debug)]
pub struct TokenRequest<'a> {
    /// The endpoint.
    pub generation: Generation,
    /// The tenant, as the path has it.
    pub tenant: &'a str,
    /// The address that we are called by.
    pub base: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The form.
    pub body: &'a [u8],
}

impl Authority {
    /// Whether a tenant of a path is ours: its id, its domain, or a name that stands for any.
    #[must_use]
    pub fn is_tenant(&self, name: &str) -> bool {
        let named = ["common", "organizations"].iter().any(|any| any.eq_ignore_ascii_case(name));
        named
            || name.eq_ignore_ascii_case(&self.tenant.domain)
            || uuid::Uuid::try_parse(name).is_ok_and(|id| id == self.tenant.id)
    }

    /// Answers a request for a token.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn grant(&self, request: &TokenRequest<'_>) -> Result<Json, Refusal> {
        if !self.is_tenant(request.tenant) {
            return Err(Refusal::tenant(request.tenant));
        }
        let form = Form::parse(request.headers, request.body)?;
        match form.text("grant_type") {
            Some("client_credentials") => {}
            Some(other) => return Err(Refusal::grant(other)),
            None => return Err(Refusal::missing("grant_type")),
        }
        let basic = form::basic(request.headers);
        let claimed = form.text("client_assertion").and_then(assertion::claimed_client);
        let id = form.text("client_id").or(basic.as_ref().map(|(id, _)| id.as_str())).or(claimed.as_deref());
        let id = id.ok_or_else(|| Refusal::missing("client_id"))?;
        let audience = self.audience(request, &form)?;
        let client = Client::find(self.store.as_ref(), id, request.tenant).await?;
        let proof = self.check(&client, request, &form, basic.map(|(_, secret)| secret).as_ref())?;
        self.issue(request, &client, audience, proof).await
    }

    /// The resource that a token is asked for.
    fn audience(&self, request: &TokenRequest<'_>, form: &Form) -> Result<String, Refusal> {
        let asked = match request.generation {
            Generation::V1 => form.text("resource").ok_or_else(|| Refusal::missing("resource"))?,
            Generation::V2 => {
                let scope = form.text("scope").ok_or_else(|| Refusal::missing("scope"))?.trim();
                let mut asked = scope.split_whitespace().filter(|scope| !OPENID_SCOPES.contains(scope));
                let resource = match (asked.next(), asked.next()) {
                    (Some(only), None) => only.strip_suffix(DEFAULT_SCOPE),
                    _ => None,
                };
                resource.filter(|resource| !resource.is_empty()).ok_or_else(|| Refusal::scope(scope))?
            }
        };
        if self.resources.accepts(asked, request.base) {
            Ok(asked.trim_end_matches('/').to_owned())
        } else {
            Err(Refusal::resource(asked, request.tenant))
        }
    }

    /// Checks what the client proves itself by.
    fn check(
        &self,
        client: &Client,
        request: &TokenRequest<'_>,
        form: &Form,
        basic: Option<&SecretString>,
    ) -> Result<Proof, Refusal> {
        let now = self.clock.now();
        if let Some(assertion) = form.text("client_assertion") {
            if form.text("client_assertion_type") != Some(assertion::TYPE) {
                return Err(Refusal::unfit("client_assertion_type", &format!("use '{}'", assertion::TYPE)));
            }
            let is_audience = |audience: &str| self.is_own_endpoint(audience, request.base);
            assertion::check(client, assertion, is_audience, &self.replays, now)?;
            return Ok(Proof::Certificate);
        }
        let secret = form.secret("client_secret").or(basic).ok_or_else(Refusal::no_proof)?;
        client.check_secret(secret, now)?;
        Ok(Proof::Secret)
    }

    /// Whether an audience of an assertion is us: a token endpoint by any name of the tenant, or the issuer.
    fn is_own_endpoint(&self, audience: &str, base: &str) -> bool {
        let Some(path) = audience.strip_prefix(base).and_then(|path| path.strip_prefix('/')) else {
            return false;
        };
        path.trim_end_matches('/').split_once('/').is_some_and(|(tenant, path)| {
            self.is_tenant(tenant) && ["oauth2/v2.0/token", "oauth2/token", "v2.0"].contains(&path)
        })
    }

    async fn issue(
        &self,
        request: &TokenRequest<'_>,
        client: &Client,
        audience: String,
        proof: Proof,
    ) -> Result<Json, Refusal> {
        let roles = client.roles(self.store.as_ref()).await.map_err(|error| Refusal::fault(&error))?;
        let key = self.keys.current().await.map_err(|error| Refusal::fault(&error))?;
        let now = self.clock.now();
        let grant = Grant {
            generation: request.generation,
            issuer: self.issuer(request.base),
            audience,
            client: client.id,
            name: client.name().to_owned(),
            object: client.principal.id,
            tenant: self.tenant.id,
            proof,
            roles,
            id: self.ids.uuid(),
        };
        let token = token::issue(&grant, &key, now).map_err(|error| Refusal::fault(&error))?;
        tracing::info!(client = %client.id, "a token was issued");
        Ok(match request.generation {
            Generation::V2 => json!({
                "token_type": "Bearer",
                "expires_in": EXPIRES_IN,
                "ext_expires_in": EXPIRES_IN,
                "access_token": token,
            }),
            Generation::V1 => json!({
                "token_type": "Bearer",
                "expires_in": EXPIRES_IN.to_string(),
                "ext_expires_in": EXPIRES_IN.to_string(),
                "expires_on": (now.as_second() + EXPIRES_IN).to_string(),
                "not_before": now.as_second().to_string(),
                "resource": grant.audience,
                "access_token": token,
            }),
        })
    }
}
