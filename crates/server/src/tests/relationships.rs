//! Relationships: one object of them, casts, references, and what is told to whom.

use serde_json::{Value as Json, json};

use crate::testing::{TestApp, text};

async fn relate(app: &TestApp, path: &str, id: &str) {
    let body = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")});
    let method = if path.ends_with("manager/$ref") { "PUT" } else { "POST" };
    app.write(method, path, body, 204).await;
}

/// ida in inner in outer, and her manager is bo, who owns inner.
async fn world(app: &TestApp) -> [String; 4] {
    let (ida, bo) = (app.user("ida").await, app.user("bo").await);
    let (outer, inner) = (app.group("outer").await, app.group("inner").await);
    relate(app, &format!("groups/{outer}/members/$ref"), &inner).await;
    relate(app, &format!("groups/{inner}/members/$ref"), &ida).await;
    relate(app, &format!("groups/{inner}/owners/$ref"), &bo).await;
    relate(app, &format!("users/{ida}/manager/$ref"), &bo).await;
    [ida, bo, outer, inner]
}

fn ids(list: &Json) -> Vec<&str> {
    list["value"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_relationship_tells_one_object() {
    let app = TestApp::new().await;
    let [ida, bo, outer, inner] = world(&app).await;
    for (path, cast, id) in [
        (format!("users/{ida}/memberOf"), "group", &inner),
        (format!("users/{ida}/transitiveMemberOf"), "group", &outer),
        (format!("users/{bo}/directReports"), "user", &ida),
        (format!("users/{bo}/transitiveReports"), "user", &ida),
        (format!("users/{bo}/ownedObjects"), "group", &inner),
        (format!("groups/{outer}/members"), "group", &inner),
        (format!("groups/{outer}/transitiveMembers"), "user", &ida),
        (format!("groups/{inner}/owners"), "user", &bo),
        (format!("groups/{inner}/memberOf"), "group", &outer),
    ] {
        let one = app.read(&format!("{path}/{id}")).await;
        assert_eq!((&one["id"], text(&one["@odata.type"])), (&json!(id), format!("#microsoft.graph.{cast}")));
        let selected = app.read(&format!("{path}/{id}/microsoft.graph.{cast}?$select=displayName")).await;
        assert!(
            text(&selected["@odata.context"]).ends_with(&format!("#{cast}s(displayName)/$entity")),
            "{path}"
        );
        assert_eq!(
            ids(&app.read(&format!("{path}/microsoft.graph.{cast}?$filter=id eq '{id}'")).await),
            [id]
        );
        let other = if cast == "user" { "group" } else { "user" };
        assert_eq!(app.get(&format!("{path}/{id}/microsoft.graph.{other}")).await.status, 404, "{path}");
        let stranger = app.user("nobody").await;
        assert_eq!(app.get(&format!("{path}/{stranger}")).await.status, 404, "{path}");
        app.write("DELETE", &format!("users/{stranger}"), Json::Null, 204).await;
    }
}

#[tokio::test]
async fn a_cast_to_what_is_not_here_finds_nothing() {
    let app = TestApp::new().await;
    let [ida, _, outer, inner] = world(&app).await;
    for path in [
        format!("users/{ida}/memberOf/microsoft.graph.directoryRole"),
        format!("users/{ida}/transitiveMemberOf/microsoft.graph.administrativeUnit"),
        format!("groups/{outer}/members/microsoft.graph.device"),
        format!("groups/{outer}/transitiveMembers/graph.orgContact"),
        format!("groups/{inner}/owners/microsoft.graph.group"),
        "directory/deletedItems/microsoft.graph.device".to_owned(),
        format!("users/{ida}/createdObjects"),
        format!("users/{ida}/createdObjects/microsoft.graph.servicePrincipal"),
    ] {
        let found = app.read(&format!("{path}?$count=true&$top=5")).await;
        assert_eq!((&found["value"], &found["@odata.count"]), (&json!([]), &json!(0)), "{path}");
        assert_eq!(app.get(&format!("{path}/$count?ConsistencyLevel=eventual")).await.text, "0");
        assert_eq!(app.get(&format!("{path}?$filter=id eq")).await.status, 400, "{path}");
    }
    assert_eq!(app.get(&format!("users/{ida}/memberOf/microsoft.graph.gruop")).await.status, 400);
}

#[tokio::test]
async fn a_reference_is_told_before_it_is_taken_away() {
    let app = TestApp::new().await;
    let [ida, bo, _, inner] = world(&app).await;
    let member = format!("groups/{inner}/members/{ida}/$ref");
    let told = app.read(&member).await;
    assert_eq!(told["@odata.id"], format!("https://graph.example/v1.0/users/{ida}"));
    app.write("DELETE", &member, Json::Null, 204).await;
    assert_eq!(app.get(&member).await.status, 404);
    let manager = app.read(&format!("users/{ida}/manager/$ref")).await;
    assert_eq!(manager["@odata.id"], format!("https://graph.example/v1.0/users/{bo}"));
    assert_eq!(app.get(&format!("groups/{inner}/owners/{bo}/$ref")).await.status, 200);
}

#[tokio::test]
async fn deleted_objects_are_told_as_their_type() {
    let app = TestApp::new().await;
    let ida = app.user("ida").await;
    app.write("DELETE", &format!("users/{ida}"), Json::Null, 204).await;
    let path = format!("directory/deletedItems/{ida}");
    assert!(app.read(&format!("{path}/microsoft.graph.user")).await["deletedDateTime"].is_string());
    assert_eq!(app.get(&format!("{path}/microsoft.graph.group")).await.status, 404);
    let (_, token) = app.client(&["User.Read.All"]).await;
    for (cast, status) in [("user", 200), ("group", 403), ("device", 403)] {
        let path = format!("directory/deletedItems/microsoft.graph.{cast}");
        assert_eq!(app.by(&token, "GET", &path, None).await.status, status, "{cast}");
    }
    let (_, message) =
        app.by(&token, "GET", "directory/deletedItems/microsoft.graph.group", None).await.error();
    assert!(message.contains("Group.Read.All"), "{message}");
}

#[tokio::test]
async fn of_kinds_that_a_caller_may_not_read_only_type_and_id_are_told() {
    let app = TestApp::new().await;
    let [ida, bo, outer, inner] = world(&app).await;
    let (_, token) = app.client(&["GroupMember.Read.All"]).await;
    let limited = json!({"@odata.type": "#microsoft.graph.user", "id": ida});
    let read = async |path: &str| app.by(&token, "GET", path, None).await.json();
    assert_eq!(read(&format!("groups/{inner}/members")).await["value"], json!([limited]));
    assert_eq!(read(&format!("groups/{inner}/members?$select=displayName")).await["value"], json!([limited]));
    let one = read(&format!("groups/{inner}/members/{ida}")).await;
    assert!(one["id"] == ida.as_str() && one.get("displayName").is_none(), "{one}");
    let cast = read(&format!("groups/{inner}/members/microsoft.graph.user")).await;
    assert_eq!(cast["value"], json!([{"id": ida}]));
    let expanded = read(&format!("groups/{inner}?$expand=owners&$select=id")).await;
    assert_eq!(expanded["owners"], json!([{"@odata.type": "#microsoft.graph.user", "id": bo}]));
    // Nor is one told by way of the other.
    let members = read(&format!("groups/{inner}/members/microsoft.graph.user?$expand=memberOf")).await;
    assert_eq!(members["value"], json!([{"id": ida}]));
    // Neither a condition nor an order tells anything of them.
    for query in
        ["$filter=startswith(displayName,'i')", "$search=\"displayName:ida\"", "$orderby=displayName"]
    {
        let found = read(&format!("groups/{inner}/members?{query}&ConsistencyLevel=eventual")).await;
        assert_eq!(found["value"], json!([]), "{query}");
    }
    let groups = read(&format!("groups/{outer}/members?$filter=startswith(displayName,'i')")).await;
    assert_eq!(ids(&groups), [inner.as_str()]);
}

#[tokio::test]
async fn objects_are_found_by_their_owners() {
    let app = TestApp::new().await;
    let [_, bo, outer, inner] = world(&app).await;
    for (filter, wanted) in [
        ("owners/$count eq 0", vec![&outer]),
        ("owners/$count eq 1", vec![&inner]),
        ("owners/$count ge 1 and startswith(displayName,'o')", vec![]),
        (&format!("owners/any(o:o/id eq '{bo}')"), vec![&inner]),
        ("not owners/any()", vec![&outer]),
    ] {
        assert_eq!(ids(&app.read(&format!("groups?$count=true&$filter={filter}")).await), wanted, "{filter}");
    }
    app.write("DELETE", &format!("users/{bo}"), Json::Null, 204).await;
    assert_eq!(ids(&app.read("groups?$filter=owners/$count eq 1").await), Vec::<&str>::new());
    assert_eq!(app.get("users?$filter=owners/$count eq 1").await.status, 400);
}

#[tokio::test]
async fn types_that_graph_does_not_have_are_refused() {
    let app = TestApp::new().await;
    let ida = app.user("ida").await;
    let by_ids = async |types: Json, status: u16| {
        app.write("POST", "directoryObjects/getByIds", json!({"ids": [ida], "types": types}), status).await
    };
    assert_eq!(ids(&by_ids(json!(["user", "device"]), 200).await), [ida.as_str()]);
    assert_eq!(by_ids(json!(["device"]), 200).await["value"], json!([]));
    assert!(text(&by_ids(json!(["usr"]), 400).await["error"]["message"]).contains("'usr'"));
    assert_eq!(app.get("directoryObjects/delta").await.status, 501);
}

#[tokio::test]
async fn a_relationship_says_what_it_takes() {
    let app = TestApp::new().await;
    let (ida, group) = (app.user("ida").await, app.group("crew").await);
    let other = app.group("other").await;
    let reference = json!({"@odata.id": format!("https://graph.example/v1.0/directoryObjects/{other}")});
    let owner = app.write("POST", &format!("groups/{group}/owners/$ref"), reference.clone(), 400).await;
    let manager = app.write("PUT", &format!("users/{ida}/manager/$ref"), reference, 400).await;
    let message = |answer: &Json| text(&answer["error"]["message"]).replace(&other, "<other>");
    insta::assert_snapshot!(message(&owner), @"An invalid operation was included in the following modified references: 'owners'. '<other>' is a group; this takes users and servicePrincipals.");
    insta::assert_snapshot!(message(&manager), @"An invalid operation was included in the following modified references: 'manager'. '<other>' is a group; this takes users.");
    let (code, message) = app.get("users?$filter=memberOf/any(g:g/id eq '17')").await.error();
    assert_eq!(code, "Request_UnsupportedQuery");
    insta::assert_snapshot!(message, @"'memberOf' is a relationship, which $filter does not look at here; read it by its path, as in …/{id}/memberOf.");
}
