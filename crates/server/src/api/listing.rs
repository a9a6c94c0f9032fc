//! Small collections that are read whole: jobs, templates, secrets, the gallery. Their `$filter` sees every
//! member, whatever `$select` prints.

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{self, Case, Filter, Table};
use provisor_graph::odata::paging;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::pages;
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// The most items of a page when the client names a number; without one all are on one page.
pub(super) const MAX_PAGE: u64 = 999;

/// What the items of a collection are.
#[derive(Debug)]
pub struct ItemType {
    /// Their type in Graph's metadata: `synchronizationJob`.
    pub name: &'static str,
    /// What people call one: `synchronization job`.
    pub noun: &'static str,
    /// The member that tells items apart.
    pub key: &'static str,
    /// Their properties.
    pub members: &'static Table,
    /// What `$expand` can add to them.
    pub expandable: Option<&'static str>,
}

/// What a request asks of a collection.
#[derive(Debug)]
pub struct Listing<'a> {
    call: &'a Call,
    items: &'static ItemType,
    filter: Option<Filter>,
    skip: usize,
    top: Option<usize>,
    after: Option<String>,
}

/// The place in a `$skiptoken`: the key of the item before the page.
#[derive(Serialize, Deserialize)]
struct Token {
    item: String,
}

impl<'a> Listing<'a> {
    /// Reads the options of a request.
    ///
    /// # Errors
    /// 400 for an option that the collection does not have, or a value that it cannot have.
    pub fn new(call: &'a Call, items: &'static ItemType) -> Result<Self, GraphError> {
        let options = &call.options;
        check_entity(call, items)?;
        if options.order_by.is_some() || options.search.is_some() {
            let message = format!("$orderby and $search are not supported on a {}; use $filter.", items.noun);
            return Err(GraphError::unsupported_query(message));
        }
        let filter = options.filter.as_deref().map(filter::parse).transpose()?;
        if let Some(filter) = &filter {
            filter.check(items.members, items.name)?;
        }
        let top = match options.top {
            Some(top) if !(1..=MAX_PAGE).contains(&top) => {
                return Err(GraphError::invalid_page_size(top, MAX_PAGE));
            }
            top => top.and_then(|top| usize::try_from(top).ok()),
        };
        let after = match &options.skip_token {
            None => None,
            Some(token) => {
                Some(paging::decode::<Token>(token).ok_or_else(GraphError::expired_page_token)?.item)
            }
        };
        let skip = options.skip.map_or(0, |skip| usize::try_from(skip).unwrap_or(usize::MAX));
        Ok(Self { call, items, filter, skip, top, after })
    }

    fn keep(&self, items: &mut Vec<Json>) {
        if let Some(filter) = &self.filter {
            items.retain(|item| filter.matches(item, Case::Insensitive));
        }
    }

    /// A page of the items, which are given whole.
    ///
    /// # Errors
    /// 400 when the item that the page before ended with is gone.
    pub fn reply(&self, fragment: &str, mut items: Vec<Json>) -> Answer {
        self.keep(&mut items);
        let key = self.items.key;
        let count = match (self.call.options.count, &self.after) {
            (Some(true), None) => Some(items.len() as u64),
            _ => None,
        };
        match &self.after {
            Some(after) => {
                let last = items.iter().position(|item| item[key] == after.as_str());
                items.drain(..=last.ok_or_else(GraphError::expired_page_token)?);
            }
            None => drop(items.drain(..items.len().min(self.skip))),
        }
        let mut next = None;
        if let Some(top) = self.top.filter(|top| *top < items.len()) {
            items.truncate(top);
            let item = items.last().and_then(|item| item[key].as_str()).unwrap_or_default().to_owned();
            next = Some(pages::link(self.call, "$skiptoken", &paging::encode(&Token { item })));
        }
        let items: Vec<Json> = items.into_iter().map(|item| selected(self.call, self.items, item)).collect();
        let links = PageLinks { count, next, delta: None };
        Ok(Reply::collection(self.call, fragment, links, &items)?)
    }

    /// How many of the items the filter keeps.
    #[must_use]
    pub fn count(&self, mut items: Vec<Json>) -> Reply {
        self.keep(&mut items);
        Reply::text(&items.len())
    }
}

/// Checks `$select` and `$expand` of a request.
///
/// # Errors
/// 400 for what the type does not have.
pub fn check_entity(call: &Call, items: &ItemType) -> Result<(), GraphError> {
    let expandable = |name: &str| items.expandable.is_some_and(|known| known.eq_ignore_ascii_case(name));
    for name in call.options.select.iter().flatten() {
        if name != "*" && items.members.spelled(name).is_none() && !expandable(name) {
            return Err(GraphError::unknown_select(name, items.name));
        }
    }
    match call.options.expand.as_deref() {
        Some(expand) if !expandable(expand) => {
            let can = items.expandable.map(|known| format!("; '{known}' can")).unwrap_or_default();
            Err(GraphError::bad_request(format!("'{expand}' cannot be expanded on a {}{can}.", items.noun)))
        }
        _ => Ok(()),
    }
}

/// The selected members of an item, and what it was expanded with.
#[must_use]
pub fn selected(call: &Call, items: &ItemType, mut item: Json) -> Json {
    if let (Some(names), Some(members)) = (&call.options.select, item.as_object_mut()) {
        let expanded = |member: &str| {
            call.options.expand.is_some()
                && items.expandable.is_some_and(|known| member.split('@').next().unwrap_or_default() == known)
        };
        members.retain(|member, _| {
            expanded(member) || names.iter().any(|name| name == "*" || name.eq_ignore_ascii_case(member))
        });
    }
    item
}
