//! One object, now.

use provisor_engine::cycle::{CycleError, provision_object};
use provisor_engine::log::LogEntry;
use provisor_engine::ports::{JobKey, LeaseToken, Settlement, StoreError};

use super::setup::{Setup, SetupError};
use crate::runtime::{OnDemandError, Subject};
use crate::scheduler::Shared;

/// Provisions one object: the same decision and the same writes as in a cycle, settled at once.
pub(super) async fn provision(
    shared: &Shared,
    key: JobKey,
    lease: LeaseToken,
    setup: &mut Setup,
    subject: Subject,
) -> Result<LogEntry, OnDemandError> {
    let job = shared
        .store
        .job_by_key(key)
        .await?
        .ok_or_else(|| OnDemandError::Store(StoreError::NotFound { what: "the job".into() }))?;
    let environment = setup.environment(shared, &job, lease).await.map_err(|error| match error {
        SetupError::Store(error) => OnDemandError::Store(error),
        SetupError::Run(error) => OnDemandError::Schema(error.message),
    })?;
    let schema = &environment.schema;
    let mapping = schema.mapping_of(&subject.object_type).ok_or_else(|| {
        OnDemandError::BadRequest(format!(
            "the job's schema has no enabled object mapping for '{}'",
            subject.object_type
        ))
    })?;
    let compiled = schema.mappings.get(mapping);
    if !schema.beside(mapping).any(|mapping| mapping.rule_id.eq_ignore_ascii_case(&subject.rule_id)) {
        let known: Vec<&str> = schema.mappings.iter().map(|mapping| &*mapping.rule_id).collect();
        return Err(OnDemandError::BadRequest(format!(
            "the rule '{}' does not provision {} objects; the rules of this job are: {}",
            subject.rule_id,
            subject.object_type,
            known.join(", ")
        )));
    }
    let Some(compiled) = compiled else { return Err(OnDemandError::Schema("no object mapping".into())) };
    let object = environment.source.get(&compiled.source, &subject.object).await?;
    let object = object.ok_or_else(|| {
        OnDemandError::BadRequest(format!(
            "{} '{}' does not exist in the source",
            subject.object_type, subject.object
        ))
    })?;
    let result = provision_object(&environment, mapping, object).await.map_err(|error| match error {
        CycleError::Connector(error) => OnDemandError::Connector(error),
        CycleError::Store(error) => OnDemandError::Store(error),
        CycleError::Stopped => OnDemandError::Store(StoreError::Closed),
    })?;
    let entry = result.settled.log.clone();
    let checkpoint = environment.store.checkpoint(key).await?.unwrap_or_default();
    let batch = Settlement { sweep: checkpoint.sweep, ..result.into_settlement() };
    environment.store.settle(key, lease, batch).await?;
    entry.ok_or_else(|| OnDemandError::BadRequest("nothing was recorded".into()))
}
