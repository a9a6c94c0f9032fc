//! Synchronization jobs.

use std::collections::BTreeMap;

use provisor_engine::job::LinkCounts;
use provisor_engine::ports::JobKey;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::fault::Fault;
use super::writer::Writing;
use super::{SqliteStore, codec, log, query, references};
use crate::StoreError;
use crate::jobs::{JobChange, JobRecord, Jobs, NewJob};

const SELECT: &str = "SELECT key, id, service_principal, template_id, state, settings FROM job";

/// Everything that a job has beside its row and its log.
const BELONGINGS: [&str; 8] =
    ["job_schema", "checkpoint", "link", "link_count", "escrow", "inventory", "source_object", "upload"];

fn record(connection: &Connection, row: &Row<'_>) -> Result<JobRecord, Fault> {
    let key = JobKey(row.get(0)?);
    Ok(JobRecord {
        key,
        id: row.get(1)?,
        service_principal: codec::id(row, 2)?,
        template_id: row.get(3)?,
        state: codec::parse(row, 4)?,
        settings: codec::parse(row, 5)?,
        counts: counts(connection, key)?,
    })
}

fn counts(connection: &Connection, job: JobKey) -> Result<LinkCounts, Fault> {
    let sql =
        "SELECT t.name, c.links FROM link_count c JOIN object_type t ON t.key = c.type WHERE c.job = ?1";
    let rows = query::all(connection, sql, [job.0], |row| Ok((row.get(0)?, codec::count(row, 1)?)))?;
    Ok(BTreeMap::from_iter(rows))
}

fn find(connection: &Connection, key: JobKey) -> Result<Option<JobRecord>, Fault> {
    query::first(connection, &format!("{SELECT} WHERE key = ?1"), [key.0], |row| record(connection, row))
}

fn create(writing: &Writing<'_>, new: &NewJob) -> Result<JobRecord, Fault> {
    if query::exists(writing, "SELECT 1 FROM job WHERE id = ?1", [&new.id])? {
        return Err(Fault::conflict("id"));
    }
    let log_job = log::name_job(writing, &new.id, new.service_principal)?;
    let sql = "INSERT INTO job (id, service_principal, template_id, state, settings, log_job) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (state, settings) = (codec::json("job", &new.state)?, codec::json("job", &new.settings)?);
    let owner = new.service_principal.as_bytes();
    query::execute(writing, sql, params![new.id, owner, new.template_id, state, settings, log_job])?;
    let key = JobKey(writing.last_insert_rowid());
    find(writing, key)?.ok_or_else(|| not_found(key))
}

fn change(writing: &Writing<'_>, key: JobKey, change: JobChange) -> Result<Option<JobRecord>, Fault> {
    let Some(mut record) = find(writing, key)? else { return Ok(None) };
    change(&mut record.state, &mut record.settings);
    let (state, settings) = (codec::json("job", &record.state)?, codec::json("job", &record.settings)?);
    let sql = "UPDATE job SET state = ?2, settings = ?3 WHERE key = ?1";
    query::execute(writing, sql, params![key.0, state, settings])?;
    Ok(Some(record))
}

fn delete(writing: &Writing<'_>, key: JobKey) -> Result<bool, Fault> {
    references::clear(writing, key)?;
    for table in BELONGINGS {
        query::execute(writing, &format!("DELETE FROM {table} WHERE job = ?1"), [key.0])?;
    }
    Ok(query::execute(writing, "DELETE FROM job WHERE key = ?1", [key.0])? > 0)
}

fn set_schema(writing: &Writing<'_>, key: JobKey, schema: Option<String>) -> Result<(), Fault> {
    need(writing, key)?;
    match schema {
        Some(schema) => {
            let sql = "INSERT INTO job_schema (job, body) VALUES (?1, ?2) \
                       ON CONFLICT DO UPDATE SET body = excluded.body";
            query::execute(writing, sql, params![key.0, schema])?;
        }
        None => {
            query::execute(writing, "DELETE FROM job_schema WHERE job = ?1", [key.0])?;
        }
    }
    Ok(())
}

/// An error when the job is not there.
pub(super) fn need(connection: &Connection, key: JobKey) -> Result<(), Fault> {
    match query::exists(connection, "SELECT 1 FROM job WHERE key = ?1", [key.0])? {
        true => Ok(()),
        false => Err(not_found(key)),
    }
}

fn not_found(key: JobKey) -> Fault {
    Fault::not_found(format!("job number {}", key.0))
}

#[async_trait::async_trait]
impl Jobs for SqliteStore {
    async fn create_job(&self, job: NewJob) -> Result<JobRecord, StoreError> {
        self.write("create a job", move |writing| create(writing, &job)).await
    }

    async fn job(&self, id: &str) -> Result<Option<JobRecord>, StoreError> {
        let id = id.to_owned();
        self.read("read a job", move |connection| {
            query::first(connection, &format!("{SELECT} WHERE id = ?1"), [id], |row| record(connection, row))
        })
        .await
    }

    async fn job_by_key(&self, key: JobKey) -> Result<Option<JobRecord>, StoreError> {
        self.read("read a job", move |connection| find(connection, key)).await
    }

    async fn jobs(&self, service_principal: Option<Uuid>) -> Result<Vec<JobRecord>, StoreError> {
        self.read("read jobs", move |connection| match service_principal {
            Some(owner) => {
                let sql = format!("{SELECT} WHERE service_principal = ?1 ORDER BY key");
                query::all(connection, &sql, [owner.as_bytes()], |row| record(connection, row))
            }
            None => {
                query::all(connection, &format!("{SELECT} ORDER BY key"), [], |row| record(connection, row))
            }
        })
        .await
    }

    async fn change_job(&self, key: JobKey, work: JobChange) -> Result<Option<JobRecord>, StoreError> {
        self.write("change a job", move |writing| change(writing, key, work)).await
    }

    async fn delete_job(&self, key: JobKey) -> Result<bool, StoreError> {
        self.write("delete a job", move |writing| delete(writing, key)).await
    }

    async fn job_schema(&self, key: JobKey) -> Result<Option<String>, StoreError> {
        self.read("read the schema of a job", move |connection| {
            let sql = "SELECT body FROM job_schema WHERE job = ?1";
            query::first(connection, sql, [key.0], |row| Ok(row.get(0)?))
        })
        .await
    }

    async fn set_job_schema(&self, key: JobKey, schema: Option<String>) -> Result<(), StoreError> {
        self.write("write the schema of a job", move |writing| set_schema(writing, key, schema)).await
    }
}
