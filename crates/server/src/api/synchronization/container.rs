//! `…/synchronization` itself: what hangs from it at a glance, and all of it at once.

use provisor_graph::error::GraphError;
use serde_json::{Map, Value as Json, json};

use super::host::Host;
use super::{jobs, secrets, templates};
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::Reply;

/// The name of the type in `@odata.type` and in wrapped bodies.
const SYNCHRONIZATION: &str = "synchronization";
const MEMBERS: [&str; 4] = ["id", "secrets", "jobs", "templates"];
/// The members that are told only when `$expand` names them.
const EXPANDABLE: [&str; 2] = ["jobs", "templates"];

/// `GET …/synchronization`: the secrets, and with `$expand` jobs and templates.
///
/// # Errors
/// 404 when the container is not there, 400 for members that it does not have.
pub async fn get(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let expanded = expanded(&call)?;
    let selected = selected(&call)?;
    let mut members = Map::new();
    members.insert("id".into(), json!(host.id()));
    members.insert("secrets".into(), secrets::printed(&secrets::stored(&call, &host).await?).into());
    if let Some(names) = &selected {
        members.retain(|member, _| names.contains(&member.as_str()));
    }
    for member in expanded {
        let items = match member {
            "jobs" => jobs::all(&call, &host, false).await?,
            _ => templates::all(&call, &host, false).await?,
        };
        if !call.no_metadata {
            let context = format!("{}/$metadata#{}/{member}", call.version_url(), host.context);
            members.insert(format!("{member}@odata.context"), context.into());
        }
        members.insert(member.into(), items.into());
    }
    Ok(Reply::entity(&call, &format!("{}/$entity", host.context), &Json::Object(members))?)
}

/// What `$expand` names.
fn expanded(call: &Call) -> Result<Vec<&'static str>, GraphError> {
    let names = call.options.expand.as_deref().unwrap_or_default().split(',').map(str::trim);
    let name = |name: &str| {
        EXPANDABLE.into_iter().find(|known| known.eq_ignore_ascii_case(name)).ok_or_else(|| {
            GraphError::bad_request(format!(
                "'{name}' cannot be expanded on a synchronization; 'jobs' and 'templates' can, without options \
                 of their own."
            ))
        })
    };
    let mut found: Vec<&str> = names.filter(|text| !text.is_empty()).map(name).collect::<Result<_, _>>()?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// What `$select` names; `None` for everything.
fn selected(call: &Call) -> Result<Option<Vec<&'static str>>, GraphError> {
    let Some(names) = &call.options.select else { return Ok(None) };
    if names.iter().any(|name| name == "*") {
        return Ok(None);
    }
    let name = |name: &String| {
        let found = MEMBERS.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        found.ok_or_else(|| GraphError::unknown_select(name, SYNCHRONIZATION))
    };
    names.iter().map(name).collect::<Result<_, _>>().map(Some)
}

/// `PUT` and `PATCH …/synchronization`: `secrets` are merged by key, as below `…/secrets`; the rest is
/// read-only and ignored.
///
/// # Errors
/// 404 without a service principal, 400 for what is no such container.
pub async fn change(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    host.service_principal()?;
    let json = call.json()?;
    let json = json.get(SYNCHRONIZATION).filter(|inner| inner.is_object()).unwrap_or(&json);
    let Some(members) = json.as_object() else {
        return Err(GraphError::bad_request("The body must be a JSON object with 'secrets'.").into());
    };
    if let Some(list) = members.get("secrets").filter(|list| !list.is_null()) {
        secrets::store(&call, &host, secrets::pairs(list, "secrets")?).await?;
    }
    Ok(Reply::no_content())
}

/// `DELETE …/synchronization`: jobs and secrets go; templates and target accounts stay.
///
/// # Errors
/// 404 when the container is not there.
pub async fn delete(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    if let Some(owner) = host.service_principal_id() {
        jobs::delete_all(&call, owner).await?;
        secrets::delete_all(&call, owner).await?;
    }
    Ok(Reply::no_content())
}

/// `GET /beta/…/synchronization/Ping()`: whether synchronization answers.
///
/// # Errors
/// 404 when the container is not there.
pub async fn ping(call: Call) -> Answer {
    Host::resolve(&call).await?;
    Ok(Reply::entity(&call, "Edm.String", &json!({"value": "Pong"}))?)
}
