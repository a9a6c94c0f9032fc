//! The conformance suite on SQLite, and what only a file can show.

mod directory_speed;
mod file;
pub(super) mod plans;
mod speed;

use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use super::{Options, SqliteStore, Synchronous};
use crate::conformance::{model, suite};
use crate::master_key::MasterKey;

fn open(folder: &TempDir, synchronous: Synchronous, key: u8) -> Result<SqliteStore, crate::StoreError> {
    let master_key = MasterKey::from_bytes(&[key; 32]).unwrap();
    SqliteStore::open(Options { path: folder.path().join("provisor.db"), master_key, synchronous })
}

fn fresh() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (open(&folder, Synchronous::Normal, 1).unwrap(), folder)
}

mod conformance {
    super::suite!(crate::sqlite::tests::fresh);
}

#[test]
fn references_agree_with_the_model() {
    let (store, _kept) = fresh();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let config = Config { cases: 150, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&model::histories(), |history| {
            runtime.block_on(model::agree(&store, &history));
            Ok(())
        })
        .unwrap();
}
