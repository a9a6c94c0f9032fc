//! Measurements: run them by name, in release mode, with `--ignored --nocapture`.

use provisor_engine::clock::{Clock as _, SystemClock};
use provisor_engine::object::{Anchor, TargetId};
use provisor_engine::ports::{LinkChange, ReferenceIntent, Settled, Settlement, Store as _};
use uuid::Uuid;

use super::super::Synchronous;
use super::open;
use crate::conformance::{batch, job, log, settled};

const BATCH: u64 = 500;
const BATCHES: u64 = 200;

/// Ids without order, as sources have them.
fn scattered(number: u64) -> String {
    let mixed = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Uuid::from_u128(mixed).to_string()
}

fn object(number: u64, link: bool) -> Settled {
    let anchor = Anchor::new(scattered(number));
    let target = TargetId::new(scattered(u64::MAX - number));
    let link = if link { LinkChange::Set(target) } else { LinkChange::Keep };
    let mut entry = log::entry(u128::from(number), 7, 1);
    entry.id = Uuid::from_u128(u128::from(number));
    entry.steps = vec![entry.steps[0].clone(); 4];
    let manager = ReferenceIntent { slot: 3, to: Anchor::new(scattered(number / 10)), present: true };
    Settled { anchor, log: Some(entry), references: vec![manager], ..settled("", link) }
}

#[tokio::test]
#[ignore = "a measurement"]
async fn settled_objects_per_second() {
    for synchronous in [Synchronous::Normal, Synchronous::Full] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder, synchronous, 1).unwrap();
        let (job, lease) = job(&store).await;
        let clock = SystemClock::new();
        for (what, sweep) in [("new objects", 1), ("objects again", 2)] {
            let began = clock.elapsed();
            for index in 0..BATCHES {
                let objects = (index * BATCH..(index + 1) * BATCH).map(|number| object(number, sweep == 1));
                let settlement = Settlement { sweep, ..batch(objects.collect()) };
                store.settle(job, lease, settlement).await.unwrap();
            }
            let seconds = (clock.elapsed() - began).as_secs_f64();
            let rate = f64::from(u32::try_from(BATCH * BATCHES).unwrap()) / seconds;
            println!("{synchronous:?}: {rate:.0} {what} settled per second");
        }
    }
}
