//! What callers own, and what that opens: an application with `Application.ReadWrite.OwnedBy` may change what
//! it made or was made an owner of, and nothing else.

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, EdgeKind, NewEdge, ObjectKind};
use uuid::Uuid;

use super::casts::Cast;
use super::permissions::{
    APPS_READ, APPS_WRITE, Decision, GROUPS_READ, GROUPS_WRITE, Held, Permission, USERS_READ, USERS_WRITE,
};
use super::route::Verb;
use super::{applications, lookup, model};
use crate::http::error::Failure;
use crate::http::request::Call;
use crate::identity::Caller;

/// Lets a request pass that its caller is allowed to make.
///
/// # Errors
/// 403 for one that is not (401 for synchronization where the server is told to answer as Graph does), 404
/// when everything hangs on an object that is not there.
pub async fn authorize(call: &Call) -> Result<(), Failure> {
    let route = call.route;
    let allowed = match route.permission.decide(Held::by(&call.caller)) {
        Decision::Allowed => true,
        Decision::Denied => false,
        Decision::IfOwner => owns(call, &owned_object(call).await?).await?,
        Decision::ByKind if call.names("object") => {
            let id = lookup::id(call, "object")?;
            let object = call.state.store.get(id).await?;
            let object = object.ok_or_else(|| GraphError::not_found(&id.to_string()))?;
            return require(call, of_kind(object.kind, route.verb != Verb::Get), &object).await;
        }
        Decision::ByKind => match Cast::within(call) {
            Some(Cast::Kind(kind)) if Readable::by(call).has(kind) => true,
            Some(Cast::Kind(kind)) => return Err(refusal(call, of_kind(kind, false)).into()),
            Some(Cast::Elsewhere) | None => false,
        },
    };
    if allowed { Ok(()) } else { Err(refusal(call, route.permission).into()) }
}

/// The permission for objects of a kind.
#[must_use]
pub const fn of_kind(kind: ObjectKind, write: bool) -> &'static Permission {
    match (kind, write) {
        (ObjectKind::User, false) => &USERS_READ,
        (ObjectKind::User, true) => &USERS_WRITE,
        (ObjectKind::Group, false) => &GROUPS_READ,
        (ObjectKind::Group, true) => &GROUPS_WRITE,
        (ObjectKind::Application | ObjectKind::ServicePrincipal, false) => &APPS_READ,
        (ObjectKind::Application | ObjectKind::ServicePrincipal, true) => &APPS_WRITE,
    }
}

/// The kinds of directory objects that a caller may read. Of others that a relationship leads to, only their type
/// and id are told (Graph: limited information returned for inaccessible member objects).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readable([bool; model::KINDS.len()]);

impl Readable {
    /// Every kind.
    pub const ALL: Self = Self([true; model::KINDS.len()]);

    /// Those that a caller may read.
    #[must_use]
    pub fn by(call: &Call) -> Self {
        let held = Held::by(&call.caller);
        match held {
            Held::Everything => Self::ALL,
            _ => Self(model::KINDS.map(|kind| of_kind(kind, false).decide(held) == Decision::Allowed)),
        }
    }

    /// Whether a kind is among them.
    #[must_use]
    pub fn has(self, kind: ObjectKind) -> bool {
        model::KINDS.iter().zip(self.0).any(|(known, readable)| *known == kind && readable)
    }
}

/// Passes for a caller with this permission without regard to ownership, or who owns the object.
///
/// # Errors
/// 403 for any other.
pub async fn require(call: &Call, permission: &Permission, object: &DirectoryObject) -> Result<(), Failure> {
    let allowed = match permission.decide(Held::by(&call.caller)) {
        Decision::Allowed => true,
        Decision::IfOwner => owns(call, object).await?,
        Decision::Denied | Decision::ByKind => false,
    };
    if allowed { Ok(()) } else { Err(refusal(call, permission).into()) }
}

fn refusal(call: &Call, permission: &Permission) -> GraphError {
    if call.state.refuse_as_graph && permission.name.starts_with("SYNC_") {
        GraphError::new(401, "UnknownError", "")
    } else {
        let mut names = permission.any_of.join(", ");
        if !permission.owned.is_empty() {
            names.push_str(&format!(", or {} of what it owns", permission.owned.join(", ")));
        }
        let refused = GraphError::forbidden().because(format!("It takes one of: {names}."));
        match &call.caller {
            Caller::User(_) if !permission.people.is_empty() => {
                refused.because("A person also needs a directory role for it, such as Global Administrator.")
            }
            _ => refused,
        }
    }
}

/// The object whose owner the caller must be: of `synchronization` always the service principal, because jobs
/// and secrets belong to it; while an application has none, the application.
async fn owned_object(call: &Call) -> Result<DirectoryObject, Failure> {
    if call.set != "applications" {
        return lookup::object(call, ObjectKind::ServicePrincipal, "sp").await;
    }
    let application = lookup::object(call, ObjectKind::Application, "app").await?;
    if call.route.is_synchronization() {
        let app_id = lookup::app_id(&application)?;
        return Ok(applications::principal_of(call, app_id).await?.unwrap_or(application));
    }
    Ok(application)
}

async fn owns(call: &Call, object: &DirectoryObject) -> Result<bool, Failure> {
    let Some(caller) = object_id(call) else { return Ok(false) };
    let owners = call.state.store.edges_from(&[object.id], EdgeKind::Owner).await?;
    Ok(owners.contains(&(object.id, caller)))
}

/// The ownership of what the caller makes, beside the owners that the request names. A caller that is no
/// object of this directory, such as the administrator's token, owns nothing.
///
/// # Errors
/// When the store fails.
pub async fn of_new(call: &Call, mut edges: Vec<NewEdge>) -> Result<Vec<NewEdge>, Failure> {
    let Some(id) = object_id(call) else { return Ok(edges) };
    let edge = NewEdge { kind: EdgeKind::Owner, to: id };
    if !edges.contains(&edge) && is_here(call, id).await? {
        edges.push(edge);
    }
    Ok(edges)
}

/// The caller's own object in this directory.
fn object_id(call: &Call) -> Option<Uuid> {
    call.caller.claims().and_then(|claims| claims.object_id)
}

async fn is_here(call: &Call, id: Uuid) -> Result<bool, Failure> {
    let found = call.state.store.get(id).await?;
    Ok(found.is_some_and(|object| {
        object.deleted.is_none()
            && !object.purged
            && model::relations(ObjectKind::Application)
                .iter()
                .any(|relation| relation.targets.contains(&object.kind))
    }))
}
