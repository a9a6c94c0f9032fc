//! The pipeline of a step: pages are read ahead, objects are provisioned side by side, results are settled in
//! batches.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use super::busy::Busy;
use super::feed::{Feed, FeedPage, Item, Known, What};
use super::frontier::Frontier;
use super::object::{ObjectResult, Shared, provision};
use super::outcome::CycleError;
use super::run::{Progressing, Watch};
use crate::object::{Anchor, Presence, References, SourceObject};
use crate::ports::{Settlement, StoreError};

/// So many results make a batch at once; fewer wait for [`SETTLE_AFTER`].
const BATCH: usize = 250;
/// The longest that a result waits to be settled.
const SETTLE_AFTER: Duration = Duration::from_millis(100);

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepEnd {
    /// The feed is exhausted and everything is settled.
    Done,
    /// It was asked to stop; what was in flight is settled.
    Stopped,
}

type Reading<'a> = BoxFuture<'a, (Feed, Result<Option<FeedPage>, CycleError>)>;
type Outcome = (Option<u64>, Anchor, Result<ObjectResult, CycleError>);

struct Flushed {
    anchors: Vec<Anchor>,
    result: Result<(), StoreError>,
}

struct Pipeline<'a, 's> {
    shared: &'a Shared<'s>,
    watch: &'a Watch<'a>,
    feed: Option<Feed>,
    reading: Option<Reading<'a>>,
    buffer: VecDeque<(Option<u64>, Item)>,
    busy: Busy,
    /// Anchors settled while a page was being read: their links on that page are out of date.
    recent: HashSet<Anchor>,
    in_flight: FuturesUnordered<BoxFuture<'a, Outcome>>,
    in_flight_limit: usize,
    read_ahead: usize,
    frontier: Frontier,
    batch: Settlement,
    batch_pages: Vec<u64>,
    flushing: Option<BoxFuture<'a, Flushed>>,
    deadline: Option<BoxFuture<'a, ()>>,
    overdue: bool,
    /// What broke the step; nothing new is begun then.
    broken: Option<CycleError>,
    /// A batch could not be settled: nothing that comes after it may be settled either, for the position would
    /// pass over what was lost.
    unsettled: bool,
    /// Objects were put down that had been begun.
    put_down: bool,
    /// Whether the position of the changes is to be kept in the checkpoint, and under which title.
    title: Option<String>,
}

/// Works through a feed.
pub(super) async fn drain<'a>(
    shared: &'a Shared<'_>,
    progressing: &mut Progressing,
    feed: Feed,
    title: Option<String>,
    watch: &'a Watch<'a>,
) -> Result<StepEnd, CycleError> {
    let ceiling = shared.environment.limiter.ceiling();
    let mut pipeline = Pipeline {
        shared,
        watch,
        feed: Some(feed),
        reading: None,
        buffer: VecDeque::new(),
        busy: Busy::default(),
        recent: HashSet::new(),
        in_flight: FuturesUnordered::new(),
        in_flight_limit: ceiling.saturating_mul(2),
        read_ahead: ceiling.saturating_mul(8),
        frontier: Frontier::default(),
        batch: Settlement::default(),
        batch_pages: Vec::new(),
        flushing: None,
        deadline: None,
        overdue: false,
        broken: None,
        unsettled: false,
        put_down: false,
        title,
    };
    pipeline.run(progressing).await
}

impl<'a, 's: 'a> Pipeline<'a, 's> {
    async fn run(&mut self, progressing: &mut Progressing) -> Result<StepEnd, CycleError> {
        loop {
            self.read_ahead();
            self.dispatch();
            self.flush(progressing);
            let idle = self.in_flight.is_empty() && self.flushing.is_none() && self.batch.objects.is_empty();
            let stopping = self.stopping();
            if idle && (stopping || (self.reading.is_none() && self.buffer.is_empty())) {
                self.keep_position(progressing).await?;
                break;
            }
            tokio::select! {
                biased;
                flushed = poll(&mut self.flushing) => self.flushed(flushed),
                Some(outcome) = self.in_flight.next(), if !self.in_flight.is_empty() => {
                    self.provisioned(progressing, outcome);
                }
                (feed, page) = poll(&mut self.reading) => self.read(feed, page),
                () = poll(&mut self.deadline) => self.overdue = true,
                () = self.watch.stop.cancelled(), if !stopping => {}
            }
        }
        match self.broken.take() {
            Some(error) => Err(error),
            None if self.put_down || (self.watch.stop.is_cancelled() && !self.exhausted()) => {
                Ok(StepEnd::Stopped)
            }
            None => Ok(StepEnd::Done),
        }
    }

    fn stopping(&self) -> bool {
        self.broken.is_some() || self.watch.stop.is_cancelled()
    }

    fn exhausted(&self) -> bool {
        self.feed.is_none() && self.reading.is_none() && self.buffer.is_empty()
    }

    /// Keeps one page in reading while the buffer is short.
    fn read_ahead(&mut self) {
        if self.stopping() || self.reading.is_some() || self.buffer.len() >= self.read_ahead {
            return;
        }
        if let Some(mut feed) = self.feed.take() {
            let environment = self.shared.environment;
            self.reading = Some(Box::pin(async move {
                let page = feed.next(environment).await;
                (feed, page)
            }));
        }
    }

    fn read(&mut self, feed: Feed, page: Result<Option<FeedPage>, CycleError>) {
        let page = match page {
            Ok(Some(page)) => page,
            Ok(None) => return self.recent.clear(),
            Err(error) => {
                self.broken.get_or_insert(error);
                return;
            }
        };
        self.feed = Some(feed);
        let number = page.position.map(|position| self.frontier.read(position, page.items.len()));
        let mut queued: HashSet<Anchor> = self.buffer.iter().map(|(_, item)| item.anchor().clone()).collect();
        for mut item in page.items {
            let anchor = item.anchor();
            if self.busy.contains(anchor) || self.recent.contains(anchor) || queued.contains(anchor) {
                item.link = Known::Stale;
            }
            queued.insert(item.anchor().clone());
            self.buffer.push_back((number, item));
        }
        self.recent.clear();
    }

    /// Begins objects in source order, until enough are under way or the next one's anchor is busy.
    fn dispatch(&mut self) {
        while !self.stopping() && self.in_flight.len() < self.in_flight_limit {
            if self.buffer.front().is_none_or(|(_, item)| self.busy.contains(item.anchor())) {
                return;
            }
            let Some((page, item)) = self.buffer.pop_front() else { return };
            self.busy.insert(item.anchor().clone());
            let shared = self.shared;
            self.in_flight.push(Box::pin(async move {
                let anchor = item.anchor().clone();
                let result = work(shared, item).await;
                (page, anchor, result)
            }));
        }
    }

    fn provisioned(&mut self, progressing: &mut Progressing, (page, anchor, result): Outcome) {
        let result = match result {
            Ok(result) => result,
            Err(error) => {
                self.busy.remove(&anchor);
                self.shared.claims.release(&anchor);
                match error {
                    CycleError::Stopped => self.put_down = true,
                    error => {
                        self.broken.get_or_insert(error);
                    }
                }
                return;
            }
        };
        if self.unsettled {
            self.busy.remove(&anchor);
            return;
        }
        progressing.count(&result);
        self.batch_pages.extend(page);
        self.batch.inventory.extend(result.inventory);
        self.batch.objects.push(result.settled);
        if self.deadline.is_none() {
            let clock = &self.shared.environment.clock;
            self.deadline = Some(Box::pin(clock.sleep(SETTLE_AFTER)));
        }
    }

    /// Settles what is there, if it is enough, or waited long enough, or nothing else is under way.
    fn flush(&mut self, progressing: &mut Progressing) {
        let count = self.batch.objects.len();
        let due = count >= BATCH || self.overdue || self.in_flight.is_empty();
        if self.flushing.is_some() || count == 0 || !due {
            return;
        }
        for page in self.batch_pages.drain(..) {
            self.frontier.settle(page);
        }
        if let (Some(position), Some(title)) = (self.frontier.advance(), &self.title) {
            progressing.checkpoint.positions.insert(title.clone(), position);
        }
        let mut batch = std::mem::take(&mut self.batch);
        batch.sweep = progressing.checkpoint.sweep;
        batch.checkpoint = Some(progressing.checkpoint.clone());
        let anchors: Vec<Anchor> = batch.objects.iter().map(|object| object.anchor.clone()).collect();
        let environment = self.shared.environment;
        self.flushing = Some(Box::pin(async move {
            let result = environment.store.settle(environment.job, environment.lease, batch).await;
            Flushed { anchors, result }
        }));
        self.deadline = None;
        self.overdue = false;
    }

    fn flushed(&mut self, flushed: Flushed) {
        if let Err(error) = flushed.result {
            self.broken = Some(error.into());
            self.unsettled = true;
            self.batch = Settlement::default();
            self.batch_pages.clear();
            self.deadline = None;
            self.shared.claims.close();
        } else {
            let count = u64::try_from(flushed.anchors.len()).unwrap_or(u64::MAX);
            self.watch.observer.settled(count);
        }
        for anchor in flushed.anchors {
            self.shared.claims.release(&anchor);
            self.busy.remove(&anchor);
            if self.reading.is_some() {
                self.recent.insert(anchor);
            }
        }
    }

    /// Pages without objects move the position too.
    async fn keep_position(&mut self, progressing: &mut Progressing) -> Result<(), CycleError> {
        if self.unsettled {
            return Ok(());
        }
        if let (Some(position), Some(title)) = (self.frontier.advance(), &self.title) {
            progressing.checkpoint.positions.insert(title.clone(), position);
            progressing.store(self.shared.environment).await?;
        }
        Ok(())
    }
}

/// Polls a future that may not be there; then it never ends, and `select!` looks at the others.
async fn poll<T>(future: &mut Option<BoxFuture<'_, T>>) -> T {
    match future {
        Some(running) => {
            let value = running.await;
            *future = None;
            value
        }
        None => std::future::pending().await,
    }
}

async fn work(shared: &Shared<'_>, item: Item) -> Result<ObjectResult, CycleError> {
    let environment = shared.environment;
    let Some(mapping) = environment.schema.mappings.get(item.mapping) else {
        return Err(CycleError::Store(StoreError::NotFound { what: "object mapping".into() }));
    };
    let link = match item.link.clone() {
        Known::Link(link) => link,
        Known::Stale => {
            let anchors = [item.anchor().clone()];
            let links = environment.store.links(environment.job, mapping.source_type(), &anchors).await?;
            links.into_iter().next().flatten()
        }
    };
    let object = match item.what {
        What::Object(object) => object,
        What::Anchor(anchor) => {
            environment.source.get(&mapping.source, &anchor).await?.unwrap_or_else(|| gone(anchor))
        }
    };
    provision(shared, item.mapping, &object, link).await
}

/// An object that the source does not know (any more).
fn gone(anchor: Anchor) -> SourceObject {
    SourceObject {
        label: anchor.to_text(),
        anchor,
        presence: Presence::Deleted,
        enabled: false,
        assigned: false,
        values: Vec::new(),
        references: References::Changed(Vec::new()),
        more_references: None,
    }
}
