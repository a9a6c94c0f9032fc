//! Attribute paths: `userName`, `name.familyName`, `emails[type eq "work"].value`,
//! `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
//!
//! The grammar is `PATH` of RFC 7644 (figure 7). In front of a bracket or the end, the last colon
//! separates the schema from the attribute, and a dot after it the sub-attribute; dots before it
//! belong to the schema's version.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde_json::Value;

use crate::filter::{Filter, parse::Parser};
use crate::json;

/// Why a path or a filter could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {position}")]
pub struct SyntaxError {
    /// Byte offset into the text, from 0.
    pub position: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a path or a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Something else stands where the grammar wants this.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What the grammar wants.
        expected: &'static str,
        /// What is there, shortened.
        found: String,
    },
    /// The name has characters outside `ATTRNAME` of RFC 7643 (2.1).
    #[error("{0:?} is not an attribute name")]
    BadName(String),
    /// The value after a comparison is not a JSON string, number, true, false or null.
    #[error("{0} is not a JSON string, number, true, false or null")]
    BadValue(String),
    /// Booleans and null have no order (RFC 7644, 3.4.2.2).
    #[error("operator {0} cannot compare this kind of value")]
    NoOrder(&'static str),
    /// Brackets or parentheses are nested deeper than [`crate::filter::MAX_DEPTH`].
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// The text is longer than [`crate::filter::MAX_LENGTH`].
    #[error("longer than {0} bytes")]
    TooLong(usize),
}

/// An attribute, with the schema that qualifies it when one was written.
#[derive(Debug, Clone)]
pub struct Attribute {
    schema: Option<Box<str>>,
    name: Box<str>,
}

impl Attribute {
    /// An attribute from its parts.
    ///
    /// # Errors
    /// When `name` is not an attribute name, or `schema` has characters that no URI has.
    pub fn new(schema: Option<&str>, name: &str) -> Result<Self, SyntaxError> {
        let bad = |text: &str| SyntaxError { position: 0, problem: Problem::BadName(text.to_owned()) };
        if !is_name(name) {
            return Err(bad(name));
        }
        match schema {
            Some(uri) if uri.is_empty() || !uri.chars().all(is_uri_char) => Err(bad(uri)),
            _ => Ok(Self { schema: schema.map(Into::into), name: name.into() }),
        }
    }

    /// The schema URI in front of the last colon.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The attribute's name without its schema.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The schema, unless it is one of the core schemas, whose attributes stand at the top of a
    /// resource.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.schema().filter(|uri| !crate::resource::is_core_schema(uri))
    }

    /// The same attribute in another schema.
    pub(crate) fn in_schema(self, uri: &str) -> Self {
        Self { schema: Some(uri.into()), name: self.name }
    }

    /// This attribute's value in `container`, which is a resource or an element of one.
    pub(crate) fn find<'v>(&self, container: &'v Value) -> Option<&'v Value> {
        let object = match (container, self.extension()) {
            (Value::Object(object), None) => object,
            (Value::Object(object), Some(uri)) => json::get(object, uri)?.as_object()?,
            (Value::Array(_), _) => return None,
            // An element of a simple multi-valued attribute is its own `value`.
            (simple, _) => return self.name.eq_ignore_ascii_case("value").then_some(simple),
        };
        json::get(object, &self.name)
    }
}

impl PartialEq for Attribute {
    fn eq(&self, other: &Self) -> bool {
        self.name.eq_ignore_ascii_case(&other.name)
            && match (&self.schema, &other.schema) {
                (None, None) => true,
                (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
                _ => false,
            }
    }
}

impl Eq for Attribute {}

impl Hash for Attribute {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.schema.as_deref().unwrap_or_default().bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(b':');
        for byte in self.name.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)
    }
}

/// A path to an attribute, to a sub-attribute, or to selected values of a multi-valued attribute.
///
/// Two paths are equal when they differ in the letter case of names and schemas only; the values
/// inside a selector are compared exactly.
#[derive(Debug, Clone)]
pub struct Path {
    pub(crate) attribute: Attribute,
    pub(crate) selector: Option<Box<Filter>>,
    pub(crate) sub_attribute: Option<Box<str>>,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// With the position, when the text is not a path, is longer than
    /// [`crate::filter::MAX_LENGTH`], or nests deeper than [`crate::filter::MAX_DEPTH`].
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut parser = Parser::new(text)?;
        let path = parser.path()?;
        parser.end()?;
        Ok(path)
    }

    /// The path to one attribute of a resource.
    #[must_use]
    pub fn of(attribute: Attribute) -> Self {
        Self { attribute, selector: None, sub_attribute: None }
    }

    /// The attribute at the start.
    #[must_use]
    pub fn attribute(&self) -> &Attribute {
        &self.attribute
    }

    /// The filter in brackets that selects values.
    #[must_use]
    pub fn selector(&self) -> Option<&Filter> {
        self.selector.as_deref()
    }

    /// The sub-attribute after the dot.
    #[must_use]
    pub fn sub_attribute(&self) -> Option<&str> {
        self.sub_attribute.as_deref()
    }

    /// Whether this is a bare attribute name: no schema, selector or sub-attribute.
    #[must_use]
    pub fn is_simple(&self) -> bool {
        self.attribute.schema.is_none() && self.selector.is_none() && self.sub_attribute.is_none()
    }

    /// All values in `resource` that this path leads to; an element of an array counts by itself.
    #[must_use]
    pub fn values<'v>(&self, resource: &'v Value) -> Vec<&'v Value> {
        let mut found = Vec::new();
        self.visit(resource, &mut |value| {
            found.push(value);
            false
        });
        found
    }

    /// Hands every value that this path leads to over to `stop`, until it says true.
    pub(crate) fn visit<'v>(&self, resource: &'v Value, stop: &mut dyn FnMut(&'v Value) -> bool) -> bool {
        let Some(value) = self.attribute.find(resource) else { return false };
        each(value, &mut |element| {
            if self.selector.as_ref().is_some_and(|selector| !selector.matches(element)) {
                return false;
            }
            match (&self.sub_attribute, element) {
                (None, _) => stop(element),
                (Some(sub), Value::Object(members)) => json::get(members, sub).is_some_and(|v| each(v, stop)),
                (Some(sub), simple) => sub.eq_ignore_ascii_case("value") && stop(simple),
            }
        })
    }
}

fn each<'v>(value: &'v Value, stop: &mut dyn FnMut(&'v Value) -> bool) -> bool {
    match value {
        Value::Array(items) => items.iter().any(stop),
        single => stop(single),
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.attribute == other.attribute
            && self.selector == other.selector
            && match (&self.sub_attribute, &other.sub_attribute) {
                (None, None) => true,
                (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
                _ => false,
            }
    }
}

impl Eq for Path {}

impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The selector holds floating-point numbers; leaving it out keeps the hash lawful.
        self.attribute.hash(state);
        for byte in self.sub_attribute.as_deref().unwrap_or_default().bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.attribute)?;
        if let Some(selector) = &self.selector {
            write!(f, "[{selector}]")?;
        }
        if let Some(sub) = &self.sub_attribute {
            write!(f, ".{sub}")?;
        }
        Ok(())
    }
}

impl FromStr for Path {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        Self::parse(text)
    }
}

/// `ATTRNAME` of RFC 7643 (2.1), plus `$` for `$ref` and a leading underscore, which servers use.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$' || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
}

/// Whether a schema URI may hold this character: anything that does not end a word of a filter.
pub(crate) fn is_uri_char(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '[' | ']' | '(' | ')' | '"')
}

#[cfg(test)]
mod tests;
