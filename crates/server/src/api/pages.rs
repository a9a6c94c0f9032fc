//! Pages of directory objects: reading on until a page is full, whatever the filter leaves out.

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, EdgeKind, ListRequest, Lookup, ObjectKind, ObjectPage};
use provisor_store::{ServerStore, StoreError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
    /// All of a kind, in order of creation.
    Set {
        /// The kind.
        kind: ObjectKind,
        /// Whether to list the recycle bin instead.
        deleted: bool,
        /// Which of them the store can pick out by itself.
        lookup: Lookup,
    },
    /// At most one: that with this id, when it is of the kind.
    One {
        /// The kind.
        kind: ObjectKind,
        /// Whether it is looked for in the recycle bin.
        deleted: bool,
        /// The id.
        id: Uuid,
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
}

impl Objects {
    async fn read(
        &self,
        store: &dyn ServerStore,
        after: Option<i64>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError> {
        match self {
            Self::Set { kind, deleted, lookup } => {
                let (kind, deleted, lookup) = (*kind, *deleted, lookup.clone());
                store.list(ListRequest { kind, deleted, lookup, after, limit }).await
            }
            Self::One { kind, deleted, id } => {
                let found = store.get(*id).await?.filter(|object| {
                    object.kind == *kind
                        && object.deleted.is_some() == *deleted
                        && !object.purged
                        && after.is_none()
                });
                Ok(ObjectPage { objects: found.into_iter().collect(), next: None })
            }
            Self::Related { from, edge } => store.related(*from, *edge, after, limit).await,
            Self::Relating { to, edge } => store.relating(*to, *edge, after, limit).await,
        }
    }
}

/// A page, and where the next one begins when there are more objects.
#[derive(Debug, Default)]
pub struct Page {
    /// The objects.
    pub objects: Vec<DirectoryObject>,
    /// Where to go on.
    pub next: Option<i64>,
}

/// Reads up to `top` objects after `after` that `keep` keeps. Never gives an empty page with a next one:
/// some SDKs stop there.
///
/// # Errors
/// When the store fails.
pub async fn read(
    store: &dyn ServerStore,
    source: &Objects,
    after: Option<i64>,
    top: usize,
    keep: Option<&(dyn Fn(&DirectoryObject) -> bool + Sync)>,
) -> Result<Page, StoreError> {
    let Some(keep) = keep else {
        let page = source.read(store, after, top).await?;
        return Ok(Page { objects: page.objects, next: page.next });
    };
    let mut objects = Vec::new();
    let mut position = after;
    // Where the page ends, once it is full; only another object beyond makes it the beginning of a next page.
    let mut end = None;
    loop {
        let chunk = source.read(store, position, CHUNK).await?;
        for (index, object) in chunk.objects.into_iter().enumerate() {
            if !keep(&object) {
                continue;
            }
            if objects.len() == top {
                return Ok(Page { objects, next: end });
            }
            objects.push(object);
            if objects.len() == top {
                end = source.read(store, position, index + 1).await?.next;
            }
        }
        match chunk.next {
            Some(next) => position = Some(next),
            None => return Ok(Page { objects, next: None }),
        }
    }
}

/// How many objects `keep` keeps.
///
/// # Errors
/// When the store fails.
pub async fn count(
    store: &dyn ServerStore,
    source: &Objects,
    keep: Option<&(dyn Fn(&DirectoryObject) -> bool + Sync)>,
) -> Result<u64, StoreError> {
    let mut count = 0;
    let mut position = None;
    loop {
        let chunk = source.read(store, position, CHUNK).await?;
        count += match keep {
            Some(keep) => chunk.objects.iter().filter(|object| keep(object)).count() as u64,
            None => chunk.objects.len() as u64,
        };
        match chunk.next {
            Some(next) => position = Some(next),
            None => return Ok(count),
        }
    }
}

/// The place in a `$skiptoken`.
#[derive(Serialize, Deserialize)]
struct Token {
    after: i64,
}

/// Where the client wants to go on.
///
/// # Errors
/// 400 `Directory_ExpiredPageToken` for a token that is not ours.
pub fn position(call: &Call) -> Result<Option<i64>, GraphError> {
    match &call.options.skip_token {
        None => Ok(None),
        Some(token) => provisor_graph::odata::paging::decode::<Token>(token)
            .map(|token| Some(token.after))
            .ok_or_else(GraphError::expired_page_token),
    }
}

/// The `@odata.nextLink` of the page that begins there: the same query with another token.
#[must_use]
pub fn next_link(call: &Call, after: i64) -> String {
    link(call, "$skiptoken", &provisor_graph::odata::paging::encode(&Token { after }))
}

/// The request's own URL with `option` set to a token and the options of other pages dropped.
#[must_use]
pub fn link(call: &Call, option: &str, token: &str) -> String {
    let paging = ["$skiptoken", "%24skiptoken", "$deltatoken", "%24deltatoken"];
    let kept = call.query.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && !paging.iter().any(|option| option.eq_ignore_ascii_case(name))
    });
    let mut query = kept.collect::<Vec<_>>().join("&");
    if !query.is_empty() {
        query.push('&');
    }
    call.url(&format!("{}?{query}{option}={token}", call.path))
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
