//! HTTP and running: the Graph API, scheduler, workers, settings.

pub mod api;
pub mod builtin;
pub mod http;
pub mod identity;
pub mod runtime;
pub mod scheduler;
pub mod schema;
pub mod service;
pub mod settings;
pub mod state;
pub mod tls;
mod worker;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
