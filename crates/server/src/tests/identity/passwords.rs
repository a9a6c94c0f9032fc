//! `addPassword`, `removePassword`, and credentials in bodies.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_password_is_shown_once_and_works_until_it_is_removed() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let path = format!("applications/{}/addPassword", application.id);
    let wanted = json!({"passwordCredential": {"displayName": "ci", "endDateTime": "2027-01-01T00:00:00Z"}});
    let mut made = app.write("POST", &path, wanted, 200).await;
    let (key, secret) = (text(&made["keyId"]), text(&made["secretText"]));
    assert_eq!(secret.len(), 40);
    assert!(secret.starts_with(made["hint"].as_str().unwrap()));
    made["keyId"] = "…".into();
    made["secretText"] = "…".into();
    made["hint"] = "…".into();
    insta::assert_json_snapshot!(made, @r#"
    {
      "@odata.context": "https://graph.example/v1.0/$metadata#microsoft.graph.passwordCredential",
      "customKeyIdentifier": null,
      "displayName": "ci",
      "endDateTime": "2027-01-01T00:00:00Z",
      "hint": "…",
      "keyId": "…",
      "secretText": "…",
      "startDateTime": "2026-03-04T09:12:44.123456Z"
    }
    "#);
    let other = app.write("POST", &path, json!({}), 200).await;
    assert_eq!(other["endDateTime"], "2028-03-03T09:12:44.123456Z");
    let read = app.read(&format!("applications/{}", application.id)).await;
    assert_eq!(read["passwordCredentials"].as_array().unwrap().len(), 2);
    assert_eq!(read["passwordCredentials"][0]["secretText"], Json::Null);
    assert!(!read.to_string().contains("secretHash"), "{read}");
    // The store has no secret either.
    assert!(!app.dump().await.contains(&secret));
    for secret in [&secret, &text(&other["secretText"])] {
        assert_eq!(app.ask(&by_secret(&application.app_id, secret)).await.status, 200);
    }
    let remove = format!("applications/{}/removePassword", application.id);
    app.write("POST", &remove, json!({"keyId": key}), 204).await;
    assert_eq!(app.ask(&by_secret(&application.app_id, &secret)).await.status, 401);
    let gone = app.call("POST", &remove, Some(json!({"keyId": key}))).await;
    assert_eq!(
        (gone.status, gone.error().1),
        (400, format!("No password credential found with keyId '{key}'."))
    );
    assert_eq!(app.ask(&by_secret(&application.app_id, &text(&other["secretText"]))).await.status, 200);
}

#[tokio::test]
async fn passwords_of_a_service_principal_count_too() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let path = format!("servicePrincipals(appId='{}')/addPassword", application.app_id);
    let made = app.write("POST", &path, json!({"passwordCredential": null}), 200).await;
    let secret = text(&made["secretText"]);
    assert_eq!(app.ask(&by_secret(&application.app_id, &secret)).await.status, 200);
    // A change of the application copies things to the service principal, and leaves that alone.
    let path = format!("applications/{}", application.id);
    app.write("PATCH", &path, json!({"displayName": "Renamed"}), 204).await;
    assert_eq!(app.ask(&by_secret(&application.app_id, &secret)).await.status, 200);
}

#[tokio::test]
async fn what_is_read_can_be_sent_back_and_nothing_can_be_slipped_in() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (first, secret) = app.secret(&application, json!({"displayName": "first"})).await;
    let (_, second) = app.secret(&application, json!({})).await;
    let path = format!("applications/{}", application.id);
    let read = app.read(&path).await;
    app.write("PATCH", &path, json!({"passwordCredentials": read["passwordCredentials"]}), 204).await;
    assert_eq!(app.ask(&by_secret(&application.app_id, &second)).await.status, 200);
    // What is left out is removed; what is sent changes nothing of what is stored.
    let only = json!({"passwordCredentials": [{"keyId": first, "endDateTime": "2099-01-01T00:00:00Z"}]});
    app.write("PATCH", &path, only, 204).await;
    assert_eq!(app.read(&path).await["passwordCredentials"], json!([read["passwordCredentials"][0]]));
    assert_eq!(app.ask(&by_secret(&application.app_id, &secret)).await.status, 200);
    assert_eq!(app.ask(&by_secret(&application.app_id, &second)).await.status, 401);
    for body in [
        json!({"passwordCredentials": [{"displayName": "mine", "secretText": "known"}]}),
        json!({"passwordCredentials": [{"keyId": first, "secretHash": "hmac-sha256:AA==:AA=="}]}),
        json!({"passwordCredentials": [{"keyId": "11111111-2222-4333-8444-555555555555"}]}),
    ] {
        assert_eq!(app.call("PATCH", &path, Some(body.clone())).await.status, 400, "{body}");
    }
    let new = json!({"displayName": "x", "passwordCredentials": [{"secretText": "known"}]});
    assert_eq!(app.call("POST", "applications", Some(new)).await.status, 400);
}

#[tokio::test]
async fn an_unfit_password_is_refused() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let path = format!("applications/{}/addPassword", application.id);
    for body in [
        json!({"passwordCredential": "x"}),
        json!({"passwordCredential": {"displayName": 1}}),
        json!({"passwordCredential": {"endDateTime": "soon"}}),
        json!({"passwordCredential": {"startDateTime": "2026-02-01T00:00:00Z", "endDateTime": "2026-01-01T00:00:00Z"}}),
    ] {
        assert_eq!(app.call("POST", &path, Some(body.clone())).await.status, 400, "{body}");
    }
    let unknown = "applications/11111111-2222-4333-8444-555555555555/addPassword";
    assert_eq!(app.call("POST", unknown, Some(json!({}))).await.status, 404);
    assert_eq!(
        app.call("POST", &format!("applications/{}/addKey", application.id), Some(json!({}))).await.status,
        501
    );
}

#[tokio::test]
async fn a_misspelt_end_makes_no_secret() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let path = format!("applications/{}/addPassword", application.id);
    let mut told = Vec::new();
    for body in [
        json!({"passwordCredential": {"endDateTme": "2026-12-01T00:00:00Z"}}),
        json!({"displayName": "x"}),
        json!({"passwordCredential": []}),
        json!({"passwordCredential": {"endDateTime": "tomorrow"}}),
        json!({"passwordCredential": {"endDateTime": "2026-01-01T00:00:00Z"}}),
    ] {
        told.push(text(&app.write("POST", &path, body, 400).await["error"]["message"]));
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    Invalid property 'passwordCredential/endDateTme'. Did you mean 'endDateTime'?
    Invalid property 'displayName'. What the password is to be stands within 'passwordCredential'.
    Invalid value specified for property 'passwordCredential' of resource 'PasswordCredential'. It must be an object.
    Invalid value specified for property 'passwordCredential/endDateTime' of resource 'PasswordCredential'. It must be a date and time with a zone, such as 2026-03-04T09:12:44Z.
    Invalid value specified for property 'passwordCredential/endDateTime' of resource 'PasswordCredential'. It must be after 'startDateTime', which is now when it is not sent.
    ");
    let found = app.read(&format!("applications/{}?$select=passwordCredentials", application.id)).await;
    assert_eq!(found["passwordCredentials"], json!([]));
    let (_, secret) = app.secret(&application, json!({"displayname": "n"})).await;
    assert!(!secret.is_empty());
    let found = app.read(&format!("applications/{}?$select=passwordCredentials", application.id)).await;
    assert_eq!(found["passwordCredentials"][0]["displayName"], "n");
}
