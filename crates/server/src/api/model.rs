//! The four kinds of directory objects, and what Graph says of each.

use provisor_graph::edm;
use provisor_graph::error::GraphError;
use provisor_graph::resources::directory::{self, EntityType, Member, Record};
use provisor_store::directory::{DirectoryObject, EdgeKind, IndexedKeys, ObjectKind};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::http::error::Failure;
use crate::http::request::Call;

/// Every kind.
pub const KINDS: [ObjectKind; 4] =
    [ObjectKind::User, ObjectKind::Group, ObjectKind::Application, ObjectKind::ServicePrincipal];

/// A relationship that an object of a kind has.
#[derive(Debug)]
pub struct Relation {
    /// Its name in Graph.
    pub name: &'static str,
    /// What the store calls it.
    pub edge: EdgeKind,
    /// The kinds that its other end may have.
    pub targets: &'static [ObjectKind],
    /// Whether there is at most one.
    pub single: bool,
}

const OWNERS: Relation = Relation {
    name: "owners",
    edge: EdgeKind::Owner,
    targets: &[ObjectKind::User, ObjectKind::ServicePrincipal],
    single: false,
};
const GROUP_RELATIONS: [Relation; 2] = [
    Relation {
        name: "members",
        edge: EdgeKind::Member,
        targets: &[ObjectKind::User, ObjectKind::Group, ObjectKind::ServicePrincipal],
        single: false,
    },
    OWNERS,
];
/// A user's manager.
pub const MANAGER: Relation =
    Relation { name: "manager", edge: EdgeKind::Manager, targets: &[ObjectKind::User], single: true };
const USER_RELATIONS: [Relation; 1] = [MANAGER];

/// The relationships of a kind.
#[must_use]
pub const fn relations(kind: ObjectKind) -> &'static [Relation] {
    match kind {
        ObjectKind::User => &USER_RELATIONS,
        ObjectKind::Group => &GROUP_RELATIONS,
        ObjectKind::Application | ObjectKind::ServicePrincipal => &[OWNERS],
    }
}

/// The name of the kind's set: `users`.
#[must_use]
pub const fn set(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "users",
        ObjectKind::Group => "groups",
        ObjectKind::Application => "applications",
        ObjectKind::ServicePrincipal => "servicePrincipals",
    }
}

/// The kind whose set has this name, as the route table spells it.
#[must_use]
pub fn kind_of_set(name: &str) -> Option<ObjectKind> {
    KINDS.into_iter().find(|kind| set(*kind) == name)
}

/// The name of the kind's type with a capital, as errors and `principalType` have it: `User`.
#[must_use]
pub const fn type_name(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "User",
        ObjectKind::Group => "Group",
        ObjectKind::Application => "Application",
        ObjectKind::ServicePrincipal => "ServicePrincipal",
    }
}

/// The value of `@odata.type`.
#[must_use]
pub const fn odata_type(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "#microsoft.graph.user",
        ObjectKind::Group => "#microsoft.graph.group",
        ObjectKind::Application => "#microsoft.graph.application",
        ObjectKind::ServicePrincipal => "#microsoft.graph.servicePrincipal",
    }
}

/// The properties of a kind.
#[must_use]
pub const fn entity(kind: ObjectKind) -> &'static EntityType {
    match kind {
        ObjectKind::User => &directory::user::USER,
        ObjectKind::Group => &directory::group::GROUP,
        ObjectKind::Application => &directory::application::APPLICATION,
        ObjectKind::ServicePrincipal => &directory::service_principal::SERVICE_PRINCIPAL,
    }
}

/// Members of an object that are made from the rest of it, and not stored.
const MADE: [&str; 4] = ["id", "createdDateTime", "deletedDateTime", "securityIdentifier"];

fn made(object: &DirectoryObject, name: &str) -> Option<String> {
    match name {
        "id" => Some(object.id.to_string()),
        "createdDateTime" => Some(edm::print(object.created)),
        "deletedDateTime" => object.deleted.map(edm::print),
        "securityIdentifier" if matches!(object.kind, ObjectKind::User | ObjectKind::Group) => {
            Some(security_identifier(object.id))
        }
        _ => None,
    }
}

/// An object with all its members, made ones among them, to be printed.
#[derive(Clone, Copy, Debug)]
pub struct Full<'a>(pub &'a DirectoryObject);

impl Record for Full<'_> {
    fn member(&self, name: &str) -> Option<Member<'_>> {
        let made = made(self.0, name).map(Member::Text);
        made.or_else(|| self.0.properties.json(name).map(Member::Raw))
    }
}

/// An object with all its members.
#[must_use]
pub fn full(object: &DirectoryObject) -> Map<String, Json> {
    let mut members = object.properties.clone().into_map();
    members.extend(MADE.iter().filter_map(|name| Some(((*name).to_owned(), made(object, name)?.into()))));
    members
}

/// Properties that a filter, a search or an order looks at, found once for all objects.
#[derive(Clone, Debug, Default)]
pub struct Looked(Vec<LookedAt>);

#[derive(Clone, Debug)]
struct LookedAt {
    /// As the metadata spells it; an extension, which it does not have, as it was sent.
    name: String,
    declared: bool,
    /// What stands for it, on objects of which kind, when it was never set.
    unset: Option<(ObjectKind, &'static str)>,
}

impl Looked {
    /// Properties of these names; letter case does not count.
    pub fn at<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let looked = |name: &str| {
            let mut kinds = KINDS.into_iter().filter_map(|kind| Some((kind, entity(kind).property(name)?)));
            let unset = kinds.clone().find_map(|(kind, property)| Some((kind, property.unset?)));
            let made = MADE.iter().find(|made| made.eq_ignore_ascii_case(name)).copied();
            let declared = made.or_else(|| kinds.next().map(|(_, property)| property.name));
            LookedAt { name: declared.unwrap_or(name).to_owned(), declared: declared.is_some(), unset }
        };
        Self(names.into_iter().map(looked).collect())
    }

    /// Those that an object has.
    #[must_use]
    pub fn of(&self, object: &DirectoryObject) -> Map<String, Json> {
        self.0.iter().filter_map(|looked| Some((looked.name.clone(), looked.value(object)?))).collect()
    }
}

impl LookedAt {
    fn value(&self, object: &DirectoryObject) -> Option<Json> {
        if let Some(made) = made(object, &self.name) {
            return Some(made.into());
        }
        let stored = if self.declared {
            object.properties.json(&self.name)
        } else {
            let mut members = object.properties.members();
            members.find(|(name, _)| name.eq_ignore_ascii_case(&self.name)).map(|(_, json)| json)
        };
        let value = stored.and_then(|json| serde_json::from_str(json).ok());
        value.or_else(|| {
            let (_, text) = self.unset.filter(|(kind, _)| *kind == object.kind)?;
            Some(text.into())
        })
    }
}

/// The Windows form of an object id: its 16 bytes as four little-endian numbers.
fn security_identifier(id: Uuid) -> String {
    let bytes = id.to_bytes_le();
    let numbers = bytes.as_chunks::<4>().0.iter().map(|chunk| u32::from_le_bytes(*chunk).to_string());
    format!("S-1-12-1-{}", numbers.collect::<Vec<_>>().join("-"))
}

/// The body of a create or change: an object, without annotations other than `…@odata.bind`.
///
/// # Errors
/// 400 for what is no such object.
pub fn body(call: &Call, kind: ObjectKind) -> Result<Map<String, Json>, Failure> {
    Ok(call.entity(entity(kind).name)?)
}

/// The properties of a new object, from the body of a POST. A password is accepted and not kept: nobody signs
/// in here.
///
/// # Errors
/// 400 for missing, unknown or unfit properties.
pub fn created(kind: ObjectKind, mut body: Map<String, Json>) -> Result<Map<String, Json>, GraphError> {
    // A client's own id is ignored, as Graph does.
    body.remove("id");
    let mut created = entity(kind).validate_create(&body)?;
    super::key_credentials::settle(None, &mut created, entity(kind).resource)?;
    settle(kind, None, &mut created)?;
    Ok(created)
}

/// Checks what hangs together in an object, and sets what follows from the rest. `before` is the object as it is.
fn settle(
    kind: ObjectKind,
    before: Option<&Map<String, Json>>,
    after: &mut Map<String, Json>,
) -> Result<(), GraphError> {
    match kind {
        ObjectKind::User => super::users::settle(after),
        ObjectKind::Group => super::groups::check(before, after),
        ObjectKind::Application => super::applications::check(before, after),
        ObjectKind::ServicePrincipal => Ok(()),
    }
}

/// The properties of an object after a PATCH.
///
/// # Errors
/// 400 for unknown, read-only or unfit properties.
pub fn patched(object: &DirectoryObject, body: &Map<String, Json>) -> Result<Map<String, Json>, GraphError> {
    let mut patched = entity(object.kind).merge_patch(&full(object), body)?;
    patched.retain(|name, _| !MADE.contains(&name.as_str()));
    super::key_credentials::settle(Some(&object.properties), &mut patched, entity(object.kind).resource)?;
    settle(object.kind, Some(&object.properties), &mut patched)?;
    Ok(patched)
}

/// What the store indexes of an object.
#[must_use]
pub fn keys(kind: ObjectKind, properties: &Map<String, Json>) -> IndexedKeys {
    let folded = |name: &str| properties.get(name).and_then(Json::as_str).map(str::to_lowercase);
    let unique = match kind {
        ObjectKind::User => Some("userPrincipalName"),
        ObjectKind::Group => None,
        ObjectKind::Application | ObjectKind::ServicePrincipal => Some("appId"),
    };
    let unique = unique.and_then(|name| Some((name, folded(name)?)));
    let further = match kind {
        // Base64: letter case is a difference.
        ObjectKind::User => values(properties, "onPremisesImmutableId", str::to_owned),
        ObjectKind::Group => values(properties, "uniqueName", str::to_lowercase),
        ObjectKind::Application => [
            values(properties, "identifierUris", str::to_lowercase),
            values(properties, "uniqueName", str::to_lowercase),
        ]
        .concat(),
        ObjectKind::ServicePrincipal => Vec::new(),
    };
    IndexedKeys { unique, name: folded("displayName"), further }
}

/// The texts of a property, one or many.
fn values(
    properties: &Map<String, Json>,
    property: &'static str,
    fold: impl Fn(&str) -> String,
) -> Vec<(&'static str, String)> {
    let texts = match properties.get(property) {
        Some(Json::Array(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    texts.iter().filter_map(Json::as_str).map(|text| (property, fold(text))).collect()
}
