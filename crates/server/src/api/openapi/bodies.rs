//! Bodies and answers that Graph's metadata has no type for: parameters of actions, references, batches,
//! errors.

use serde_json::{Map, Value as Json, json};

use super::reference;

/// Bodies that an action can do without.
const OPTIONAL: [&str; 3] = ["restart", "discover", "restore"];

/// Whether a body of this type must be sent.
pub(super) fn is_required(type_name: &str) -> bool {
    !OPTIONAL.contains(&type_name)
}

fn object(required: &[&str], properties: Json) -> Json {
    let mut schema = json!({"type": "object", "required": required});
    schema["properties"] = properties;
    schema
}

fn secrets() -> Json {
    json!({"type": "array", "items": reference("synchronizationSecretKeyStringValuePair")})
}

/// The schemas, by name.
pub(super) fn schemas() -> Map<String, Json> {
    let all = [directory(), synchronization(), batch()].into_iter().flatten();
    all.map(|(name, schema)| (name.to_owned(), schema)).collect()
}

type Named = (&'static str, Json);

fn text() -> Json {
    json!({"type": "string"})
}

fn texts() -> Json {
    json!({"type": "array", "items": text()})
}

/// Of actions on directory objects.
fn directory() -> Vec<Named> {
    let (text, texts) = (text(), texts());
    vec![
        ("Edm.String", object(&["value"], json!({"value": text}))),
        ("reference", object(&["@odata.id"], json!({"@odata.id": text}))),
        ("instantiate", object(&["displayName"], json!({"displayName": text}))),
        ("getByIds", object(&["ids"], json!({"ids": texts, "types": texts}))),
        (
            "getMemberObjects",
            object(&["securityEnabledOnly"], json!({"securityEnabledOnly": {"type": "boolean"}})),
        ),
        ("checkMemberGroups", object(&["groupIds"], json!({"groupIds": texts}))),
        ("checkMemberObjects", object(&["ids"], json!({"ids": texts}))),
        ("addPassword", object(&[], json!({"passwordCredential": reference("passwordCredential")}))),
        ("removePassword", object(&["keyId"], json!({"keyId": {"type": "string", "format": "uuid"}}))),
    ]
}

/// Of actions on jobs and secrets.
fn synchronization() -> Vec<Named> {
    let (text, texts) = (text(), texts());
    vec![
        ("secrets", object(&["value"], json!({"value": secrets()}))),
        ("acquireAccessToken", object(&["credentials"], json!({"credentials": secrets()}))),
        ("restart", object(&[], json!({"criteria": reference("synchronizationJobRestartCriteria")}))),
        (
            "validateCredentials",
            object(
                &[],
                json!({
                    "useSavedCredentials": {"type": "boolean"},
                    "templateId": text,
                    "applicationIdentifier": text,
                    "credentials": secrets(),
                }),
            ),
        ),
        (
            "provisionOnDemand",
            object(
                &["parameters"],
                json!({"parameters": {
                    "type": "array",
                    "items": reference("synchronizationJobApplicationParameters"),
                }}),
            ),
        ),
        (
            "parseExpression",
            object(
                &["expression"],
                json!({
                    "expression": text,
                    "testInputObject": reference("expressionInputObject"),
                    "targetAttributeDefinition": reference("attributeDefinition"),
                }),
            ),
        ),
        (
            "bulkRequest",
            object(
                &["schemas", "Operations"],
                json!({
                    "schemas": texts,
                    "failOnErrors": {"type": ["integer", "null"]},
                    "Operations": {"type": "array", "maxItems": 50, "items": {"type": "object"}},
                }),
            ),
        ),
    ]
}

/// Of batches, and what everything answers that fails.
fn batch() -> Vec<Named> {
    let (text, texts) = (text(), texts());
    let headers = json!({"type": "object", "additionalProperties": {"type": "string"}});
    vec![
        (
            "batch",
            object(
                &["requests"],
                json!({"requests": {"type": "array", "minItems": 1, "maxItems": 20, "items": object(
                    &["id", "method", "url"],
                    json!({
                        "id": text,
                        "method": {"type": "string", "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                        "url": text,
                        "headers": headers,
                        "body": {},
                        "dependsOn": texts,
                    }),
                )}}),
            ),
        ),
        (
            "batchResponse",
            object(
                &["responses"],
                json!({"responses": {"type": "array", "items": object(
                    &["id", "status"],
                    json!({"id": text, "status": {"type": "integer"}, "headers": headers, "body": {}}),
                )}}),
            ),
        ),
        ("error", error()),
    ]
}

/// The body of every 4xx and 5xx.
fn error() -> Json {
    let text = json!({"type": "string"});
    let detail = object(&["code", "message"], json!({"code": text, "message": text, "target": text}));
    let inner = json!({"date": text, "request-id": text, "client-request-id": text});
    object(
        &["error"],
        json!({"error": object(
            &["code", "message", "innerError"],
            json!({
                "code": text,
                "message": text,
                "details": {"type": "array", "items": detail},
                "innerError": object(&["date", "request-id", "client-request-id"], inner),
            }),
        )}),
    )
}
