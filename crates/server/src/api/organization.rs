//! The tenant, and `/me` for those who have none.

use provisor_graph::edm;
use provisor_graph::error::GraphError;
use serde_json::{Value as Json, json};

use super::lookup;
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

fn organization(call: &Call) -> Json {
    let tenant = &call.state.tenant;
    json!({
        "id": tenant.id,
        "displayName": tenant.display_name,
        "countryLetterCode": null,
        "createdDateTime": edm::print(tenant.created),
        "verifiedDomains": [{
            "capabilities": "",
            "isDefault": true,
            "isInitial": true,
            "name": tenant.domain,
            "type": "Managed",
        }],
    })
}

/// `GET /organization`: a collection of one.
///
/// # Errors
/// None of its own.
pub async fn list(call: Call) -> Answer {
    Ok(Reply::collection(&call, "organization", PageLinks::default(), &[organization(&call)])?)
}

/// `GET /organization/{id}`
///
/// # Errors
/// 404 for another tenant's id.
pub async fn get(call: Call) -> Answer {
    let id = lookup::id(&call, "organization")?;
    if id != call.state.tenant.id {
        return Err(GraphError::not_found(&id.to_string()).into());
    }
    Ok(Reply::entity(&call, "organization/$entity", &organization(&call))?)
}

/// `GET /me`: callers are applications here.
///
/// # Errors
/// 400, always.
pub async fn me(_: Call) -> Answer {
    Err(GraphError::bad_request("/me request is only valid with delegated authentication flow.").into())
}
