//! The Graph API: a file a path family, one table of routes.

pub mod application_templates;
pub mod applications;
pub mod assignments;
pub mod audit_logs;
pub mod deleted_items;
pub mod delta;
pub mod directory_objects;
pub mod entities;
pub mod filtering;
pub mod groups;
pub mod listing;
pub mod log_about;
pub mod log_entry;
pub mod lookup;
pub mod manager;
pub mod members;
pub mod model;
pub mod organization;
pub mod pages;
pub mod references;
pub mod router;
pub mod routes;
pub mod selection;
pub mod service_principals;
pub mod synchronization;
pub mod users;
