//! The provisioning log.

use provisor_engine::log::{Identity, LogEntry, Status};
use provisor_engine::object::Anchor;
use provisor_engine::ports::JobKey;
use rusqlite::{Connection, Params, params};
use uuid::Uuid;

use super::codec::Foreign;
use super::fault::Fault;
use super::writer::Writing;
use super::{SqliteStore, codec, query};
use crate::StoreError;
use crate::log::{Log, LogPlace, LogQuery, LogRow};

/// The power of two of the entries of one part of `log_lookup`, as the migration has it.
const PART: u32 = 13;
/// `log_lookup.what`: by change.
const BY_CHANGE: i64 = 0;
/// `log_lookup.what`: by the id of the source object.
const BY_SOURCE: i64 = 1;

/// An entry, ready to be written.
pub(super) struct LogLine {
    id: Uuid,
    cycle: Uuid,
    change: Uuid,
    source: String,
    at: i64,
    status: i64,
    body: String,
}

impl LogLine {
    pub(super) fn of(entry: &LogEntry) -> Result<Self, Fault> {
        let body = codec::json("log entry", entry)?;
        Ok(Self {
            id: entry.id,
            cycle: entry.cycle,
            change: entry.change,
            source: entry.source.id.clone(),
            at: codec::micros(entry.at),
            status: status(entry.status),
            body,
        })
    }
}

const fn status(status: Status) -> i64 {
    match status {
        Status::Success => 0,
        Status::Failure => 1,
        Status::Skipped => 2,
        Status::Warning => 3,
    }
}

pub(super) fn insert(writing: &Writing<'_>, job: i64, line: &LogLine) -> Result<(), Fault> {
    let sql =
        "INSERT INTO provisioning_log (id, job, cycle, at, status, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let LogLine { id, cycle, change, source, at, status, body } = line;
    query::execute(writing, sql, params![id.as_bytes(), job, cycle.as_bytes(), at, status, body])?;
    let seq = writing.last_insert_rowid();
    let sql = "INSERT INTO log_lookup (part, what, value, seq) VALUES (?1, ?2, ?3, ?4)";
    query::execute(writing, sql, params![seq >> PART, BY_CHANGE, change.as_bytes(), seq])?;
    if !source.is_empty() {
        query::execute(writing, sql, params![seq >> PART, BY_SOURCE, Foreign(source), seq])?;
    }
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

/// First finds the places, in indexes, and then reads the bodies of those.
fn read(connection: &Connection, query: &LogQuery) -> Result<Vec<LogRow>, Fault> {
    let sql = "SELECT p.seq, p.at, j.id, j.service_principal, p.body FROM provisioning_log p \
               JOIN log_job j ON j.key = p.job WHERE p.seq = ?1";
    let mut rows = Vec::new();
    for place in places(connection, query)? {
        rows.extend(query::first(connection, sql, [place.sequence], |row| {
            Ok(LogRow {
                place: LogPlace { sequence: row.get(0)?, micros: row.get(1)? },
                job_id: row.get(2)?,
                service_principal: codec::id(row, 3)?,
                entry: codec::parse(row, 4)?,
            })
        })?);
    }
    Ok(rows)
}

/// The places of the entries that meet a query, in its order, as many as it asks for.
fn places(connection: &Connection, query: &LogQuery) -> Result<Vec<LogPlace>, Fault> {
    let jobs = jobs(connection, query)?;
    let mut places = match candidates(connection, query)? {
        Some(candidates) => looked_up(connection, query, jobs.as_deref(), &candidates)?,
        None => each_job(jobs, |job| {
            let sql = statement(query, job.is_some());
            query::all(connection, &sql, conditions(query, job), |row| {
                Ok(LogPlace { micros: row.get(0)?, sequence: row.get(1)? })
            })
        })?
        .concat(),
    };
    places.sort_unstable();
    if !query.ascending {
        places.reverse();
    }
    places.truncate(query.limit);
    Ok(places)
}

fn count(connection: &Connection, query: &LogQuery) -> Result<u64, Fault> {
    let query = &LogQuery { after: None, limit: usize::MAX, ..query.clone() };
    let jobs = jobs(connection, query)?;
    if let Some(candidates) = candidates(connection, query)? {
        return Ok(looked_up(connection, query, jobs.as_deref(), &candidates)?.len() as u64);
    }
    let counts = each_job(jobs, |job| {
        let sql = format!("SELECT count(*) {} LIMIT ?9", met(query, job.is_some()));
        query::first(connection, &sql, conditions(query, job), |row| codec::count(row, 0))
    })?;
    Ok(counts.into_iter().flatten().sum())
}

/// Does something for every job that a query is about, or once for all.
fn each_job<T>(
    jobs: Option<Vec<i64>>,
    read: impl Fn(Option<i64>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    match jobs {
        None => Ok(vec![read(None)?]),
        Some(keys) => keys.into_iter().map(|key| read(Some(key))).collect(),
    }
}

/// The jobs that a query is about, by their keys in the log; `None` for all. One name may have belonged to
/// jobs of several service principals, one after the other. The index by status is one by job too.
fn jobs(connection: &Connection, query: &LogQuery) -> Result<Option<Vec<i64>>, Fault> {
    let (id, owner) = (&query.job_id, query.service_principal.map(Uuid::into_bytes));
    let condition = match (id, owner) {
        (None, None) if query.status.is_some() && query.cycle.is_none() && query.id.is_none() => "key > 0",
        (None, None) => return Ok(None),
        (Some(_), None) => "id = ?1",
        (None, Some(_)) => "service_principal = ?2",
        (Some(_), Some(_)) => "id = ?1 AND service_principal = ?2",
    };
    let sql = format!("SELECT key FROM log_job WHERE {condition} LIMIT ?3");
    query::all(connection, &sql, params![id, owner, -1], |row| Ok(row.get(0)?)).map(Some)
}

/// The entries of a change or of a source object; `None` when the query names neither.
fn candidates(connection: &Connection, query: &LogQuery) -> Result<Option<Vec<i64>>, Fault> {
    match (&query.change, &query.source) {
        (Some(change), _) => in_parts(connection, BY_CHANGE, change.as_bytes()).map(Some),
        (None, Some(source)) => in_parts(connection, BY_SOURCE, &Foreign(source)).map(Some),
        (None, None) => Ok(None),
    }
}

/// Who an object was in the newest entry of a job that calls it by another name than its id.
pub(super) fn last_known(
    connection: &Connection,
    job: JobKey,
    anchor: &Anchor,
) -> Result<Option<Identity>, Fault> {
    let mut found = in_parts(connection, BY_SOURCE, &Foreign(anchor.as_str()))?;
    found.sort_unstable();
    let sql = "SELECT p.body FROM provisioning_log p JOIN job j ON j.log_job = p.job \
               WHERE p.seq = ?1 AND j.key = ?2";
    for sequence in found.into_iter().rev() {
        let entry: Option<LogEntry> =
            query::first(connection, sql, params![sequence, job.0], |row| codec::parse(row, 0))?;
        let source = entry.map(|entry| entry.source);
        let is_named = |source: &Identity| {
            source.id == anchor.as_str() && !source.label.is_empty() && source.label != source.id
        };
        if let Some(source) = source.filter(is_named) {
            return Ok(Some(source));
        }
    }
    Ok(None)
}

fn in_parts(connection: &Connection, what: i64, value: &dyn rusqlite::ToSql) -> Result<Vec<i64>, Fault> {
    let newest: Option<i64> =
        query::first(connection, "SELECT max(seq) FROM provisioning_log", [], |row| Ok(row.get(0)?))?
            .flatten();
    let sql = "SELECT seq FROM log_lookup WHERE part = ?1 AND what = ?2 AND value = ?3";
    let mut found = Vec::new();
    for part in 0..=newest.unwrap_or(0) >> PART {
        let entries: Vec<i64> =
            query::all(connection, sql, params![part, what, value], |row| Ok(row.get(0)?))?;
        found.extend(entries);
    }
    Ok(found)
}

/// Those of the candidates that meet the other conditions too.
fn looked_up(
    connection: &Connection,
    query: &LogQuery,
    jobs: Option<&[i64]>,
    candidates: &[i64],
) -> Result<Vec<LogPlace>, Fault> {
    let sql =
        "SELECT at, job, cycle, status, id, body ->> '$.source.id' FROM provisioning_log WHERE seq = ?1";
    let mut places = Vec::new();
    for sequence in candidates.iter().copied() {
        let place = query::first(connection, sql, [sequence], |row| {
            let place = LogPlace { micros: row.get(0)?, sequence };
            let meets = within(query, place)
                && jobs.is_none_or(|jobs| row.get(1).is_ok_and(|job| jobs.contains(&job)))
                && query.cycle.is_none_or(|cycle| codec::id(row, 2).is_ok_and(|id| id == cycle))
                && query.status.is_none_or(|wanted| row.get(3) == Ok(status(wanted)))
                && query.id.is_none_or(|wanted| codec::id(row, 4).is_ok_and(|id| id == wanted))
                && query.source.as_ref().is_none_or(|wanted| row.get(5).as_ref() == Ok(wanted));
            Ok(meets.then_some(place))
        })?;
        places.extend(place.flatten());
    }
    Ok(places)
}

/// Whether a place is in the time that a query is about, and beyond the place that it goes on after.
fn within(query: &LogQuery, place: LogPlace) -> bool {
    let beyond = |after| if query.ascending { place > after } else { place < after };
    query.from.is_none_or(|from| place.micros >= codec::micros(from))
        && query.to.is_none_or(|to| place.micros <= codec::micros(to))
        && query.after.is_none_or(beyond)
}

/// The statement that finds entries in the order of a query; its parameters are those of [`conditions`]. Each
/// index ends with the time, so that nothing is sorted and nothing is read that is not given.
pub(super) fn statement(query: &LogQuery, job: bool) -> String {
    let order = if query.ascending { "ASC" } else { "DESC" };
    format!("SELECT at, seq {} ORDER BY at {order}, seq {order} LIMIT ?9", met(query, job))
}

/// Where the entries are that meet a query.
fn met(query: &LogQuery, job: bool) -> String {
    let mut conditions = vec!["at BETWEEN ?5 AND ?6"];
    let mut index = None;
    let mut narrow = |set: bool, condition, by| {
        if set {
            conditions.push(condition);
            index.get_or_insert(by);
        }
    };
    narrow(query.id.is_some(), "id = ?1", "id");
    narrow(query.cycle.is_some(), "cycle = ?3", "cycle");
    narrow(query.status.is_some(), "status = ?4", "status");
    narrow(job, "job = ?2", "job");
    if query.after.is_some() {
        conditions.push(if query.ascending { "(at, seq) > (?7, ?8)" } else { "(at, seq) < (?7, ?8)" });
    }
    let index = index.unwrap_or("at");
    format!("FROM provisioning_log INDEXED BY provisioning_log_{index} WHERE {}", conditions.join(" AND "))
}

fn conditions(query: &LogQuery, job: Option<i64>) -> impl Params {
    let values: [Option<rusqlite::types::Value>; 9] = [
        query.id.map(|id| id.into_bytes().to_vec().into()),
        job.map(Into::into),
        query.cycle.map(|cycle| cycle.into_bytes().to_vec().into()),
        query.status.map(|wanted| status(wanted).into()),
        Some(query.from.map_or(i64::MIN, codec::micros).into()),
        Some(query.to.map_or(i64::MAX, codec::micros).into()),
        query.after.map(|after| after.micros.into()),
        query.after.map(|after| after.sequence.into()),
        Some(query::limit(query.limit).into()),
    ];
    rusqlite::params_from_iter(values)
}

#[async_trait::async_trait]
impl Log for SqliteStore {
    async fn log(&self, query: LogQuery) -> Result<Vec<LogRow>, StoreError> {
        self.read("read the provisioning log", move |connection| read(connection, &query)).await
    }

    async fn log_count(&self, query: LogQuery) -> Result<u64, StoreError> {
        self.read("count the provisioning log", move |connection| count(connection, &query)).await
    }
}
