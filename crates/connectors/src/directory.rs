//! The built-in directory as a source.

mod attributes;
mod source;

pub use source::{DirectorySource, Entitlement};
