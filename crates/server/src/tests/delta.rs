//! Change tracking.

use provisor_store::directory::{EdgeKind, IndexedKeys, NewEdge, NewObject, ObjectKind};
use serde_json::{Value as Json, json};

use crate::testing::{TestApp, text};

/// Reads a round to its end; gives the items and the delta link's path.
async fn round(app: &TestApp, path: &str) -> (Vec<Json>, String) {
    let mut items = Vec::new();
    let mut path = path.to_owned();
    loop {
        let page = app.read(&path).await;
        items.extend(page["value"].as_array().unwrap().iter().cloned());
        match (page.get("@odata.nextLink"), page.get("@odata.deltaLink")) {
            (Some(next), None) => {
                assert!(!page["value"].as_array().unwrap().is_empty());
                path = text(next).replace("https://graph.example/", "");
            }
            (None, Some(delta)) => return (items, text(delta).replace("https://graph.example/", "")),
            other => panic!("{other:?}"),
        }
    }
}

fn ids(items: &[Json]) -> Vec<String> {
    items.iter().map(|item| text(&item["id"])).collect()
}

#[tokio::test]
async fn users_are_told_once_and_then_when_they_change() {
    let app = TestApp::new().await;
    let (ida, per, bo) = (app.user("ida").await, app.user("per").await, app.user("bo").await);
    let (items, link) = round(&app, "users/delta?$select=displayName,department").await;
    assert_eq!(ids(&items), [ida.clone(), per.clone(), bo.clone()]);
    // What was never set is left out.
    assert_eq!(items[0], json!({"id": ida, "displayName": "ida"}));
    let (items, link) = round(&app, &link).await;
    assert_eq!(items, Vec::<Json>::new());
    app.write("PATCH", &format!("users/{per}"), json!({"department": "Tours"}), 204).await;
    app.call("DELETE", &format!("users/{ida}"), None).await;
    app.call("DELETE", &format!("users/{bo}"), None).await;
    app.call("DELETE", &format!("directory/deletedItems/{bo}"), None).await;
    let (items, link) = round(&app, &link).await;
    assert_eq!(
        items,
        [
            json!({"id": per, "displayName": "per", "department": "Tours"}),
            json!({"id": ida, "@removed": {"reason": "changed"}}),
            json!({"id": bo, "@removed": {"reason": "deleted"}}),
        ]
    );
    let (items, _) = round(&app, &link).await;
    assert_eq!(items, Vec::<Json>::new());
    // A fresh first round does not tell what is gone.
    assert_eq!(ids(&round(&app, "users/delta()").await.0), [per]);
}

#[tokio::test]
async fn what_was_taken_away_is_told_as_null() {
    let app = TestApp::new().await;
    let ida = app.user("ida").await;
    app.write("PATCH", &format!("users/{ida}"), json!({"jobTitle": "Pilot"}), 204).await;
    let (_, link) = round(&app, "users/delta?$select=displayName,jobTitle").await;
    app.write("PATCH", &format!("users/{ida}"), json!({"jobTitle": null}), 204).await;
    let (items, _) = round(&app, &link).await;
    assert_eq!(items, [json!({"id": ida, "displayName": "ida", "jobTitle": null})]);
}

#[tokio::test]
async fn links_outlive_the_process() {
    let app = TestApp::new().await;
    let mut made = Vec::new();
    for name in ["ann", "bo", "cy"] {
        made.push(app.user(name).await);
    }
    let (_, delta) = round(&app, "users/delta?$select=displayName").await;
    let pages =
        ["users?$top=2", "users?$top=2&$orderby=displayName", "users?$top=2&$orderby=mail,displayName"];
    let mut links = Vec::new();
    for path in pages {
        links.push(text(&app.read(path).await["@odata.nextLink"]).replace("https://graph.example/", ""));
    }
    app.write("PATCH", &format!("users/{}", made[1]), json!({"displayName": "Bo"}), 204).await;
    let app = app.restarted();
    let told = round(&app, &delta).await.0;
    assert_eq!(told, [json!({"id": made[1], "displayName": "Bo"})]);
    for link in links {
        assert_eq!(ids(app.read(&link).await["value"].as_array().unwrap()), [made[2].clone()], "{link}");
    }
}

#[tokio::test]
async fn the_latest_token_tells_only_what_comes() {
    let app = TestApp::new().await;
    app.user("ida").await;
    let (items, link) = round(&app, "users/delta?$deltatoken=latest").await;
    assert_eq!(items, Vec::<Json>::new());
    let per = app.user("per").await;
    assert_eq!(ids(&round(&app, &link).await.0), [per]);
}

#[tokio::test]
async fn members_and_managers_are_told_as_changes() {
    let app = TestApp::new().await;
    let (ida, per) = (app.user("ida").await, app.user("per").await);
    let group = app.group("staff").await;
    let add = |id: &str| json!({"@odata.id": format!("users/{id}")});
    app.write("POST", &format!("groups/{group}/members/$ref"), add(&ida), 204).await;
    let (items, link) = round(&app, "groups/microsoft.graph.delta?$select=displayName,members").await;
    assert_eq!(
        items,
        [json!({"id": group, "displayName": "staff",
            "members@delta": [{"@odata.type": "#microsoft.graph.user", "id": ida}]})]
    );
    app.write("POST", &format!("groups/{group}/members/$ref"), add(&per), 204).await;
    app.call("DELETE", &format!("groups/{group}/members/{ida}/$ref"), None).await;
    let (items, _) = round(&app, &link).await;
    let told = &items[0]["members@delta"];
    assert_eq!(told[0], json!({"@odata.type": "#microsoft.graph.user", "id": per}));
    assert_eq!(told[1]["@removed"], json!({"reason": "deleted"}));
    app.write("PUT", &format!("users/{ida}/manager/$ref"), add(&per), 204).await;
    let filtered = format!("users/delta?$select=manager&$filter=id eq '{ida}'");
    let (items, _) = round(&app, &filtered).await;
    let manager = json!([{"@odata.type": "#microsoft.graph.user", "id": per}]);
    assert_eq!(items, [json!({"id": ida, "manager@delta": manager})]);
}

#[tokio::test]
async fn pages_are_as_long_as_preferred() {
    let app = TestApp::new().await;
    for index in 0..5 {
        app.user(&format!("user{index}")).await;
    }
    let answer = short_page(&app, "users/delta", 2).await;
    // What is not honoured is not said to be.
    assert_eq!(answer.header("preference-applied"), "odata.maxpagesize=2");
    let page = answer.json();
    assert_eq!(page["value"].as_array().unwrap().len(), 2);
    let next = text(&page["@odata.nextLink"]);
    assert_eq!(round(&app, next.trim_start_matches("https://graph.example/")).await.0.len(), 3);
}

/// The page of a path, at most so long.
async fn short_page(app: &TestApp, path: &str, size: usize) -> crate::testing::Answer {
    let request = http::Request::builder()
        .uri(format!("/v1.0/{path}"))
        .header("authorization", format!("Bearer {}", crate::testing::TOKEN))
        .header("prefer", format!("return=minimal, odata.maxpagesize={size}"))
        .body(http_body_util::Full::new(bytes::Bytes::new()))
        .unwrap();
    app.send(request).await
}

#[tokio::test]
async fn the_context_names_what_is_selected() {
    let app = TestApp::new().await;
    let page = app.read("users/delta?$select=displayName,MANAGER").await;
    let context = "https://graph.example/v1.0/$metadata#users(displayName,id,manager)";
    assert_eq!(page["@odata.context"], context);
    let page = app.get("groups/delta").await;
    assert_eq!(page.json()["@odata.context"], "https://graph.example/v1.0/$metadata#groups");
    assert_eq!(page.header("preference-applied"), "");
}

#[tokio::test]
async fn a_token_that_is_no_use_says_where_to_begin_again() {
    let app = TestApp::new().await;
    let answer = app.get("users/delta()?$deltatoken=abc").await;
    assert_eq!((answer.status, answer.error().0.as_str()), (410, "syncStateNotFound"));
    let location = answer.header("location");
    assert_eq!(location, "https://graph.example/v1.0/users/delta()?$deltatoken=");
    let ida = app.user("ida").await;
    let (items, _) = round(&app, &location.replace("https://graph.example/", "")).await;
    assert_eq!(ids(&items), [ida]);
}

#[tokio::test]
async fn a_deletion_during_the_first_round_is_told() {
    let app = TestApp::new().await;
    let gone_before = app.user("gone").await;
    app.call("DELETE", &format!("users/{gone_before}"), None).await;
    let mut users = Vec::new();
    for index in 0..6 {
        users.push(app.user(&format!("user{index}")).await);
    }
    let page = short_page(&app, "users/delta", 2).await.json();
    assert_eq!(ids(page["value"].as_array().unwrap()), users[..2]);
    for (index, purged) in [(0, false), (1, true), (3, true)] {
        app.call("DELETE", &format!("users/{}", users[index]), None).await;
        if purged {
            app.call("DELETE", &format!("directory/deletedItems/{}", users[index]), None).await;
        }
    }
    let next = text(&page["@odata.nextLink"]).replace("https://graph.example/", "");
    let (items, link) = round(&app, &next).await;
    assert_eq!(ids(&items[..3]), [users[2].clone(), users[4].clone(), users[5].clone()]);
    let removed = |index: usize, reason: &str| json!({"id": users[index], "@removed": {"reason": reason}});
    assert_eq!(items[3..], [removed(0, "changed"), removed(1, "deleted"), removed(3, "deleted")]);
    assert_eq!(round(&app, &link).await.0, Vec::<Json>::new());
}

#[tokio::test]
async fn a_large_group_is_told_on_several_pages() {
    let app = TestApp::new().await;
    let (group, last) = (app.group("large").await, app.group("last").await);
    let store = &app.state.store;
    let group_id = group.parse().unwrap();
    let members = (0..2300_u128).map(|index| async move {
        let id = uuid::Uuid::from_u128(0x1000 + index);
        let (kind, created) = (ObjectKind::User, app_start());
        let (properties, keys, edges) = (serde_json::Map::new(), IndexedKeys::default(), Vec::new());
        store.create(NewObject { id, kind, properties, keys, created, edges }).await.unwrap();
        store.add_edge(group_id, NewEdge { kind: EdgeKind::Member, to: id }).await.unwrap();
        id.to_string()
    });
    let members = futures_util::future::join_all(members).await;
    let (items, link) = round(&app, "groups/delta?$select=members").await;
    let mut told: Vec<String> = items
        .iter()
        .flat_map(|item| item["members@delta"].as_array().cloned().unwrap_or_default())
        .map(|member| text(&member["id"]))
        .collect();
    told.sort();
    assert_eq!(told, members);
    let told: Vec<String> = ids(&items);
    assert_eq!(told.iter().filter(|id| **id == group).count(), 3);
    assert!(told.contains(&last));
    assert_eq!(round(&app, &link).await.0, Vec::<Json>::new());
}

fn app_start() -> jiff::Timestamp {
    "2026-03-04T09:00:00Z".parse().unwrap()
}
