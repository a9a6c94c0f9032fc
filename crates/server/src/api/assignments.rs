//! App role assignments: who may use, and is provisioned to, an application.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provisor_graph::edm;
use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{self, Filter, Literal, Operator};
use provisor_graph::resources::directory::assignment::APP_ROLE_ASSIGNMENT;
use provisor_store::StoreError;
use provisor_store::directory::{Assignment, AssignmentsOf, DirectoryObject, ObjectKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::entities::key_name;
use super::{lookup, model, pages};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// Assignments read from the store at a time.
const CHUNK: usize = 500;
const RESOURCE: &str = "AppRoleAssignment";

/// `GET /servicePrincipals/{id}/appRoleAssignedTo`
///
/// # Errors
/// 404 when the service principal is not there.
pub async fn list_of_resource(call: Call) -> Answer {
    let resource = lookup::object(&call, ObjectKind::ServicePrincipal, "sp").await?;
    list(&call, AssignmentsOf::Resource(resource.id)).await
}

/// `GET /users/{id}/appRoleAssignments`, and of groups and service principals
///
/// # Errors
/// 404 when the principal is not there.
pub async fn list_of_principal(call: Call) -> Answer {
    let principal = path_object(&call).await?;
    list(&call, AssignmentsOf::Principal(principal.id)).await
}

/// `GET /servicePrincipals/{id}/appRoleAssignedTo/$count`
///
/// # Errors
/// As [`list_of_resource`].
pub async fn count_of_resource(call: Call) -> Answer {
    let resource = lookup::object(&call, ObjectKind::ServicePrincipal, "sp").await?;
    number(&call, AssignmentsOf::Resource(resource.id)).await
}

/// `GET /users/{id}/appRoleAssignments/$count`, and of groups and service principals
///
/// # Errors
/// As [`list_of_principal`].
pub async fn count_of_principal(call: Call) -> Answer {
    let principal = path_object(&call).await?;
    number(&call, AssignmentsOf::Principal(principal.id)).await
}

async fn number(call: &Call, of: AssignmentsOf) -> Answer {
    let filter = condition(call)?;
    Ok(Reply::text(&count(call, of, narrowed(of, filter.as_ref()), filter.as_ref()).await?))
}

/// The `$filter` of a request.
fn condition(call: &Call) -> Result<Option<Filter>, GraphError> {
    let filter = call.options.filter.as_deref().map(filter::parse).transpose()?;
    if let Some(filter) = &filter {
        filter.check(&APP_ROLE_ASSIGNMENT, APP_ROLE_ASSIGNMENT.name)?;
    }
    Ok(filter)
}

async fn path_object(call: &Call) -> Result<DirectoryObject, Failure> {
    let kind = model::kind_of_set(call.set).ok_or_else(GraphError::internal)?;
    lookup::object(call, kind, key_name(kind)).await
}

/// The collection that the path names: `servicePrincipals('{id}')/appRoleAssignedTo`.
fn fragment(call: &Call, owner: Uuid) -> String {
    let collection = if is_resource_side(call) { "appRoleAssignedTo" } else { "appRoleAssignments" };
    format!("{}('{owner}')/{collection}", call.set)
}

fn is_resource_side(call: &Call) -> bool {
    call.route.pattern.contains("/appRoleAssignedTo")
}

/// The place in a `$skiptoken`: the assignment before the page.
#[derive(Serialize, Deserialize)]
struct Token {
    after: i64,
}

/// The `$select` of assignments, spelled as in the metadata; `None` for `*`.
///
/// # Errors
/// 400 for a property that they do not have.
pub fn selected(names: Option<&[String]>) -> Result<Option<Vec<String>>, GraphError> {
    let Some(names) = names.filter(|names| !names.iter().any(|name| name == "*")) else { return Ok(None) };
    let spelled = |name: &String| {
        let property = APP_ROLE_ASSIGNMENT.property(name);
        property
            .map(|property| property.name.to_owned())
            .ok_or_else(|| GraphError::unknown_select(name, APP_ROLE_ASSIGNMENT.name))
    };
    names.iter().map(spelled).collect::<Result<_, _>>().map(Some)
}

/// The `$select` of a request, with the `@odata.context` that it makes of a collection.
fn selection(call: &Call, owner: Uuid) -> Result<(Option<Vec<String>>, String), GraphError> {
    let names = selected(call.options.select.as_deref())?;
    let collection = fragment(call, owner);
    let context = match &names {
        Some(names) => format!("{collection}({})", names.join(",")),
        None => collection,
    };
    Ok((names, context))
}

fn print(json: &Json, names: Option<&[String]>) -> Json {
    match (names, json.as_object()) {
        (Some(names), Some(members)) => APP_ROLE_ASSIGNMENT.render(members, Some(names)).into(),
        _ => json.clone(),
    }
}

/// Whose assignments to read, so that a filter which names the other end is answered from there: a user has few
/// assignments, an application many.
fn narrowed(of: AssignmentsOf, filter: Option<&Filter>) -> AssignmentsOf {
    let named = |property: &str| {
        filter?.conjuncts().iter().find_map(|term| match &term.value {
            _ if term.operator != Operator::Eq || !term.path.eq_ignore_ascii_case(property) => None,
            Literal::Guid(id) => Some(*id),
            Literal::String(text) => Uuid::try_parse(text).ok(),
            _ => None,
        })
    };
    match of {
        AssignmentsOf::Resource(_) => named("principalId").map_or(of, AssignmentsOf::Principal),
        AssignmentsOf::Principal(_) => of,
    }
}

const fn belongs(row: &Assignment, of: AssignmentsOf) -> (Uuid, Uuid) {
    match of {
        AssignmentsOf::Resource(id) => (row.resource, id),
        AssignmentsOf::Principal(id) => (row.principal, id),
    }
}

async fn list(call: &Call, of: AssignmentsOf) -> Answer {
    let top = pages::size(call)?;
    let owner = match of {
        AssignmentsOf::Resource(id) | AssignmentsOf::Principal(id) => id,
    };
    let (select, context) = selection(call, owner)?;
    let filter = condition(call)?;
    let read = narrowed(of, filter.as_ref());
    let mut after = pages::position::<Token>(call)?.map(|token| token.after);
    let mut items = Vec::new();
    let mut last = None;
    let next = 'pages: loop {
        let limit = if filter.is_some() { CHUNK } else { top + 1 };
        let mut rows = call.state.store.assignments(read, after, limit).await?;
        let (end, full) = (rows.last().map(|row| row.key), rows.len() == limit);
        rows.retain(|row| {
            let (own, owner) = belongs(row, of);
            own == owner
        });
        for (key, json) in rendered(call, rows).await? {
            if !keeps(filter.as_ref(), &json) {
                continue;
            }
            if items.len() == top {
                break 'pages last;
            }
            items.push(print(&json, select.as_deref()));
            last = Some(key);
        }
        if !full {
            break None;
        }
        after = end;
    };
    let next = next.map(|after| pages::next_link(call, &Token { after }));
    let count = match (call.options.count, &call.options.skip_token) {
        (Some(true), None) => Some(count(call, of, read, filter.as_ref()).await?),
        _ => None,
    };
    let links = PageLinks { count, next, ..PageLinks::default() };
    Ok(Reply::collection(call, &context, links, &items)?)
}

/// How many assignments of `of` pass, among those that `read` gives.
async fn count(
    call: &Call,
    of: AssignmentsOf,
    read: AssignmentsOf,
    filter: Option<&Filter>,
) -> Result<u64, Failure> {
    let (mut count, mut after) = (0, None);
    loop {
        let mut rows = call.state.store.assignments(read, after, CHUNK).await?;
        let (end, full) = (rows.last().map(|row| row.key), rows.len() == CHUNK);
        rows.retain(|row| {
            let (own, owner) = belongs(row, of);
            own == owner
        });
        count += match filter {
            None => rows.len() as u64,
            Some(_) => {
                let passing = rendered(call, rows).await?;
                passing.iter().filter(|(_, json)| keeps(filter, json)).count() as u64
            }
        };
        if !full {
            return Ok(count);
        }
        after = end;
    }
}

fn keeps(filter: Option<&Filter>, json: &Json) -> bool {
    filter.is_none_or(|filter| filter.matches(json, filter::Case::Insensitive))
}

/// Assignments as printed, with their keys and the names of both ends.
///
/// # Errors
/// When the store fails.
pub async fn rendered(call: &Call, rows: Vec<Assignment>) -> Result<Vec<(i64, Json)>, Failure> {
    let mut ids: Vec<Uuid> = rows.iter().flat_map(|row| [row.principal, row.resource]).collect();
    ids.sort_unstable();
    ids.dedup();
    let ends = call.state.store.get_many(&ids).await?;
    let name = |id: Uuid| {
        ends.iter().find(|object| object.id == id).map(|object| lookup::string(object, "displayName"))
    };
    Ok(rows.iter().map(|row| (row.key, render(row, name(row.principal), name(row.resource)))).collect())
}

fn render(row: &Assignment, principal: Option<&str>, resource: Option<&str>) -> Json {
    json!({
        "id": row.id,
        "deletedDateTime": null,
        "appRoleId": row.role,
        "createdDateTime": edm::print(row.created),
        "principalDisplayName": principal,
        "principalId": row.principal,
        "principalType": model::type_name(row.principal_kind),
        "resourceDisplayName": resource,
        "resourceId": row.resource,
    })
}

/// `POST` on either side
///
/// # Errors
/// 400 for a role that the application does not have or a second assignment of the same, 404 for an end that
/// is not there.
pub async fn create(call: Call) -> Answer {
    let owner = path_object(&call).await?;
    let body = call.json()?;
    let (principal, resource) = (guid(&body, "principalId")?, guid(&body, "resourceId")?);
    let role = guid(&body, "appRoleId")?;
    let (own, own_id) =
        if is_resource_side(&call) { ("resourceId", resource) } else { ("principalId", principal) };
    if own_id != owner.id {
        let message = format!("'{own}' must be '{}', the object in the path.", owner.id);
        return Err(GraphError::directory_bad_request(message).into());
    }
    let principal = end(&call, principal, |kind| kind != ObjectKind::Application).await?;
    let resource = end(&call, resource, |kind| kind == ObjectKind::ServicePrincipal).await?;
    check_role(&resource, role, principal.kind)?;
    let assignment = Assignment {
        key: 0,
        id: new_id(&call, principal.id),
        role,
        principal: principal.id,
        principal_kind: principal.kind,
        resource: resource.id,
        created: call.now(),
    };
    let assignment = call.state.store.assign(assignment).await.map_err(|error| match error {
        StoreError::Conflict { .. } => GraphError::assignment_exists().into(),
        other => Failure::from(other),
    })?;
    let names = [&principal, &resource].map(|object| lookup::string(object, "displayName"));
    let json = render(&assignment, Some(names[0]), Some(names[1]));
    let collection = fragment(&call, owner.id);
    let path = format!("servicePrincipals/{}/appRoleAssignedTo/{}", resource.id, assignment.id);
    Ok(Reply::created(&call, &format!("{collection}/$entity"), &path, &json)?)
}

/// An end of a new assignment.
async fn end(
    call: &Call,
    id: Uuid,
    fits: impl Fn(ObjectKind) -> bool + Send,
) -> Result<DirectoryObject, Failure> {
    let found = call.state.store.get(id).await?;
    found
        .filter(|object| object.deleted.is_none() && !object.purged && fits(object.kind))
        .ok_or_else(|| GraphError::not_found(&id.to_string()).into())
}

fn guid(body: &Json, property: &str) -> Result<Uuid, GraphError> {
    match body.get(property) {
        None | Some(Json::Null) => Err(GraphError::missing_property(property, RESOURCE)),
        Some(value) => value
            .as_str()
            .and_then(|text| Uuid::try_parse(text).ok())
            .ok_or_else(|| GraphError::invalid_value(property, RESOURCE).because("It must be a GUID.")),
    }
}

/// A role must be one of the application's enabled ones for this kind of principal; all zeros (default
/// access) is a role only where there are none.
fn check_role(resource: &DirectoryObject, role: Uuid, principal: ObjectKind) -> Result<(), GraphError> {
    let member = if principal == ObjectKind::ServicePrincipal { "Application" } else { "User" };
    let roles = resource.properties.get("appRoles").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let enabled: Vec<&Json> = roles
        .iter()
        .filter(|role| role["isEnabled"].as_bool().unwrap_or(true))
        .filter(|role| {
            let members = role["allowedMemberTypes"].as_array().map_or(&[][..], Vec::as_slice);
            members.iter().any(|name| name.as_str() == Some(member))
        })
        .collect();
    let known = if role.is_nil() {
        enabled.is_empty()
    } else {
        let id = role.to_string();
        enabled.iter().any(|role| role["id"].as_str().is_some_and(|text| text.eq_ignore_ascii_case(&id)))
    };
    if known {
        return Ok(());
    }
    let name = |role: &&Json| {
        let text = |member: &str| role[member].as_str().unwrap_or_default().to_owned();
        format!("{} ({})", text("id"), text("displayName"))
    };
    let there: Vec<String> = enabled.iter().map(name).collect();
    let there = if there.is_empty() { format!("{} (default access)", Uuid::nil()) } else { there.join(", ") };
    let kind = model::type_name(principal);
    Err(GraphError::role_not_found().because(format!("Roles of '{}' for a {kind}: {there}.", resource.id)))
}

/// 32 bytes in base64url, as Graph prints them: the principal, then what nobody can foresee.
fn new_id(call: &Call, principal: Uuid) -> String {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(principal.as_bytes());
    bytes[16..].copy_from_slice(call.state.ids.uuid().as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The assignment that the path names, which must belong to the path's object.
async fn find(call: &Call) -> Result<(DirectoryObject, Assignment), Failure> {
    let owner = path_object(call).await?;
    let id = lookup::text(call, "assignment")?;
    let found = call.state.store.assignment(id).await?.filter(|assignment| {
        let own = if is_resource_side(call) { assignment.resource } else { assignment.principal };
        own == owner.id
    });
    found.map(|assignment| (owner, assignment)).ok_or_else(|| GraphError::not_found(id).into())
}

/// `GET …/{assignmentId}`
///
/// # Errors
/// 404 when there is no such assignment of this object.
pub async fn get(call: Call) -> Answer {
    let (owner, assignment) = find(&call).await?;
    let rendered = rendered(&call, vec![assignment]).await?;
    let json = rendered.into_iter().next().map(|(_, json)| json).ok_or_else(GraphError::internal)?;
    let (select, context) = selection(&call, owner.id)?;
    Ok(Reply::entity(&call, &format!("{context}/$entity"), &print(&json, select.as_deref()))?)
}

/// `DELETE …/{assignmentId}`
///
/// # Errors
/// 404 when there is no such assignment of this object.
pub async fn delete(call: Call) -> Answer {
    let (_, assignment) = find(&call).await?;
    if call.state.store.unassign(&assignment.id).await? {
        Ok(Reply::no_content())
    } else {
        Err(GraphError::not_found(&assignment.id).into())
    }
}
