//! What a step works through, page by page.

use std::time::Duration;

use jiff::Timestamp;

use super::Environment;
use super::outcome::CycleError;
use crate::object::{Anchor, SourceObject, TargetId};
use crate::ports::{Escrow, EscrowChange, Position, ReadRequest, Settled, Settlement};

/// When work whose object mapping is disabled, or gone, is looked at again.
pub(super) const UNMAPPED: Duration = Duration::from_secs(24 * 3600);

/// One object to be worked on.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) mapping: usize,
    pub(super) what: What,
    pub(super) link: Known,
}

#[derive(Debug)]
pub(super) enum What {
    /// The object as it was read.
    Object(SourceObject),
    /// An object that is still to be read.
    Anchor(Anchor),
}

/// What is known of an item's link.
#[derive(Clone, Debug)]
pub(super) enum Known {
    /// As it was when the page was read.
    Link(Option<TargetId>),
    /// It may have changed since: ask again.
    Stale,
}

impl Item {
    pub(super) fn anchor(&self) -> &Anchor {
        match &self.what {
            What::Object(object) => &object.anchor,
            What::Anchor(anchor) => anchor,
        }
    }
}

/// A page of work.
#[derive(Debug)]
pub(super) struct FeedPage {
    pub(super) items: Vec<Item>,
    /// Where the source stands after this page; `None` for work that has no position.
    pub(super) position: Option<Position>,
}

/// A feed of work.
#[derive(Debug)]
pub(super) enum Feed {
    /// The changes of one object type.
    Changes {
        mapping: usize,
        since: Option<Position>,
        until: Position,
        full: bool,
        page: usize,
        exhausted: bool,
    },
    /// Links that an initial cycle has not seen.
    Unseen { sweep: i64, after: i64, page: usize },
    /// Failed objects that are due.
    Escrows { page: usize, exhausted: bool },
}

impl Feed {
    /// The next page; `None` at the end.
    pub(super) async fn next(&mut self, environment: &Environment) -> Result<Option<FeedPage>, CycleError> {
        match self {
            Self::Changes { mapping, since, until, full, page, exhausted } => {
                if *exhausted {
                    return Ok(None);
                }
                let Some(compiled) = environment.schema.mappings.get(*mapping) else { return Ok(None) };
                let request = ReadRequest {
                    shape: &compiled.source,
                    since: since.as_ref(),
                    full: *full,
                    until,
                    limit: *page,
                };
                let read = environment.source.read(request).await?;
                let anchors: Vec<Anchor> = read.objects.iter().map(|object| object.anchor.clone()).collect();
                let links =
                    environment.store.links(environment.job, compiled.source_type(), &anchors).await?;
                *since = Some(read.position.clone());
                *exhausted = read.last;
                let items = read
                    .objects
                    .into_iter()
                    .zip(links)
                    .map(|(object, link)| Item {
                        mapping: *mapping,
                        what: What::Object(object),
                        link: Known::Link(link),
                    })
                    .collect();
                Ok(Some(FeedPage { items, position: Some(read.position) }))
            }
            Self::Unseen { sweep, after, page } => {
                let rows = environment.store.unseen_links(environment.job, *sweep, *after, *page).await?;
                let Some(last) = rows.last() else { return Ok(None) };
                *after = last.key;
                let items = rows.into_iter().filter_map(|row| {
                    let mapping = environment.schema.mapping_of(row.object_type.as_str())?;
                    let link = Known::Link(Some(row.link.target));
                    Some(Item { mapping, what: What::Anchor(row.link.anchor), link })
                });
                Ok(Some(FeedPage { items: items.collect(), position: None }))
            }
            Self::Escrows { page, exhausted } => {
                if *exhausted {
                    return Ok(None);
                }
                // Each due object gets one try a cycle: what fails again has a later due time.
                let now = environment.clock.now();
                let due = environment.store.due_escrows(environment.job, now, *page).await?;
                *exhausted = true;
                let mut items = Vec::with_capacity(due.len());
                let mut unmapped = Vec::new();
                for escrow in due {
                    match environment.schema.mapping_of(escrow.object_type.as_str()) {
                        Some(mapping) => {
                            let what = What::Anchor(escrow.anchor);
                            items.push(Item { mapping, what, link: Known::Stale });
                        }
                        None => unmapped.push(escrow),
                    }
                }
                put_off(environment, unmapped, now).await?;
                Ok(Some(FeedPage { items, position: None }))
            }
        }
    }
}

/// Objects whose type is not mapped now are looked at again later; left due, they would call for a cycle at
/// once, again and again.
async fn put_off(environment: &Environment, unmapped: Vec<Escrow>, now: Timestamp) -> Result<(), CycleError> {
    if unmapped.is_empty() {
        return Ok(());
    }
    let due = now.checked_add(UNMAPPED).unwrap_or(now);
    let objects = unmapped
        .into_iter()
        .map(|escrow| Settled {
            escrow: EscrowChange::Set(Escrow { due, ..escrow.clone() }),
            ..Settled::untouched(escrow.anchor, escrow.object_type)
        })
        .collect();
    let batch = Settlement { objects, ..Settlement::default() };
    environment.store.settle(environment.job, environment.lease, batch).await?;
    Ok(())
}
