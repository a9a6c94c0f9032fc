//! Policies for what fails: pure functions of what happened.

mod escrow;
mod quarantine;

pub use escrow::escrow_after;
pub use quarantine::quarantine_after;
