//! The table of paths: what is served is what stands here.
//!
//! Both versions serve every row that is not marked as beta's; the few other differences between them
//! (`docs/graph-compatibility.md`) are made by the handlers.

mod applications;
mod directory;
mod people;
mod relationships;
mod synchronization;

use super::route::Route;

/// Every path and verb that is served.
pub fn all() -> impl Iterator<Item = &'static Route> {
    let tables = [
        synchronization::ROUTES,
        applications::ROUTES,
        people::ROUTES,
        relationships::ROUTES,
        directory::ROUTES,
    ];
    tables.into_iter().flatten()
}

/// What Graph has and this server does not: answered with 501, so that a client sees a missing feature and
/// not a mistake of its own.
pub static UNIMPLEMENTED: &[&str] = &[
    "directoryObjects",
    "directoryObjects/delta",
    "applications/{app}/addKey",
    "applications/{app}/removeKey",
    "servicePrincipals/{sp}/addKey",
    "servicePrincipals/{sp}/removeKey",
];

/// What Graph's metadata has and nobody can use: every verb is refused with 405.
pub static CLOSED: &[&str] = &["{S}/jobs/{job}/bulkUpload/$value"];
