//! The baseline: the same requests over the same HTTP client, with ready-made bodies and nothing else.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use provisor::organisation::Organisation;
use provisor_engine::clock::{Clock as _, SystemClock};
use provisor_scim::{Query, Response, ScimClient};
use serde_json::json;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What the baseline reached.
pub(crate) struct Bare {
    /// Requests sent.
    pub(crate) requests: u64,
    /// How long they took.
    pub(crate) time: Duration,
}

/// For every person a lookup and a create, then a PATCH of the manager: what an initial cycle sends.
pub(crate) async fn run(
    client: &ScimClient,
    organisation: &Organisation,
    concurrency: usize,
) -> anyhow::Result<Bare> {
    let prepared: Vec<(String, String)> = organisation
        .people
        .iter()
        .map(|person| {
            let name = &person.user_principal_name;
            let body = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
                "userName": name, "active": true, "displayName": person.display_name(), "title": person.job_title,
                "preferredLanguage": "en", "externalId": name.split('@').next(),
                "name": { "givenName": person.given_name, "familyName": person.family_name,
                          "formatted": person.display_name() },
                "emails": [{ "type": "work", "value": name, "primary": true }],
                "addresses": [{ "type": "work", "locality": person.city, "country": person.country,
                                "formatted": format!("{} office", person.city) }],
                "phoneNumbers": [{ "type": "work", "value": format!("+45 555 {}", person.employee_id) }],
                ENTERPRISE: { "employeeNumber": person.employee_id, "department": person.department },
            });
            (format!("userName eq {}", json!(name)), body.to_string())
        })
        .collect();
    let clock = SystemClock::new();
    let created: Vec<anyhow::Result<String>> = stream::iter(prepared)
        .map(|(filter, body)| async move {
            let query = Query { filter: Some(&filter), ..Query::default() };
            accepted(client.query("Users", &query).await?)?;
            let created = accepted(client.create("Users", body.into()).await?)?;
            id_of(&created)
        })
        .buffered(concurrency)
        .collect()
        .await;
    let ids: Vec<String> = created.into_iter().collect::<anyhow::Result<_>>()?;
    let managed: Vec<(&str, String)> = organisation
        .people
        .iter()
        .enumerate()
        .filter_map(|(place, person)| {
            let manager = ids.get(person.manager?)?;
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{ "op": "add", "path": format!("{ENTERPRISE}:manager"), "value": { "value": manager } }],
            });
            Some((ids.get(place)?.as_str(), body.to_string()))
        })
        .collect();
    let managers = u64::try_from(managed.len())?;
    let patched: Vec<anyhow::Result<()>> = stream::iter(managed)
        .map(|(id, body)| async move {
            accepted(client.patch("Users", id, body.into(), None).await?)?;
            Ok(())
        })
        .buffer_unordered(concurrency)
        .collect()
        .await;
    patched.into_iter().collect::<anyhow::Result<()>>()?;
    Ok(Bare { requests: u64::try_from(ids.len())? * 2 + managers, time: clock.elapsed() })
}

fn accepted(response: Response) -> anyhow::Result<Response> {
    anyhow::ensure!(response.status.is_success(), "the target answered {}", response.status);
    Ok(response)
}

/// The id, without reading the rest of the body.
fn id_of(response: &Response) -> anyhow::Result<String> {
    let location = response.location().and_then(|url| url.rsplit('/').next());
    Ok(location.ok_or_else(|| anyhow::anyhow!("a create was answered without Location"))?.to_owned())
}
