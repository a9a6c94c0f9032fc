//! Tokens that must not open anything.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::json;

use super::*;
use crate::identity::TokenError;
use crate::identity::token::LIFETIME;
use crate::testing::BASE;

fn encode(json: &Json) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// A key of somebody else, to sign with.
pub(super) fn rsa_key() -> (KeyPair, EncodingKey) {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    // PKCS#8 has 26 bytes in front of the PKCS#1 key that it wraps, at this size.
    let key = EncodingKey::from_rsa_der(&pair.serialized_der()[26..]);
    (pair, key)
}

#[tokio::test]
async fn only_what_our_key_signed_is_believed() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let token = app.token(&application).await;
    let (mut header, claims) = (part(&token, 0), part(&token, 1));
    let refused =
        async |token: String| app.state.authority.validate(&token, BASE).await.unwrap_err().to_string();
    let mut outcomes = Vec::new();

    header["alg"] = "none".into();
    outcomes.push(("none", refused(format!("{}.{}.", encode(&header), encode(&claims))).await));
    outcomes.push((
        "none with a signature",
        refused(format!("{}.{}.AA", encode(&header), encode(&claims))).await,
    ));

    // The classic: the public key, which everybody has, as the secret of an HMAC.
    let jwk = app.get_document("/common/discovery/v2.0/keys").await["keys"][0].clone();
    let public = base64::engine::general_purpose::STANDARD.decode(jwk["x5c"][0].as_str().unwrap()).unwrap();
    let hs = Header { kid: Some(text(&jwk["kid"])), ..Header::new(Algorithm::HS256) };
    let forged = jsonwebtoken::encode(&hs, &claims, &EncodingKey::from_secret(&public)).unwrap();
    outcomes.push(("HS256 with the public key", refused(forged).await));

    let (_, foreign) = rsa_key();
    let rs = Header { kid: Some(text(&jwk["kid"])), ..Header::new(Algorithm::RS256) };
    let forged = jsonwebtoken::encode(&rs, &claims, &foreign).unwrap();
    outcomes.push(("a foreign key under our name", refused(forged).await));
    let unknown = Header { kid: Some("unknown".into()), ..Header::new(Algorithm::RS256) };
    outcomes
        .push(("an unknown key", refused(jsonwebtoken::encode(&unknown, &claims, &foreign).unwrap()).await));
    let nameless = Header::new(Algorithm::RS256);
    outcomes.push(("no key id", refused(jsonwebtoken::encode(&nameless, &claims, &foreign).unwrap()).await));
    let mut outsider = claims.clone();
    outsider["iss"] = "https://evil.example/6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b/v2.0".into();
    outcomes.push(("another issuer", refused(jsonwebtoken::encode(&rs, &outsider, &foreign).unwrap()).await));

    let mut more = claims.clone();
    more["roles"] = json!(["Directory.ReadWrite.All"]);
    let parts: Vec<&str> = token.split('.').collect();
    outcomes.push(("other claims", refused(format!("{}.{}.{}", parts[0], encode(&more), parts[2])).await));
    outcomes.push(("a cut signature", refused(token[..token.len() - 8].to_owned()).await));
    outcomes.push(("no dots", refused("abc".into()).await));
    outcomes.push(("no JSON", refused("a.b.c".into()).await));
    let lines: Vec<String> = outcomes.iter().map(|(name, outcome)| format!("{name}: {outcome}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    none: the token is no JWT
    none with a signature: the token's issuer is not trusted, or the token lacks a claim
    HS256 with the public key: the token's signature does not verify
    a foreign key under our name: the token's signature does not verify
    an unknown key: the token's signature does not verify
    no key id: the token's signature does not verify
    another issuer: the token's issuer is not trusted, or the token lacks a claim
    other claims: the token's signature does not verify
    a cut signature: the token's signature does not verify
    no dots: the token is no JWT
    no JSON: the token's issuer is not trusted, or the token lacks a claim
    "#);
    assert!(app.state.authority.validate(&token, BASE).await.is_ok());
}

#[tokio::test]
async fn a_token_is_valid_in_its_time_and_for_its_audience() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let token = app.token(&application).await;
    let hour = std::time::Duration::try_from(LIFETIME).unwrap();
    let skew = std::time::Duration::from_secs(300);
    app.clock.advance(hour + skew - std::time::Duration::from_secs(1));
    assert!(app.state.authority.validate(&token, BASE).await.is_ok());
    app.clock.advance(std::time::Duration::from_secs(1));
    let expired = app.with_token(&token).await;
    assert_eq!(
        (expired.status, expired.error().1.as_str()),
        (401, "Lifetime validation failed, the token is expired.")
    );
    assert!(expired.header("www-authenticate").starts_with("Bearer"));

    // Asked for by a name that the server then does not have any more.
    let (_, secret) = app.secret(&application, json!({})).await;
    let mut parameters = by_secret(&application.app_id, &secret);
    parameters[3].1 = "https://graph.example/.default";
    let answer = app.ask(&parameters).await.json();
    let token = text(&answer["access_token"]);
    assert!(app.state.authority.validate(&token, BASE).await.is_ok());
    let elsewhere = app.state.authority.validate(&token, "https://other.example").await.unwrap_err();
    assert!(matches!(elsewhere, TokenError::Audience), "{elsewhere}");
    let message = provisor_graph::error::GraphError::from(elsewhere).message;
    assert_eq!(message, "Access token validation failure. Invalid audience.");
}
