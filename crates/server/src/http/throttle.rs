//! How often a client may call: limits per client and kind of request (Graph's throttling guidance). Off unless
//! the settings say otherwise; `graph` stands for the limits that Graph documents.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use provisor_engine::clock::Clock;

use crate::identity::Caller;

/// What kind of request a limit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Every request.
    All,
    /// `provisionOnDemand`
    ProvisionOnDemand,
    /// `bulkUpload`
    BulkUpload,
    /// `auditLogs`
    AuditLogs,
}

impl Class {
    const NAMED: [(&'static str, Self); 4] = [
        ("all", Self::All),
        ("provisionOnDemand", Self::ProvisionOnDemand),
        ("bulkUpload", Self::BulkUpload),
        ("auditLogs", Self::AuditLogs),
    ];

    /// The kind of a path of the route table.
    #[must_use]
    pub fn of(pattern: &str) -> Option<Self> {
        if pattern.starts_with("auditLogs/") {
            return Some(Self::AuditLogs);
        }
        match pattern.rsplit('/').next() {
            Some("provisionOnDemand") => Some(Self::ProvisionOnDemand),
            Some("bulkUpload") => Some(Self::BulkUpload),
            _ => None,
        }
    }
}

/// So many requests of a kind in such a time; a client that was silent may send them all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The kind.
    pub class: Class,
    /// How many.
    pub requests: NonZeroU32,
    /// In what time.
    pub per: Duration,
}

/// What a setting stands for: one limit, or those that Graph documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits(pub Vec<Limit>);

/// Why a text is no limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a limit; write 'graph' for the limits that Graph documents, or KIND=NUMBER/SECONDSs such as \
     provisionOnDemand=5/10s, where KIND is all, provisionOnDemand, bulkUpload or auditLogs"
)]
pub struct LimitError(String);

impl FromStr for Limits {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let wrong = || LimitError(text.to_owned());
        if text.eq_ignore_ascii_case("graph") {
            return Ok(Self::documented());
        }
        let (name, rate) = text.split_once('=').ok_or_else(wrong)?;
        let (requests, seconds) = rate.split_once('/').ok_or_else(wrong)?;
        let named = Class::NAMED.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
        let (_, class) = named.ok_or_else(wrong)?;
        let requests = requests.trim().parse().map_err(|_| wrong())?;
        let seconds: NonZeroU32 =
            seconds.trim().strip_suffix('s').ok_or_else(wrong)?.parse().map_err(|_| wrong())?;
        Ok(Self(vec![Limit { class, requests, per: Duration::from_secs(seconds.get().into()) }]))
    }
}

impl Limits {
    /// The limits that Graph documents: 5 `provisionOnDemand` in 10 seconds, 40 `bulkUpload` in 5 seconds, 5
    /// requests for audit logs in 10 seconds.
    #[must_use]
    pub fn documented() -> Self {
        let limit = |class, requests: u32, seconds| {
            let requests = NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN);
            Limit { class, requests, per: Duration::from_secs(seconds) }
        };
        Self(vec![
            limit(Class::ProvisionOnDemand, 5, 10),
            limit(Class::BulkUpload, 40, 5),
            limit(Class::AuditLogs, 5, 10),
        ])
    }
}

/// Who is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Client(String);

impl Client {
    fn of(caller: &Caller) -> Self {
        Self(match caller {
            Caller::Administrator => String::new(),
            Caller::Application(claims) => format!("application {}", claims.client_id),
            Caller::User(claims) => format!("user {:?} {}", claims.object_id, claims.client_id),
        })
    }
}

struct Monotonic(Arc<dyn Clock>);

impl GovernorClock for Monotonic {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

type Counter = RateLimiter<Client, HashMapStateStore<Client>, Monotonic, NoOpMiddleware<Duration>>;

/// The limits of a server, and what has been used of them.
pub struct Throttle {
    clock: Arc<dyn Clock>,
    counters: Vec<(Class, Counter)>,
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.counters.iter().map(|(class, _)| class)).finish()
    }
}

/// So many clients are remembered before those that are within their limits are forgotten.
const REMEMBERED: usize = 10_000;

impl Throttle {
    /// A throttle with these limits; of several for one kind, each holds.
    #[must_use]
    pub fn new(limits: &[Limit], clock: &Arc<dyn Clock>) -> Self {
        let counter = |limit: &Limit| {
            let interval = limit.per / limit.requests.get();
            let quota = Quota::with_period(interval.max(Duration::from_nanos(1)))?;
            let quota = quota.allow_burst(limit.requests);
            Some((limit.class, RateLimiter::hashmap_with_clock(quota, Monotonic(Arc::clone(clock)))))
        };
        Self { clock: Arc::clone(clock), counters: limits.iter().filter_map(counter).collect() }
    }

    /// Counts a request of a client to a path of the route table; gives the seconds to wait when it is too
    /// many.
    ///
    /// # Errors
    /// The seconds after which the next request passes.
    pub fn count(&self, caller: &Caller, pattern: &str) -> Result<(), u32> {
        if self.counters.is_empty() {
            return Ok(());
        }
        let class = Class::of(pattern);
        let client = Client::of(caller);
        for (limited, counter) in &self.counters {
            if *limited != Class::All && Some(*limited) != class {
                continue;
            }
            if counter.len() > REMEMBERED {
                counter.retain_recent();
            }
            counter
                .check_key(&client)
                .map_err(|early| seconds(early.wait_time_from(self.clock.elapsed())))?;
        }
        Ok(())
    }
}

/// Whole seconds, never too few.
fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::identity::Claims;

    struct Moved(Mutex<Duration>);

    #[async_trait::async_trait]
    impl Clock for Moved {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }

        fn elapsed(&self) -> Duration {
            *self.0.lock().unwrap()
        }

        async fn sleep(&self, _: Duration) {}
    }

    const ON_DEMAND: &str = "{S}/jobs/{job}/provisionOnDemand";

    fn application(name: &str) -> Caller {
        Caller::Application(Claims { client_id: name.to_owned(), ..Claims::default() })
    }

    #[test]
    fn each_client_has_its_own_limit_and_it_fills_again() {
        let moved = Arc::new(Moved(Mutex::new(Duration::from_secs(100))));
        let clock: Arc<dyn Clock> = Arc::clone(&moved) as _;
        let throttle = Throttle::new(&Limits::documented().0, &clock);
        for _ in 0..5 {
            assert_eq!(throttle.count(&application("a"), ON_DEMAND), Ok(()));
        }
        assert_eq!(throttle.count(&application("a"), ON_DEMAND), Err(2));
        assert_eq!(throttle.count(&application("b"), ON_DEMAND), Ok(()));
        assert_eq!(throttle.count(&application("a"), "users"), Ok(()));
        *moved.0.lock().unwrap() += Duration::from_millis(1200);
        assert_eq!(throttle.count(&application("a"), ON_DEMAND), Err(1));
        *moved.0.lock().unwrap() += Duration::from_millis(800);
        assert_eq!(throttle.count(&application("a"), ON_DEMAND), Ok(()));
    }

    #[test]
    fn limits_are_read_as_written() {
        let limits: Limits = "all=1000/60s".parse().unwrap();
        let per = Duration::from_secs(60);
        assert_eq!(limits.0, [Limit { class: Class::All, requests: NonZeroU32::new(1000).unwrap(), per }]);
        assert_eq!("Graph".parse::<Limits>().unwrap().0.len(), 3);
        for wrong in ["", "all", "all=5", "all=0/10s", "all=5/0s", "all=5/10", "users=5/10s", "all=-1/10s"] {
            assert!(wrong.parse::<Limits>().is_err(), "{wrong}");
        }
    }
}
