//! Pages of directory objects: reading on until a page is full, whatever the filter leaves out.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provisor_graph::error::GraphError;
use provisor_graph::odata::paging;
use provisor_store::directory::{
    DirectoryObject, EdgeKind, ListRequest, Lookup, ObjectKind, ObjectPage, Place, Transitive,
};
use provisor_store::{ServerStore, StoreError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::filtering::Filtering;
use super::sorting::{Best, Rank, Sorting};
use crate::http::error::Failure;
use crate::http::request::Call;

/// Objects read from the store at a time while a filter is evaluated.
const CHUNK: usize = 500;
/// Items of a page when the client names no number.
const DEFAULT_PAGE: usize = 100;
/// The most items of a page of directory objects.
const MAX_PAGE: usize = 999;

/// Where objects come from.
#[derive(Clone, Debug)]
pub enum Objects {
    /// Those of a kind.
    Set {
        /// The kind.
        kind: ObjectKind,
        /// Whether to list the recycle bin instead.
        deleted: bool,
        /// Which of them the store can pick out by itself.
        lookup: Lookup,
    },
    /// Those that an object is related to.
    Related {
        /// The object.
        from: Uuid,
        /// How.
        edge: EdgeKind,
    },
    /// Those that are related to an object.
    Relating {
        /// The object.
        to: Uuid,
        /// How.
        edge: EdgeKind,
    },
    /// Those that are reached from an object over any number of relationships.
    Reached {
        /// The object.
        from: Uuid,
        /// Which way.
        over: Transitive,
    },
    /// None.
    Nowhere,
}

impl Objects {
    async fn read(
        &self,
        store: &dyn ServerStore,
        after: Option<Place>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError> {
        match self {
            Self::Set { kind, deleted, lookup } => {
                let (kind, deleted, lookup) = (*kind, *deleted, lookup.clone());
                store.list(ListRequest { kind, deleted, lookup, after, limit }).await
            }
            Self::Related { from, edge } => store.related(*from, *edge, after, limit).await,
            Self::Relating { to, edge } => store.relating(*to, *edge, after, limit).await,
            Self::Reached { from, over } => store.transitive(*from, *over, after, limit).await,
            Self::Nowhere => Ok(ObjectPage::default()),
        }
    }
}

/// Where a listing goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Position {
    /// After an object's place in an order that was made.
    Sorted(Rank),
    /// After a place in what the store gives.
    Place(Place),
}

/// A page, and where the next one begins when there are more objects.
#[derive(Debug, Default)]
pub struct Page {
    /// The objects.
    pub objects: Vec<DirectoryObject>,
    /// Where to go on.
    pub next: Option<Position>,
}

/// Reads up to `top` objects after `after` that pass. Never gives an empty page with a next one: some SDKs stop
/// there.
///
/// # Errors
/// When the store fails.
pub async fn read(
    store: &dyn ServerStore,
    source: &Objects,
    filtering: &Filtering,
    after: Option<Position>,
    top: usize,
) -> Result<Page, StoreError> {
    match filtering.sorting(source) {
        Some(sorting) => read_sorted(store, source, filtering, (sorting, after), top).await,
        None => read_in_order(store, source, filtering, after, top).await,
    }
}

async fn read_in_order(
    store: &dyn ServerStore,
    source: &Objects,
    filtering: &Filtering,
    after: Option<Position>,
    top: usize,
) -> Result<Page, StoreError> {
    let mut position = match after {
        Some(Position::Place(place)) => Some(place),
        Some(Position::Sorted(_)) | None => None,
    };
    let mut page = Page::default();
    let mut last = None;
    let mut left_out = false;
    loop {
        // One more than the page has: only another object beyond makes it the beginning of a next page. What
        // the store has looked up mostly passes; when it does not, the rest is read in larger steps.
        let wanted = top + 1 - page.objects.len();
        let limit = if left_out { wanted.max(CHUNK) } else { wanted };
        let chunk = source.read(store, position, limit).await?;
        let kept = filtering.keeps(store, source, &chunk.objects).await?;
        for ((object, place), keep) in chunk.objects.into_iter().zip(chunk.places).zip(kept) {
            if !keep {
                left_out = true;
                continue;
            }
            if page.objects.len() == top {
                page.next = last.map(Position::Place);
                return Ok(page);
            }
            page.objects.push(object);
            last = Some(place);
        }
        match chunk.next {
            Some(next) => position = Some(next),
            None => return Ok(page),
        }
    }
}

async fn read_sorted(
    store: &dyn ServerStore,
    source: &Objects,
    filtering: &Filtering,
    (sorting, after): (&Sorting, Option<Position>),
    top: usize,
) -> Result<Page, StoreError> {
    let after = match after {
        Some(Position::Sorted(rank)) => Some(rank),
        Some(Position::Place(_)) | None => None,
    };
    let mut best = Best::new(sorting, after, top + 1);
    let mut position = None;
    loop {
        let chunk = source.read(store, position, CHUNK).await?;
        let kept = filtering.keeps(store, source, &chunk.objects).await?;
        let passing = chunk.objects.into_iter().zip(kept).filter(|(_, keep)| *keep);
        passing.for_each(|(object, _)| best.offer(object));
        match chunk.next {
            Some(next) => position = Some(next),
            None => break,
        }
    }
    let mut kept = best.into_kept();
    let more = kept.len() > top;
    kept.truncate(top);
    let next = kept.last().filter(|_| more).map(|(rank, _)| Position::Sorted(rank.clone()));
    Ok(Page { objects: kept.into_iter().map(|(_, object)| object).collect(), next })
}

/// How many objects pass.
///
/// # Errors
/// When the store fails.
pub async fn count(
    store: &dyn ServerStore,
    source: &Objects,
    filtering: &Filtering,
) -> Result<u64, StoreError> {
    if let Objects::Set { kind, deleted: false, .. } = source
        && filtering.is_trivial()
    {
        return store.count(*kind).await;
    }
    let mut count = 0;
    let mut position = None;
    loop {
        let chunk = source.read(store, position, CHUNK).await?;
        let kept = filtering.keeps(store, source, &chunk.objects).await?;
        count += kept.into_iter().filter(|keep| *keep).count() as u64;
        match chunk.next {
            Some(next) => position = Some(next),
            None => return Ok(count),
        }
    }
}

/// Where the client wants to go on.
///
/// # Errors
/// 400 `Directory_ExpiredPageToken` for a token that is not ours.
pub fn position<T: DeserializeOwned>(call: &Call) -> Result<Option<T>, GraphError> {
    let Some(token) = &call.options.skip_token else { return Ok(None) };
    let decoded: Option<Token<T>> = paging::decode(token);
    decoded
        .filter(|token| token.of == listing(call))
        .map(|token| Some(token.at))
        .ok_or_else(GraphError::expired_page_token)
}

/// A place in a listing, and which one that is: in another one it would mean something else.
#[derive(Serialize, Deserialize)]
struct Token<T> {
    of: String,
    at: T,
}

/// What tells a listing from others: what is listed, and in what order.
fn listing(call: &Call) -> String {
    let options = &call.options;
    let parts = [
        Some(call.path()),
        options.filter.as_deref(),
        options.search.as_deref(),
        options.order_by.as_deref(),
    ];
    let mut text = String::with_capacity(128);
    for part in parts {
        // What is not there differs from what is empty; neither sign stands in a path or an option.
        text.push(if part.is_some() { '\u{1}' } else { '\0' });
        text.push_str(part.unwrap_or_default());
    }
    text.make_ascii_lowercase();
    let hash = digest(&SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..9).unwrap_or_default())
}

/// The `@odata.nextLink` of the page that begins there: the same query with another token.
#[must_use]
pub fn next_link(call: &Call, after: &impl Serialize) -> String {
    link(call, "$skiptoken", &paging::encode(&Token { of: listing(call), at: after }))
}

/// The request's own URL with `option` set to a token and the options of other pages dropped.
#[must_use]
pub fn link(call: &Call, option: &str, token: &str) -> String {
    let paging = ["$skiptoken", "%24skiptoken", "skiptoken", "$deltatoken", "%24deltatoken", "deltatoken"];
    let kept = call.query().split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && !paging.iter().any(|option| option.eq_ignore_ascii_case(name))
    });
    let mut query = kept.collect::<Vec<_>>().join("&");
    if !query.is_empty() {
        query.push('&');
    }
    call.url(&format!("{}?{query}{option}={token}", call.path()))
}

/// The size of a page of directory objects.
///
/// # Errors
/// 400 `Request_UnsupportedQuery` outside 1 to 999.
pub fn size(call: &Call) -> Result<usize, Failure> {
    let top = call.options.top.unwrap_or(DEFAULT_PAGE as u64);
    match usize::try_from(top) {
        Ok(top @ 1..=MAX_PAGE) => Ok(top),
        _ => Err(GraphError::invalid_page_size(top, MAX_PAGE as u64).into()),
    }
}
