//! The provisioning engine: schema, decisions, cycles and failure policies.
//!
//! The engine knows nothing of HTTP, SQL, Graph or SCIM. What it needs from the world it asks for through
//! [`ports`]: a [`ports::Source`], a [`ports::Target`], a [`ports::Store`], a [`clock::Clock`] and
//! [`ids::Ids`]. Everything else is decided purely, so that a cycle, an on-demand run and a simulation drive
//! the very same code.

pub mod clock;
pub mod cycle;
pub mod decide;
pub mod failure;
pub mod ids;
pub mod job;
pub mod limiter;
pub mod log;
pub mod object;
pub mod ports;
pub mod schema;
