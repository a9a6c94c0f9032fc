//! Facts about this installation.

use rusqlite::Connection;

use super::fault::Fault;
use super::{SqliteStore, query};
use crate::StoreError;
use crate::settings::Settings;

#[async_trait::async_trait]
impl Settings for SqliteStore {
    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let name = name.to_owned();
        self.read("read a setting", move |connection| find(connection, &name)).await
    }

    async fn setting_or_insert(&self, name: &str, value: &str) -> Result<String, StoreError> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write("write a setting", move |writing| {
            let sql = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            query::execute(writing, sql, [&name, &value])?;
            Ok(find(writing, &name)?.unwrap_or(value))
        })
        .await
    }
}

fn find(connection: &Connection, name: &str) -> Result<Option<String>, Fault> {
    query::first(connection, "SELECT value FROM setting WHERE name = ?1", [name], |row| Ok(row.get(0)?))
}
