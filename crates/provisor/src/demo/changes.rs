//! Changes ten people and shows what became of each.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use comfy_table::{ContentArrangement, Table, presets};
use provisor::graph_client::{GraphClient, encode, id_of};
use provisor::organisation::Organisation;
use provisor_engine::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::show::{Story, seconds};
use super::{Job, POLL};

/// How long the changes may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// One change: who, and what happened to them.
struct Change {
    id: String,
    who: String,
    what: String,
}

/// Makes the changes, waits for them, and prints the table.
pub(super) async fn make_and_show(
    client: &GraphClient,
    job: &Job,
    last_cycle: &str,
    story: &Story,
) -> anyhow::Result<()> {
    let clock = SystemClock::new();
    let changes = make(client).await.context("a change could not be made")?;
    let entries = wait(client, job, &changes, last_cycle, &clock).await?;
    story.say(&format!(
        "   all ten are in the application {} after the first change\n",
        seconds(clock.elapsed())
    ));
    story.say(&table(&changes, &entries).to_string());
    Ok(())
}

async fn make(client: &GraphClient) -> anyhow::Result<Vec<Change>> {
    let people = client
        .all("/users?$select=id,displayName,userPrincipalName,accountEnabled,jobTitle&$top=999")
        .await?;
    let active: Vec<&Value> =
        people.iter().filter(|person| person["accountEnabled"] == json!(true)).collect();
    // Other people on every run: those who were changed come later in no particular order, so step through.
    let step = (active.len() / 9).max(1);
    let offset = people.len() % step.max(1);
    let mut chosen = (1..9).filter_map(|place| active.get((place * step + offset) % active.len()));
    let mut next = || chosen.next().context("the organisation is too small");
    let mut changes = hire(client, people.len()).await?;
    for surname in ["Ångström", "Nguyễn-Holm"] {
        let person = next()?;
        let name = person["displayName"].as_str().unwrap_or_default();
        let given = name.split(' ').next().unwrap_or_default();
        let body = json!({ "displayName": format!("{given} {surname}"), "surname": surname });
        changes.push(patch(client, person, &body, &format!("married: now {given} {surname}")).await?);
    }
    for (department, city) in [("Research", "Reykjavík"), ("Sales", "São Paulo")] {
        let body = json!({ "department": department, "city": city });
        changes.push(patch(client, next()?, &body, &format!("moved to {department}, {city}")).await?);
    }
    let head = people.first().and_then(|person| person["id"].as_str()).unwrap_or_default().to_owned();
    for _ in 0..2 {
        let person = next()?;
        let title = format!("Director of {}", person["jobTitle"].as_str().unwrap_or("Everything"));
        changes.push(
            patch(client, person, &json!({ "jobTitle": title }), "promoted, reports to the head").await?,
        );
        let id = person["id"].as_str().unwrap_or_default();
        client.put(&format!("/users/{id}/manager/$ref"), &client.reference(&head)).await?;
    }
    let blocked =
        patch(client, next()?, &json!({ "accountEnabled": false }), "left: account disabled").await?;
    changes.push(blocked);
    let person = next()?;
    let deleted = change(person, "left: account deleted");
    client.delete(&format!("/users/{}", deleted.id)).await?;
    changes.push(deleted);
    Ok(changes)
}

async fn hire(client: &GraphClient, count: usize) -> anyhow::Result<Vec<Change>> {
    let seed = u64::try_from(count)?;
    let newcomers = Organisation::generate(seed, 2, 0);
    let mut changes = Vec::new();
    for (place, person) in newcomers.people.iter().enumerate() {
        let mut body = person.to_graph();
        let upn = format!("newcomer.{}.{}", count + place, person.user_principal_name);
        body["userPrincipalName"] = json!(upn);
        body["mail"] = json!(upn);
        body["employeeId"] = json!(format!("{:06}", 100_000 + count + place));
        let id = id_of(&client.post("/users", &body).await?)?;
        changes.push(Change { id, who: person.display_name(), what: "hired".into() });
    }
    Ok(changes)
}

async fn patch(client: &GraphClient, person: &Value, body: &Value, what: &str) -> anyhow::Result<Change> {
    let change = change(person, what);
    client.patch(&format!("/users/{}", change.id), body).await?;
    Ok(change)
}

fn change(person: &Value, what: &str) -> Change {
    let text = |name: &str| person[name].as_str().unwrap_or_default().to_owned();
    Change { id: text("id"), who: text("displayName"), what: what.to_owned() }
}

/// The log entries of the changed people, by id, once there is at least one for each and no more come.
async fn wait(
    client: &GraphClient,
    job: &Job,
    changes: &[Change],
    last_cycle: &str,
    clock: &SystemClock,
) -> anyhow::Result<BTreeMap<String, Vec<Value>>> {
    // The newest entries are enough: ten people do not make more.
    let filter = encode(&format!("jobId eq '{}'", job.id));
    let path = format!("/auditLogs/provisioning?$filter={filter}&$top=200");
    let mut seen = 0;
    loop {
        let mut page = client.get(&path).await?;
        let mut entries: Vec<Value> = match page.get_mut("value").map(Value::take) {
            Some(Value::Array(entries)) => entries,
            _ => Vec::new(),
        };
        entries.retain(|entry| entry["cycleId"] != json!(last_cycle));
        entries.reverse();
        let mut by_id: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let count = entries.len();
        for entry in entries {
            let id =
                entry.pointer("/sourceIdentity/id").and_then(Value::as_str).unwrap_or_default().to_owned();
            by_id.entry(id).or_default().push(entry);
        }
        let settled = count == seen && changes.iter().all(|change| by_id.contains_key(&change.id));
        if settled {
            return Ok(by_id);
        }
        seen = count;
        anyhow::ensure!(clock.elapsed() < PATIENCE, "not every change arrived within {}", seconds(PATIENCE));
        clock.sleep(POLL * 3).await;
    }
}

fn table(changes: &[Change], entries: &BTreeMap<String, Vec<Value>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(120);
    }
    table.set_header(["who", "what happened", "what Provisor did", "and why"]);
    for change in changes {
        for (place, entry) in entries.get(&change.id).into_iter().flatten().enumerate() {
            let (who, what) = if place == 0 { (change.who.as_str(), change.what.as_str()) } else { ("", "") };
            table.add_row([who.to_owned(), what.to_owned(), did(entry), why(entry)]);
        }
    }
    table
}

/// `update: title = Director of Sales`.
fn did(entry: &Value) -> String {
    let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let action = match (text("/provisioningStatusInfo/status"), text("/provisioningAction")) {
        ("success", action) => action.to_owned(),
        (status, action) => format!("{action} ({status})"),
    };
    let modified = entry.pointer("/modifiedProperties").and_then(Value::as_array);
    let modified: Vec<String> = modified
        .into_iter()
        .flatten()
        .filter_map(|property| {
            let name = property["displayName"].as_str()?;
            let short = name.rsplit(':').next().unwrap_or(name);
            Some(format!("{short} = {}", property["newValue"].as_str().unwrap_or("(removed)")))
        })
        .collect();
    match modified.len() {
        0 => action,
        1..=3 => format!("{action}: {}", modified.join(", ")),
        more => format!("{action} with {more} attributes"),
    }
}

/// What led to it: the last step before the export, in its own words, without naming the person again.
fn why(entry: &Value) -> String {
    let steps = entry.pointer("/provisioningSteps").and_then(Value::as_array);
    let description = steps
        .into_iter()
        .flatten()
        .filter(|step| step["provisioningStepType"] != json!("export"))
        .filter_map(|step| step["description"].as_str())
        .next_back()
        .unwrap_or_default();
    let reason = description.split_once("': ").or_else(|| description.split_once(": "));
    let reason = reason.map_or(description, |(_, reason)| reason);
    // Attributes of extensions by their last part: the table is narrow.
    reason.split(' ').map(|word| word.rsplit(':').next().unwrap_or(word)).collect::<Vec<_>>().join(" ")
}
