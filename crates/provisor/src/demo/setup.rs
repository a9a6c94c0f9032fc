//! Application, secrets, job: as scripts set them up today.

use anyhow::Context as _;
use provisor::graph_client::{GraphClient, encode, id_of};
use provisor_engine::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::show::{Story, seconds};
use super::{Job, POLL};

/// Graph's template of a custom application.
const CUSTOM_APPLICATION: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
/// The name of the application.
const NAME: &str = "People (demo)";

/// The service principal of an earlier run.
pub(super) async fn find(client: &GraphClient) -> anyhow::Result<Option<String>> {
    let filter = encode(&format!("displayName eq '{NAME}'"));
    let found = client.get(&format!("/servicePrincipals?$filter={filter}")).await?;
    Ok(found.pointer("/value/0/id").and_then(Value::as_str).map(str::to_owned))
}

/// Makes what is missing, sets the target's address and token, and starts the job.
pub(super) async fn job(
    client: &GraphClient,
    found: Option<String>,
    target: &str,
    token: &str,
    story: &Story,
) -> anyhow::Result<Job> {
    let service_principal = match found {
        Some(id) => id,
        None => {
            let path = format!("/applicationTemplates/{CUSTOM_APPLICATION}/instantiate");
            story.say(&format!("   POST {path}"));
            let made = client.post(&path, &json!({ "displayName": NAME })).await?;
            id_of(made.get("servicePrincipal").unwrap_or(&Value::Null))?
        }
    };
    let base = format!("/servicePrincipals/{service_principal}/synchronization");
    let jobs = client.get(&format!("{base}/jobs")).await?;
    let known = jobs.pointer("/value/0/id").and_then(Value::as_str).map(str::to_owned);
    if let Some(id) = &known {
        // It went on already, with the address that the application had in the last run.
        client.post(&format!("{base}/jobs/{id}/pause"), &json!({})).await?;
    }
    story.say("   PUT  …/synchronization/secrets (BaseAddress, SecretToken, SyncAll)");
    let secrets = json!({ "value": [
        { "key": "BaseAddress", "value": target },
        { "key": "SecretToken", "value": token },
        { "key": "SyncAll", "value": "true" },
    ]});
    client.put(&format!("{base}/secrets"), &secrets).await?;
    let id = match known {
        Some(id) => id,
        None => {
            story.say("   POST …/synchronization/jobs {\"templateId\": \"scim\"}");
            id_of(&client.post(&format!("{base}/jobs"), &json!({ "templateId": "scim" })).await?)?
        }
    };
    story.say("   POST …/synchronization/jobs/{id}/start");
    client.post(&format!("{base}/jobs/{id}/start"), &json!({})).await?;
    story.fact("job", &id);
    Ok(Job { service_principal, id })
}

/// Shows the progress of the first cycle until it is complete; gives its id.
pub(super) async fn wait_for_cycle(client: &GraphClient, job: &Job, story: &Story) -> anyhow::Result<String> {
    let clock = SystemClock::new();
    let path = format!("/servicePrincipals/{}/synchronization/jobs/{}", job.service_principal, job.id);
    let bar = story.bar(0, "provisioning");
    loop {
        let answer = client.get(&path).await.context("the job could not be read")?;
        let number = |pointer: &str| answer.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
        if answer.pointer("/status/progress/0").is_some() {
            bar.set_length(number("/status/progress/0/totalUnits"));
            bar.set_position(number("/status/progress/0/completedUnits"));
        }
        match answer.pointer("/status/code").and_then(Value::as_str) {
            Some("Active") => {
                bar.finish_and_clear();
                story.say(&format!(
                    "   {} objects read, {} written, {} failed, in {}",
                    number("/status/lastExecution/countImported"),
                    number("/status/lastExecution/countExported"),
                    number("/status/lastExecution/countEscrowed"),
                    seconds(clock.elapsed()),
                ));
                let cycle =
                    answer.pointer("/status/lastExecution/activityIdentifier").and_then(Value::as_str);
                return Ok(cycle.unwrap_or_default().to_owned());
            }
            Some("Quarantine") => {
                let why = answer.pointer("/status/quarantine/error/message").and_then(Value::as_str);
                anyhow::bail!("the job is in quarantine: {}", why.unwrap_or("no reason given"));
            }
            _ => clock.sleep(POLL).await,
        }
    }
}
