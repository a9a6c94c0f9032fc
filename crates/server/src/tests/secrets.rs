//! Secrets: merged by key, never read back.

use serde_json::json;

use crate::testing::TestApp;

#[tokio::test]
async fn secrets_are_merged_and_masked() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let by_principal = format!("servicePrincipals/{}/synchronization/secrets", application.sp);
    let by_application = format!("applications/{}/synchronization/secrets", application.id);
    assert_eq!(app.read(&by_principal).await["value"], json!([]));
    let both = json!({"value": [
        {"@odata.type": "microsoft.graph.synchronizationSecretKeyStringValuePair",
         "key": "baseaddress", "value": "https://people.example/scim"},
        {"key": "SecretToken", "value": "first"},
        {"key": "SecretToken", "value": "s3cr3t"},
    ]});
    app.write("PUT", &by_principal, both, 204).await;
    let read = app.read(&by_application).await;
    let masked = json!([
        {"key": "BaseAddress", "value": "https://people.example/scim"}, {"key": "SecretToken", "value": "*"},
    ]);
    assert_eq!(read["value"], masked);
    assert!(!app.get(&by_principal).await.text.contains("s3cr3t"));
    // What is read can be written back and changes nothing.
    app.write("PUT", &by_principal, json!({"value": masked}), 204).await;
    assert!(app.dump().await.contains("\"SecretToken\": \"s3cr3t\""));
    // A rotation sends one key, a removal an empty value; a bare array and `credentials` will do.
    app.write("PUT", &by_application, json!([{"key": "SecretToken", "value": "n3w"}]), 204).await;
    assert!(app.dump().await.contains("\"SecretToken\": \"n3w\""));
    app.write("PUT", &by_principal, json!({"credentials": [{"key": "BaseAddress", "value": ""}]}), 204).await;
    app.write("PUT", &by_principal, json!({"value": [{"key": "Domain", "value": null}]}), 204).await;
    assert_eq!(app.read(&by_principal).await["value"], json!([{"key": "SecretToken", "value": "*"}]));
    assert_eq!(app.get(&format!("{by_principal}/$count")).await.text, "1");
}

#[tokio::test]
async fn new_secrets_wake_the_jobs() {
    let app = TestApp::new().await;
    let application = app.application().await;
    app.job(&application).await;
    app.runtime.take_calls();
    let path = format!("servicePrincipals/{}/synchronization/secrets", application.sp);
    app.write("PUT", &path, json!({"value": [{"key": "SecretToken", "value": "x"}]}), 204).await;
    assert!(app.runtime.take_calls()[0].starts_with("wake "));
}

#[tokio::test]
async fn values_that_a_key_can_never_have_are_refused() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let path = format!("servicePrincipals/{}/synchronization/secrets", application.sp);
    let mut told = Vec::new();
    for (key, value) in [
        ("SyncAll", "yes"),
        ("skipoutofscopedeletions", "on"),
        ("BaseAddress", "people.example/scim"),
        ("BaseAddress", "ftp://people.example"),
        ("BaseAddress", "*"),
        ("SyncAl", "true"),
        ("Token", "x"),
    ] {
        let body = json!({"value": [{"key": "Domain", "value": "d"}, {"key": key, "value": value}]});
        let refused = app.write("PUT", &path, body, 400).await;
        told.push(refused["error"]["message"].as_str().unwrap().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
        The value of the secret 'SyncAll' must be "True" or "False". Nothing was stored.
        The value of the secret 'SkipOutOfScopeDeletions' must be "True" or "False". Nothing was stored.
        The value of the secret 'BaseAddress' must be a whole http or https URL, such as https://people.example/scim/v2: the target's SCIM base URL. Nothing was stored.
        The value of the secret 'BaseAddress' must be a whole http or https URL, such as https://people.example/scim/v2: the target's SCIM base URL. Nothing was stored.
        The value of the secret 'BaseAddress' must be a whole http or https URL, such as https://people.example/scim/v2: the target's SCIM base URL. Nothing was stored.
        Invalid entry 'value[1]': 'SyncAl' is not a secret key (the members of synchronizationSecret); did you mean 'SyncAll'?
        Invalid entry 'value[1]': 'Token' is not a secret key (the members of synchronizationSecret); did you mean 'TokenKey'?
        "#);
    assert_eq!(app.read(&path).await["value"], json!([]));
    for value in ["true", "FALSE", "True", ""] {
        app.write("PUT", &path, json!([{"key": "SyncAll", "value": value}]), 204).await;
    }
    let notify = |value: &str| json!([{"key": "SyncNotificationSettings", "value": value}]);
    let refused = app.write("PUT", &path, notify("{\"Enabled\":\"yes\"}"), 400).await;
    assert_eq!(refused["error"]["code"], "InvalidNotificationSettings");
    app.write("PUT", &path, notify("{\"Enabled\":true,\"Recipients\":\"ops@contoso.example\"}"), 204).await;
    let address = "http://127.0.0.1:8081/scim?aadOptscim062020";
    app.write("PUT", &path, json!([{"key": "BaseAddress", "value": address}]), 204).await;
}
