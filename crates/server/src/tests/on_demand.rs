//! One object, now.

use provisor_engine::log::{
    Action, Identity, Initiator, LogEntry, ModifiedProperty, Reason, Status, Step, StepKind,
};
use serde_json::json;
use uuid::Uuid;

use crate::testing::{TestApp, text};

/// An entry of the log, made up.
pub(super) fn entry(at: &str, status: Status) -> LogEntry {
    LogEntry {
        id: Uuid::from_u128(0x11),
        at: at.parse().unwrap(),
        duration_ms: 412,
        cycle: Uuid::from_u128(0x22),
        change: Uuid::from_u128(0x33),
        action: Action::Create,
        status,
        reason: (status != Status::Success).then(|| Reason {
            code: "SystemForCrossDomainIdentityManagementConflict".into(),
            message: "The target answered 409: userName is already taken.".into(),
        }),
        source: Identity {
            id: "5d2b".into(),
            name: "Ida Holm".into(),
            label: "ida@contoso.example".into(),
            object_type: "User".into(),
        },
        target: Identity {
            object_type: "urn:ietf:params:scim:schemas:core:2.0:User".into(),
            ..Identity::default()
        },
        steps: vec![Step {
            name: "EntryImportAdd".into(),
            kind: StepKind::Import,
            status: Status::Success,
            description: "Received User 'ida@contoso.example'".into(),
            details: vec![("accountEnabled".into(), "True".into())],
        }],
        modified: vec![ModifiedProperty {
            name: "userName".into(),
            old: None,
            new: Some("ida@contoso.example".into()),
        }],
        initiator: Initiator::System,
    }
}

#[tokio::test]
async fn one_object_is_provisioned_on_demand() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let user = app.user("ida").await;
    let job = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    let rule = text(&app.read(&format!("{job}/schema")).await["synchronizationRules"][0]["id"]);
    *app.runtime.entry.lock().unwrap() = Some(entry("2026-03-04T09:30:00.987654321Z", Status::Failure));
    let body = json!({"parameters": [{"ruleId": rule.to_uppercase(),
        "subjects": [{"objectId": user, "objectTypeName": "user", "links": {"manager": null}}]}]});
    let answer = app.write("POST", &format!("{job}/provisionOnDemand"), body, 200).await;
    let inner = |member: &str| -> serde_json::Value { serde_json::from_str(&text(&answer[member])).unwrap() };
    assert_eq!(
        inner("key"),
        json!({"result": "Failure", "details": {
            "errorCode": "SystemForCrossDomainIdentityManagementConflict",
            "errorMessage": "The target answered 409: userName is already taken.",
        }})
    );
    let value = inner("value");
    assert_eq!(value["action"], "Create");
    assert_eq!(value["startTime"], "2026-03-04T09:30:00.5756543Z");
    assert_eq!(value["endTime"], "2026-03-04T09:30:00.9876543Z");
    assert_eq!(value["provisioningSteps"][0]["timestamp"], "2026-03-04T09:30:00.9876543Z");
    assert_eq!(value["reportableIdentifier"], "ida@contoso.example");
    assert_eq!(value["sourceSystem"]["name"], "Microsoft Entra ID");
    assert_eq!(value["targetSystem"]["name"], "customappsso");
    assert_eq!(value["provisioningSteps"][0]["type"], "Import");
    assert_eq!(value["provisioningSteps"][0]["details"], json!({"accountEnabled": "True"}));
    assert_eq!(value["statusInfo"]["status"], "Failure");
    let calls = app.runtime.take_calls();
    assert!(calls.last().unwrap().ends_with(&format!("user {user}")), "{calls:?}");
}

#[tokio::test]
async fn an_object_type_that_is_not_there_is_answered_with_those_that_are() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let user = app.user("ida").await;
    let job = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    let rule = text(&app.read(&format!("{job}/schema")).await["synchronizationRules"][0]["id"]);
    let body = json!({"parameters": [
        {"ruleId": rule, "subjects": [{"objectId": user, "objectTypeName": "Users"}]}]});
    let refused = app.write("POST", &format!("{job}/provisionOnDemand"), body, 400).await;
    insta::assert_snapshot!(text(&refused["error"]["message"]), @"No rule of the job's schema provisions 'Users' ('parameters[0]/subjects[0]/objectTypeName'); its object types are: User, Group.");
}

#[tokio::test]
async fn what_is_linked_goes_before_its_subject() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let job = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    let (ida, ole, group) = (app.user("ida").await, app.user("ole").await, app.group("crew").await);
    let schema = app.read(&format!("{job}/schema")).await;
    let rule_of = |object: &str| {
        let rules = schema["synchronizationRules"].as_array().unwrap();
        let maps = |rule: &&serde_json::Value| {
            let mappings = rule["objectMappings"].as_array().unwrap();
            mappings.iter().any(|mapping| mapping["sourceObjectName"] == object)
        };
        text(&rules.iter().find(maps).unwrap()["id"])
    };
    let user = |id: &str| json!({"objectId": id, "objectTypeName": "User"});
    let request = |member: &str| {
        json!({"parameters": [
            {"ruleId": rule_of("Group"), "subjects": [{"objectId": group, "objectTypeName": "Group",
                "links": {"members": [user(member)], "manager": null}}]},
            {"ruleId": rule_of("User"), "subjects": [user(&ole)]},
        ]})
    };
    *app.runtime.entry.lock().unwrap() = Some(entry("2026-03-04T09:30:00Z", Status::Failure));
    app.runtime.take_calls();
    let path = format!("{job}/provisionOnDemand");
    let answer = app.write("POST", &path, request(&ida), 200).await;
    let calls: Vec<String> =
        app.runtime.take_calls().iter().map(|call| call.rsplit(' ').next().unwrap().to_owned()).collect();
    assert_eq!(calls, [ida.clone(), group.clone(), ole.clone()]);
    let inner = |member: &str| -> serde_json::Value { serde_json::from_str(&text(&answer[member])).unwrap() };
    assert_eq!(inner("key")["result"], "Failure");
    assert_eq!(inner("value")["otherObjects"].as_array().unwrap().len(), 2);
    let crossed = json!({"parameters": [{"ruleId": rule_of("Group"), "subjects": [user(&ida)]}]});
    let refused = app.write("POST", &path, crossed, 400).await;
    let (message, rule) = (text(&refused["error"]["message"]), rule_of("User"));
    assert!(message.ends_with(&format!("these rules do: {rule}.")), "{message}");
    // One that is not there stops all, before anything is written.
    let refused = app.write("POST", &path, request(&Uuid::nil().to_string()), 400).await;
    let message = text(&refused["error"]["message"]);
    assert!(message.contains("'parameters[0]/subjects[0]/links/members[0]/objectId'"), "{message}");
    let many = vec![user(&ida); 101];
    for parameters in [
        json!([]),
        json!([{"ruleId": rule_of("User"), "subjects": []}]),
        json!([{"ruleId": "other", "subjects": [user(&ida)]}]),
        json!([{"ruleId": rule_of("User"), "subjects": many}]),
        json!([{"ruleId": rule_of("User"), "subjects": [{"objectId": ida, "objectTypeName": "User",
            "links": {"manager": {"objectId": ole, "objectTypeName": "Planet"}}}]}]),
    ] {
        app.write("POST", &path, json!({"parameters": parameters}), 400).await;
    }
    assert!(app.runtime.take_calls().is_empty());
}
