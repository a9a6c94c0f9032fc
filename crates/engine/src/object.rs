//! The objects on both sides of a job: source objects, target objects, and the link between them.

use std::sync::Arc;

use provisor_expression::Value;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps the text of an id.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as a shared text, without copying it.
            #[must_use]
            pub fn to_text(&self) -> Arc<str> {
                Arc::clone(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// The immutable id of an object in its source (for the built-in directory: the object id).
    Anchor
}

text_id! {
    /// The id of an object in its target (SCIM: `id`, RFC 7643 section 3.1).
    TargetId
}

text_id! {
    /// The name of an object type as the schema gives it: `User`, `Group`,
    /// `urn:ietf:params:scim:schemas:core:2.0:Group`.
    ObjectType
}

/// How a source object stands in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// There, and not in the recycle bin.
    Active,
    /// In the recycle bin: it can still be restored.
    SoftDeleted,
    /// Gone for good.
    Deleted,
}

/// One change of a reference attribute, as a source gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceChange {
    /// Which reference attribute: an index into [`crate::ports::SourceShape::references`].
    pub attribute: usize,
    /// The object referred to.
    pub to: Anchor,
    /// Whether the reference is there now (`false`: it was taken away).
    pub present: bool,
}

/// How far the references of a source object are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum References {
    /// All that there are: what is not listed (on this object and its further pages) is not there.
    All(Vec<ReferenceChange>),
    /// Only what changed since the position that was asked for.
    Changed(Vec<ReferenceChange>),
}

impl References {
    /// The changes listed, whichever way they are told.
    #[must_use]
    pub fn changes(&self) -> &[ReferenceChange] {
        match self {
            Self::All(changes) | Self::Changed(changes) => changes,
        }
    }
}

/// What a source yields for one object.
#[derive(Clone, Debug)]
pub struct SourceObject {
    /// The immutable id.
    pub anchor: Anchor,
    /// What a person calls the object: a user principal name, a display name.
    pub label: Arc<str>,
    /// Whether it is there, in the recycle bin, or gone.
    pub presence: Presence,
    /// Whether sign-in is allowed (`accountEnabled`); `true` where the source knows no such thing.
    pub enabled: bool,
    /// Whether the object is assigned to the job's application, directly or through a group.
    pub assigned: bool,
    /// The attributes asked for, by slot: as [`crate::ports::SourceShape::attributes`] lists them. Empty for
    /// an object that is gone.
    pub values: Vec<Value>,
    /// References, as far as they fit one answer.
    pub references: References,
    /// Where the remaining references are to be asked for with [`crate::ports::Source::references`].
    pub more_references: Option<ReferenceCursor>,
}

/// A source's opaque place within the references of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceCursor(pub Arc<str>);

/// What a target tells about one object.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetObject {
    /// The id in the target.
    pub id: TargetId,
    /// The mapped attributes, by slot: as [`crate::ports::TargetShape::attributes`] lists them.
    pub values: Vec<Value>,
}

/// The remembered pair of a source object and a target object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The object in the source.
    pub anchor: Anchor,
    /// The object in the target.
    pub target: TargetId,
}
