//! Jobs.

use provisor_engine::job::ScheduleState;
use provisor_engine::ports::JobKey;

use super::{anchor, batch, id, linked, new_job, user_type};
use crate::jobs::{JobSetting, NewJob};
use crate::log::LogQuery;
use crate::{ServerStore, StoreError};

fn setting(name: &str, value: Option<&str>) -> JobSetting {
    JobSetting { name: name.into(), value: value.map(str::to_owned) }
}

pub(crate) async fn jobs_read_back_as_created(store: &dyn ServerStore) {
    let settings = vec![setting("b", Some("1")), setting("a", None)];
    let job = store.create_job(NewJob { settings: settings.clone(), ..new_job("one", 1) }).await.unwrap();
    let other = store.create_job(new_job("two", 2)).await.unwrap();
    assert_eq!((job.service_principal, &job.settings), (id(1), &settings));
    assert_eq!(store.job("one").await.unwrap(), Some(job.clone()));
    assert_eq!(store.job_by_key(other.key).await.unwrap(), Some(other.clone()));
    assert_eq!(store.jobs(Some(id(1))).await.unwrap(), std::slice::from_ref(&job));
    assert_eq!(store.jobs(None).await.unwrap(), [job.clone(), other]);
    assert_eq!(store.job_schema(job.key).await.unwrap(), None);
    for schema in [Some("{}".to_owned()), Some("[]".to_owned()), None] {
        store.set_job_schema(job.key, schema.clone()).await.unwrap();
        assert_eq!(store.job_schema(job.key).await.unwrap(), schema);
    }
    let unknown = store.set_job_schema(JobKey(99), None).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
}

pub(crate) async fn job_ids_ignore_case(store: &dyn ServerStore) {
    let job = store.create_job(new_job("Scim.Tenant", 1)).await.unwrap();
    assert_eq!(store.job("scim.TENANT").await.unwrap().unwrap().id, "Scim.Tenant");
    let clash = store.create_job(new_job("SCIM.tenant", 1)).await;
    assert!(matches!(clash, Err(StoreError::Conflict { .. })));
    assert_eq!(store.jobs(None).await.unwrap(), [job]);
}

pub(crate) async fn changes_run_on_the_stored_job(store: &dyn ServerStore) {
    let job = store.create_job(new_job("one", 1)).await.unwrap();
    let change = |state: &mut provisor_engine::job::JobState, settings: &mut Vec<JobSetting>| {
        state.start();
        settings.push(setting("a", Some("1")));
    };
    let changed = store.change_job(job.key, Box::new(change)).await.unwrap().unwrap();
    assert_eq!(changed.state.schedule, ScheduleState::Active);
    assert_eq!(changed.settings, [setting("a", Some("1"))]);
    assert_eq!(store.job("one").await.unwrap(), Some(changed));
    assert_eq!(store.change_job(JobKey(99), Box::new(|_, _| ())).await.unwrap(), None);
}

pub(crate) async fn deleted_jobs_leave_their_log(store: &dyn ServerStore) {
    let job = store.create_job(new_job("one", 1)).await.unwrap();
    let lease = store.acquire(job.key).await.unwrap();
    store.settle(job.key, lease, batch(vec![linked("a")])).await.unwrap();
    assert!(store.delete_job(job.key).await.unwrap());
    assert!(!store.delete_job(job.key).await.unwrap());
    assert_eq!(store.job("one").await.unwrap(), None);
    assert_eq!(store.links(job.key, &user_type(), &[anchor("a")]).await.unwrap(), [None]);
    let lost = store.settle(job.key, lease, batch(Vec::new())).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost)));
    let anew = store.create_job(new_job("one", 2)).await.unwrap();
    assert_ne!(anew.key, job.key, "keys are never used again");
    let lease = store.acquire(anew.key).await.unwrap();
    store.settle(anew.key, lease, batch(vec![linked("a")])).await.unwrap();
    let query = LogQuery { job_id: Some("one".into()), limit: 9, ..LogQuery::default() };
    let owners: Vec<_> = store.log(query).await.unwrap().iter().map(|row| row.service_principal).collect();
    assert_eq!(owners, [id(2), id(1)]);
}
