//! Who calls: tokens, the keys they are signed with, and the endpoints that give them out.

pub mod caller;

pub use caller::{Caller, Claims};
