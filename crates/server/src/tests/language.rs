//! The mapping language over HTTP: `parseExpression`, `functions`, `filterOperators`.

use serde_json::{Value as Json, json};

use crate::testing::TestApp;

/// Both owners of schemas, through both containers.
async fn schemas(app: &TestApp) -> Vec<String> {
    let application = app.application().await;
    let job = app.job(&application).await;
    let mut paths = Vec::new();
    for container in
        [format!("servicePrincipals/{}", application.sp), format!("applications/{}", application.id)]
    {
        paths.push(format!("{container}/synchronization/jobs/{job}/schema"));
        paths.push(format!("{container}/synchronization/templates/scim/schema"));
    }
    paths
}

async fn parse(app: &TestApp, body: Json) -> Json {
    let path = schemas(app).await.remove(0);
    app.write("POST", &format!("{path}/parseExpression"), body, 200).await
}

#[tokio::test]
async fn an_expression_is_parsed_and_evaluated() {
    let app = TestApp::new().await;
    let body = json!({"expression": "Append([mailNickname], \"@lab.example\")", "targetAttributeDefinition": null,
        "testInputObject": {"definition": null, "properties": [
            {"key": "mailNickname", "value": "ida"},
            {"key": "proxyAddresses", "value@odata.type": "#Collection(String)", "value": ["SMTP:ida@contoso.example"]}]}});
    for path in schemas(&app).await {
        let answer =
            app.write("POST", &format!("{path}/microsoft.graph.parseExpression"), body.clone(), 200).await;
        assert_eq!(
            answer,
            json!({
            "@odata.context": "https://graph.example/v1.0/$metadata#microsoft.graph.parseExpressionResponse",
            "error": null, "evaluationResult": ["ida@lab.example"], "evaluationSucceeded": true, "parsingSucceeded": true,
            "parsedExpression": {
                "expression": "Append([mailNickname], \"@lab.example\")", "name": "Append", "type": "Function",
                "parameters": [
                    {"key": "source", "value": {"expression": "[mailNickname]", "name": "mailNickname",
                        "parameters": [], "type": "Attribute"}},
                    {"key": "suffix", "value": {"expression": "\"@lab.example\"", "name": "@lab.example",
                        "parameters": [], "type": "Constant"}}]}}),
            "{path}"
        );
    }
}

#[tokio::test]
async fn trees_have_graphs_keys_and_canonical_texts() {
    let app = TestApp::new().await;
    let path = schemas(&app).await.remove(0);
    let tree = async |expression: &str| {
        let path = format!("{path}/parseExpression");
        let answer = app.write("POST", &path, json!({"expression": expression}), 200).await;
        assert_eq!(
            (&answer["evaluationSucceeded"], &answer["evaluationResult"]),
            (&json!(false), &json!([]))
        );
        assert_eq!(answer["error"], json!(null), "{expression}");
        answer["parsedExpression"].clone()
    };
    let replace = tree(r#"replace([preferredLanguage], "-", , , "_", ,  )"#).await;
    assert_eq!(replace["expression"], r#"Replace([preferredLanguage], "-", , , "_", , )"#);
    let keys = |tree: &Json| -> Vec<String> {
        let parameters = tree["parameters"].as_array().unwrap();
        parameters.iter().map(|pair| pair["key"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(keys(&replace), ["source", "Find", "Replacement"]);
    let switch = tree(r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#).await;
    assert_eq!(keys(&switch), ["source", "switchValue", "switchValue", "switchValue", "switchValue"]);
    let mid = tree("Mid([userPrincipalName], 1, 8)").await;
    assert_eq!(mid["expression"], "Mid([userPrincipalName], 1, 8)");
    let start = json!({"key": "start", "value": {"expression": "\"1\"", "name": "1", "parameters": [], "type": "Constant"}});
    assert_eq!(mid["parameters"][1], start);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let app = TestApp::new().await;
    let answer = parse(&app, json!({"expression": "Join(\"-\", Lower([mail]), [city])"})).await;
    assert_eq!((&answer["parsingSucceeded"], &answer["parsedExpression"]), (&json!(false), &json!(null)));
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer["error"]).unwrap(), @r#"
        {
          "code": "UnknownFunction",
          "details": [
            {
              "code": "UnknownFunction",
              "message": "no function is called `Lower`; did you mean `ToLower`?",
              "target": "expression:1:11"
            }
          ],
          "innerError": null,
          "message": "error[unknown-function]: no function is called `Lower`\n --> expression:1:11\n  |\n1 | Join(\"-\", Lower([mail]), [city])\n  |           ^^^^^\n  |\n  = help: did you mean `ToLower`?",
          "target": "expression"
        }
        "#);
    let syntax = parse(&app, json!({"expression": "Join(\"-\""})).await;
    insta::assert_snapshot!(syntax["error"]["message"].as_str().unwrap(), @r#"
        error[syntax]: the arguments of `Join` never end
         --> expression:1:5
          |
        1 | Join("-"
          |     ^ expected a closing `)`
        "#);
    let input = json!({"definition": {"name": "User", "attributes": [{"name": "mail"}]}, "properties": []});
    let unknown = parse(&app, json!({"expression": "[mial]", "testInputObject": input})).await;
    assert_eq!(
        (&unknown["parsingSucceeded"], &unknown["evaluationSucceeded"]),
        (&json!(true), &json!(false))
    );
    insta::assert_snapshot!(unknown["error"]["message"].as_str().unwrap(), @r"
        error[unknown-attribute]: the source has no attribute `mial`
         --> expression:1:1
          |
        1 | [mial]
          | ^^^^^^
          |
          = help: did you mean `[mail]`?
        ");
    let properties = json!({"properties": [{"key": "date", "value": "soon"}]});
    let failed = parse(&app, json!({"expression": "FormatDateTime([date], , \"yyyy-MM-dd\", \"yyyy\")", "testInputObject": properties})).await;
    insta::assert_snapshot!(failed["error"]["message"].as_str().unwrap(), @r#"FormatDateTime: the argument `source` is no date of the input format, in FormatDateTime([date], , "yyyy-MM-dd", "yyyy")"#);
}

#[tokio::test]
async fn results_are_texts_whatever_they_are() {
    let app = TestApp::new().await;
    let path = format!("{}/parseExpression", schemas(&app).await.remove(0));
    let properties = json!([{"key": "MAIL", "value": "ida@x.example"}, {"key": "tags", "value": ["a", "b"]},
        {"key": "level", "value": 7}, {"key": "on", "value": true}]);
    let rows = [
        ("[mail]", json!(null), json!(["ida@x.example"])),
        ("[tags]", json!(null), json!(["a", "b"])),
        ("[tags]", json!({"name": "tag"}), json!(["a"])),
        ("[none]", json!(null), json!([])),
        ("[none]", json!({"name": "tag", "defaultValue": "z"}), json!(["z"])),
        ("[level]", json!({"name": "level", "type": "Integer"}), json!(["7"])),
        ("Not([on])", json!({"name": "active", "type": "Boolean"}), json!(["False"])),
        ("IgnoreFlowIfNullOrEmpty([none])", json!(null), json!([])),
        ("DefaultDomain()", json!(null), json!(["contoso.example"])),
    ];
    for (expression, target, wanted) in rows {
        let body = json!({"expression": expression, "targetAttributeDefinition": target,
            "testInputObject": {"properties": properties}});
        let answer = app.write("POST", &path, body, 200).await;
        assert_eq!((&answer["evaluationResult"], &answer["error"]), (&wanted, &json!(null)), "{expression}");
        assert_eq!(answer["evaluationSucceeded"], json!(true), "{expression}");
    }
    let body = json!({"expression": "[mail]", "targetAttributeDefinition": {"name": "level", "type": "Integer"},
        "testInputObject": {"properties": properties}});
    let misfit = app.write("POST", &path, body, 200).await;
    assert_eq!(misfit["error"]["code"], "TypeMismatch", "{misfit}");
    for body in [json!({}), json!({"expression": 7})] {
        app.write("POST", &path, body, 400).await;
    }
}

#[tokio::test]
async fn roles_are_given_as_json() {
    let app = TestApp::new().await;
    let role =
        json!({"key": "appRoleAssignments", "value": [{"id": "1", "value": "A", "displayName": "Admin"}]});
    let answer = parse(
        &app,
        json!({"expression": "AppRoleAssignmentsComplex([appRoleAssignments])",
            "testInputObject": {"definition": null, "properties": [role]}}),
    )
    .await;
    let given: Json = serde_json::from_str(answer["evaluationResult"][0].as_str().unwrap()).unwrap();
    let expected = json!({"value": "A", "display": "Admin", "primary": false, "type": "WindowsAzureActiveDirectoryRole"});
    assert_eq!(given, expected);
}

#[tokio::test]
async fn functions_are_listed_with_their_parameters() {
    let app = TestApp::new().await;
    for path in schemas(&app).await {
        let list = app.read(&format!("{path}/functions()")).await;
        assert_eq!(list["@odata.context"], "https://graph.example/v1.0/$metadata#functions");
        assert!(list["value"].as_array().unwrap().len() > 40);
        let only = app.read(&format!("{path}/functions?$filter=id eq 'append'&$top=1")).await;
        let parameter = |name: &str| json!({"allowMultipleOccurrences": false, "name": name, "required": true, "type": "String"});
        assert_eq!(
            only["value"],
            json!([
            {"id": "Append", "name": "Append", "parameters": [parameter("source"), parameter("suffix")]}])
        );
    }
    let path = schemas(&app).await.remove(0);
    // `$skip` counts in a collection that is read whole.
    let query = "$skip=1&$top=2&$select=id&$count=true";
    let page = app.read(&format!("{path}/functions()?{query}")).await;
    let all = app.read(&format!("{path}/functions?$select=id")).await;
    assert_eq!(page["value"].as_array().unwrap()[..], all["value"].as_array().unwrap()[1..3]);
    assert_eq!(page["@odata.count"], json!(all["value"].as_array().unwrap().len()));
    assert_eq!(app.read(&format!("{path}/directories?$skip=1")).await["value"].as_array().unwrap().len(), 1);
    assert_eq!(app.read(&format!("{path}/filterOperators()?$skip=999")).await["value"], json!([]));
    let users = app.get("users?$skip=1").await;
    assert_eq!((users.status, &users.json()["error"]["code"]), (400, &json!("Request_BadRequest")));
    let switch = app.read(&format!("{path}/functions?$filter=name eq 'Switch'")).await;
    let last = switch["value"][0]["parameters"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["name"], &last["allowMultipleOccurrences"]), (&json!("switchValue"), &json!(true)));
}

#[tokio::test]
async fn filter_operators_are_listed_as_documented() {
    let app = TestApp::new().await;
    let path = schemas(&app).await.remove(1);
    let list = app.read(&format!("{path}/filterOperators")).await;
    let lines: Vec<String> = list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|operator| {
            assert_eq!(operator["id"], operator["name"]);
            let types = operator["supportedAttributeTypes"].as_array().unwrap();
            let types: Vec<&str> = types.iter().map(|known| known.as_str().unwrap()).collect();
            let text = |member: &str| operator[member].as_str().unwrap();
            format!(
                "{}: {} {} {}",
                text("id"),
                text("arity"),
                text("multivaluedComparisonType"),
                types.join(", ")
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
        EQUALS: Binary All Integer, String
        NOT EQUALS: Binary All Integer, String
        IS TRUE: Unary All Boolean
        IS FALSE: Unary All Boolean
        IS NULL: Unary All Integer, String, Binary, Boolean
        IS NOT NULL: Unary All Integer, String, Binary, Boolean
        REGEX MATCH: Binary All Integer, String
        NOT REGEX MATCH: Binary All Integer, String
        GREATER_THAN: Binary All Integer
        GREATER_THAN_OR_EQUALS: Binary All Integer
        INCLUDES: Binary All String
        ENDS_WITH: Binary All String
        &: Binary All Integer, String
        !&: Binary All Integer, String
        PRESENT: Unary All Integer, String, Binary, Boolean
        ");
}

#[tokio::test]
async fn a_slip_in_a_name_is_told_and_so_is_a_value_without_one() {
    let app = TestApp::new().await;
    let path = format!("{}/parseExpression", schemas(&app).await.remove(0));
    let input = |properties: Json| json!({"expression": "Append([givenNmae], [nick])", "testInputObject": {"properties": properties}});
    let slip = app.write("POST", &path, input(json!([])), 200).await;
    assert_eq!((&slip["parsingSucceeded"], &slip["evaluationSucceeded"]), (&json!(true), &json!(false)));
    insta::assert_snapshot!(slip["error"]["details"].to_string(), @r#"[{"code":"UnknownAttribute","message":"the source has no attribute `givenNmae`; did you mean `[givenName]`?","target":"expression:1:8"}]"#);
    let given = json!([{"key": "givenNmae", "value": "Ida"}]);
    assert_eq!(app.write("POST", &path, input(given), 200).await["error"], json!(null));
    let mut told = Vec::new();
    for properties in [
        json!({"givenName": "Ida"}),
        json!([{"name": "givenName", "value": "Ida"}]),
        json!(["Ida"]),
        json!("Ida"),
    ] {
        let refused = app.write("POST", &path, input(properties), 400).await;
        told.push(refused["error"]["message"].as_str().unwrap().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
        The value of property 'testInputObject/properties' is invalid: invalid type: an object, expected a list.
        'testInputObject/properties[0]/key' is missing: give the attribute's name as "key" and its value as "value".
        The value of property 'testInputObject/properties[0]' is invalid: invalid type: a string, expected an object.
        The value of property 'testInputObject/properties' is invalid: invalid type: a string, expected a list.
        "#);
}

#[tokio::test]
async fn lists_of_a_schema_refuse_names_that_their_type_does_not_have() {
    let app = TestApp::new().await;
    for path in schemas(&app).await {
        for collection in ["functions", "filterOperators", "directories"] {
            for query in ["$filter=nmae eq 'x'", "$filter=id eq 5", "$select=id,nmae", "$top=0", "$top=1000"]
            {
                let answer = app.get(&format!("{path}/{collection}?{query}")).await;
                assert_eq!(answer.status, 400, "{path}/{collection}?{query}: {}", answer.text);
            }
            let first = app.read(&format!("{path}/{collection}?$top=1&$select=id,name")).await;
            let id = first["value"][0]["id"].as_str().unwrap().to_owned();
            let found = app.read(&format!("{path}/{collection}?$filter=id eq '{id}'")).await;
            assert_eq!(found["value"].as_array().unwrap().len(), 1, "{path}/{collection}");
        }
        let among = "directories?$filter=objects/any(o:o/name eq 'Group')";
        assert!(!app.read(&format!("{path}/{among}")).await["value"].as_array().unwrap().is_empty());
    }
}
