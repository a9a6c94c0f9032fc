//! Bulk requests (RFC 7644 section 3.7), as systems of record upload people with them: every operation is a
//! `POST` to `/Users` that creates or updates.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

/// The schema of a bulk request.
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The most operations of one request.
pub const MAX_OPERATIONS: usize = 50;
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkOperation {
    /// The client's id of it, unique in the request.
    pub bulk_id: String,
    /// `externalId` of the user: the id in the system of record.
    pub external_id: String,
    /// The user.
    pub data: Map<String, Json>,
}

/// What is wrong with a request, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkProblem {
    /// The place: `Operations[2]/data/externalId`; empty for the request itself.
    pub target: String,
    /// What is wrong.
    pub message: String,
}

/// Reads a request.
///
/// # Errors
/// Every problem there is, in the order of the request.
pub fn parse(body: &Json) -> Result<Vec<BulkOperation>, Vec<BulkProblem>> {
    let mut problems = Problems(Vec::new());
    let Some(request) = body.as_object() else {
        problems.add("", "the body must be a SCIM BulkRequest, a JSON object");
        return Err(problems.0);
    };
    if !names(member(request, "schemas"), BULK_REQUEST) {
        problems.add("schemas", &format!("it must be a list with {BULK_REQUEST}"));
    }
    let fail_on_errors = member(request, "failOnErrors");
    if !fail_on_errors.is_none_or(|count| count.is_null() || count.as_u64().is_some_and(|count| count > 0)) {
        problems.add("failOnErrors", "it must be null or a positive whole number");
    }
    let entries = member(request, "Operations").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    if entries.is_empty() || entries.len() > MAX_OPERATIONS {
        let message =
            format!("it must be a list of 1 to {MAX_OPERATIONS} operations; it has {}", entries.len());
        problems.add("Operations", &message);
        return Err(problems.0);
    }
    let mut ids = BTreeSet::new();
    let operations: Vec<BulkOperation> = entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| {
            operation(entry, &format!("Operations[{index}]"), &mut ids, &mut problems)
        })
        .collect();
    if problems.0.is_empty() { Ok(operations) } else { Err(problems.0) }
}

struct Problems(Vec<BulkProblem>);

impl Problems {
    fn add(&mut self, target: &str, message: &str) {
        self.0.push(BulkProblem { target: target.to_owned(), message: message.to_owned() });
    }
}

/// Names of attributes compare without regard to case (RFC 7643 section 2.1).
fn member<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    member(object, name).and_then(Json::as_str).filter(|text| !text.trim().is_empty())
}

/// Whether a list of schemas has this one.
fn names(schemas: Option<&Json>, wanted: &str) -> bool {
    let list = schemas.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().all(Json::is_string)
        && list.iter().filter_map(Json::as_str).any(|schema| schema.eq_ignore_ascii_case(wanted))
}

fn operation(
    entry: &Json,
    at: &str,
    ids: &mut BTreeSet<String>,
    problems: &mut Problems,
) -> Option<BulkOperation> {
    let before = problems.0.len();
    let Some(operation) = entry.as_object() else {
        problems.add(at, "it must be a JSON object");
        return None;
    };
    if text(operation, "method").is_none_or(|method| !method.eq_ignore_ascii_case("POST")) {
        problems.add(&format!("{at}/method"), "it must be POST, for updates too");
    }
    if text(operation, "path").is_none_or(|path| !path.trim_end_matches('/').eq_ignore_ascii_case("/Users")) {
        problems.add(&format!("{at}/path"), "it must be /Users");
    }
    let bulk_id = text(operation, "bulkId").unwrap_or_default().to_owned();
    if bulk_id.is_empty() {
        problems.add(&format!("{at}/bulkId"), "it must be a text that is not empty");
    } else if !ids.insert(bulk_id.clone()) {
        problems.add(&format!("{at}/bulkId"), &format!("'{bulk_id}' is the id of another operation"));
    }
    let Some(data) = member(operation, "data").and_then(Json::as_object) else {
        problems.add(&format!("{at}/data"), "it must be a SCIM user, a JSON object");
        return None;
    };
    if !names(member(data, "schemas"), USER) {
        problems.add(&format!("{at}/data/schemas"), &format!("it must be a list with {USER}"));
    }
    let external_id = text(data, "externalId").unwrap_or_default().to_owned();
    if external_id.is_empty() {
        let message = "it must be the user's id in the system of record, a text that is not empty";
        problems.add(&format!("{at}/data/externalId"), message);
    }
    (problems.0.len() == before).then(|| BulkOperation { bulk_id, external_id, data: data.clone() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(number: usize) -> Json {
        json!({"method": "POST", "bulkId": format!("b{number}"), "path": "/Users",
            "data": {"schemas": [USER], "externalId": number.to_string(), "userName": "x"}})
    }

    fn request(operations: &[Json]) -> Json {
        json!({"schemas": [BULK_REQUEST], "Operations": operations, "failOnErrors": null})
    }

    fn problems(body: &Json) -> String {
        let problems = parse(body).unwrap_err();
        problems.iter().map(|problem| format!("{}: {}\n", problem.target, problem.message)).collect()
    }

    #[test]
    fn operations_are_read() {
        let users: Vec<Json> = (0..MAX_OPERATIONS).map(user).collect();
        let read = parse(&request(&users)).unwrap();
        assert_eq!(read.len(), MAX_OPERATIONS);
        assert_eq!((read[1].bulk_id.as_str(), read[1].external_id.as_str()), ("b1", "1"));
        assert_eq!(Json::Object(read[1].data.clone()), users[1]["data"]);
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let too_many: Vec<Json> = (0..=MAX_OPERATIONS).map(user).collect();
        let wrong = json!({"schemas": ["urn:x"], "failOnErrors": "no", "Operations": [
            7,
            {"method": "DELETE", "path": "/Users/17", "data": {"schemas": [USER, 7]}},
            user(1),
            user(1),
            {"method": "post", "bulkId": "b2", "path": "/users/"},
        ]});
        let all =
            [json!([]), request(&[]), request(&too_many), wrong].iter().map(problems).collect::<String>();
        insta::assert_snapshot!(all, @r"
        : the body must be a SCIM BulkRequest, a JSON object
        Operations: it must be a list of 1 to 50 operations; it has 0
        Operations: it must be a list of 1 to 50 operations; it has 51
        schemas: it must be a list with urn:ietf:params:scim:api:messages:2.0:BulkRequest
        failOnErrors: it must be null or a positive whole number
        Operations[0]: it must be a JSON object
        Operations[1]/method: it must be POST, for updates too
        Operations[1]/path: it must be /Users
        Operations[1]/bulkId: it must be a text that is not empty
        Operations[1]/data/schemas: it must be a list with urn:ietf:params:scim:schemas:core:2.0:User
        Operations[1]/data/externalId: it must be the user's id in the system of record, a text that is not empty
        Operations[3]/bulkId: 'b1' is the id of another operation
        Operations[4]/data: it must be a SCIM user, a JSON object
        ");
    }
}
