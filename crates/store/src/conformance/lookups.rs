//! Objects found and ordered by their properties.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{at, id, ids};
use crate::ServerStore;
use crate::directory::{
    IndexedKeys, ListRequest, Lookup, Matching, NewObject, ObjectChange, ObjectKind, Ordered, Probe,
};
use crate::indexed;

fn keys(properties: &Json) -> IndexedKeys {
    let folded = |name: &str| properties[name].as_str().map(indexed::folded);
    IndexedKeys {
        unique: folded("userPrincipalName").map(|key| ("userPrincipalName", key)),
        name: folded("displayName"),
        ..IndexedKeys::default()
    }
}

async fn make(store: &dyn ServerStore, kind: ObjectKind, number: u128, properties: Json) {
    let object = NewObject {
        id: id(number),
        kind,
        keys: keys(&properties),
        properties: properties.as_object().unwrap().clone(),
        created: at(i64::try_from(number).unwrap()),
        edges: Vec::new(),
    };
    store.create(object).await.unwrap();
}

async fn user(store: &dyn ServerStore, number: u128, properties: Json) {
    make(store, ObjectKind::User, number, properties).await;
}

const fn probe(name: &'static str, matching: Matching) -> Probe {
    Probe::Property { name, matching }
}

fn exactly(name: &'static str, text: &str) -> Probe {
    probe(name, Matching::Exactly(text.into()))
}

fn prefix(name: &'static str, text: &str) -> Probe {
    probe(name, Matching::Prefix(text.into()))
}

/// The numbers of what a lookup finds, page by page of one, two and many: all the same.
async fn found_in(store: &dyn ServerStore, kind: ObjectKind, deleted: bool, lookup: &Lookup) -> Vec<u128> {
    let mut readings = Vec::new();
    for limit in [100, 2, 1] {
        let mut request = ListRequest { kind, deleted, lookup: lookup.clone(), after: None, limit };
        let mut seen = Vec::new();
        loop {
            let page = store.list(request.clone()).await.unwrap();
            assert_eq!(page.objects.len(), page.places.len());
            seen.extend(ids(&page.objects));
            if let Some(next) = page.next {
                request.after = Some(next);
                continue;
            }
            break;
        }
        readings.push(seen);
    }
    assert!(readings.iter().all(|reading| *reading == readings[0]), "{readings:?}");
    readings[0].iter().map(|found: &Uuid| found.as_u128() - id(0).as_u128()).collect()
}

async fn found(store: &dyn ServerStore, probes: &[Probe]) -> Vec<u128> {
    found_in(store, ObjectKind::User, false, &Lookup::Probes(probes.to_vec())).await
}

pub(crate) async fn probes_find_by_value(store: &dyn ServerStore) {
    user(store, 1, json!({"displayName": "Ida", "userPrincipalName": "Ida@x", "mail": "Ida.B@x"})).await;
    user(store, 2, json!({"displayName": "Ida", "userPrincipalName": "i2@x", "accountEnabled": false})).await;
    user(store, 3, json!({"displayName": "Åse", "userPrincipalName": "a@x", "accountEnabled": true})).await;
    make(store, ObjectKind::Group, 4, json!({"displayName": "Ida", "mail": "ida.b@x"})).await;
    assert_eq!(found(store, &[exactly("displayName", "ida")]).await, [1, 2]);
    assert_eq!(found(store, &[exactly("userPrincipalName", "ida@x")]).await, [1]);
    assert_eq!(found(store, &[exactly("userPrincipalName", "ida@")]).await, [0; 0]);
    assert_eq!(found(store, &[exactly("mail", "ida.b@x")]).await, [1]);
    assert_eq!(found(store, &[exactly("accountEnabled", "false")]).await, [2]);
    assert_eq!(found(store, &[exactly("accountEnabled", "true")]).await, [0; 0]);
    let left_out = Matching::Exactly("true".into());
    assert_eq!(indexed::probes(ObjectKind::User, "accountEnabled", &left_out), None);
    assert_eq!(found(store, &[Probe::Id(id(3))]).await, [3]);
    assert_eq!(found(store, &[Probe::Id(id(4)), Probe::Id(id(9))]).await, [0; 0]);
}

pub(crate) async fn covered_values_are_found_elsewhere(store: &dyn ServerStore) {
    let value = json!({"displayName": "Ana Diaz", "userPrincipalName": "Ana.D@x", "mail": "ana.d@X",
        "mailNickname": "ana.d", "givenName": "Ana", "surname": "Diaz"});
    user(store, 1, value).await;
    let value = json!({"displayName": "A", "userPrincipalName": "a@x", "mail": "other@x",
        "mailNickname": "other", "givenName": "Ana", "surname": "Diaz"});
    user(store, 2, value).await;
    for (name, text, wanted) in [
        ("mail", "ana.d@x", vec![1]),
        ("mail", "other@x", vec![2]),
        ("mailNickname", "ana.d", vec![1]),
        ("mailNickname", "other", vec![2]),
        ("givenName", "ana", vec![2, 1]),
        ("surname", "diaz", vec![2, 1]),
    ] {
        for (end, exactly) in [(text.len(), true), (text.len(), false), (text.len() - 2, false)] {
            let text = text[..end].to_owned();
            let matching = if exactly { Matching::Exactly(text) } else { Matching::Prefix(text) };
            let probes = indexed::probes(ObjectKind::User, name, &matching).unwrap();
            assert_eq!(found(store, &probes).await, wanted, "{name} {matching:?}");
        }
    }
}

pub(crate) async fn prefixes_come_in_order(store: &dyn ServerStore) {
    for (number, name) in [(1, "Ida C"), (2, "idar"), (3, "Iea"), (4, "Ida A"), (5, "ida c"), (6, "Åse")] {
        let principal = format!("{number}{name}");
        user(store, number, json!({"displayName": name, "userPrincipalName": principal, "mail": name})).await;
    }
    for name in ["displayName", "mail"] {
        assert_eq!(found(store, &[prefix(name, "ida")]).await, [4, 1, 5, 2]);
        assert_eq!(found(store, &[prefix(name, "å")]).await, [6]);
        assert_eq!(found(store, &[prefix(name, "")]).await, [4, 1, 5, 2, 3, 6]);
        assert_eq!(found(store, &[probe(name, Matching::All)]).await, [4, 1, 5, 2, 3, 6]);
    }
    assert_eq!(found(store, &[prefix("userPrincipalName", "4")]).await, [4]);
}

pub(crate) async fn words_are_found(store: &dyn ServerStore) {
    user(store, 1, json!({"displayName": "Ana María Diaz"})).await;
    user(store, 2, json!({"displayName": "Diana Marlow"})).await;
    let word = |text: &str| probe("displayName", Matching::Word(text.into()));
    assert_eq!(found(store, &[word("mar")]).await, [2, 1]);
    assert_eq!(found(store, &[word("dia")]).await, [1]);
    assert_eq!(found(store, &[prefix("displayName", "dia"), word("dia")]).await, [2, 1]);
}

pub(crate) async fn collections_are_found_once(store: &dyn ServerStore) {
    user(store, 1, json!({"displayName": "a", "otherMails": ["b@x", "A@x", "a@x", "c@x"]})).await;
    user(store, 2, json!({"displayName": "b", "otherMails": ["a1@x", "d@x"]})).await;
    assert_eq!(found(store, &[prefix("otherMails", "")]).await, [2, 1]);
    assert_eq!(found(store, &[prefix("otherMails", "a")]).await, [2, 1]);
    assert_eq!(found(store, &[exactly("otherMails", "c@x")]).await, [1]);
}

pub(crate) async fn probes_join_without_repeating(store: &dyn ServerStore) {
    for number in 1..=6 {
        let value = json!({"displayName": format!("N{number}"), "mail": format!("m{}@x", number % 2)});
        user(store, number, value).await;
    }
    let probes = [exactly("mail", "m1@x"), prefix("displayName", "n"), Probe::Id(id(2)), Probe::Id(id(1))];
    assert_eq!(found(store, &probes).await, [1, 3, 5, 2, 4, 6]);
    let probes = [Probe::Id(id(4)), Probe::Created { from: Some(at(3)), until: Some(at(5)) }];
    assert_eq!(found(store, &probes).await, [4, 3, 5]);
}

pub(crate) async fn rows_follow_changes(store: &dyn ServerStore) {
    user(store, 1, json!({"displayName": "Ana Diaz", "mail": "a@x"})).await;
    let value = json!({"displayName": "Ana Berg", "mail": "b@x"});
    let properties = value.as_object().unwrap().clone();
    let change = ObjectChange { properties, keys: keys(&value), edges: Vec::new() };
    store.update(id(1), change).await.unwrap();
    let word = |text: &str| probe("displayName", Matching::Word(text.into()));
    assert_eq!(found(store, &[exactly("mail", "a@x"), word("diaz")]).await, [0; 0]);
    assert_eq!(found(store, &[exactly("mail", "b@x")]).await, [1]);
    assert_eq!(found(store, &[word("berg")]).await, [1]);
    store.soft_delete(id(1), at(2)).await.unwrap();
    assert_eq!(found(store, &[exactly("mail", "b@x")]).await, [0; 0]);
    store.restore(id(1)).await.unwrap();
    assert_eq!(found(store, &[exactly("mail", "b@x")]).await, [1]);
}

pub(crate) async fn creation_is_a_span(store: &dyn ServerStore) {
    for number in [3, 1, 2] {
        user(store, number, json!({"displayName": "x"})).await;
    }
    let span =
        |from: Option<i64>, until: Option<i64>| Probe::Created { from: from.map(at), until: until.map(at) };
    assert_eq!(found(store, &[span(Some(2), None)]).await, [2, 3]);
    assert_eq!(found(store, &[span(None, Some(2))]).await, [1, 2]);
    assert_eq!(found(store, &[span(Some(2), Some(2))]).await, [2]);
}

pub(crate) async fn orders_go_both_ways(store: &dyn ServerStore) {
    for (number, name) in [(3, "b"), (1, "C"), (2, "a"), (4, "B")] {
        let principal = format!("{name}{number}");
        user(store, number, json!({"displayName": name, "userPrincipalName": principal})).await;
    }
    for (by, wanted) in
        [(Ordered::Name, [2, 3, 4, 1]), (Ordered::Unique, [2, 3, 4, 1]), (Ordered::Created, [1, 2, 3, 4])]
    {
        let upward = Lookup::Ordered { by, descending: false };
        assert_eq!(found_in(store, ObjectKind::User, false, &upward).await, wanted);
        let downward = Lookup::Ordered { by, descending: true };
        let mut wanted = wanted.to_vec();
        wanted.reverse();
        assert_eq!(found_in(store, ObjectKind::User, false, &downward).await, wanted);
    }
}

pub(crate) async fn the_bin_is_apart(store: &dyn ServerStore) {
    for number in 1..=2 {
        user(store, number, json!({"displayName": "Ana", "mail": "a@x"})).await;
    }
    store.soft_delete(id(1), at(3)).await.unwrap();
    for probe in [exactly("displayName", "ana"), exactly("mail", "a@x"), prefix("mail", "a")] {
        let lookup = Lookup::Probes(vec![probe]);
        assert_eq!(found_in(store, ObjectKind::User, false, &lookup).await, [2]);
        assert_eq!(found_in(store, ObjectKind::User, true, &lookup).await, [1]);
    }
    store.purge(id(1)).await.unwrap();
    let lookup = Lookup::Probes(vec![exactly("mail", "a@x"), Probe::Id(id(1))]);
    assert_eq!(found_in(store, ObjectKind::User, true, &lookup).await, [0; 0]);
}

pub(crate) async fn long_readings_break_off(store: &dyn ServerStore) {
    for number in 1..=50 {
        user(store, number, json!({"displayName": "Ana", "mail": "a@x"})).await;
    }
    let probes = vec![exactly("mail", "a@x"), exactly("displayName", "ana"), Probe::Id(id(1))];
    let mut request = ListRequest {
        kind: ObjectKind::User,
        deleted: false,
        lookup: Lookup::Probes(probes),
        after: None,
        limit: 10,
    };
    let mut counts = Vec::new();
    loop {
        let page = store.list(request.clone()).await.unwrap();
        counts.push(page.objects.len());
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(counts.iter().sum::<usize>(), 50);
    assert!(counts.contains(&0), "no reading broke off: {counts:?}");
}
