//! Single misfortunes, and what must not come of them: a job that stands still, a change that is lost, an
//! account that is there twice.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

#[path = "cycle/clock.rs"]
mod clock;
#[path = "cycle/failing_store.rs"]
mod failing_store;
#[path = "cycle/unruly.rs"]
mod unruly;
#[path = "cycle/world.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use clock::HastyClock;
use failing_store::FailingStore;
use provisor_engine::clock::{Clock, SystemClock};
use provisor_engine::cycle::{CycleEnd, CycleError, Environment, Options, Report, run};
use provisor_engine::log::Status;
use provisor_engine::object::ObjectType;
use provisor_engine::ports::{
    ConnectorError, ErrorClass, Findings, Reset, Store as _, Target, UnmatchableAttribute,
};
use provisor_expression::Value;
use provisor_store::directory::EdgeKind;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use unruly::{Fate, Request, Unruly, lost, refused};
use world::{ENTERPRISE, Nobody, World};

fn hasty() -> Arc<dyn Clock> {
    Arc::new(HastyClock(SystemClock::new()))
}

async fn environment(
    world: &World,
    rule: impl Fn(&Request<'_>) -> Fate + Send + Sync + 'static,
) -> Environment {
    world.environment_with(hasty(), |inner| Arc::new(Unruly::new(inner, rule))).await
}

async fn cycle(environment: &Environment) -> Result<Report, CycleError> {
    run(environment, Options::default(), &CancellationToken::new(), &Nobody).await
}

/// Whether a create carries this value.
fn creates(request: &Request<'_>, text: &str) -> bool {
    matches!(request, Request::Create(values) if values.iter().any(|v| v.value == Value::from(text)))
}

async fn members(world: &World) -> usize {
    world.target("Groups").await[0]["members"].as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_always_fail_do_not_hold_up_the_others() {
    let world = World::new().await;
    for place in 0..8 {
        world.user(&format!("bad{place}@x.example"), "Bad").await;
    }
    for place in 0..40 {
        world.user(&format!("good{place}@x.example"), "Good").await;
    }
    let environment = environment(&world, |request| {
        if creates(request, "Bad") { refused(ErrorClass::Transient) } else { Fate::Works }
    })
    .await;
    let report = cycle(&environment).await.expect("a cycle that comes to its end");
    assert_eq!((report.end, report.execution.escrowed), (CycleEnd::Completed, 8));
    assert_eq!(world.target("Users").await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_down_breaks_the_cycle_off_and_puts_nobody_into_escrow() {
    let world = World::new().await;
    for place in 0..20 {
        world.user(&format!("person{place}@x.example"), "Person").await;
    }
    let requests = AtomicUsize::new(0);
    let environment = environment(&world, move |_| {
        if requests.fetch_add(1, Ordering::Relaxed) < 10 {
            Fate::Works
        } else {
            refused(ErrorClass::Transient)
        }
    })
    .await;
    let error = cycle(&environment).await.expect_err("an outage");
    assert!(
        matches!(&error, CycleError::Connector(error) if error.class == ErrorClass::Transient),
        "{error}"
    );
    let due = world.store.due_escrows(world.job, jiff::Timestamp::MAX, 10).await.expect("escrows");
    assert!(due.is_empty(), "{due:?}");
    world.cycle().await;
    assert_eq!(world.target("Users").await.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_position_does_not_pass_a_batch_that_was_not_settled() {
    let world = World::new().await;
    for place in 0..120 {
        world.user(&format!("person{place}@x.example"), "Person").await;
    }
    let mut environment = environment(&world, |_| Fate::Works).await;
    let failed = AtomicBool::new(false);
    environment.store = Arc::new(FailingStore {
        inner: Arc::clone(&environment.store),
        fails: Box::new(move |batch| batch.objects.len() > 3 && !failed.swap(true, Ordering::Relaxed)),
    });
    let options = Options { page: 5, ..Options::default() };
    let stop = CancellationToken::new();
    run(&environment, options, &stop, &Nobody).await.expect_err("the store failed");
    world.cycle().await;
    let links = world.store.links(world.job, &ObjectType::new("User"), &world.anchors().await).await;
    assert!(links.expect("links").iter().all(Option::is_some), "everybody in the target is linked");
    assert_eq!(world.target("Users").await.len(), 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_came_while_the_group_failed_are_not_lost() {
    let world = World::new().await;
    let group = world.group("Engineers").await;
    let people = [world.user("a@x.example", "A").await, world.user("b@x.example", "B").await];
    world.cycle().await;
    let failing = Arc::new(AtomicBool::new(true));
    let on = Arc::clone(&failing);
    let environment = environment(&world, move |request| {
        let fails = on.load(Ordering::Relaxed) && matches!(request, Request::Get(_));
        if fails { refused(ErrorClass::Transient) } else { Fate::Works }
    })
    .await;
    world.relate(group, EdgeKind::Member, people[0]).await;
    let report = cycle(&environment).await.expect("a cycle");
    assert_eq!(report.execution.escrowed, 1);
    failing.store(false, Ordering::Relaxed);
    world.relate(group, EdgeKind::Member, people[1]).await;
    cycle(&environment).await.expect("a cycle");
    assert_eq!(members(&world).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_changed_while_the_group_was_out_of_scope_are_not_lost() {
    let mut world = World::assigned_only().await;
    world.keep_out_of_scope();
    let group = world.group("Engineers").await;
    let people = [world.user("a@x.example", "A").await, world.user("b@x.example", "B").await];
    for person in people {
        world.assign(person).await;
    }
    let assignment = world.assign(group).await;
    world.relate(group, EdgeKind::Member, people[0]).await;
    world.cycle().await;
    assert_eq!(members(&world).await, 1);
    world.unassign(&assignment).await;
    world.cycle().await;
    world.unrelate(group, EdgeKind::Member, people[0]).await;
    world.relate(group, EdgeKind::Member, people[1]).await;
    world.cycle().await;
    world.assign(group).await;
    world.cycle().await;
    let held = world.target("Groups").await[0]["members"].clone();
    let users = world.target("Users").await;
    let b = users.iter().find(|user| user["userName"] == "b@x.example").expect("b");
    assert_eq!(held.as_array().map(Vec::len), Some(1), "{held}");
    assert_eq!(held[0]["value"], b["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_doubles_nobody_where_the_target_cannot_be_searched() {
    let world = World::new().await;
    for place in 0..12 {
        world.group(&format!("Group {place}")).await;
    }
    let (first, lies) = (
        AtomicUsize::new(0),
        UnmatchableAttribute {
            object_type: ObjectType::new("urn:ietf:params:scim:schemas:core:2.0:Group"),
            slot: 0,
            reason: "it does not filter".into(),
        },
    );
    let environment = world
        .environment_with(hasty(), |inner| {
            let mut target = Unruly::new(inner, move |request| match request {
                Request::Create(_) if first.fetch_add(1, Ordering::Relaxed) < 3 => lost(),
                _ => Fate::Works,
            });
            target.findings = Findings { unmatchable: vec![lies], ..Findings::default() };
            Arc::new(target) as Arc<dyn Target>
        })
        .await;
    cycle(&environment).await.expect("a cycle");
    assert_eq!(world.target("Groups").await.len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_namesakes_one_gets_the_target_object() {
    let world = World::new().await;
    for _ in 0..4 {
        world.group("Same").await;
    }
    world.cycle().await;
    assert_eq!(world.target("Groups").await.len(), 1);
    let log = world.log().await;
    let failed: Vec<_> = log.iter().filter(|entry| entry.status == Status::Failure).collect();
    assert_eq!(failed.len(), 3, "{log:#?}");
    assert!(format!("{failed:?}").contains("DuplicateSourceEntries"), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_refused_does_not_keep_the_others_out() {
    let world = World::new().await;
    let group = world.group("Engineers").await;
    for place in 0..20 {
        let person = world.user(&format!("person{place}@x.example"), "Person").await;
        world.relate(group, EdgeKind::Member, person).await;
    }
    let bad = Arc::new(std::sync::Mutex::new(None));
    let environment = environment(&world, move |request| match request {
        Request::References(_, write) => {
            let mut bad = bad.lock().expect("a lock");
            let bad = bad.get_or_insert_with(|| write.add[7].clone());
            if write.add.contains(bad) { refused(ErrorClass::Invalid) } else { Fate::Works }
        }
        _ => Fate::Works,
    })
    .await;
    cycle(&environment).await.expect("a cycle");
    assert_eq!(members(&world).await, 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_vanished_from_the_target_is_made_anew_with_its_members() {
    let world = World::new().await;
    let group = world.group("Engineers").await;
    let people = [world.user("a@x.example", "A").await, world.user("b@x.example", "B").await];
    world.relate(group, EdgeKind::Member, people[0]).await;
    world.cycle().await;
    // It vanishes between the look at the group and the write of its member.
    let id = world.target("Groups").await[0]["id"].as_str().expect("an id").to_owned();
    world.relate(group, EdgeKind::Member, people[1]).await;
    let gone = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&gone);
    let unlucky = environment(&world, move |request| match request {
        Request::References(..) => {
            flag.store(true, Ordering::Relaxed);
            refused(ErrorClass::NotFound)
        }
        Request::Get(_) if flag.load(Ordering::Relaxed) => refused(ErrorClass::NotFound),
        _ => Fate::Works,
    })
    .await;
    cycle(&unlucky).await.expect("a cycle");
    assert!(gone.load(Ordering::Relaxed));
    world.delete_in_target("Groups", &id).await;
    world.cycle().await;
    assert_eq!(members(&world).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_the_target_to_be_ready_again() {
    let world = World::new().await;
    for place in 0..20 {
        world.user(&format!("person{place}@x.example"), "Person").await;
    }
    let patient: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let pushed = CancellationToken::new();
    let seen = pushed.clone();
    let environment = world
        .environment_with(patient, |inner| {
            Arc::new(Unruly::new(inner, move |request| {
                if !matches!(request, Request::Create(_)) {
                    return Fate::Works;
                }
                seen.cancel();
                let error = ConnectorError::new(ErrorClass::Throttled, "create", "later");
                Fate::Refused(ConnectorError { retry_after: Some(Duration::from_secs(600)), ..error })
            }))
        })
        .await;
    let stop = CancellationToken::new();
    let stopping = async {
        pushed.cancelled().await;
        stop.cancel();
    };
    let (report, ()) = tokio::join!(run(&environment, Options::default(), &stop, &Nobody), stopping);
    assert_eq!(report.expect("a report").end, CycleEnd::Stopped);
    world.cycle().await;
    assert_eq!(world.target("Users").await.len(), 20, "nobody was passed over");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escrow_of_a_type_that_is_not_mapped_now_calls_for_no_cycle() {
    let world = World::new().await;
    world.user("ida@x.example", "Ida").await;
    let failing = environment(&world, |request| match request {
        Request::Create(_) => refused(ErrorClass::Invalid),
        _ => Fate::Works,
    })
    .await;
    assert_eq!(cycle(&failing).await.expect("a cycle").execution.escrowed, 1);
    let schema = world.schema_without_users();
    world.store.reset(world.job, Reset::default()).await.expect("a reset");
    let later: Arc<dyn Clock> = Arc::new(LaterClock(SystemClock::new()));
    let mut unmapped = world.environment_with(Arc::clone(&later), |inner| inner).await;
    unmapped.schema = Arc::new(schema);
    cycle(&unmapped).await.expect("a cycle");
    let next = world.store.next_due(world.job).await.expect("the store");
    assert!(next.is_some_and(|next| next > later.now()), "{next:?}");
}

/// Two days ahead of the machine's clock.
struct LaterClock(SystemClock);

#[async_trait::async_trait]
impl Clock for LaterClock {
    fn now(&self) -> jiff::Timestamp {
        self.0.now() + Duration::from_secs(2 * 24 * 3600)
    }
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_is_written_beside_a_change_of_the_same_person() {
    let world = World::new().await;
    let boss = world.user("boss@x.example", "Boss").await;
    let ida = world.user("ida@x.example", "Ida").await;
    world.cycle().await;
    world.set(ida, "displayName", json!("Ida Holm")).await;
    world.relate(ida, EdgeKind::Manager, boss).await;
    world.cycle().await;
    let users = world.target("Users").await;
    let of = |name: &str| users.iter().find(|user| user["userName"] == name).expect("an account");
    assert_eq!(of("ida@x.example")["displayName"], "Ida Holm");
    assert_eq!(of("ida@x.example")[ENTERPRISE]["manager"]["value"], of("boss@x.example")["id"]);
}
