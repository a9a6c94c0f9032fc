//! OData: query options, filters, orders, searches, expansions, paging tokens, resource paths.

pub mod expand;
pub mod filter;
pub mod options;
pub mod order;
pub mod paging;
pub mod path;
pub mod search;
