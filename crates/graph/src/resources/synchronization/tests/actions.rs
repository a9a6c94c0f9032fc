use serde_json::json;

use super::super::on_demand::ProvisionOnDemand;
use super::super::restart::{RestartCriteria, RestartScope};
use super::super::secret::{SecretKey, SecretPair, ValidateCredentials};
use super::read;
use crate::testing::layout;

#[test]
fn a_restart_says_what_is_forgotten() {
    let links = RestartScope::CONNECTOR_DATA_STORE;
    for (body, wanted, scope) in [
        (json!({}), None, RestartScope::UNSPECIFIED),
        (json!({"resetScope": null}), None, RestartScope::UNSPECIFIED),
        (json!({"resetScope": ""}), None, RestartScope::UNSPECIFIED),
        (json!({"resetScope": "None"}), Some(RestartScope::NONE), RestartScope::NONE),
        (json!({"resetScope": "0"}), Some(RestartScope::NONE), RestartScope::NONE),
        (json!({"resetScope": "Full"}), Some(RestartScope::FULL), RestartScope::FULL),
        (json!({"resetScope": 15}), Some(RestartScope::FULL), RestartScope::FULL),
        (json!({"resetScope": "15"}), Some(RestartScope::FULL), RestartScope::FULL),
        (json!({"resetScope": "connectordatastore"}), Some(links), links),
        (
            json!({"resetScope": "Watermark, Escrows, QuarantineState"}),
            Some(RestartScope::UNSPECIFIED),
            RestartScope::UNSPECIFIED,
        ),
    ] {
        let criteria: RestartCriteria = read(&body, "synchronizationJobRestartCriteria").unwrap();
        assert_eq!((criteria.reset_scope, criteria.scope()), (wanted, scope), "{body}");
    }
    for body in
        [json!({"resetScope": "Everything"}), json!({"resetScope": 16}), json!({"resetScope": ["Full"]})]
    {
        let message = read::<RestartCriteria>(&body, "synchronizationJobRestartCriteria").unwrap_err();
        assert!(message.contains("'resetScope'"), "{message}");
    }
    assert_eq!(RestartScope::UNSPECIFIED.to_string(), "Escrows,Watermark,QuarantineState");
    assert_eq!(
        RestartScope::FULL.union(RestartScope::FORCE_DELETES).to_string(),
        "ConnectorDataStore,Escrows,Watermark,QuarantineState,ForceDeletes"
    );
}

#[test]
fn on_demand_parameters_are_read() {
    let body = json!({"parameters": [{"@odata.type": "#microsoft.graph.synchronizationJobApplicationParameters",
        "ruleId": "r", "subjects": [{"objectId": "g", "objectTypeName": "Group",
            "links": {"manager": null, "members": [{"objectId": "u", "objectTypeName": "User"}]}}]}]});
    let parsed: ProvisionOnDemand = read(&body, "provisionOnDemand").unwrap();
    let links = parsed.parameters[0].subjects[0].links.as_ref().unwrap();
    assert_eq!(links.members[0].object_id.as_deref(), Some("u"));
    let wrong = json!({"parameters": [{"subjects": [{"links": {"members": [{"objectId": 5}]}}]}]});
    insta::assert_snapshot!(read::<ProvisionOnDemand>(&wrong, "provisionOnDemand").unwrap_err(), @"The value of property 'parameters[0]/subjects[0]/links/members[0]/objectId' is invalid: invalid type: a number, expected a string.");
}

#[test]
fn secrets_do_not_show() {
    let body = json!({"useSavedCredentials": "True", "templateId": "scim", "credentials": [
        {"@odata.type": "microsoft.graph.synchronizationSecretKeyStringValuePair", "key": "secrettoken", "value": "s3cr3t"},
        {"key": "BaseAddress", "value": "https://x.example"}, {"key": 2}]});
    let parsed: ValidateCredentials = read(&body, "validateCredentials").unwrap();
    assert_eq!(parsed.use_saved_credentials, Some(true));
    assert_eq!(parsed.credentials[0].value.as_deref(), Some("s3cr3t"));
    assert!(!format!("{parsed:?}").contains("s3cr3t"));
    assert!(!format!("{parsed:?}").contains("x.example"));
    insta::assert_snapshot!(layout(&parsed.credentials), @r#"
        [
          {"key": "SecretToken", "value": "*"},
          {"key": "BaseAddress", "value": "https://x.example"},
          {"key": "Password", "value": null}
        ]
        "#);
    let unknown = json!({"credentials": [{"key": "Passphrase", "value": "s3cr3t"}]});
    let message = read::<ValidateCredentials>(&unknown, "validateCredentials").unwrap_err();
    assert!(message.contains("credentials[0]/key") && !message.contains("s3cr3t"), "{message}");
    for wrong in
        [json!({"credentials": "s3cr3t"}), json!({"credentials": [{"key": "Password", "value": 777_777}]})]
    {
        let message = read::<ValidateCredentials>(&wrong, "validateCredentials").unwrap_err();
        assert!(!message.contains("s3cr3t") && !message.contains("777"), "{message}");
    }
}

#[test]
fn secret_keys_have_graphs_numbers() {
    assert_eq!(SecretKey::ALL.len(), 45);
    assert_eq!(SecretKey::parse("secrettoken"), Some(SecretKey::SecretToken));
    assert_eq!(SecretKey::parse("250"), Some(SecretKey::ConnectionString));
    assert_eq!(SecretKey::parse("SecretTokens"), None);
    let confidential: Vec<&str> =
        SecretKey::ALL.iter().filter(|key| key.is_confidential()).map(|key| key.name()).collect();
    insta::assert_snapshot!(confidential.join(" "), @"Password SecretToken ClientSecret ConsumerSecret TokenKey Oauth2AccessToken Oauth2RefreshToken Oauth2ClientSecret Oauth2AuthorizationCode ConnectionString");
    let pair: SecretPair = serde_json::from_value(json!({"key": "UserName", "value": "ida"})).unwrap();
    assert_eq!(serde_json::to_value(pair).unwrap(), json!({"key": "UserName", "value": "ida"}));
}
