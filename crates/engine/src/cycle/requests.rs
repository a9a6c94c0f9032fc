//! Requests to the target: through the limiter, repeated where that is safe.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Environment;
use super::outcome::CycleError;
use crate::limiter::{Feedback, Permit};
use crate::ports::{ConnectorError, ErrorClass};

/// How often a request that may pass is sent in all.
const ATTEMPTS: u32 = 4;
/// How often a request is sent in all while the target asks for patience.
const PATIENCE: u32 = 20;
/// The wait before the second attempt; doubles with each further one.
const PAUSE: Duration = Duration::from_millis(250);

/// The requests of one run.
#[derive(Debug)]
pub(super) struct Requests<'a> {
    environment: &'a Environment,
    stop: CancellationToken,
}

/// Why a request did not succeed.
#[derive(Debug)]
pub(super) enum Failed {
    /// For this object; others may fare better.
    Object(ConnectorError),
    /// For the whole run.
    Run(ConnectorError),
    /// It was not sent: the run is to stop.
    Stopped,
}

impl From<Failed> for CycleError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Object(error) | Failed::Run(error) => Self::Connector(error),
            Failed::Stopped => Self::Stopped,
        }
    }
}

impl<'a> Requests<'a> {
    /// Requests that are no longer begun once `stop` is cancelled; one that was sent is waited for.
    pub(super) fn new(environment: &'a Environment, stop: CancellationToken) -> Self {
        Self { environment, stop }
    }

    /// Cancelled when the run is to stop.
    pub(super) fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Sends a request that may be repeated.
    pub(super) async fn send<T, F>(&self, request: impl Fn() -> F) -> Result<T, Failed>
    where
        F: Future<Output = Result<T, ConnectorError>>,
    {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let error = match self.send_once(&request).await? {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let attempts = match error.class {
                ErrorClass::Throttled => PATIENCE,
                ErrorClass::Transient => ATTEMPTS,
                _ => 1,
            };
            if attempt >= attempts {
                return Err(self.judge(error).await);
            }
            if error.class == ErrorClass::Transient {
                self.pause(attempt).await?;
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
            match self.send_once(&request).await? {
                Ok(answer) => return Ok(answer),
                Err(error) if error.class == ErrorClass::Throttled && attempt < PATIENCE => {}
                Err(error) => return Err(self.judge(error).await),
            }
        }
    }

    async fn send_once<T, F>(&self, request: &impl Fn() -> F) -> Result<Result<T, ConnectorError>, Failed>
    where
        F: Future<Output = Result<T, ConnectorError>>,
    {
        let permit = self.permit().await?;
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
        Ok(result)
    }

    async fn permit(&self) -> Result<Permit<'a>, Failed> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Failed::Stopped),
            permit = self.environment.limiter.acquire() => Ok(permit),
        }
    }

    /// Waits before the attempt after this one.
    async fn pause(&self, attempt: u32) -> Result<(), Failed> {
        let pause = PAUSE.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Failed::Stopped),
            () = self.environment.clock.sleep(pause) => Ok(()),
        }
    }

    /// Whom an error concerns. A target that fails for this object alone must not stop all the others, and one
    /// that is down must not put every object into escrow: what answers the question of the check is not
    /// down.
    async fn judge(&self, error: ConnectorError) -> Failed {
        match error.class {
            ErrorClass::Unauthorized | ErrorClass::Fatal => Failed::Run(error),
            ErrorClass::Transient => match self.is_down().await {
                Ok(true) => Failed::Run(error),
                Ok(false) => Failed::Object(error),
                Err(stopped) => stopped,
            },
            _ => Failed::Object(error),
        }
    }

    async fn is_down(&self) -> Result<bool, Failed> {
        let target = &self.environment.target;
        for attempt in 1..=ATTEMPTS {
            let checked = self.send_once(&|| target.check()).await?;
            if !checked.is_err_and(|error| error.class == ErrorClass::Transient) {
                return Ok(false);
            }
            if attempt < ATTEMPTS {
                self.pause(attempt).await?;
            }
        }
        Ok(true)
    }
}
