//! The tenant, and `/me` for those who have none.

use provisor_graph::edm;
use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Field, Kind, Table};
use serde_json::{Value as Json, json};

use super::listing::{self, ItemType, Listing};
use super::lookup;
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::Reply;

static ORGANIZATION: ItemType = ItemType {
    name: "organization",
    noun: "organization",
    key: "id",
    members: &Table(&[
        ("id", Field::one(Kind::Guid)),
        ("displayName", Field::TEXT),
        ("countryLetterCode", Field::TEXT),
        ("createdDateTime", Field::TIME),
        ("verifiedDomains", Field::objects(&VERIFIED_DOMAIN)),
    ]),
    expandable: None,
};
static VERIFIED_DOMAIN: Table = Table(&[
    ("capabilities", Field::TEXT),
    ("isDefault", Field::BOOLEAN),
    ("isInitial", Field::BOOLEAN),
    ("name", Field::TEXT),
    ("type", Field::TEXT),
]);

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
/// 400 for query options that it does not have.
pub async fn list(call: Call) -> Answer {
    Listing::new(&call, &ORGANIZATION)?.reply("organization", vec![organization(&call)])
}

/// `GET /organization/$count`
///
/// # Errors
/// 400 for a filter that cannot be read.
pub async fn count(call: Call) -> Answer {
    Ok(Listing::new(&call, &ORGANIZATION)?.count(vec![organization(&call)]))
}

/// `GET /organization/{id}`
///
/// # Errors
/// 404 for another tenant's id.
pub async fn get(call: Call) -> Answer {
    listing::check_entity(&call, &ORGANIZATION)?;
    let id = lookup::id(&call, "organization")?;
    if id != call.state.tenant.id {
        return Err(GraphError::not_found(&id.to_string()).into());
    }
    let json = listing::selected(&call, &ORGANIZATION, organization(&call));
    Ok(Reply::entity(&call, "organization/$entity", &json)?)
}

/// `GET /me`: callers are applications here.
///
/// # Errors
/// 400, always.
pub async fn me(_: Call) -> Answer {
    Err(GraphError::bad_request("/me request is only valid with delegated authentication flow.").into())
}
