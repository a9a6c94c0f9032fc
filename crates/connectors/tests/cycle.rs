//! Whole cycles from the built-in directory into a SCIM application: directory, engine, store and target as
//! they are shipped, in one process.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

#[path = "cycle/world.rs"]
mod world;

use provisor_engine::cycle::CycleEnd;
use provisor_engine::job::ExecutionResult;
use provisor_engine::log::Action;
use provisor_engine::ports::{Reset, Store as _};
use provisor_engine::schema::definition::{FilterClause, FilterGroup, ScopeFilter};
use provisor_store::directory::{Directory as _, EdgeKind};
use serde_json::json;
use world::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_cycle_creates_everybody_with_manager_and_members() {
    let world = World::new().await;
    let head = world.user("head@x.example", "The Head").await;
    let ida = world.user("ida@x.example", "Ida Holm").await;
    world.relate(ida, EdgeKind::Manager, head).await;
    let group = world.group("Engineers").await;
    world.relate(group, EdgeKind::Member, ida).await;
    let report = world.cycle().await;
    assert!(report.initial && report.end == CycleEnd::Completed);
    assert_eq!(report.execution.state, ExecutionResult::Succeeded, "{:#?}", world.log().await);
    let users = world.target("Users").await;
    let of = |name: &str| users.iter().find(|user| user["userName"] == name).expect("an account");
    assert_eq!(users.len(), 2);
    assert_eq!(of("ida@x.example")[world::ENTERPRISE]["manager"]["value"], of("head@x.example")["id"]);
    let groups = world.target("Groups").await;
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0]["members"][0]["value"], of("ida@x.example")["id"]);

    let before = world.stats();
    let report = world.cycle().await;
    assert!(!report.initial);
    assert_eq!(world.stats().patches, before.patches);
    world.store.reset(world.job, Reset { watermark: true, ..Reset::default() }).await.expect("a reset");
    let report = world.cycle().await;
    assert!(report.initial);
    assert_eq!(world.stats().patches, before.patches, "a repeat changes nothing: {:#?}", world.log().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_an_object_go_by_its_name_and_share_a_change() {
    let world = World::new().await;
    let head = world.user("head@x.example", "The Head").await;
    let ida = world.user("ida@x.example", "Ida Holm").await;
    world.relate(ida, EdgeKind::Manager, head).await;
    world.cycle().await;
    let log = world.log().await;
    let of =
        |id: uuid::Uuid| -> Vec<_> { log.iter().filter(|entry| entry.source.id == id.to_string()).collect() };
    let entries = of(ida);
    assert_eq!(entries.len(), 2, "the account, then its manager: {log:#?}");
    for entry in &entries {
        let source = (entry.source.name.as_str(), entry.source.label.as_str());
        assert_eq!(source, ("Ida Holm", "ida@x.example"));
        assert_eq!(entry.target.name, "ida@x.example");
    }
    assert_eq!(entries[1].target.id, entries[0].target.id);
    let written = &entries[1].steps[1].description;
    assert!(written.contains("of User 'ida@x.example' in target"), "{written}");
    assert_eq!(entries[0].change, entries[1].change);
    assert_ne!(entries[0].change, of(head)[0].change);
    world.set(ida, "displayName", json!("Ida Lund")).await;
    world.cycle().await;
    let log = world.log().await;
    let last = log.iter().rfind(|entry| entry.source.id == ida.to_string()).expect("an entry");
    assert_eq!(last.source.name, "Ida Lund");
    assert_ne!(last.change, entries[0].change);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_written_and_nothing_else() {
    let world = World::new().await;
    let ida = world.user("ida@x.example", "Ida Holm").await;
    let bo = world.user("bo@x.example", "Bo Lind").await;
    let group = world.group("Engineers").await;
    world.relate(group, EdgeKind::Member, ida).await;
    world.cycle().await;
    let before = world.stats();

    world.set(ida, "displayName", json!("Ida Ångström")).await;
    world.relate(group, EdgeKind::Member, bo).await;
    world.unrelate(group, EdgeKind::Member, ida).await;
    let report = world.cycle().await;
    assert_eq!(report.execution.exported, 2);
    let after = world.stats();
    assert_eq!((after.patches - before.patches, after.creates - before.creates), (2, 0));
    let users = world.target("Users").await;
    let ida_account = users.iter().find(|user| user["userName"] == "ida@x.example").expect("an account");
    assert_eq!(ida_account["displayName"], "Ida Ångström");
    let bo_account = users.iter().find(|user| user["userName"] == "bo@x.example").expect("an account");
    assert_eq!(world.target("Groups").await[0]["members"], json!([{ "value": bo_account["id"] }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_deactivates_purging_deletes_and_coming_back_reactivates() {
    let world = World::new().await;
    let ida = world.user("ida@x.example", "Ida Holm").await;
    world.cycle().await;
    world.store.soft_delete(ida, world.now()).await.expect("a deletion");
    world.cycle().await;
    assert_eq!(world.target("Users").await[0]["active"], false);
    world.store.restore(ida).await.expect("a restore");
    world.cycle().await;
    assert_eq!(world.target("Users").await[0]["active"], true);
    world.store.soft_delete(ida, world.now()).await.expect("a deletion");
    world.store.purge(ida).await.expect("a purge");
    world.cycle().await;
    assert!(world.target("Users").await.is_empty());
    // The source knows nothing of her any more; the log does.
    let log = world.log().await;
    let last = log.iter().rfind(|entry| entry.source.id == ida.to_string()).expect("an entry");
    assert_eq!(last.action, Action::Delete);
    assert_eq!((last.source.name.as_str(), last.source.label.as_str()), ("Ida Holm", "ida@x.example"));
    assert_eq!(last.target.name, "ida@x.example");
    assert!(last.steps.iter().any(|step| step.description.contains("User 'ida@x.example'")), "{last:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_assigned_are_provisioned_and_unassigning_deactivates() {
    let world = World::assigned_only().await;
    let ida = world.user("ida@x.example", "Ida Holm").await;
    let bo = world.user("bo@x.example", "Bo Lind").await;
    let group = world.group("Engineers").await;
    world.relate(group, EdgeKind::Member, bo).await;
    let assignment = world.assign(ida).await;
    world.cycle().await;
    let names = |users: &[serde_json::Value]| -> Vec<String> {
        let mut names: Vec<String> = users
            .iter()
            .map(|user| format!("{}:{}", user["userName"].as_str().unwrap_or(""), user["active"]))
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&world.target("Users").await), ["ida@x.example:true"]);
    // Assigning a group brings its direct members and the group itself.
    world.assign(group).await;
    world.cycle().await;
    assert_eq!(names(&world.target("Users").await), ["bo@x.example:true", "ida@x.example:true"]);
    assert_eq!(world.target("Groups").await.len(), 1);
    assert_eq!(world.target("Groups").await[0]["members"].as_array().map(Vec::len), Some(1));
    world.store.unassign(&assignment).await.expect("an unassignment");
    world.cycle().await;
    assert_eq!(names(&world.target("Users").await), ["bo@x.example:true", "ida@x.example:false"]);
    // Losing the membership that entitled him ends it too.
    world.unrelate(group, EdgeKind::Member, bo).await;
    world.cycle().await;
    assert_eq!(names(&world.target("Users").await), ["bo@x.example:false", "ida@x.example:false"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_target_already_is_adopted() {
    let world = World::new().await;
    world
        .create_in_target(
            "Users",
            &json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": "IDA@x.example", "displayName": "Old name", "active": true,
            }),
        )
        .await;
    let before = world.stats();
    world.user("ida@x.example", "Ida Holm").await;
    world.cycle().await;
    let users = world.target("Users").await;
    assert_eq!(users.len(), 1);
    assert_eq!(users[0]["displayName"], "Ida Holm");
    assert_eq!(world.stats().creates - before.creates, 2, "the two probes only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_who_comes_into_scope_later_is_written_then() {
    let world = World::assigned_only().await;
    let head = world.user("head@x.example", "The Head").await;
    let ida = world.user("ida@x.example", "Ida Holm").await;
    world.relate(ida, EdgeKind::Manager, head).await;
    world.assign(ida).await;
    world.cycle().await;
    assert!(world.target("Users").await[0][world::ENTERPRISE]["manager"].is_null());
    world.assign(head).await;
    world.cycle().await;
    let users = world.target("Users").await;
    let of = |name: &str| users.iter().find(|user| user["userName"] == name).expect("an account");
    assert_eq!(of("ida@x.example")[world::ENTERPRISE]["manager"]["value"], of("head@x.example")["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_vanished_is_made_anew() {
    let world = World::new().await;
    world.user("ida@x.example", "Ida Holm").await;
    world.cycle().await;
    let id = world.target("Users").await[0]["id"].as_str().expect("an id").to_owned();
    world.delete_in_target("Users", &id).await;
    world.store.reset(world.job, Reset { watermark: true, ..Reset::default() }).await.expect("a reset");
    world.cycle().await;
    let users = world.target("Users").await;
    assert_eq!(users.len(), 1);
    assert_ne!(users[0]["id"], id.as_str());
    let log = world.log().await;
    assert!(
        log.iter()
            .any(|entry| entry.steps.iter().any(|step| step.description.contains("the link is dropped")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_of_members_is_lost_between_pages() {
    let world = World::new().await;
    let group = world.group("Engineers").await;
    let other = world.group("Others").await;
    let mut people = Vec::new();
    for place in 0..6 {
        people.push(world.user(&format!("p{place}@x.example"), "Somebody").await);
    }
    world.relate(group, EdgeKind::Member, people[0]).await;
    world.cycle().await;
    // The group changes, others change, the group changes again: it appears once, on the last page.
    world.relate(group, EdgeKind::Member, people[1]).await;
    for person in &people {
        world.relate(other, EdgeKind::Member, *person).await;
    }
    world.set(other, "description", json!("changed")).await;
    world.group("Newer").await;
    world.unrelate(group, EdgeKind::Member, people[0]).await;
    world.cycle_in_pages_of(1).await;
    let groups = world.target("Groups").await;
    let members = |name: &str| {
        let found = groups.iter().find(|found| found["displayName"] == name).expect("the group");
        found["members"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((members("Engineers"), members("Others")), (1, 6));
}

fn in_department(operator: &str, department: &str) -> Vec<FilterGroup> {
    let clause = FilterClause {
        attribute: "department".into(),
        operator: operator.into(),
        values: vec![department.into()],
    };
    vec![FilterGroup { name: "department".into(), clauses: vec![clause] }]
}

/// The accounts with what of them the tests look at, by name.
async fn accounts(world: &World) -> Vec<String> {
    let line = |user: &serde_json::Value| {
        let text = |name: &str| user[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text("userName"), text("title"), user["active"])
    };
    let mut lines: Vec<String> = world.target("Users").await.iter().map(line).collect();
    lines.sort();
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn who_no_longer_passes_the_input_filter_is_let_alone() {
    let world = World::of(|definition| {
        let input_groups = in_department("EQUALS", "Engineering");
        definition.rules[0].mappings[0].scope = Some(ScopeFilter { input_groups, ..ScopeFilter::default() });
    })
    .await;
    let ida = world.user("ida@x.example", "Ida Holm").await;
    world.user("bo@x.example", "Bo Lind").await;
    world.set(ida, "department", json!("Engineering")).await;
    world.cycle().await;
    assert_eq!(accounts(&world).await, ["ida@x.example - true"]);
    world.set(ida, "department", json!("Sales")).await;
    world.set(ida, "displayName", json!("Ida Lund")).await;
    world.cycle().await;
    let ida_account = &world.target("Users").await[0];
    assert_eq!((&ida_account["active"], &ida_account["displayName"]), (&json!(true), &json!("Ida Holm")));
    world.set(ida, "department", json!("Engineering")).await;
    world.cycle().await;
    assert_eq!(world.target("Users").await[0]["displayName"], "Ida Lund");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_belongs_to_no_category_any_more_is_deactivated() {
    let world = World::of(|definition| {
        let category_groups = in_department("EQUALS", "Engineering");
        definition.rules[0].mappings[0].scope =
            Some(ScopeFilter { category_groups, ..ScopeFilter::default() });
    })
    .await;
    let ida = world.user("ida@x.example", "Ida Holm").await;
    world.user("bo@x.example", "Bo Lind").await;
    world.set(ida, "department", json!("Engineering")).await;
    world.cycle().await;
    assert_eq!(accounts(&world).await, ["ida@x.example - true"]);
    world.set(ida, "department", json!("Sales")).await;
    world.cycle().await;
    assert_eq!(accounts(&world).await, ["ida@x.example - false"]);
    world.set(ida, "department", json!("Engineering")).await;
    world.cycle().await;
    assert_eq!(accounts(&world).await, ["ida@x.example - true"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_category_says_which_mapping_takes_an_object() {
    let world = World::of(|definition| {
        let mappings = &mut definition.rules[0].mappings;
        let mut engineers = mappings[0].clone();
        engineers.name = "engineers".into();
        engineers.attributes.push(world::mapped("title", "\"Engineer\"", 0));
        let category_groups = in_department("EQUALS", "Engineering");
        engineers.scope = Some(ScopeFilter { category_groups, ..ScopeFilter::default() });
        mappings[0].attributes.retain(|mapping| !mapping.target.ends_with("manager"));
        mappings[0].attributes.push(world::mapped("title", "[department]", 0));
        let category_groups = in_department("IS NOT NULL", "");
        mappings[0].scope = Some(ScopeFilter { category_groups, ..ScopeFilter::default() });
        mappings.insert(0, engineers);
    })
    .await;
    let ida = world.user("ida@x.example", "Ida Holm").await;
    let bo = world.user("bo@x.example", "Bo Lind").await;
    world.user("nobody@x.example", "No Body").await;
    world.relate(ida, EdgeKind::Manager, bo).await;
    world.set(ida, "department", json!("Engineering")).await;
    world.set(bo, "department", json!("Sales")).await;
    world.cycle().await;
    assert_eq!(accounts(&world).await, ["bo@x.example Sales true", "ida@x.example Engineer true"]);
    let users = world.target("Users").await;
    let of = |name: &str| users.iter().find(|user| user["userName"] == name).expect("an account");
    assert_eq!(of("ida@x.example")[world::ENTERPRISE]["manager"]["value"], of("bo@x.example")["id"]);
    let ida_id = of("ida@x.example")["id"].clone();

    // Into another category: the same account, by the other mapping.
    world.set(ida, "department", json!("Legal")).await;
    world.cycle().await;
    assert_eq!(accounts(&world).await, ["bo@x.example Sales true", "ida@x.example Legal true"]);
    // Out of every category, then into the first.
    world.set(bo, "department", json!(null)).await;
    world.cycle().await;
    assert_eq!(accounts(&world).await, ["bo@x.example Sales false", "ida@x.example Legal true"]);
    world.set(bo, "department", json!("Engineering")).await;
    // An initial cycle finds everything as it should be.
    world.store.reset(world.job, Reset { watermark: true, ..Reset::default() }).await.expect("a reset");
    assert!(world.cycle().await.initial);
    assert_eq!(accounts(&world).await, ["bo@x.example Engineer true", "ida@x.example Legal true"]);
    let patches = world.stats().patches;
    world.store.reset(world.job, Reset { watermark: true, ..Reset::default() }).await.expect("a reset");
    world.cycle().await;
    assert_eq!(world.stats().patches, patches);
    let users = world.target("Users").await;
    assert_eq!(users.len(), 2);
    assert!(users.iter().any(|user| user["id"] == ida_id), "the account stays the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_accounts_get_values_that_nobody_has() {
    let world = World::of(|definition| {
        let rules =
            r#"SelectUniqueValue([displayName], Append([displayName], "2"), Append([displayName], "3"))"#;
        definition.rules[0].mappings[0].attributes.push(world::mapped("nickName", rules, 0));
    })
    .await;
    let other = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "old@x.example", "nickName": "Ida"});
    world.create_in_target("Users", &other).await;
    for name in ["a", "b", "c"] {
        world.user(&format!("{name}@x.example"), "Ida").await;
    }
    world.cycle().await;
    let mut given: Vec<String> = world
        .target("Users")
        .await
        .iter()
        .map(|user| user["nickName"].as_str().unwrap_or("-").to_owned())
        .collect();
    given.sort();
    assert_eq!(given, ["Ida", "Ida2", "Ida3"], "the third new one finds all taken: {:#?}", world.log().await);
    let refused = world.log().await.into_iter().filter(|entry| {
        entry.steps.iter().any(|step| step.description.contains("none of the 3 values is free"))
    });
    assert_eq!(refused.count(), 1);
    let before = world.stats().patches;
    world.store.reset(world.job, Reset { watermark: true, ..Reset::default() }).await.expect("a reset");
    world.cycle().await;
    assert_eq!(world.stats().patches, before, "what is chosen stays");
}
