//! A table of requests that must be refused, and must change nothing. The table is a data file, so that the
//! whole product can be held to it too.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value as Json, json};

use crate::testing::{TOKEN, TestApp, text};

const TABLE: &str = include_str!("../../tests/data/bad-requests.jsonl");

/// What the placeholders of the table stand for.
async fn world(app: &TestApp) -> Vec<(&'static str, String)> {
    let first = app.application().await;
    let second = app.application().await;
    let bare = text(&app.write("POST", "applications", json!({"displayName": "Bare"}), 201).await["id"]);
    let job = app.job(&first).await;
    let user = app.user("ida").await;
    let user2 = app.user("per").await;
    let group = app.group("staff").await;
    let reference = json!({"@odata.id": format!("https://graph.example/v1.0/users/{user}")});
    app.write("POST", &format!("groups/{group}/members/$ref"), reference, 204).await;
    let role = "18d14569-c3bd-439b-9a66-3a2aee01d14f";
    let assignment = json!({"principalId": user, "resourceId": first.sp, "appRoleId": role});
    app.write("POST", &format!("servicePrincipals/{}/appRoleAssignedTo", first.sp), assignment, 201).await;
    let schema = app.read(&format!("servicePrincipals/{}/synchronization/jobs/{job}/schema", first.sp)).await;
    let secrets = json!({"value": [{"key": "SecretToken", "value": "s3cr3t"}]});
    app.write("PUT", &format!("servicePrincipals/{}/synchronization/secrets", first.sp), secrets, 204).await;
    vec![
        ("{app}", first.id),
        ("{appId}", first.app_id),
        ("{sp}", first.sp),
        ("{sp2}", second.sp),
        ("{bareApp}", bare),
        ("{job}", job),
        ("{rule}", text(&schema["synchronizationRules"][0]["id"])),
        ("{user}", user),
        ("{user2}", user2),
        ("{group}", group),
    ]
}

fn filled(template: &str, world: &[(&str, String)]) -> String {
    world.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
}

fn request(row: &Json, world: &[(&str, String)]) -> Request<Full<Bytes>> {
    let uri = filled(row["path"].as_str().unwrap(), world).replace(' ', "%20");
    let body = match (&row["raw"], &row["body"]) {
        (Json::String(raw), _) => raw.clone(),
        (_, Json::Null) => String::new(),
        (_, body) => filled(&body.to_string(), world),
    };
    let mut headers = json!({"authorization": format!("Bearer {TOKEN}"), "content-type": "application/json"});
    for (name, value) in row["headers"].as_object().into_iter().flatten() {
        headers[name] = value.clone();
    }
    let mut request = Request::builder().method(row["method"].as_str().unwrap()).uri(uri);
    for (name, value) in headers.as_object().unwrap() {
        if let Some(value) = value.as_str() {
            request = request.header(name, value);
        }
    }
    request.body(Full::new(body.into())).unwrap()
}

#[tokio::test]
async fn bad_requests_are_refused_and_change_nothing() {
    let app = TestApp::new().await;
    let world = world(&app).await;
    app.runtime.take_calls();
    let mut before = app.dump().await;
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in TABLE.lines() {
        rows += 1;
        let row: Json = serde_json::from_str(line).unwrap();
        let name = row["name"].as_str().unwrap();
        let answer = app.send(request(&row, &world)).await;
        let (code, message) = answer.error();
        let wanted = filled(row["message"].as_str().unwrap_or_default(), &world);
        let fits = u64::from(answer.status) == row["status"].as_u64().unwrap()
            && row["code"].as_str().is_none_or(|wanted| wanted == code)
            && message.contains(&wanted)
            && answer.json()["error"]["innerError"]["request-id"] == answer.header("request-id")
            && answer.header("content-type").starts_with("application/json");
        if !fits {
            let (status, wanted_code) = (&row["status"], &row["code"]);
            wrong.push(format!(
                "{name}: {} {code} '{message}'; wanted {status} {wanted_code} '{wanted}'",
                answer.status
            ));
        }
        let after = app.dump().await;
        if after != before {
            wrong.push(format!("{name}: the store changed"));
            before = after;
        }
        let calls = app.runtime.take_calls();
        if !calls.is_empty() {
            wrong.push(format!("{name}: the runtime was asked: {calls:?}"));
        }
    }
    assert!(rows >= 60, "only {rows} rows");
    assert!(wrong.is_empty(), "{} of {rows} rows:\n{}", wrong.len(), wrong.join("\n"));
}
