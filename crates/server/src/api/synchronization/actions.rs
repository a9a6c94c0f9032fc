//! Start, pause and restart.

use std::sync::Arc;

use provisor_engine::job::{Execution, JobState};
use provisor_engine::ports::Reset;
use provisor_graph::resources::synchronization::restart::{RestartCriteria, RestartScope};

use serde::Deserialize;

use super::host::Host;
use super::jobs::gone_unless;
use super::templates;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

/// `POST …/start`: starts, resumes, or lifts a quarantine. A body is ignored.
///
/// # Errors
/// 404 when there is no such job, 400 for one that nothing here can run.
pub async fn start(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job = host.job(&call).await?;
    templates::check_connector(&call, &host, &job.template_id).await?;
    let key = job.key;
    let changed = call.state.store.change_job(key, Box::new(|state, _| state.start())).await?;
    gone_unless(changed.is_some(), &call)?;
    call.state.runtime.wake(key);
    Ok(Reply::no_content())
}

/// `POST …/pause`, and `…/stop`, which scripts guess: the cycle under way is put down in the background.
///
/// # Errors
/// 404 when there is no such job.
pub async fn pause(call: Call) -> Answer {
    let key = Host::resolve(&call).await?.job(&call).await?.key;
    let changed = call.state.store.change_job(key, Box::new(|state, _| state.pause())).await?;
    gone_unless(changed.is_some(), &call)?;
    let runtime = Arc::clone(&call.state.runtime);
    tokio::spawn(async move {
        runtime.stop(key).await;
        // A start that came in between is not to be lost: whoever looks finds the state that is stored.
        runtime.wake(key);
    });
    Ok(Reply::no_content())
}

/// `POST …/restart`: forgets what `criteria/resetScope` names, and runs.
///
/// `ForceDeletes` is accepted: nothing is held back yet, so there is nothing to let pass.
///
/// # Errors
/// 404 when there is no such job, 400 for an unknown scope or one that nothing here can run.
pub async fn restart(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job = host.job(&call).await?;
    let key = job.key;
    let scope = scope(&call)?;
    templates::check_connector(&call, &host, &job.template_id).await?;
    let reset = Reset {
        links: scope.contains(RestartScope::CONNECTOR_DATA_STORE),
        escrows: scope.contains(RestartScope::ESCROWS),
        watermark: scope.contains(RestartScope::WATERMARK),
    };
    let keeps_quarantine = !scope.is_none() && !scope.contains(RestartScope::QUARANTINE_STATE);
    let change = move |state: &mut JobState| {
        let quarantine = state.history.quarantine.take();
        state.start();
        if keeps_quarantine {
            state.history.quarantine = quarantine;
        }
        if !scope.is_none() {
            state.history.last = Some(Execution::default());
        }
    };
    let changed = call.state.store.change_job(key, Box::new(move |state, _| change(state))).await?;
    gone_unless(changed.is_some(), &call)?;
    if reset == Reset::default() {
        call.state.runtime.wake(key);
    } else {
        call.state.runtime.restart(key, reset).await?;
    }
    Ok(Reply::no_content())
}

/// The parameters of the action.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RestartBody {
    #[serde(default)]
    criteria: Option<RestartCriteria>,
}

/// The scope of a restart; one that is not named is that of the console's button.
fn scope(call: &Call) -> Result<RestartScope, Failure> {
    // Scripts leave `criteria` out around its member; to ignore that would forget something else than was asked for.
    let bare = call.optional_json()?.is_some_and(|body| body.get("resetScope").is_some());
    let criteria: Option<RestartCriteria> = if bare {
        call.optional("synchronizationJobRestartCriteria")?
    } else {
        call.optional::<RestartBody>("restart")?.and_then(|body| body.criteria)
    };
    Ok(criteria.unwrap_or_default().scope())
}
