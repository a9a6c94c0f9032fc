//! What is reached over groups in groups, and change tracking of applications.

use serde_json::{Value as Json, json};

use crate::testing::{TestApp, text};

fn ids(list: &Json) -> Vec<String> {
    let mut ids: Vec<String> =
        list["value"].as_array().unwrap().iter().map(|item| text(&item["id"])).collect();
    ids.sort();
    ids
}

fn sorted(ids: &[&String]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
    ids.sort();
    ids
}

/// ida in inner in outer in inner, bo in both.
async fn nest(app: &TestApp) -> [String; 4] {
    let (ida, bo) = (app.user("ida").await, app.user("bo").await);
    let (outer, inner) = (app.group("outer").await, app.group("inner").await);
    for (group, member) in [(&outer, &inner), (&inner, &outer), (&inner, &ida), (&inner, &bo), (&outer, &bo)]
    {
        let reference =
            json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{member}")});
        app.write("POST", &format!("groups/{group}/members/$ref"), reference, 204).await;
    }
    [ida, bo, outer, inner]
}

#[tokio::test]
async fn nested_members_come_once() {
    let app = TestApp::new().await;
    let [ida, bo, outer, inner] = nest(&app).await;
    let all = app.read(&format!("groups/{outer}/transitiveMembers?$select=id")).await;
    assert_eq!(ids(&all), sorted(&[&ida, &bo, &inner]));
    assert!(all["value"][0]["@odata.type"].is_string());
    let first = app.read(&format!("groups/{outer}/transitiveMembers?$top=2&$count=true")).await;
    assert_eq!(first["@odata.count"], 3);
    let next = text(&first["@odata.nextLink"]).replace("https://graph.example/", "");
    let rest = app.read(&next).await;
    let mut seen = ids(&first);
    seen.extend(ids(&rest));
    seen.sort();
    assert_eq!(seen, sorted(&[&ida, &bo, &inner]));
    let users = format!("groups/{outer}/transitiveMembers/microsoft.graph.user");
    assert_eq!(ids(&app.read(&users).await), sorted(&[&ida, &bo]));
    assert_eq!(app.get(&format!("{users}/$count?ConsistencyLevel=eventual")).await.text, "2");
    let groups = app.read(&format!("users/{ida}/transitiveMemberOf?$select=id")).await;
    assert_eq!(ids(&groups), sorted(&[&outer, &inner]));
    assert_eq!(
        ids(&app.read(&format!("users/{ida}/memberOf/microsoft.graph.group")).await),
        sorted(&[&inner])
    );
    let found = app.read(&format!("groups/{outer}/members?$filter=startswith(displayName,'b')")).await;
    assert_eq!(ids(&found), [bo]);
    let ordered = app.read(&format!("groups/{inner}/members?$orderby=displayName desc")).await;
    assert_eq!(ordered["value"][0]["displayName"], "outer");
}

#[tokio::test]
async fn actions_tell_the_groups_of_an_object() {
    let app = TestApp::new().await;
    let [ida, _, outer, inner] = nest(&app).await;
    let body = json!({"securityEnabledOnly": true});
    let answer = app.write("POST", &format!("users/{ida}/getMemberGroups"), body.clone(), 200).await;
    let mut groups: Vec<String> = answer["value"].as_array().unwrap().iter().map(text).collect();
    groups.sort();
    assert_eq!(groups, sorted(&[&outer, &inner]));
    assert_eq!(answer["@odata.context"], "https://graph.example/v1.0/$metadata#Collection(Edm.String)");
    let check = json!({"groupIds": [outer, ida]});
    let answer = app.write("POST", &format!("users/{ida}/checkMemberGroups"), check, 200).await;
    assert_eq!(answer["value"], json!([outer]));
    let answer = app
        .write("POST", &format!("directoryObjects/{ida}/microsoft.graph.getMemberObjects"), body, 200)
        .await;
    assert_eq!(answer["value"].as_array().unwrap().len(), 2);
    let many = json!({"groupIds": vec![outer; 21]});
    app.write("POST", &format!("users/{ida}/checkMemberGroups"), many, 400).await;
    app.write("POST", &format!("users/{ida}/getMemberGroups"), json!({}), 400).await;
}

#[tokio::test]
async fn owned_objects_and_reports_are_told() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (ida, bo, cy) = (app.user("ida").await, app.user("bo").await, app.user("cy").await);
    let reference = |id: &str| json!({"@odata.id": format!("https://x.example/v1.0/users/{id}")});
    for path in [format!("applications/{}", application.id), format!("servicePrincipals/{}", application.sp)]
    {
        app.write("POST", &format!("{path}/owners/$ref"), reference(&ida), 204).await;
        let expanded = app.read(&format!("{path}?$expand=owners($select=id)")).await;
        assert_eq!(expanded["owners"], json!([{"@odata.type": "#microsoft.graph.user", "id": ida}]));
    }
    let owned = app.read(&format!("users/{ida}/ownedObjects")).await;
    assert_eq!(ids(&owned), sorted(&[&application.id, &application.sp]));
    let cast = app.read(&format!("users/{ida}/ownedObjects/microsoft.graph.application")).await;
    assert_eq!(ids(&cast), [application.id]);
    for (report, manager) in [(&bo, &ida), (&cy, &bo)] {
        app.write("PUT", &format!("users/{report}/manager/$ref"), reference(manager), 204).await;
    }
    let reports = app.read(&format!("users/{ida}/transitiveReports")).await;
    assert_eq!(ids(&reports), sorted(&[&bo, &cy]));
}

#[tokio::test]
async fn applications_and_their_principals_have_a_delta() {
    let app = TestApp::new().await;
    let application = app.application().await;
    for (set, id) in [("applications", &application.id), ("servicePrincipals", &application.sp)] {
        let first = app.read(&format!("{set}/delta?$select=displayName")).await;
        assert_eq!(first["value"], json!([{"id": id, "displayName": "People Directory"}]));
        let link = text(&first["@odata.deltaLink"]).replace("https://graph.example/", "");
        assert_eq!(app.read(&link).await["value"], json!([]));
        app.write("PATCH", &format!("{set}/{id}"), json!({"displayName": "Renamed"}), 204).await;
        assert_eq!(app.read(&link).await["value"], json!([{"id": id, "displayName": "Renamed"}]));
    }
}
