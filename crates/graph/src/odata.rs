//! OData: query options, filters, paging tokens, resource paths.

pub mod filter;
pub mod options;
pub mod paging;
pub mod path;
