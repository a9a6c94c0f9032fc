//! `$search` on directory objects: words of names and descriptions, beginnings of everything else.

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Field, Kind, Members};
use provisor_graph::odata::search::{self, Search};
use provisor_store::directory::{Matching, ObjectKind, Probe};
use provisor_store::indexed;
use serde_json::{Map, Value as Json};

use super::planning;
use crate::http::request::Call;

/// Properties whose words are looked at.
const WORDED: [&str; 2] = ["displayName", "description"];

/// A search, with what it looks at checked.
#[derive(Debug)]
pub struct Searching(Search);

impl Searching {
    /// The `$search` of a request about objects with these members.
    ///
    /// # Errors
    /// 400 without `ConsistencyLevel: eventual`, for a malformed search, and for a property that has no text.
    pub fn new(call: &Call, members: &impl Members) -> Result<Option<Self>, GraphError> {
        let Some(text) = &call.options.search else { return Ok(None) };
        if !call.eventual() {
            return Err(GraphError::search_not_eventual());
        }
        let search = search::parse(text)?;
        let mut unknown = None;
        search.visit(&mut |property, _| {
            let text = matches!(members.field(property), Some(Field { kind: Kind::Text | Kind::Guid, .. }));
            if !text && unknown.is_none() {
                unknown = Some(property.to_owned());
            }
        });
        match unknown {
            None => Ok(Some(Self(search))),
            Some(property) => Err(GraphError::unsupported_query(format!(
                "Unsupported or invalid property '{property}' in $search: it must be one that holds texts."
            ))),
        }
    }

    /// The properties that the search looks at.
    #[must_use]
    pub fn properties(&self) -> Vec<String> {
        let mut properties = Vec::new();
        self.0.visit(&mut |property, _| properties.push(property.to_owned()));
        properties
    }

    /// Whether an object with these members is found.
    #[must_use]
    pub fn finds(&self, members: &Map<String, Json>) -> bool {
        finds(&self.0, members)
    }

    /// The probes that find everything that the search does.
    #[must_use]
    pub fn probes(&self, kind: ObjectKind) -> Option<Vec<Probe>> {
        probes(&self.0, kind)
    }
}

/// The words of a text that is looked for: what is between signs and spaces.
fn wanted(text: &str) -> Vec<String> {
    let words = text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(indexed::folded).collect()
}

fn is_worded(property: &str) -> bool {
    WORDED.iter().any(|worded| worded.eq_ignore_ascii_case(property))
}

fn finds(search: &Search, members: &Map<String, Json>) -> bool {
    let (property, text) = match search {
        Search::And(parts) => return parts.iter().all(|part| finds(part, members)),
        Search::Or(parts) => return parts.iter().any(|part| finds(part, members)),
        Search::Clause { property, text } => (property, text),
    };
    let member = members.iter().find(|(name, _)| name.eq_ignore_ascii_case(property));
    let values = match member.map(|(_, value)| value) {
        Some(Json::Array(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    let mut texts = values.iter().filter_map(Json::as_str);
    if is_worded(property) {
        let wanted = wanted(text);
        return texts.any(|has| {
            let words = indexed::words(has);
            !wanted.is_empty()
                && wanted.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted)))
        });
    }
    let wanted = indexed::folded(text);
    texts.any(|has| indexed::folded(has).starts_with(&wanted))
}

fn probes(search: &Search, kind: ObjectKind) -> Option<Vec<Probe>> {
    match search {
        Search::And(parts) => planning::best(parts.iter().filter_map(|part| probes(part, kind))),
        Search::Or(parts) => {
            let plans: Option<Vec<Vec<Probe>>> = parts.iter().map(|part| probes(part, kind)).collect();
            plans.map(|plans| plans.concat())
        }
        Search::Clause { property, text } if is_worded(property) => {
            // The longest word is likely the rarest.
            let word = wanted(text).into_iter().max_by_key(String::len)?;
            indexed::word_probes(kind, property, &word)
        }
        Search::Clause { property, text } => {
            indexed::probes(kind, property, &Matching::Prefix(indexed::folded(text)))
        }
    }
}
