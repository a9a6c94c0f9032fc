//! How many requests a target gets at once: as many as it sustains.
//!
//! One limiter serves a target endpoint, whoever calls it, so that jobs with the same target do not add up.
//! The [`Controller`] is pure: additive increase while answers come well, halved when the target pushes back
//! (429, 503), when answers fail, and when one answer stalls far beyond the others, which is how a server
//! with a short accept queue says that it is full. What was too much once is approached slowly afterwards.
//! [`Limiter`] adds the waiting.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::clock::Clock;

/// Requests at once when nothing is known of the target yet.
const START: f64 = 8.0;
/// Round-trip times below this never count as slow.
const SLOW: Duration = Duration::from_millis(250);
/// How many times its best round trip a target may take before it counts as slow.
const SLOW_FACTOR: f64 = 4.0;
/// An answer that took this long and [`STALL_FACTOR`] times as long as usual stalled. A connection request
/// that a full accept queue drops is repeated by TCP after one second, three, seven.
const STALL: Duration = Duration::from_millis(900);
/// How many times the usual time a stalled answer takes at least.
const STALL_FACTOR: f64 = 8.0;
/// The part of a limit that was too much up to which the limit grows at full speed again.
const TRUSTED: f64 = 0.75;
/// How fast the limit grows beyond that, as a part of full speed.
const PROBING: f64 = 0.01;
/// How long a push-back without `Retry-After` holds the whole job.
const DEFAULT_HOLD: Duration = Duration::from_secs(1);
/// The shortest hold, whatever the target says (`Retry-After: 0`, or a date that its clock has passed already);
/// doubles with each push-back in a row.
const HOLD_MIN: Duration = Duration::from_secs(1);
/// How often [`HOLD_MIN`] doubles at the most.
const DOUBLINGS: u32 = 6;
/// The longest hold; a target that asks for more is asked again after this.
const HOLD_MAX: Duration = Duration::from_secs(15 * 60);

/// How one attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feedback {
    /// An answer, good or bad, after this time.
    Answered(Duration),
    /// The target asks for fewer requests, and not before this time has passed, if it says.
    PushedBack(Option<Duration>),
    /// No answer, or a server error.
    Failed,
}

/// The control loop: a pure function of what happened.
#[derive(Clone, Debug)]
pub struct Controller {
    limit: f64,
    ceiling: f64,
    in_flight: usize,
    saturated: bool,
    best: Option<f64>,
    smoothed: f64,
    /// Up to here the limit grows at full speed.
    trusted: f64,
    /// Attempts that began before this number were under way when the limit was last lowered.
    lowered_at: u64,
    attempts: u64,
}

impl Controller {
    /// A loop that never allows more than `ceiling` (at least 1) attempts at once.
    #[must_use]
    pub fn new(ceiling: usize) -> Self {
        let ceiling = f64::from(u32::try_from(ceiling.max(1)).unwrap_or(u32::MAX));
        Self {
            limit: START.min(ceiling),
            ceiling,
            in_flight: 0,
            saturated: false,
            best: None,
            smoothed: 0.0,
            trusted: ceiling,
            lowered_at: 0,
            attempts: 0,
        }
    }

    /// How many attempts may be under way at once; never below 1.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the ceiling")]
    pub fn limit(&self) -> usize {
        self.limit as usize
    }

    /// How many more attempts may begin now.
    fn free(&self) -> usize {
        self.limit().saturating_sub(self.in_flight)
    }

    /// Begins an attempt if one more may be under way; gives its number.
    pub fn begin(&mut self) -> Option<u64> {
        if self.in_flight >= self.limit() {
            self.saturated = true;
            return None;
        }
        self.in_flight += 1;
        self.saturated |= self.in_flight >= self.limit();
        self.attempts += 1;
        Some(self.attempts)
    }

    /// Ends an attempt.
    pub fn end(&mut self, attempt: u64, feedback: Feedback) {
        self.in_flight = self.in_flight.saturating_sub(1);
        match feedback {
            Feedback::Answered(time) => self.answered(attempt, time.as_secs_f64()),
            Feedback::PushedBack(_) | Feedback::Failed => self.halve(attempt),
        }
    }

    /// One burst of refusals is one signal: only attempts begun after the last cut count.
    fn halve(&mut self, attempt: u64) {
        if attempt > self.lowered_at {
            self.trusted = (self.limit * TRUSTED).max(1.0);
            self.limit = (self.limit / 2.0).max(1.0);
            self.lowered_at = self.attempts;
        }
    }

    /// Ends an attempt that was given up before its answer.
    pub fn abandon(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    fn answered(&mut self, attempt: u64, seconds: f64) {
        let stalled =
            self.best.is_some() && seconds > STALL.as_secs_f64() && seconds > self.smoothed * STALL_FACTOR;
        let best = self.best.map_or(seconds, |best| best.min(seconds));
        self.best = Some(best);
        self.smoothed = if self.smoothed == 0.0 { seconds } else { self.smoothed * 0.9 + seconds * 0.1 };
        let slow = self.smoothed > SLOW.as_secs_f64() && self.smoothed > best * SLOW_FACTOR;
        if stalled {
            self.halve(attempt);
        } else if self.saturated && !slow {
            let speed = if self.limit < self.trusted { 1.0 } else { PROBING };
            self.limit = (self.limit + speed / self.limit).min(self.ceiling);
        } else if slow {
            self.limit = (self.limit - 0.5 / self.limit).max(1.0);
        }
        if self.in_flight == 0 {
            self.saturated = false;
        }
    }
}

struct State {
    controller: Controller,
    /// Nothing begins before this time of the clock.
    held_until: Duration,
    /// Push-backs since the last answer; those of one burst are one.
    pushed_back: u32,
}

impl State {
    fn hold(&mut self, asked: Option<Duration>, now: Duration) {
        let floor = HOLD_MIN * 2_u32.pow(self.pushed_back.min(DOUBLINGS));
        if now >= self.held_until {
            self.pushed_back += 1;
        }
        let hold = asked.unwrap_or(DEFAULT_HOLD).clamp(floor, HOLD_MAX);
        self.held_until = self.held_until.max(now + hold);
    }
}

/// A limiter that callers wait at.
pub struct Limiter {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    freed: Notify,
}

impl std::fmt::Debug for Limiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

impl Limiter {
    /// A limiter that never allows more than `ceiling` requests at once.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, ceiling: usize) -> Self {
        let state =
            State { controller: Controller::new(ceiling), held_until: Duration::ZERO, pushed_back: 0 };
        Self { clock, state: Mutex::new(state), freed: Notify::new() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most requests that may ever be under way at once.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made from a usize")]
    pub fn ceiling(&self) -> usize {
        self.state().controller.ceiling as usize
    }

    /// How many requests may be under way at once now.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.state().controller.limit()
    }

    /// Lets waiters look again: one for the place that was freed, one more for a limit that grew. Waking all
    /// of them for every answer would cost their number each time.
    fn wake(&self, free: usize) {
        for _ in 0..free.min(2) {
            self.freed.notify_one();
        }
    }

    /// Waits until a request may begin.
    pub async fn acquire(&self) -> Permit<'_> {
        loop {
            let freed = self.freed.notified();
            let hold = {
                let mut state = self.state();
                let now = self.clock.elapsed();
                if now < state.held_until {
                    Some(state.held_until - now)
                } else if let Some(attempt) = state.controller.begin() {
                    return Permit { limiter: self, attempt, began: now, ended: false };
                } else {
                    None
                }
            };
            match hold {
                Some(hold) => self.clock.sleep(hold).await,
                None => freed.await,
            }
        }
    }
}

/// The right to one request; ends with the feedback on it.
#[derive(Debug)]
pub struct Permit<'a> {
    limiter: &'a Limiter,
    attempt: u64,
    began: Duration,
    ended: bool,
}

impl Permit<'_> {
    /// How long the request has been under way.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.limiter.clock.elapsed().saturating_sub(self.began)
    }

    /// Ends the request.
    pub fn end(mut self, feedback: Feedback) {
        self.ended = true;
        let mut state = self.limiter.state();
        state.controller.end(self.attempt, feedback);
        match feedback {
            Feedback::PushedBack(asked) => state.hold(asked, self.limiter.clock.elapsed()),
            Feedback::Answered(_) => state.pushed_back = 0,
            Feedback::Failed => {}
        }
        let free = state.controller.free();
        drop(state);
        self.limiter.wake(free);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let mut state = self.limiter.state();
            state.controller.abandon();
            let free = state.controller.free();
            drop(state);
            self.limiter.wake(free);
        }
    }
}

#[cfg(test)]
mod tests;
