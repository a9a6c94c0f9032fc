//! `$filter`, `$search` and `$orderby` on directory objects: what the store's indexes can answer, and the rest
//! object by object.

use std::collections::{HashMap, HashSet};

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{self, Field, Filter, Kind, Members, Table};
use provisor_graph::odata::order;
use provisor_store::directory::{DirectoryObject, EdgeKind, Lookup, Matching, ObjectKind, Ordered, Probe};
use provisor_store::{ServerStore, StoreError, indexed};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::expanding;
use super::model::{self, Looked};
use super::ownership::Readable;
use super::pages::Objects;
use super::planning;
use super::searching::Searching;
use super::sorting::Sorting;
use crate::http::request::Call;

/// The condition on the objects of a listing, and their order.
#[derive(Debug, Default)]
pub struct Filtering {
    filter: Option<Filter>,
    search: Option<Searching>,
    sorting: Option<Sorting>,
    only: Option<ObjectKind>,
    /// The kinds that the caller may read, when the condition or the order would tell of others.
    readable: Option<Readable>,
    /// The properties that the filter and the search look at.
    looked: Looked,
    /// Whether the filter looks at owners.
    owners: bool,
}

impl Filtering {
    /// The conditions of a request about one kind.
    ///
    /// # Errors
    /// 400 for what is malformed, a property that the kind does not have, or one compared with what it cannot
    /// be.
    pub fn of_kind(call: &Call, kind: ObjectKind) -> Result<Self, GraphError> {
        Self::of(call, &Kinds(&[kind]), model::entity(kind).name)
    }

    /// The conditions of a request about directory objects of any kind.
    ///
    /// # Errors
    /// 400 for what is malformed, or a property that no kind has.
    pub fn of_any(call: &Call) -> Result<Self, GraphError> {
        Self::of(call, &Kinds(&model::KINDS), "directoryObject")
    }

    fn of(call: &Call, members: &Kinds<'_>, type_name: &str) -> Result<Self, GraphError> {
        let filter = call.options.filter.as_deref().map(filter::parse).transpose()?;
        let paths = filter.as_ref().map(Filter::properties).unwrap_or_default();
        if let Some(filter) = &filter {
            members.refuse_relationships(&paths)?;
            filter.check(members, type_name)?;
        }
        let keys = call.options.order_by.as_deref().map(order::parse).transpose()?;
        let sorting = keys.map(|keys| Sorting::new(keys, members, type_name)).transpose()?;
        let search = Searching::new(call, members)?;
        let roots = paths.iter().filter_map(|path| path.split('/').next());
        let owners = roots.clone().any(|root| root.eq_ignore_ascii_case(OWNERS));
        let searched = search.as_ref().map(Searching::properties).unwrap_or_default();
        let looked = Looked::at(roots.chain(searched.iter().map(String::as_str)));
        let tells = filter.is_some() || search.is_some() || sorting.is_some();
        let readable = tells.then(|| Readable::by(call)).filter(|readable| *readable != Readable::ALL);
        Ok(Self { filter, search, sorting, only: None, readable, looked, owners })
    }

    /// Only objects of this kind: a cast.
    #[must_use]
    pub fn only(mut self, kind: ObjectKind) -> Self {
        self.only = Some(kind);
        self
    }

    /// Where to look for objects of this kind.
    #[must_use]
    pub fn source(&self, kind: ObjectKind, deleted: bool) -> Objects {
        Objects::Set { kind, deleted, lookup: self.lookup(kind, deleted) }
    }

    fn lookup(&self, kind: ObjectKind, deleted: bool) -> Lookup {
        let filter = self.filter.as_ref().and_then(|filter| planning::probes(filter.expression(), kind));
        let search = self.search.as_ref().and_then(|search| search.probes(kind));
        let works =
            |probes: &Vec<Probe>| !deleted || probes.iter().all(|probe| indexed::works_in_bin(kind, probe));
        let probes = planning::best(filter.into_iter().chain(search).filter(works));
        let walk = self.walk(kind, deleted);
        match (probes, walk) {
            // A span of creation may be nearly all there is: then walking in the order asked for is better
            // than sorting.
            (Some(probes), Some(_)) if !matches!(probes.as_slice(), [Probe::Created { .. }]) => {
                Lookup::Probes(probes)
            }
            (_, Some(walk)) => walk,
            (Some(probes), None) => Lookup::Probes(probes),
            (None, None) => Lookup::All,
        }
    }

    /// The order asked for as the walk of an index that has all objects of the kind.
    fn walk(&self, kind: ObjectKind, deleted: bool) -> Option<Lookup> {
        let (name, descending) = self.sorting.as_ref()?.single()?;
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let by = if is("createdDateTime") {
            Ordered::Created
        } else if is("displayName") && kind != ObjectKind::ServicePrincipal {
            Ordered::Name
        } else if is("userPrincipalName") && kind == ObjectKind::User && !deleted {
            Ordered::Unique
        } else {
            return None;
        };
        Some(Lookup::Ordered { by, descending })
    }

    /// The order that has to be made of what the source gives; `None` when it is in order.
    #[must_use]
    pub fn sorting(&self, source: &Objects) -> Option<&Sorting> {
        let sorting = self.sorting.as_ref()?;
        let Objects::Set { lookup, .. } = source else { return Some(sorting) };
        let in_order = match lookup {
            Lookup::All => false,
            Lookup::Ordered { .. } => true,
            Lookup::Probes(probes) => match (probes.as_slice(), sorting.single()) {
                ([Probe::Property { name, matching: Matching::Prefix(_) }], Some((wanted, false))) => {
                    matches!(*name, "displayName" | "userPrincipalName") && name.eq_ignore_ascii_case(wanted)
                }
                _ => false,
            },
        };
        if in_order { None } else { Some(sorting) }
    }

    /// Whether every object passes.
    #[must_use]
    pub const fn is_trivial(&self) -> bool {
        self.filter.is_none() && self.search.is_none() && self.only.is_none()
    }

    /// Whether each of these objects of a source passes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keeps(
        &self,
        store: &dyn ServerStore,
        source: &Objects,
        objects: &[DirectoryObject],
    ) -> Result<Vec<bool>, StoreError> {
        if self.is_answered_by(source) {
            return Ok(vec![true; objects.len()]);
        }
        let owners = if self.owners { owners(store, objects).await? } else { HashMap::new() };
        Ok(objects.iter().map(|object| self.keeps_one(object, &owners)).collect())
    }

    /// Whether a source gives nothing but what passes: its lookup is the filter, to the letter.
    fn is_answered_by(&self, source: &Objects) -> bool {
        let Objects::Set { kind, deleted: false, lookup: Lookup::Probes(probes) } = source else {
            return false;
        };
        let by_filter = probes.len() == 1
            && self.filter.as_ref().is_some_and(|filter| planning::is_exact(filter.expression(), *kind));
        by_filter && self.search.is_none() && self.only.is_none() && self.readable.is_none()
    }

    fn keeps_one(&self, object: &DirectoryObject, owners: &HashMap<Uuid, Vec<Json>>) -> bool {
        if self.only.is_some_and(|kind| kind != object.kind)
            || self.readable.is_some_and(|readable| !readable.has(object.kind))
        {
            return false;
        }
        if self.filter.is_none() && self.search.is_none() {
            return true;
        }
        let mut members = self.looked.of(object);
        if let Some(owners) = owners.get(&object.id) {
            members.insert(OWNERS.to_owned(), owners.clone().into());
        }
        if self.search.as_ref().is_some_and(|search| !search.finds(&members)) {
            return false;
        }
        let members = Json::Object(members);
        self.filter.as_ref().is_none_or(|filter| filter.matches(&members, filter::Case::Insensitive))
    }
}

/// The owners of objects as filters see them; those in the recycle bin are none.
async fn owners(
    store: &dyn ServerStore,
    objects: &[DirectoryObject],
) -> Result<HashMap<Uuid, Vec<Json>>, StoreError> {
    let ids: Vec<Uuid> = objects.iter().map(|object| object.id).collect();
    let pairs = store.edges_from(&ids, EdgeKind::Owner).await?;
    let mut ends: Vec<Uuid> = pairs.iter().map(|(_, owner)| *owner).collect();
    ends.sort_unstable();
    ends.dedup();
    let present: HashSet<Uuid> = store.get_many(&ends).await?.iter().map(|owner| owner.id).collect();
    let mut owners: HashMap<Uuid, Vec<Json>> = HashMap::new();
    for (object, owner) in pairs.into_iter().filter(|(_, owner)| present.contains(owner)) {
        owners.entry(object).or_default().push(json!({"id": owner}));
    }
    Ok(owners)
}

/// The relationship that filters can look at: `owners/$count eq 0`.
const OWNERS: &str = "owners";
static OWNER: Table = Table(&[("id", Field::one(Kind::Guid))]);

/// What objects of these kinds have.
#[derive(Debug)]
struct Kinds<'a>(&'a [ObjectKind]);

impl Kinds<'_> {
    /// Relationships are there, and yet filters cannot look at them, [`OWNERS`] aside.
    fn refuse_relationships(&self, paths: &[String]) -> Result<(), GraphError> {
        let is_one = |name: &&str| {
            self.field(name).is_none() && self.0.iter().any(|kind| expanding::is_relationship(*kind, name))
        };
        match paths.iter().filter_map(|path| path.split('/').next()).find(is_one) {
            Some(name) => Err(GraphError::unsupported_query(format!(
                "'{name}' is a relationship, which $filter does not look at here; read it by its path, as in \
                 …/{{id}}/{name}."
            ))),
            None => Ok(()),
        }
    }
}

impl Members for Kinds<'_> {
    fn field(&self, name: &str) -> Option<Field> {
        let declared = self.0.iter().find_map(|kind| model::entity(*kind).field(name));
        let made = || name.eq_ignore_ascii_case("createdDateTime").then_some(Field::TIME);
        let owned =
            |kind: &ObjectKind| model::relations(*kind).iter().any(|relation| relation.name == OWNERS);
        let owners = || {
            let here = name.eq_ignore_ascii_case(OWNERS) && self.0.iter().any(owned);
            here.then_some(Field::objects(&OWNER))
        };
        declared.or_else(made).or_else(owners)
    }
}
