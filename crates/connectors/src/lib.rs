//! Sources and targets: the built-in directory and SCIM 2.0.
//!
//! A connector is a [`provisor_engine::ports::Source`], a [`provisor_engine::ports::Target`], or both. To add
//! one, make a folder beside these, implement the trait whose documentation lists what the engine relies on,
//! and set the class of every error where the answer of the system is read.

pub mod directory;
pub mod scim;
