//! A context that answers always the same.

use provisor_expression::Context;

/// A fixed clock, no randomness, and a target in which long values are taken.
pub struct Plain;

impl Context for Plain {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    fn random_u64(&self) -> u64 {
        0x9e37_79b9_7f4a_7c15
    }

    fn exists_in_target(&self, value: &str) -> bool {
        value.len() > 3
    }

    fn default_domain(&self) -> Option<&str> {
        Some("contoso.com")
    }

    fn token(&self, name: &str) -> Option<&str> {
        (name.len() > 1).then_some("value")
    }
}
