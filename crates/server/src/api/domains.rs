//! What scripts look at before they begin: the tenant's domains, and its licences, of which there are none.

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Field, Kind, Table};
use serde_json::{Value as Json, json};

use super::listing::{self, ItemType, Listing};
use super::lookup;
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::Reply;

static DOMAIN: ItemType = ItemType {
    name: "domain",
    noun: "domain",
    key: "id",
    members: &Table(&[
        ("id", Field::TEXT),
        ("authenticationType", Field::TEXT),
        ("availabilityStatus", Field::TEXT),
        ("isAdminManaged", Field::BOOLEAN),
        ("isDefault", Field::BOOLEAN),
        ("isInitial", Field::BOOLEAN),
        ("isRoot", Field::BOOLEAN),
        ("isVerified", Field::BOOLEAN),
        ("manufacturer", Field::TEXT),
        ("model", Field::TEXT),
        ("passwordNotificationWindowInDays", Field::NUMBER),
        ("passwordValidityPeriodInDays", Field::NUMBER),
        ("state", Field::TEXT),
        ("supportedServices", Field::TEXTS),
    ]),
    expandable: None,
};
static SKU: ItemType = ItemType {
    name: "subscribedSku",
    noun: "subscribed SKU",
    key: "id",
    members: &Table(&[
        ("id", Field::TEXT),
        ("skuId", Field::one(Kind::Guid)),
        ("skuPartNumber", Field::TEXT),
    ]),
    expandable: None,
};

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
/// 400 for query options that it does not have.
pub async fn list(call: Call) -> Answer {
    Listing::new(&call, &DOMAIN)?.reply("domains", vec![domain(&call)])
}

/// `GET /domains/$count`
///
/// # Errors
/// 400 for a filter that cannot be read.
pub async fn count(call: Call) -> Answer {
    Ok(Listing::new(&call, &DOMAIN)?.count(vec![domain(&call)]))
}

/// `GET /domains/{id}`
///
/// # Errors
/// 404 for another domain.
pub async fn get(call: Call) -> Answer {
    listing::check_entity(&call, &DOMAIN)?;
    let id = lookup::text(&call, "domain")?;
    if !id.eq_ignore_ascii_case(&call.state.tenant.domain) {
        return Err(GraphError::not_found(id).into());
    }
    Ok(Reply::entity(&call, "domains/$entity", &listing::selected(&call, &DOMAIN, domain(&call)))?)
}

/// `GET /subscribedSkus`: nothing is licensed here.
///
/// # Errors
/// 400 for query options that it does not have.
pub async fn list_skus(call: Call) -> Answer {
    Listing::new(&call, &SKU)?.reply("subscribedSkus", Vec::new())
}
