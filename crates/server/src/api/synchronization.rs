//! `…/synchronization`: jobs, their schemas, templates and secrets.

pub mod acquire_access_token;
pub mod actions;
pub mod bulk_upload;
pub mod container;
pub mod credentials;
pub mod host;
pub mod jobs;
pub mod on_demand;
pub mod schema;
pub mod secrets;
pub mod templates;
mod values;
pub mod wire;
