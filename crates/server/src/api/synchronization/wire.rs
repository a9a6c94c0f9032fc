//! Jobs from their stored form to Graph's.

use provisor_engine::job::{self as engine, Execution, Quarantine, RunError};
use provisor_graph::edm::{EdmDuration, NEVER};
use provisor_graph::resources::synchronization::job::{
    KeyValuePair, ScheduleState, SynchronizationJob, SynchronizationSchedule, SynchronizationStatus,
};
use provisor_graph::resources::synchronization::pair::StringKeyLongValuePair;
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use provisor_graph::resources::synchronization::status::{
    QuarantineReason, StatusCode, SynchronizationError, SynchronizationProgress, SynchronizationQuarantine,
    SynchronizationTaskExecution, TaskExecutionResult,
};
use provisor_store::jobs::JobRecord;

use crate::http::request::Call;

/// A job as printed; the schema that it follows names what is counted.
#[must_use]
pub fn job(call: &Call, record: &JobRecord, schema: Option<&SynchronizationSchema>) -> SynchronizationJob {
    let settings = record
        .settings
        .iter()
        .map(|setting| KeyValuePair { name: Some(setting.name.clone()), value: setting.value.clone() });
    SynchronizationJob {
        id: record.id.clone(),
        template_id: Some(record.template_id.clone()),
        schedule: Some(SynchronizationSchedule {
            expiration: None,
            interval: Some(EdmDuration::from_std(record.state.interval)),
            state: match record.state.schedule {
                engine::ScheduleState::Active => ScheduleState::Active,
                engine::ScheduleState::Disabled => ScheduleState::Disabled,
                engine::ScheduleState::Paused => ScheduleState::Paused,
            },
        }),
        status: Some(status(call, record, schema)),
        synchronization_job_settings: settings.collect(),
    }
}

fn status(call: &Call, record: &JobRecord, schema: Option<&SynchronizationSchema>) -> SynchronizationStatus {
    let history = &record.state.history;
    let progress = call.state.runtime.progress(record.key).map(|progress| SynchronizationProgress {
        completed_units: signed(progress.completed),
        total_units: signed(progress.total),
        // Entra counts pages; here objects are counted, which says more.
        units: Some("Objects".to_owned()),
        progress_observation_date_time: call.now(),
    });
    let counts = record.counts.iter().map(|(source_type, count)| StringKeyLongValuePair {
        key: Some(title(source_type, schema)),
        value: signed(*count),
    });
    SynchronizationStatus {
        code: match record.state.status() {
            engine::StatusCode::NotConfigured => StatusCode::NotConfigured,
            engine::StatusCode::NotRun => StatusCode::NotRun,
            engine::StatusCode::Active => StatusCode::Active,
            engine::StatusCode::Paused => StatusCode::Paused,
            engine::StatusCode::Quarantine => StatusCode::Quarantine,
        },
        count_successive_complete_failures: signed(history.successive_failures),
        escrows_pruned: false,
        last_execution: history.last.as_ref().map(execution),
        last_successful_execution: history.last_successful.as_ref().map(execution),
        last_successful_execution_with_exports: history.last_with_exports.as_ref().map(execution),
        quarantine: history.quarantine.as_ref().map(quarantine),
        steady_state_first_achieved_time: history.steady_first.unwrap_or(NEVER),
        steady_state_last_achieved_time: history.steady_last.unwrap_or(NEVER),
        // Null until the first start, then empty: there is no such page here.
        troubleshooting_url: history.last.is_some().then(String::new),
        progress: progress.into_iter().collect(),
        synchronized_entry_count_by_type: counts.collect(),
    }
}

/// `User to urn:ietf:params:scim:schemas:core:2.0:User`: the object mapping that provisions objects of this
/// type. Links of a type that the schema has no mapping for any more go by the type alone.
fn title(source_type: &str, schema: Option<&SynchronizationSchema>) -> String {
    let mappings = schema.into_iter().flat_map(|schema| &schema.synchronization_rules);
    let mut pairs = mappings.flat_map(|rule| &rule.object_mappings).filter_map(|mapping| {
        Some((
            mapping.enabled,
            mapping.source_object_name.as_deref()?,
            mapping.target_object_name.as_deref()?,
        ))
    });
    let found = pairs.find(|(enabled, source, _)| *enabled && source.eq_ignore_ascii_case(source_type));
    found.map_or_else(|| source_type.to_owned(), |(_, source, target)| format!("{source} to {target}"))
}

fn execution(execution: &Execution) -> SynchronizationTaskExecution {
    SynchronizationTaskExecution {
        activity_identifier: execution.id.map(|id| id.to_string()),
        count_entitled: signed(execution.entitled),
        count_entitled_for_provisioning: signed(execution.entitled),
        count_escrowed: signed(execution.escrowed),
        count_escrowed_raw: signed(execution.escrowed),
        count_exported: signed(execution.exported),
        count_exports: signed(execution.exports),
        count_imported: signed(execution.imported),
        count_imported_deltas: signed(execution.imported_deltas),
        count_imported_reference_deltas: signed(execution.imported_reference_deltas),
        error: match &execution.error {
            Some(run_error) => Some(error(run_error)),
            // One that has not begun yet has, as in Entra, an error that says that there is none.
            None => execution.began.is_none().then(SynchronizationError::none),
        },
        state: match execution.state {
            engine::ExecutionResult::Succeeded => TaskExecutionResult::Succeeded,
            engine::ExecutionResult::Failed => TaskExecutionResult::Failed,
            engine::ExecutionResult::EntryLevelErrors => TaskExecutionResult::EntryLevelErrors,
        },
        time_began: execution.began.unwrap_or(NEVER),
        time_ended: execution.ended.unwrap_or(NEVER),
    }
}

fn quarantine(quarantine: &Quarantine) -> SynchronizationQuarantine {
    SynchronizationQuarantine {
        current_began: quarantine.current_began,
        next_attempt: quarantine.next_attempt,
        series_began: quarantine.series_began,
        series_count: i64::from(quarantine.series_count),
        reason: match quarantine.reason {
            engine::QuarantineReason::EncounteredQuarantineException => {
                QuarantineReason::EncounteredQuarantineException
            }
        },
        error: Some(error(&quarantine.error)),
    }
}

fn error(error: &RunError) -> SynchronizationError {
    SynchronizationError {
        code: Some(error.code.clone()),
        message: Some(error.message.clone()),
        tenant_actionable: error.actionable,
    }
}

/// Graph counts in signed 64 bits.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
