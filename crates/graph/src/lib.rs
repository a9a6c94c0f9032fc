//! Microsoft Graph on the wire: resources, OData query options, errors.
//!
//! This crate knows what Graph's synchronization API and the directory around it look like as bytes, and
//! nothing of how they are served, stored or run. What clients send in many spellings is read leniently
//! where Graph does so; what is printed is exactly what Graph's metadata says.

pub mod edm;
pub mod error;
pub mod json;
pub mod metadata;
pub mod nearest;
pub mod odata;
pub mod resources;
pub mod templates;

#[cfg(test)]
mod testing;
