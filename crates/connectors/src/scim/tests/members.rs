//! Members of groups that others keep in their own way.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::*;

/// What a server does with a list of members to be removed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListRemoval {
    Works,
    RemovesAll,
}

/// A server with one group that does not take paths of single members.
async fn server(members: &[&str], removal: ListRemoval) -> (Scripted, Arc<Mutex<BTreeSet<String>>>) {
    let held: BTreeSet<String> = members.iter().map(|&member| member.to_owned()).collect();
    let held = Arc::new(Mutex::new(held));
    let kept = Arc::clone(&held);
    let server = Scripted::start(move |asked| {
        let mut held = kept.lock().unwrap();
        if asked.method == "PATCH" {
            let operations = asked.body["Operations"].as_array().cloned().unwrap_or_default();
            if operations.iter().any(|one| one["path"].as_str().is_some_and(|path| path.contains('['))) {
                return error(400, "noTarget");
            }
            for one in &operations {
                let ids = one["value"].as_array().into_iter().flatten();
                let ids: Vec<String> = ids.filter_map(|id| id["value"].as_str().map(str::to_owned)).collect();
                match (one["op"].as_str(), removal) {
                    (Some("remove"), ListRemoval::RemovesAll) => held.clear(),
                    (Some("remove"), ListRemoval::Works) => held.retain(|id| !ids.contains(id)),
                    _ => held.extend(ids),
                }
            }
            return (204, Json::Null);
        }
        let members: Vec<Json> = held.iter().map(|id| json!({ "value": id })).collect();
        (200, json!({ "id": "4711", "displayName": "Engineers", "members": members }))
    })
    .await;
    (server, held)
}

fn write(add: &[&str], remove: &[&str]) -> ReferenceWrite {
    let ids = |ids: &[&str]| ids.iter().map(|&id| TargetId::new(id)).collect();
    ReferenceWrite { slot: GROUP_MEMBERS, add: ids(add), remove: ids(remove) }
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

#[tokio::test]
async fn a_list_that_empties_the_group_is_put_right_and_never_sent_again() {
    let (server, held) = server(&["a", "b", "c"], ListRemoval::RemovesAll).await;
    let target = target(&server).await;
    target.write_references(1, &id(), &write(&[], &["a"])).await.unwrap();
    assert_eq!(*held.lock().unwrap(), set(&["b", "c"]));
    let refused = target.write_references(1, &id(), &write(&[], &["b"])).await.unwrap_err();
    assert_eq!(refused.class, ErrorClass::Invalid);
    assert_eq!(*held.lock().unwrap(), set(&["b", "c"]), "nobody else was removed");
}

#[tokio::test]
async fn a_list_that_works_is_used_from_then_on() {
    let (server, held) = server(&["a", "b", "c"], ListRemoval::Works).await;
    let target = target(&server).await;
    target.write_references(1, &id(), &write(&[], &["a"])).await.unwrap();
    let before = server.asked("PATCH").len();
    target.write_references(1, &id(), &write(&[], &["b"])).await.unwrap();
    assert_eq!(server.asked("PATCH").len(), before + 1);
    assert_eq!(*held.lock().unwrap(), set(&["c"]));
}

#[tokio::test]
async fn a_member_that_is_gone_already_is_removed() {
    let (server, held) = server(&["b"], ListRemoval::RemovesAll).await;
    target(&server).await.write_references(1, &id(), &write(&["c"], &["a"])).await.unwrap();
    assert_eq!(*held.lock().unwrap(), set(&["b", "c"]));
}

#[tokio::test]
async fn a_member_that_is_there_is_not_sent_again() {
    let (server, _) = server(&["a", "b"], ListRemoval::Works).await;
    let target = target(&server).await;
    target.write_references(1, &id(), &write(&["a", "c"], &[])).await.unwrap();
    let sent = server.asked("PATCH")[0].body["Operations"][0]["value"].clone();
    assert_eq!(sent, json!([{ "value": "c" }]));
    let reads = server.asked("GET").len();
    target.write_references(1, &id(), &write(&["d"], &[])).await.unwrap();
    assert_eq!(server.asked("GET").len(), reads, "the group is known now");
}
