//! Measurements of the directory: run them by name, in release mode, with `--ignored --nocapture`.

use std::sync::Arc;

use provisor_engine::clock::{Clock as _, SystemClock};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::super::{SqliteStore, Synchronous, objects};
use super::open;
use crate::directory::{
    Directory as _, IndexedKeys, ListRequest, Lookup, Matching, NewObject, ObjectKind, Ordered, Place, Probe,
};
use crate::indexed;

/// Creates that are on their way at once.
const LANES: u64 = 64;

/// A number without order, made of one with.
const fn scattered(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// A user as organisations have them: names in no order, a few departments.
fn user(number: u64) -> NewObject {
    const GIVEN: [&str; 8] = ["Ana", "Bo", "Carmen", "Dag", "Eva", "Frode", "Guro", "Hans"];
    let mixed = scattered(number);
    let pick = usize::try_from(mixed % 8).unwrap();
    // Letters alone, as in names.
    let letters =
        (0..7).map(|place| char::from(b'a' + u8::try_from((mixed >> (36 + 4 * place)) % 16).unwrap()));
    let (given, surname) = (GIVEN[pick], format!("S{}", letters.collect::<String>()));
    let name = format!("{given} {surname}");
    let local = format!("{}.{}.{number}", given.to_lowercase(), surname.to_lowercase());
    let principal = format!("{local}@contoso.example");
    let value = json!({
        "accountEnabled": !number.is_multiple_of(1000),
        "department": format!("Department {}", mixed % 40),
        "displayName": name,
        "employeeId": format!("E{:09}", mixed % 1_000_000_000),
        "givenName": given,
        "jobTitle": "Consultant",
        "mail": principal,
        "mailNickname": local,
        "surname": surname,
        "userPrincipalName": principal,
    });
    let Json::Object(properties) = value else { unreachable!() };
    NewObject {
        id: Uuid::from_u64_pair(mixed, number),
        kind: ObjectKind::User,
        keys: keys(&properties),
        properties,
        created: jiff::Timestamp::from_second(1_700_000_000 + i64::try_from(number).unwrap()).unwrap(),
        edges: Vec::new(),
    }
}

fn keys(properties: &Map<String, Json>) -> IndexedKeys {
    let folded = |name: &str| properties[name].as_str().unwrap().to_lowercase();
    let unique = Some(("userPrincipalName", folded("userPrincipalName")));
    IndexedKeys { unique, name: Some(folded("displayName")), ..IndexedKeys::default() }
}

/// Creates so many users; gives the seconds it took.
async fn fill(store: &Arc<SqliteStore>, users: u64) -> f64 {
    let clock = SystemClock::new();
    let began = clock.elapsed();
    let lanes = (0..LANES).map(|lane| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut number = lane;
            while number < users {
                store.create(user(number)).await.unwrap();
                number += LANES;
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
    (clock.elapsed() - began).as_secs_f64()
}

/// Creates so many users, thousands in a transaction.
async fn fill_at_once(store: &SqliteStore, users: u64) -> f64 {
    const BATCH: u64 = 2000;
    let clock = SystemClock::new();
    let began = clock.elapsed();
    for batch in 0..users / BATCH {
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        let created = store.write("fill", move |writing| {
            for number in numbers {
                objects::create(writing, &user(number))?;
            }
            Ok(())
        });
        created.await.unwrap();
    }
    (clock.elapsed() - began).as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn users_created_per_second() {
    const USERS: u32 = 100_000;
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&folder, Synchronous::Normal, 1).unwrap());
    let seconds = fill(&store, USERS.into()).await;
    println!("{:.0} users created per second", f64::from(USERS) / seconds);
}

/// The median and the slowest of many reads, in microseconds.
async fn measure(store: &SqliteStore, lookup: &Lookup, after: Option<&Place>) -> (f64, f64, usize) {
    let clock = SystemClock::new();
    let (mut times, mut objects) = (Vec::new(), 0);
    for _ in 0..200 {
        let request = ListRequest {
            kind: ObjectKind::User,
            deleted: false,
            lookup: lookup.clone(),
            after: after.cloned(),
            limit: 100,
        };
        let began = clock.elapsed();
        objects = store.list(request).await.unwrap().objects.len();
        times.push((clock.elapsed() - began).as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() - 1], objects)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn lookups_among_a_million_users() {
    const USERS: u64 = 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, Synchronous::Normal, 1).unwrap();
    println!("{USERS} users created in {:.0} s", fill_at_once(&store, USERS).await);
    let one = user(777_777).properties;
    let folded = |name: &str| one[name].as_str().unwrap().to_lowercase();
    let property =
        |name: &str, matching| Lookup::Probes(indexed::probes(ObjectKind::User, name, &matching).unwrap());
    let exactly = |name: &str| property(name, Matching::Exactly(folded(name)));
    let prefix = |name: &str, text: &str| property(name, Matching::Prefix(text.to_owned()));
    let twenty = (0..20).map(|number| Probe::Id(user(number * 1000).id)).collect();
    let since = Some(user(900_000).created);
    let order = |by, descending| Lookup::Ordered { by, descending };
    for (what, lookup) in [
        ("userPrincipalName eq", exactly("userPrincipalName")),
        ("displayName eq", exactly("displayName")),
        ("mail eq", exactly("mail")),
        ("mailNickname eq", exactly("mailNickname")),
        ("employeeId eq", exactly("employeeId")),
        ("department eq, 25,000 of them", exactly("department")),
        ("accountEnabled eq false", property("accountEnabled", Matching::Exactly("false".into()))),
        ("startswith(displayName,'ana '), 125,000 of them", prefix("displayName", "ana ")),
        ("startswith(userPrincipalName,'bo.sb')", prefix("userPrincipalName", "bo.sb")),
        ("startswith(mail,'eva.')", prefix("mail", "eva.")),
        ("id in (20 of them)", Lookup::Probes(twenty)),
        ("createdDateTime ge", Lookup::Probes(vec![Probe::Created { from: since, until: None }])),
        ("$orderby=displayName", order(Ordered::Name, false)),
        ("$orderby=userPrincipalName desc", order(Ordered::Unique, true)),
        ("$orderby=createdDateTime desc", order(Ordered::Created, true)),
        ("all", Lookup::All),
    ] {
        let (median, worst, objects) = measure(&store, &lookup, None).await;
        println!("{what}: median {median:.0} us, slowest {worst:.0} us, {objects} objects");
    }
    // Far into a listing.
    let lookup = prefix("displayName", "ana ");
    let mut after = None;
    for _ in 0..500 {
        let request =
            ListRequest { kind: ObjectKind::User, deleted: false, lookup: lookup.clone(), after, limit: 100 };
        after = store.list(request).await.unwrap().next;
    }
    let (median, worst, objects) = measure(&store, &lookup, after.as_ref()).await;
    println!("its page 501: median {median:.0} us, slowest {worst:.0} us, {objects} objects");
}
