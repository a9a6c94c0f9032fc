//! Primitive types of OData's entity data model, as Graph prints them.

mod date_time;
mod duration;

pub(crate) mod enumeration;

pub use date_time::{NEVER, print};
pub(crate) use date_time::{optional, required};
pub use duration::{DurationError, EdmDuration};
