//! Graph's resources.

pub mod directory;
pub mod synchronization;
