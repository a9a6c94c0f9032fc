//! Templates: what an application offers to make jobs from.

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Field, Kind, Table};
use provisor_graph::resources::synchronization::metadata::SynchronizationMetadata;
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use provisor_graph::resources::synchronization::template::SynchronizationTemplate;
use provisor_graph::templates::WITHOUT_CONNECTOR;
use provisor_store::StoreError;
use provisor_store::templates::TemplateRecord;
use serde_json::{Map, Value as Json};

use super::host::Host;
use super::schema::{self, owner};
use crate::api::listing::{self, ItemType, Listing};
use crate::api::lookup;
use crate::http::error::{Answer, Failure};
use crate::http::request::{Call, Version};
use crate::http::response::Reply;

/// The most characters of a template id: it becomes part of job ids.
const MAX_ID: usize = 64;

static TEMPLATE: ItemType = ItemType {
    name: "synchronizationTemplate",
    noun: "synchronization template",
    key: "id",
    members: &Table(&[
        ("id", Field::TEXT),
        ("applicationId", Field::one(Kind::Guid)),
        ("default", Field::BOOLEAN),
        ("description", Field::TEXT),
        ("discoverable", Field::BOOLEAN),
        ("factoryTag", Field::TEXT),
        ("metadata", Field::objects(&METADATA)),
    ]),
    expandable: Some("schema"),
};
static METADATA: Table = Table(&[("key", Field::TEXT), ("value", Field::TEXT)]);

/// The template of this id, or with this factory tag.
///
/// # Errors
/// 404 with the ids that there are.
pub async fn find(call: &Call, host: &Host, id: &str) -> Result<TemplateRecord, Failure> {
    let templates = call.state.store.templates(host.app_id).await?;
    let by_id = templates.iter().find(|template| template.id.eq_ignore_ascii_case(id));
    let by_tag = || {
        templates.iter().find(|template| {
            let document = parse::<SynchronizationTemplate>(&template.document, &template.id);
            document
                .is_ok_and(|document| document.factory_tag.is_some_and(|tag| tag.eq_ignore_ascii_case(id)))
        })
    };
    if let Some(template) = by_id.or_else(by_tag) {
        return Ok(template.clone());
    }
    let known: Vec<String> = templates.iter().map(|template| format!("'{}'", template.id)).collect();
    let hint = if known.is_empty() {
        "The application has none; create one with POST …/synchronization/templates below /applications, or \
         make the application from an application template."
            .to_owned()
    } else {
        format!("The application has: {}.", known.join(", "))
    };
    Err(GraphError::resource_not_found(format!("Synchronization template '{id}' was not found. {hint}"))
        .into())
}

/// A stored document as its wire type.
pub(super) fn parse<T: serde::de::DeserializeOwned>(text: &str, id: &str) -> Result<T, GraphError> {
    serde_json::from_str(text).map_err(|error| {
        tracing::error!(%error, template = id, "a stored document cannot be read");
        GraphError::internal()
    })
}

/// Refuses to run a job of a template that nothing here can run yet.
///
/// # Errors
/// 400 that says so; 404 when the template is gone.
pub async fn check_connector(call: &Call, host: &Host, id: &str) -> Result<(), Failure> {
    let record = find(call, host, id).await?;
    let template: SynchronizationTemplate = parse(&record.document, &record.id)?;
    let tag = template.factory_tag.unwrap_or_default();
    if !WITHOUT_CONNECTOR.iter().any(|known| known.eq_ignore_ascii_case(&tag)) {
        return Ok(());
    }
    let message = format!(
        "The template '{}' is for the connector '{tag}', which this version does not have: its schema can be viewed, \
         copied and changed, but a job of it cannot run. Use the template 'scim' of a custom application.",
        record.id
    );
    Err(GraphError::bad_request(message).into())
}

/// A template as JSON, with its schema when it is asked for.
fn printed(call: &Call, host: &Host, record: &TemplateRecord, with_schema: bool) -> Result<Json, GraphError> {
    let template: SynchronizationTemplate = parse(&record.document, &record.id)?;
    let mut json = serde_json::to_value(template).map_err(|error| {
        tracing::error!(%error, template = record.id, "a template cannot be printed");
        GraphError::internal()
    })?;
    let Some(members) = json.as_object_mut() else { return Ok(json) };
    if call.version == Version::Beta {
        spell_as_beta(members);
    }
    if with_schema {
        if !call.no_metadata {
            let context = format!(
                "{}/$metadata#{}/templates('{}')/schema/$entity",
                call.version_url(),
                host.context,
                record.id
            );
            members.insert("schema@odata.context".into(), context.into());
        }
        let schema = serde_json::to_value(schema_of(record)?).map_err(|error| {
            tracing::error!(%error, template = record.id, "a schema cannot be printed");
            GraphError::internal()
        })?;
        members.insert("schema".into(), schema);
    }
    Ok(json)
}

/// The keys of metadata are spelled otherwise in beta.
fn spell_as_beta(template: &mut Map<String, Json>) {
    let entries = template.get_mut("metadata").and_then(Json::as_array_mut);
    for entry in entries.into_iter().flatten() {
        let key = entry["key"].as_str().and_then(SynchronizationMetadata::parse);
        if let Some(key) = key {
            entry["key"] = key.beta_name().into();
        }
    }
}

/// `GET …/templates`: the default one first, because scripts take the first.
///
/// # Errors
/// 404 when the container is not there, 400 for query options that templates do not have.
pub async fn list(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let listing = Listing::new(&call, &TEMPLATE)?;
    // Lists of v1.0 hold the schema back until it is asked for, those of beta do not.
    let inline = call.version == Version::Beta && call.options.select.is_none();
    let with_schema = call.options.expand.is_some() || inline;
    listing.reply(&format!("{}/templates", host.context), all(&call, &host, with_schema).await?)
}

/// Every template of the container, the default one first.
///
/// # Errors
/// When the store fails.
pub(super) async fn all(call: &Call, host: &Host, with_schema: bool) -> Result<Vec<Json>, Failure> {
    let mut items = Vec::new();
    for record in call.state.store.templates(host.app_id).await? {
        items.push(printed(call, host, &record, with_schema)?);
    }
    items.sort_by_key(|item| !item["default"].as_bool().unwrap_or(false));
    Ok(items)
}

/// `GET …/templates/$count`
///
/// # Errors
/// As [`list`].
pub async fn count(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    Ok(Listing::new(&call, &TEMPLATE)?.count(all(&call, &host, false).await?))
}

async fn named(call: &Call) -> Result<(Host, TemplateRecord), Failure> {
    let host = Host::resolve(call).await?;
    let template = find(call, &host, lookup::text(call, "template")?).await?;
    Ok((host, template))
}

/// `GET …/templates/{id}`
///
/// # Errors
/// 404 when there is no such template.
pub async fn get(call: Call) -> Answer {
    let (host, template) = named(&call).await?;
    listing::check_entity(&call, &TEMPLATE)?;
    let json = listing::selected(&call, &TEMPLATE, printed(&call, &host, &template, false)?);
    Ok(Reply::entity(&call, &format!("{}/templates/$entity", host.context), &json)?)
}

/// A template's schema, every mapping source in both its forms.
///
/// # Errors
/// 500 when what is stored cannot be read.
pub(super) fn schema_of(record: &TemplateRecord) -> Result<SynchronizationSchema, GraphError> {
    let mut schema: SynchronizationSchema = parse(&record.schema, &record.id)?;
    crate::schema::complete(&mut schema);
    Ok(schema)
}

/// `POST /applications/{id}/synchronization/templates`: how an own connector gets its schema.
///
/// # Errors
/// 400 for an id that cannot stand in a path or an unfit schema, 409 when there is a template of this id.
pub async fn create(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let (template, inline) = body(&call)?;
    let id = template.id.clone();
    check_id(&id)?;
    let given = inline.unwrap_or_else(|| {
        provisor_graph::templates::schema_of_tag(template.factory_tag.as_deref().unwrap_or_default())
    });
    let record = record(&template, given)?;
    call.state.store.create_template(host.app_id, record.clone()).await.map_err(|error| match error {
        StoreError::Conflict { .. } => Failure(GraphError::new(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            format!("The application already has a synchronization template '{id}'."),
        )),
        other => other.into(),
    })?;
    let json = printed(&call, &host, &record, false)?;
    let fragment = format!("{}/templates/$entity", host.context);
    Ok(Reply::created(&call, &fragment, &format!("{}/templates/{id}", host.path), &json)?)
}

/// `PUT` and `PATCH /applications/{id}/synchronization/templates/{id}`: replaces what the template says of itself; a
/// schema that is not sent stays.
///
/// # Errors
/// 404 when there is no such template, 400 for an unfit schema.
pub async fn replace(call: Call) -> Answer {
    let (host, stored) = named(&call).await?;
    let (mut template, inline) = body(&call)?;
    template.id.clone_from(&stored.id);
    let changes = inline.is_some();
    let record = match inline {
        Some(schema) => record(&template, schema)?,
        None => TemplateRecord { document: printed_document(&template)?, ..stored },
    };
    call.state.store.replace_template(host.app_id, record.clone()).await?;
    if changes {
        owner::restart_followers(&call, &host, &record.id).await?;
    }
    Ok(Reply::no_content())
}

/// `DELETE …/templates/{id}`
///
/// # Errors
/// 404 when there is no such template, 409 when jobs are made from it.
pub async fn delete(call: Call) -> Answer {
    let (host, template) = named(&call).await?;
    let used: Vec<String> = host
        .jobs(&call)
        .await?
        .into_iter()
        .filter(|job| job.template_id.eq_ignore_ascii_case(&template.id))
        .map(|job| format!("'{}'", job.id))
        .collect();
    if !used.is_empty() {
        let message =
            format!("The template '{}' is used by {}; delete the job first.", template.id, used.join(", "));
        return Err(GraphError::new(409, "Request_Conflict", message).into());
    }
    call.state.store.delete_template(host.app_id, &template.id).await?;
    Ok(Reply::no_content())
}

/// A template and the schema that may stand inside it.
fn body(call: &Call) -> Result<(SynchronizationTemplate, Option<SynchronizationSchema>), GraphError> {
    let json = call.json()?;
    let json = json.get("synchronizationTemplate").filter(|inner| inner.is_object()).unwrap_or(&json);
    let inline = json.get("schema").filter(|schema| !schema.is_null()).cloned();
    let schema =
        inline.map(|json| provisor_graph::json::from_value(json, "synchronizationSchema")).transpose()?;
    Ok((call.typed("synchronizationTemplate")?, schema))
}

/// A template as it is stored, with a checked schema.
fn record(
    template: &SynchronizationTemplate,
    mut given: SynchronizationSchema,
) -> Result<TemplateRecord, GraphError> {
    given.id = owner::template_schema_id(&template.id);
    schema::check(&given)?;
    crate::schema::complete(&mut given);
    Ok(TemplateRecord {
        id: template.id.clone(),
        document: printed_document(template)?,
        schema: owner::printed(&given)?,
    })
}

fn printed_document(template: &SynchronizationTemplate) -> Result<String, GraphError> {
    serde_json::to_string(template).map_err(|error| {
        tracing::error!(%error, template = template.id, "a template cannot be printed");
        GraphError::internal()
    })
}

fn check_id(id: &str) -> Result<(), GraphError> {
    if id.is_empty() {
        return Err(GraphError::missing_property("id", "SynchronizationTemplate"));
    }
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if id.len() <= MAX_ID && id.bytes().all(fit) {
        return Ok(());
    }
    Err(GraphError::bad_request(format!(
        "'id' must be 1 to {MAX_ID} letters, digits, '-' or '_': it becomes part of paths and job ids."
    )))
}
