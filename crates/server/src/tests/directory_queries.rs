//! `$filter`, `$orderby`, `$search`, `$expand`, and keys of the directory's sets.

use serde_json::{Value as Json, json};

use crate::testing::{TestApp, text};

const EVENTUAL: (&str, &str) = ("ConsistencyLevel", "eventual");

async fn person(app: &TestApp, name: &str, more: Json) -> String {
    let local = name.to_lowercase().replace(' ', ".").replace('å', "a");
    let mut user = json!({"accountEnabled": true, "displayName": name, "mailNickname": local,
        "userPrincipalName": format!("{local}@contoso.example")});
    for (member, value) in more.as_object().unwrap() {
        user[member] = value.clone();
    }
    text(&app.write("POST", "users", user, 201).await["id"])
}

async fn people(app: &TestApp) {
    person(
        app,
        "Ida Holm",
        json!({"department": "Tours", "mail": "ida@contoso.example", "jobTitle": "Guide"}),
    )
    .await;
    person(app, "bo Dahl", json!({"department": "Sales", "employeeId": "17", "jobTitle": "guide"})).await;
    person(app, "Ana Holm", json!({"department": "tours", "mail": "z@contoso.example"})).await;
    person(
        app,
        "Per Åsen",
        json!({"otherMails": ["per@home.example", "p@home.example"], "accountEnabled": false}),
    )
    .await;
}

fn names(list: &Json) -> Vec<String> {
    list["value"].as_array().unwrap().iter().map(|item| text(&item["displayName"])).collect()
}

/// The names of a listing, read page by page of one and as a whole: both the same, no page empty.
async fn listed(app: &TestApp, path: &str) -> Vec<String> {
    let get = async |path: &str| {
        let answer = app.call_with("GET", path, None, EVENTUAL).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    };
    let whole = names(&get(path).await);
    let (mut seen, mut next) = (Vec::new(), Some(format!("{path}&$top=1")));
    while let Some(path) = next {
        let page = get(&path).await;
        let names = names(&page);
        assert!(!names.is_empty() || page.get("@odata.nextLink").is_none(), "{path}");
        seen.extend(names);
        next = page.get("@odata.nextLink").map(|link| text(link).replace("https://graph.example/v1.0/", ""));
    }
    assert_eq!(seen, whole, "{path}");
    whole
}

#[tokio::test]
async fn filters_find_by_index_and_without() {
    let app = TestApp::new().await;
    people(&app).await;
    for (filter, wanted) in [
        ("userPrincipalName eq 'IDA.holm@contoso.example'", vec!["Ida Holm"]),
        ("startswith(userPrincipalName,'b')", vec!["bo Dahl"]),
        ("startswith(displayName,'i') or startsWith(displayName,'B')", vec!["Ida Holm", "bo Dahl"]),
        ("mail eq 'Z@contoso.example'", vec!["Ana Holm"]),
        ("mailNickname eq 'bo.dahl'", vec!["bo Dahl"]),
        ("employeeId in ('17','18')", vec!["bo Dahl"]),
        ("department eq 'TOURS' and jobTitle eq 'guide'", vec!["Ida Holm"]),
        ("department eq 'Tours' or jobTitle eq 'guide'", vec!["Ida Holm", "bo Dahl", "Ana Holm"]),
        ("accountEnabled eq false", vec!["Per Åsen"]),
        ("otherMails/any(m:m eq 'P@home.example')", vec!["Per Åsen"]),
        ("otherMails/any(m:startswith(m,'p'))", vec!["Per Åsen"]),
        ("createdDateTime ge 2026-03-05T00:00:00Z", vec![]),
        ("createdDateTime le 2026-03-05 and employeeId eq '17'", vec!["bo Dahl"]),
        ("id eq 'x' or employeeId eq '17'", vec!["bo Dahl"]),
        ("not(department eq 'Tours') and accountEnabled eq true", vec!["bo Dahl"]),
    ] {
        assert_eq!(listed(&app, &format!("users?$filter={filter}")).await, wanted, "{filter}");
        let count = app.call_with("GET", &format!("users/$count?$filter={filter}"), None, EVENTUAL).await;
        assert_eq!(count.text, wanted.len().to_string(), "{filter}");
    }
    let first = app.read("users?$filter=department eq 'tours'&$count=true&$top=1").await;
    assert_eq!(first["@odata.count"], 2);
}

#[tokio::test]
async fn orders_combine_with_filters() {
    let app = TestApp::new().await;
    people(&app).await;
    for (query, wanted) in [
        ("$orderby=displayName", ["Ana Holm", "bo Dahl", "Ida Holm", "Per Åsen"].as_slice()),
        ("$orderby=displayName desc", &["Per Åsen", "Ida Holm", "bo Dahl", "Ana Holm"]),
        (
            "$orderby=userPrincipalName desc&$filter=accountEnabled eq true",
            &["Ida Holm", "bo Dahl", "Ana Holm"],
        ),
        // Nothing comes before everything.
        ("$orderby=mail", &["bo Dahl", "Per Åsen", "Ida Holm", "Ana Holm"]),
        ("$orderby=department desc,displayName", &["Ana Holm", "Ida Holm", "bo Dahl", "Per Åsen"]),
        ("$orderby=displayName&$filter=department eq 'tours'", &["Ana Holm", "Ida Holm"]),
        (
            "$orderby=displayName&$filter=startswith(displayName,'i') or mail eq 'z@contoso.example'",
            &["Ana Holm", "Ida Holm"],
        ),
        ("$orderby=displayName&$filter=startswith(displayName,'a')", &["Ana Holm"]),
    ] {
        if query == "$orderby=mail" {
            let mut found = listed(&app, &format!("users?{query}")).await;
            found[..2].sort_by_key(|name| name.to_lowercase());
            assert_eq!(found, wanted, "{query}");
        } else {
            assert_eq!(listed(&app, &format!("users?{query}")).await, wanted, "{query}");
        }
    }
    let ids = app.read("users?$orderby=id desc&$select=id").await;
    let ids: Vec<String> = ids["value"].as_array().unwrap().iter().map(|user| text(&user["id"])).collect();
    assert!(ids.is_sorted_by(|one, other| one > other), "{ids:?}");
    let mut refused = Vec::new();
    for path in [
        "users?$orderby=otherMails",
        "users?$orderby=nothing",
        "users?$orderby=displayName down",
        "users?$orderby=employeeOrgData",
    ] {
        refused.push(format!("{:?}", app.get(path).await.error()));
    }
    insta::assert_snapshot!(refused.join("\n"), @r#"
        ("Request_UnsupportedQuery", "Sorting not supported for current query: 'otherMails' is a collection or an object; sort by a text, a number, an instant or a boolean.")
        ("BadRequest", "Invalid $orderby: Could not find a property named 'nothing' on type 'microsoft.graph.user'.")
        ("BadRequest", "Invalid $orderby 'displayName down': 'down' is neither asc nor desc.")
        ("Request_UnsupportedQuery", "Sorting not supported for current query: 'employeeOrgData' is a collection or an object; sort by a text, a number, an instant or a boolean.")
        "#);
}

#[tokio::test]
async fn searches_look_at_words() {
    let app = TestApp::new().await;
    people(&app).await;
    for (search, wanted) in [
        ("\"displayName:hol\"", ["Ida Holm", "Ana Holm"].as_slice()),
        ("\"displayName:holm ana\"", &["Ana Holm"]),
        ("\"displayName:olm\"", &[]),
        ("\"displayName:%C3%A5s\"", &["Per Åsen"]),
        ("\"displayName:dahl\" OR \"mail:ida@\"", &["bo Dahl", "Ida Holm"]),
        ("\"displayName:holm\" AND \"department:tour\"", &["Ida Holm", "Ana Holm"]),
        ("\"jobTitle:gui\"", &["Ida Holm", "bo Dahl"]),
    ] {
        let mut found = listed(&app, &format!("users?$search={search}")).await;
        let mut wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{search}");
    }
    let filtered = "users?$search=\"displayName:holm\"&$filter=department eq 'Tours'&$orderby=displayName";
    assert_eq!(listed(&app, filtered).await, ["Ana Holm", "Ida Holm"]);
    let plain = app.get("users?$search=%22displayName:ida%22").await;
    let no_text = app.call_with("GET", "users?$search=\"accountEnabled:true\"", None, EVENTUAL).await;
    insta::assert_snapshot!(format!("{:?}\n{:?}", plain.error(), no_text.error()), @r#"
        ("Request_UnsupportedQuery", "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")
        ("Request_UnsupportedQuery", "Unsupported or invalid property 'accountEnabled' in $search: it must be one that holds texts.")
        "#);
}

#[tokio::test]
async fn a_relationship_is_told_within() {
    let app = TestApp::new().await;
    let (ida, bo, group) = (app.user("ida").await, app.user("bo").await, app.group("staff").await);
    let reference = |id: &str| json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/users/{id}")});
    app.write("PUT", &format!("users/{ida}/manager/$ref"), reference(&bo), 204).await;
    app.write("POST", &format!("groups/{group}/members/$ref"), reference(&ida), 204).await;
    let path = "users?$select=displayName&$expand=manager($select=id,displayName)";
    assert_eq!(
        app.read(path).await,
        json!({
            "@odata.context":
                "https://graph.example/v1.0/$metadata#users(displayName,manager(id,displayName))",
            "value": [
                {"displayName": "ida", "manager":
                    {"@odata.type": "#microsoft.graph.user", "id": bo, "displayName": "bo"}},
                {"displayName": "bo"},
            ],
        })
    );
    let path = format!("users/{bo}?$select=id&$expand=directReports($select=displayName)");
    let reports = json!([{"@odata.type": "#microsoft.graph.user", "displayName": "ida"}]);
    assert_eq!(app.read(&path).await["directReports"], reports);
    let told = app.read(&format!("groups/{group}?$expand=members")).await;
    assert_eq!((&told["members"][0]["id"], &told["owners"]), (&json!(ida), &Json::Null));
    let told = app.read(&format!("users/{ida}?$expand=memberOf($select=id)")).await;
    assert_eq!(told["memberOf"], json!([{"@odata.type": "#microsoft.graph.group", "id": group}]));
    for number in 0..21 {
        let id = app.user(&format!("u{number}")).await;
        app.write("POST", &format!("groups/{group}/members/$ref"), reference(&id), 204).await;
    }
    let told = app.read(&format!("groups/{group}?$expand=members($select=id)")).await;
    assert_eq!(told["members"].as_array().unwrap().len(), 20);
    let application = app.application().await;
    let sp = app.read(&format!("servicePrincipals/{}?$select=appRoles", application.sp)).await;
    let assignment =
        json!({"principalId": ida, "resourceId": application.sp, "appRoleId": sp["appRoles"][0]["id"]});
    app.write("POST", &format!("users/{ida}/appRoleAssignments"), assignment, 201).await;
    let path = format!("users/{ida}?$select=id&$expand=appRoleAssignments($select=principalId)");
    assert_eq!(app.read(&path).await["appRoleAssignments"], json!([{"principalId": ida}]));
    let path = format!("servicePrincipals/{}?$expand=appRoleAssignedTo", application.sp);
    assert_eq!(app.read(&path).await["appRoleAssignedTo"][0]["principalDisplayName"], "ida");
    for path in
        ["users?$expand=members", "users?$expand=manager,memberOf", "applications?$expand=owners($select=x)"]
    {
        assert_eq!(app.get(path).await.error().0, "BadRequest", "{path}");
    }
}

#[tokio::test]
async fn unique_names_are_keys_and_make_what_is_missing() {
    let app = TestApp::new().await;
    let prefer = ("Prefer", "create-if-missing");
    let body = || Some(json!({"displayName": "Tours"}));
    let made = app.call_with("PATCH", "applications(uniqueName='tours-app')", body(), prefer).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = text(&made.json()["id"]);
    assert_eq!(made.header("location"), format!("https://graph.example/v1.0/applications/{id}"));
    assert_eq!(made.json()["uniqueName"], "tours-app");
    let renamed = Some(json!({"displayName": "Tours 2", "uniqueName": "tours-app"}));
    let again = app.call_with("PATCH", "applications(uniqueName='Tours-App')", renamed, prefer).await;
    assert_eq!((again.status, again.text.as_str()), (204, ""));
    let read = app.read("applications(uniqueName='tours-app')?$select=id,displayName").await;
    assert_eq!((text(&read["id"]), text(&read["displayName"])), (id, "Tours 2".into()));
    assert_eq!(app.get("applications(uniqueName='tours-app')/owners").await.status, 200);
    assert_eq!(app.get("applications(uniqueName='other')").await.status, 404);
    let plain = app.call("PATCH", "applications(uniqueName='other')", body()).await;
    assert_eq!(plain.status, 404);
    let group = Some(
        json!({"displayName": "Staff", "mailEnabled": false, "mailNickname": "s", "securityEnabled": true}),
    );
    let made = app.call_with("PATCH", "groups(uniqueName='staff')", group.clone(), prefer).await;
    assert_eq!((made.status, made.json()["uniqueName"].clone()), (201, json!("staff")));
    let other = Some(json!({"displayName": "Staff", "uniqueName": "x"}));
    assert_eq!(app.call_with("PATCH", "groups(uniqueName='crew')", other, prefer).await.status, 400);
    assert_eq!(app.get("groups(uniqueName='staff')/members/$ref").await.status, 200);
    let missing = Some(json!({"displayName": "Crew"}));
    let refused = app.call_with("PATCH", "groups(uniqueName='crew')", missing, prefer).await;
    assert_eq!(refused.error().1, "A value is required for property 'mailEnabled' of resource 'Group'.");
}

#[tokio::test]
async fn assignments_are_selected_and_found_from_the_other_end() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let sp = format!("servicePrincipals/{}", application.sp);
    let role = app.read(&format!("{sp}?$select=appRoles")).await["appRoles"][0]["id"].clone();
    let (ida, bo) = (app.user("ida").await, app.user("bo").await);
    for id in [&ida, &bo] {
        let body = json!({"principalId": id, "resourceId": application.sp, "appRoleId": role});
        app.write("POST", &format!("{sp}/appRoleAssignedTo"), body, 201).await;
    }
    for filter in [
        format!("principalId eq {bo}"),
        format!("principalId eq '{bo}'"),
        "principalDisplayName eq 'bo'".into(),
    ] {
        let found = app.read(&format!("{sp}/appRoleAssignedTo?$filter={filter}&$select=principalId")).await;
        assert_eq!(found["value"], json!([{"principalId": bo}]), "{filter}");
    }
    let context = "https://graph.example/v1.0/$metadata#servicePrincipals";
    let first = app.read(&format!("{sp}/appRoleAssignedTo?$top=1&$select=id,principalId")).await;
    assert_eq!(
        first["@odata.context"],
        format!("{context}('{}')/appRoleAssignedTo(id,principalId)", application.sp)
    );
    let next = text(&first["@odata.nextLink"]).replace("https://graph.example/v1.0/", "");
    assert_eq!(app.read(&next).await["value"][0]["principalId"], json!(bo));
    assert_eq!(app.get(&format!("{sp}/appRoleAssignedTo?$select=x")).await.error().0, "BadRequest");
}

#[tokio::test]
async fn scripts_find_domains_and_no_licences() {
    let app = TestApp::new().await;
    let domains = app.read("domains").await;
    assert_eq!(
        (&domains["value"][0]["id"], &domains["value"][0]["isVerified"]),
        (&json!("contoso.example"), &json!(true))
    );
    assert_eq!(app.read("domains/Contoso.example").await["authenticationType"], "Managed");
    assert_eq!(app.get("domains/other.example").await.status, 404);
    assert_eq!(app.read("subscribedSkus").await["value"], json!([]));
}

#[tokio::test]
async fn the_bin_is_queried_too() {
    let app = TestApp::new().await;
    people(&app).await;
    for name in ["ida.holm", "ana.holm"] {
        app.call("DELETE", &format!("users/{name}@contoso.example"), None).await;
    }
    let bin = "directory/deletedItems/microsoft.graph.user";
    for filter in ["startswith(displayName,'i')", "userPrincipalName eq 'ida.holm@contoso.example'"] {
        assert_eq!(listed(&app, &format!("{bin}?$filter={filter}")).await, ["Ida Holm"], "{filter}");
    }
    for order in ["displayName", "userPrincipalName"] {
        assert_eq!(listed(&app, &format!("{bin}?$orderby={order}")).await, ["Ana Holm", "Ida Holm"]);
    }
    let count = app.call_with("GET", &format!("{bin}/$count"), None, EVENTUAL).await;
    assert_eq!((count.status, count.text.as_str()), (200, "2"));
}
