//! Uploads that wait.

use provisor_engine::ports::JobKey;
use rusqlite::params;
use uuid::Uuid;

use super::fault::Fault;
use super::log::{self, LogLine};
use super::writer::Writing;
use super::{SqliteStore, codec, query};
use crate::StoreError;
use crate::uploads::{StagedUpload, Upload, UploadRequest, Uploads};

fn stage(
    writing: &Writing<'_>,
    job: JobKey,
    request: &UploadRequest,
    lines: &[LogLine],
) -> Result<(), Fault> {
    let sql = "SELECT log_job FROM job WHERE key = ?1";
    let log_job = query::first(writing, sql, [job.0], |row| Ok(row.get(0)?))?
        .ok_or_else(|| Fault::not_found(format!("job number {}", job.0)))?;
    let received = codec::micros(request.received);
    for Upload { bulk_id, anchor, body } in &request.uploads {
        let sql = "INSERT INTO upload (job, request, bulk_id, anchor, body, received) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        query::execute(writing, sql, params![job.0, request.id.as_bytes(), bulk_id, anchor, body, received])?;
    }
    lines.iter().try_for_each(|line| log::insert(writing, log_job, line))
}

#[async_trait::async_trait]
impl Uploads for SqliteStore {
    async fn stage(&self, job: JobKey, request: UploadRequest) -> Result<(), StoreError> {
        let lines: Result<Vec<LogLine>, Fault> = request.log.iter().map(LogLine::of).collect();
        let lines = lines.map_err(|fault| fault.into_store("keep an upload"))?;
        self.write("keep an upload", move |writing| stage(writing, job, &request, &lines)).await
    }

    async fn staged(&self, job: JobKey, after: i64, limit: usize) -> Result<Vec<StagedUpload>, StoreError> {
        self.read("read uploads", move |connection| {
            let sql = "SELECT seq, request, received, bulk_id, anchor, body FROM upload \
                       WHERE job = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
            query::all(connection, sql, params![job.0, after, query::limit(limit)], |row| {
                let upload = Upload { bulk_id: row.get(3)?, anchor: row.get(4)?, body: row.get(5)? };
                let request = Uuid::from_bytes(row.get(1)?);
                Ok(StagedUpload { sequence: row.get(0)?, request, received: codec::time(row, 2)?, upload })
            })
        })
        .await
    }
}
