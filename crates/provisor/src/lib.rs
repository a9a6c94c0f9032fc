//! What the binary, the benches and the whole-product tests share: a Graph client, a made-up
//! organisation, and the mapping language for people.

pub mod expressions;
pub mod graph_client;
pub mod organisation;
