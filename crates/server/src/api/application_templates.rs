//! The gallery: templates of applications, and making applications from them.

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter;
use provisor_graph::templates::{self as gallery, ApplicationTemplate};
use provisor_store::StoreError;
use provisor_store::templates::TemplateRecord;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::selection::Selection;
use super::{applications, lookup, service_principals};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// The tag by which consoles find enterprise applications.
const ENTERPRISE_TAG: &str = "WindowsAzureActiveDirectoryIntegratedApp";

/// `GET /applicationTemplates`
///
/// # Errors
/// 400 for a malformed filter.
pub async fn list(call: Call) -> Answer {
    let filter = call.options.filter.as_deref().map(filter::parse).transpose()?;
    let mut items: Vec<Json> = gallery::application_templates().iter().map(render).collect();
    if let Some(filter) = filter {
        items.retain(|item| filter.matches(item, filter::Case::Insensitive));
    }
    let count = call.options.count.unwrap_or(false).then_some(items.len() as u64);
    if let Some(top) = call.options.top {
        items.truncate(usize::try_from(top).unwrap_or(usize::MAX));
    }
    let links = PageLinks { count, ..PageLinks::default() };
    Ok(Reply::collection(&call, "applicationTemplates", links, &items)?)
}

/// `GET /applicationTemplates/{id}`
///
/// # Errors
/// 404 when there is no such template.
pub async fn get(call: Call) -> Answer {
    Ok(Reply::entity(&call, "applicationTemplates/$entity", &render(template(&call)?))?)
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
/// 404 when there is no such template, 400 without a `displayName`.
pub async fn instantiate(call: Call) -> Answer {
    let template = template(&call)?;
    let body = call.json()?;
    let name = body.get("displayName").and_then(Json::as_str).unwrap_or_default().trim();
    if name.is_empty() {
        return Err(GraphError::missing_property("displayName", "Application").into());
    }
    let mut properties = Map::new();
    properties.insert("displayName".into(), name.into());
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
