//! `kill -9` at any moment of the initial cycle: nobody is missing in the end, and nobody is there twice.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use provisor::organisation::Organisation;
use provisor_engine::clock::{Clock as _, SystemClock};
use rand::rngs::ChaCha8Rng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use support::{Job, Process, graph, sample_app, scim, target_objects};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PEOPLE: usize = 3000;
const GROUPS: usize = 30;
const KILLS: usize = 20;
const SEED: u64 = 2026;
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_nobody_and_double_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let (target, stats) = sample_app().await;
    let server = Process::server(folder.path());
    let organisation = Organisation::generate(SEED, PEOPLE, GROUPS);
    let client = graph(&server.url);
    organisation.load(&client, 32, || ()).await.expect("the organisation is loaded");
    let job = Job::set_up(&client, &target).await;
    let listen = server.url.trim_start_matches("http://").trim_end_matches("/v1.0").to_owned();
    job.start(&client).await;

    println!("seed {SEED}");
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let clock = SystemClock::new();
    let mut server = server;
    // Every object is created, everybody but the head gets a manager, every group its members.
    let total = PEOPLE + GROUPS + (PEOPLE - 1) + GROUPS;
    let written = || {
        let stats = stats.read();
        usize::try_from(stats.creates + stats.patches).expect("a number")
    };
    for kill in 0..KILLS {
        // Moments all over the cycle: in each twentieth of its writes one, some time after it has begun.
        while written() < total * kill / KILLS {
            assert!(clock.elapsed() < PATIENCE, "the cycle does not go on after kill {kill}");
            clock.sleep(Duration::from_millis(1)).await;
        }
        clock.sleep(Duration::from_micros(rng.next_u64() % 20_000)).await;
        server.kill();
        println!("kill {kill} after {} of about {total} writes", written());
        server = Process::server_on(&listen, folder.path());
    }
    let client = graph(&server.url);
    job.wait_for_cycle(&client, None).await;

    assert_complete(&target, &organisation).await;
    let writes = job.writes_after(&client, &[]).await;
    let failures: Vec<_> =
        writes.iter().filter(|entry| entry["provisioningStatusInfo"]["status"] == "failure").collect();
    assert!(failures.is_empty(), "a create that was sent twice would fail here: {failures:#?}");
    assert!(server.terminate(), "SIGTERM ends the server well");
}

/// Everybody is in the target once, with a manager, and every group with its members.
async fn assert_complete(target: &str, organisation: &Organisation) {
    let users = target_objects(&scim(target), "Users").await;
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for user in &users {
        *names.entry(user["userName"].as_str().expect("a name")).or_default() += 1;
    }
    for person in &organisation.people {
        assert_eq!(names.remove(person.user_principal_name.as_str()), Some(1), "{person:?}");
    }
    assert!(names.is_empty(), "nobody else is there, not even a probe: {names:?}");
    let manager = |user: &Value| user[ENTERPRISE]["manager"]["value"].is_string();
    assert_eq!(
        users.iter().filter(|user| manager(user)).count(),
        PEOPLE - 1,
        "everybody but the head has a manager"
    );
    let groups = target_objects(&scim(target), "Groups").await;
    for group in &organisation.groups {
        let found: Vec<_> =
            groups.iter().filter(|found| found["displayName"] == group.display_name.as_str()).collect();
        assert_eq!(found.len(), 1, "{}", group.display_name);
        let members = found[0]["members"].as_array().map_or(0, Vec::len);
        assert_eq!(members, group.members.len(), "members of {}", group.display_name);
    }
}
