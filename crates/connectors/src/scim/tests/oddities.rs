//! Servers that answer well and mean something else.

use super::*;

#[tokio::test]
async fn what_is_accepted_by_a_selecting_path_and_not_kept_is_added_whole() {
    let kept = Arc::new(std::sync::Mutex::new(json!({ "id": "4711" })));
    let held = Arc::clone(&kept);
    let server = Scripted::start(move |asked| {
        let mut held = held.lock().unwrap();
        if asked.method == "PATCH" && operation(asked)["path"] == "emails" {
            held["emails"] = operation(asked)["value"].clone();
        }
        (200, held.clone())
    })
    .await;
    let target = target(&server).await;
    target.update(0, &id(), &[add(WORK_EMAIL, "ida@x.example")]).await.unwrap();
    assert_eq!(kept.lock().unwrap()["emails"][0]["value"], "ida@x.example");
    let before = server.asked("PATCH").len();
    target.update(0, &id(), &[add(WORK_EMAIL, "bo@x.example")]).await.unwrap();
    assert_eq!(server.asked("PATCH").len(), before + 1, "the second time the right form comes first");
}

#[tokio::test]
async fn an_element_that_is_kept_is_looked_at_once_only() {
    let email = json!({ "type": "work", "value": "ida@x.example" });
    let server = Scripted::start(move |_| (200, json!({ "id": "4711", "emails": [email] }))).await;
    let target = target(&server).await;
    for _ in 0..3 {
        target.update(0, &id(), &[add(WORK_EMAIL, "ida@x.example")]).await.unwrap();
    }
    assert_eq!((server.asked("PATCH").len(), server.asked("GET").len()), (3, 1));
}

#[tokio::test]
async fn what_was_created_is_known_by_its_location_where_the_body_is_empty() {
    let server =
        Scripted::start(|_| (201, json!({ "location": "https://x.example/scim/Users/id%20with%2Fslash" })))
            .await;
    let values = [SlotValue { slot: USER_NAME, value: Value::from("ida") }];
    let created = target(&server).await.create(0, &values).await.unwrap();
    assert_eq!(created.id, TargetId::new("id with/slash"));
}

#[tokio::test]
async fn a_server_error_on_a_form_of_the_manager_leads_to_the_next_form() {
    let server = Scripted::start(|asked| {
        let text = operation(asked)["value"].is_string();
        if asked.method == "PATCH" && text {
            return error(500, "");
        }
        (200, json!({ "id": "4711", ENTERPRISE: { "manager": { "value": 17 } } }))
    })
    .await;
    let write = ReferenceWrite { slot: MANAGER, add: vec![TargetId::new("17")], remove: Vec::new() };
    let target = target(&server).await;
    target.write_references(0, &id(), &write).await.unwrap();
    assert!(operation(&server.asked("PATCH")[1])["value"].is_object());
}

#[tokio::test]
async fn a_listing_without_pages_or_with_odd_totals_is_read_to_its_end() {
    let everything = |total: Option<usize>| {
        move |asked: &Asked| {
            let start: usize = asked.query("startIndex").unwrap().parse().unwrap();
            let page: Vec<Json> =
                (start..start + 2).filter(|id| *id <= 4).map(|id| json!({ "id": id })).collect();
            let mut body = json!({ "Resources": page });
            if let Some(total) = total {
                body["totalResults"] = json!(total);
            }
            (200, body)
        }
    };
    for total in [None, Some(2), Some(4)] {
        let server = Scripted::start(everything(total)).await;
        assert_eq!(listed(&server).await, 4, "{total:?}");
    }
    let unpaged = Scripted::start(|_| (200, json!({ "Resources": [{ "id": "1" }, { "id": "2" }] }))).await;
    assert_eq!(listed(&unpaged).await, 2);
}

async fn listed(server: &Scripted) -> usize {
    let target = target(server).await;
    let mut cursor = Some(ListCursor::default());
    let mut count = 0;
    while let Some(at) = cursor {
        let page = target.list(0, at).await.unwrap();
        count += page.objects.len();
        cursor = page.next;
    }
    count
}

/// A clock on which no time passes while somebody sleeps.
struct Sleepless(SystemClock);

#[async_trait::async_trait]
impl Clock for Sleepless {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
    async fn sleep(&self, _duration: Duration) {}
}

#[tokio::test]
async fn a_push_back_while_the_target_is_explored_does_not_begin_it_anew() {
    let server = Scripted::start(|asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => (201, json!({ "id": "probe" })),
        ("DELETE", _) => (204, Json::Null),
        ("GET", "/ServiceProviderConfig" | "/Schemas") => (429, json!({ "retry-after": "0" })),
        _ => list(&[], 0),
    })
    .await;
    let error =
        target_on(&server, Arc::new(Sleepless(SystemClock::new()))).await.prepare(true).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Throttled);
    assert!(server.asked("POST").is_empty());
    assert_eq!(server.asked("GET").len(), 6);
}
