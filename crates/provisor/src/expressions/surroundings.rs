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

/// An instant in ISO 8601. Without an offset it is in UTC, without a time midnight, as everywhere in the language.
///
/// # Errors
/// The form that is wanted.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    let local = || jiff::tz::TimeZone::UTC.to_timestamp(text.parse::<jiff::civil::DateTime>()?);
    text.parse().or_else(|_| local()).map_err(|_: jiff::Error| {
        format!(
            "'{text}' is no instant; write it as 2026-01-31T09:30:00Z, or as 2026-01-31 for midnight in UTC"
        )
    })
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
