//! What is remembered of how a job ran.

use provisor_engine::cycle::Report;
use provisor_engine::failure::quarantine_after;
use provisor_engine::job::{Execution, ExecutionResult, JobState, QuarantineReason, RunError};
use provisor_engine::ports::{ConnectorError, ErrorClass, StoreError};
use provisor_store::jobs::JobRecord;

use crate::scheduler::Shared;

/// A cycle came to its end.
pub(super) async fn completed(shared: &Shared, job: &JobRecord, report: Report) -> Result<(), StoreError> {
    let now = shared.clock.now();
    let execution = report.execution;
    tracing::info!(
        job = %job.id,
        initial = report.initial,
        imported = execution.imported,
        exported = execution.exported,
        escrowed = execution.escrowed,
        "cycle completed"
    );
    change(shared, job, move |state| {
        let history = &mut state.history;
        history.quarantine = None;
        history.successive_failures = 0;
        history.steady_first.get_or_insert(now);
        history.steady_last = Some(now);
        if execution.state == ExecutionResult::Succeeded {
            history.last_successful = Some(execution.clone());
        }
        if execution.exported > 0 {
            history.last_with_exports = Some(execution.clone());
        }
        history.last = Some(execution);
    })
    .await
}

/// A cycle broke off. Whether the failure is grave: the job is then in quarantine until somebody mends it;
/// otherwise it is tried again soon.
pub(super) async fn failed(
    shared: &Shared,
    job: &JobRecord,
    error: &ConnectorError,
) -> Result<bool, StoreError> {
    let grave = !matches!(error.class, ErrorClass::Transient | ErrorClass::Throttled);
    let run_error =
        RunError { code: code_of(error.class).to_owned(), message: error.to_string(), actionable: grave };
    tracing::warn!(job = %job.id, error = %error, grave, "cycle broke off");
    fail(shared, job, run_error, grave).await?;
    Ok(grave)
}

/// A cycle could not begin, for a reason that only a person can mend.
pub(super) async fn failed_before(
    shared: &Shared,
    job: &JobRecord,
    error: RunError,
) -> Result<(), StoreError> {
    tracing::warn!(job = %job.id, error = %error.message, "cycle could not begin");
    fail(shared, job, error, true).await
}

async fn fail(shared: &Shared, job: &JobRecord, error: RunError, grave: bool) -> Result<(), StoreError> {
    let now = shared.clock.now();
    let id = shared.ids.uuid();
    change(shared, job, move |state| {
        let history = &mut state.history;
        history.successive_failures += 1;
        history.last = Some(Execution {
            id: Some(id),
            state: ExecutionResult::Failed,
            began: Some(now),
            ended: Some(now),
            error: Some(error.clone()),
            ..Execution::default()
        });
        if grave {
            let reason = QuarantineReason::EncounteredQuarantineException;
            history.quarantine = Some(quarantine_after(history.quarantine.as_ref(), reason, error, now));
        }
    })
    .await
}

async fn change(
    shared: &Shared,
    job: &JobRecord,
    change: impl FnOnce(&mut JobState) + Send + 'static,
) -> Result<(), StoreError> {
    shared.store.change_job(job.key, Box::new(move |state, _settings| change(state))).await?;
    Ok(())
}

/// The code under which Entra reports such a failure.
fn code_of(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Unauthorized => "SystemForCrossDomainIdentityManagementInvalidCredentials",
        ErrorClass::Transient | ErrorClass::Throttled => {
            "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"
        }
        _ => "SystemForCrossDomainIdentityManagementServiceIncompatible",
    }
}
