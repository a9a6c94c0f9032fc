//! The provisioning log.

use provisor_engine::log::{Action, Identity, Initiator, LogEntry, Reason, Status, Step, StepKind};
use provisor_engine::ports::Settlement;

use super::{at, id, new_job};
use crate::log::LogQuery;
use crate::uploads::{Upload, UploadRequest};
use crate::{ServerStore, StoreError};

/// An entry with this id, of this cycle, written at this second.
pub(crate) fn entry(number: u128, cycle: u128, second: i64) -> LogEntry {
    LogEntry {
        id: id(number),
        at: at(second),
        duration_ms: 12,
        cycle: id(cycle),
        change: id(number + 1),
        action: Action::Create,
        status: Status::Skipped,
        reason: Some(Reason { code: "RedundantExport".into(), message: "Nothing to do.".into() }),
        source: Identity {
            id: "1".into(),
            name: "Ida".into(),
            object_type: "User".into(),
            ..Identity::default()
        },
        target: Identity::default(),
        steps: vec![Step {
            name: "EntryImport".into(),
            kind: StepKind::Import,
            status: Status::Success,
            description: "Read.".into(),
            details: vec![("name".into(), "Ærlig \"Ida\"\n".into())],
        }],
        modified: Vec::new(),
        initiator: Initiator::OnDemand,
    }
}

/// Job `one` with entries 1 to 4 in cycles 100 and 101, and job `two` with entry 5.
async fn written(store: &dyn ServerStore) {
    for (name, entries) in [
        ("one", vec![entry(1, 100, 10), entry(2, 100, 12), entry(3, 101, 11), entry(4, 101, 20)]),
        ("two", vec![entry(5, 102, 15)]),
    ] {
        let job = store.create_job(new_job(name, 1)).await.unwrap();
        let lease = store.acquire(job.key).await.unwrap();
        store.settle(job.key, lease, Settlement { log: entries, ..Settlement::default() }).await.unwrap();
    }
}

async fn found(store: &dyn ServerStore, query: LogQuery) -> Vec<u128> {
    let rows = store.log(LogQuery { limit: 100, ..query }).await.unwrap();
    rows.iter().map(|row| row.entry.id.as_u128() & 0xff).collect()
}

pub(crate) async fn entries_read_back_in_both_orders(store: &dyn ServerStore) {
    written(store).await;
    assert_eq!(found(store, LogQuery::default()).await, [4, 5, 2, 3, 1]);
    assert_eq!(found(store, LogQuery { ascending: true, ..LogQuery::default() }).await, [1, 3, 2, 5, 4]);
    let rows = store.log(LogQuery { id: Some(id(3)), limit: 9, ..LogQuery::default() }).await.unwrap();
    assert_eq!(rows[0].entry, entry(3, 101, 11));
    assert_eq!((rows[0].job_id.as_str(), rows[0].service_principal), ("one", id(1)));
}

pub(crate) async fn conditions_narrow_the_log(store: &dyn ServerStore) {
    written(store).await;
    let job_id = Some("one".to_owned());
    let query = LogQuery { job_id: job_id.clone(), ..LogQuery::default() };
    assert_eq!(found(store, query.clone()).await, [4, 2, 3, 1]);
    let query = LogQuery { from: Some(at(11)), to: Some(at(12)), ..query };
    assert_eq!(found(store, query.clone()).await, [2, 3]);
    assert_eq!(found(store, LogQuery { cycle: Some(id(101)), ..query }).await, [3]);
    assert_eq!(found(store, LogQuery { cycle: Some(id(100)), ..LogQuery::default() }).await, [2, 1]);
    assert_eq!(found(store, LogQuery { from: Some(at(12)), ..LogQuery::default() }).await, [4, 5, 2]);
    assert_eq!(found(store, LogQuery { to: Some(at(11)), ..LogQuery::default() }).await, [3, 1]);
    let shouted = LogQuery { job_id: Some("ONE".into()), ..LogQuery::default() };
    assert!(found(store, shouted).await.is_empty());
    assert!(
        found(store, LogQuery { id: Some(id(3)), job_id: Some("two".into()), ..LogQuery::default() })
            .await
            .is_empty()
    );
}

pub(crate) async fn entries_are_looked_up_by_what_they_are_about(store: &dyn ServerStore) {
    written(store).await;
    let other = store.create_job(new_job("three", 2)).await.unwrap();
    let lease = store.acquire(other.key).await.unwrap();
    let mut failed = entry(6, 103, 13);
    failed.status = Status::Failure;
    failed.source.id = "5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10".into();
    let log = vec![failed.clone()];
    store.settle(other.key, lease, Settlement { log, ..Settlement::default() }).await.unwrap();
    let none = LogQuery::default;
    let by_source = LogQuery { source: Some("1".into()), ..none() };
    let guid = LogQuery { source: Some(failed.source.id.clone()), ..none() };
    for (query, wanted) in [
        (LogQuery { service_principal: Some(id(1)), ..none() }, &[4, 5, 2, 3, 1][..]),
        (LogQuery { service_principal: Some(id(2)), ..none() }, &[6]),
        (LogQuery { service_principal: Some(id(2)), job_id: Some("one".into()), ..none() }, &[]),
        (LogQuery { service_principal: Some(id(1)), job_id: Some("two".into()), ..none() }, &[5]),
        (LogQuery { change: Some(id(4)), ..none() }, &[3]),
        (LogQuery { change: Some(id(4)), job_id: Some("two".into()), ..none() }, &[]),
        (LogQuery { change: Some(id(4)), source: Some("2".into()), ..none() }, &[]),
        (by_source.clone(), &[4, 5, 2, 3, 1]),
        (LogQuery { cycle: Some(id(101)), ..by_source.clone() }, &[4, 3]),
        (LogQuery { to: Some(at(11)), ..by_source.clone() }, &[3, 1]),
        (LogQuery { status: Some(Status::Failure), ..by_source.clone() }, &[]),
        (LogQuery { id: Some(id(2)), ..by_source }, &[2]),
        (guid.clone(), &[6]),
        (LogQuery { source: Some(failed.source.id.to_uppercase()), ..none() }, &[]),
        (LogQuery { status: Some(Status::Failure), ..none() }, &[6]),
        (LogQuery { status: Some(Status::Failure), job_id: Some("one".into()), ..none() }, &[]),
        (LogQuery { status: Some(Status::Skipped), from: Some(at(15)), ..none() }, &[4, 5]),
    ] {
        assert_eq!(found(store, query.clone()).await, wanted, "{query:?}");
        assert_eq!(store.log_count(query.clone()).await.unwrap(), wanted.len() as u64, "{query:?}");
    }
}

pub(crate) async fn uploads_wait_with_their_entries(store: &dyn ServerStore) {
    let job = store.create_job(new_job("one", 1)).await.unwrap();
    let upload = |number: u128| Upload {
        bulk_id: format!("b{number}"),
        anchor: number.to_string(),
        body: format!("{{\"externalId\":\"{number}\"}}"),
    };
    for number in [1, 2] {
        let request = UploadRequest {
            id: id(number),
            received: at(7),
            uploads: vec![upload(number * 10), upload(number * 10 + 1)],
            log: vec![entry(number, 100, 10)],
        };
        store.stage(job.key, request).await.unwrap();
    }
    let staged = store.staged(job.key, 0, 3).await.unwrap();
    let found: Vec<_> = staged.iter().map(|staged| (staged.request, staged.upload.clone())).collect();
    assert_eq!(found, [(id(1), upload(10)), (id(1), upload(11)), (id(2), upload(20))]);
    assert_eq!(staged[0].received, at(7));
    let rest = store.staged(job.key, staged[2].sequence, 3).await.unwrap();
    assert_eq!(rest[0].upload, upload(21));
    assert_eq!(store.log_count(LogQuery::default()).await.unwrap(), 2);
    assert!(store.delete_job(job.key).await.unwrap());
    assert_eq!(store.staged(job.key, 0, 3).await.unwrap(), []);
    let late = UploadRequest { id: id(3), received: at(7), uploads: vec![upload(1)], log: Vec::new() };
    assert!(matches!(store.stage(job.key, late).await, Err(StoreError::NotFound { .. })));
}

pub(crate) async fn log_pages_go_on_where_they_ended(store: &dyn ServerStore) {
    written(store).await;
    for ascending in [false, true] {
        for query in [
            LogQuery::default(),
            LogQuery { job_id: Some("one".to_owned()), ..LogQuery::default() },
            LogQuery { source: Some("1".to_owned()), ..LogQuery::default() },
            LogQuery { service_principal: Some(id(1)), status: Some(Status::Skipped), ..LogQuery::default() },
        ] {
            let mut query = LogQuery { ascending, limit: 2, ..query };
            let whole = found(store, query.clone()).await;
            let mut paged = Vec::new();
            loop {
                let rows = store.log(query.clone()).await.unwrap();
                let Some(last) = rows.last() else { break };
                query.after = Some(last.place);
                paged.extend(rows.iter().map(|row| row.entry.id.as_u128() & 0xff));
            }
            assert_eq!(paged, whole);
        }
    }
}
