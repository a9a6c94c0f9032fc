//! PATCH (RFC 7644, 3.5.2): the message, and applying it to a resource.
//!
//! Reading is tolerant of the dialects that clients speak, Entra's two above all: `op` in any letter
//! case, values without a path whose keys are paths (`name.givenName`, `emails[type eq
//! "work"].value`) or schema URNs (flat or nested), references as `[{"$ref": null, "value": id}]`,
//! and removals that list the values to remove.

mod apply;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::error::{ScimError, ScimType};
use crate::json;
use crate::path::Path;

/// URN of the message.
pub const PATCH_OP_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The most operations that are accepted in one request.
pub const MAX_OPERATIONS: usize = 10_000;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Adds values, or sets an attribute that has none.
    Add,
    /// Replaces values.
    Replace,
    /// Removes values.
    Remove,
}

/// How `op` is spelled on the wire: Entra writes `Add` unless told otherwise, the RFC `add`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OpCase {
    /// `add`, `replace`, `remove`: the RFC's spelling.
    #[default]
    Lower,
    /// `Add`, `Replace`, `Remove`: Entra's older spelling.
    Capitalized,
}

impl Op {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self, case: OpCase) -> &'static str {
        match (self, case) {
            (Self::Add, OpCase::Lower) => "add",
            (Self::Replace, OpCase::Lower) => "replace",
            (Self::Remove, OpCase::Lower) => "remove",
            (Self::Add, OpCase::Capitalized) => "Add",
            (Self::Replace, OpCase::Capitalized) => "Replace",
            (Self::Remove, OpCase::Capitalized) => "Remove",
        }
    }

    fn from_wire(word: &str) -> Option<Self> {
        [Self::Add, Self::Replace, Self::Remove]
            .into_iter()
            .find(|op| word.eq_ignore_ascii_case(op.as_str(OpCase::Lower)))
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What to do.
    pub op: Op,
    /// Where; without a path, `value` is an object whose keys say where.
    pub path: Option<Path>,
    /// With what. Values are sent and applied as they are: `"False"` stays a string.
    pub value: Option<Value>,
}

impl Operation {
    /// `add` at a path.
    #[must_use]
    pub fn add(path: Path, value: impl Into<Value>) -> Self {
        Self { op: Op::Add, path: Some(path), value: Some(value.into()) }
    }

    /// `replace` at a path.
    #[must_use]
    pub fn replace(path: Path, value: impl Into<Value>) -> Self {
        Self { op: Op::Replace, path: Some(path), value: Some(value.into()) }
    }

    /// `remove` at a path.
    #[must_use]
    pub fn remove(path: Path) -> Self {
        Self { op: Op::Remove, path: Some(path), value: None }
    }

    fn to_value(&self, case: OpCase) -> Value {
        let mut members = Map::new();
        members.insert("op".into(), self.op.as_str(case).into());
        if let Some(path) = &self.path {
            members.insert("path".into(), path.to_string().into());
        }
        if let Some(value) = &self.value {
            members.insert("value".into(), value.clone());
        }
        Value::Object(members)
    }

    fn from_value(index: usize, value: Value) -> Result<Self, ScimError> {
        let syntax = |problem: String| {
            ScimError::bad_request(ScimType::InvalidSyntax, format!("Operations[{index}]: {problem}"))
        };
        let Value::Object(mut members) = value else {
            return Err(syntax("an operation is an object".into()));
        };
        let op = match take(&mut members, "op") {
            Some(Value::String(word)) => Op::from_wire(&word)
                .ok_or_else(|| syntax(format!("op {word:?} is none of add, replace, remove")))?,
            _ => return Err(syntax("op is missing; it is one of add, replace, remove".into())),
        };
        let path = match take(&mut members, "path") {
            None | Some(Value::Null) => None,
            // Some clients send an empty path where they mean none.
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(Value::String(text)) => Some(Path::parse(&text).map_err(|error| {
                let detail = format!("Operations[{index}].path {text:?}: {error}");
                ScimError::bad_request(ScimType::InvalidPath, detail)
            })?),
            Some(_) => return Err(syntax("path is a string".into())),
        };
        Ok(Self { op, path, value: take(&mut members, "value") })
    }
}

fn take(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    members.remove(&json::spelling(members, name))
}

/// A PATCH request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PatchRequest {
    /// The changes, in the order in which they are applied.
    pub operations: Vec<Operation>,
}

impl PatchRequest {
    /// A request of these operations.
    #[must_use]
    pub fn new(operations: Vec<Operation>) -> Self {
        Self { operations }
    }

    /// The message on the wire.
    #[must_use]
    pub fn to_value(&self, case: OpCase) -> Value {
        let operations: Vec<Value> =
            self.operations.iter().map(|operation| operation.to_value(case)).collect();
        json!({"schemas": [PATCH_OP_SCHEMA], "Operations": operations})
    }

    /// The message as a request body.
    #[must_use]
    pub fn to_bytes(&self, case: OpCase) -> Bytes {
        Bytes::from(self.to_value(case).to_string())
    }

    /// Reads the message.
    ///
    /// # Errors
    /// `invalidSyntax` when it is not a PatchOp message or has more than [`MAX_OPERATIONS`]
    /// operations, `invalidPath` when a path cannot be read.
    pub fn from_value(message: Value) -> Result<Self, ScimError> {
        let syntax = |detail: String| ScimError::bad_request(ScimType::InvalidSyntax, detail);
        let Value::Object(mut members) = message else {
            return Err(syntax("a PATCH body is a JSON object with Operations".into()));
        };
        // A wrong schema is an error, a missing one is not: many clients leave it out.
        if let Some(Value::Array(schemas)) = json::get(&members, "schemas") {
            let named =
                |uri: &Value| uri.as_str().is_some_and(|uri| uri.eq_ignore_ascii_case(PATCH_OP_SCHEMA));
            if !schemas.is_empty() && !schemas.iter().any(named) {
                return Err(syntax(format!("schemas of a PATCH body names {PATCH_OP_SCHEMA}")));
            }
        }
        match take(&mut members, "Operations") {
            Some(Value::Array(operations)) if operations.len() > MAX_OPERATIONS => {
                Err(syntax(format!("more than {MAX_OPERATIONS} operations in one request; split it")))
            }
            Some(Value::Array(operations)) if !operations.is_empty() => {
                let read = |(index, operation)| Operation::from_value(index, operation);
                Ok(Self {
                    operations: operations.into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
                })
            }
            _ => Err(syntax("Operations is missing or empty; it lists at least one operation".into())),
        }
    }

    /// Reads the message from a request body.
    ///
    /// # Errors
    /// As [`PatchRequest::from_value`]; also `invalidSyntax` when the body is not JSON.
    pub fn from_slice(body: &[u8]) -> Result<Self, ScimError> {
        let message = serde_json::from_slice(body).map_err(|error| {
            ScimError::bad_request(ScimType::InvalidSyntax, format!("the PATCH body is not JSON: {error}"))
        })?;
        Self::from_value(message)
    }
}

/// Whether applying a request made a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// The resource is another now.
    Yes,
    /// Everything already was as the request wants it; the version should not move.
    No,
}

impl Changed {
    /// Whether it is [`Changed::Yes`].
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

impl std::ops::BitOrAssign for Changed {
    fn bitor_assign(&mut self, other: Self) {
        if other.is_yes() {
            *self = Self::Yes;
        }
    }
}

/// Applies a request to a resource, all operations or none.
///
/// Rules beyond the RFC, because clients in the field need them:
/// - `add` with a selector that nothing satisfies creates the element when the selector is made of
///   `eq` only (`emails[type eq "work"].value`); `replace` answers `noTarget`, as the RFC wants.
/// - Removing what is not there changes nothing and is no error.
/// - `remove` with a value removes the listed values only.
/// - null unassigns; null members of added elements (`"$ref": null`) are dropped.
/// - `schemas` follows the extensions that the resource has.
///
/// # Errors
/// `noTarget`, `invalidValue`, `invalidPath`, or `mutability` for `id`, `meta` and a user's `groups`.
pub fn apply(resource: &mut Value, request: &PatchRequest) -> Result<Changed, ScimError> {
    apply::apply(resource, request)
}

/// Puts a value where `path` leads, making what is missing on the way: the form that an attribute
/// takes in the body of a create, such as `{"emails": [{"type": "work", "value": …}]}`.
///
/// # Errors
/// `noTarget` when the path has a selector that is not made of `eq`; `invalidPath` or `invalidValue`
/// when the resource already holds something of another shape there.
pub fn set(resource: &mut Value, path: &Path, value: &Value) -> Result<Changed, ScimError> {
    apply::set(resource, path, value)
}

#[cfg(test)]
mod tests;
