//! The properties of an object as they are stored: JSON, taken apart when somebody looks inside.

mod scan;

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
    members: Vec<Place>,
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
        let members = match scan::members(text) {
            Some(found) => found,
            None => places(text)?,
        };
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

/// The places of the members of any JSON object.
fn places(text: &str) -> Result<Vec<Place>, serde_json::Error> {
    let members: Members<'_> = serde_json::from_str(text)?;
    let range = |part: &str| {
        let begin = part.as_ptr().addr() - text.as_ptr().addr();
        begin..begin + part.len()
    };
    let place = |(name, value): (Cow<'_, str>, &RawValue)| {
        if !is_readable(value.get()) {
            serde_json::from_str::<Json>(value.get())?;
        }
        let name = match name {
            Cow::Borrowed(name) => Name::At(range(name)),
            Cow::Owned(name) => Name::Is(name.into()),
        };
        Ok(Place { name, value: range(value.get()) })
    };
    members.0.into_iter().map(place).collect()
}

/// Whether a value that is well-formed JSON can surely be read as well: all but numbers beyond a double, escapes of
/// half characters, what holds them, and what is nested deeply. Those that may not be are read once to make sure,
/// because an object of which a part is lost would be written back without it.
fn is_readable(json: &str) -> bool {
    let mut bytes = json.bytes();
    let (mut digits, mut depth) = (0, 0);
    let mut before = b' ';
    while let Some(byte) = bytes.next() {
        match byte {
            // Over a text, whose escapes of four digits may be half characters.
            b'"' => loop {
                match bytes.next() {
                    Some(b'\\') => {
                        if bytes.next() == Some(b'u') {
                            return false;
                        }
                    }
                    Some(b'"') | None => break,
                    Some(_) => {}
                }
            },
            b'[' | b'{' => {
                depth += 1;
                digits = 0;
            }
            b']' | b'}' => {
                depth -= 1;
                digits = 0;
            }
            b'0'..=b'9' => digits += 1,
            b'e' | b'E' if before.is_ascii_digit() => return false,
            _ => digits = 0,
        }
        if digits > SHORT || depth > SHALLOW {
            return false;
        }
        before = byte;
    }
    true
}

/// The deepest nesting that is surely read.
const SHALLOW: i32 = 100;
/// The most digits with which a number without an exponent is surely a double.
const SHORT: u32 = 300;

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
        Self { text: "{}".into(), members: Vec::new(), map: OnceLock::new() }
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
    use proptest::prelude::*;

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

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<i32>().prop_map(|number| (f64::from(number) / 8.0).into()),
            "[ -~]{0,8}".prop_map(Json::from),
            any::<String>().prop_map(Json::from),
        ];
        leaf.prop_recursive(2, 12, 4, |inner| {
            let lists = proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from);
            let objects = proptest::collection::vec((any::<String>(), inner), 0..4);
            prop_oneof![lists, objects.prop_map(|members| members.into_iter().collect::<Map<_, _>>().into())]
        })
    }

    proptest! {
        /// However a text is read, by its quotes or whole: the members are the same.
        #[test]
        fn both_ways_of_reading_find_the_same(members in proptest::collection::vec(("[a-z\"]{1,5}", json()), 0..6)) {
            let map: Map<String, Json> = members.into_iter().collect();
            let text = Json::Object(map.clone()).to_string();
            let whole = Properties { text: text.as_str().into(), members: places(&text).unwrap(), map: OnceLock::new() };
            prop_assert!(whole == map);
            if let Some(found) = scan::members(&text) {
                let scanned = Properties { text: text.as_str().into(), members: found, map: OnceLock::new() };
                prop_assert!(scanned.members().eq(whole.members()));
            }
        }

        /// What is read by its quotes is an object for `serde_json` too, whatever became of the text.
        #[test]
        fn a_text_that_was_damaged_is_not_taken(
            members in proptest::collection::vec(("[a-z]{1,5}", json()), 1..4),
            at in any::<proptest::sample::Index>(),
            byte in b' '..=b'~',
        ) {
            let mut text = Json::Object(members.into_iter().collect()).to_string().into_bytes();
            let at = at.index(text.len());
            text[at] = byte;
            if let Ok(text) = String::from_utf8(text) {
                let read = serde_json::from_str::<Map<String, Json>>(&text).is_ok();
                prop_assert_eq!(Properties::parse(&text).is_ok(), read, "{}", text);
            }
        }
    }

    #[test]
    fn what_the_store_writes_is_read_by_its_quotes() {
        let members = r#"{"accountEnabled":true,"businessPhones":["+47 1"],"displayName":"Ida Ål","age":17,"mail":null}"#;
        assert_eq!(scan::members(members).unwrap().len(), 5);
        assert!(scan::members(r#"{"a\n":1}"#).is_none(), "names with escapes are left to the other way");
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
            "{\"a\":[1e999]}",
            "{\"a\":{\"b\":-9E+999}}",
            "{\"a\":[1,]}",
            "{\"a\":\"\n\"}",
            "{\"a\":\"b\",}",
            "{\"a\":tru}",
            "{\"a\":\"b\"\"c\":1}",
            "{\"a\":\"\\ud800\"}",
        ] {
            assert!(Properties::parse(text).is_err(), "{text}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(Properties::parse(&deep).is_err(), "a part that is not read would be lost");
        assert!(Properties::default().is_empty());
        assert!(Properties::parse("{}").unwrap().members().next().is_none());
    }
}
