//! `$orderby` on directory objects that no index has in that order: the objects of a page are picked out of
//! one reading of all, and no more are kept than the page has.

use std::cmp::Ordering;

use jiff::Timestamp;
use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Field, Kind, Members};
use provisor_graph::odata::order::OrderKey;
use provisor_store::directory::DirectoryObject;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::model::Looked;

/// An order of objects; what it leaves open, their ids decide.
#[derive(Clone, Debug)]
pub struct Sorting {
    keys: Vec<OrderKey>,
    looked: Looked,
}

/// The value of an object that it is sorted by. Nothing comes before everything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
enum SortKey {
    Nothing,
    Boolean(bool),
    Number(i64),
    Text(String),
}

/// Where an object stands in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    #[serde(rename = "o")]
    keys: Vec<SortKey>,
    #[serde(rename = "i")]
    id: Uuid,
}

impl Sorting {
    /// An order of objects with these members.
    ///
    /// # Errors
    /// 400 for a property that they do not have, or that has no order.
    pub fn new(keys: Vec<OrderKey>, members: &impl Members, type_name: &str) -> Result<Self, GraphError> {
        for key in &keys {
            match members.field(&key.path) {
                Some(Field { many: false, kind: Kind::Complex(_) }) | Some(Field { many: true, .. }) => {
                    return Err(GraphError::unsortable(&key.path));
                }
                Some(_) => {}
                None => return Err(GraphError::unknown_order(&key.path, type_name)),
            }
        }
        let looked = Looked::at(keys.iter().map(|key| key.path.as_str()));
        Ok(Self { keys, looked })
    }

    /// The property and the direction, when there is just one key.
    #[must_use]
    pub fn single(&self) -> Option<(&str, bool)> {
        match self.keys.as_slice() {
            [key] => Some((&key.path, key.descending)),
            _ => None,
        }
    }

    /// Where an object stands.
    #[must_use]
    pub fn rank(&self, object: &DirectoryObject) -> Rank {
        let members = self.looked.of(object);
        let keys = self.keys.iter().map(|key| value(&members, &key.path)).collect();
        Rank { keys, id: object.id }
    }

    /// Which of two places comes first.
    #[must_use]
    pub fn compare(&self, one: &Rank, other: &Rank) -> Ordering {
        let pairs = one.keys.iter().zip(&other.keys).zip(&self.keys);
        for ((one, other), key) in pairs {
            let order = if key.descending { other.cmp(one) } else { one.cmp(other) };
            if order.is_ne() {
                return order;
            }
        }
        one.id.cmp(&other.id)
    }
}

/// Texts without regard to case; those that are instants as instants.
fn value(members: &Map<String, Json>, name: &str) -> SortKey {
    let member = members.iter().find(|(member, _)| member.eq_ignore_ascii_case(name));
    match member.map(|(_, value)| value) {
        Some(Json::String(text)) => match text.parse::<Timestamp>() {
            Ok(at) if name.to_ascii_lowercase().contains("date") => SortKey::Number(at.as_microsecond()),
            _ => SortKey::Text(text.to_lowercase()),
        },
        Some(Json::Bool(truth)) => SortKey::Boolean(*truth),
        Some(Json::Number(number)) => number.as_i64().map_or(SortKey::Nothing, SortKey::Number),
        _ => SortKey::Nothing,
    }
}

/// The first so many of all that are offered, in order.
#[derive(Debug)]
pub struct Best<'a> {
    sorting: &'a Sorting,
    after: Option<Rank>,
    most: usize,
    kept: Vec<(Rank, DirectoryObject)>,
}

impl<'a> Best<'a> {
    /// Keeps at most `most` that come after a place.
    #[must_use]
    pub const fn new(sorting: &'a Sorting, after: Option<Rank>, most: usize) -> Self {
        Self { sorting, after, most, kept: Vec::new() }
    }

    /// Keeps an object if it is among the first.
    pub fn offer(&mut self, object: DirectoryObject) {
        let rank = self.sorting.rank(&object);
        if self.after.as_ref().is_some_and(|after| self.sorting.compare(&rank, after).is_le()) {
            return;
        }
        let found = self.kept.binary_search_by(|(kept, _)| self.sorting.compare(kept, &rank));
        if let Err(place) = found
            && place < self.most
        {
            self.kept.insert(place, (rank, object));
            self.kept.truncate(self.most);
        }
    }

    /// What was kept.
    #[must_use]
    pub fn into_kept(self) -> Vec<(Rank, DirectoryObject)> {
        self.kept
    }
}
