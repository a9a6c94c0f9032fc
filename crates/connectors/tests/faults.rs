//! Cycles under seeded faults: answers that are lost after the work was done, push-backs, failures, crashes and
//! stops at any moment. In the end the target holds exactly the directory, nobody twice.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

#[path = "cycle/clock.rs"]
mod clock;
#[path = "cycle/unruly.rs"]
mod unruly;
#[path = "cycle/world.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use clock::HastyClock;
use provisor_engine::clock::{Clock, SystemClock};
use provisor_engine::cycle::{CycleEnd, Options, run};
use provisor_engine::ids::{Ids as _, SeededIds};
use provisor_engine::ports::{ErrorClass, Reset, Store as _, Target};
use provisor_store::directory::EdgeKind;
use tokio_util::sync::CancellationToken;
use unruly::{Fate, Request, Unruly, lost, refused};
use world::{Nobody, World};

const PEOPLE: usize = 120;

/// People with managers and one group with all of them.
async fn populate(world: &World) {
    let group = world.group("Everybody").await;
    let mut people = Vec::new();
    for place in 0..PEOPLE {
        let id = world.user(&format!("person{place}@x.example"), &format!("Person {place}")).await;
        if let Some(manager) = people.get(place / 5) {
            world.relate(id, EdgeKind::Manager, *manager).await;
        }
        world.relate(group, EdgeKind::Member, id).await;
        people.push(id);
    }
}

async fn survive(seed: u64) {
    let world = World::new().await;
    populate(&world).await;
    let calm = Arc::new(AtomicBool::new(false));
    let doubled = Arc::new(AtomicUsize::new(0));
    let clock: Arc<dyn Clock> = Arc::new(HastyClock(SystemClock::new()));
    let dice = SeededIds::from_seed(seed, Arc::clone(&clock));
    let faulty = |inner: Arc<dyn Target>| {
        let ids = SeededIds::from_seed(seed, Arc::clone(&clock));
        let calm = Arc::clone(&calm);
        let rule = move |request: &Request<'_>| {
            if calm.load(Ordering::Relaxed) || matches!(request, Request::Check) {
                return Fate::Works;
            }
            match ids.random() % 100 {
                0..5 => refused(ErrorClass::Throttled),
                5..10 => refused(ErrorClass::Transient),
                10..20 => lost(),
                _ => Fate::Works,
            }
        };
        let mut target = Unruly::new(inner, rule);
        target.doubled = Arc::clone(&doubled);
        Arc::new(target) as Arc<dyn Target>
    };
    for _ in 0..12 {
        let environment = world.environment_with(Arc::clone(&clock), faulty).await;
        let stop = CancellationToken::new();
        let cycle = run(&environment, Options { page: 7, escrows: 1000 }, &stop, &Nobody);
        let moment = tokio::time::sleep(Duration::from_micros(dice.random() % 40_000));
        if dice.random().is_multiple_of(2) {
            // A crash: the cycle vanishes between two instructions.
            tokio::select! { _result = cycle => {}, () = moment => {} }
        } else {
            // A stop: it puts down what is in flight.
            let stopping = async {
                moment.await;
                stop.cancel();
            };
            let (_result, ()) = tokio::join!(cycle, stopping);
        }
    }
    calm.store(true, Ordering::Relaxed);
    let environment = world.environment_with(Arc::clone(&clock), faulty).await;
    let stop = CancellationToken::new();
    // Failed objects are due again within a minute on their own clock; a restart asks for all of them now.
    world
        .store
        .reset(world.job, Reset { watermark: true, escrows: true, ..Reset::default() })
        .await
        .expect("a reset");
    let report = run(&environment, Options::default(), &stop, &Nobody).await.expect("a calm cycle");
    assert_eq!((report.end, report.execution.escrowed), (CycleEnd::Completed, 0), "seed {seed}");

    assert_eq!(doubled.load(Ordering::Relaxed), 0, "seed {seed}: somebody was created twice");
    let users = world.target("Users").await;
    let mut names: Vec<&str> = users.iter().filter_map(|user| user["userName"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), users.len()), (PEOPLE, PEOPLE), "seed {seed}");
    let managed = users.iter().filter(|user| user[world::ENTERPRISE]["manager"]["value"].is_string()).count();
    assert_eq!(managed, PEOPLE - 1, "seed {seed}: managers");
    let groups = world.target("Groups").await;
    let members = groups[0]["members"].as_array().map_or(0, Vec::len);
    assert_eq!((groups.len(), members), (1, PEOPLE), "seed {seed}: members");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_and_crashes_lose_nobody_and_double_nobody() {
    for seed in 1..=10 {
        survive(seed).await;
    }
}
