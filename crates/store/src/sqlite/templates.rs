//! Synchronization templates.

use rusqlite::params;
use uuid::Uuid;

use super::fault::Fault;
use super::{SqliteStore, query};
use crate::StoreError;
use crate::templates::{TemplateRecord, Templates};

#[async_trait::async_trait]
impl Templates for SqliteStore {
    async fn templates(&self, app_id: Uuid) -> Result<Vec<TemplateRecord>, StoreError> {
        self.read("read templates", move |connection| {
            let sql = "SELECT id, document, schema FROM template WHERE app_id = ?1 ORDER BY key";
            query::all(connection, sql, [app_id.as_bytes()], |row| {
                Ok(TemplateRecord { id: row.get(0)?, document: row.get(1)?, schema: row.get(2)? })
            })
        })
        .await
    }

    async fn create_template(&self, app_id: Uuid, template: TemplateRecord) -> Result<(), StoreError> {
        self.write("create a template", move |writing| {
            let sql = "INSERT INTO template (app_id, id, document, schema) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT DO NOTHING";
            let TemplateRecord { id, document, schema } = template;
            match query::execute(writing, sql, params![app_id.as_bytes(), id, document, schema])? {
                0 => Err(Fault::conflict("id")),
                _ => Ok(()),
            }
        })
        .await
    }

    async fn replace_template(&self, app_id: Uuid, template: TemplateRecord) -> Result<bool, StoreError> {
        self.write("replace a template", move |writing| {
            let sql = "UPDATE template SET document = ?3, schema = ?4 WHERE app_id = ?1 AND id = ?2";
            let TemplateRecord { id, document, schema } = template;
            Ok(query::execute(writing, sql, params![app_id.as_bytes(), id, document, schema])? > 0)
        })
        .await
    }

    async fn delete_template(&self, app_id: Uuid, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write("delete a template", move |writing| {
            let sql = "DELETE FROM template WHERE app_id = ?1 AND id = ?2";
            Ok(query::execute(writing, sql, params![app_id.as_bytes(), id])? > 0)
        })
        .await
    }
}
