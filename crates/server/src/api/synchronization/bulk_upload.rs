//! `bulkUpload`: a system of record hands in people (SCIM bulk), to be provisioned by the job's next cycle.

use http::header::CONTENT_TYPE;
use provisor_engine::log::{Action, Identity, Initiator, LogEntry, Reason, Status, Step, StepKind};
use provisor_graph::error::{ErrorDetail, GraphError};
use provisor_scim::bulk::{self, BulkOperation, BulkProblem};
use provisor_store::StoreError;
use provisor_store::uploads::{Upload, UploadRequest};
use serde_json::Value as Json;
use uuid::Uuid;

use super::host::Host;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

/// Why nothing comes of an upload in this version.
const NO_CONNECTOR: &str = "InboundConnectorNotAvailable";

/// `POST …/bulkUpload`: 202 when every operation is kept and stands in the provisioning log, to which
/// `Location` leads.
///
/// # Errors
/// 404 when there is no such job, 400 for a content type other than `application/scim+json` and for what is no
/// bulk request, with every finding in `error.details`; then nothing is kept.
pub async fn upload(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job = host.job(&call).await?;
    let operations = operations(&call)?;
    let request = UploadRequest {
        id: call.state.ids.uuid(),
        received: call.now(),
        log: entries(&call, &operations),
        uploads: operations.into_iter().map(kept).collect(),
    };
    call.state.store.stage(job.key, request).await.map_err(|error| match error {
        StoreError::NotFound { .. } => Failure(GraphError::job_not_found(&job.id)),
        other => other.into(),
    })?;
    let filter = format!("jobid eq '{}'", job.id.replace('\'', "''")).replace(' ', "%20");
    Ok(Reply::accepted(&call, &format!("auditLogs/provisioning/?$filter={filter}")))
}

fn operations(call: &Call) -> Result<Vec<BulkOperation>, GraphError> {
    let media = call.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/scim+json") {
        let message = "A bulk upload must have the content type application/scim+json.";
        return Err(GraphError::bad_request(message));
    }
    let json: Json = provisor_graph::json::parse(&call.body)?;
    bulk::parse(&json).map_err(|problems| unfit(&problems))
}

fn unfit(problems: &[BulkProblem]) -> GraphError {
    let told = |problem: &BulkProblem| match problem.target.as_str() {
        "" => problem.message.clone(),
        target => format!("'{target}': {}", problem.message),
    };
    let first = problems.first().map(told).unwrap_or_default();
    let more = match problems.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" (and {more} more; see details)"),
    };
    let mut error = GraphError::bad_request(format!("The bulk request cannot be read: {first}.{more}"));
    let detail = |problem: &BulkProblem| ErrorDetail {
        code: "InvalidValue".to_owned(),
        message: problem.message.clone(),
        target: Some(problem.target.clone()).filter(|target| !target.is_empty()),
    };
    error.details = problems.iter().map(detail).collect();
    error
}

fn kept(operation: BulkOperation) -> Upload {
    let BulkOperation { bulk_id, external_id, data } = operation;
    Upload { bulk_id, anchor: external_id, body: Json::Object(data).to_string() }
}

/// One entry of the log for each operation; all of a request are of one cycle.
fn entries(call: &Call, operations: &[BulkOperation]) -> Vec<LogEntry> {
    let cycle = call.state.ids.uuid();
    operations.iter().map(|operation| entry(call, cycle, operation)).collect()
}

fn entry(call: &Call, cycle: Uuid, operation: &BulkOperation) -> LogEntry {
    let text = |name: &str| operation.data.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let BulkOperation { bulk_id, external_id, .. } = operation;
    let reason = "The record was accepted and is kept, and nothing was written: this version has no connector yet \
                  that provisions uploaded records. It waits until there is one.";
    let step = |name: &'static str, kind, status, description: String, details| Step {
        name: name.into(),
        kind,
        status,
        description,
        details,
    };
    LogEntry {
        id: call.state.ids.sequential_uuid(),
        at: call.now(),
        duration_ms: 0,
        cycle,
        change: call.state.ids.uuid(),
        action: Action::Other,
        status: Status::Skipped,
        reason: Some(Reason { code: NO_CONNECTOR.into(), message: reason.to_owned() }),
        source: Identity {
            id: external_id.clone(),
            name: text("displayName"),
            label: text("userName"),
            object_type: "User".to_owned(),
        },
        target: Identity { object_type: "User".to_owned(), ..Identity::default() },
        steps: vec![
            step(
                "EntryImport",
                StepKind::Import,
                Status::Success,
                format!("Received User '{external_id}' in a bulk upload"),
                vec![("bulkId".into(), bulk_id.clone()), ("externalId".into(), external_id.clone())],
            ),
            step(
                "EntrySynchronizationSkip",
                StepKind::Processing,
                Status::Skipped,
                reason.to_owned(),
                vec![("SkipReason".into(), NO_CONNECTOR.to_owned())],
            ),
        ],
        modified: Vec::new(),
        initiator: Initiator::Upload,
    }
}
