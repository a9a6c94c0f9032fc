//! Certificates as credentials, and what is signed with their keys.

use std::time::Duration;

use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::json;

use super::forged::rsa_key;
use super::*;
use crate::identity::certificate::Certificate;
use crate::testing::BASE;

struct Own {
    certificate: Certificate,
    pem: String,
    key: EncodingKey,
}

fn certificate(until: i32) -> Own {
    let (pair, key) = rsa_key();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let made = params.self_signed(&pair).unwrap();
    Own { certificate: Certificate::from_der(made.der().to_vec()).unwrap(), pem: made.pem(), key }
}

impl Own {
    fn header(&self, algorithm: Algorithm) -> Header {
        Header { x5t: Some(URL_SAFE_NO_PAD.encode(self.certificate.sha1())), ..Header::new(algorithm) }
    }

    fn sign(&self, header: &Header, claims: &Json) -> String {
        jsonwebtoken::encode(header, claims, &self.key).unwrap()
    }
}

fn claims(client: &str, jti: &str) -> Json {
    json!({"iss": client, "sub": client, "aud": format!("{BASE}{ENDPOINT}"), "jti": jti,
        "nbf": 1_772_615_564, "exp": 1_772_616_164})
}

impl TestApp {
    async fn register(&self, application: &Application, key: &str) {
        let body = json!({"keyCredentials": [{"type": "AsymmetricX509Cert", "usage": "Verify", "key": key,
            "displayName": "CN=ci"}]});
        self.write("PATCH", &format!("applications/{}", application.id), body, 204).await;
    }

    /// The answer to an assertion: "ok", or the description of the error.
    async fn assert(&self, client: &str, assertion: &str) -> String {
        let parameters = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
            ("scope", SCOPE),
        ];
        let answer = self.ask(&parameters).await;
        if answer.status == 200 {
            let token = text(&answer.json()["access_token"]);
            assert_eq!(part(&token, 1)["azpacr"], "2");
            return "ok".into();
        }
        assert_eq!(answer.status, 401, "{}", answer.text);
        let description = text(&answer.json()["error_description"]);
        description.split(" Trace ID").next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn an_assertion_of_a_registered_certificate_gets_a_token() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let own = certificate(2027);
    let id = application.app_id.as_str();
    let der = STANDARD.encode(&own.certificate.der);
    let hex: String = own.certificate.sha1().iter().map(|byte| format!("{byte:02X}")).collect();
    for key in [der, STANDARD.encode(&own.pem), own.pem.clone()] {
        app.register(&application, &key).await;
        let rs = own.header(Algorithm::RS256);
        let s256 = URL_SAFE_NO_PAD.encode(own.certificate.sha256());
        let ps = Header { x5t_s256: Some(s256), ..Header::new(Algorithm::PS256) };
        let kid = |kid: String| Header { kid: Some(kid), ..Header::new(Algorithm::RS256) };
        let padded = STANDARD.encode(own.certificate.sha1());
        let plain = Header { x5t: Some(padded.clone()), ..Header::new(Algorithm::RS256) };
        let url_safe = padded.replace('+', "-").replace('/', "_");
        assert!(url_safe.ends_with('='));
        for (index, header) in
            [rs, ps, kid(hex.clone()), kid(url_safe), kid(padded), plain].iter().enumerate()
        {
            let claims = claims(id, &format!("{index} {}", &key[..40]));
            assert_eq!(app.assert(id, &own.sign(header, &claims)).await, "ok");
        }
    }
    let mut printed = app.read(&format!("applications/{}", application.id)).await["keyCredentials"].clone();
    assert_eq!(printed[0]["customKeyIdentifier"], STANDARD.encode(own.certificate.sha1()));
    assert_eq!(printed[0]["key"], Json::Null);
    printed[0]["displayName"] = "renamed".into();
    let path = format!("applications/{}", application.id);
    app.write("PATCH", &path, json!({"keyCredentials": printed}), 204).await;
    assert_eq!(app.assert(id, &own.sign(&own.header(Algorithm::RS256), &claims(id, "again"))).await, "ok");
    app.write("PATCH", &path, json!({"keyCredentials": []}), 204).await;
    let gone = app.assert(id, &own.sign(&own.header(Algorithm::RS256), &claims(id, "late"))).await;
    assert!(gone.starts_with("AADSTS700027:"), "{gone}");
}

#[tokio::test]
async fn an_assertion_that_proves_nothing_says_why() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (own, other) = (certificate(2027), certificate(2027));
    let id = application.app_id.as_str();
    app.register(&application, &own.pem).await;
    let header = own.header(Algorithm::RS256);
    let with = |member: &str, value: Json| {
        let mut claims = claims(id, member);
        claims[member] = value;
        own.sign(&header, &claims)
    };
    let good = own.sign(&header, &claims(id, "good"));
    let mut cut = good.clone();
    cut.truncate(good.len() - 4);
    let cases = [
        ("signed by another key", other.sign(&header, &claims(id, "a"))),
        ("another certificate", other.sign(&other.header(Algorithm::RS256), &claims(id, "b"))),
        ("no certificate named", own.sign(&Header::new(Algorithm::RS256), &claims(id, "c"))),
        ("RS512", own.sign(&own.header(Algorithm::RS512), &claims(id, "d"))),
        ("HS256", {
            let header = own.header(Algorithm::HS256);
            let key = EncodingKey::from_secret(&own.certificate.der);
            jsonwebtoken::encode(&header, &claims(id, "e"), &key).unwrap()
        }),
        ("cut", cut),
        ("no JWT", "abc".into()),
        ("another issuer", with("iss", "11111111-2222-4333-8444-555555555555".into())),
        ("another subject", with("sub", "11111111-2222-4333-8444-555555555555".into())),
        ("another audience", with("aud", format!("https://evil.example{ENDPOINT}").into())),
        ("no audience", with("aud", Json::Null)),
        ("expired", with("exp", json!(1_772_615_264))),
        ("not yet", with("nbf", json!(1_772_615_865))),
        ("too long", with("exp", json!(1_772_615_564 + 86_402))),
    ];
    let mut lines = Vec::new();
    for (name, assertion) in cases {
        lines.push(format!("{name}: {}", app.assert(id, &assertion).await));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    signed by another key: AADSTS700027: Client assertion failed validation: its signature does not verify, or 'iss', 'sub', 'aud' or 'exp' is missing.
    another certificate: AADSTS700027: Client assertion failed validation: the certificate that it names by 'x5t', 'x5t#S256' or 'kid' is not registered for the application.
    no certificate named: AADSTS700027: Client assertion failed validation: the certificate that it names by 'x5t', 'x5t#S256' or 'kid' is not registered for the application.
    RS512: AADSTS700027: Client assertion failed validation: it is signed neither with RS256 nor with PS256.
    HS256: AADSTS700027: Client assertion failed validation: it is signed neither with RS256 nor with PS256.
    cut: AADSTS700027: Client assertion failed validation: its signature does not verify, or 'iss', 'sub', 'aud' or 'exp' is missing.
    no JWT: AADSTS700027: Client assertion failed validation: it is no signed JWT.
    another issuer: AADSTS700027: Client assertion failed validation: its 'iss' and 'sub' are not the client.
    another subject: AADSTS700027: Client assertion failed validation: its 'iss' and 'sub' are not the client.
    another audience: AADSTS700027: Client assertion failed validation: its 'aud' is not this token endpoint.
    no audience: AADSTS700027: Client assertion failed validation: its signature does not verify, or 'iss', 'sub', 'aud' or 'exp' is missing.
    expired: AADSTS700027: Client assertion failed validation: it has expired.
    not yet: AADSTS700027: Client assertion failed validation: it is not valid yet.
    too long: AADSTS700027: Client assertion failed validation: it is valid for more than 24 hours.
    "#);
    for audience in ["common/oauth2/token", "contoso.example/oauth2/v2.0/token", "common/v2.0"] {
        let assertion = with("aud", json!(["x", format!("{BASE}/{audience}")]));
        assert_eq!(app.assert(id, &assertion.clone()).await, "ok", "{audience}");
        app.clock.advance(Duration::from_secs(1));
        lines.push(assertion);
    }
}

#[tokio::test]
async fn an_assertion_cannot_be_replayed_later() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let own = certificate(2027);
    let id = application.app_id.as_str();
    app.register(&application, &own.pem).await;
    let assertion = own.sign(&own.header(Algorithm::RS256), &claims(id, "once"));
    assert_eq!(app.assert(id, &assertion).await, "ok");
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(app.assert(id, &assertion).await, "ok", "MSAL sends one for a minute");
    app.clock.advance(Duration::from_secs(61));
    assert!(app.assert(id, &assertion).await.contains("used before"));
}

#[tokio::test]
async fn certificates_are_checked_before_they_are_stored() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let own = certificate(2027);
    let elliptic = KeyPair::generate().unwrap();
    let elliptic = CertificateParams::new(Vec::<String>::new()).unwrap().self_signed(&elliptic).unwrap();
    let credential = |key: &str| json!({"type": "AsymmetricX509Cert", "usage": "Verify", "key": key});
    let with = |member: &str, value: Json| {
        let mut credential = credential(&own.pem);
        credential[member] = value;
        credential
    };
    let cases = [
        credential("@@@"),
        credential("AAAA"),
        credential(&elliptic.pem()),
        with("key", Json::Null),
        with("type", "Symmetric".into()),
        with("usage", "Sign".into()),
        with("endDateTime", "2027-01-01T00:00:01Z".into()),
    ];
    let mut lines = Vec::new();
    for case in cases {
        let path = format!("applications/{}", application.id);
        let answer = app.call("PATCH", &path, Some(json!({"keyCredentials": [case]}))).await;
        lines.push(format!("{} {}", answer.status, answer.error().1));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    400 The value of 'keyCredentials[0]/key' is neither base64 nor PEM.
    400 The value of 'keyCredentials[0]/key' is no X.509 certificate.
    400 The value of 'keyCredentials[0]/key' has no RSA key of 2048 to 8192 bits.
    400 A value is required for property 'keyCredentials[0]/key' of resource 'Application'.
    400 The key credential 'keyCredentials[0]' must have type 'AsymmetricX509Cert' and usage 'Verify'; no other kind is used here.
    400 The key credential 'keyCredentials[0]' must have type 'AsymmetricX509Cert' and usage 'Verify'; no other kind is used here.
    400 Invalid value specified for property 'keyCredentials[0]/endDateTime' of resource 'Application'.
    "#);
    // An end before the certificate's own is kept, and ends it.
    let early = with("endDateTime", "2026-03-04T09:12:00Z".into());
    let path = format!("applications/{}", application.id);
    app.write("PATCH", &path, json!({"keyCredentials": [early]}), 204).await;
    let id = application.app_id.as_str();
    let late = app.assert(id, &own.sign(&own.header(Algorithm::RS256), &claims(id, "late"))).await;
    assert!(late.contains("has expired or is not valid yet"), "{late}");
}
