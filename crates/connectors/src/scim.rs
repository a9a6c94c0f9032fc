//! The SCIM 2.0 target (RFC 7644), with the requests that Entra sends and the patience that real servers need.
//!
//! What servers do differently is found out and remembered per target, in this order of trust: what
//! `/Schemas` and `/ServiceProviderConfig` say, what a probe object shows, what an error answer teaches.

mod definition;
mod discover;
mod failure;
mod manners;
mod probe;
mod read;
mod references;
mod shape;
mod target;
#[cfg(test)]
mod tests;
mod write;

pub use definition::discover;
pub use target::{ScimTarget, ScimTargetError};
