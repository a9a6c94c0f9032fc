//! Tokens: getting them, proving oneself, and being known by them.

mod assertions;
mod forged;
mod outside;
mod passwords;
mod permissions;
mod rotation;
mod tls;
mod tokens;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use provisor_store::directory::ObjectKind;
use serde_json::{Value as Json, json};

use crate::builtin::{self, GRAPH_APP_ID};
use crate::testing::{Answer, Application, TestApp, text};

/// The token endpoint of the tenant.
const ENDPOINT: &str = "/6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b/oauth2/v2.0/token";
/// What Graph's clients ask for.
const SCOPE: &str = "https://graph.microsoft.com/.default";

impl TestApp {
    /// Posts a form as it is.
    async fn post_form(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("client-request-id", "theirs");
        self.send(request.body(Full::new(Bytes::from(form.to_owned()))).unwrap()).await
    }

    /// Posts parameters to the token endpoint.
    async fn ask(&self, parameters: &[(&str, &str)]) -> Answer {
        self.post_form(ENDPOINT, &form(parameters)).await
    }

    /// A new secret of an application: its key id and its text.
    async fn secret(&self, application: &Application, body: Json) -> (String, String) {
        let path = format!("applications/{}/addPassword", application.id);
        let made = self.write("POST", &path, json!({"passwordCredential": body}), 200).await;
        (text(&made["keyId"]), text(&made["secretText"]))
    }

    /// A token by secret.
    async fn token(&self, application: &Application) -> String {
        let (_, secret) = self.secret(application, json!({})).await;
        let answer = self.ask(&by_secret(&application.app_id, &secret)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.json()["access_token"])
    }

    /// The answer to a request with this token.
    async fn with_token(&self, token: &str) -> Answer {
        let request = Request::get("/v1.0/organization").header("authorization", format!("Bearer {token}"));
        self.send(request.body(Full::new(Bytes::new())).unwrap()).await
    }

    /// Gives an application permissions of the API.
    async fn permit(&self, application: &Application, roles: &[&str]) {
        let state = &self.state;
        builtin::ensure(state.store.as_ref(), state.ids.as_ref(), state.clock.now()).await.unwrap();
        let api = state.store.get_by_key(ObjectKind::ServicePrincipal, GRAPH_APP_ID).await.unwrap().unwrap();
        for value in roles {
            let known = api.properties["appRoles"].as_array().unwrap();
            let role = known.iter().find(|role| role["value"] == *value).unwrap();
            let body = json!({"principalId": application.sp, "resourceId": api.id, "appRoleId": role["id"]});
            let path = format!("servicePrincipals/{}/appRoleAssignments", application.sp);
            self.write("POST", &path, body, 201).await;
        }
    }
}

/// The parameters of a request by secret.
fn by_secret<'a>(client: &'a str, secret: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("client_secret", secret),
        ("scope", SCOPE),
    ]
}

fn form(parameters: &[(&str, &str)]) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A part of a token: 0 the header, 1 the claims.
fn part(token: &str, index: usize) -> Json {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
