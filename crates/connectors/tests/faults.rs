//! Cycles under seeded faults: answers that are lost after the work was done, push-backs, failures, crashes and
//! stops at any moment. In the end the target holds exactly the directory, nobody twice.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

#[path = "cycle/world.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use provisor_engine::clock::{Clock, SystemClock};
use provisor_engine::cycle::{CycleEnd, Options, run};
use provisor_engine::ids::{Ids as _, SeededIds};
use provisor_engine::object::{TargetId, TargetObject};
use provisor_engine::ports::{
    Capabilities, Change, ConnectorError, Created, ErrorClass, Findings, ListCursor, ObjectPage,
    ReferenceWrite, Reset, SlotValue, Store as _, Target,
};
use provisor_store::directory::EdgeKind;
use tokio_util::sync::CancellationToken;
use world::{Nobody, World};

/// A clock on which waiting is a thousand times shorter.
struct HastyClock(SystemClock);

#[async_trait::async_trait]
impl Clock for HastyClock {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed() * 1000
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration / 1000).await;
    }
}

/// A target that fails in every way that a network can make it fail.
struct Faulty {
    inner: Arc<dyn Target>,
    ids: SeededIds,
    calm: Arc<AtomicBool>,
    /// Creates of what was there already: the mark of an account that would be there twice, were the
    /// application less careful.
    doubled: Arc<AtomicUsize>,
}

/// What happens to one request.
enum Fate {
    Works,
    /// Refused before anything was done.
    Refused(ConnectorError),
    /// Done, and the answer lost.
    Lost(ConnectorError),
}

impl Faulty {
    fn fate(&self) -> Fate {
        if self.calm.load(Ordering::Relaxed) {
            return Fate::Works;
        }
        let error = |class| ConnectorError::new(class, "a request", "a seeded fault");
        match self.ids.random() % 100 {
            0..5 => Fate::Refused(error(ErrorClass::Throttled)),
            5..10 => Fate::Refused(error(ErrorClass::Transient)),
            10..20 => Fate::Lost(ConnectorError { maybe_applied: true, ..error(ErrorClass::Transient) }),
            _ => Fate::Works,
        }
    }

    async fn meet<T>(
        &self,
        work: impl Future<Output = Result<T, ConnectorError>>,
    ) -> Result<T, ConnectorError> {
        match self.fate() {
            Fate::Works => work.await,
            Fate::Refused(error) => Err(error),
            Fate::Lost(error) => work.await.and(Err(error)),
        }
    }
}

#[async_trait::async_trait]
impl Target for Faulty {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    async fn check(&self) -> Result<(), ConnectorError> {
        self.inner.check().await
    }
    async fn prepare(&self, _probe: bool) -> Result<Findings, ConnectorError> {
        self.inner.prepare(false).await
    }
    async fn get(&self, shape: usize, id: &TargetId) -> Result<Option<TargetObject>, ConnectorError> {
        self.meet(self.inner.get(shape, id)).await
    }
    async fn find(&self, shape: usize, by: &SlotValue) -> Result<Vec<TargetObject>, ConnectorError> {
        self.meet(self.inner.find(shape, by)).await
    }
    async fn list(&self, shape: usize, cursor: ListCursor) -> Result<ObjectPage, ConnectorError> {
        self.meet(self.inner.list(shape, cursor)).await
    }
    async fn create(&self, shape: usize, values: &[SlotValue]) -> Result<Created, ConnectorError> {
        let create = async {
            let created = self.inner.create(shape, values).await;
            if created.as_ref().is_err_and(|error| error.class == ErrorClass::Conflict) {
                self.doubled.fetch_add(1, Ordering::Relaxed);
            }
            created
        };
        self.meet(create).await
    }
    async fn update(&self, shape: usize, id: &TargetId, changes: &[Change]) -> Result<(), ConnectorError> {
        self.meet(self.inner.update(shape, id, changes)).await
    }
    async fn write_references(
        &self,
        shape: usize,
        id: &TargetId,
        write: &ReferenceWrite,
    ) -> Result<(), ConnectorError> {
        self.meet(self.inner.write_references(shape, id, write)).await
    }
    async fn delete(&self, shape: usize, id: &TargetId) -> Result<(), ConnectorError> {
        self.meet(self.inner.delete(shape, id)).await
    }
}

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
        Arc::new(Faulty { inner, ids, calm: Arc::clone(&calm), doubled: Arc::clone(&doubled) })
            as Arc<dyn Target>
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
