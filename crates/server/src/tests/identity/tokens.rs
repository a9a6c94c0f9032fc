//! The token endpoint and what stands beside it.

use serde_json::json;

use super::*;
use crate::testing::BASE;

#[tokio::test]
async fn a_secret_gets_a_token_that_the_api_knows_the_client_by() {
    let app = TestApp::new().await;
    let application = app.application().await;
    app.permit(&application, &["Application.ReadWrite.OwnedBy", "Organization.Read.All"]).await;
    let (_, secret) = app.secret(&application, json!({})).await;
    let answer = app.ask(&by_secret(&application.app_id, &secret)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let json = answer.json();
    let token = text(&json["access_token"]);
    assert_eq!(
        [&json["token_type"], &json["expires_in"], &json["ext_expires_in"]],
        [&json!("Bearer"), &json!(3599), &json!(3599)]
    );
    let header = part(&token, 0);
    assert_eq!([&header["alg"], &header["typ"]], [&json!("RS256"), &json!("JWT")]);
    let claims = part(&token, 1);
    let expected = json!({
        "aud": "https://graph.microsoft.com",
        "iss": format!("{BASE}/6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b/v2.0"),
        "iat": 1_772_615_564, "nbf": 1_772_615_564, "exp": 1_772_619_164,
        "app_displayname": "People Directory",
        "appid": application.app_id, "appidacr": "1", "azp": application.app_id, "azpacr": "1",
        "idp": format!("{BASE}/6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b/v2.0"),
        "idtyp": "app", "oid": application.sp, "sub": application.sp,
        "roles": ["Application.ReadWrite.OwnedBy", "Organization.Read.All"],
        "tid": "6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b", "uti": claims["uti"], "ver": "2.0",
    });
    assert_eq!(claims, expected);
    let keys = app.get_document("/common/discovery/v2.0/keys").await;
    assert_eq!(keys["keys"][0]["kid"], header["kid"]);
    let known = app.state.authority.validate(&token, BASE).await.unwrap();
    assert_eq!(known.client_id, application.app_id);
    assert_eq!(known.object_id.unwrap().to_string(), application.sp);
    assert_eq!(known.roles, ["Application.ReadWrite.OwnedBy", "Organization.Read.All"]);
    assert!(known.is_app);
    assert_eq!(app.with_token(&token).await.status, 200);
}

#[tokio::test]
async fn every_form_of_asking_is_understood() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (_, secret) = app.secret(&application, json!({})).await;
    let id = application.app_id.to_uppercase();
    for tenant in ["contoso.example", "common", "Organizations", "6F0B2C7A-9D3E-4F51-8C2A-0B1D2E3F4A5B"] {
        let path = format!("/{tenant}/oauth2/v2.0/token");
        assert_eq!(app.post_form(&path, &form(&by_secret(&id, &secret))).await.status, 200, "{tenant}");
    }
    for scope in [
        "https://graph.microsoft.com/.default openid profile offline_access",
        "openid offline_access https://graph.microsoft.com/.default profile",
        "https://graph.example/.default",
        "https://graph.microsoft.com//.default",
        "00000003-0000-0000-c000-000000000000/.default",
        "api://provisor/.default",
    ] {
        let mut parameters = by_secret(&id, &secret);
        parameters[3].1 = scope;
        parameters.extend([("client_info", "1"), ("claims", "{\"access_token\":{}}")]);
        let answer = app.ask(&parameters).await;
        assert_eq!(answer.status, 200, "{scope}: {}", answer.text);
        assert_eq!(app.with_token(&text(&answer.json()["access_token"])).await.status, 403, "{scope}");
    }
    let basic =
        base64::engine::general_purpose::STANDARD.encode(format!("{id}:{}", secret.replace('~', "%7E")));
    let request = Request::post(ENDPOINT)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", format!("Basic {basic}"));
    let body = form(&[("grant_type", "client_credentials"), ("scope", SCOPE)]);
    assert_eq!(app.send(request.body(Full::new(body.into())).unwrap()).await.status, 200);
}

#[tokio::test]
async fn version_one_has_numbers_as_texts() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (_, secret) = app.secret(&application, json!({})).await;
    let mut parameters = by_secret(&application.app_id, &secret);
    parameters[3] = ("resource", "https://graph.microsoft.com/");
    let answer = app.post_form("/common/oauth2/token", &form(&parameters)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut json = answer.json();
    let token = text(&json["access_token"]);
    json["access_token"] = "…".into();
    insta::assert_json_snapshot!(json, @r#"
    {
      "access_token": "…",
      "expires_in": "3599",
      "expires_on": "1772619163",
      "ext_expires_in": "3599",
      "not_before": "1772615564",
      "resource": "https://graph.microsoft.com",
      "token_type": "Bearer"
    }
    "#);
    assert_eq!(part(&token, 1)["ver"], "1.0");
}

#[tokio::test]
async fn what_is_refused_is_said_with_its_number() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = application.app_id.as_str();
    let (_, old) = app
        .secret(
            &application,
            json!({"startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-02-01T00:00:00Z"}),
        )
        .await;
    let (_, future) = app.secret(&application, json!({"startDateTime": "2026-04-01T00:00:00Z"})).await;
    let (_, good) = app.secret(&application, json!({})).await;
    let grant = ("grant_type", "client_credentials");
    let cases = vec![
        ("wrong secret", ENDPOINT, by_secret(id, "wrong")),
        ("expired secret", ENDPOINT, by_secret(id, &old)),
        ("secret not valid yet", ENDPOINT, by_secret(id, &future)),
        ("unknown client", ENDPOINT, by_secret("11111111-2222-4333-8444-555555555555", &good)),
        ("client that is no GUID", ENDPOINT, by_secret("people", &good)),
        ("unknown tenant", "/fabrikam.example/oauth2/v2.0/token", by_secret(id, &good)),
        ("no grant", ENDPOINT, vec![("client_id", id)]),
        ("bad grant", ENDPOINT, vec![("grant_type", "password")]),
        ("no client", ENDPOINT, vec![grant, ("scope", SCOPE)]),
        ("no scope", ENDPOINT, vec![grant, ("client_id", id)]),
        ("no proof", ENDPOINT, vec![grant, ("client_id", id), ("scope", SCOPE)]),
        ("bad scope", ENDPOINT, vec![grant, ("client_id", id), ("scope", "User.Read.All")]),
        ("no resource", ENDPOINT, vec![grant, ("client_id", id), ("scope", "openid profile")]),
        (
            "two scopes",
            ENDPOINT,
            vec![grant, ("client_id", id), ("scope", "https://graph.microsoft.com/.default User.Read")],
        ),
        ("bare scope", ENDPOINT, vec![grant, ("client_id", id), ("scope", "/.default")]),
        (
            "unknown resource",
            ENDPOINT,
            vec![grant, ("client_id", id), ("scope", "https://vault.example/.default")],
        ),
        ("no resource", "/common/oauth2/token", vec![grant, ("client_id", id), ("scope", SCOPE)]),
        ("twice", ENDPOINT, vec![grant, grant]),
        (
            "assertion without a type",
            ENDPOINT,
            vec![grant, ("client_id", id), ("scope", SCOPE), ("client_assertion", "a.b.c")],
        ),
    ];
    let mut lines = Vec::new();
    for (name, path, parameters) in cases {
        let answer = app.post_form(path, &form(&parameters)).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let json = answer.json();
        let description = text(&json["error_description"]).replace(id, "{id}");
        let description = description.split(" Trace ID").next().unwrap();
        lines.push(format!(
            "{name}: {} {} {} {description}",
            answer.status, json["error"], json["error_codes"]
        ));
    }
    insta::assert_snapshot!(lines.join("\n"));
    let mut whole = app.ask(&[]).await.json();
    whole["trace_id"] = "…".into();
    let description = text(&whole["error_description"]);
    whole["error_description"] = description.split(" Trace ID: ").next().unwrap().into();
    assert!(description.contains(" Correlation ID: theirs Timestamp: 2026-03-04 09:12:44Z"));
    insta::assert_json_snapshot!(whole);
}

#[tokio::test]
async fn a_client_without_an_enabled_service_principal_gets_nothing_and_is_nobody() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (_, secret) = app.secret(&application, json!({})).await;
    let token = app.token(&application).await;
    let code = async || {
        let answer = app.ask(&by_secret(&application.app_id, &secret)).await;
        (answer.status, answer.json()["error_codes"][0].clone())
    };
    let principal = format!("servicePrincipals/{}", application.sp);
    assert_eq!(app.with_token(&token).await.status, 403);
    app.write("PATCH", &principal, json!({"accountEnabled": false}), 204).await;
    assert_eq!(code().await, (400, json!(7_000_112)));
    let nobody = app.with_token(&token).await;
    assert_eq!((nobody.status, nobody.error().0.as_str()), (401, "Authorization_IdentityNotFound"));
    app.call("DELETE", &principal, None).await;
    assert_eq!(code().await, (400, json!(7_000_229)));
    assert_eq!(app.with_token(&token).await.status, 401);
    app.call("DELETE", &format!("applications/{}", application.id), None).await;
    assert_eq!(code().await, (400, json!(700_016)));
}

#[tokio::test]
async fn the_documents_lead_clients_to_the_endpoints() {
    let app = TestApp::new().await;
    let paths = [
        "/common/v2.0/.well-known/openid-configuration",
        "/contoso.example/.well-known/openid-configuration?appid=x",
        "/common/discovery/instance?api-version=1.1&authorization_endpoint=https://x",
        "/metadata/endpoints?api-version=2022-09-01",
    ];
    let mut documents = Vec::new();
    for path in paths {
        documents.push(json!({ path: app.get_document(path).await }));
    }
    insta::assert_json_snapshot!(documents);
    let refused = app.send(Request::get("/x.example/discovery/keys").body(Full::default()).unwrap()).await;
    assert_eq!((refused.status, refused.json()["error_codes"][0].clone()), (400, json!(90_002)));
    let verb = app.send(Request::get(ENDPOINT).body(Full::default()).unwrap()).await;
    assert_eq!((verb.status, verb.header("allow")), (405, "POST, OPTIONS"));
    let long = app.post_form(ENDPOINT, &"x".repeat((64 << 10) + 1)).await;
    assert_eq!((long.status, long.json()["error"].clone()), (413, json!("invalid_request")));
}

impl TestApp {
    /// A document that needs no token.
    pub(super) async fn get_document(&self, path: &str) -> Json {
        let answer = self.send(Request::get(path).body(Full::default()).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }
}

#[tokio::test]
async fn a_form_of_many_parameters_is_refused_unread() {
    let app = TestApp::new().await;
    let names: Vec<String> = (0..51).map(|number| format!("p{number}=")).collect();
    let answer = app.post_form(ENDPOINT, &names.join("&")).await;
    assert_eq!(answer.status, 400);
    assert!(text(&answer.json()["error_description"]).contains("more than 50 parameters"), "{}", answer.text);
}

#[tokio::test]
async fn nobody_signs_in_and_is_told_so() {
    let app = TestApp::new().await;
    for path in ["/common/oauth2/v2.0/authorize?response_type=code", "/contoso.example/oauth2/v2.0/logout"] {
        let request = Request::get(path).body(Full::new(Bytes::new())).unwrap();
        let answer = app.send(request).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &json!("unsupported_response_type")),
            "{path}"
        );
        assert!(text(&answer.json()["error_description"]).contains("client_credentials"));
    }
    assert_eq!(app.post_form("/common/oauth2/v2.0/devicecode", "client_id=x").await.status, 400);
}
