//! Schemas and templates.

use serde_json::json;

use crate::testing::{CUSTOM, TestApp, text};

#[tokio::test]
async fn a_schema_goes_back_as_it_was_read() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}/schema", application.sp);
    let first = app.read(&path).await;
    assert_eq!(first["id"], json!(id));
    assert_eq!(first["directories"].as_array().unwrap().len(), 2);
    app.runtime.take_calls();
    app.write("PUT", &path, first.clone(), 204).await;
    let calls = app.runtime.take_calls();
    assert!(calls[0].ends_with("links=false escrows=false watermark=true"), "{calls:?}");
    let mut second = app.read(&path).await;
    let version = text(&second["version"]);
    assert!(version.starts_with("Date:2026-03-04T09:12:44.1234560Z, ActivityId:"), "{version}");
    second["version"] = first["version"].clone();
    assert_eq!(second, first);
    // Without directories, as SDKs send it, the stored ones stay.
    let mut rules = first.clone();
    rules.as_object_mut().unwrap().remove("directories");
    rules["synchronizationRules"][0]["name"] = json!("renamed");
    app.write("PATCH", &path, rules, 204).await;
    let third = app.read(&path).await;
    assert_eq!(third["synchronizationRules"][0]["name"], "renamed");
    assert_eq!(third["directories"], first["directories"]);
    // And back to the template's.
    assert_eq!(app.call("DELETE", &path, None).await.status, 204);
    assert_eq!(app.read(&path).await, first);
    let expanded = app.read(&format!("{}?$expand=schema", path.trim_end_matches("/schema"))).await;
    assert_eq!(expanded["schema"]["synchronizationRules"], first["synchronizationRules"]);
}

#[tokio::test]
async fn templates_come_with_the_application() {
    let app = TestApp::new().await;
    let application = app.application().await;
    for (container, version) in [("applications", "v1.0"), ("servicePrincipals", "beta")] {
        let id = if container == "applications" { &application.id } else { &application.sp };
        let path = format!("{version}/{container}/{id}/synchronization/templates");
        let list = app.read(&path).await;
        let ids: Vec<_> = list["value"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        assert_eq!(ids, [json!("scim"), json!("customappsso")], "{path}");
        assert_eq!(list["value"][0]["default"], json!(true));
        assert_eq!(list["value"][0].get("schema").is_some(), version == "beta", "{path}");
        assert_eq!(app.get(&format!("{path}/$count")).await.text, "2");
    }
    let path = format!("servicePrincipals/{}/synchronization/templates/SCIM", application.sp);
    let template = app.read(&path).await;
    assert_eq!((&template["id"], &template["applicationId"]), (&json!("scim"), &json!(CUSTOM)));
    let schema = app.read(&format!("{path}/schema")).await;
    assert_eq!(schema["id"], json!(format!("scim.{}", "0".repeat(32))));
}

#[tokio::test]
async fn an_own_template_makes_jobs() {
    let app = TestApp::new().await;
    let made = app.write("POST", "applications", json!({"displayName": "People"}), 201).await;
    let templates = format!("applications/{}/synchronization/templates", text(&made["id"]));
    assert_eq!(app.read(&templates).await["value"], json!([]));
    let body = json!({"id": "people", "applicationId": CUSTOM, "factoryTag": "scim", "default": true});
    let created = app.write("POST", &templates, body, 201).await;
    assert_eq!(created["id"], "people");
    app.write("POST", "servicePrincipals", json!({"appId": made["appId"]}), 201).await;
    let jobs = templates.replace("/templates", "/jobs");
    let job = app.write("POST", &jobs, json!({"templateId": "PEOPLE"}), 201).await;
    assert!(text(&job["id"]).starts_with("people."), "{job}");
    assert_eq!(job["templateId"], "people");
}

#[tokio::test]
async fn every_property_of_a_schema_comes_back() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}/schema", application.sp);
    let mut sent = app.read(&path).await;
    let clause = |operator: &str, attribute: &str, values: serde_json::Value| json!({"operatorName": operator, "sourceOperandName": attribute, "targetOperand": values});
    let group = |name: &str, clause: serde_json::Value| json!([{"name": name, "clauses": [clause]}]);
    sent["synchronizationRules"][0]["editable"] = json!(false);
    sent["synchronizationRules"][0]["priority"] = json!(7);
    sent["synchronizationRules"][0]["containerFilter"] = json!({"includedContainers": []});
    sent["synchronizationRules"][0]["groupFilter"] = json!({"includedGroups": []});
    sent["synchronizationRules"][0]["metadata"] = json!([{"key": "any", "value": "thing"}]);
    let mapping = &mut sent["synchronizationRules"][0]["objectMappings"][0];
    mapping["flowTypes"] = json!("Add,Update");
    mapping["scope"] = json!({
        "categoryFilterGroups": group("c", clause("IS NOT NULL", "city", json!({"values": []}))),
        "groups": group("g", clause("REGEX MATCH", "department", json!({"values": ["^Eng", "^(?!Sales)"]}))),
        "inputFilterGroups": group("i", clause("NOT EQUALS", "userType", json!({"values": ["Guest"]}))),
    });
    mapping["metadata"] =
        json!([{"key": "EscrowBehavior", "value": "\"Default\""}, {"key": "Disposition", "value": null}]);
    let parameter = |name: &str, kind: &str, text: &str| json!({"expression": text, "name": name, "type": kind, "parameters": []});
    mapping["attributeMappings"][2] = json!({
        "defaultValue": "nobody", "exportMissingReferences": true, "flowBehavior": "FlowAlways",
        "flowType": "ObjectAddOnly", "matchingPriority": 2, "targetAttributeName": "displayName",
        "source": {"expression": "Append( [displayName],\n \"x\")", "name": "Append", "type": "Function", "parameters": [
            {"key": "source", "value": parameter("displayName", "Attribute", "[displayName]")},
            {"key": "suffix", "value": parameter("x", "Constant", "\"x\"")}]},
    });
    mapping["attributeMappings"][3]["source"] = json!(null);
    mapping["attributeMappings"][3]["defaultValue"] = json!("d");
    let directory = &mut sent["directories"][1];
    directory["discoveryDateTime"] = json!("2026-01-01T00:00:00Z");
    directory["readOnly"] = json!(true);
    directory["objects"][0]["supportedApis"] = json!(["scim"]);
    directory["objects"][0]["metadata"] = json!([{"key": "Extensions", "value": "x"}]);
    let attribute = &mut directory["objects"][0]["attributes"][4];
    for (member, value) in [
        ("caseExact", json!(true)),
        ("defaultValue", json!("d")),
        ("flowNullValues", json!(true)),
        ("required", json!(false)),
        ("mutability", json!("WriteOnly")),
        ("apiExpressions", json!([{"key": "a", "value": "b"}])),
        ("metadata", json!([{"key": "MaximumLength", "value": "5"}])),
        ("referencedObjects", json!([{"referencedObjectName": "User", "referencedProperty": "id"}])),
    ] {
        attribute[member] = value;
    }
    app.write("PUT", &path, sent.clone(), 204).await;
    let mut back = app.read(&path).await;
    assert_ne!(back["version"], sent["version"]);
    back["version"] = sent["version"].clone();
    assert_eq!(back, sent);
}

#[tokio::test]
async fn all_problems_come_in_one_answer_each_with_its_place() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}/schema", application.sp);
    let mut schema = app.read(&path).await;
    let version = schema["version"].clone();
    let mapping = &mut schema["synchronizationRules"][0]["objectMappings"][0];
    mapping["attributeMappings"][2]["source"] = json!({"expression": "Uper([mail])"});
    mapping["attributeMappings"][3]["source"] = json!({"name": "Uper", "type": "Function", "parameters": []});
    mapping["attributeMappings"][4]["source"] = json!({"expression": "[mial]"});
    mapping["scope"] = json!({"groups": [{"name": "g", "clauses": [
        {"operatorName": "GREATER_THAN", "sourceOperandName": "accountEnabled", "targetOperand": {"values": ["1"]}}]}]});
    schema["synchronizationRules"][1]["containerFilter"] = json!({"includedContainers": ["OU=x"]});
    app.runtime.take_calls();
    let refused = app.write("PUT", &path, schema, 400).await;
    let details = refused["error"]["details"].as_array().unwrap();
    let line = |detail: &serde_json::Value| format!("{} {}", text(&detail["code"]), text(&detail["target"]));
    insta::assert_snapshot!(details.iter().map(line).collect::<Vec<_>>().join("\n"), @r"
        NotSupported synchronizationRules[1].containerFilter
        UnknownFunction synchronizationRules[0].objectMappings[0].attributeMappings[3].source
        UnknownFunction synchronizationRules[0].objectMappings[0].attributeMappings[2].source
        UnknownAttribute synchronizationRules[0].objectMappings[0].attributeMappings[4].source
        OperatorNotSupported synchronizationRules[0].objectMappings[0].scope.groups[0].clauses[0].operatorName
        ");
    insta::assert_snapshot!(text(&refused["error"]["message"]), @"The schema cannot be used: container filters are not supported; use the groups of the object mapping's scope (and 4 more; see details)");
    assert_eq!(app.read(&path).await["version"], version, "nothing is kept");
    assert_eq!(app.runtime.take_calls(), Vec::<String>::new());
}

#[tokio::test]
async fn what_does_nothing_or_always_fails_is_refused_in_words() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}/schema", application.sp);
    let fine = app.read(&path).await;
    let mut told = Vec::new();
    for source in [
        json!(null),
        json!({}),
        json!({"expression": " "}),
        json!({"expression": "Left([mail], \"x\")"}),
        json!({"name": "Item", "type": "Function", "parameters": [
            {"key": "attribute", "value": {"name": "mail"}},
            {"key": "index", "value": {"name": "0", "type": "Constant", "expression": "\"0\""}}]}),
    ] {
        let mut schema = fine.clone();
        let mappings = &mut schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"];
        mappings[4]["source"] = source;
        mappings[4]["defaultValue"] = json!(null);
        let refused = app.write("PUT", &path, schema, 400).await;
        let detail = &refused["error"]["details"][0];
        told.push(format!(
            "{} {}: {}",
            text(&detail["code"]),
            text(&detail["target"]),
            text(&detail["message"])
        ));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
        MissingSource synchronizationRules[0].objectMappings[0].attributeMappings[4].source: User → urn:ietf:params:scim:schemas:extension:enterprise:2.0:User, attribute emails[type eq "work"].value: nothing flows: the mapping has neither a source nor a defaultValue. Give source.expression, such as "[mail]", or a defaultValue, or take the mapping out
        MissingSource synchronizationRules[0].objectMappings[0].attributeMappings[4].source: User → urn:ietf:params:scim:schemas:extension:enterprise:2.0:User, attribute emails[type eq "work"].value: nothing flows: the mapping has neither a source nor a defaultValue. Give source.expression, such as "[mail]", or a defaultValue, or take the mapping out
        MissingSource synchronizationRules[0].objectMappings[0].attributeMappings[4].source: User → urn:ietf:params:scim:schemas:extension:enterprise:2.0:User, attribute emails[type eq "work"].value: nothing flows: the mapping has neither a source nor a defaultValue. Give source.expression, such as "[mail]", or a defaultValue, or take the mapping out
        InvalidExpression synchronizationRules[0].objectMappings[0].attributeMappings[4].source: User → urn:ietf:params:scim:schemas:extension:enterprise:2.0:User, attribute emails[type eq "work"].value: error[argument]: the argument `NumChars` of `Left` is x, which is no whole number
         --> expression:1:14
          |
        1 | Left([mail], "x")
          |              ^^^
        InvalidExpression synchronizationRules[0].objectMappings[0].attributeMappings[4].source: User → urn:ietf:params:scim:schemas:extension:enterprise:2.0:User, attribute emails[type eq "work"].value: error[argument]: the argument `index` of `Item` is 0; positions are counted from 1
         --> expression:1:14
          |
        1 | Item([mail], "0")
          |              ^^^
        "#);
    let mut schema = fine.clone();
    schema["synchronizationRules"][0]["objectMappings"][0]["scope"] = json!({"group": []});
    let refused = app.write("PUT", &path, schema, 400).await;
    insta::assert_snapshot!(text(&refused["error"]["message"]), @"The value of property 'synchronizationRules[0]/objectMappings[0]/scope' is invalid: 'group' is no member of filter, which has categoryFilterGroups, groups, inputFilterGroups; did you mean 'groups'?");
    // A default is enough.
    let mut schema = fine;
    let mapping = &mut schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"][4];
    mapping["source"] = json!(null);
    mapping["defaultValue"] = json!("x");
    app.write("PUT", &path, schema, 204).await;
}

#[tokio::test]
async fn a_selection_leaves_the_directories_out() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}/schema", application.sp);
    let members = async |query: &str| {
        let schema = app.read(&format!("{path}{query}")).await;
        let members = schema.as_object().unwrap().keys().filter(|name| !name.starts_with('@'));
        members.cloned().collect::<Vec<_>>()
    };
    assert_eq!(members("?$select=version").await, ["version"]);
    assert_eq!(members("?$select=version,directories").await, ["directories", "version"]);
    assert_eq!(members("?$select=version&$expand=directories").await, ["directories", "version"]);
    assert!(members("").await.contains(&"directories".to_owned()));
}
