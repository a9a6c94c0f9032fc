//! The change feed: objects in the order of their newest change.
//!
//! For those who are assigned to a service principal there are two kinds of change, of the object and of what
//! it is assigned to (a touch). An object stands at the newer one of those within the window that is read.
//! A full reading of the assigned follows the touches alone, so that it costs what is assigned and not what
//! the directory holds: an object that changed since it was passed comes after the window.

use rusqlite::{Connection, Row, named_params};

use super::assignments::assigned;
use super::fault::Fault;
use super::objects::{self, COLUMNS};
use super::{codec, query};
use crate::directory::{ChangeNumber, FeedEntry, FeedRequest};

fn entry(row: &Row<'_>) -> Result<FeedEntry, Fault> {
    let object = objects::object(row, 2)?.object;
    Ok(FeedEntry { at: ChangeNumber(row.get(0)?), object, assigned: row.get(1)? })
}

pub(super) fn read(connection: &Connection, request: &FeedRequest) -> Result<Vec<FeedEntry>, Fault> {
    let Some(resource) = request.assigned_to else { return read_changes(connection, request, None) };
    // A service principal that is not there has nobody assigned.
    let resource = objects::find(connection, resource)?.map_or(0, |stored| stored.seq);
    let mut entries = read_touches(connection, request, resource)?;
    if !request.full {
        entries.extend(read_changes(connection, request, Some(resource))?);
        entries.sort_by_key(|entry| entry.at);
        entries.truncate(request.limit);
    }
    Ok(entries)
}

/// Objects at their own change; with a resource, without those that were touched later.
fn read_changes(
    connection: &Connection,
    request: &FeedRequest,
    resource: Option<i64>,
) -> Result<Vec<FeedEntry>, Fault> {
    let (is_assigned, condition) = match resource {
        None => ("1".to_owned(), "?2 IS NULL"),
        Some(_) => (
            assigned(request.kind, "o.seq", "?2"),
            "NOT EXISTS (SELECT 1 FROM touch t WHERE t.resource = ?2 AND t.principal = o.seq \
             AND t.seq > o.changed AND t.seq <= ?4)",
        ),
    };
    let alive = if request.full { "AND o.state <> 2" } else { "" };
    let sql = format!(
        "SELECT o.changed, {is_assigned}, {COLUMNS} FROM directory_object o WHERE o.kind = ?1 {alive} \
         AND o.changed > ?3 AND o.changed <= ?4 AND {condition} ORDER BY o.changed LIMIT ?5"
    );
    let params = rusqlite::params![
        request.kind,
        resource,
        request.since.0,
        request.until.0,
        query::limit(request.limit)
    ];
    query::all(connection, &sql, params, entry)
}

/// Objects at the change of what they are assigned to; in a partial reading without those that changed later.
fn read_touches(
    connection: &Connection,
    request: &FeedRequest,
    resource: i64,
) -> Result<Vec<FeedEntry>, Fault> {
    let is_assigned = assigned(request.kind, "o.seq", ":resource");
    let condition = if request.full {
        format!("o.state <> 2 AND {is_assigned}")
    } else {
        "NOT (o.changed > t.seq AND o.changed <= :until)".to_owned()
    };
    let sql = format!(
        "SELECT t.seq, {is_assigned}, {COLUMNS} FROM touch t JOIN directory_object o ON o.seq = t.principal \
         WHERE t.resource = :resource AND t.kind = :kind AND t.seq > :since AND t.seq <= :until \
         AND {condition} ORDER BY t.seq LIMIT :limit"
    );
    let params = named_params! {
        ":resource": resource,
        ":kind": request.kind,
        ":since": request.since.0,
        ":until": request.until.0,
        ":limit": query::limit(request.limit),
    };
    query::all(connection, &sql, params, entry)
}

/// About how many entries there are: purged objects, and what stands in both kinds of change, count too.
pub(super) fn count(connection: &Connection, request: &FeedRequest) -> Result<u64, Fault> {
    let (since, until) = (request.since.0, request.until.0);
    let mut total = 0;
    if let Some(resource) = request.assigned_to {
        let resource = objects::find(connection, resource)?.map_or(0, |stored| stored.seq);
        let sql = "SELECT count(*) FROM touch WHERE resource = ?1 AND kind = ?2 AND seq > ?3 AND seq <= ?4";
        let params = rusqlite::params![resource, request.kind, since, until];
        total += query::first(connection, sql, params, |row| codec::count(row, 0))?.unwrap_or(0);
    }
    if request.assigned_to.is_none() || !request.full {
        let sql = "SELECT count(*) FROM directory_object WHERE kind = ?1 AND changed > ?2 AND changed <= ?3";
        let params = rusqlite::params![request.kind, since, until];
        total += query::first(connection, sql, params, |row| codec::count(row, 0))?.unwrap_or(0);
    }
    Ok(total)
}
