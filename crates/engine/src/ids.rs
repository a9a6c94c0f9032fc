//! Ids and randomness, injected: the only place of the product that draws from the machine.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng as _, SeedableRng as _, rngs::ChaCha8Rng};
use uuid::Uuid;

use crate::clock::Clock;

/// Where ids and random numbers come from.
pub trait Ids: Send + Sync {
    /// A random number.
    fn random(&self) -> u64;

    /// A random id (UUID version 4), the shape that Graph shows for its objects.
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.random().to_be_bytes());
        bytes[8..].copy_from_slice(&self.random().to_be_bytes());
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// An id that grows with time (UUID version 7): for rows that are inserted in bulk, because random keys
    /// cost an index some twenty times more than keys in sequence.
    fn sequential_uuid(&self) -> Uuid;
}

/// Ids from a seeded generator and a clock: from the machine's entropy in production, from a fixed seed in
/// tests and in the simulation.
pub struct SeededIds {
    rng: Mutex<ChaCha8Rng>,
    clock: Arc<dyn Clock>,
}

impl SeededIds {
    /// Ids that repeat for the same seed and the same clock.
    #[must_use]
    pub fn from_seed(seed: u64, clock: Arc<dyn Clock>) -> Self {
        Self { rng: Mutex::new(ChaCha8Rng::seed_from_u64(seed)), clock }
    }

    /// Ids that nobody can foresee.
    ///
    /// # Errors
    /// When the machine gives no entropy.
    pub fn from_machine(clock: Arc<dyn Clock>) -> Result<Self, rand::rngs::SysError> {
        let rng = ChaCha8Rng::try_from_rng(&mut rand::rngs::SysRng)?;
        Ok(Self { rng: Mutex::new(rng), clock })
    }
}

impl Ids for SeededIds {
    fn random(&self) -> u64 {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).next_u64()
    }

    fn sequential_uuid(&self) -> Uuid {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.random().to_be_bytes());
        let millis = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}

impl std::fmt::Debug for SeededIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeededIds")
    }
}
