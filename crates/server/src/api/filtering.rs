//! `$filter` on directory objects: what the store's indexes can answer, and the rest object by object.

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{self, Field, Filter, Kind, Literal, Members, Operator};
use provisor_store::directory::{DirectoryObject, Lookup, ObjectKind};
use serde_json::Value as Json;
use uuid::Uuid;

use super::model;
use super::pages::Objects;
use crate::http::request::Call;

/// The condition on the objects of a listing.
#[derive(Debug, Default)]
pub struct Filtering {
    filter: Option<Filter>,
    lookup: Lookup,
    id: Option<Uuid>,
    only: Option<ObjectKind>,
}

impl Filtering {
    /// The `$filter` of a request about one kind.
    ///
    /// # Errors
    /// 400 for a malformed filter, a property that the kind does not have, or one compared with what it cannot
    /// be.
    pub fn of_kind(call: &Call, kind: ObjectKind) -> Result<Self, GraphError> {
        refuse_order(call)?;
        let Some(text) = &call.options.filter else { return Ok(Self::default()) };
        let filter = filter::parse(text)?;
        filter.check(&Kinds(&[kind]), model::entity(kind).name)?;
        let (lookup, id) = index(&filter, kind);
        Ok(Self { filter: Some(filter), lookup, id, only: None })
    }

    /// The `$filter` of a request about directory objects of any kind.
    ///
    /// # Errors
    /// 400 for a malformed filter or a property that no kind has.
    pub fn of_any(call: &Call) -> Result<Self, GraphError> {
        refuse_order(call)?;
        let Some(text) = &call.options.filter else { return Ok(Self::default()) };
        let filter = filter::parse(text)?;
        filter.check(&Kinds(&model::KINDS), "directoryObject")?;
        Ok(Self { filter: Some(filter), ..Self::default() })
    }

    /// Only objects of this kind: a cast.
    #[must_use]
    pub fn only(mut self, kind: ObjectKind) -> Self {
        self.only = Some(kind);
        self
    }

    /// Where to look for objects of this kind. The recycle bin has no unique names, so there only display
    /// names are looked up.
    #[must_use]
    pub fn source(&self, kind: ObjectKind, deleted: bool) -> Objects {
        match self.id {
            Some(id) => Objects::One { kind, deleted, id },
            None => {
                let lookup = match &self.lookup {
                    Lookup::Unique(_) if deleted => Lookup::All,
                    lookup => lookup.clone(),
                };
                Objects::Set { kind, deleted, lookup }
            }
        }
    }

    /// Whether every object passes.
    #[must_use]
    pub const fn is_trivial(&self) -> bool {
        self.filter.is_none() && self.only.is_none()
    }

    /// Whether an object passes.
    #[must_use]
    pub fn keeps(&self, object: &DirectoryObject) -> bool {
        if self.only.is_some_and(|kind| kind != object.kind) {
            return false;
        }
        let Some(filter) = &self.filter else { return true };
        filter.matches(&Json::Object(model::full(object)), filter::Case::Insensitive)
    }
}

/// Order and search need indexes that are not there yet; saying so beats ignoring them.
fn refuse_order(call: &Call) -> Result<(), GraphError> {
    if call.options.order_by.is_some() {
        return Err(GraphError::unsupported_query("$orderby is not supported on directory objects."));
    }
    if call.options.search.is_some() {
        return Err(GraphError::unsupported_query("$search is not supported; use startswith in $filter."));
    }
    Ok(())
}

/// What objects of these kinds have.
#[derive(Debug)]
struct Kinds<'a>(&'a [ObjectKind]);

impl Members for Kinds<'_> {
    fn field(&self, name: &str) -> Option<Field> {
        let declared = self.0.iter().find_map(|kind| model::entity(*kind).field(name));
        declared.or_else(|| name.eq_ignore_ascii_case("createdDateTime").then_some(Field::one(Kind::Time)))
    }
}

/// What the store can look up of a filter: every object that passes the filter is among what is found.
fn index(filter: &Filter, kind: ObjectKind) -> (Lookup, Option<Uuid>) {
    let unique = match kind {
        ObjectKind::User => "userPrincipalName",
        ObjectKind::Application | ObjectKind::ServicePrincipal => "appId",
        ObjectKind::Group => "",
    };
    let mut lookup = Lookup::All;
    for term in filter.conjuncts() {
        let text = match &term.value {
            Literal::String(text) => text.to_lowercase(),
            Literal::Guid(id) => id.to_string(),
            _ => continue,
        };
        let is = |name: &str| term.path.eq_ignore_ascii_case(name);
        match term.operator {
            Operator::Eq if is("id") => {
                if let Ok(id) = Uuid::try_parse(&text) {
                    return (Lookup::All, Some(id));
                }
            }
            Operator::Eq if is(unique) => lookup = Lookup::Unique(text),
            Operator::Eq if is("displayName") && lookup == Lookup::All => lookup = Lookup::Name(text),
            Operator::StartsWith if is("displayName") && lookup == Lookup::All => {
                lookup = Lookup::NamePrefix(text);
            }
            _ => {}
        }
    }
    (lookup, None)
}
