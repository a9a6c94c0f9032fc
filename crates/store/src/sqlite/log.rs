//! The provisioning log.

use provisor_engine::log::{LogEntry, Status};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::fault::Fault;
use super::writer::Writing;
use super::{SqliteStore, codec, query};
use crate::StoreError;
use crate::log::{Log, LogQuery, LogRow};

/// An entry, ready to be written.
pub(super) struct LogLine {
    id: Uuid,
    cycle: Uuid,
    at: i64,
    status: i64,
    body: String,
}

impl LogLine {
    pub(super) fn of(entry: &LogEntry) -> Result<Self, Fault> {
        let status = match entry.status {
            Status::Success => 0,
            Status::Failure => 1,
            Status::Skipped => 2,
            Status::Warning => 3,
        };
        let body = codec::json("log entry", entry)?;
        Ok(Self { id: entry.id, cycle: entry.cycle, at: codec::micros(entry.at), status, body })
    }
}

pub(super) fn insert(writing: &Writing<'_>, job: i64, line: &LogLine) -> Result<(), Fault> {
    let sql =
        "INSERT INTO provisioning_log (id, job, cycle, at, status, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let LogLine { id, cycle, at, status, body } = line;
    query::execute(writing, sql, params![id.as_bytes(), job, cycle.as_bytes(), at, status, body])?;
    Ok(())
}

/// The key of a job's name in the log, made when it is new.
pub(super) fn name_job(writing: &Writing<'_>, id: &str, service_principal: Uuid) -> Result<i64, Fault> {
    let owner = service_principal.as_bytes();
    let sql = "INSERT INTO log_job (id, service_principal) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    query::execute(writing, sql, params![id, owner])?;
    let sql = "SELECT key FROM log_job WHERE id = ?1 AND service_principal = ?2";
    query::first(writing, sql, params![id, owner], |row| Ok(row.get(0)?))?
        .ok_or_else(|| Fault::not_found(format!("the name of job {id} in the log")))
}

fn read(connection: &Connection, query: &LogQuery) -> Result<Vec<LogRow>, Fault> {
    let Some(job_id) = &query.job_id else { return read_job(connection, query, None) };
    // One name may have belonged to jobs of several service principals, one after the other.
    let keys =
        query::all(connection, "SELECT key FROM log_job WHERE id = ?1", [job_id], |row| Ok(row.get(0)?))?;
    let mut rows = Vec::new();
    for key in keys {
        rows.extend(read_job(connection, query, Some(key))?);
    }
    rows.sort_by_key(|row| if query.ascending { row.sequence } else { -row.sequence });
    rows.truncate(query.limit);
    Ok(rows)
}

/// First finds the places, in indexes alone where that is possible, and then reads the bodies of those.
fn read_job(connection: &Connection, query: &LogQuery, job: Option<i64>) -> Result<Vec<LogRow>, Fault> {
    let mut conditions = Vec::new();
    let mut index = None;
    let mut narrow = |set: bool, condition, by| {
        if set {
            conditions.push(condition);
            index.get_or_insert(by);
        }
    };
    narrow(query.id.is_some(), "id = ?1", "id");
    narrow(query.cycle.is_some(), "cycle = ?3", "cycle");
    narrow(job.is_some(), "job = ?2", "job");
    narrow(query.from.is_some() || query.to.is_some(), "at BETWEEN ?4 AND ?5", "at");
    let (order, beyond) = if query.ascending { ("ASC", "seq > ?6") } else { ("DESC", "seq < ?6") };
    if query.after.is_some() {
        conditions.push(beyond);
    }
    if conditions.is_empty() {
        conditions.push("1");
    }
    let by = index.map_or("NOT INDEXED".to_owned(), |by| format!("INDEXED BY provisioning_log_{by}"));
    let sql = format!(
        "SELECT p.seq, j.id, j.service_principal, p.body FROM provisioning_log p \
         JOIN log_job j ON j.key = p.job WHERE p.seq IN (SELECT seq FROM provisioning_log {by} WHERE {} \
         ORDER BY seq {order} LIMIT ?7) ORDER BY p.seq {order}",
        conditions.join(" AND ")
    );
    let params = params![
        query.id.map(Uuid::into_bytes),
        job,
        query.cycle.map(Uuid::into_bytes),
        query.from.map_or(i64::MIN, codec::micros),
        query.to.map_or(i64::MAX, codec::micros),
        query.after,
        query::limit(query.limit),
    ];
    query::all(connection, &sql, params, |row| {
        Ok(LogRow {
            sequence: row.get(0)?,
            job_id: row.get(1)?,
            service_principal: codec::id(row, 2)?,
            entry: codec::parse(row, 3)?,
        })
    })
}

#[async_trait::async_trait]
impl Log for SqliteStore {
    async fn log(&self, query: LogQuery) -> Result<Vec<LogRow>, StoreError> {
        self.read("read the provisioning log", move |connection| read(connection, &query)).await
    }
}
