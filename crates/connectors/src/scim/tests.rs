//! What the target does with servers that differ, against scripted ones.

mod discovery;
mod members;
mod oddities;
mod scripted;

use std::sync::Arc;
use std::time::Duration;

use provisor_engine::clock::{Clock, SystemClock};
use provisor_engine::ids::SeededIds;
use provisor_engine::object::{ObjectType, TargetId};
use provisor_engine::ports::{
    AttributeType, Change, ChangeKind, ErrorClass, ListCursor, Mutability, ReferenceWrite, SlotValue,
    Target as _, TargetAttribute, TargetShape,
};
use provisor_expression::Value;
use provisor_scim::{HttpClient, HttpOptions, ScimClient};
use scripted::{Asked, Scripted};
use serde_json::{Value as Json, json};

use super::ScimTarget;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const USER_NAME: usize = 0;
const WORK_EMAIL: usize = 1;
const WORK_CITY: usize = 2;
const WORK_STREET: usize = 3;
const MANAGER: usize = 4;
const SHOE_SIZE: usize = 5;
const GROUP_MEMBERS: usize = 1;

fn attribute(name: &str) -> TargetAttribute {
    TargetAttribute {
        name: name.into(),
        attribute_type: AttributeType::String,
        multivalued: false,
        case_exact: false,
        mutability: Mutability::ReadWrite,
        matching: false,
    }
}

fn shapes() -> [TargetShape; 2] {
    let matching = |name: &str| TargetAttribute { matching: true, ..attribute(name) };
    let reference = |name: &str, multivalued| TargetAttribute {
        attribute_type: AttributeType::Reference,
        multivalued,
        ..attribute(name)
    };
    let user = TargetShape {
        object_type: ObjectType::new(ENTERPRISE),
        attributes: vec![
            matching("userName"),
            attribute(r#"emails[type eq "work"].value"#),
            attribute(r#"addresses[type eq "work"].locality"#),
            attribute(r#"addresses[type eq "work"].streetAddress"#),
            reference(&format!("{ENTERPRISE}:manager"), false),
            attribute("urn:example:params:scim:schemas:extension:shop:2.0:User:shoeSize"),
        ],
    };
    let group = TargetShape {
        object_type: ObjectType::new("urn:ietf:params:scim:schemas:core:2.0:Group"),
        attributes: vec![matching("displayName"), reference("members", true)],
    };
    [user, group]
}

async fn target(server: &Scripted) -> ScimTarget {
    target_on(server, Arc::new(SystemClock::new())).await
}

async fn target_on(server: &Scripted, clock: Arc<dyn Clock>) -> ScimTarget {
    let ids = Arc::new(SeededIds::from_seed(3, Arc::clone(&clock)));
    let http = HttpClient::new(HttpOptions::default()).unwrap();
    let client = ScimClient::new(http, &server.url, None).unwrap();
    let [user, group] = shapes();
    ScimTarget::new(client, &[&user, &group], clock, ids).unwrap()
}

fn id() -> TargetId {
    TargetId::new("4711")
}

fn add(slot: usize, value: &str) -> Change {
    Change { slot, kind: ChangeKind::Add, old: Value::Null, new: Value::from(value) }
}

fn operation(asked: &Asked) -> &Json {
    &asked.body["Operations"][0]
}

fn error(status: u16, keyword: &str) -> (u16, Json) {
    (status, json!({ "schemas": [], "status": status.to_string(), "scimType": keyword, "detail": "no" }))
}

fn list(resources: &[Json], total: usize) -> (u16, Json) {
    (200, json!({ "totalResults": total, "Resources": resources }))
}

#[tokio::test]
async fn an_element_that_is_not_there_is_added_whole_and_that_is_remembered() {
    let server = Scripted::start(|asked| {
        let by_selector = operation(asked)["path"].as_str().is_some_and(|path| path.contains('['));
        if asked.method == "PATCH" && by_selector {
            error(400, "noTarget")
        } else {
            (200, json!({ "id": "4711" }))
        }
    })
    .await;
    let target = target(&server).await;
    target.update(0, &id(), &[add(WORK_EMAIL, "ida@x.example")]).await.unwrap();
    let patches = server.asked("PATCH");
    assert_eq!(patches.len(), 2);
    let whole =
        json!({ "op": "add", "path": "emails", "value": [{ "type": "work", "value": "ida@x.example" }] });
    assert_eq!(operation(&patches[1]), &whole);
    target.update(0, &id(), &[add(WORK_EMAIL, "bo@x.example")]).await.unwrap();
    assert_eq!(server.asked("PATCH").len(), 3, "the second time the right form comes first");
}

#[tokio::test]
async fn changes_of_one_element_are_added_together() {
    let server = Scripted::start(|asked| {
        let by_selector = operation(asked)["path"].as_str().is_some_and(|path| path.contains('['));
        if asked.method == "PATCH" && by_selector {
            error(400, "noTarget")
        } else {
            (200, json!({ "id": "4711" }))
        }
    })
    .await;
    let changes = [add(WORK_CITY, "Aarhus"), add(WORK_STREET, "Main Street 1")];
    target(&server).await.update(0, &id(), &changes).await.unwrap();
    let patches = server.asked("PATCH");
    let element = json!({ "type": "work", "locality": "Aarhus", "streetAddress": "Main Street 1" });
    assert_eq!(operation(&patches[1])["value"], json!([element]));
}

#[tokio::test]
async fn an_element_that_exists_is_not_added_again() {
    let server = Scripted::start(|asked| match asked.method.as_str() {
        "GET" => (200, json!({ "id": "4711", "addresses": [{ "type": "work", "locality": "Aarhus" }] })),
        _ => error(400, "invalidValue"),
    })
    .await;
    let refused = target(&server).await.update(0, &id(), &[add(WORK_STREET, "x")]).await.unwrap_err();
    assert_eq!(refused.class, ErrorClass::Invalid);
    assert!(server.asked("PATCH").iter().all(|asked| operation(asked)["path"] != "addresses"));
}

#[tokio::test]
async fn a_manager_arrives_in_whichever_form_the_server_takes() {
    let kept = json!({ "id": "4711", ENTERPRISE: { "manager": { "value": "boss" } } });
    for (form, wanted) in [json!("boss"), json!({ "value": "boss" }), json!("boss")].into_iter().enumerate() {
        let kept = kept.clone();
        let server = Scripted::start(move |asked| {
            let is_sub_attribute =
                operation(asked)["path"].as_str().is_some_and(|path| path.ends_with(".value"));
            let taken = operation(asked)["value"] == wanted && is_sub_attribute == (form == 2);
            match asked.method.as_str() {
                "PATCH" if !taken => error(400, "invalidValue"),
                _ => (200, kept.clone()),
            }
        })
        .await;
        let target = target(&server).await;
        let write = ReferenceWrite { slot: MANAGER, add: vec![TargetId::new("boss")], remove: Vec::new() };
        target.write_references(0, &id(), &write).await.unwrap();
        assert_eq!(server.asked("PATCH").len(), form + 1);
        target.write_references(0, &id(), &write).await.unwrap();
        assert_eq!(server.asked("PATCH").len(), form + 2, "the right form comes first from now on");
    }
}

#[tokio::test]
async fn a_manager_that_is_accepted_and_ignored_is_written_in_another_form() {
    let taken = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let server = Scripted::start(move |asked| {
        use std::sync::atomic::Ordering;
        if asked.method == "PATCH" {
            taken.store(operation(asked)["value"].is_object(), Ordering::Relaxed);
        }
        let manager = if taken.load(Ordering::Relaxed) { json!({ "value": "boss" }) } else { Json::Null };
        (200, json!({ "id": "4711", ENTERPRISE: { "manager": manager } }))
    })
    .await;
    let write = ReferenceWrite { slot: MANAGER, add: vec![TargetId::new("boss")], remove: Vec::new() };
    target(&server).await.write_references(0, &id(), &write).await.unwrap();
    assert!(operation(&server.asked("PATCH")[1])["value"].is_object());
}

#[tokio::test]
async fn members_go_one_path_each_or_as_a_list() {
    let removed = std::sync::atomic::AtomicBool::new(false);
    let server = Scripted::start(move |asked| {
        use std::sync::atomic::Ordering;
        if asked.method == "GET" {
            let members = if removed.load(Ordering::Relaxed) { vec!["new"] } else { vec!["a", "b"] };
            let members: Vec<Json> = members.iter().map(|id| json!({ "value": id })).collect();
            return (200, json!({ "id": "4711", "members": members }));
        }
        let by_path = asked.body["Operations"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|operation| operation["path"].as_str().is_some_and(|path| path.contains('[')));
        removed.store(!by_path, Ordering::Relaxed);
        if by_path { error(501, "") } else { (204, Json::Null) }
    })
    .await;
    let target = target(&server).await;
    let write = ReferenceWrite {
        slot: GROUP_MEMBERS,
        add: vec![TargetId::new("new")],
        remove: vec![TargetId::new("a"), TargetId::new("b")],
    };
    target.write_references(1, &id(), &write).await.unwrap();
    target.write_references(1, &id(), &write).await.unwrap();
    let patches = server.asked("PATCH");
    assert_eq!(patches.len(), 3);
    insta::assert_json_snapshot!(patches[0].body["Operations"], @r###"
    [
      {
        "op": "add",
        "path": "members",
        "value": [
          {
            "value": "new"
          }
        ]
      },
      {
        "op": "remove",
        "path": "members[value eq \"a\"]"
      },
      {
        "op": "remove",
        "path": "members[value eq \"b\"]"
      }
    ]
    "###);
    let by_value =
        json!({ "op": "remove", "path": "members", "value": [{ "value": "a" }, { "value": "b" }] });
    assert_eq!(patches[2].body["Operations"][1], by_value);
}

#[tokio::test]
async fn a_server_that_ignores_the_filter_does_not_mislead() {
    let all = [json!({ "id": "1", "userName": "someone.else" }), json!({ "id": "2", "userName": "IDA" })];
    let server = Scripted::start(move |_| list(&all, 2)).await;
    let by = SlotValue { slot: USER_NAME, value: Value::from("ida") };
    let found = target(&server).await.find(0, &by).await.unwrap();
    let ids: Vec<&str> = found.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids, ["2"]);
}

#[tokio::test]
async fn values_in_filters_are_quoted() {
    let server = Scripted::start(|_| list(&[], 0)).await;
    let by = SlotValue { slot: USER_NAME, value: Value::from(r#"o"neil\ & co"#) };
    target(&server).await.find(0, &by).await.unwrap();
    let asked = server.asked("GET");
    assert_eq!(asked[0].query("filter").as_deref(), Some(r#"userName eq "o\"neil\\ & co""#));
}

#[tokio::test]
async fn a_listing_ends_or_fails_but_never_lies() {
    let server = Scripted::start(|asked| {
        let start: usize = asked.query("startIndex").unwrap().parse().unwrap();
        let page: Vec<Json> = (start..start + 2).map(|id| json!({ "id": id.to_string() })).collect();
        list(&page, 4)
    })
    .await;
    let target_ = target(&server).await;
    let first = target_.list(0, ListCursor::default()).await.unwrap();
    let second = target_.list(0, first.next.unwrap()).await.unwrap();
    assert_eq!((first.objects.len(), second.objects.len(), second.next), (2, 2, None));

    let stuck = Scripted::start(|_| list(&[json!({ "id": "1" }), json!({ "id": "2" })], 4)).await;
    let target_ = target(&stuck).await;
    let first = target_.list(0, ListCursor::default()).await.unwrap();
    let error = target_.list(0, first.next.unwrap()).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Fatal);
    assert!(error.message.contains("startIndex"), "{error}");
}

#[tokio::test]
async fn a_probe_finds_out_a_lying_filter_and_is_deleted() {
    let server = Scripted::start(|asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", "/Users") => (201, json!({ "id": "probe-user" })),
        ("POST", _) => (201, json!({ "id": "probe-group" })),
        ("DELETE", _) => (204, Json::Null),
        (_, "/Groups") if asked.query("filter").unwrap().contains("provisor-probe-mark") => {
            list(&[json!({ "id": "probe-group" })], 1)
        }
        (_, "/Groups" | "/Users") => list(&[], 0),
        _ => error(404, ""),
    })
    .await;
    let target = target(&server).await.with_probe_mark("mark");
    let findings = target.prepare(true).await.unwrap();
    let unmatchable: Vec<&str> =
        findings.unmatchable.iter().map(|found| found.object_type.as_str()).collect();
    assert_eq!(unmatchable, [ENTERPRISE]);
    let deleted: Vec<String> = server.asked("DELETE").into_iter().map(|asked| asked.path).collect();
    assert_eq!(deleted, ["/Users/probe-user", "/Groups/probe-group"]);
    assert_eq!(target.prepare(false).await.unwrap(), findings, "it is remembered");
    assert_eq!(server.asked("POST").len(), 2);
}

#[tokio::test]
async fn a_probe_that_a_crash_left_behind_is_deleted_by_the_next_run() {
    let names = Arc::new(std::sync::Mutex::new(vec![
        ("old", "provisor-probe-mark@provisor.invalid".to_owned()),
        ("somebody", "ida@x.example".to_owned()),
    ]));
    let kept = Arc::clone(&names);
    let server = Scripted::start(move |asked| {
        let mut names = kept.lock().unwrap();
        match (asked.method.as_str(), asked.path.as_str()) {
            ("POST", "/Users") => error(409, "uniqueness"),
            ("DELETE", path) => {
                names.retain(|(id, _)| !path.ends_with(id));
                (204, Json::Null)
            }
            // The filter is ignored on purpose: nobody but the probe may be deleted.
            ("GET", "/Users") => {
                let all: Vec<Json> =
                    names.iter().map(|(id, name)| json!({ "id": id, "userName": name })).collect();
                list(&all, all.len())
            }
            _ => error(404, ""),
        }
    })
    .await;
    let target = target(&server).await.with_probe_mark("mark");
    let findings = target.prepare(true).await.unwrap();
    assert_eq!(findings.unmatchable.len(), 1, "{findings:?}");
    let left: Vec<&str> = names.lock().unwrap().iter().map(|(id, _)| *id).collect();
    assert_eq!(left, ["somebody"]);
}

#[tokio::test]
async fn what_the_schemas_do_not_list_is_not_sent() {
    let server = Scripted::start(|asked| match asked.path.as_str() {
        "/Schemas" => {
            let core = json!({ "id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [
                { "name": "userName" },
                { "name": "emails", "type": "complex", "multiValued": true, "subAttributes": [{ "name": "value" }] },
            ]});
            let enterprise = json!({ "id": ENTERPRISE, "attributes": [{ "name": "manager", "type": "complex" }] });
            list(&[core, enterprise], 2)
        }
        "/ServiceProviderConfig" => (200, json!({ "filter": { "supported": false } })),
        "/Users" => (201, json!({ "id": "1" })),
        _ => error(404, ""),
    })
    .await;
    let target = target(&server).await;
    let findings = target.prepare(true).await.unwrap();
    let dropped: Vec<usize> = findings.dropped.iter().map(|(_, slot)| *slot).collect();
    assert_eq!(dropped, [WORK_CITY, WORK_STREET, SHOE_SIZE]);
    assert_eq!(findings.unmatchable.len(), 2, "filters are not supported at all");
    assert!(server.asked("POST").is_empty(), "no probe where filters are not supported anyway");
    let value = |slot, value: &str| SlotValue { slot, value: Value::from(value) };
    let values = [value(USER_NAME, "ida"), value(WORK_EMAIL, "i@x.example"), value(SHOE_SIZE, "38")];
    target.create(0, &values).await.unwrap();
    insta::assert_json_snapshot!(server.asked("POST")[0].body, @r###"
    {
      "emails": [
        {
          "primary": true,
          "type": "work",
          "value": "i@x.example"
        }
      ],
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "userName": "ida"
    }
    "###);
}

#[tokio::test]
async fn answers_are_classified_by_status_first() {
    for (status, keyword, class) in [
        (400, "uniqueness", ErrorClass::Conflict),
        (400, "invalidValue", ErrorClass::Invalid),
        (401, "", ErrorClass::Unauthorized),
        (403, "", ErrorClass::Invalid),
        (404, "", ErrorClass::NotFound),
        (409, "", ErrorClass::Conflict),
        (412, "", ErrorClass::Transient),
        (413, "tooMany", ErrorClass::Invalid),
        (422, "", ErrorClass::Invalid),
        (429, "", ErrorClass::Throttled),
        (500, "", ErrorClass::Transient),
        (501, "", ErrorClass::Invalid),
        (503, "", ErrorClass::Transient),
    ] {
        let server = Scripted::start(move |_| error(status, keyword)).await;
        let values = [SlotValue { slot: USER_NAME, value: Value::from("ida") }];
        let refused = target(&server).await.create(0, &values).await.unwrap_err();
        assert_eq!(refused.class, class, "{status} {keyword}");
        assert_eq!(refused.maybe_applied, class == ErrorClass::Transient, "{status} {keyword}");
    }
}

#[tokio::test]
async fn retry_after_turns_503_into_a_push_back() {
    let server = Scripted::start(|_| (503, json!({ "retry-after": "7" }))).await;
    let refused = target(&server).await.delete(0, &id()).await.unwrap_err();
    assert_eq!((refused.class, refused.retry_after), (ErrorClass::Throttled, Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn deleting_what_is_gone_is_done() {
    for status in [200, 204, 404] {
        let server = Scripted::start(move |_| (status, json!({}))).await;
        target(&server).await.delete(0, &id()).await.unwrap();
    }
}

#[tokio::test]
async fn the_check_tells_wrong_credentials_from_a_wrong_address() {
    for (status, class) in
        [(401, ErrorClass::Unauthorized), (403, ErrorClass::Unauthorized), (404, ErrorClass::Fatal)]
    {
        let server = Scripted::start(move |_| error(status, "")).await;
        let refused = target(&server).await.check().await.unwrap_err();
        assert_eq!(refused.class, class, "{status}");
    }
    let web_page = Scripted::start(|_| (200, json!("<html>"))).await;
    assert_eq!(target(&web_page).await.check().await.unwrap_err().class, ErrorClass::Fatal);
    let unfiltered = Scripted::start(|_| error(501, "")).await;
    target(&unfiltered).await.check().await.unwrap();
}
