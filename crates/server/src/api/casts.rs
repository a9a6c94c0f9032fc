//! Type casts in paths (OData URL conventions section 4.11): `…/members/microsoft.graph.user`.

use provisor_graph::error::GraphError;
use provisor_graph::odata::path::Key;
use provisor_store::directory::ObjectKind;

use super::model;
use crate::http::request::Call;

/// The piece of a route's pattern that takes any of these types.
pub const PIECE: &str = "{type}";
/// What that piece is called among the keys of a path.
pub const NAME: &str = "type";

/// Types of Graph's directory objects that this directory holds none of.
const ELSEWHERE: [&str; 7] = [
    "administrativeUnit",
    "appRoleAssignment",
    "device",
    "directoryRole",
    "directoryRoleTemplate",
    "endpoint",
    "orgContact",
];

/// A type of directory objects that a path is cast to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// One that is kept here.
    Kind(ObjectKind),
    /// One of Graph's that there are no objects of.
    Elsewhere,
}

impl Cast {
    /// The type of this name, without its namespace.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let kind = model::KINDS.into_iter().find(|kind| model::entity(*kind).name.eq_ignore_ascii_case(name));
        let elsewhere = || ELSEWHERE.iter().any(|known| known.eq_ignore_ascii_case(name));
        kind.map(Self::Kind).or_else(|| elsewhere().then_some(Self::Elsewhere))
    }

    /// The cast of a request's path; `None` when its route takes none.
    #[must_use]
    pub fn within(call: &Call) -> Option<Self> {
        let (_, key) = call.keys.iter().find(|(name, _)| *name == NAME)?;
        match key {
            Key::Value(name) => Self::parse(name),
            Key::Named(..) => None,
        }
    }

    /// The cast of a request's path.
    ///
    /// # Errors
    /// 500: only for a handler whose route takes none.
    pub fn of(call: &Call) -> Result<Self, GraphError> {
        Self::within(call).ok_or_else(GraphError::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_their_names() {
        assert_eq!(Cast::parse("user"), Some(Cast::Kind(ObjectKind::User)));
        assert_eq!(Cast::parse("ServicePrincipal"), Some(Cast::Kind(ObjectKind::ServicePrincipal)));
        assert_eq!(Cast::parse("orgcontact"), Some(Cast::Elsewhere));
        assert_eq!(Cast::parse("users"), None);
        assert_eq!(Cast::parse(""), None);
    }
}
