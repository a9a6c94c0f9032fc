//! The provisioning log.

use provisor_engine::log::{Action, Identity, Initiator, LogEntry, Reason, Status, Step, StepKind};
use provisor_engine::ports::Settlement;

use super::{at, id, new_job};
use crate::ServerStore;
use crate::log::LogQuery;

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
    assert_eq!(found(store, LogQuery::default()).await, [5, 4, 3, 2, 1]);
    assert_eq!(found(store, LogQuery { ascending: true, ..LogQuery::default() }).await, [1, 2, 3, 4, 5]);
    let rows = store.log(LogQuery { id: Some(id(3)), limit: 9, ..LogQuery::default() }).await.unwrap();
    assert_eq!(rows[0].entry, entry(3, 101, 11));
    assert_eq!((rows[0].job_id.as_str(), rows[0].service_principal), ("one", id(1)));
}

pub(crate) async fn conditions_narrow_the_log(store: &dyn ServerStore) {
    written(store).await;
    let job_id = Some("one".to_owned());
    let query = LogQuery { job_id: job_id.clone(), ..LogQuery::default() };
    assert_eq!(found(store, query.clone()).await, [4, 3, 2, 1]);
    let query = LogQuery { from: Some(at(11)), to: Some(at(12)), ..query };
    assert_eq!(found(store, query.clone()).await, [3, 2]);
    assert_eq!(found(store, LogQuery { cycle: Some(id(101)), ..query }).await, [3]);
    assert_eq!(found(store, LogQuery { cycle: Some(id(100)), ..LogQuery::default() }).await, [2, 1]);
    assert_eq!(found(store, LogQuery { from: Some(at(12)), ..LogQuery::default() }).await, [5, 4, 2]);
    assert_eq!(found(store, LogQuery { to: Some(at(11)), ..LogQuery::default() }).await, [3, 1]);
    let shouted = LogQuery { job_id: Some("ONE".into()), ..LogQuery::default() };
    assert!(found(store, shouted).await.is_empty());
    assert!(
        found(store, LogQuery { id: Some(id(3)), job_id: Some("two".into()), ..LogQuery::default() })
            .await
            .is_empty()
    );
}

pub(crate) async fn log_pages_go_on_where_they_ended(store: &dyn ServerStore) {
    written(store).await;
    for ascending in [false, true] {
        for job_id in [None, Some("one".to_owned())] {
            let mut query = LogQuery { job_id, ascending, limit: 2, ..LogQuery::default() };
            let whole = found(store, query.clone()).await;
            let mut paged = Vec::new();
            loop {
                let rows = store.log(query.clone()).await.unwrap();
                let Some(last) = rows.last() else { break };
                query.after = Some(last.sequence);
                paged.extend(rows.iter().map(|row| row.entry.id.as_u128() & 0xff));
            }
            assert_eq!(paged, whole);
        }
    }
}
