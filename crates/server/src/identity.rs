//! Who calls: tokens, the keys they are signed with, and the endpoints that give them out.
//!
//! Provisor is an OAuth 2.0 authority for its own API (Entra's endpoints, on our own host), and accepts tokens of
//! other issuers that it was told to trust.

pub mod assertion;
pub mod authority;
pub mod caller;
pub mod certificate;
pub mod client;
pub mod documents;
pub mod endpoint;
pub mod form;
pub mod grant;
pub mod jwt;
pub mod keys;
pub mod outside;
pub mod refusal;
pub mod replay;
pub mod resource;
pub mod secret;
pub mod token;

pub use authority::{Authority, TokenError};
pub use caller::{Caller, Claims};
