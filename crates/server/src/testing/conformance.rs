//! Every answer that any test gets is checked against `$metadata`: the type that its `@odata.context` names
//! declares each member, and each value is one of its EDM type (OData JSON format 4.0 section 7.1).

use std::sync::LazyLock;

use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::Answer;
use super::csdl::{Csdl, TypeRef};

static V1: LazyLock<Csdl> = LazyLock::new(|| Csdl::parse(provisor_graph::metadata::document(false)));
static BETA: LazyLock<Csdl> = LazyLock::new(|| Csdl::parse(provisor_graph::metadata::document(true)));

/// Members that are told although the metadata does not declare them: pages of Graph call the key of functions
/// and operators `name`, its metadata calls it `id`; both are told.
const UNDECLARED: [(&str, &str); 2] =
    [("attributeMappingFunctionSchema", "name"), ("filterOperatorSchema", "name")];
/// Open types of the directory have no other members here than those of directory extensions.
const CLOSED_HERE: [&str; 5] = ["user", "group", "application", "servicePrincipal", "organization"];

/// Checks an answer to a request.
///
/// # Panics
/// When the answer is not what the metadata declares, with every finding.
pub(crate) fn check(path: &str, answer: &Answer) {
    if let Err(problems) = findings(path, answer) {
        panic!(
            "the answer to {path} is not what $metadata declares:\n{}\n{}",
            problems.join("\n"),
            answer.text
        );
    }
}

fn findings(path: &str, answer: &Answer) -> Result<(), Vec<String>> {
    let path = path.trim_start_matches('/');
    let csdl = match path.split('/').next().unwrap_or_default() {
        version if version.eq_ignore_ascii_case("v1.0") => &*V1,
        version if version.eq_ignore_ascii_case("beta") => &*BETA,
        _ => return Ok(()),
    };
    let content_type =
        answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/json") || answer.text.is_empty() {
        return Ok(());
    }
    let json: Json = serde_json::from_str(&answer.text).map_err(|error| vec![error.to_string()])?;
    let mut findings = Findings { csdl, problems: Vec::new() };
    let context = json.get("@odata.context").and_then(Json::as_str);
    match context.and_then(|context| context.split_once("$metadata#")) {
        _ if answer.status >= 400 => findings.error(&json),
        Some((_, fragment)) => match csdl.type_of(fragment) {
            Some(declared) => findings.answer(&json, &declared),
            None => findings.add("@odata.context", &format!("'{fragment}' names nothing in $metadata")),
        },
        // The service document lists sets, which are of no type.
        None if context.is_some_and(|context| context.ends_with("/$metadata")) => {}
        // A batch has no context, and neither has what was asked for without metadata.
        None if json.get("responses").is_some() || content_type.contains("odata.metadata=none") => {}
        None => findings.add("@odata.context", "is missing"),
    }
    if findings.problems.is_empty() { Ok(()) } else { Err(findings.problems) }
}

impl Csdl {
    /// The type that a fragment of `@odata.context` names (OData JSON format section 10).
    fn type_of(&self, fragment: &str) -> Option<TypeRef> {
        if fragment.starts_with("Edm.")
            || fragment.starts_with("Collection(Edm.")
            || fragment.starts_with("microsoft.graph.")
        {
            return Some(TypeRef::parse(fragment));
        }
        if let Some(declared) = ["$ref", "Collection($ref)"].into_iter().find(|known| fragment == *known) {
            return Some(TypeRef::parse(declared));
        }
        let (fragment, single) = match fragment.strip_suffix("/$entity") {
            Some(fragment) => (fragment, true),
            None => (fragment, false),
        };
        let fragment = fragment.trim_end_matches("/$delta");
        let mut segments = segments(fragment).into_iter();
        let (set, _) = segments.next()?;
        let mut declared = self.sets.get(set)?.clone();
        for (name, _) in segments {
            declared = self.property(&declared.name, name)?.clone();
        }
        if single {
            declared.many = false;
        }
        Some(declared)
    }
}

/// The names of a path with what stands in parentheses after each: a key, or a selection.
fn segments(path: &str) -> Vec<(&str, &str)> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, char) in path.char_indices() {
        match char {
            '(' => depth += 1,
            ')' => depth -= 1,
            '/' if depth == 0 => {
                parts.push(&path[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&path[start..]);
    parts.into_iter().map(|part| part.split_once('(').unwrap_or((part, ""))).collect()
}

struct Findings<'a> {
    csdl: &'a Csdl,
    problems: Vec<String>,
}

impl Findings<'_> {
    fn add(&mut self, at: &str, problem: &str) {
        self.problems.push(format!("{at}: {problem}"));
    }

    /// Graph's error: a code and a message, and the ids of the request.
    fn error(&mut self, json: &Json) {
        let error = &json["error"];
        for (at, value) in [
            ("error/code", &error["code"]),
            ("error/message", &error["message"]),
            ("error/innerError/date", &error["innerError"]["date"]),
            ("error/innerError/request-id", &error["innerError"]["request-id"]),
            ("error/innerError/client-request-id", &error["innerError"]["client-request-id"]),
        ] {
            if !value.is_string() {
                self.add(at, "must be a text");
            }
        }
        if error.get("details").is_some_and(|details| details.as_array().is_none_or(Vec::is_empty)) {
            self.add("error/details", "must be a list that is not empty");
        }
    }

    fn answer(&mut self, json: &Json, declared: &TypeRef) {
        let Some(members) = json.as_object() else { return self.add("", "must be an object") };
        if declared.many {
            return match members.get("value").and_then(Json::as_array) {
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(&format!("value[{index}]"), item, &declared.name);
                    }
                }
                None => self.add("value", "must be a list"),
            };
        }
        if declared.name.starts_with("Edm.") || self.csdl.enums.contains_key(&declared.name) {
            let value = members.get("value").unwrap_or(&Json::Null);
            return self.value("value", value, &declared.name);
        }
        if declared.name == "$ref" {
            return self.value("", json, &declared.name);
        }
        self.structure("", members, &declared.name);
    }

    fn value(&mut self, at: &str, value: &Json, type_name: &str) {
        if let Some(primitive) = type_name.strip_prefix("Edm.") {
            if !is_primitive(primitive, value) {
                self.add(at, &format!("{value} is no {type_name} as printed"));
            }
        } else if let Some(declared) = self.csdl.enums.get(type_name) {
            let known = |name: &str| {
                name != "unknownFutureValue" && declared.members.iter().any(|(member, _)| member == name)
            };
            let text = value.as_str().unwrap_or_default();
            if !(known(text) || (declared.flags && text.split(',').all(known))) {
                self.add(at, &format!("{value} is no member of {type_name}"));
            }
        } else if type_name == "$ref" {
            if !value["@odata.id"].is_string() {
                self.add(at, "must be a reference");
            }
        } else {
            match value.as_object() {
                Some(members) => self.structure(at, members, type_name),
                None => self.add(at, &format!("must be a {type_name}")),
            }
        }
    }

    fn structure(&mut self, at: &str, members: &Map<String, Json>, declared: &str) {
        if !self.csdl.types.contains_key(declared) {
            return self.add(at, &format!("'{declared}' is no type of $metadata"));
        }
        let told = members.get("@odata.type").and_then(Json::as_str);
        let told = told.map(|told| told.trim_start_matches("#microsoft.graph."));
        let type_name = told.unwrap_or(declared);
        if !self.csdl.is_a(type_name, declared) {
            self.add(at, &format!("'{type_name}' is no {declared}"));
        }
        for (name, value) in members {
            let at = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
            if name.contains('@') {
                self.annotation(&at, name, value, type_name);
            } else if let Some(property) = self.csdl.property(type_name, name).cloned() {
                self.property(&at, value, &property);
            } else if !self.may_have(type_name, name) {
                self.add(&at, &format!("{type_name} has no such property"));
            }
        }
    }

    fn may_have(&self, type_name: &str, name: &str) -> bool {
        if CLOSED_HERE.contains(&type_name) {
            return name.starts_with("extension_");
        }
        self.csdl.is_open(type_name) || UNDECLARED.contains(&(type_name, name))
    }

    fn property(&mut self, at: &str, value: &Json, declared: &TypeRef) {
        match value {
            // Collections are never null, and of navigation properties only single ones can be.
            Json::Null if declared.many => self.add(at, "a collection must not be null"),
            Json::Null if declared.nullable => {}
            Json::Null => self.add(at, "must not be null"),
            Json::Array(items) if declared.many => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&format!("{at}[{index}]"), item, &declared.name);
                }
            }
            _ if declared.many => self.add(at, "must be a list"),
            value => self.value(at, value, &declared.name),
        }
    }

    fn annotation(&mut self, at: &str, name: &str, value: &Json, type_name: &str) {
        let (property, annotation) = name.split_once('@').unwrap_or((name, ""));
        let text = value.is_string();
        let fit = match annotation {
            "odata.context" | "odata.nextLink" | "odata.deltaLink" | "odata.id" | "odata.type" => text,
            "odata.count" => value.is_u64(),
            "removed" => value["reason"].is_string(),
            // A delta tells the changes of a relationship.
            "delta" => value.is_array(),
            _ => false,
        };
        if !fit {
            self.add(at, "is no annotation of OData as printed");
        }
        if !property.is_empty() && self.csdl.property(type_name, property).is_none() {
            self.add(at, &format!("{type_name} has no property '{property}'"));
        }
    }
}

/// Whether a value is printed as this EDM type is.
fn is_primitive(primitive: &str, value: &Json) -> bool {
    let text = value.as_str();
    match primitive {
        "String" => text.is_some(),
        "Boolean" => value.is_boolean(),
        "Int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Int64" => value.is_i64() || value.is_u64(),
        "Double" => value.is_number(),
        "Guid" => text.is_some_and(|text| {
            text.len() == 36 && uuid::Uuid::try_parse(text).is_ok_and(|id| id.to_string() == text)
        }),
        "DateTimeOffset" => text.is_some_and(is_instant),
        "Date" => text.is_some_and(|text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()),
        "Duration" => text.is_some_and(|text| {
            serde_json::from_value::<provisor_graph::edm::EdmDuration>(text.into())
                .is_ok_and(|duration| serde_json::to_value(duration).is_ok_and(|printed| printed == text))
        }),
        "Binary" => text.is_some_and(|text| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.decode(text).is_ok()
        }),
        _ => false,
    }
}

/// In UTC with `Z`, to the second or with up to seven digits more.
fn is_instant(text: &str) -> bool {
    let fraction = text.get(19..).and_then(|rest| rest.strip_suffix('Z'));
    let digits = fraction.is_some_and(|fraction| {
        fraction.is_empty()
            || (fraction.len() <= 8
                && fraction.starts_with('.')
                && fraction.len() > 1
                && fraction[1..].bytes().all(|byte| byte.is_ascii_digit()))
    });
    digits && text.parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn problems_of(path: &str, context: &str, body: &Json) -> String {
        let mut json = Map::new();
        json.insert("@odata.context".into(), format!("https://x.example/v1.0/$metadata#{context}").into());
        json.extend(body.as_object().unwrap().clone());
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/json;odata.metadata=minimal".parse().unwrap());
        let answer = Answer { status: 200, headers, text: Json::Object(json).to_string() };
        findings(path, &answer).map_or_else(|problems| problems.join("\n"), |()| "fine".to_owned())
    }

    fn problems(context: &str, body: &Json) -> String {
        problems_of("/v1.0/x", context, body)
    }

    const JOB: &str = "servicePrincipals('17')/synchronization/jobs/$entity";

    #[test]
    fn what_is_declared_passes() {
        for (context, body) in [
            (
                JOB,
                json!({"id": "a", "templateId": null, "schedule": {"interval": "PT40M", "state": "Active"}}),
            ),
            (
                JOB,
                json!({"status": {"code": "NotRun", "countSuccessiveCompleteFailures": 5_000_000_000_i64}}),
            ),
            ("users(id,displayName)", json!({"@odata.nextLink": "https://x", "value": [{"id": "a"}]})),
            ("directoryObjects/$entity", json!({"@odata.type": "#microsoft.graph.user", "mail": null})),
            ("auditLogs/provisioning", json!({"value": [{"sourceIdentity": {"details": {"any": "text"}}}]})),
            (
                "applications('a/b')/synchronization/jobs('x')/schema/$entity",
                json!({"synchronizationRules": [{"objectMappings": [{"flowTypes": "Add,Delete"}]}]}),
            ),
            (
                "users",
                json!({"value": [{"id": "a", "extension_0_x": 5, "members@delta": [],
                "@removed": {"reason": "deleted"}}]}),
            ),
            ("microsoft.graph.stringKeyStringValuePair", json!({"key": "a", "value": "b"})),
            ("Collection($ref)", json!({"value": [{"@odata.id": "https://x"}]})),
        ] {
            // The one about members is of a user, who has none.
            let wanted = if context == "users" { "has no property 'members'" } else { "fine" };
            let found = problems(context, &body);
            assert!(found.contains(wanted), "{context} {body}: {found}");
        }
    }

    #[test]
    fn what_is_not_declared_is_found() {
        let entry = |member: &str, value: Json| json!({"value": [{member: value}]});
        let schedule = |member: &str, value: Json| json!({"schedule": {member: value}});
        let table = [
            (JOB, json!({"nonsense": 1})),
            (JOB, json!({"schedule": {"expiration": null, "nonsense": 1}})),
            (JOB, json!({"synchronizationJobSettings": null})),
            (JOB, json!({"status": {"progress": [null]}})),
            (JOB, json!({"status": {"countSuccessiveCompleteFailures": "1"}})),
            (JOB, json!({"status": {"escrowsPruned": null}})),
            (JOB, json!({"status": {"code": "notRun"}})),
            (JOB, schedule("interval", json!("PT2400S"))),
            (JOB, schedule("interval", json!(2400))),
            (JOB, schedule("expiration", json!("2026-03-04T09:12:44"))),
            (JOB, schedule("expiration", json!("2026-03-04T09:12:44.12345678Z"))),
            (JOB, schedule("expiration", json!("2026-03-04T10:12:44+01:00"))),
            ("auditLogs/provisioning", entry("durationInMilliseconds", json!(3_000_000_000_i64))),
            ("auditLogs/provisioning", entry("provisioningAction", json!("unknownFutureValue"))),
            ("auditLogs/provisioning", entry("servicePrincipal", json!([]))),
            ("auditLogs/provisioning", json!({"value": null})),
            ("applications/$entity", json!({"appRoles": [{"id": "18D14569-C3BD-439B-9A66-3A2AEE01D14F"}]})),
            ("applications/$entity", json!({"keyCredentials": [{"key": "no base64!"}]})),
            ("applications/$entity", json!({"openMember": 1})),
            ("directoryObjects/$entity", json!({"@odata.type": "#microsoft.graph.synchronizationJob"})),
            ("applicationTemplates/$entity", json!({"deprecationDate": "2026-3-4"})),
            (
                "applications('x')/synchronization/jobs('x')/schema/$entity",
                json!({"synchronizationRules": [{"objectMappings": [{"flowTypes": "Add, Delete"}]}]}),
            ),
            ("nowhere", json!({"value": []})),
            ("microsoft.graph.nothing", json!({})),
        ];
        let found = table.map(|(context, body)| format!("{body}: {}", problems(context, &body)));
        assert!(!found.iter().any(|found| found.ends_with("fine")), "{found:#?}");
        insta::assert_snapshot!(found.join("\n"));
    }

    #[test]
    fn beta_has_keys_of_its_own() {
        let context = "servicePrincipals('17')/synchronization/templates/$entity";
        let template = |key: &str| json!({"metadata": [{"key": key, "value": "x"}]});
        for (path, own, other) in [
            ("/v1.0/x", "GalleryApplicationKey", "galleryApplicationKey"),
            ("/beta/x", "galleryApplicationKey", "GalleryApplicationKey"),
        ] {
            assert_eq!(problems_of(path, context, &template(own)), "fine");
            assert_ne!(problems_of(path, context, &template(other)), "fine");
        }
    }

    /// What both documents have is the same in both: `PROVISOR_REFERENCE_CSDL` names the file to compare with.
    #[test]
    fn the_metadata_agrees_with_the_reference() {
        let Ok(path) = std::env::var("PROVISOR_REFERENCE_CSDL") else { return };
        let reference = Csdl::parse(&std::fs::read_to_string(path).unwrap());
        for (name, wanted) in &reference.enums {
            assert_eq!(V1.enums.get(name), Some(wanted), "{name}");
        }
        for (name, wanted) in &reference.types {
            assert_eq!(V1.types.get(name), Some(wanted), "{name}");
        }
        for (name, wanted) in &reference.sets {
            assert_eq!(V1.sets.get(name), Some(wanted), "{name}");
        }
        for operation in &reference.operations {
            assert!(V1.operations.contains(operation), "{operation}");
        }
    }
}
