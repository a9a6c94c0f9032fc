//! The provisioning log.

use jiff::Timestamp;
use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{self, Filter, Literal, Operator};
use provisor_graph::odata::paging;
use provisor_store::log::LogQuery;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::log_about::Abouts;
use super::{log_entry, lookup, pages};
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// The most entries of a page, and the number when the client names none.
const MAX_PAGE: u64 = 1000;
/// Entries read from the store at a time while a filter is evaluated.
const CHUNK: usize = 500;

/// The place in a `$skiptoken`: the entry before the page.
#[derive(Serialize, Deserialize)]
struct Token {
    log: i64,
}

/// `GET /auditLogs/provisioning`
///
/// # Errors
/// 400 for a filter, order or page size that the log does not have.
pub async fn list(call: Call) -> Answer {
    refuse_options(&call)?;
    let filter = call.options.filter.as_deref().map(filter::parse).transpose()?;
    if let Some(filter) = &filter {
        log_entry::check_filter(filter)?;
    }
    let select = call.options.select.as_deref().map(log_entry::check_select).transpose()?;
    let top = size(&call)?;
    let mut query = filter.as_ref().map_or_else(LogQuery::default, pushed_down);
    query.ascending = ascending(&call)?;
    query.after = position(&call)?;
    let mut abouts = Abouts::default();
    let mut items: Vec<Json> = Vec::new();
    let mut last = None;
    let next = 'pages: loop {
        query.limit = if filter.is_some() { CHUNK } else { top + 1 };
        let rows = call.state.store.log(query.clone()).await?;
        let full = rows.len() == query.limit;
        query.after = rows.last().map(|row| row.sequence);
        for row in rows {
            let json = log_entry::render(&call, &row, &abouts.of(&call, &row).await?);
            if filter.as_ref().is_some_and(|filter| !log_entry::passes(filter, &json)) {
                continue;
            }
            if items.len() == top {
                break 'pages last;
            }
            last = Some(row.sequence);
            items.push(log_entry::select(json, select.as_deref()));
        }
        if !full {
            break None;
        }
    };
    let next = next.map(|log| pages::link(&call, "$skiptoken", &paging::encode(&Token { log })));
    let links = PageLinks { next, ..PageLinks::default() };
    Ok(Reply::collection(&call, "auditLogs/provisioning", links, &items)?)
}

/// `GET /auditLogs/provisioning/{id}`
///
/// # Errors
/// 404 when there is no such entry.
pub async fn get(call: Call) -> Answer {
    let id = lookup::id(&call, "entry")?;
    refuse_options(&call)?;
    let select = call.options.select.as_deref().map(log_entry::check_select).transpose()?;
    let query = LogQuery { id: Some(id), limit: 1, ..LogQuery::default() };
    let row = call.state.store.log(query).await?.into_iter().next();
    let row = row.ok_or_else(|| GraphError::not_found(&id.to_string()))?;
    let about = Abouts::default().of(&call, &row).await?;
    let json = log_entry::select(log_entry::render(&call, &row, &about), select.as_deref());
    Ok(Reply::entity(&call, "auditLogs/provisioning/$entity", &json)?)
}

/// Saying that an option is not there beats ignoring it.
fn refuse_options(call: &Call) -> Result<(), GraphError> {
    if call.options.search.is_some() {
        let message = "$search is not supported on the provisioning log; use $filter.";
        return Err(GraphError::unsupported_query(message));
    }
    if call.options.expand.is_some() {
        return Err(GraphError::unsupported_query("$expand is not supported on the provisioning log."));
    }
    Ok(())
}

fn size(call: &Call) -> Result<usize, GraphError> {
    let top = call.options.top.unwrap_or(MAX_PAGE);
    match usize::try_from(top) {
        Ok(size) if (1..=MAX_PAGE).contains(&top) => Ok(size),
        _ => Err(GraphError::invalid_page_size(top, MAX_PAGE)),
    }
}

fn position(call: &Call) -> Result<Option<i64>, GraphError> {
    match &call.options.skip_token {
        None => Ok(None),
        Some(token) => paging::decode::<Token>(token)
            .map(|token| Some(token.log))
            .ok_or_else(GraphError::expired_page_token),
    }
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

/// The conditions that the store can check by itself; all of them are checked again on the rendered entry.
fn pushed_down(filter: &Filter) -> LogQuery {
    let mut query = LogQuery::default();
    for term in filter.conjuncts() {
        let path = term.path.to_ascii_lowercase();
        match (path.as_str(), term.operator, &term.value) {
            ("jobid", Operator::Eq, Literal::String(id)) => query.job_id = Some(id.clone()),
            ("cycleid", Operator::Eq, value) => query.cycle = guid(value).or(query.cycle),
            ("id", Operator::Eq, value) => query.id = guid(value).or(query.id),
            ("activitydatetime", operator, value) => {
                let Some(at) = instant(value) else { continue };
                if matches!(operator, Operator::Ge | Operator::Gt | Operator::Eq) {
                    query.from = Some(query.from.map_or(at, |from| from.max(at)));
                }
                if matches!(operator, Operator::Le | Operator::Lt | Operator::Eq) {
                    // Entries print whole seconds: one written later within the second still meets the filter.
                    let end = at.saturating_add(jiff::SignedDuration::from_secs(1)).unwrap_or(at);
                    query.to = Some(query.to.map_or(end, |to| to.min(end)));
                }
            }
            _ => {}
        }
    }
    query
}

fn guid(value: &Literal) -> Option<Uuid> {
    match value {
        Literal::Guid(id) => Some(*id),
        Literal::String(text) => Uuid::try_parse(text).ok(),
        _ => None,
    }
}

fn instant(value: &Literal) -> Option<Timestamp> {
    match value {
        Literal::DateTime(at) => Some(*at),
        _ => None,
    }
}
