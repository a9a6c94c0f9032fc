//! `$select` on directory objects, and what `$expand` adds.

use provisor_graph::error::GraphError;
use provisor_graph::resources::directory::Record as _;
use provisor_store::directory::{DirectoryObject, ObjectKind};
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::{Map, Value as Json};

use super::expanding::Expansion;
use super::model::{self, Full};
use super::ownership::Readable;
use crate::http::error::Failure;
use crate::http::request::{Call, Version};

const DELETED: &str = "deletedDateTime";

/// Which properties an answer carries.
#[derive(Clone, Debug)]
pub struct Selection {
    names: Option<Vec<String>>,
    /// Whether objects may be of any kind, and so say theirs.
    any: bool,
    deletion: bool,
    /// A relationship that delta tells beside the properties.
    relation: Option<&'static str>,
    /// A relationship that is told within each object.
    expansion: Option<Expansion>,
    /// The kinds whose properties are told.
    readable: Readable,
}

impl Selection {
    /// The `$select` of a request about one kind.
    ///
    /// # Errors
    /// 400 for a property that the kind does not have.
    pub fn of_kind(call: &Call, kind: ObjectKind) -> Result<Self, GraphError> {
        let expansion = call.options.expand.as_deref();
        let readable = Readable::by(call);
        let expansion = expansion.map(|text| Expansion::parse(text, kind, readable)).transpose()?;
        let mut names = call.options.select.clone();
        if let (Some(names), Some(expansion)) = (&mut names, &expansion) {
            // What is expanded may be selected too.
            names.retain(|name| !name.eq_ignore_ascii_case(expansion.name()));
        }
        let names = names.map(|names| canonical(&names, &[kind])).transpose()?.flatten();
        if let (Version::V1, Some(name)) = (call.version, names.iter().flatten().find(|name| is_beta(name))) {
            return Err(GraphError::unknown_select(name, model::entity(kind).name));
        }
        Ok(Self { names, expansion, readable, ..Self::default_of() })
    }

    /// The `$select` of a request about directory objects of any kind.
    ///
    /// # Errors
    /// 400 for a property that no kind has.
    pub fn of_any(call: &Call) -> Result<Self, GraphError> {
        refuse_expand(call)?;
        Self::within(call.options.select.as_deref(), Readable::by(call))
    }

    /// A selection of directory objects of any kind.
    ///
    /// # Errors
    /// As [`Selection::of_any`].
    pub fn within(names: Option<&[String]>, readable: Readable) -> Result<Self, GraphError> {
        let names = names.map(|names| canonical(names, &model::KINDS)).transpose()?;
        Ok(Self { names: names.flatten(), any: true, readable, ..Self::default_of() })
    }

    /// The selection that a delta token remembers, with the relationship that it names; `id` is always told.
    ///
    /// # Errors
    /// As [`Selection::of_kind`].
    pub fn for_delta(
        kind: ObjectKind,
        names: Option<Vec<String>>,
        relation: Option<&'static str>,
    ) -> Result<Self, GraphError> {
        let names = names.map(|names| canonical(&names, &[kind])).transpose()?.flatten().map(|mut names| {
            if !names.iter().any(|name| name == "id") {
                names.push("id".to_owned());
            }
            names
        });
        Ok(Self { names, relation, ..Self::default_of() })
    }

    /// What is printed when nothing is selected.
    #[must_use]
    pub const fn default_of() -> Self {
        Self {
            names: None,
            any: false,
            deletion: false,
            relation: None,
            expansion: None,
            readable: Readable::ALL,
        }
    }

    /// Prints `deletedDateTime` too, when nothing is selected.
    #[must_use]
    pub const fn with_deletion(mut self) -> Self {
        self.deletion = true;
        self
    }

    /// Objects as printed, with what is expanded.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn print_all<'a>(
        &'a self,
        call: &Call,
        objects: &'a [DirectoryObject],
    ) -> Result<Vec<Item<'a>>, Failure> {
        let Some(expansion) = &self.expansion else {
            return Ok(objects.iter().map(|object| Item::Plain(self.print(object))).collect());
        };
        let mut items: Vec<Json> = objects.iter().map(|object| self.render(object)).collect();
        // What cannot be read of an object is not read by way of its relationships either.
        if objects.iter().all(|object| self.readable.has(object.kind)) {
            expansion.add(call, objects, &mut items).await?;
        }
        Ok(items.into_iter().map(Item::Expanded).collect())
    }

    /// An object as printed, without what is expanded.
    #[must_use]
    pub const fn print<'a>(&'a self, object: &'a DirectoryObject) -> Printed<'a> {
        Printed { selection: self, object }
    }

    /// An object as [`Selection::print`] prints it.
    #[must_use]
    pub fn render(&self, object: &DirectoryObject) -> Json {
        self.render_object(object).into()
    }

    /// The same, as the members that it has.
    #[must_use]
    pub fn render_object(&self, object: &DirectoryObject) -> Map<String, Json> {
        match serde_json::to_value(self.print(object)) {
            Ok(Json::Object(members)) => members,
            _ => Map::new(),
        }
    }

    /// An object as delta tells it: what was never set is left out.
    #[must_use]
    pub fn render_set(&self, object: &DirectoryObject) -> Map<String, Json> {
        let full = Full(object);
        let mut json = model::entity(object.kind).render(&full, self.names.as_deref());
        json.retain(|name, value| !value.is_null() && full.member(name).is_some());
        json
    }

    /// The `@odata.context` fragment of a set with this selection: `users(id,displayName)`.
    #[must_use]
    pub fn context(&self, set: &str) -> String {
        let names = self.names.iter().flatten().cloned();
        let expanded = self.expansion.as_ref().map(Expansion::fragment);
        let names: Vec<String> = names.chain(self.relation.map(str::to_owned)).chain(expanded).collect();
        if names.is_empty() { set.to_owned() } else { format!("{set}({})", names.join(",")) }
    }
}

/// An object as an answer carries it.
#[derive(Clone, Copy, Debug)]
pub struct Printed<'a> {
    selection: &'a Selection,
    object: &'a DirectoryObject,
}

impl Serialize for Printed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { selection, object } = *self;
        let mut map = serializer.serialize_map(None)?;
        if selection.any {
            map.serialize_entry("@odata.type", model::odata_type(object.kind))?;
        }
        if !selection.readable.has(object.kind) {
            map.serialize_entry("id", &object.id)?;
            return map.end();
        }
        let (entity, full) = (model::entity(object.kind), Full(object));
        entity.print(&full, selection.names.as_deref(), &mut map)?;
        let adds_it = selection.deletion && selection.names.is_none();
        // Kinds that print it anyway have done so.
        if adds_it && !entity.property(DELETED).is_some_and(|property| property.default_set) {
            map.serialize_entry(DELETED, &full.member(DELETED))?;
        }
        map.end()
    }
}

/// An object of a listing: printed as it is, or read together with what it is expanded with.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Item<'a> {
    /// Nothing is expanded.
    Plain(Printed<'a>),
    /// With the related objects.
    Expanded(Json),
}

/// Whether only beta has a property. Terraform reads it there.
fn is_beta(name: &str) -> bool {
    name == "samlMetadataUrl"
}

/// Objects of any kind have no relationship in common; saying so beats leaving it out silently.
fn refuse_expand(call: &Call) -> Result<(), GraphError> {
    match &call.options.expand {
        Some(_) => Err(GraphError::unsupported_query(
            "$expand is not supported on directory objects of any kind; cast to one, as in \
             …/microsoft.graph.user.",
        )),
        None => Ok(()),
    }
}

/// The names as Graph spells them; `None` for `*`.
fn canonical(names: &[String], kinds: &[ObjectKind]) -> Result<Option<Vec<String>>, GraphError> {
    let mut found = Vec::new();
    for name in names {
        if name == "*" {
            return Ok(None);
        }
        let property = kinds.iter().find_map(|kind| model::entity(*kind).property(name));
        let spelled = match property {
            Some(property) => property.name,
            None if name.starts_with("extension_") => name,
            None => {
                let type_name = match kinds {
                    [kind] => model::entity(*kind).name,
                    _ => "directoryObject",
                };
                return Err(GraphError::unknown_select(name, type_name));
            }
        };
        if !found.iter().any(|known| known == spelled) {
            found.push(spelled.to_owned());
        }
    }
    Ok(Some(found))
}
