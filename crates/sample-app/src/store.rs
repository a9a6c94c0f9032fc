//! Resources of one kind, in the order of their creation, with the indexes that answer equality.
//!
//! A resource is kept as the JSON text that answers a GET: reading costs a reference count, and only
//! changes and unindexed filters parse it.

mod journal;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use provisor_scim::Filter;
use serde_json::Value;

pub(crate) use self::journal::Entry;
use self::journal::Journal;
pub use self::journal::OpenError;
use crate::schema::Kind;

/// One version of a resource.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: Box<str>,
    /// Counts from 1; `W/"<version>"` is the entity tag.
    pub(crate) version: u64,
    /// When it was created.
    pub(crate) created: Box<str>,
    /// The whole resource as JSON.
    pub(crate) body: Bytes,
    /// Where in the body that begins which the client decides: all but `id` and `meta`.
    pub(crate) content_at: usize,
    pub(crate) keys: Keys,
}

impl Record {
    pub(crate) fn content(&self) -> &[u8] {
        &self.body[self.content_at..]
    }
}

/// The values under which a resource is found, folded where letter case does not count.
#[derive(Debug)]
pub(crate) struct Keys {
    unique: String,
    external_id: Option<String>,
    display_name: Option<String>,
}

impl Keys {
    pub(crate) fn of(kind: Kind, resource: &serde_json::Map<String, Value>) -> Self {
        let text = |name: &str| resource.get(name).and_then(Value::as_str);
        Self {
            unique: text(kind.unique()).map(fold).unwrap_or_default(),
            external_id: text("externalId").map(str::to_owned),
            display_name: match kind {
                Kind::User => text("displayName").map(fold),
                Kind::Group => None,
            },
        }
    }
}

fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// Why a write did not happen.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// Another resource, of this id, has the unique value.
    Taken(Box<str>),
    /// The resource is gone, or has another version by now.
    Overtaken,
    /// The journal could not be written.
    Journal(std::io::Error),
}

/// All resources of one kind.
#[derive(Debug)]
pub(crate) struct Store {
    kind: Kind,
    records: BTreeMap<u64, Arc<Record>>,
    /// The size of all resources, in bytes.
    live: u64,
    next: u64,
    by_id: HashMap<Box<str>, u64>,
    by_unique: HashMap<String, u64>,
    by_external_id: HashMap<String, BTreeSet<u64>>,
    by_display_name: HashMap<String, BTreeSet<u64>>,
    journal: Option<Journal>,
}

/// What a filter leaves to be looked at.
pub(crate) struct Candidates {
    pub(crate) records: Vec<Arc<Record>>,
    /// Whether the filter still has to be evaluated on each.
    pub(crate) unchecked: bool,
}

enum Index {
    Unique,
    Id,
    ExternalId,
    DisplayName,
}

/// The index that answers a filter, and the key to look up, when the filter is an equality on one of
/// the indexed attributes.
fn index_of(kind: Kind, part: &Filter) -> Option<(Index, &str)> {
    let (path, value) = part.as_equality()?;
    let core = path.attribute().schema().is_none_or(|uri| uri.eq_ignore_ascii_case(kind.uri()));
    if !core || path.selector().is_some() || path.sub_attribute().is_some() {
        return None;
    }
    let is = |known: &str| path.attribute().name().eq_ignore_ascii_case(known);
    let index = if is(kind.unique()) {
        Index::Unique
    } else if is("id") {
        Index::Id
    } else if is("externalId") {
        Index::ExternalId
    } else if is("displayName") && kind == Kind::User {
        Index::DisplayName
    } else {
        return None;
    };
    Some((index, value.as_str()?))
}

/// Whether an index spares the filter a look at every resource.
pub(crate) fn is_indexed(kind: Kind, filter: &Filter) -> bool {
    filter.conjuncts().iter().any(|part| index_of(kind, part).is_some())
}

impl Store {
    /// Opens the store, in `folder` when there is one. `relocate` brings a resource from the journal
    /// up to date with where the server is reached now.
    pub(crate) fn open(
        kind: Kind,
        folder: Option<&Path>,
        relocate: impl Fn(&Entry<'_>) -> Option<Record>,
    ) -> Result<Self, OpenError> {
        let mut store = Self {
            kind,
            records: BTreeMap::new(),
            live: 0,
            next: 0,
            by_id: HashMap::new(),
            by_unique: HashMap::new(),
            by_external_id: HashMap::new(),
            by_display_name: HashMap::new(),
            journal: None,
        };
        if let Some(folder) = folder {
            let path = folder.join(format!("{}.jsonl", kind.endpoint().to_lowercase()));
            let journal = Journal::open(&path, |entry| {
                if entry.resource.is_none() {
                    store.forget(&entry.id);
                    return true;
                }
                relocate(&entry).map(|record| store.remember(Arc::new(record))).is_some()
            })?;
            store.journal = Some(journal);
        }
        Ok(store)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Record>> {
        self.records.get(self.by_id.get(id)?)
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Up to `count` resources after the first `skip`, in the order of creation.
    pub(crate) fn page(&self, skip: usize, count: usize) -> Vec<Arc<Record>> {
        self.records.values().skip(skip).take(count).cloned().collect()
    }

    /// The resources among which all that satisfy `filter` are: few when a part of it is an equality
    /// on an indexed attribute, all otherwise.
    pub(crate) fn candidates(&self, filter: &Filter) -> Candidates {
        for part in filter.conjuncts() {
            if let Some(found) = self.indexed(part) {
                let records = found.iter().filter_map(|place| self.records.get(place)).cloned().collect();
                return Candidates { records, unchecked: filter.conjuncts().len() > 1 };
            }
        }
        Candidates { records: self.records.values().cloned().collect(), unchecked: true }
    }

    fn indexed(&self, part: &Filter) -> Option<Vec<u64>> {
        let (index, text) = index_of(self.kind, part)?;
        let several = |index: &HashMap<String, BTreeSet<u64>>, key: &str| {
            index.get(key).map(|places| places.iter().copied().collect()).unwrap_or_default()
        };
        Some(match index {
            Index::Unique => self.by_unique.get(&fold(text)).copied().into_iter().collect(),
            Index::Id => self.by_id.get(text).copied().into_iter().collect(),
            Index::ExternalId => several(&self.by_external_id, text),
            Index::DisplayName => several(&self.by_display_name, &fold(text)),
        })
    }

    /// Adds a new resource.
    pub(crate) fn insert(&mut self, record: Record) -> Result<Arc<Record>, WriteError> {
        self.check_unique(&record, None)?;
        self.write(record)
    }

    /// Puts a resource in the place of its version `expected`.
    pub(crate) fn replace(&mut self, expected: u64, record: Record) -> Result<Arc<Record>, WriteError> {
        let place = *self.by_id.get(&record.id).ok_or(WriteError::Overtaken)?;
        if self.records.get(&place).is_none_or(|current| current.version != expected) {
            return Err(WriteError::Overtaken);
        }
        self.check_unique(&record, Some(place))?;
        self.write(record)
    }

    /// Removes a resource, if it still has version `expected`.
    pub(crate) fn remove(&mut self, id: &str, expected: u64) -> Result<(), WriteError> {
        if self.get(id).is_none_or(|current| current.version != expected) {
            return Err(WriteError::Overtaken);
        }
        if let Some(journal) = &mut self.journal {
            journal.remove(id).map_err(WriteError::Journal)?;
        }
        self.forget(id);
        self.compact();
        Ok(())
    }

    fn check_unique(&self, record: &Record, own: Option<u64>) -> Result<(), WriteError> {
        match self.by_unique.get(&record.keys.unique) {
            Some(place) if Some(*place) != own => {
                let holder = self.records.get(place).map(|holder| holder.id.clone());
                Err(WriteError::Taken(holder.unwrap_or_default()))
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, record: Record) -> Result<Arc<Record>, WriteError> {
        if let Some(journal) = &mut self.journal {
            journal.write(&record).map_err(WriteError::Journal)?;
        }
        let record = Arc::new(record);
        self.remember(Arc::clone(&record));
        self.compact();
        Ok(record)
    }

    fn compact(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.compact_if_due(self.live, self.records.values().map(|record| &**record));
        }
    }

    /// Puts a resource in the place of its former version, or at the end.
    fn remember(&mut self, record: Arc<Record>) {
        let place = match self.by_id.get(&record.id) {
            Some(place) => *place,
            None => {
                self.next += 1;
                self.by_id.insert(record.id.clone(), self.next);
                self.next
            }
        };
        self.take(place);
        self.live += weight(&record);
        self.index(place, &record.keys);
        self.records.insert(place, record);
    }

    fn forget(&mut self, id: &str) {
        if let Some(place) = self.by_id.remove(id) {
            self.take(place);
        }
    }

    fn take(&mut self, place: u64) {
        if let Some(old) = self.records.remove(&place) {
            self.live -= weight(&old);
            self.unindex(place, &old.keys);
        }
    }

    fn index(&mut self, place: u64, keys: &Keys) {
        self.by_unique.insert(keys.unique.clone(), place);
        if let Some(key) = &keys.external_id {
            self.by_external_id.entry(key.clone()).or_default().insert(place);
        }
        if let Some(key) = &keys.display_name {
            self.by_display_name.entry(key.clone()).or_default().insert(place);
        }
    }

    fn unindex(&mut self, place: u64, keys: &Keys) {
        self.by_unique.remove(&keys.unique);
        drop_place(&mut self.by_external_id, keys.external_id.as_deref(), place);
        drop_place(&mut self.by_display_name, keys.display_name.as_deref(), place);
    }
}

/// About how long a resource's line in the journal is.
fn weight(record: &Record) -> u64 {
    (record.body.len() + record.id.len()) as u64
}

fn drop_place(index: &mut HashMap<String, BTreeSet<u64>>, key: Option<&str>, place: u64) {
    let Some(key) = key else { return };
    if let Some(places) = index.get_mut(key) {
        places.remove(&place);
        if places.is_empty() {
            index.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn group(id: &str, version: u64, name: &str) -> Record {
        let content = json!({ "displayName": name });
        let keys = Keys::of(Kind::Group, content.as_object().unwrap());
        let body = Bytes::from(content.to_string());
        Record { id: id.into(), version, created: "".into(), body, content_at: 0, keys }
    }

    #[test]
    fn a_change_based_on_an_older_version_is_refused() {
        let mut store = Store::open(Kind::Group, None, |_| None).unwrap();
        store.insert(group("1", 1, "a")).unwrap();
        store.replace(1, group("1", 2, "b")).unwrap();
        assert!(matches!(store.replace(1, group("1", 2, "c")), Err(WriteError::Overtaken)));
        assert!(matches!(store.remove("1", 1), Err(WriteError::Overtaken)));
        assert!(matches!(store.replace(1, group("2", 2, "c")), Err(WriteError::Overtaken)));
        assert_eq!(store.get("1").unwrap().body, r#"{"displayName":"b"}"#);
        store.remove("1", 2).unwrap();
        assert_eq!((store.len(), store.live), (0, 0));
        assert!(store.by_id.is_empty() && store.by_unique.is_empty());
    }
}
