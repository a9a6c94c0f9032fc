//! What the binary, the benches and the whole-product tests share: a Graph client and a made-up
//! organisation.

pub mod graph_client;
pub mod organisation;
