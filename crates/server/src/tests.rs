//! The API as clients see it.

mod bad_requests;
mod delta;
mod directory;
mod http;
mod jobs;
mod logs;
mod on_demand;
mod references;
mod schemas;
mod secrets;
