//! Every resource printed once, and what clients send read in its variants.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::json;

mod actions;
mod job;
mod log;
mod schema;

/// Reads a body; the message of the 400 when it is refused.
fn read<T: DeserializeOwned>(body: &Json, type_name: &str) -> Result<T, String> {
    json::typed(body.to_string().as_bytes(), type_name).map_err(|error| {
        assert_eq!((error.status, error.code.as_str()), (400, "BadRequest"));
        error.message
    })
}
