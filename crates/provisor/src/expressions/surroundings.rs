//! What an evaluation at a command line takes from around it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use provisor_engine::ids::Ids;
use provisor_expression::Context;

/// The surroundings of an evaluation, given by hand.
#[derive(Clone)]
pub struct Surroundings {
    /// What `Now` gives.
    pub now: Timestamp,
    /// What `Guid` and `RandomString` draw from.
    pub ids: Arc<dyn Ids>,
    /// What `DefaultDomain` gives.
    pub default_domain: Option<String>,
    /// The configuration values: what `%Name%` stands for.
    pub tokens: BTreeMap<String, String>,
    /// The values that objects of the target already have (`SelectUniqueValue`).
    pub existing: Vec<String>,
}

impl Surroundings {
    /// Surroundings with a clock and randomness, and nothing configured.
    #[must_use]
    pub fn new(now: Timestamp, ids: Arc<dyn Ids>) -> Self {
        Self { now, ids, default_domain: None, tokens: BTreeMap::new(), existing: Vec::new() }
    }
}

impl Context for Surroundings {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn random_u64(&self) -> u64 {
        self.ids.random()
    }

    fn exists_in_target(&self, value: &str) -> bool {
        let value = value.to_lowercase();
        self.existing.iter().any(|taken| taken.to_lowercase() == value)
    }

    fn default_domain(&self) -> Option<&str> {
        self.default_domain.as_deref()
    }

    fn token(&self, name: &str) -> Option<&str> {
        self.tokens.get(name).map(String::as_str)
    }
}
