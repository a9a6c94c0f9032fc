//! The error of a handler: a Graph error, and how failures of the store become one.

use provisor_graph::error::GraphError;
use provisor_store::StoreError;

use super::response::Reply;

/// What a handler gives back.
pub type Answer = Result<Reply, Failure>;

/// A Graph error on its way to the client.
#[derive(Debug)]
pub struct Failure(pub GraphError);

impl From<GraphError> for Failure {
    fn from(error: GraphError) -> Self {
        Self(error)
    }
}

impl From<StoreError> for Failure {
    /// Clients see what they can act on; the rest is for our log.
    fn from(error: StoreError) -> Self {
        Self(match error {
            StoreError::NotFound { what } => GraphError::not_found(&what),
            StoreError::Conflict { property } => GraphError::conflict(&property),
            StoreError::Closed => GraphError::unavailable("The service is shutting down."),
            StoreError::LeaseLost | StoreError::Corrupt { .. } | StoreError::Backend { .. } => {
                tracing::error!(%error, "the store failed");
                GraphError::internal()
            }
        })
    }
}
