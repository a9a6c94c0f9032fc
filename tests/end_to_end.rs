//! The main job, whole: people created through the Graph endpoints arrive in an application.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use provisor::graph_client::GraphClient;
use provisor::organisation::{Organisation, Person};
use serde_json::{Value, json};
use support::{Job, Process, ThirdParty, graph, sample_app, scim, target_objects};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The organisation in the directory: what was generated, and the ids that it got.
struct Loaded {
    organisation: Organisation,
    people: Vec<String>,
    groups: Vec<String>,
}

async fn load(client: &GraphClient, people: usize, groups: usize) -> Loaded {
    let organisation = Organisation::generate(42, people, groups);
    let ids = organisation.load(client, 32, || ()).await.expect("the organisation is loaded");
    Loaded { people: ids.people, groups: ids.groups, organisation }
}

/// What a person's account is to hold, by the default mapping.
fn expected_account(person: &Person) -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        ("userName", json!(person.user_principal_name)),
        ("active", json!(true)),
        ("displayName", json!(person.display_name())),
        ("title", json!(person.job_title)),
        ("givenName", json!(person.given_name)),
        ("familyName", json!(person.family_name)),
        ("email", json!(person.user_principal_name)),
        ("department", json!(person.department)),
        ("employeeNumber", json!(person.employee_id)),
        ("city", json!(person.city)),
        ("phone", json!(format!("+45 555 {}", person.employee_id))),
    ])
}

fn account(user: &Value) -> BTreeMap<&'static str, Value> {
    let of_type = |list: &str, kind: &str, member: &str| {
        let element = user[list].as_array().and_then(|all| all.iter().find(|one| one["type"] == kind));
        element.map_or(Value::Null, |element| element[member].clone())
    };
    BTreeMap::from([
        ("userName", user["userName"].clone()),
        ("active", user["active"].clone()),
        ("displayName", user["displayName"].clone()),
        ("title", user["title"].clone()),
        ("givenName", user["name"]["givenName"].clone()),
        ("familyName", user["name"]["familyName"].clone()),
        ("email", of_type("emails", "work", "value")),
        ("department", user[ENTERPRISE]["department"].clone()),
        ("employeeNumber", user[ENTERPRISE]["employeeNumber"].clone()),
        ("city", of_type("addresses", "work", "locality")),
        ("phone", of_type("phoneNumbers", "work", "value")),
    ])
}

/// The target holds exactly the organisation: every attribute, every manager, every member.
async fn assert_mirrors(target: &str, loaded: &Loaded) {
    let client = scim(target);
    let users = target_objects(&client, "Users").await;
    assert_eq!(users.len(), loaded.organisation.people.len(), "users");
    let by_name: BTreeMap<&str, &Value> =
        users.iter().map(|user| (user["userName"].as_str().expect("a name"), user)).collect();
    let id_of =
        |place: usize| by_name[loaded.organisation.people[place].user_principal_name.as_str()]["id"].clone();
    for person in &loaded.organisation.people {
        let user = by_name[person.user_principal_name.as_str()];
        assert_eq!(account(user), expected_account(person));
        let manager = person.manager.map_or(Value::Null, id_of);
        assert_eq!(
            user[ENTERPRISE]["manager"]["value"], manager,
            "manager of {}",
            person.user_principal_name
        );
    }
    let groups = target_objects(&client, "Groups").await;
    assert_eq!(groups.len(), loaded.organisation.groups.len(), "groups");
    for group in &loaded.organisation.groups {
        let found = groups.iter().find(|found| found["displayName"] == group.display_name.as_str());
        let found = found.unwrap_or_else(|| panic!("no group {}", group.display_name));
        let held: BTreeSet<String> = members(found).into_iter().collect();
        let expected: BTreeSet<String> = group.members.iter().map(|place| text(&id_of(*place))).collect();
        assert_eq!(members(found).len(), expected.len(), "{} holds a member twice", group.display_name);
        assert_eq!(held, expected, "members of {}", group.display_name);
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn members(group: &Value) -> Vec<String> {
    group["members"].as_array().into_iter().flatten().map(|member| text(&member["value"])).collect()
}

/// Ids of objects whose content or version differs.
fn changed(before: &[Value], after: &[Value]) -> BTreeSet<String> {
    let old: BTreeMap<String, &Value> = before.iter().map(|object| (text(&object["id"]), object)).collect();
    let new: BTreeMap<String, &Value> = after.iter().map(|object| (text(&object["id"]), object)).collect();
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    ids.into_iter().filter(|id| old.get(*id) != new.get(*id)).cloned().collect()
}

/// One write that is expected in the log: who, and what was done to which attributes.
type Write = (String, String, Vec<String>);

fn write(id: &str, action: &str, attributes: &[&str]) -> Write {
    (id.to_owned(), action.to_owned(), attributes.iter().map(|&attribute| attribute.to_owned()).collect())
}

fn writes(entries: &[Value]) -> Vec<Write> {
    let mut writes: Vec<Write> = entries
        .iter()
        .map(|entry| {
            assert_eq!(entry["provisioningStatusInfo"]["status"], "success", "{entry:#}");
            let modified = entry["modifiedProperties"].as_array().into_iter().flatten();
            let mut names: Vec<String> = modified.map(|property| text(&property["displayName"])).collect();
            names.sort();
            (text(&entry["sourceIdentity"]["id"]), text(&entry["provisioningAction"]), names)
        })
        .collect();
    writes.sort();
    writes
}

/// Makes 50 changes in the directory and in `loaded`; gives the writes they must lead to.
async fn change_fifty(client: &GraphClient, loaded: &mut Loaded) -> Vec<Write> {
    let mut expected = Vec::new();
    let department = format!("{ENTERPRISE}:department");
    let user = |id: &str| format!("/users/{id}");
    // 15 renames.
    for place in 10..25 {
        let id = loaded.people[place].clone();
        let person = &mut loaded.organisation.people[place];
        person.family_name = "Ångström-Nguyễn";
        let name = person.display_name();
        let body = json!({ "surname": person.family_name, "displayName": name });
        client.patch(&user(&id), &body).await.expect("a rename");
        expected.push(write(&id, "update", &["displayName", "name.familyName", "name.formatted"]));
    }
    // 15 moves to another department.
    for place in 30..45 {
        let id = loaded.people[place].clone();
        loaded.organisation.people[place].department = "Skunk Works";
        client.patch(&user(&id), &json!({ "department": "Skunk Works" })).await.expect("a move");
        expected.push(write(&id, "update", &[&department]));
    }
    // 5 disabled, 5 deleted accounts.
    for place in 50..55 {
        let id = loaded.people[place].clone();
        client.patch(&user(&id), &json!({ "accountEnabled": false })).await.expect("a disable");
        expected.push(write(&id, "disable", &["active"]));
    }
    for place in 60..65 {
        let id = loaded.people[place].clone();
        client.delete(&user(&id)).await.expect("a delete");
        expected.push(write(&id, "disable", &["active"]));
    }
    // 5 groups gain somebody, 5 lose somebody.
    for group in 10..15 {
        let newcomer =
            (0..).find(|place| !loaded.organisation.groups[group].members.contains(place)).expect("one");
        loaded.organisation.groups[group].members.push(newcomer);
        let path = format!("/groups/{}/members/$ref", loaded.groups[group]);
        client.post(&path, &client.reference(&loaded.people[newcomer])).await.expect("a member");
        expected.push(write(&loaded.groups[group], "update", &["members"]));
    }
    for group in 15..20 {
        let leaver = loaded.organisation.groups[group].members.pop().expect("a member");
        let path = format!("/groups/{}/members/{}/$ref", loaded.groups[group], loaded.people[leaver]);
        client.delete(&path).await.expect("one less");
        expected.push(write(&loaded.groups[group], "update", &["members"]));
    }
    expected.sort();
    expected
}

/// The accounts of those who were disabled or deleted are inactive, and nobody else's is.
async fn assert_inactive(target: &str, loaded: &Loaded) {
    let users = target_objects(&scim(target), "Users").await;
    let inactive: BTreeSet<String> =
        users.iter().filter(|user| user["active"] == false).map(|user| text(&user["userName"])).collect();
    let expected: BTreeSet<String> = (50..55)
        .chain(60..65)
        .map(|place| loaded.organisation.people[place].user_principal_name.clone())
        .collect();
    assert_eq!(inactive, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_party_server_mirrors_the_directory() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = ThirdParty::start();
    let server = Process::server(folder.path());
    let client = graph(&server.url);
    let mut loaded = load(&client, 500, 40).await;
    let job = Job::set_up(&client, &target.url).await;
    job.start(&client).await;
    let first = job.wait_for_cycle(&client, None).await;
    assert_mirrors(&target.url, &loaded).await;

    // A repeat of the whole makes no write.
    let users = target_objects(&scim(&target.url), "Users").await;
    let groups = target_objects(&scim(&target.url), "Groups").await;
    let restart = format!("{}/restart", job.path());
    client.post(&restart, &json!({ "criteria": { "resetScope": "Watermark" } })).await.expect("a restart");
    let second = job.wait_for_cycle(&client, Some(&first)).await;
    assert_eq!(changed(&users, &target_objects(&scim(&target.url), "Users").await), BTreeSet::new());
    assert_eq!(changed(&groups, &target_objects(&scim(&target.url), "Groups").await), BTreeSet::new());

    // 50 changes make exactly their writes.
    let expected = change_fifty(&client, &mut loaded).await;
    let entries = job.wait_for_writes(&client, &[first, second], expected.len()).await;
    assert_eq!(writes(&entries), expected);
    let touched: BTreeSet<String> =
        entries.iter().map(|entry| text(&entry["targetIdentity"]["id"])).collect();
    let users_now = target_objects(&scim(&target.url), "Users").await;
    let groups_now = target_objects(&scim(&target.url), "Groups").await;
    let differing: BTreeSet<String> =
        changed(&users, &users_now).union(&changed(&groups, &groups_now)).cloned().collect();
    assert_eq!(differing, touched);
    assert_inactive(&target.url, &loaded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_application_mirrors_twenty_thousand_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let (target, stats) = sample_app().await;
    let server = Process::server(folder.path());
    let client = graph(&server.url);
    let mut loaded = load(&client, 20_000, 40).await;
    let job = Job::set_up(&client, &target).await;
    job.start(&client).await;
    let first = job.wait_for_cycle(&client, None).await;
    assert_mirrors(&target, &loaded).await;
    let created = stats.read();
    let probes = 2;
    assert_eq!(created.creates, 20_040 + probes, "each object is created once, and a probe of each type");

    let restart = format!("{}/restart", job.path());
    client.post(&restart, &json!({ "criteria": { "resetScope": "Watermark" } })).await.expect("a restart");
    let second = job.wait_for_cycle(&client, Some(&first)).await;
    let repeated = stats.read();
    assert_eq!(repeated.patches, created.patches, "a repeat changes nothing");
    assert_eq!(repeated.creates, created.creates + probes, "a repeat creates nothing but probes");

    let expected = change_fifty(&client, &mut loaded).await;
    let entries = job.wait_for_writes(&client, &[first, second], expected.len()).await;
    assert_eq!(writes(&entries), expected);
    let after = stats.read();
    assert_eq!(after.patches - repeated.patches, 50, "one request a change");
    assert_eq!(
        (after.creates, after.deletes, after.puts),
        (repeated.creates, repeated.deletes, repeated.puts)
    );
    assert_inactive(&target, &loaded).await;
}
