//! The mapping language for people: attributes from files and command lines, vectors that keep
//! mappings under test, and the reference of the functions.

pub mod attributes;
pub mod outcome;
pub mod reference;
pub mod surroundings;
pub mod trace;
pub mod vectors;
