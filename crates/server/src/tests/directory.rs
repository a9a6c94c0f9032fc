//! Users, groups, applications, service principals and the recycle bin.

use serde_json::{Value as Json, json};

use crate::testing::{CUSTOM, TestApp, text};

fn names(list: &Json) -> Vec<String> {
    list["value"].as_array().unwrap().iter().map(|item| text(&item["displayName"])).collect()
}

#[tokio::test]
async fn a_user_lives_and_is_restored() {
    let app = TestApp::new().await;
    let body = json!({
        "@odata.type": "#microsoft.graph.user", "accountEnabled": true, "displayName": "Ida Holm",
        "mailNickname": "ida", "userPrincipalName": "Ida@anywhere.example", "department": "Tours",
        "passwordProfile": {"forceChangePasswordNextSignIn": true, "password": "p4ssw0rd"},
    });
    let created = app.call("POST", "users", Some(body)).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let user = created.json();
    let id = text(&user["id"]);
    assert_eq!(created.header("location"), format!("https://graph.example/v1.0/users/{id}"));
    assert_eq!(
        user,
        json!({
            "@odata.context": "https://graph.example/v1.0/$metadata#users/$entity",
            "businessPhones": [], "displayName": "Ida Holm", "givenName": null, "jobTitle": null, "mail": null,
            "mobilePhone": null, "officeLocation": null, "preferredLanguage": null, "surname": null,
            "userPrincipalName": "Ida@anywhere.example", "id": id,
        })
    );
    assert!(!app.dump().await.contains("p4ssw0rd"));
    let path = "users/ida@ANYWHERE.example?$select=department,accountEnabled";
    let selected = app.read(path).await;
    assert_eq!(
        selected,
        json!({
            "@odata.context":
                "https://graph.example/v1.0/$metadata#users(department,accountEnabled)/$entity",
            "department": "Tours", "accountEnabled": true,
        })
    );
    app.write("PATCH", &format!("users/{id}"), json!({"department": null, "accountEnabled": false}), 204)
        .await;
    let selected = app.read(path).await;
    assert_eq!((&selected["department"], &selected["accountEnabled"]), (&Json::Null, &json!(false)));
    assert_eq!(app.call("DELETE", &format!("users('{id}')"), None).await.status, 204);
    assert_eq!(app.get(&format!("users/{id}")).await.status, 404);
    let bin = app.read("directory/deletedItems/microsoft.graph.user").await;
    assert_eq!(bin["value"][0]["deletedDateTime"], "2026-03-04T09:12:44.123456Z");
    let restored = app.write("POST", &format!("directory/deletedItems/{id}/restore"), json!({}), 200).await;
    assert_eq!(restored["@odata.type"], "#microsoft.graph.user");
    assert_eq!(app.get(&format!("users/{id}")).await.status, 200);
    app.call("DELETE", &format!("directoryObjects/{id}"), None).await;
    assert_eq!(app.call("DELETE", &format!("directory/deletedItems/{id}"), None).await.status, 204);
    assert_eq!(app.get(&format!("directory/deletedItems/{id}")).await.status, 404);
}

#[tokio::test]
async fn a_restore_does_not_take_a_name_away() {
    let app = TestApp::new().await;
    let first = app.user("ida").await;
    app.call("DELETE", &format!("users/{first}"), None).await;
    app.user("ida").await;
    let answer = app.call("POST", &format!("directory/deletedItems/{first}/restore"), None).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.json()["error"]["details"][0]["code"], "ObjectConflict");
}

#[tokio::test]
async fn pages_follow_one_another() {
    let app = TestApp::new().await;
    for index in 0..7 {
        app.user(&format!("user{index}")).await;
        app.user(&format!("other{index}")).await;
    }
    for (query, wanted) in [
        ("", 14),
        ("&$filter=startswith(displayName,'USER')", 7),
        ("&$filter=endswith(mailNickname,'3') or mailNickname eq 'user5'", 3),
    ] {
        let mut seen = Vec::new();
        let mut path = format!("users?$top=3&$select=displayName{query}");
        loop {
            let page = app.read(&path).await;
            let names = names(&page);
            assert!((1..=3).contains(&names.len()), "{path}: {names:?}");
            seen.extend(names);
            match page.get("@odata.nextLink") {
                Some(next) => path = text(next).replace("https://graph.example/", ""),
                None => break,
            }
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!((seen.len(), once.len()), (wanted, wanted), "{query}: {seen:?}");
    }
}

#[tokio::test]
async fn filters_find_by_index_and_by_reading() {
    let app = TestApp::new().await;
    let (ida, per) = (app.user("ida").await, app.user("per").await);
    app.write(
        "PATCH",
        &format!("users/{per}"),
        json!({"department": "Tours", "businessPhones": ["17"]}),
        204,
    )
    .await;
    for (filter, wanted) in [
        ("userPrincipalName eq 'IDA@contoso.example'", vec!["ida"]),
        ("userPrincipalName eq 'ida@contoso.example' and displayName eq 'per'", vec![]),
        ("displayName eq 'PER'", vec!["per"]),
        ("startsWith(displayName,'p')", vec!["per"]),
        ("department eq 'tours'", vec!["per"]),
        ("department eq null", vec!["ida"]),
        ("not(department eq 'Tours')", vec!["ida"]),
        ("displayName in ('ida','per')", vec!["ida", "per"]),
        ("businessPhones/any(p:p eq '17')", vec!["per"]),
        ("accountEnabled eq true and createdDateTime ge 2026-03-04T00:00:00Z", vec!["ida", "per"]),
        ("displayName ne 'ida'", vec!["per"]),
    ] {
        let list = app.read(&format!("users?$filter={filter}&$count=true")).await;
        assert_eq!(names(&list), wanted, "{filter}");
        assert_eq!(list["@odata.count"], json!(wanted.len()), "{filter}");
    }
    let by_id = app.read(&format!("users?$filter=id eq '{ida}'")).await;
    assert_eq!(names(&by_id), ["ida"]);
    let count = "users/$count?ConsistencyLevel=eventual&$filter=startswith(displayName,'i')";
    assert_eq!(app.get(count).await.text, "1");
}

#[tokio::test]
async fn objects_are_found_by_ids() {
    let app = TestApp::new().await;
    let (ida, staff) = (app.user("ida").await, app.group("staff").await);
    let gone = "00000000-0000-0000-0000-00000000dead";
    let ids = json!({"ids": [staff, gone, ida]});
    let found = app.write("POST", "directoryObjects/microsoft.graph.getByIds", ids, 200).await;
    assert_eq!(names(&found), ["staff", "ida"]);
    assert_eq!(found["value"][1]["@odata.type"], "#microsoft.graph.user");
    let users = json!({"ids": [staff, ida], "types": ["user", "device"]});
    assert_eq!(names(&app.write("POST", "directoryObjects/getByIds", users, 200).await), ["ida"]);
    assert_eq!(app.read(&format!("directoryObjects/{staff}")).await["@odata.type"], "#microsoft.graph.group");
}

#[tokio::test]
async fn an_application_is_made_from_its_template() {
    let app = TestApp::new().await;
    let found = app.read("applicationTemplates?$filter=contains(displayName,'custom')").await;
    assert_eq!(found["value"][0]["id"], CUSTOM);
    let path = format!("applicationTemplates/{CUSTOM}/instantiate");
    let made = app.write("POST", &path, json!({"displayName": "People Directory"}), 201).await;
    let context = "https://graph.example/v1.0/$metadata#microsoft.graph.applicationServicePrincipal";
    assert_eq!(made["@odata.context"], context);
    let (application, principal) = (&made["application"], &made["servicePrincipal"]);
    assert_eq!(application["applicationTemplateId"], CUSTOM);
    assert_eq!(application["appId"], principal["appId"]);
    assert_eq!(principal["appDisplayName"], "People Directory");
    assert_eq!(principal["servicePrincipalNames"], json!([application["appId"]]));
    assert_eq!(principal["appRoleAssignmentRequired"], json!(true));
    assert_eq!(principal["appOwnerOrganizationId"], "6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b");
    assert_eq!(principal["appRoles"][1]["displayName"], "msiam_access");
    let app_id = text(&application["appId"]);
    let by_filter = app.read(&format!("servicePrincipals?$filter=appId eq '{app_id}'")).await;
    assert_eq!(by_filter["value"][0]["id"], principal["id"]);
    let by_key = app.read(&format!("applications(appId='{app_id}')")).await;
    assert_eq!(by_key["id"], application["id"]);
    // What the service principal repeats follows a change of the application.
    let change = json!({"displayName": "Renamed", "identifierUris": ["api://people"]});
    app.write("PATCH", &format!("applications/{}", text(&application["id"])), change, 204).await;
    let principal = app.read(&format!("servicePrincipals/{}", text(&principal["id"]))).await;
    assert_eq!(principal["appDisplayName"], "Renamed");
    assert_eq!(principal["servicePrincipalNames"], json!([app_id, "api://people"]));
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_kept() {
    let app = TestApp::new().await;
    let id = app.user("ida").await;
    let path = format!("users/{id}");
    let names =
        ["jobTitle", "department", "city", "country", "officeLocation", "givenName", "surname", "state"];
    let changes = names.map(|name| app.write("PATCH", &path, json!({name: "x"}), 204));
    futures_util::future::join_all(changes).await;
    let user = app.read(&format!("{path}?$select={}", names.join(","))).await;
    for name in names {
        assert_eq!(user[name], "x", "{name}");
    }
}
