//! `$expand` on directory objects: one relationship, at most twenty objects of it.

use provisor_graph::error::GraphError;
use provisor_graph::odata::expand;
use provisor_graph::resources::directory::assignment::APP_ROLE_ASSIGNMENT;
use provisor_store::directory::{AssignmentsOf, DirectoryObject, EdgeKind, ObjectKind, Transitive};
use serde_json::Value as Json;
use uuid::Uuid;

use super::filtering::Filtering;
use super::ownership::Readable;
use super::pages;
use super::permissions::{ASSIGNMENTS_READ, Decision, Held};
use super::relationships::Way;
use super::selection::Selection;
use super::{assignments, model};
use crate::http::error::Failure;
use crate::http::request::Call;

/// The most objects of a relationship that are told, as in Graph.
const MOST: usize = 20;

/// What an object can be expanded with.
#[derive(Clone, Copy, Debug)]
enum Expanded {
    /// Its one manager.
    Manager,
    /// Objects.
    Objects(Way),
    /// Assignments of it.
    Assignments,
    /// Assignments to it.
    Assigned,
}

const MEMBER_OF: [(&str, Expanded); 2] = [
    ("memberOf", Expanded::Objects(Way::Relating(EdgeKind::Member))),
    ("transitiveMemberOf", Expanded::Objects(Way::Reached(Transitive::MemberOf))),
];
const OWNERS: (&str, Expanded) = ("owners", Expanded::Objects(Way::Related(EdgeKind::Owner)));
const OWNED: (&str, Expanded) = ("ownedObjects", Expanded::Objects(Way::Relating(EdgeKind::Owner)));
const ASSIGNMENTS: (&str, Expanded) = ("appRoleAssignments", Expanded::Assignments);

const fn relationships(kind: ObjectKind) -> &'static [(&'static str, Expanded)] {
    const USER: [(&str, Expanded); 6] = [
        ("manager", Expanded::Manager),
        ("directReports", Expanded::Objects(Way::Relating(EdgeKind::Manager))),
        MEMBER_OF[0],
        MEMBER_OF[1],
        OWNED,
        ASSIGNMENTS,
    ];
    const GROUP: [(&str, Expanded); 6] = [
        ("members", Expanded::Objects(Way::Related(EdgeKind::Member))),
        ("transitiveMembers", Expanded::Objects(Way::Reached(Transitive::Members))),
        OWNERS,
        MEMBER_OF[0],
        MEMBER_OF[1],
        ASSIGNMENTS,
    ];
    const SERVICE_PRINCIPAL: [(&str, Expanded); 6] =
        [OWNERS, OWNED, MEMBER_OF[0], MEMBER_OF[1], ASSIGNMENTS, ("appRoleAssignedTo", Expanded::Assigned)];
    match kind {
        ObjectKind::User => &USER,
        ObjectKind::Group => &GROUP,
        ObjectKind::Application => &[OWNERS],
        ObjectKind::ServicePrincipal => &SERVICE_PRINCIPAL,
    }
}

/// Whether objects of a kind have a relationship of this name.
#[must_use]
pub fn is_relationship(kind: ObjectKind, name: &str) -> bool {
    relationships(kind).iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// What is selected of the objects that are told.
#[derive(Clone, Debug)]
enum Nested {
    Objects(Box<Selection>),
    Assignments(Option<Vec<String>>),
}

/// A relationship that is told within each object.
#[derive(Clone, Debug)]
pub struct Expansion {
    name: &'static str,
    expanded: Expanded,
    nested: Nested,
    select: Option<Vec<String>>,
}

impl Expansion {
    /// Reads the `$expand` of a request about one kind.
    ///
    /// # Errors
    /// 400 for what is malformed, a relationship that the kind does not have, or a property that its objects
    /// do not have.
    pub fn parse(text: &str, kind: ObjectKind, readable: Readable) -> Result<Self, GraphError> {
        let parsed = expand::parse(text)?;
        let found = relationships(kind).iter().find(|(name, _)| name.eq_ignore_ascii_case(&parsed.name));
        let (name, expanded) =
            found.ok_or_else(|| GraphError::unknown_select(&parsed.name, model::entity(kind).name))?;
        let select = parsed.select;
        let nested = match expanded {
            Expanded::Assignments | Expanded::Assigned => {
                Nested::Assignments(assignments::selected(select.as_deref())?)
            }
            Expanded::Manager | Expanded::Objects(_) => {
                Nested::Objects(Box::new(Selection::within(select.as_deref(), readable)?))
            }
        };
        Ok(Self { name, expanded: *expanded, nested, select })
    }

    /// The relationship, as Graph spells it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// It as it stands in `@odata.context`: `manager(id)`.
    #[must_use]
    pub fn fragment(&self) -> String {
        format!("{}({})", self.name, self.select.as_deref().unwrap_or_default().join(","))
    }

    /// Adds the relationship of each object to its item.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn add(
        &self,
        call: &Call,
        objects: &[DirectoryObject],
        items: &mut [Json],
    ) -> Result<(), Failure> {
        if matches!(self.expanded, Expanded::Manager) {
            return self.add_managers(call, objects, items).await;
        }
        for (object, item) in objects.iter().zip(items) {
            let told = self.related(call, object.id).await?;
            if let Some(members) = item.as_object_mut() {
                members.insert(self.name.to_owned(), told.into());
            }
        }
        Ok(())
    }

    /// Managers of all objects in two readings; who has none is told without.
    async fn add_managers(
        &self,
        call: &Call,
        objects: &[DirectoryObject],
        items: &mut [Json],
    ) -> Result<(), Failure> {
        let Nested::Objects(selection) = &self.nested else { return Ok(()) };
        let ids: Vec<Uuid> = objects.iter().map(|object| object.id).collect();
        let pairs = call.state.store.edges_from(&ids, EdgeKind::Manager).await?;
        let mut managers: Vec<Uuid> = pairs.iter().map(|(_, manager)| *manager).collect();
        managers.sort_unstable();
        managers.dedup();
        let managers = call.state.store.get_many(&managers).await?;
        for (id, item) in ids.iter().zip(items) {
            let manager = pairs.iter().find(|(from, _)| from == id).map(|(_, manager)| *manager);
            let manager = managers.iter().find(|object| Some(object.id) == manager);
            if let (Some(manager), Some(members)) = (manager, item.as_object_mut()) {
                members.insert(self.name.to_owned(), selection.render(manager));
            }
        }
        Ok(())
    }

    async fn related(&self, call: &Call, id: Uuid) -> Result<Vec<Json>, Failure> {
        let way = match self.expanded {
            Expanded::Manager => Way::Related(EdgeKind::Manager),
            Expanded::Objects(way) => way,
            Expanded::Assignments => return self.assignments(call, AssignmentsOf::Principal(id)).await,
            Expanded::Assigned => return self.assignments(call, AssignmentsOf::Resource(id)).await,
        };
        let Nested::Objects(selection) = &self.nested else { return Ok(Vec::new()) };
        let store = call.state.store.as_ref();
        let page = pages::read(store, &way.from(id), &Filtering::default(), None, MOST).await?;
        Ok(page.objects.iter().map(|object| selection.render(object)).collect())
    }

    async fn assignments(&self, call: &Call, of: AssignmentsOf) -> Result<Vec<Json>, Failure> {
        let Nested::Assignments(select) = &self.nested else { return Ok(Vec::new()) };
        if ASSIGNMENTS_READ.decide(Held::by(&call.caller)) != Decision::Allowed {
            return Err(GraphError::forbidden().into());
        }
        let rows = call.state.store.assignments(of, None, MOST).await?;
        let rendered = assignments::rendered(call, rows).await?.into_iter();
        Ok(rendered.map(|(_, json)| print(&json, select.as_deref())).collect())
    }
}

fn print(json: &Json, select: Option<&[String]>) -> Json {
    match json.as_object() {
        Some(members) => APP_ROLE_ASSIGNMENT.render(members, select).into(),
        None => Json::Null,
    }
}
