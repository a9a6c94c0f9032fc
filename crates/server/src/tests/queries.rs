//! Query options of small collections, and values that only one object may have.

use serde_json::{Value as Json, json};

use crate::testing::{CUSTOM, TestApp, text};

fn ids(list: &Json) -> Vec<String> {
    list["value"].as_array().unwrap().iter().map(|item| text(&item["id"])).collect()
}

#[tokio::test]
async fn filters_see_what_is_not_selected() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let base = format!("servicePrincipals/{}/synchronization", application.sp);
    let filter = "$filter=templateId eq 'customappsso' and status/code eq 'NotConfigured'&$select=id";
    let jobs = app.read(&format!("{base}/jobs?{filter}")).await;
    assert_eq!(jobs["value"], json!([{"id": id}]));
    assert_eq!(app.get(&format!("{base}/jobs/$count?$filter=templateId eq 'scim'")).await.text, "0");
    let job = app.read(&format!("{base}/jobs/{id}?$select=templateId&$expand=schema")).await;
    assert_eq!(job["templateId"], "customappsso");
    assert_eq!((job.get("id"), job["schema"]["id"].as_str()), (None, Some(id.as_str())));
    let templates = app.read(&format!("{base}/templates?$filter=default eq true&$select=id")).await;
    assert_eq!(templates["value"], json!([{"id": "scim"}]));
    let templates = app.read(&format!("{base}/templates?$select=id")).await;
    assert_eq!(templates["value"], json!([{"id": "scim"}, {"id": "customappsso"}]));
    let gallery = app.read(&format!("applicationTemplates?$filter=id eq '{CUSTOM}'&$select=id")).await;
    assert_eq!(gallery["value"], json!([{"id": CUSTOM}]));
    assert_eq!(app.read(&format!("applicationTemplates/{CUSTOM}?$select=ID")).await["id"], CUSTOM);
    let secrets = json!({"value": [
        {"key": "BaseAddress", "value": "https://people.example"}, {"key": "SecretToken", "value": "s3cr3t"},
    ]});
    app.write("PUT", &format!("{base}/secrets"), secrets, 204).await;
    let secrets = app.read(&format!("{base}/secrets?$filter=value eq '*'&$select=key")).await;
    assert_eq!(secrets["value"], json!([{"key": "SecretToken"}]));
    // What is masked cannot be guessed.
    assert_eq!(app.read(&format!("{base}/secrets?$filter=value eq 's3cr3t'")).await["value"], json!([]));
}

#[tokio::test]
async fn a_short_page_says_that_more_follow() {
    let app = TestApp::new().await;
    let application = app.application().await;
    app.job(&application).await;
    let base = format!("servicePrincipals/{}/synchronization", application.sp);
    app.write("POST", &format!("{base}/jobs"), json!({"templateId": "scim"}), 201).await;
    for (set, by) in [("jobs", "id"), ("templates", "id")] {
        let whole = app.read(&format!("{base}/{set}")).await;
        assert_eq!((ids(&whole).len(), whole.get("@odata.nextLink")), (2, None), "{set}");
        let first = app.read(&format!("{base}/{set}?$top=1&$select={by}&$count=true")).await;
        assert_eq!((ids(&first), &first["@odata.count"]), (ids(&whole)[..1].to_vec(), &json!(2)), "{set}");
        let next = text(&first["@odata.nextLink"]).replace("https://graph.example/", "");
        let second = app.read(&next).await;
        assert_eq!(ids(&second), ids(&whole)[1..], "{set}");
        assert_eq!((second.get("@odata.nextLink"), second.get("@odata.count")), (None, None), "{set}");
        let all = app.read(&format!("{base}/{set}?$top=2")).await;
        assert_eq!((ids(&all).len(), all.get("@odata.nextLink")), (2, None), "{set}");
    }
    // What the page ended with is gone: nobody knows where to go on.
    let first = app.read(&format!("{base}/jobs?$top=1")).await;
    app.call("DELETE", &format!("{base}/jobs/{}", ids(&first)[0]), None).await;
    let next = text(&first["@odata.nextLink"]).replace("https://graph.example/", "");
    assert_eq!(app.get(&next).await.error().0, "Directory_ExpiredPageToken");
}

#[tokio::test]
async fn values_that_are_taken_are_refused() {
    let app = TestApp::new().await;
    let taken = |answer: &crate::testing::Answer| {
        let detail = &answer.json()["error"]["details"][0];
        (answer.status, answer.error().0, text(&detail["code"]), text(&detail["target"]))
    };
    let clash = |property: &str| {
        let code = "Request_MultipleObjectsWithSameKeyValue".to_owned();
        (409, code, "ObjectConflict".to_owned(), property.to_owned())
    };
    let body = |name: &str, uris: Json, unique: Option<&str>| json!({"displayName": name, "identifierUris": uris, "uniqueName": unique});
    let create = |body| app.call("POST", "applications", Some(body));
    let first = create(body("one", json!(["api://one", "api://two"]), Some("first"))).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let second = create(body("two", json!(["API://TWO"]), None)).await;
    assert_eq!(taken(&second), clash("identifierUris"));
    assert_eq!(taken(&create(body("two", json!([]), Some("First"))).await), clash("uniqueName"));
    let second = create(body("two", json!(["api://three"]), Some("second"))).await;
    let second = format!("applications/{}", text(&second.json()["id"]));
    let patch = app.call("PATCH", &second, Some(json!({"identifierUris": ["api://one"]}))).await;
    assert_eq!(taken(&patch), clash("identifierUris"));
    app.write("PATCH", &second, json!({"identifierUris": ["api://three", "api://four"]}), 204).await;
    let first = format!("applications/{}", text(&first.json()["id"]));
    app.call("DELETE", &first, None).await;
    app.write("PATCH", &second, json!({"identifierUris": ["api://one"]}), 204).await;
    let restore = first.replace("applications/", "directory/deletedItems/") + "/restore";
    assert_eq!(taken(&app.call("POST", &restore, None).await), clash("identifierUris"));

    let immutable = json!({"onPremisesImmutableId": "c2FtZQ=="});
    let (ida, per) = (app.user("ida").await, app.user("per").await);
    app.write("PATCH", &format!("users/{ida}"), immutable.clone(), 204).await;
    let refused = app.call("PATCH", &format!("users/{per}"), Some(immutable)).await;
    let property = "onPremisesImmutableId".to_owned();
    let wanted = (400, "Request_BadRequest".to_owned(), "ObjectConflict".to_owned(), property);
    assert_eq!(taken(&refused), wanted);
    let other = json!({"onPremisesImmutableId": "C2FTZQ=="});
    app.write("PATCH", &format!("users/{per}"), other, 204).await;
}

#[tokio::test]
async fn a_role_is_disabled_before_it_goes() {
    let app = TestApp::new().await;
    let path = format!("applications/{}", app.application().await.id);
    let mut roles = app.read(&path).await["appRoles"].clone();
    assert_eq!(roles.as_array().unwrap().len(), 2);
    app.write("PATCH", &path, json!({"appRoles": [roles[0]]}), 400).await;
    roles[1]["isEnabled"] = json!(false);
    app.write("PATCH", &path, json!({"appRoles": roles}), 204).await;
    app.write("PATCH", &path, json!({"appRoles": [roles[0]]}), 204).await;
    assert_eq!(app.read(&path).await["appRoles"].as_array().unwrap().len(), 1);
}
