//! `$metadata`

use crate::http::error::Answer;
use crate::http::request::{Call, Version};
use crate::http::response::Reply;

/// `GET /{version}/$metadata`
///
/// # Errors
/// None of its own.
pub async fn get(call: Call) -> Answer {
    Ok(Reply::document("application/xml", provisor_graph::metadata::document(call.version == Version::Beta)))
}
