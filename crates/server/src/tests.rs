//! The API as clients see it.

mod bad_requests;
mod batch;
mod bulk_upload;
mod checklist;
mod container;
mod default_mapping;
mod delta;
mod directories;
mod directory;
mod directory_queries;
mod front;
mod http;
mod identity;
mod jobs;
mod language;
mod logs;
mod memberships;
mod on_demand;
mod queries;
mod query_options;
mod references;
mod replay;
mod schemas;
mod secrets;
mod templates;
