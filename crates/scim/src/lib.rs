//! SCIM 2.0 on the wire (RFC 7643, RFC 7644): attribute paths, filters, PATCH, resources, errors and
//! an HTTP client.
//!
//! Nothing here knows of synchronization. The types serve both sides: a client that writes into
//! other people's servers, and a server that has to accept what other people's clients send.

pub mod bulk;
pub mod client;
pub mod discovery;
pub mod error;
pub mod filter;
mod json;
pub mod patch;
pub mod path;
pub mod resource;

pub use client::{ClientError, HttpClient, HttpOptions, Query, Response, ScimClient};
pub use error::{ScimError, ScimType};
pub use filter::{CompareOp, Filter};
pub use patch::{Op, OpCase, Operation, PatchRequest};
pub use path::{Attribute, Path, SyntaxError};
pub use resource::ListResponse;
