//! The gallery: templates of applications, and making applications from them.

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Field, Kind, Table};
use provisor_graph::templates::{self as gallery, ApplicationTemplate};
use provisor_store::StoreError;
use provisor_store::directory::ObjectKind;
use provisor_store::templates::TemplateRecord;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::listing::{self, ItemType, Listing};
use super::selection::Selection;
use super::{applications, lookup, model, service_principals};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

/// The tag by which consoles find enterprise applications.
const ENTERPRISE_TAG: &str = "WindowsAzureActiveDirectoryIntegratedApp";

static APPLICATION_TEMPLATE: ItemType = ItemType {
    name: "applicationTemplate",
    noun: "application template",
    key: "id",
    members: &Table(&[
        ("id", Field::one(Kind::Guid)),
        ("displayName", Field::TEXT),
        ("homePageUrl", Field::TEXT),
        ("logoUrl", Field::TEXT),
        ("publisher", Field::TEXT),
        ("description", Field::TEXT),
        ("categories", Field::TEXTS),
        ("supportedProvisioningTypes", Field::TEXTS),
        ("supportedSingleSignOnModes", Field::TEXTS),
    ]),
    expandable: None,
};

/// `GET /applicationTemplates`
///
/// # Errors
/// 400 for query options that the gallery does not have.
pub async fn list(call: Call) -> Answer {
    let items = gallery::application_templates().iter().map(render).collect();
    Listing::new(&call, &APPLICATION_TEMPLATE)?.reply("applicationTemplates", items)
}

/// `GET /applicationTemplates/$count`
///
/// # Errors
/// 400 for a filter that cannot be read.
pub async fn count(call: Call) -> Answer {
    let items = gallery::application_templates().iter().map(render).collect();
    Ok(Listing::new(&call, &APPLICATION_TEMPLATE)?.count(items))
}

/// `GET /applicationTemplates/{id}`
///
/// # Errors
/// 404 when there is no such template.
pub async fn get(call: Call) -> Answer {
    listing::check_entity(&call, &APPLICATION_TEMPLATE)?;
    let json = listing::selected(&call, &APPLICATION_TEMPLATE, render(template(&call)?));
    Ok(Reply::entity(&call, "applicationTemplates/$entity", &json)?)
}

fn template(call: &Call) -> Result<&'static ApplicationTemplate, Failure> {
    let id = lookup::text(call, "template")?;
    gallery::application_template(id).ok_or_else(|| GraphError::not_found(id).into())
}

fn render(template: &ApplicationTemplate) -> Json {
    json!({
        "id": template.id,
        "displayName": template.display_name,
        "homePageUrl": null,
        "logoUrl": null,
        "publisher": template.publisher,
        "description": template.description,
        "categories": template.categories,
        "supportedProvisioningTypes": ["sync"],
        "supportedSingleSignOnModes": [],
    })
}

/// `POST /applicationTemplates/{id}/instantiate`: an application, its service principal, and its
/// synchronization templates.
///
/// # Errors
/// 404 when there is no such template, 400 without a `displayName` of 1 to 256 characters.
pub async fn instantiate(call: Call) -> Answer {
    let template = template(&call)?;
    let body = call.json()?;
    let is_name = |name: &str| name.eq_ignore_ascii_case("displayName");
    let members = body.as_object().into_iter().flatten().filter(|(name, _)| is_name(name));
    let sent = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut properties = model::created(ObjectKind::Application, sent)?;
    properties.insert("applicationTemplateId".into(), template.id.into());
    properties.insert("appRoles".into(), template.app_roles.clone());
    let application = applications::insert(&call, properties, Vec::new()).await?;
    store_templates(&call, lookup::app_id(&application)?, template).await?;
    let mut properties = Map::new();
    properties.insert("appRoleAssignmentRequired".into(), true.into());
    properties.insert("tags".into(), json!([ENTERPRISE_TAG]));
    let principal = service_principals::insert(&call, &application, properties, Vec::new()).await?;
    let both = json!({
        "application": Selection::default_of().render(&application),
        "servicePrincipal": Selection::default_of().render(&principal),
    });
    let path = format!("applications/{}", application.id);
    Ok(Reply::created(&call, "microsoft.graph.applicationServicePrincipal", &path, &both)?)
}

/// Gives an application the synchronization templates of its gallery entry.
///
/// # Errors
/// When the store fails.
pub async fn store_templates(
    call: &Call,
    app_id: Uuid,
    template: &ApplicationTemplate,
) -> Result<(), Failure> {
    for offer in &template.synchronization {
        let record = TemplateRecord {
            id: offer.id.to_owned(),
            document: offer.document.clone(),
            schema: offer.schema.clone(),
        };
        match call.state.store.create_template(app_id, record).await {
            Ok(()) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
