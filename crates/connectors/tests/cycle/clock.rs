//! Time that passes quickly.

use std::time::Duration;

use provisor_engine::clock::{Clock, SystemClock};

/// A clock on which waiting is a thousand times shorter.
pub(crate) struct HastyClock(pub(crate) SystemClock);

#[async_trait::async_trait]
impl Clock for HastyClock {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed() * 1000
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration / 1000).await;
    }
}
