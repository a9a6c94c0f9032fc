//! The provisioning log.

mod indexed;

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{self, Filter};
use provisor_graph::odata::paging;
use provisor_store::log::{LogPlace, LogQuery};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::log_about::Abouts;
use super::{log_entry, lookup, pages};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};
use indexed::Indexed;

/// The most entries of a page, and the number when the client names none.
const MAX_PAGE: u64 = 1000;
/// Entries read from the store at a time while a filter is evaluated: other readers come in between.
const CHUNK: usize = 500;
/// A page that has something is cut short after so many entries were looked at.
const LOOKED_AT: usize = 20_000;

/// The place in a `$skiptoken`: the entry before the page.
#[derive(Serialize, Deserialize)]
struct Token {
    at: i64,
    log: i64,
}

/// What a request asks of the log.
struct Question {
    filter: Option<Filter>,
    indexed: Indexed,
}

impl Question {
    /// # Errors
    /// 400 for a filter or order that the log does not have.
    fn of(call: &Call) -> Result<Self, GraphError> {
        let filter = call.options.filter.as_deref().map(filter::parse).transpose()?;
        if let Some(filter) = &filter {
            log_entry::check_filter(filter)?;
        }
        let mut indexed = filter.as_ref().map_or_else(Indexed::everything, Indexed::of);
        indexed.query.ascending = ascending(call)?;
        Ok(Self { filter, indexed })
    }

    /// The filter, as far as the store's indexes leave something to check.
    fn rest(&self) -> Option<&Filter> {
        self.filter.as_ref().filter(|_| !self.indexed.exact)
    }

    /// How many entries pass.
    async fn count(&self, call: &Call) -> Result<u64, Failure> {
        let mut query = self.indexed.query.clone();
        let Some(filter) = self.rest() else { return Ok(call.state.store.log_count(query).await?) };
        let mut abouts = Abouts::default();
        let mut count = 0;
        query.limit = CHUNK;
        loop {
            let rows = call.state.store.log(query.clone()).await?;
            let full = rows.len() == CHUNK;
            query.after = rows.last().map(|row| row.place);
            for row in rows {
                let json = log_entry::render(call, &row, &abouts.of(call, &row).await?);
                count += u64::from(log_entry::passes(filter, &json));
            }
            if !full {
                return Ok(count);
            }
        }
    }

    /// A page of those that pass, and the place to go on after.
    async fn page(&self, call: &Call, top: usize) -> Result<(Vec<Json>, Option<LogPlace>), Failure> {
        let mut query = LogQuery { after: position(call)?, ..self.indexed.query.clone() };
        query.limit = if self.rest().is_some() { CHUNK } else { top + 1 };
        let mut abouts = Abouts::default();
        let mut items: Vec<Json> = Vec::new();
        let mut last = None;
        let mut looked_at = 0;
        loop {
            let rows = call.state.store.log(query.clone()).await?;
            let full = rows.len() == query.limit;
            query.after = rows.last().map(|row| row.place);
            looked_at += rows.len();
            for row in rows {
                let json = log_entry::render(call, &row, &abouts.of(call, &row).await?);
                let passes = self.rest().is_none_or(|filter| log_entry::passes(filter, &json));
                if passes && items.len() == top {
                    return Ok((items, last));
                }
                last = Some(row.place);
                if passes {
                    items.push(json);
                }
            }
            if !full {
                return Ok((items, None));
            }
            if looked_at >= LOOKED_AT && !items.is_empty() {
                return Ok((items, last));
            }
        }
    }
}

/// `GET /auditLogs/provisioning`
///
/// # Errors
/// 400 for a filter, order or page size that the log does not have.
pub async fn list(call: Call) -> Answer {
    let question = Question::of(&call)?;
    let select = call.options.select.as_deref().map(log_entry::check_select).transpose()?;
    let top = size(&call)?;
    let (items, next) = question.page(&call, top).await?;
    let counted = call.options.count == Some(true) && call.options.skip_token.is_none();
    let count = if counted { Some(question.count(&call).await?) } else { None };
    let items: Vec<Json> = items.into_iter().map(|json| log_entry::select(json, select.as_deref())).collect();
    let next = next.map(|LogPlace { micros, sequence }| {
        pages::link(&call, "$skiptoken", &paging::encode(&Token { at: micros, log: sequence }))
    });
    let links = PageLinks { count, next, ..PageLinks::default() };
    Ok(Reply::collection(&call, "auditLogs/provisioning", links, &items)?)
}

/// `GET /auditLogs/provisioning/$count`
///
/// # Errors
/// As [`list`].
pub async fn count(call: Call) -> Answer {
    Ok(Reply::text(&Question::of(&call)?.count(&call).await?))
}

/// `GET /auditLogs/provisioning/{id}`
///
/// # Errors
/// 404 when there is no such entry.
pub async fn get(call: Call) -> Answer {
    let id = lookup::id(&call, "entry")?;
    let select = call.options.select.as_deref().map(log_entry::check_select).transpose()?;
    let query = LogQuery { id: Some(id), limit: 1, ..LogQuery::default() };
    let row = call.state.store.log(query).await?.into_iter().next();
    let row = row.ok_or_else(|| GraphError::not_found(&id.to_string()))?;
    let about = Abouts::default().of(&call, &row).await?;
    let json = log_entry::select(log_entry::render(&call, &row, &about), select.as_deref());
    Ok(Reply::entity(&call, "auditLogs/provisioning/$entity", &json)?)
}

fn size(call: &Call) -> Result<usize, GraphError> {
    let top = call.options.top.unwrap_or(MAX_PAGE);
    match usize::try_from(top) {
        Ok(size) if (1..=MAX_PAGE).contains(&top) => Ok(size),
        _ => Err(GraphError::invalid_page_size(top, MAX_PAGE)),
    }
}

fn position(call: &Call) -> Result<Option<LogPlace>, GraphError> {
    let Some(token) = &call.options.skip_token else { return Ok(None) };
    let Token { at, log } = paging::decode(token).ok_or_else(GraphError::expired_page_token)?;
    Ok(Some(LogPlace { micros: at, sequence: log }))
}

/// Newest first, unless the client asks for the oldest first.
fn ascending(call: &Call) -> Result<bool, GraphError> {
    let Some(order) = &call.options.order_by else { return Ok(false) };
    let mut words = order.split_whitespace();
    let property = words.next().unwrap_or_default();
    let direction = words.next().unwrap_or("asc");
    let known = property.eq_ignore_ascii_case("activityDateTime") && words.next().is_none();
    match () {
        () if known && direction.eq_ignore_ascii_case("asc") => Ok(true),
        () if known && direction.eq_ignore_ascii_case("desc") => Ok(false),
        () => Err(GraphError::bad_request(format!(
            "Invalid $orderby '{order}': the log can be ordered by activityDateTime, asc or desc."
        ))),
    }
}
