//! Durability, isolation, secrets on the disk, and files that are refused.

use std::sync::Arc;

use provisor_engine::ports::Store as _;
use rusqlite::Connection;
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;

use super::super::Synchronous;
use super::super::fault::Fault;
use super::{fresh, open};
use crate::StoreError;
use crate::conformance::{anchor, batch, create, id, job, linked, user_type};
use crate::directory::{ChangeNumber, Directory as _, ObjectKind};
use crate::jobs::Jobs as _;
use crate::secrets::{SecretChange, Secrets as _};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn everything_is_there_when_the_file_is_opened_again() {
    let folder = folder();
    let store = open(&folder, Synchronous::Full, 1).unwrap();
    let user = create(&store, ObjectKind::User, 1).await;
    let (key, lease) = job(&store).await;
    store.settle(key, lease, batch(vec![linked("a")])).await.unwrap();
    let record = store.job_by_key(key).await.unwrap();
    drop(store);
    let store = open(&folder, Synchronous::Full, 1).unwrap();
    assert_eq!(store.get(id(1)).await.unwrap(), Some(user.clone()));
    assert_eq!(store.head().await.unwrap(), user.changed);
    assert_eq!(store.job_by_key(key).await.unwrap(), record);
    assert!(store.links(key, &user_type(), &[anchor("a")]).await.unwrap()[0].is_some());
    let next = create(&store, ObjectKind::User, 2).await;
    assert_eq!(next.changed, ChangeNumber(user.changed.0 + 1));
}

#[tokio::test]
async fn what_is_queued_is_written_before_the_store_closes() {
    let folder = folder();
    let store = Arc::new(open(&folder, Synchronous::Full, 1).unwrap());
    let writes: Vec<_> = (1..=200)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { create(&*store, ObjectKind::User, number).await.id })
        })
        .collect();
    for write in writes {
        write.await.unwrap();
    }
    drop(store);
    assert!(!folder.path().join("provisor.db-wal").exists(), "the log is folded into the file");
    let store = open(&folder, Synchronous::Full, 1).unwrap();
    assert_eq!(store.count(ObjectKind::User).await.unwrap(), 200);
}

/// Three requests in one transaction: the first holds the writer until the others are queued.
#[tokio::test]
async fn a_failing_request_undoes_nothing_of_its_neighbours() {
    let (store, _kept) = fresh();
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let hold = store.write("hold", move |_| {
        let _released = wait.recv();
        Ok(())
    });
    let insert = |name: &'static str, fails: bool| {
        store.write("insert", move |writing| {
            writing.next_change();
            writing.execute("INSERT INTO setting (name, value) VALUES (?1, '')", [name])?;
            if fails { Err(Fault::conflict("name")) } else { Ok(writing.next_change()) }
        })
    };
    let panic = store.write::<()>("panic", |writing| {
        writing.execute("INSERT INTO setting (name, value) VALUES ('panicked', '')", [])?;
        panic!("as a test");
    });
    let let_go = async {
        tokio::task::yield_now().await;
        release.send(()).unwrap();
    };
    let (held, first, failed, panicked, last, ()) = tokio::join!(
        hold,
        insert("first", false),
        insert("failed", true),
        panic,
        insert("last", false),
        let_go
    );
    held.unwrap();
    assert!(matches!(failed, Err(StoreError::Conflict { .. })));
    assert!(matches!(panicked, Err(StoreError::Backend { .. })));
    assert_eq!((first.unwrap(), last.unwrap()), (ChangeNumber(2), ChangeNumber(4)));
    assert_eq!(store.head().await.unwrap(), ChangeNumber(4), "numbers of what failed are given again");
    let names = store.read("read", |connection| {
        let mut statement = connection.prepare("SELECT name FROM setting ORDER BY name")?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>();
        Ok(names?)
    });
    assert_eq!(names.await.unwrap(), ["first", "last"]);
}

#[tokio::test]
async fn readers_cannot_write() {
    let (store, _kept) = fresh();
    let written = store.read("write", |connection| Ok(connection.execute("DELETE FROM setting", [])?)).await;
    assert!(matches!(written, Err(StoreError::Backend { .. })));
}

#[tokio::test]
async fn secrets_are_unreadable_on_the_disk_and_with_another_key() {
    let folder = folder();
    let plain = "correct horse battery staple";
    let store = open(&folder, Synchronous::Full, 1).unwrap();
    for key in ["SecretToken", "Password"] {
        let change = SecretChange { key: key.into(), value: Some(SecretString::from(plain)) };
        store.change_secrets(id(1), vec![change]).await.unwrap();
    }
    drop(store);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(plain.len()).any(|window| window == plain.as_bytes()));
    }
    let store = open(&folder, Synchronous::Full, 2).unwrap();
    let error = store.secrets(id(1)).await.unwrap_err().to_string();
    assert!(error.contains("another master key") && error.contains("SecretToken"), "{error}");
    drop(store);
    let swap = "CREATE TEMP TABLE before AS SELECT name, sealed FROM secret; \
                UPDATE secret SET sealed = (SELECT sealed FROM before WHERE before.name <> secret.name);";
    Connection::open(folder.path().join("provisor.db")).unwrap().execute_batch(swap).unwrap();
    let store = open(&folder, Synchronous::Full, 1).unwrap();
    assert!(matches!(store.secrets(id(1)).await, Err(StoreError::Corrupt { .. })), "rows cannot be swapped");
    drop(store);
    Connection::open(folder.path().join("provisor.db")).unwrap().execute_batch(swap).unwrap();
    let store = open(&folder, Synchronous::Full, 1).unwrap();
    assert_eq!(store.secrets(id(1)).await.unwrap()[0].value.expose_secret(), plain);
}

#[tokio::test]
async fn a_file_is_open_only_once() {
    let folder = folder();
    let store = open(&folder, Synchronous::Full, 1).unwrap();
    let error = open(&folder, Synchronous::Full, 1).unwrap_err().to_string();
    assert!(error.contains("another process"), "{error}");
    drop(store);
    open(&folder, Synchronous::Full, 1).unwrap();
}

#[tokio::test]
async fn files_of_newer_or_changed_programs_are_refused() {
    let folder = folder();
    let path = folder.path().join("provisor.db");
    drop(open(&folder, Synchronous::Full, 1).unwrap());
    let change = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    change("PRAGMA user_version = 999");
    let error = open(&folder, Synchronous::Full, 1).unwrap_err().to_string();
    assert!(error.contains("newer version of the program"), "{error}");
    change("PRAGMA user_version = 1; UPDATE migration SET checksum = x'00'");
    let error = open(&folder, Synchronous::Full, 1).unwrap_err().to_string();
    assert!(error.contains("migration 1"), "{error}");
}

#[tokio::test]
async fn a_row_that_does_not_read_back_names_itself() {
    let (store, _kept) = fresh();
    create(&store, ObjectKind::User, 1).await;
    let spoil = |writing: &super::super::Writing<'_>| {
        Ok(writing.execute("UPDATE directory_object SET body = 'not JSON'", [])?)
    };
    store.write("spoil", spoil).await.unwrap();
    let error = store.get(id(1)).await.unwrap_err().to_string();
    assert!(error.contains("column body of the row beginning with 1"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let store = open(&folder, Synchronous::Full, 1).unwrap();
    create(&store, ObjectKind::User, 1).await;
    let mut seen = 0;
    for file in std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
        seen += 1;
    }
    assert!(seen >= 4, "the data, its log, the log's index, the lock: {seen}");
}
