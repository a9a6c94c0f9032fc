//! Uploads of people.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value as Json, json};

use crate::testing::{Answer, TOKEN, TestApp};

async fn upload(app: &TestApp, path: &str, content_type: Option<&str>, body: &Json) -> Answer {
    let mut request = Request::builder()
        .method("POST")
        .uri(format!("/beta/{path}/bulkUpload"))
        .header("authorization", format!("Bearer {TOKEN}"));
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    app.send(request.body(Full::new(Bytes::from(body.to_string()))).unwrap()).await
}

fn people(count: usize) -> Json {
    let operations: Vec<Json> = (0..count)
        .map(|number| {
            json!({"method": "POST", "bulkId": format!("b{number}"), "path": "/Users", "data": {
                "schemas": [
                    "urn:ietf:params:scim:schemas:core:2.0:User",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                ],
                "externalId": format!("70198{number}"), "userName": "bjensen@contoso.example",
                "displayName": "Barbara Jensen", "active": true,
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "89607"}},
            }})
        })
        .collect();
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations,
        "failOnErrors": null})
}

#[tokio::test]
async fn people_are_kept_and_stand_in_the_log() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    let scim = Some("application/scim+json; charset=utf-8");
    let answer = upload(&app, &path, scim, &people(2)).await;
    assert_eq!((answer.status, answer.text.as_str(), answer.header("content-type")), (202, "", ""));
    let location = answer.header("location");
    let wanted = format!("https://graph.example/beta/auditLogs/provisioning/?$filter=jobid%20eq%20'{id}'");
    assert_eq!(location, wanted);
    let log = app.read(&location.replace("https://graph.example/", "")).await;
    let log = log["value"].as_array().unwrap();
    assert_eq!(log.len(), 2);
    let entry = log.iter().find(|entry| entry["sourceIdentity"]["id"] == "701981").unwrap();
    assert_eq!(entry["sourceIdentity"]["displayName"], "Barbara Jensen");
    assert_eq!(entry["provisioningStatusInfo"]["status"], "skipped");
    let error = &entry["provisioningStatusInfo"]["errorInformation"];
    assert_eq!(error["errorCode"], "InboundConnectorNotAvailable");
    assert!(error["reason"].as_str().unwrap().contains("no connector yet"), "{error}");
    assert_eq!(entry["initiatedBy"]["displayName"], "Bulk upload");
    let key = app.state.store.jobs(None).await.unwrap()[0].key;
    let staged = app.state.store.staged(key, 0, 10).await.unwrap();
    let kept: Vec<_> = staged.iter().map(|staged| staged.upload.anchor.as_str()).collect();
    assert_eq!(kept, ["701980", "701981"]);
    let body: Json = serde_json::from_str(&staged[1].upload.body).unwrap();
    assert_eq!(body, people(2)["Operations"][1]["data"]);
}

#[tokio::test]
async fn what_is_no_upload_keeps_nothing() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    let scim = Some("application/scim+json");
    for content_type in [None, Some("application/json"), Some("text/plain")] {
        let answer = upload(&app, &path, content_type, &people(1)).await;
        assert_eq!(answer.status, 400, "{content_type:?}");
        assert!(answer.error().1.contains("application/scim+json"), "{}", answer.text);
    }
    for body in [json!(null), json!({}), people(0), people(51)] {
        assert_eq!(upload(&app, &path, scim, &body).await.status, 400);
    }
    let mut wrong = people(2);
    wrong["Operations"][0]["method"] = json!("PUT");
    wrong["Operations"][1]["data"]["externalId"] = json!("");
    let answer = upload(&app, &path, scim, &wrong).await;
    insta::assert_snapshot!(answer.error().1, @"The bulk request cannot be read: 'Operations[0]/method': it must be POST, for updates too. (and 1 more; see details)");
    assert_eq!(answer.json()["error"]["details"][1]["target"], "Operations[1]/data/externalId");
    let unknown = upload(&app, &path.replace("customappsso", "other"), scim, &people(1)).await;
    assert_eq!(unknown.status, 404);
    for (method, path) in [
        ("GET", "bulkUpload"),
        ("PUT", "bulkUpload"),
        ("PATCH", "bulkUpload"),
        ("DELETE", "bulkUpload"),
        ("GET", "bulkUpload/$value"),
        ("PUT", "bulkUpload/$value"),
        ("DELETE", "bulkUpload/$value"),
    ] {
        let path = format!("applications/{}/synchronization/jobs/{id}/{path}", application.id);
        let answer = app.call(method, &path, None);
        assert_eq!(answer.await.status, 405, "{method} {path}");
    }
    let log = app.read("auditLogs/provisioning").await;
    assert_eq!(log["value"], json!([]));
}
