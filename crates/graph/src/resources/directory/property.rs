//! Descriptors of properties, as constants.

use serde::ser::{Error as _, Serialize, SerializeSeq as _, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use crate::odata::filter::{Field, Kind, Members};

/// What values a property has.
#[derive(Clone, Copy, Debug)]
pub enum PropertyType {
    /// `Edm.String`
    String,
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.DateTimeOffset`
    DateTime,
    /// `Edm.Guid`
    Guid,
    /// `Edm.Binary`, in base64
    Binary,
    /// A complex type with these members.
    Complex(&'static [Property]),
    /// A complex type that nothing here looks into: an object, kept as it is sent.
    Open,
}

/// Who may set a property, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Clients, any time.
    ReadWrite,
    /// Clients, on create.
    CreateOnly,
    /// The server.
    ReadOnly,
    /// Clients, any time; it is checked and then forgotten, so it can never be read.
    Secret,
    /// Clients, any time; it is kept for the server's own use and never read.
    WriteOnly,
}

/// One property of a type.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Its name in Graph's metadata.
    pub name: &'static str,
    /// What values it has.
    pub value: PropertyType,
    /// Whether it may be null. Collections never are: they are empty.
    pub nullable: bool,
    /// Whether it is a collection.
    pub multivalued: bool,
    /// Who may set it.
    pub access: Access,
    /// Whether an object cannot be without it.
    pub required: bool,
    /// The most characters of a text, or of each text of a collection.
    pub max_length: Option<usize>,
    /// Whether it is printed when nothing is selected.
    pub default_set: bool,
    /// Whether it is printed even then only when it was set.
    pub when_set: bool,
    /// The text that stands for one that was never set.
    pub unset: Option<&'static str>,
    /// Whether letter case is a difference.
    pub case_exact: bool,
    /// Whether a PATCH merges its members instead of replacing it whole.
    pub merged: bool,
    /// What a text must be like, besides its length.
    pub fits: Option<Fits>,
}

/// What a text must be like.
#[derive(Clone, Copy, Debug)]
pub struct Fits {
    /// Whether a text is.
    pub passes: fn(&str) -> bool,
    /// The same as a sentence about it.
    pub words: &'static str,
}

impl Property {
    const fn new(name: &'static str, value: PropertyType) -> Self {
        Self {
            name,
            value,
            nullable: true,
            multivalued: false,
            access: Access::ReadWrite,
            required: false,
            max_length: None,
            default_set: true,
            when_set: false,
            unset: None,
            case_exact: false,
            merged: false,
            fits: None,
        }
    }

    /// A text.
    pub(super) const fn string(name: &'static str) -> Self {
        Self::new(name, PropertyType::String)
    }

    /// A list of texts.
    pub(super) const fn strings(name: &'static str) -> Self {
        Self::new(name, PropertyType::String).many()
    }

    /// True or false.
    pub(super) const fn boolean(name: &'static str) -> Self {
        Self::new(name, PropertyType::Boolean)
    }

    /// An instant.
    pub(super) const fn date_time(name: &'static str) -> Self {
        Self::new(name, PropertyType::DateTime)
    }

    /// A GUID.
    pub(super) const fn guid(name: &'static str) -> Self {
        Self::new(name, PropertyType::Guid)
    }

    /// Bytes.
    pub(super) const fn binary(name: &'static str) -> Self {
        Self { case_exact: true, ..Self::new(name, PropertyType::Binary) }
    }

    /// A complex value.
    pub(super) const fn complex(name: &'static str, members: &'static [Self]) -> Self {
        Self::new(name, PropertyType::Complex(members))
    }

    /// A complex value that is kept as it is sent.
    pub(super) const fn open(name: &'static str) -> Self {
        Self::new(name, PropertyType::Open)
    }

    /// A collection of this.
    pub(super) const fn many(self) -> Self {
        Self { multivalued: true, nullable: false, ..self }
    }

    /// An object cannot be without it.
    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// It is never null.
    pub(super) const fn not_null(self) -> Self {
        Self { nullable: false, ..self }
    }

    /// Only the server sets it.
    pub(super) const fn read_only(self) -> Self {
        Self { access: Access::ReadOnly, ..self }
    }

    /// It is set on create and stays.
    pub(super) const fn create_only(self) -> Self {
        Self { access: Access::CreateOnly, ..self }
    }

    /// It is never kept.
    pub(super) const fn secret(self) -> Self {
        Self { access: Access::Secret, ..self }
    }

    /// It is kept and never read.
    pub(super) const fn write_only(self) -> Self {
        Self { access: Access::WriteOnly, ..self }
    }

    /// It is printed only when it is selected.
    pub(super) const fn on_select(self) -> Self {
        Self { default_set: false, ..self }
    }

    /// It is printed when it is selected or was set.
    pub(super) const fn when_set(self) -> Self {
        Self { when_set: true, ..self }
    }

    /// It is this when it was never set.
    pub(super) const fn unset(self, text: &'static str) -> Self {
        Self { unset: Some(text), ..self }
    }

    /// Letter case is a difference.
    pub(super) const fn case_exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    /// A PATCH merges its members, and all of them are always printed.
    pub(super) const fn merged(self) -> Self {
        Self { merged: true, ..self }
    }

    /// So many characters at most.
    pub(super) const fn max(self, length: usize) -> Self {
        Self { max_length: Some(length), ..self }
    }

    /// Texts must pass this, which the words say.
    pub(super) const fn fits(self, fits: fn(&str) -> bool, words: &'static str) -> Self {
        Self { fits: Some(Fits { passes: fits, words }), ..self }
    }

    fn is_hidden(&self) -> bool {
        matches!(self.access, Access::Secret | Access::WriteOnly)
    }

    /// The property as filters see it; `None` for what can never be read.
    pub(super) fn field(&'static self) -> Option<Field> {
        let kind = match &self.value {
            _ if self.is_hidden() => return None,
            PropertyType::String | PropertyType::Binary => Kind::Text,
            PropertyType::Boolean => Kind::Boolean,
            PropertyType::DateTime => Kind::Time,
            PropertyType::Guid => Kind::Guid,
            PropertyType::Complex(members) => Kind::Complex(members),
            PropertyType::Open => Kind::Any,
        };
        Some(Field { kind, many: self.multivalued })
    }

    /// What is stored of this property, as printed.
    pub(super) fn printed<'a>(&'a self, stored: Option<Member<'a>>) -> Printed<'a> {
        Printed { property: self, stored: stored.filter(|value| !value.is_null()) }
    }
}

impl Members for &'static [Property] {
    fn field(&self, name: &str) -> Option<Field> {
        self.iter().find(|property| property.name.eq_ignore_ascii_case(name)).and_then(Property::field)
    }
}

/// A member of an object: as it is, or as the text that it stands for.
#[derive(Clone, Debug)]
pub enum Member<'a> {
    /// A value.
    Json(&'a Json),
    /// A text.
    Text(String),
    /// The JSON of a value, not taken apart.
    Raw(&'a str),
}

impl Member<'_> {
    fn is_null(&self) -> bool {
        match self {
            Self::Json(value) => value.is_null(),
            Self::Text(_) => false,
            Self::Raw(json) => *json == "null",
        }
    }
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(value) => value.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            // Most values are these; printing them is less than having them read as JSON once more.
            Self::Raw("true") => serializer.serialize_bool(true),
            Self::Raw("false") => serializer.serialize_bool(false),
            Self::Raw(json) => match unescaped(json) {
                Some(text) => serializer.serialize_str(text),
                None => {
                    let value: &RawValue = serde_json::from_str(json).map_err(S::Error::custom)?;
                    value.serialize(serializer)
                }
            },
        }
    }
}

/// The text that a JSON string without escapes stands for.
fn unescaped(json: &str) -> Option<&str> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains(['"', '\\'])).then_some(text)
}

/// The value of a property as printed: what is not set is null, empty, or the default of its type.
#[derive(Clone, Debug)]
pub(super) struct Printed<'a> {
    property: &'a Property,
    stored: Option<Member<'a>>,
}

impl Serialize for Printed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { property, stored } = self;
        if property.is_hidden() {
            return serializer.serialize_unit();
        }
        match (property.value, stored) {
            (PropertyType::Complex(members), Some(Member::Json(value))) => {
                complex(members, value, serializer)
            }
            (PropertyType::Complex(members), Some(Member::Raw(json))) => {
                let value: Json = serde_json::from_str(json).map_err(S::Error::custom)?;
                complex(members, &value, serializer)
            }
            (_, Some(value)) => value.serialize(serializer),
            (_, None) if property.multivalued => serializer.serialize_seq(Some(0))?.end(),
            (_, None) if property.unset.is_some() => property.unset.serialize(serializer),
            (PropertyType::Complex(members), None) if property.merged => {
                Complex { members, value: None }.serialize(serializer)
            }
            (PropertyType::Boolean, None) if !property.nullable => serializer.serialize_bool(false),
            (_, None) => serializer.serialize_unit(),
        }
    }
}

/// Complex values, one or many, with all their members.
fn complex<S: Serializer>(
    members: &'static [Property],
    value: &Json,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Json::Array(items) => {
            serializer.collect_seq(items.iter().map(|item| Complex { members, value: item.as_object() }))
        }
        single => Complex { members, value: single.as_object() }.serialize(serializer),
    }
}

/// A complex value with all its members.
struct Complex<'a> {
    members: &'static [Property],
    value: Option<&'a Map<String, Json>>,
}

impl Serialize for Complex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let member = |name: &str| self.value.and_then(|value| value.get(name)).map(Member::Json);
        serializer.collect_map(
            self.members.iter().map(|property| (property.name, property.printed(member(property.name)))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_values_are_printed_as_they_are() {
        for json in [
            "true",
            "false",
            "17",
            "\"Ida Ål\"",
            "\"a\\\"b\"",
            "\"\"",
            "\"\\u00e9\"",
            "[\"a\",1]",
            "{\"a\":null}",
            "null",
        ] {
            assert_eq!(serde_json::to_string(&Member::Raw(json)).unwrap(), json);
        }
        assert!(serde_json::to_string(&Member::Raw("\"")).is_err());
        assert_eq!(unescaped("\""), None);
    }
}
