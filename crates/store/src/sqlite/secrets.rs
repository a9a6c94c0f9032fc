//! Secrets, encrypted row by row.

use std::sync::Arc;

use rusqlite::params;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::fault::Fault;
use super::writer::Writing;
use super::{SqliteStore, codec, query};
use crate::StoreError;
use crate::master_key::MasterKey;
use crate::secrets::{Secret, SecretChange, Secrets};

#[async_trait::async_trait]
impl Secrets for SqliteStore {
    async fn secrets(&self, service_principal: Uuid) -> Result<Vec<Secret>, StoreError> {
        let master_key = Arc::clone(&self.master_key);
        self.read("read secrets", move |connection| {
            let sql =
                "SELECT key, name, version, sealed FROM secret WHERE service_principal = ?1 ORDER BY key";
            query::all(connection, sql, [service_principal.as_bytes()], |row| {
                let key: String = row.get(1)?;
                let associated = associated(service_principal, &key, row.get(2)?);
                let sealed = row.get_ref(3)?.as_blob().map_err(|error| codec::unreadable(row, 3, error))?;
                let corrupt =
                    |reason: String| Fault::corrupt(format!("secret '{key}' of {service_principal}"), reason);
                let plain =
                    master_key.open(&associated, sealed).map_err(|error| corrupt(error.to_string()))?;
                let text = std::str::from_utf8(&plain).map_err(|_| corrupt("it is not text".into()))?;
                let value = SecretString::from(text);
                Ok(Secret { key, value })
            })
        })
        .await
    }

    async fn change_secrets(
        &self,
        service_principal: Uuid,
        changes: Vec<SecretChange>,
    ) -> Result<(), StoreError> {
        let master_key = Arc::clone(&self.master_key);
        self.write("change secrets", move |writing| {
            changes.iter().try_for_each(|change| write(writing, &master_key, service_principal, change))
        })
        .await
    }
}

fn write(
    writing: &Writing<'_>,
    master_key: &MasterKey,
    service_principal: Uuid,
    change: &SecretChange,
) -> Result<(), Fault> {
    let owner = service_principal.as_bytes();
    let Some(value) = &change.value else {
        let sql = "DELETE FROM secret WHERE service_principal = ?1 AND name = ?2";
        query::execute(writing, sql, params![owner, change.key])?;
        return Ok(());
    };
    let sql = "SELECT version FROM secret WHERE service_principal = ?1 AND name = ?2";
    let version: Option<i64> = query::first(writing, sql, params![owner, change.key], |row| Ok(row.get(0)?))?;
    let version = version.unwrap_or(0) + 1;
    let sealed = master_key
        .seal(&associated(service_principal, &change.key, version), value.expose_secret().as_bytes())
        .map_err(|_| Fault::refused("the value cannot be encrypted".into()))?;
    let sql = "INSERT INTO secret (service_principal, name, version, sealed) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT DO UPDATE SET version = excluded.version, sealed = excluded.sealed";
    query::execute(writing, sql, params![owner, change.key, version, sealed])?;
    Ok(())
}

/// What a sealed value belongs to, so that no row can be put in another's place.
fn associated(service_principal: Uuid, key: &str, version: i64) -> Vec<u8> {
    format!("secret|{service_principal}|{key}|{version}").into_bytes()
}
