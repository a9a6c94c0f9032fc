//! Durable state: one trait a concern, implemented for SQLite ([`sqlite`]), later for PostgreSQL.
//!
//! The traits speak of objects, jobs and logs; Graph's wire forms are the server's business. What a client
//! was told is stored is durable at once; what the engine settles may be lost together with its checkpoint
//! at a power failure, and is then matched again (DESIGN section 4).

#[cfg(test)]
mod conformance;
pub mod directory;
pub mod indexed;
pub mod jobs;
pub mod log;
pub mod master_key;
pub mod properties;
pub mod secrets;
pub mod settings;
pub mod sqlite;
pub mod templates;
pub mod uploads;

pub use provisor_engine::ports::StoreError;

/// Everything that a server keeps, behind one handle.
pub trait ServerStore:
    directory::Directory
    + jobs::Jobs
    + log::Log
    + secrets::Secrets
    + settings::Settings
    + templates::Templates
    + uploads::Uploads
    + provisor_engine::ports::Store
{
}

impl<T> ServerStore for T where
    T: directory::Directory
        + jobs::Jobs
        + log::Log
        + secrets::Secrets
        + settings::Settings
        + templates::Templates
        + uploads::Uploads
        + provisor_engine::ports::Store
{
}
