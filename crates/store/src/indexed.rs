//! The properties of directory objects that lookups find by index, and the keys that they have there.
//!
//! Every property with many different values costs each create a page of the index. So only those that clients
//! are known to ask for stand here, and a value that another index leads to has no row of its own: most people's
//! mail address is their user principal name.

use serde_json::{Map, Value as Json};

use crate::directory::{DirectoryObject, Matching, ObjectKind, Probe};

/// Where the keys of a property stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// With the object, as its display name.
    Name,
    /// With the object, as its unique key.
    Unique,
    /// Among the values of all properties, under this number; it is stored and must never change.
    Value(i64),
}

/// Another index that leads to an object by the value of a property.
#[derive(Clone, Copy, Debug)]
enum Cover {
    /// The user principal name is the same.
    Principal,
    /// The user principal name is the same before its `@`.
    Local,
    /// It is a word of the display name.
    NameWord,
}

impl Cover {
    fn covers(self, properties: &Map<String, Json>, value: &str) -> bool {
        let text = |name: &str| properties.get(name).and_then(Json::as_str).unwrap_or_default();
        match self {
            Self::Principal => folded(text("userPrincipalName")) == value,
            Self::Local => folded(text("userPrincipalName"))
                .strip_prefix(value)
                .is_some_and(|rest| rest.starts_with('@')),
            Self::NameWord => words(text("displayName")).iter().any(|word| word == value),
        }
    }

    /// The probes that find what is covered, and perhaps more.
    fn probes(self, matching: &Matching) -> Vec<Probe> {
        let principal = |matching| Probe::Property { name: "userPrincipalName", matching };
        match (self, matching) {
            (Self::Principal, matching) => vec![principal(matching.clone())],
            (Self::Local, Matching::Exactly(text)) => vec![principal(Matching::Prefix(format!("{text}@")))],
            (Self::Local, matching) => vec![principal(matching.clone())],
            (Self::NameWord, Matching::Exactly(text) | Matching::Prefix(text) | Matching::Word(text)) => {
                name_probes("displayName", text)
            }
            (Self::NameWord, Matching::All) => {
                vec![Probe::Property { name: "displayName", matching: Matching::All }]
            }
        }
    }
}

/// Probes for a text that begins so or has a word that does.
fn name_probes(name: &'static str, text: &str) -> Vec<Probe> {
    [Matching::Prefix(text.to_owned()), Matching::Word(text.to_owned())]
        .map(|matching| Probe::Property { name, matching })
        .to_vec()
}

/// A property that lookups can ask for.
#[derive(Clone, Copy, Debug)]
struct Indexed {
    kind: ObjectKind,
    name: &'static str,
    place: Place,
    /// A value that is too common for an index to be of use, folded.
    but: Option<&'static str>,
    /// What makes a row needless.
    covered: Option<Cover>,
    /// The number under which words of the text stand, without the one that it begins with when the text
    /// itself is indexed.
    words: Option<i64>,
}

impl Indexed {
    const fn new(kind: ObjectKind, name: &'static str, place: Place) -> Self {
        Self { kind, name, place, but: None, covered: None, words: None }
    }

    const fn value(kind: ObjectKind, name: &'static str, number: i64) -> Self {
        Self::new(kind, name, Place::Value(number))
    }

    const fn but(self, value: &'static str) -> Self {
        Self { but: Some(value), ..self }
    }

    const fn covered(self, by: Cover) -> Self {
        Self { covered: Some(by), ..self }
    }

    const fn words(self, number: i64) -> Self {
        Self { words: Some(number), ..self }
    }
}

const USER: ObjectKind = ObjectKind::User;
const GROUP: ObjectKind = ObjectKind::Group;
const APPLICATION: ObjectKind = ObjectKind::Application;
const SERVICE_PRINCIPAL: ObjectKind = ObjectKind::ServicePrincipal;

static INDEXED: [Indexed; 30] = [
    Indexed::new(USER, "displayName", Place::Name).words(1),
    Indexed::new(USER, "userPrincipalName", Place::Unique),
    Indexed::value(USER, "mail", 2).covered(Cover::Principal),
    Indexed::value(USER, "mailNickname", 3).covered(Cover::Local),
    Indexed::value(USER, "employeeId", 4),
    Indexed::value(USER, "givenName", 5).covered(Cover::NameWord),
    Indexed::value(USER, "surname", 6).covered(Cover::NameWord),
    Indexed::value(USER, "department", 7),
    Indexed::value(USER, "onPremisesImmutableId", 8),
    Indexed::value(USER, "proxyAddresses", 9),
    Indexed::value(USER, "otherMails", 10),
    Indexed::value(USER, "accountEnabled", 11).but("true"),
    Indexed::value(USER, "userType", 12).but("member"),
    Indexed::new(GROUP, "displayName", Place::Name).words(101),
    Indexed::value(GROUP, "mail", 102),
    Indexed::value(GROUP, "mailNickname", 103),
    Indexed::value(GROUP, "uniqueName", 104),
    Indexed::value(GROUP, "proxyAddresses", 105),
    Indexed::value(GROUP, "groupTypes", 106),
    Indexed::value(GROUP, "description", 107).words(108),
    Indexed::new(APPLICATION, "displayName", Place::Name).words(201),
    Indexed::new(APPLICATION, "appId", Place::Unique),
    Indexed::value(APPLICATION, "uniqueName", 202),
    Indexed::value(APPLICATION, "identifierUris", 203),
    Indexed::value(APPLICATION, "tags", 204),
    Indexed::new(SERVICE_PRINCIPAL, "displayName", Place::Name).words(301),
    Indexed::new(SERVICE_PRINCIPAL, "appId", Place::Unique),
    Indexed::value(SERVICE_PRINCIPAL, "servicePrincipalNames", 302),
    Indexed::value(SERVICE_PRINCIPAL, "tags", 303),
    Indexed::value(SERVICE_PRINCIPAL, "servicePrincipalType", 304),
];

/// The probes that find every object of a kind with such a value, and perhaps others; `None` when no index does.
#[must_use]
pub fn probes(kind: ObjectKind, name: &str, matching: &Matching) -> Option<Vec<Probe>> {
    let indexed = find(kind, name)?;
    let left_out = indexed.but.is_some_and(|but| match matching {
        Matching::Exactly(text) => text == but,
        Matching::Prefix(prefix) => but.starts_with(prefix.as_str()),
        Matching::All | Matching::Word(_) => true,
    });
    if left_out {
        return None;
    }
    let mut probes = vec![Probe::Property { name: indexed.name, matching: matching.clone() }];
    probes.extend(indexed.covered.into_iter().flat_map(|cover| cover.probes(matching)));
    Some(probes)
}

/// Whether an index has the property's one text as it is, folded: its probes find what they ask for alone.
#[must_use]
pub fn is_whole(kind: ObjectKind, name: &str) -> bool {
    find(kind, name)
        .is_some_and(|indexed| matches!(indexed.place, Place::Name | Place::Unique) && indexed.but.is_none())
}

/// The probes that find every object of a kind whose text has a word that begins so, and perhaps others; `None`
/// when no index does.
#[must_use]
pub fn word_probes(kind: ObjectKind, name: &str, word: &str) -> Option<Vec<Probe>> {
    let indexed = find(kind, name).filter(|indexed| indexed.words.is_some())?;
    Some(name_probes(indexed.name, word))
}

/// Whether a probe works in the recycle bin too, where unique keys are not indexed.
#[must_use]
pub fn works_in_bin(kind: ObjectKind, probe: &Probe) -> bool {
    match probe {
        Probe::Property { name, .. } => find(kind, name).is_some_and(|found| found.place != Place::Unique),
        Probe::Id(_) | Probe::Created { .. } => true,
    }
}

fn find(kind: ObjectKind, name: &str) -> Option<&'static Indexed> {
    INDEXED.iter().find(|indexed| indexed.kind == kind && indexed.name.eq_ignore_ascii_case(name))
}

/// A value as indexes have it.
#[must_use]
pub fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// The words of a text, folded: what is between spaces and signs, and within that what letters of other case
/// and digits set apart (`OneVideo` is `onevideo`, `one` and `video`).
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for whole in text.split(|sign: char| !sign.is_alphanumeric()).filter(|whole| !whole.is_empty()) {
        let mut part = String::new();
        let mut before: Option<char> = None;
        for sign in whole.chars() {
            let apart = before.is_some_and(|before| {
                before.is_lowercase() && sign.is_uppercase() || before.is_numeric() != sign.is_numeric()
            });
            if apart {
                words.push(folded(&std::mem::take(&mut part)));
            }
            part.push(sign);
            before = Some(sign);
        }
        words.push(folded(&part));
        words.push(folded(whole));
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// The texts of a property: one or many, booleans by their names.
fn texts(properties: &Map<String, Json>, name: &str) -> Vec<String> {
    let text = |value: &Json| match value {
        Json::String(text) => Some(folded(text)),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    match properties.get(name) {
        Some(Json::Array(items)) => items.iter().filter_map(text).collect(),
        Some(single) => text(single).into_iter().collect(),
        None => Vec::new(),
    }
}

impl Indexed {
    fn values(&self, properties: &Map<String, Json>) -> Vec<String> {
        let mut values = texts(properties, self.name);
        values.retain(|value| self.but != Some(value.as_str()));
        values.retain(|value| !self.covered.is_some_and(|cover| cover.covers(properties, value)));
        values.sort_unstable();
        values.dedup();
        values
    }

    fn further_words(&self, properties: &Map<String, Json>) -> Vec<String> {
        let text = properties.get(self.name).and_then(Json::as_str).unwrap_or_default();
        let whole = folded(text);
        let mut words = words(text);
        words.retain(|word| !whole.starts_with(word.as_str()));
        words
    }
}

/// The rows that an object has among the values of all properties.
pub(crate) fn rows(kind: ObjectKind, properties: &Map<String, Json>) -> Vec<(i64, String)> {
    let mut rows = Vec::new();
    for indexed in INDEXED.iter().filter(|indexed| indexed.kind == kind) {
        if let Place::Value(number) = indexed.place {
            rows.extend(indexed.values(properties).into_iter().map(|value| (number, value)));
        }
        if let Some(number) = indexed.words {
            rows.extend(indexed.further_words(properties).into_iter().map(|word| (number, word)));
        }
    }
    rows.sort_unstable();
    rows
}

/// The index that a probe of a property reads.
pub(crate) fn place(kind: ObjectKind, name: &str, matching: &Matching) -> Option<Place> {
    let indexed = find(kind, name)?;
    match matching {
        Matching::Word(_) => indexed.words.map(Place::Value),
        _ => Some(indexed.place),
    }
}

/// The keys under which a probe finds an object, in their order.
pub(crate) fn keys(probe: &Probe, object: &DirectoryObject) -> Vec<String> {
    let Probe::Property { name, matching } = probe else { return Vec::new() };
    let Some(indexed) = find(object.kind, name) else { return Vec::new() };
    let mut keys = match matching {
        Matching::Word(_) => indexed.further_words(&object.properties),
        _ => indexed.values(&object.properties),
    };
    keys.retain(|key| match matching {
        Matching::All => true,
        Matching::Exactly(text) => key == text,
        Matching::Prefix(prefix) | Matching::Word(prefix) => key.starts_with(prefix.as_str()),
    });
    keys
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_what_signs_case_and_digits_set_apart() {
        assert_eq!(words("Ana María-Diaz"), ["ana", "diaz", "maría"]);
        assert_eq!(words("OneVideo 365x"), ["365", "365x", "one", "onevideo", "video", "x"]);
        assert_eq!(words(" -- "), Vec::<String>::new());
    }

    #[test]
    fn rows_are_values_and_further_words() {
        let properties = json!({"displayName": "Ana Diaz", "mail": "Ana@X.example", "accountEnabled": false,
            "userType": "Member", "otherMails": ["b@x.example", "A@x.example"], "surname": null});
        assert_eq!(
            rows(ObjectKind::User, properties.as_object().unwrap()),
            [
                (1, "diaz".to_owned()),
                (2, "ana@x.example".to_owned()),
                (10, "a@x.example".to_owned()),
                (10, "b@x.example".to_owned()),
                (11, "false".to_owned()),
            ]
        );
    }

    #[test]
    fn covered_values_have_no_rows() {
        let covered = json!({"displayName": "Ana Diaz", "userPrincipalName": "Ana@x.example",
            "mail": "ana@X.example", "mailNickname": "ANA", "givenName": "Ana", "surname": "Diaz"});
        assert_eq!(rows(ObjectKind::User, covered.as_object().unwrap()), [(1, "diaz".to_owned())]);
        let others = json!({"displayName": "Ana", "userPrincipalName": "ana@x.example",
            "mail": "ana@x", "mailNickname": "an", "givenName": "An", "surname": "Diaz"});
        let numbers: Vec<i64> =
            rows(ObjectKind::User, others.as_object().unwrap()).iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [2, 3, 5, 6]);
    }

    #[test]
    fn numbers_are_given_once() {
        let mut numbers = BTreeSet::new();
        for indexed in &INDEXED {
            let number = match indexed.place {
                Place::Value(number) => Some(number),
                _ => None,
            };
            for number in number.into_iter().chain(indexed.words) {
                assert!(numbers.insert(number), "{number} of {} is given twice", indexed.name);
            }
        }
    }
}
