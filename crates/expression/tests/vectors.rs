//! Every vector of `vectors/expressions.jsonl`: published expressions with published results, and
//! what follows from them. One JSON object a line; see `vectors/README.md`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::sync::Arc;

use base64::Engine as _;
use provisor_expression::{Context, Outcome, PatchOperation, Value, compile, parse};
use regex::Regex;
use serde_json::Value as Json;

struct VectorContext<'a> {
    context: &'a Json,
    random: Cell<u64>,
}

impl Context for VectorContext<'_> {
    fn now(&self) -> jiff::Timestamp {
        self.context["now"].as_str().unwrap_or("2025-07-30T12:00:00Z").parse().unwrap()
    }

    fn random_u64(&self) -> u64 {
        let next = self.random.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.random.set(next);
        next.rotate_left(29) ^ next
    }

    fn exists_in_target(&self, value: &str) -> bool {
        let existing = self.context["existingValues"].as_array().expect("the vector says which values exist");
        existing.iter().any(|taken| taken.as_str().unwrap().eq_ignore_ascii_case(value))
    }

    fn default_domain(&self) -> Option<&str> {
        self.context["defaultDomain"].as_str()
    }

    fn token(&self, name: &str) -> Option<&str> {
        self.context["tokens"][name].as_str()
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(values) => Value::from(values.iter().map(value).collect::<Vec<Value>>()),
        Json::Object(fields) => match fields.get("base64") {
            Some(text) => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap();
                Value::Binary(bytes.into())
            }
            None => {
                let fields = fields.iter().map(|(name, field)| (Arc::from(name.as_str()), value(field)));
                Value::Record(fields.collect())
            }
        },
        Json::Bool(value) => Value::from(*value),
        other => panic!("no attribute value: {other}"),
    }
}

/// Evaluates a vector. The error is that of any stage.
fn evaluate(vector: &Json) -> Result<(Outcome, bool), String> {
    let attributes = vector["attributes"].as_object().unwrap();
    let names: Vec<&String> = attributes.keys().collect();
    let values: Vec<Value> = attributes.values().map(value).collect();
    let text = vector["expression"].as_str().unwrap();
    let expression = parse(text).map_err(|error| error.render(text))?;
    let printed = expression.to_string();
    assert_eq!(
        parse(&printed).as_ref(),
        Ok(&expression),
        "the canonical text {printed} means something else"
    );
    // An attribute that the vector does not name is null.
    let mut resolve = |name: &str| {
        let exact = names.iter().position(|known| *known == name);
        exact
            .or_else(|| names.iter().position(|known| known.eq_ignore_ascii_case(name)))
            .or(Some(names.len()))
    };
    let program = compile(&expression, &mut resolve).map_err(|errors| errors[0].render(text))?;
    let context = VectorContext { context: &vector["context"], random: Cell::new(1) };
    let outcome = program.evaluate(&values, &context).map_err(|error| error.to_string())?;
    Ok((outcome, program.redacts()))
}

fn text(value: &Value) -> String {
    value.text().unwrap_or_else(|| panic!("no text: {value:?}")).into_owned()
}

fn roles(json: &Json) -> Vec<String> {
    let role =
        |role: &Json| format!("{} {} {} {}", role["value"], role["display"], role["primary"], role["type"]);
    let mut roles: Vec<String> = json.as_array().unwrap().iter().map(role).collect();
    roles.sort();
    roles
}

fn record_json(record: &Value) -> Json {
    let Value::Record(fields) = record else { panic!("no record: {record:?}") };
    let field = |(name, value): &(Arc<str>, Value)| {
        let json = match value {
            Value::Boolean(value) => Json::from(*value),
            value => Json::from(text(value)),
        };
        (name.to_string(), json)
    };
    fields.iter().map(field).collect()
}

/// What is wrong with the result of a vector, if anything.
fn check(vector: &Json) -> Result<(), String> {
    let expected = &vector["expected"];
    let result = evaluate(vector);
    if !expected["error"].is_null() {
        return match result {
            Err(_) => Ok(()),
            Ok((outcome, _)) => Err(format!("should fail, but gives `{outcome}`")),
        };
    }
    let (outcome, redacts) = result?;
    let right = match (expected, &outcome) {
        (Json::Null, Outcome::Value(value)) => value.is_null(),
        (Json::String(expected), Outcome::Value(value)) => value.text().as_deref() == Some(expected.as_str()),
        (Json::Array(expected), Outcome::Value(value @ Value::List(_))) => {
            expected.iter().map(|text| text.as_str().unwrap().to_owned()).eq(value.values().iter().map(text))
        }
        (expected, Outcome::Dropped) => expected["dropped"] == true,
        (expected, Outcome::ObjectSkipped) => expected["objectSkipped"] == true,
        (expected, Outcome::Roles { roles: actual, operation }) => {
            let actual: Json = actual.iter().map(record_json).collect();
            let operation = match operation {
                PatchOperation::Add => "add",
                PatchOperation::Replace => "replace",
            };
            roles(&expected["roles"]) == roles(&actual) && expected["patchOp"] == operation
        }
        (Json::Object(expected), Outcome::Value(value)) if expected.contains_key("matches") => {
            let more = expected.get("alsoMatches").and_then(Json::as_array).into_iter().flatten();
            let mut patterns = std::iter::once(&expected["matches"]).chain(more);
            patterns.all(|pattern| Regex::new(pattern.as_str().unwrap()).unwrap().is_match(&text(value)))
        }
        _ => false,
    };
    if !right {
        return Err(format!("gives `{outcome}`, not {expected}"));
    }
    if redacts != (vector["context"]["expectLogged"] == "[Redact]") {
        return Err(format!("redacts: {redacts}"));
    }
    Ok(())
}

#[test]
fn every_vector_holds() {
    let vectors: Vec<Json> = include_str!("vectors/expressions.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is a JSON object"))
        .collect();
    assert_eq!(vectors.len(), 287);
    let failures: Vec<String> = vectors
        .iter()
        .filter_map(|vector| check(vector).err().map(|problem| format!("{}: {problem}", vector["id"])))
        .collect();
    assert!(failures.is_empty(), "{} vectors fail:\n{}", failures.len(), failures.join("\n"));
}
