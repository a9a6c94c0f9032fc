//! Time, injected: the only place of the product that reads the machine's clock.

use std::time::Duration;

use jiff::Timestamp;

/// Where time comes from. Everything that needs a time takes a clock, so that tests and the simulation can
/// turn it by hand.
#[async_trait::async_trait]
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Timestamp;

    /// Time since a fixed but unknown moment. Never goes back; for measuring, not for showing.
    fn elapsed(&self) -> Duration;

    /// Returns when `duration` has passed on this clock.
    async fn sleep(&self, duration: Duration);
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    origin: std::time::Instant,
}

impl SystemClock {
    /// A clock whose [`Clock::elapsed`] counts from this call.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock that the rule refers to")]
    pub fn new() -> Self {
        Self { origin: std::time::Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait::async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock that the rule refers to")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.origin.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
