//! The properties of an object as they are stored: JSON, taken apart when somebody looks inside.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, Range};
use std::sync::OnceLock;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

/// The properties of an object.
///
/// Whoever prints an object copies the texts of the [`Properties::members`] that it needs; as a map, which it
/// dereferences to, it is made at the first look.
#[derive(Clone)]
pub struct Properties {
    /// A JSON object.
    text: Box<str>,
    members: Box<[Place]>,
    map: OnceLock<Map<String, Json>>,
}

/// Where a member stands in the text.
#[derive(Clone)]
struct Place {
    name: Name,
    value: Range<usize>,
}

#[derive(Clone)]
enum Name {
    At(Range<usize>),
    /// It has escapes.
    Is(Box<str>),
}

impl Properties {
    /// Those of a stored text.
    ///
    /// # Errors
    /// When the text is no JSON object, or has a value that cannot be read.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let members: Members<'_> = serde_json::from_str(text)?;
        for (_, value) in members.0.iter().filter(|(_, value)| !is_plain(value.get())) {
            serde_json::from_str::<Json>(value.get())?;
        }
        let range = |part: &str| {
            let begin = part.as_ptr().addr() - text.as_ptr().addr();
            begin..begin + part.len()
        };
        let place = |(name, value): (Cow<'_, str>, &RawValue)| Place {
            name: match name {
                Cow::Borrowed(name) => Name::At(range(name)),
                Cow::Owned(name) => Name::Is(name.into()),
            },
            value: range(value.get()),
        };
        let members = members.0.into_iter().map(place).collect();
        Ok(Self { text: text.into(), members, map: OnceLock::new() })
    }

    /// The names, each with its value as JSON, in the order of the text.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members.iter().map(|Place { name, value }| (name.of(&self.text), &self.text[value.clone()]))
    }

    /// The JSON of the member of this name.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<&str> {
        let bytes = self.text.as_bytes();
        let found = self.members.iter().find(|place| match &place.name {
            Name::At(range) => range.len() == name.len() && bytes[range.clone()] == *name.as_bytes(),
            Name::Is(unescaped) => **unescaped == *name,
        });
        found.map(|place| &self.text[place.value.clone()])
    }

    /// As a map of their own.
    #[must_use]
    pub fn into_map(self) -> Map<String, Json> {
        let Self { text, members, map } = self;
        map.into_inner().unwrap_or_else(|| read(&text, &members))
    }
}

/// Whether a value that is passed over as JSON can be read as well: all but numbers beyond a double, escapes of half
/// characters, and what holds them. Most values are; the others are read once to make sure, because an object
/// of which a part is lost would be written back without it.
fn is_plain(json: &str) -> bool {
    matches!(json, "true" | "false" | "null") || (json.starts_with('"') && !json.contains("\\u"))
}

/// Takes the members apart. Each was found readable in [`Properties::parse`].
fn read(text: &str, members: &[Place]) -> Map<String, Json> {
    let member = |place: &Place| {
        let value = serde_json::from_str(&text[place.value.clone()]).ok()?;
        Some((place.name.of(text).to_owned(), value))
    };
    members.iter().filter_map(member).collect()
}

impl Name {
    fn of<'a>(&'a self, text: &'a str) -> &'a str {
        match self {
            Self::At(range) => &text[range.clone()],
            Self::Is(name) => name,
        }
    }
}

impl Default for Properties {
    fn default() -> Self {
        Self { text: "{}".into(), members: Box::default(), map: OnceLock::new() }
    }
}

impl From<Map<String, Json>> for Properties {
    fn from(map: Map<String, Json>) -> Self {
        let parsed = Self::parse(&Json::Object(map.clone()).to_string()).unwrap_or_default();
        Self { map: OnceLock::from(map), ..parsed }
    }
}

impl Deref for Properties {
    type Target = Map<String, Json>;

    fn deref(&self) -> &Self::Target {
        self.map.get_or_init(|| read(&self.text, &self.members))
    }
}

impl PartialEq for Properties {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl PartialEq<Map<String, Json>> for Properties {
    fn eq(&self, other: &Map<String, Json>) -> bool {
        **self == *other
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // As many as an account of ordinary detail has.
        let mut members = Vec::with_capacity(16);
        while let Some(Borrowed(name)) = map.next_key()? {
            members.push((name, map.next_value()?));
        }
        Ok(Members(members))
    }
}

/// A name, borrowed where it has no escapes.
struct Borrowed<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Borrowed<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Borrowed<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Borrowed(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Borrowed(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_what_the_map_has() {
        let text = r#"{"a\"b":"x\u00e9\n","list":[1,{"c":null}],"none":null,"number":1.5}"#;
        let properties = Properties::parse(text).unwrap();
        let members: Map<String, Json> = properties
            .members()
            .map(|(name, value)| (name.to_owned(), serde_json::from_str(value).unwrap()))
            .collect();
        assert_eq!(members.len(), 4);
        assert_eq!(
            (properties.json("number"), properties.json("a\"b")),
            (Some("1.5"), Some(r#""x\u00e9\n""#))
        );
        assert_eq!((properties.json("numbe"), properties.json("none")), (None, Some("null")));
        assert_eq!(properties, members);
        assert_eq!(properties.members().next(), Some(("a\"b", r#""x\u00e9\n""#)));
        assert_eq!(Properties::from(members.clone()), properties);
        assert_eq!(properties.into_map(), members);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in [
            "",
            "[]",
            "\"x\"",
            "{\"a\":}",
            "{\"a\":1",
            "{\"a\":01}",
            "{\"a\":\"\\x\"}",
            "{} x",
            "{\"a\":1e999}",
            "{\"a\":[\"\\ud800\"]}",
            "{\"a\":\"\\ud800\"}",
        ] {
            assert!(Properties::parse(text).is_err(), "{text}");
        }
        assert!(Properties::default().is_empty());
        assert!(Properties::parse("{}").unwrap().members().next().is_none());
    }
}
