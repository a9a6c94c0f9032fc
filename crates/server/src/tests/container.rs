//! `…/synchronization` itself, and the token that it acquires.

use serde_json::json;

use crate::testing::TestApp;

#[tokio::test]
async fn the_container_shows_what_hangs_from_it() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization", application.sp);
    let secrets =
        json!([{"key": "BaseAddress", "value": "https://x.example"}, {"key": "SecretToken", "value": "*"}]);
    let sent =
        json!([{"key": "BaseAddress", "value": "https://x.example"}, {"key": "SecretToken", "value": "s"}]);
    app.write(
        "PUT",
        &path,
        json!({"@odata.type": "#microsoft.graph.synchronization", "id": "x", "secrets": sent}),
        204,
    )
    .await;
    assert_eq!(
        app.read(&path).await,
        json!({
            "@odata.context": format!(
                "https://graph.example/v1.0/$metadata#servicePrincipals('{}')/synchronization/$entity", application.sp
            ),
            "id": application.sp,
            "secrets": secrets,
        })
    );
    let whole = app.read(&format!("{path}?$expand=templates, jobs&$select=id")).await;
    assert_eq!(whole["jobs"][0]["id"], json!(id));
    assert_eq!(whole["templates"][0]["id"], "scim");
    assert_eq!(whole.get("secrets"), None);
    // The application's is the other view of it.
    let other = format!("applications/{}/synchronization", application.id);
    app.write("PATCH", &other, json!({"secrets": [{"key": 5, "value": ""}]}), 204).await;
    app.write("PATCH", &other, json!({"secrets": null}), 204).await;
    let read = app.read(&other).await;
    assert_eq!((&read["id"], &read["secrets"]), (&json!(application.id), &json!([secrets[1]])));
    for query in ["$expand=schema", "$select=status"] {
        assert_eq!(app.get(&format!("{path}?{query}")).await.status, 400, "{query}");
    }
    app.write("PUT", &path, json!({"secrets": [{"key": "Nonsense", "value": "x"}]}), 400).await;
    app.write("PUT", &path, json!([]), 400).await;
    assert_eq!(app.call("DELETE", &path, None).await.status, 204);
    let left = app.read(&format!("{path}?$expand=jobs,templates")).await;
    assert_eq!((&left["jobs"], &left["secrets"]), (&json!([]), &json!([])));
    assert_eq!(left["templates"].as_array().unwrap().len(), 2, "templates stay");
}

#[tokio::test]
async fn only_beta_answers_a_ping() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let path = format!("servicePrincipals/{}/synchronization", application.sp);
    let pong = app.read(&format!("beta/{path}/Ping()")).await;
    assert_eq!(
        pong,
        json!({"@odata.context": "https://graph.example/beta/$metadata#Edm.String", "value": "Pong"})
    );
    let refused = app.get(&format!("{path}/Ping()")).await;
    assert_eq!(
        (refused.status, refused.error().1.as_str()),
        (400, "Resource not found for the segment 'Ping'.")
    );
}

#[tokio::test]
async fn an_authorization_code_becomes_a_token() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let path = format!("servicePrincipals/{}/synchronization", application.sp);
    let acquire = format!("{path}/acquireAccessToken");
    let pair = |key: &str, value: &str| json!({"key": key, "value": value});
    // What is not enough for an exchange is kept.
    let client = json!({"credentials": [
        pair("Oauth2ClientId", "me&you"), pair("Oauth2ClientSecret", "cl1ent"),
        pair("Oauth2RedirectUri", "https://console.example/back"),
        pair("Oauth2TokenExchangeUri", "https://idp.example/token?x=1"),
    ]});
    app.write("POST", &acquire, client, 204).await;
    assert_eq!(app.runtime.take_calls(), Vec::<String>::new());
    let answer = json!({"access_token": "acc3ss", "refresh_token": "r3fresh", "expires_in": 3600, "token_type": "Bearer"});
    *app.runtime.token.lock().unwrap() = Some((200, answer));
    let code = json!({"credentials": [pair("Oauth2AuthorizationCode", "c0de/+")]});
    app.write("POST", &acquire, code.clone(), 204).await;
    insta::assert_snapshot!(app.runtime.take_calls().join("\n"), @"exchange https://idp.example/token?x=1 grant_type=authorization_code&code=c0de%2F%2B&redirect_uri=https%3A%2F%2Fconsole%2Eexample%2Fback&client_id=me%26you&client_secret=cl1ent");
    let secrets = app.read(&format!("{path}/secrets")).await;
    assert_eq!(
        secrets["value"].as_array().unwrap()[4..],
        [
            pair("Oauth2AuthorizationCode", "*"),
            pair("Oauth2AccessToken", "*"),
            pair("Oauth2AccessTokenCreationTime", "2026-03-04T09:12:44.123456Z"),
            pair("Oauth2RefreshToken", "*"),
            pair("TokenExpiration", "3600"),
        ]
    );
    assert!(app.dump().await.contains("\"Oauth2AccessToken\": \"acc3ss\""));
    // A code serves once: it is not sent again unless it is given again.
    app.write("POST", &acquire, json!(null), 204).await;
    assert_eq!(app.runtime.take_calls(), Vec::<String>::new());
    // What the endpoint says is told, without what it was sent.
    let refusal = json!({"error": "invalid_grant", "error_description": "Code c0de/+ of cl1ent (c0de%2F%2B)\nis spent."});
    *app.runtime.token.lock().unwrap() = Some((400, refusal));
    let refused = app.call("POST", &acquire, Some(code.clone())).await;
    assert_eq!(refused.status, 400);
    insta::assert_snapshot!(refused.error().1, @"The token endpoint https://idp.example did not exchange the authorization code: it answered 400 with 'invalid_grant: Code [redacted] of [redacted] ([redacted]) is spent.'. A code serves once and not for long: sign in again for a new one.");
    for (status, body) in [(200, json!({"scope": "x"})), (500, json!("oops"))] {
        *app.runtime.token.lock().unwrap() = Some((status, body));
        let (_, message) = app.call("POST", &acquire, Some(code.clone())).await.error();
        assert!(message.contains(&format!("answered {status} with 'no access_token'")), "{message}");
    }
    for uri in ["ftp://idp.example", "https://me:pw@idp.example/token", "idp.example/token"] {
        let given = json!({"credentials": [pair("Oauth2TokenExchangeUri", uri), pair("Oauth2AuthorizationCode", "x")]});
        let (_, message) = app.call("POST", &acquire, Some(given)).await.error();
        assert!(message.starts_with("'Oauth2TokenExchangeUri' must be"), "{message}");
    }
}
