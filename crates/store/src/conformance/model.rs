//! References against a model that keeps no `due` flags: it works out from scratch what is due.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use provisor_engine::object::TargetId;
use provisor_engine::ports::{
    JobKey, LeaseToken, LinkChange, ReferenceOutcome, ReferenceScope, Settled, Settlement,
};

use super::references::intent;
use super::{at, batch, settled};
use crate::ServerStore;

const NAMES: [&str; 4] = ["a", "b", "0f8fad5b-d9cb-469f-a165-70867728950e", "d"];
const SLOTS: usize = 2;

/// One step of a random history.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Objects are settled in one batch.
    Settle(Vec<Object>),
    /// What is due at this time is tried; the bits say which writes succeed, the others are put off.
    Write { now: i64, successes: u32 },
}

#[derive(Clone, Debug)]
pub(crate) struct Object {
    name: usize,
    link: Link,
    intents: Vec<(usize, usize, bool)>,
    complete: bool,
}

#[derive(Clone, Copy, Debug)]
enum Link {
    Keep,
    Set(u8),
    Remove,
}

/// Random histories.
pub(crate) fn histories() -> impl Strategy<Value = Vec<Step>> {
    let link = prop_oneof![
        4 => Just(Link::Keep),
        4 => Just(Link::Set(0)),
        1 => Just(Link::Set(1)),
        2 => Just(Link::Remove),
    ];
    let intents = vec((0..SLOTS, 0..NAMES.len(), any::<bool>()), 0..4);
    let object = (0..NAMES.len(), link, intents, any::<bool>())
        .prop_map(|(name, link, intents, complete)| Object { name, link, intents, complete });
    let step = prop_oneof![
        3 => vec(object, 1..4).prop_map(Step::Settle),
        1 => (0..50_i64, any::<u32>()).prop_map(|(now, successes)| Step::Write { now, successes }),
    ];
    vec(step, 1..25)
}

type Pair = (usize, usize, usize);

#[derive(Clone, Copy, Debug, Default)]
struct Reference {
    desired: bool,
    /// Whether the target has it, or may have it.
    there: bool,
    certain: bool,
    not_before: i64,
}

#[derive(Debug, Default)]
struct Model {
    links: BTreeMap<usize, u8>,
    references: BTreeMap<Pair, Reference>,
}

/// (from, from's target, slot, to, to's target, present)
type Due = (String, String, usize, String, Option<String>, bool);

fn target(name: usize, variant: u8) -> String {
    format!("{variant} of {}", NAMES[name])
}

impl Model {
    fn settle(&mut self, object: &Object) {
        let name = object.name;
        match object.link {
            Link::Keep => {}
            Link::Set(variant) => {
                if self.links.insert(name, variant).is_some_and(|before| before != variant) {
                    self.references.retain(|pair, reference| pair.0 != name || reference.desired);
                    self.forget(|pair| pair.0 == name || pair.2 == name);
                }
            }
            Link::Remove => {
                self.links.remove(&name);
                self.references.retain(|pair, _| pair.0 != name);
                self.forget(|pair| pair.2 == name);
            }
        }
        let last: BTreeMap<(usize, usize), bool> =
            object.intents.iter().map(|(slot, to, present)| ((*slot, *to), *present)).collect();
        if object.complete {
            let mine: Vec<Pair> = self.references.keys().filter(|pair| pair.0 == name).copied().collect();
            for pair in mine.into_iter().filter(|pair| !last.contains_key(&(pair.1, pair.2))) {
                self.tell(pair, false);
            }
            for ((slot, to), present) in last {
                self.tell((name, slot, to), present);
            }
        } else {
            object.intents.iter().for_each(|(slot, to, present)| self.tell((name, *slot, *to), *present));
        }
    }

    /// What was written about these does not hold any more.
    fn forget(&mut self, concerned: impl Fn(&Pair) -> bool) {
        for (_, reference) in self.references.iter_mut().filter(|(pair, _)| concerned(pair)) {
            if reference.desired {
                *reference = Reference { desired: true, ..Reference::default() };
            }
        }
    }

    fn tell(&mut self, pair: Pair, present: bool) {
        match (self.references.get_mut(&pair), present) {
            (None, true) => {
                self.references.insert(pair, Reference { desired: true, ..Reference::default() });
            }
            (Some(reference), true) if !reference.desired => {
                // A removal that was carried out may not be settled yet.
                reference.desired = true;
                reference.certain = false;
                reference.not_before = 0;
            }
            (Some(reference), false) if reference.desired && !reference.there => {
                self.references.remove(&pair);
            }
            (Some(reference), false) if reference.desired => {
                reference.desired = false;
                reference.not_before = 0;
            }
            _ => {}
        }
    }

    fn is_due(&self, pair: &Pair, reference: &Reference) -> bool {
        self.links.contains_key(&pair.0)
            && match reference.desired {
                true => !(reference.there && reference.certain) && self.links.contains_key(&pair.2),
                false => reference.there,
            }
    }

    fn due(&self, now: i64) -> BTreeMap<Due, Pair> {
        let due = |(pair, reference): (&Pair, &Reference)| {
            let from_target = self.links.get(&pair.0)?;
            (self.is_due(pair, reference) && reference.not_before <= now).then(|| {
                let to_target = self.links.get(&pair.2).map(|variant| target(pair.2, *variant));
                let from = (NAMES[pair.0].to_owned(), target(pair.0, *from_target));
                ((from.0, from.1, pair.1, NAMES[pair.2].to_owned(), to_target, reference.desired), *pair)
            })
        };
        self.references.iter().filter_map(due).collect()
    }

    fn outcome(&mut self, pair: Pair, success: bool, later: i64) {
        let Some(reference) = self.references.get_mut(&pair) else { return };
        match (success, reference.desired) {
            (true, false) => {
                self.references.remove(&pair);
            }
            (true, true) => {
                *reference = Reference { desired: true, there: true, certain: true, not_before: 0 }
            }
            (false, _) => {
                reference.there = true;
                reference.certain = false;
                reference.not_before = later;
            }
        }
    }

    fn next_due(&self) -> Option<i64> {
        let due = self.references.iter().filter(|(pair, reference)| self.is_due(pair, reference));
        due.map(|(_, reference)| reference.not_before).min()
    }
}

/// What is due without having been put off is due since ever.
fn moment(not_before: i64) -> jiff::Timestamp {
    if not_before == 0 { jiff::Timestamp::UNIX_EPOCH } else { at(not_before) }
}

fn real(object: &Object) -> Settled {
    let link = match object.link {
        Link::Keep => LinkChange::Keep,
        Link::Set(variant) => LinkChange::Set(TargetId::new(target(object.name, variant))),
        Link::Remove => LinkChange::Remove,
    };
    let intents = object.intents.iter().map(|(slot, to, present)| intent(*slot, NAMES[*to], *present));
    let scope = if object.complete { ReferenceScope::Complete } else { ReferenceScope::Listed };
    Settled { references: intents.collect(), reference_scope: scope, ..settled(NAMES[object.name], link) }
}

/// Runs a history on a new job and compares after every step.
pub(crate) async fn agree(store: &dyn ServerStore, history: &[Step]) {
    let (job, lease) = super::job(store).await;
    let mut model = Model::default();
    for step in history {
        match step {
            Step::Settle(objects) => {
                objects.iter().for_each(|object| model.settle(object));
                store.settle(job, lease, batch(objects.iter().map(real).collect())).await.unwrap();
            }
            Step::Write { now, successes } => write(store, (job, lease), &mut model, *now, *successes).await,
        }
        for now in [0, 25, 1000] {
            let expected: BTreeSet<Due> = model.due(now).into_keys().collect();
            let found = read(store, job, now).await;
            assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), expected, "at {now} after {step:?}");
        }
        assert_eq!(store.next_due(job).await.unwrap(), model.next_due().map(moment));
    }
}

async fn read(store: &dyn ServerStore, job: JobKey, now: i64) -> BTreeMap<Due, i64> {
    let due = store.due_references(job, at(now), 0, 1000).await.unwrap();
    let text = |id: TargetId| id.as_str().to_owned();
    due.into_iter()
        .map(|reference| {
            let from = (reference.from.as_str().to_owned(), text(reference.from_target));
            let to = (reference.to.as_str().to_owned(), reference.to_target.map(text));
            ((from.0, from.1, reference.slot, to.0, to.1, reference.present), reference.key)
        })
        .collect()
}

async fn write(
    store: &dyn ServerStore,
    (job, lease): (JobKey, LeaseToken),
    model: &mut Model,
    now: i64,
    successes: u32,
) {
    let mut settlement = Settlement::default();
    let pairs = model.due(now);
    for (index, (due, key)) in read(store, job, now).await.into_iter().enumerate() {
        let success = successes >> (index % 32) & 1 == 1;
        let later = now + 10;
        model.outcome(pairs[&due], success, later);
        let outcome = if success { ReferenceOutcome::Written } else { ReferenceOutcome::Later(at(later)) };
        settlement.references.push((key, outcome));
    }
    store.settle(job, lease, settlement).await.unwrap();
}
