//! What scripts look at before they begin: the tenant's domains, and its licences, of which there are none.

use provisor_graph::error::GraphError;
use serde_json::{Value as Json, json};

use super::lookup;
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

fn domain(call: &Call) -> Json {
    json!({
        "id": call.state.tenant.domain,
        "authenticationType": "Managed",
        "availabilityStatus": null,
        "isAdminManaged": true,
        "isDefault": true,
        "isInitial": true,
        "isRoot": true,
        "isVerified": true,
        "manufacturer": null,
        "model": null,
        "passwordNotificationWindowInDays": null,
        "passwordValidityPeriodInDays": null,
        "state": null,
        "supportedServices": [],
    })
}

/// `GET /domains`: the tenant's one.
///
/// # Errors
/// None of its own.
pub async fn list(call: Call) -> Answer {
    Ok(Reply::collection(&call, "domains", PageLinks::default(), &[domain(&call)])?)
}

/// `GET /domains/{id}`
///
/// # Errors
/// 404 for another domain.
pub async fn get(call: Call) -> Answer {
    let id = lookup::text(&call, "domain")?;
    if !id.eq_ignore_ascii_case(&call.state.tenant.domain) {
        return Err(GraphError::not_found(id).into());
    }
    Ok(Reply::entity(&call, "domains/$entity", &domain(&call))?)
}

/// `GET /subscribedSkus`: nothing is licensed here.
///
/// # Errors
/// None of its own.
pub async fn list_skus(call: Call) -> Answer {
    Ok(Reply::collection(&call, "subscribedSkus", PageLinks::default(), &[] as &[Json])?)
}
