//! Requests to the target: through the limiter, repeated where that is safe.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::Environment;
use crate::limiter::Feedback;
use crate::ports::{ConnectorError, ErrorClass};

/// How often a request that may pass is sent in all.
const ATTEMPTS: u32 = 4;
/// How often a request is sent in all while the target asks for patience.
const PATIENCE: u32 = 20;
/// The wait before the second attempt; doubles with each further one.
const PAUSE: Duration = Duration::from_millis(250);
/// So many requests in a row that got no answer mean that the target is down: the run breaks off and keeps
/// its place, instead of putting every object into escrow.
const OUTAGE: u32 = 12;

/// The requests of one run.
#[derive(Debug)]
pub(super) struct Requests<'a> {
    environment: &'a Environment,
    failures_in_a_row: AtomicU32,
}

/// Why a request did not succeed.
#[derive(Debug)]
pub(super) enum Failed {
    /// For this object; others may fare better.
    Object(ConnectorError),
    /// For the whole run.
    Run(ConnectorError),
}

impl Failed {
    /// The error, whomever it concerns.
    pub(super) fn into_error(self) -> ConnectorError {
        match self {
            Self::Object(error) | Self::Run(error) => error,
        }
    }
}

impl<'a> Requests<'a> {
    pub(super) fn new(environment: &'a Environment) -> Self {
        Self { environment, failures_in_a_row: AtomicU32::new(0) }
    }

    /// Sends a request that may be repeated.
    pub(super) async fn send<T, F>(&self, request: impl Fn() -> F) -> Result<T, Failed>
    where
        F: Future<Output = Result<T, ConnectorError>>,
    {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let error = match self.send_once(&request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let attempts = if error.class == ErrorClass::Throttled { PATIENCE } else { ATTEMPTS };
            let again = matches!(error.class, ErrorClass::Throttled | ErrorClass::Transient);
            if !again || attempt >= attempts || self.is_down() {
                return Err(self.judge(error));
            }
            if error.class == ErrorClass::Transient {
                self.environment.clock.sleep(PAUSE * 2_u32.saturating_pow(attempt - 1)).await;
            }
        }
    }

    /// Sends a create. It is repeated only when the target certainly did not carry it out; what may have
    /// been carried out is matched again first, by the caller.
    pub(super) async fn create<T, F>(&self, request: impl Fn() -> F) -> Result<T, Failed>
    where
        F: Future<Output = Result<T, ConnectorError>>,
    {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.send_once(&request).await {
                Ok(answer) => return Ok(answer),
                Err(error) if error.class == ErrorClass::Throttled && attempt < PATIENCE => {}
                Err(error) => return Err(self.judge(error)),
            }
        }
    }

    async fn send_once<T, F>(&self, request: &impl Fn() -> F) -> Result<T, ConnectorError>
    where
        F: Future<Output = Result<T, ConnectorError>>,
    {
        let permit = self.environment.limiter.acquire().await;
        let result = request().await;
        let elapsed = permit.elapsed();
        let feedback = match &result {
            Ok(_) => Feedback::Answered(elapsed),
            Err(error) => match error.class {
                ErrorClass::Throttled => Feedback::PushedBack(error.retry_after),
                ErrorClass::Transient => Feedback::Failed,
                _ => Feedback::Answered(elapsed),
            },
        };
        permit.end(feedback);
        match &result {
            Err(error) if error.class == ErrorClass::Transient => {
                self.failures_in_a_row.fetch_add(1, Ordering::Relaxed);
            }
            _ => self.failures_in_a_row.store(0, Ordering::Relaxed),
        }
        result
    }

    fn is_down(&self) -> bool {
        self.failures_in_a_row.load(Ordering::Relaxed) >= OUTAGE
    }

    fn judge(&self, error: ConnectorError) -> Failed {
        match error.class {
            ErrorClass::Unauthorized | ErrorClass::Fatal => Failed::Run(error),
            ErrorClass::Transient if self.is_down() => Failed::Run(error),
            _ => Failed::Object(error),
        }
    }
}
