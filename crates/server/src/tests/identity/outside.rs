//! Issuers besides ourselves, played by a small server on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::PublicKeyData as _;
use serde_json::json;
use tokio::sync::Mutex;

use super::forged::rsa_key;
use super::*;
use crate::identity::TokenError;
use crate::identity::outside::{OutsideIssuers, TrustedIssuer};
use crate::testing::BASE;

struct Issuer {
    url: String,
    keys: Arc<Mutex<Vec<Json>>>,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/realms/people", listener.local_addr().unwrap());
        let (keys, asked) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let configuration = json!({"issuer": url, "jwks_uri": format!("{url}/keys")});
        let (served, counted) = (Arc::clone(&keys), Arc::clone(&asked));
        let router = Router::new()
            .route(
                "/realms/people/.well-known/openid-configuration",
                get(async move || configuration.to_string()),
            )
            .route(
                "/realms/people/keys",
                get(async move || {
                    counted.fetch_add(1, Ordering::Relaxed);
                    json!({"keys": *served.lock().await}).to_string()
                }),
            );
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, keys, asked }
    }

    fn trusted(&self) -> TrustedIssuer {
        TrustedIssuer { issuer: self.url.clone(), audiences: vec!["provisor".into()] }
    }

    /// A new key of this name, which is published.
    async fn key(&self, kid: &str) -> EncodingKey {
        let (pair, key) = rsa_key();
        // The modulus of a PKCS#1 key of this size stands after 9 bytes; the exponent is its end.
        let public = pair.der_bytes();
        let jwk = json!({"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(&public[9..265]), "e": "AQAB"});
        self.keys.lock().await.extend([json!({"kty": "strange", "kid": "x"}), jwk]);
        key
    }

    fn token(&self, key: &EncodingKey, kid: &str, more: &Json) -> String {
        let mut claims = json!({"iss": self.url, "aud": ["account", "provisor"], "exp": 1_772_616_000,
            "sub": "0b0f9b46-0000-4000-8000-000000000001", "azp": "ci"});
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let header = Header { kid: Some(kid.into()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, &claims, key).unwrap()
    }
}

#[tokio::test]
async fn a_token_of_keycloak_brings_its_roles() {
    let issuer = Issuer::start().await;
    let app = TestApp::trusting(vec![issuer.trusted()]).await;
    let key = issuer.key("k1").await;
    let token = issuer.token(
        &key,
        "k1",
        &json!({
            "preferred_username": "service-account-ci", "client_id": "ci", "scope": "profile email",
            "realm_access": {"roles": ["offline_access", "Organization.Read.All"]},
            "resource_access": {
                "provisor": {"roles": ["User.Read.All"]}, "account": {"roles": ["Directory.ReadWrite.All"]}},
        }),
    );
    let claims = app.state.authority.validate(&token, BASE).await.unwrap();
    assert_eq!(claims.roles, ["Organization.Read.All", "User.Read.All", "offline_access"]);
    assert_eq!((claims.client_id.as_str(), claims.is_app, claims.scopes.len()), ("ci", true, 0));
    assert_eq!(app.with_token(&token).await.status, 200);
}

#[tokio::test]
async fn tokens_of_entra_are_told_apart_by_who_bears_them() {
    let issuer = Issuer::start().await;
    let app = TestApp::trusting(vec![issuer.trusted()]).await;
    let key = issuer.key("k1").await;
    let object = "0b0f9b46-0000-4000-8000-000000000001";
    let bearer = async |more: Json| {
        app.state.authority.validate(&issuer.token(&key, "k1", &more), BASE).await.unwrap()
    };
    let first =
        bearer(json!({"azp": null, "appid": "a", "oid": object, "roles": ["User.Read.All"], "ver": "1.0"}))
            .await;
    assert_eq!((first.client_id.as_str(), first.is_app), ("a", true));
    assert!(bearer(json!({"idtyp": "app", "oid": object, "scp": "x"})).await.is_app);
    let person =
        bearer(json!({"oid": object, "sub": "pairwise", "scp": "User.Read Group.Read.All", "wids": ["w"]}))
            .await;
    assert_eq!((person.is_app, person.scopes), (false, vec!["User.Read".into(), "Group.Read.All".into()]));
    assert!(!bearer(json!({"idtyp": "user", "oid": object})).await.is_app);
}

#[tokio::test]
async fn a_name_alone_makes_no_application_of_a_person() {
    let issuer = Issuer::start().await;
    let app = TestApp::trusting(vec![issuer.trusted()]).await;
    let key = issuer.key("k1").await;
    for (more, is_app) in [
        (json!({}), false),
        (json!({"client_id": "ci"}), true),
        (json!({"clientId": "ci"}), true),
        (json!({"client_id": "other"}), false),
        (json!({"client_id": "ci", "auth_time": 1_772_612_000}), false),
    ] {
        let mut claims = json!({"preferred_username": "service-account-ci", "scope": "User.Read.All"});
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let token = issuer.token(&key, "k1", &claims);
        assert_eq!(app.state.authority.validate(&token, BASE).await.unwrap().is_app, is_app, "{more}");
    }
}

#[tokio::test]
async fn a_person_without_the_directory_role_is_told_that_it_takes_one() {
    let issuer = Issuer::start().await;
    let app = TestApp::trusting(vec![issuer.trusted()]).await;
    let key = issuer.key("k1").await;
    let application = app.application().await;
    let path = format!("applications/{}/synchronization/jobs", application.id);
    let claims =
        json!({"scp": "Synchronization.ReadWrite.All", "wids": ["b79fbf4d-3ef9-4689-8143-76b194e85509"]});
    let (code, message) = app.by(&issuer.token(&key, "k1", &claims), "GET", &path, None).await.error();
    assert_eq!(code, "Authorization_RequestDenied");
    assert!(
        message.ends_with("A person also needs a directory role for it, such as Global Administrator."),
        "{message}"
    );
}

#[tokio::test]
async fn who_is_known_here_and_disabled_or_deleted_is_locked_out() {
    let issuer = Issuer::start().await;
    let app = TestApp::trusting(vec![issuer.trusted()]).await;
    let key = issuer.key("k1").await;
    let application = app.application().await;
    let user = app.user("ida").await;
    let by_client = json!({"azp": application.app_id, "idtyp": "app", "realm_access": {"roles": ["Organization.Read.All"]}});
    let by_object = json!({"oid": user, "scp": "Organization.Read.All"});
    let status = async |claims: &Json| app.with_token(&issuer.token(&key, "k1", claims)).await.status;
    assert_eq!((status(&by_client).await, status(&by_object).await), (200, 200));
    let principal = format!("servicePrincipals/{}", application.sp);
    app.write("PATCH", &principal, json!({"accountEnabled": false}), 204).await;
    app.write("DELETE", &format!("users/{user}"), Json::Null, 204).await;
    assert_eq!((status(&by_client).await, status(&by_object).await), (401, 401));
    // Deleted, it is locked out as well.
    app.write("PATCH", &principal, json!({"accountEnabled": true}), 204).await;
    assert_eq!(status(&by_client).await, 200);
    app.write("DELETE", &principal, Json::Null, 204).await;
    assert_eq!(status(&by_client).await, 401);
}

#[tokio::test]
async fn an_issuers_tokens_are_checked_like_ours() {
    let issuer = Issuer::start().await;
    let app = TestApp::trusting(vec![issuer.trusted()]).await;
    let (key, (_, foreign)) = (issuer.key("k1").await, rsa_key());
    let refused = async |token: String| app.state.authority.validate(&token, BASE).await.unwrap_err();
    let none = json!({});
    assert!(matches!(refused(issuer.token(&foreign, "k1", &none)).await, TokenError::Signature));
    assert!(matches!(refused(issuer.token(&key, "k2", &none)).await, TokenError::Signature));
    assert!(matches!(
        refused(issuer.token(&key, "k1", &json!({"aud": "account"}))).await,
        TokenError::Audience
    ));
    assert!(matches!(
        refused(issuer.token(&key, "k1", &json!({"exp": 1_772_615_000}))).await,
        TokenError::Expired
    ));
    assert!(matches!(
        refused(issuer.token(&key, "k1", &json!({"nbf": 1_772_616_000}))).await,
        TokenError::NotYetValid
    ));
    assert!(matches!(refused(issuer.token(&key, "k1", &json!({"azp": null}))).await, TokenError::Untrusted));
    let slash = json!({"iss": format!("{}/", issuer.url)});
    assert!(matches!(refused(issuer.token(&key, "k1", &slash)).await, TokenError::Untrusted));
    assert_eq!(app.with_token(&issuer.token(&key, "k1", &json!({"aud": "account"}))).await.status, 401);
}

#[tokio::test]
async fn keys_are_kept_and_asked_for_again_at_most_once_a_minute() {
    let issuer = Issuer::start().await;
    let app = TestApp::trusting(vec![issuer.trusted()]).await;
    let first = issuer.key("k1").await;
    let valid = async |key: &EncodingKey, kid: &str| {
        app.state.authority.validate(&issuer.token(key, kid, &json!({})), BASE).await.is_ok()
    };
    for _ in 0..3 {
        assert!(valid(&first, "k1").await);
    }
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 1);
    let second = issuer.key("k2").await;
    for _ in 0..3 {
        assert!(!valid(&second, "k2").await, "not before a minute has passed");
    }
    app.clock.advance(Duration::from_secs(60));
    assert!(valid(&second, "k2").await);
    assert!(valid(&first, "k1").await);
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_our_trouble_not_the_callers() {
    let issuer = Issuer::start().await;
    let mut trusted = issuer.trusted();
    trusted.issuer = "http://127.0.0.1:9/realms/people".into();
    let app = TestApp::trusting(vec![trusted]).await;
    let (_, key) = rsa_key();
    let token = issuer.token(&key, "k1", &json!({"iss": "http://127.0.0.1:9/realms/people"}));
    assert_eq!(app.with_token(&token).await.status, 503);
}

#[test]
fn an_issuer_needs_https_and_an_audience() {
    let http = provisor_scim::HttpClient::new(provisor_scim::HttpOptions::default()).unwrap();
    let refused = |issuer: &str, audiences: &[&str]| {
        let audiences = audiences.iter().map(|text| (*text).to_owned()).collect();
        OutsideIssuers::new(vec![TrustedIssuer { issuer: issuer.into(), audiences }], &http)
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(refused("http://idp.example", &["a"]), @r#"
    the issuer 'http://idp.example' must be an https URL; http is accepted on loopback only
    "#);
    insta::assert_snapshot!(refused("https://idp.example", &[]), @"the issuer 'https://idp.example' has no audience: name the value of 'aud' that its tokens for this server have");
}
