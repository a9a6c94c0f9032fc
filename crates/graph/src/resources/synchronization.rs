//! Types of the synchronization API.
//!
//! Each Rust type has the name of its type in Graph's metadata (or is given it for serde): an `@odata.type`
//! on input is checked against it. Missing and null members take the default of their type; what is printed
//! has every member, in Graph's order: `id`, simple ones, complex ones, collections.

pub mod directory;
pub mod expression;
pub mod filter;
pub mod job;
pub mod log;
pub mod mapping;
pub mod metadata;
pub mod on_demand;
pub mod pair;
pub mod restart;
pub mod rule;
pub mod schedule;
pub mod schema;
pub mod secret;
pub mod status;
pub mod template;

#[cfg(test)]
mod tests;
