//! Reads wire types from JSON as [`super`] describes.
//!
//! `serde_json` would take `["x"]` for a struct, and leaves no hook for annotations; this deserializer takes
//! only an object for a struct, and checks the `@odata.type` of every struct against its name, which is why
//! wire types are named as in Graph's metadata.

use serde::de::value::Error;
use serde::de::{self, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value as Json};

use crate::nearest::suggestion;

/// A JSON value about to be read.
#[derive(Clone, Copy)]
pub(super) struct Strict<'de>(pub(super) &'de Json);

static NULL: Json = Json::Null;

/// Types whose members are all known. A member that is dropped elsewhere costs a client nothing; dropped here it
/// would let everybody into scope, or let nothing flow.
const CLOSED: [&str; 4] = ["Filter", "FilterGroup", "FilterClause", "AttributeMappingSource"];

/// Refuses members that a type of [`CLOSED`] does not have. What says nothing (null) is let be.
fn check_members(name: &str, members: &Map<String, Json>, known: &[&'static str]) -> Result<(), Error> {
    if !CLOSED.contains(&name) {
        return Ok(());
    }
    let unknown = |(member, value): &(&String, &Json)| {
        !super::is_annotation(member) && !value.is_null() && !known.contains(&member.as_str())
    };
    let Some((member, _)) = members.iter().find(unknown) else { return Ok(()) };
    let type_name = format!("{}{}", name[..1].to_ascii_lowercase(), &name[1..]);
    Err(Error::custom(format!(
        "'{member}' is no member of {type_name}, which has {}{}",
        known.join(", "),
        suggestion(member, known.iter().copied())
    )))
}

impl<'de> Strict<'de> {
    /// What stands here, without its value: the value may be a secret, and errors are seen by others.
    fn unexpected(self) -> Unexpected<'static> {
        Unexpected::Other(match self.0 {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        })
    }

    /// A whole number, or one in quotes: clients with `IEEE754Compatible=true` quote those of 64 bits.
    fn integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = match self.0 {
            Json::Number(number) => number.as_i64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        };
        match number {
            Some(number) => visitor.visit_i64(number),
            None => Err(Error::invalid_type(self.unexpected(), &"a whole number")),
        }
    }
}

impl<'de> Deserializer<'de> for Strict<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Json::Null => visitor.visit_unit(),
            Json::Bool(truth) => visitor.visit_bool(*truth),
            Json::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, Some(number)) => visitor.visit_f64(number),
                _ => Err(Error::custom("a number out of range")),
            },
            Json::String(text) => visitor.visit_borrowed_str(text),
            Json::Array(items) => visitor.visit_seq(Items(items.iter())),
            Json::Object(members) => visitor.visit_map(Members::new(members)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Json::Object(members) = self.0 else {
            return Err(Error::invalid_type(self.unexpected(), &"an object"));
        };
        if let Some(given) = members.get("@odata.type")
            && !super::is_type(given, name)
        {
            return Err(Error::custom(format!("'@odata.type' {given} is not the type expected here")));
        }
        check_members(name, members, fields)?;
        visitor.visit_map(Members::new(members))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Json::String(text) => visitor.visit_borrowed_str(text),
            _ => Err(Error::invalid_type(self.unexpected(), &"a string")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Json::Bool(truth) => visitor.visit_bool(*truth),
            _ => Err(Error::invalid_type(self.unexpected(), &"true or false")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Json::Array(items) => visitor.visit_seq(Items(items.iter())),
            _ => Err(Error::invalid_type(self.unexpected(), &"a list")),
        }
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map enum
        identifier ignored_any
    }
}

struct Items<'de>(std::slice::Iter<'de, Json>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(Strict(item))).transpose()
    }
}

/// The members of an object that are there: no annotations, no nulls.
struct Members<'de> {
    rest: serde_json::map::Iter<'de>,
    value: &'de Json,
}

impl<'de> Members<'de> {
    fn new(members: &'de Map<String, Json>) -> Self {
        Self { rest: members.iter(), value: &NULL }
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        for (name, value) in self.rest.by_ref() {
            if super::is_annotation(name) || value.is_null() {
                continue;
            }
            self.value = value;
            return seed.deserialize(de::value::BorrowedStrDeserializer::new(name)).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Strict(std::mem::replace(&mut self.value, &NULL)))
    }
}
