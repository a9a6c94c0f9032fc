//! What a preparation finds out, and what follows from it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;

/// A server of users that answers every query for some with this.
async fn answering(
    answer: impl Fn(&Asked, &[Json]) -> (u16, Json) + Send + Sync + 'static,
    before: Vec<Json>,
) -> Scripted {
    let users = Mutex::new(before);
    Scripted::start(move |asked| {
        let mut users = users.lock().unwrap();
        match (asked.method.as_str(), asked.path.as_str()) {
            ("POST", "/Users") => {
                let created = json!({ "id": "probe", "userName": asked.body["userName"] });
                users.push(created.clone());
                (201, created)
            }
            ("DELETE", _) => {
                users.retain(|user| user["id"] != "probe");
                (204, Json::Null)
            }
            ("GET", "/Users") => answer(asked, &users),
            _ => error(404, ""),
        }
    })
    .await
}

/// The users that the filter asks for.
fn filtered(asked: &Asked, users: &[Json]) -> Vec<Json> {
    let filter = asked.query("filter").unwrap_or_default();
    let wanted = |user: &&Json| user["userName"].as_str().is_some_and(|name| filter.contains(name));
    users.iter().filter(wanted).cloned().collect()
}

fn user(id: &str, name: impl Into<Json>) -> Json {
    json!({ "id": id, "userName": name.into() })
}

async fn reasons(server: &Scripted) -> Vec<String> {
    let findings = target(server).await.with_probe_mark("mark").prepare(true).await.unwrap();
    findings.unmatchable.into_iter().map(|found| found.reason).collect()
}

#[tokio::test]
async fn a_small_target_that_ignores_the_filter_is_found_out() {
    let everybody = |_: &Asked, users: &[Json]| list(users, users.len());
    let server = answering(everybody, vec![user("1", "ida")]).await;
    insta::assert_json_snapshot!(reasons(&server).await, @r#"
    [
      "Asked for the probe User by userName, the target answered with other objects: its lookups by this attribute cannot be trusted, so an inventory of the target is taken and matched against instead"
    ]
    "#);
    let nameless = answering(everybody, vec![user("1", Json::Null)]).await;
    assert_eq!(reasons(&nameless).await.len(), 1, "an object without the value was not asked for");
    let empty = answering(everybody, Vec::new()).await;
    insta::assert_json_snapshot!(reasons(&empty).await, @r#"
    [
      "Asked for the probe User by userName, the target found it, and somebody who does not exist too: its lookups by this attribute cannot be trusted, so an inventory of the target is taken and matched against instead"
    ]
    "#);
}

#[tokio::test]
async fn a_count_of_more_than_was_asked_for_is_found_out() {
    let counts_all = |asked: &Asked, users: &[Json]| list(&filtered(asked, users), users.len());
    let server = answering(counts_all, vec![user("1", "ida")]).await;
    assert_eq!(reasons(&server).await.len(), 1);
    let honest = |asked: &Asked, users: &[Json]| {
        let found = filtered(asked, users);
        list(&found, found.len())
    };
    let server = answering(honest, vec![user("1", "ida")]).await;
    assert!(reasons(&server).await.is_empty());
}

#[tokio::test]
async fn a_check_that_finds_somebody_is_remembered() {
    let honest = Arc::new(AtomicBool::new(true));
    let mended = Arc::clone(&honest);
    let users = [user("1", "ida")];
    let server = Scripted::start(move |asked| match asked.path.as_str() {
        "/Users" if honest.load(Ordering::Relaxed) => list(&[], 0),
        "/Users" => list(&users, 1),
        _ => error(404, ""),
    })
    .await;
    let target = target(&server).await;
    target.check().await.unwrap();
    assert!(target.prepare(false).await.unwrap().unmatchable.is_empty());
    mended.store(false, Ordering::Relaxed);
    target.check().await.unwrap();
    for probe in [false, true] {
        let findings = target.prepare(probe).await.unwrap();
        assert_eq!(findings.unmatchable.len(), 2, "of both types: {findings:?}");
    }
    insta::assert_json_snapshot!(target.prepare(true).await.unwrap().remarks, @r#"
    [
      "Lookups cannot be trusted (the target answers a lookup of what cannot exist with objects: it ignores the filter), so an inventory of the target is taken and matched against"
    ]
    "#);
    assert!(server.asked("POST").is_empty(), "there is nothing left to find out with a probe");
    mended.store(true, Ordering::Relaxed);
    target.check().await.unwrap();
    let findings = target.prepare(true).await.unwrap();
    assert!(findings.unmatchable.is_empty(), "it filters now: {findings:?}");
}

#[tokio::test]
async fn one_page_of_everybody_does_not_tell_that_somebody_is_missing() {
    let server = Scripted::start(|_| list(&[user("1", "nils")], 2)).await;
    let by = SlotValue { slot: USER_NAME, value: Value::from("ida") };
    let refused = target(&server).await.find(0, &by).await.unwrap_err();
    assert_eq!(refused.class, ErrorClass::Invalid);
    insta::assert_snapshot!(refused, @r#"look User up by userName "ida": the target ignores the filter and gave 1 of its 2 objects, so it is not known whether it has this one; restart the job, so that an inventory of the target is taken"#);
}

#[tokio::test]
async fn an_attribute_that_the_target_gains_is_sent_after_the_next_preparation() {
    let gained = Arc::new(AtomicBool::new(false));
    let gains = Arc::clone(&gained);
    let server = Scripted::start(move |asked| match asked.path.as_str() {
        "/Schemas" => {
            let mut attributes = vec![json!({ "name": "userName" })];
            if gained.load(Ordering::Relaxed) {
                attributes.push(json!({ "name": "emails", "type": "complex", "multiValued": true }));
            }
            list(
                &[json!({ "id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": attributes })],
                1,
            )
        }
        "/ServiceProviderConfig" => (200, json!({ "filter": { "supported": false } })),
        _ => (200, json!({ "id": "4711" })),
    })
    .await;
    let target = target(&server).await;
    assert!(target.prepare(true).await.unwrap().dropped.iter().any(|(_, slot)| *slot == WORK_EMAIL));
    let change = [add(WORK_EMAIL, "ida@x.example")];
    let refused = target.update(0, &id(), &change).await.unwrap_err();
    assert_eq!(refused.class, ErrorClass::Invalid, "nothing was written, and nothing else is said");
    insta::assert_snapshot!(refused, @"update User '4711': the target's schema does not have any of the attributes that changed, so nothing was sent; the next cycle goes by what the target has");
    gains.store(true, Ordering::Relaxed);
    assert!(!target.prepare(true).await.unwrap().dropped.iter().any(|(_, slot)| *slot == WORK_EMAIL));
    target.update(0, &id(), &change).await.unwrap();
    assert_eq!(operation(&server.asked("PATCH")[0])["value"], "ida@x.example");
}

#[tokio::test]
async fn a_target_that_cannot_tell_its_schemas_now_is_asked_again() {
    for (status, class) in [(500, ErrorClass::Transient), (503, ErrorClass::Transient)] {
        let asked_before = Arc::new(AtomicUsize::new(0));
        let server = Scripted::start(move |asked| match asked.path.as_str() {
            "/Schemas" if asked_before.fetch_add(1, Ordering::Relaxed) == 0 => error(status, ""),
            "/Schemas" => {
                let attributes = json!([{ "name": "userName" }]);
                let core =
                    json!({ "id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": attributes });
                list(&[core], 1)
            }
            _ => error(404, ""),
        })
        .await;
        let target = target(&server).await;
        assert_eq!(target.prepare(false).await.unwrap_err().class, class, "{status}");
        assert!(!target.prepare(false).await.unwrap().dropped.is_empty(), "{status}");
    }
    for status in [400, 403, 404, 501] {
        let server = Scripted::start(move |_| error(status, "")).await;
        assert!(target(&server).await.prepare(false).await.unwrap().dropped.is_empty(), "{status}");
    }
}

#[tokio::test]
async fn a_manager_that_is_never_shown_is_written_once() {
    for shown in [json!({ "department": "Sales" }), Json::Null] {
        let server = Scripted::start(move |_| (200, json!({ "id": "4711", ENTERPRISE: shown }))).await;
        let target = target(&server).await;
        let write = ReferenceWrite { slot: MANAGER, add: vec![TargetId::new("boss")], remove: Vec::new() };
        target.write_references(0, &id(), &write).await.unwrap();
        let patches = server.asked("PATCH");
        let last = patches.last().unwrap();
        assert_eq!(
            operation(last),
            operation(&patches[0]),
            "the first form that was accepted has the last word"
        );
        let (patched, read) = (patches.len(), server.asked("GET").len());
        target.write_references(0, &id(), &write).await.unwrap();
        assert_eq!(server.asked("PATCH").len(), patched + 1);
        assert_eq!(server.asked("GET").len(), read, "there is nothing to be read back");
    }
}

#[tokio::test]
async fn a_manager_that_stays_another_one_is_a_failure() {
    let kept = json!({ "id": "4711", ENTERPRISE: { "manager": { "value": "old" } } });
    let server = Scripted::start(move |_| (200, kept.clone())).await;
    let write = ReferenceWrite { slot: MANAGER, add: vec![TargetId::new("boss")], remove: Vec::new() };
    let refused = target(&server).await.write_references(0, &id(), &write).await.unwrap_err();
    assert_eq!(refused.class, ErrorClass::Invalid);
    insta::assert_snapshot!(refused, @"set urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager of User '4711': the target accepts the reference and keeps another one");
}
