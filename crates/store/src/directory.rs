//! The built-in directory: users, groups, applications, service principals, and what relates them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::StoreError;
use crate::properties::Properties;

/// A number that grows with every change of the directory. Positions in its change feed are such numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeNumber(pub i64);

/// The kind of a directory object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A person's account.
    User,
    /// A group.
    Group,
    /// An application registration.
    Application,
    /// An application's instance in this tenant.
    ServicePrincipal,
}

/// An object of the directory.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectoryObject {
    /// The immutable id.
    pub id: Uuid,
    /// The kind.
    pub kind: ObjectKind,
    /// The properties that were set, as Graph spells them; absent ones are null. Never holds `id`,
    /// relationships or `deletedDateTime`.
    pub properties: Properties,
    /// When it was created.
    pub created: Timestamp,
    /// When it was put into the recycle bin.
    pub deleted: Option<Timestamp>,
    /// Whether it is gone for good: only its id is left, in the change feed.
    pub purged: bool,
    /// Its newest change.
    pub changed: ChangeNumber,
}

/// The values of an object that the store indexes, made by the caller who knows the properties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexedKeys {
    /// The property and the value that must be unique among objects of the kind that are not deleted, folded
    /// to lower case: `userPrincipalName` of a user, `appId` of an application or service principal.
    pub unique: Option<(&'static str, String)>,
    /// Further values, with their properties, that must be unique in the same way: elements of
    /// `identifierUris` of an application, `onPremisesImmutableId` of a user.
    pub further: Vec<(&'static str, String)>,
    /// The display name, folded to lower case, for equality, prefix and order.
    pub name: Option<String>,
}

/// An object to be created.
#[derive(Clone, Debug)]
pub struct NewObject {
    /// The id.
    pub id: Uuid,
    /// The kind.
    pub kind: ObjectKind,
    /// The properties.
    pub properties: Map<String, Json>,
    /// What is indexed of them.
    pub keys: IndexedKeys,
    /// When.
    pub created: Timestamp,
    /// Relationships that are made in the same transaction.
    pub edges: Vec<NewEdge>,
}

/// A relationship to be made with an object that is created or updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEdge {
    /// The kind.
    pub kind: EdgeKind,
    /// The other end.
    pub to: Uuid,
}

/// The kind of a relationship; it points from the object that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// From a group to a member.
    Member,
    /// From a user to its manager; at most one.
    Manager,
    /// From a group, application or service principal to an owner.
    Owner,
}

/// A place in a listing: that of one of its objects. It means something to the same request alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which part of the listing.
    #[serde(rename = "p", default, skip_serializing_if = "is_zero")]
    pub(crate) part: i64,
    /// The key within the part, when it is not in the order of making.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<PlaceKey>,
    /// Among those of the same key.
    #[serde(rename = "s")]
    pub(crate) seq: i64,
}

/// A key by which a part of a listing is ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum PlaceKey {
    /// An instant, in microseconds.
    Number(i64),
    /// A folded text.
    Text(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// A page of objects.
#[derive(Clone, Debug, Default)]
pub struct ObjectPage {
    /// The objects.
    pub objects: Vec<DirectoryObject>,
    /// Their places: a listing can go on after each of them.
    pub places: Vec<Place>,
    /// Where the next page begins; `None` at the end. A page with a next one may be short, even empty: what was
    /// looked at may have been given before.
    pub next: Option<Place>,
}

/// Which objects a listing gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lookup {
    /// All, in the order of their creation.
    #[default]
    All,
    /// Those that at least one probe finds, each once: what the first one finds, then what the second one
    /// finds besides, and so on.
    Probes(Vec<Probe>),
    /// All that have the property, in its order: `displayName`, `userPrincipalName` and `createdDateTime`.
    Ordered {
        /// The property.
        by: Ordered,
        /// Whether the greatest comes first.
        descending: bool,
    },
}

/// An order that an index has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordered {
    /// By the display name.
    Name,
    /// By the unique key.
    Unique,
    /// By the instant of creation.
    Created,
}

/// One look into an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// The object with this id.
    Id(Uuid),
    /// Those created between these instants, both included, in this order.
    Created {
        /// From.
        from: Option<Timestamp>,
        /// Until.
        until: Option<Timestamp>,
    },
    /// Those with such a value of an indexed property ([`crate::indexed::probes`]), in the order of the
    /// values.
    Property {
        /// The property, as Graph spells it.
        name: &'static str,
        /// Which values.
        matching: Matching,
    },
}

/// Which values of a property are looked for; texts are folded ([`crate::indexed::folded`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    /// All.
    All,
    /// This one.
    Exactly(String),
    /// Those that begin so.
    Prefix(String),
    /// Those with a word, other than the one that they begin with, that begins so.
    Word(String),
}

/// What is reached over relationships of one kind, over any number of them, each object once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transitive {
    /// The members of a group and of the groups in it.
    Members,
    /// The groups that an object is in, and those that they are in.
    MemberOf,
    /// The reports of a user, and theirs.
    Reports,
}

/// A request for a page of objects.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The kind.
    pub kind: ObjectKind,
    /// Whether to list the recycle bin instead.
    pub deleted: bool,
    /// Which of them.
    pub lookup: Lookup,
    /// Go on after this place.
    pub after: Option<Place>,
    /// At most so many.
    pub limit: usize,
}

/// A change of an object.
#[derive(Clone, Debug, Default)]
pub struct ObjectChange {
    /// The properties as they are to be: the whole set.
    pub properties: Map<String, Json>,
    /// What is indexed of them.
    pub keys: IndexedKeys,
    /// Relationships that are added in the same transaction (a manager replaces the one there is).
    pub edges: Vec<NewEdge>,
}

/// A change of a relationship, as the change feed tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeChange {
    /// The other end.
    pub to: Uuid,
    /// The kind of the other end.
    pub to_kind: ObjectKind,
    /// Whether it is there now.
    pub present: bool,
    /// When it changed.
    pub changed: ChangeNumber,
}

/// An app role assignment: `principal` may use `resource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The store's key; grows with creation.
    pub key: i64,
    /// Its id: 32 bytes in base64url, as Graph prints it.
    pub id: String,
    /// The role; all zeros for default access.
    pub role: Uuid,
    /// The user, group or service principal.
    pub principal: Uuid,
    /// The kind of the principal.
    pub principal_kind: ObjectKind,
    /// The service principal.
    pub resource: Uuid,
    /// When.
    pub created: Timestamp,
}

/// Which assignments a listing gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignmentsOf {
    /// Those to a service principal.
    Resource(Uuid),
    /// Those of a user, group or service principal.
    Principal(Uuid),
}

/// Which changes a reading of the feed gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedRequest {
    /// The kind of object.
    pub kind: ObjectKind,
    /// Changes after this one.
    pub since: ChangeNumber,
    /// Changes up to and including this one.
    pub until: ChangeNumber,
    /// For a job with scope "assigned": also objects whose assignment to this service principal changed,
    /// directly, or through a membership or the assignment of a group. They come at the place of that change,
    /// or of their own if that is newer; in a full reading always at the former.
    pub assigned_to: Option<Uuid>,
    /// Whether to leave out objects that are purged, and with `assigned_to` objects that are not assigned.
    pub full: bool,
    /// At most so many.
    pub limit: usize,
}

/// One entry of the change feed.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedEntry {
    /// The place in the feed: the object's own change, or that of its assignment.
    pub at: ChangeNumber,
    /// The object as it is now.
    pub object: DirectoryObject,
    /// Whether it is assigned to the service principal asked about (`true` without one).
    pub assigned: bool,
}

/// The built-in directory.
///
/// What callers rely on:
/// - a write is durable and visible to every later read when the call returns;
/// - deleting an object keeps its relationships and assignments for a restore, but listings leave out ends
///   that are deleted; purging it takes them away as changes of the other end's holder (a group that loses a
///   purged member has changed);
/// - adding or taking away a relationship is a change of the object that has it, with a change number of its
///   own; the assignment of a group, and a change of members of an assigned group, count as changes of the
///   assignment of each (direct) member concerned;
/// - the feed gives objects in the order of their newest change, each change number once.
#[async_trait::async_trait]
pub trait Directory: Send + Sync {
    /// Creates an object.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the unique key is taken, [`StoreError::NotFound`] for an end of a
    /// relationship that is not there.
    async fn create(&self, object: NewObject) -> Result<DirectoryObject, StoreError>;

    /// The object with this id, deleted or not; `None` when unknown or purged.
    async fn get(&self, id: Uuid) -> Result<Option<DirectoryObject>, StoreError>;

    /// The objects with these ids that are there and not deleted, in no particular order.
    async fn get_many(&self, ids: &[Uuid]) -> Result<Vec<DirectoryObject>, StoreError>;

    /// The object of this kind with this unique key (folded), not deleted.
    async fn get_by_key(&self, kind: ObjectKind, key: &str) -> Result<Option<DirectoryObject>, StoreError>;

    /// A page of objects.
    async fn list(&self, request: ListRequest) -> Result<ObjectPage, StoreError>;

    /// How many objects of this kind there are that are not deleted.
    async fn count(&self, kind: ObjectKind) -> Result<u64, StoreError>;

    /// Changes an object that is not deleted. `None` when it is not there. A change that changes nothing
    /// gets no change number.
    async fn update(&self, id: Uuid, change: ObjectChange) -> Result<Option<DirectoryObject>, StoreError>;

    /// Puts an object into the recycle bin; `false` when it is not there or already in it.
    async fn soft_delete(&self, id: Uuid, at: Timestamp) -> Result<bool, StoreError>;

    /// Takes an object out of the recycle bin; `None` when it is not in it.
    async fn restore(&self, id: Uuid) -> Result<Option<DirectoryObject>, StoreError>;

    /// Removes an object from the recycle bin for good; `false` when it is not in it.
    async fn purge(&self, id: Uuid) -> Result<bool, StoreError>;

    /// Adds a relationship; `false` when it is there already. A new manager replaces the one there is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when either end is not there.
    async fn add_edge(&self, from: Uuid, edge: NewEdge) -> Result<bool, StoreError>;

    /// Takes a relationship away; `false` when it is not there.
    async fn remove_edge(&self, from: Uuid, edge: NewEdge) -> Result<bool, StoreError>;

    /// The objects that `from` is related to, not deleted ones, in the order of their making.
    async fn related(
        &self,
        from: Uuid,
        kind: EdgeKind,
        after: Option<Place>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError>;

    /// The other ends of the relationships of this kind of many objects at once, as pairs (from, to) in no
    /// particular order; purged ends are left out, deleted ones included. Meant for kinds of which an object
    /// has few (managers).
    async fn edges_from(&self, from: &[Uuid], kind: EdgeKind) -> Result<Vec<(Uuid, Uuid)>, StoreError>;

    /// The objects that are related to `to` (its groups, its direct reports), not deleted ones.
    async fn relating(
        &self,
        to: Uuid,
        kind: EdgeKind,
        after: Option<Place>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError>;

    /// What is reached from `from` over any number of relationships, without `from` itself; not deleted
    /// objects, and not over deleted ones.
    async fn transitive(
        &self,
        from: Uuid,
        over: Transitive,
        after: Option<Place>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError>;

    /// Whether `from` has this relationship to `to`, both not deleted.
    async fn is_related(&self, from: Uuid, edge: NewEdge) -> Result<bool, StoreError>;

    /// Creates an assignment (its `key` is ignored and given anew).
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for the same role, principal and resource.
    async fn assign(&self, assignment: Assignment) -> Result<Assignment, StoreError>;

    /// The assignment with this id.
    async fn assignment(&self, id: &str) -> Result<Option<Assignment>, StoreError>;

    /// Takes an assignment away; `false` when it is not there.
    async fn unassign(&self, id: &str) -> Result<bool, StoreError>;

    /// A page of assignments, after the one with key `after`.
    async fn assignments(
        &self,
        of: AssignmentsOf,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Assignment>, StoreError>;

    /// Whether this object (a user or group) is assigned to the service principal, directly or, unless it is a group
    /// itself, as a direct member of an assigned group.
    async fn is_assigned(&self, principal: Uuid, resource: Uuid) -> Result<bool, StoreError>;

    /// The newest change.
    async fn head(&self) -> Result<ChangeNumber, StoreError>;

    /// A signal that carries the newest change number.
    fn changes_signal(&self) -> watch::Receiver<ChangeNumber>;

    /// The next entries of the change feed.
    async fn feed(&self, request: FeedRequest) -> Result<Vec<FeedEntry>, StoreError>;

    /// How many entries [`Directory::feed`] would give without its limit (an estimate will do).
    async fn feed_count(&self, request: FeedRequest) -> Result<u64, StoreError>;

    /// Changes of the relationships of one object after `since` and up to `until`, in their order; with
    /// `since` zero, those that are there now (purged ends left out, deleted ones included).
    async fn edge_changes(
        &self,
        from: Uuid,
        kind: EdgeKind,
        since: ChangeNumber,
        until: ChangeNumber,
        limit: usize,
    ) -> Result<Vec<EdgeChange>, StoreError>;
}
