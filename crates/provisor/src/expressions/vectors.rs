//! Vectors: expressions with attributes and expected results, one JSON object a line, with which people
//! keep their mappings under test.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow, bail};
use provisor_expression::{Code, Diagnostic, Outcome, Value, compile, nearest_name, parse};
use regex::Regex;
use serde::Deserialize;
use serde_json::Value as Json;

use super::attributes::Attributes;
use super::outcome;
use super::surroundings::Surroundings;

/// What a provisioning log shows in place of a redacted value.
const REDACTED: &str = "[Redact]";

/// One vector.
#[derive(Clone, Debug)]
pub struct Vector {
    /// What it is called.
    pub id: Option<String>,
    /// The text of the expression.
    pub expression: String,
    attributes: Attributes,
    expected: Expected,
    context: Surrounded,
}

/// The keys of a line; `source` and `note` are for people.
const KEYS: [&str; 7] = ["id", "expression", "attributes", "expected", "source", "note", "context"];
/// The keys of `context`.
const CONTEXT_KEYS: [&str; 6] =
    ["now", "existingValues", "defaultDomain", "tokens", "profile", "expectLogged"];
/// The keys of `expected`.
const EXPECTED_KEYS: [&str; 7] =
    ["error", "dropped", "objectSkipped", "matches", "alsoMatches", "roles", "patchOp"];

/// Refuses keys that would be read over: a misspelt one makes a vector that checks something else.
fn check_keys(json: Option<&Json>, place: &str, known: &[&str]) -> anyhow::Result<()> {
    for key in json.and_then(Json::as_object).into_iter().flatten().map(|(key, _)| key) {
        if !known.contains(&key.as_str()) {
            let near = nearest_name(key, known.iter().copied());
            let near = near.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
            bail!("{place} has the unknown key '{key}'; its keys are {}{near}", known.join(", "));
        }
    }
    Ok(())
}

/// A line as it is written.
#[derive(Deserialize)]
struct Line {
    id: Option<String>,
    expression: String,
    #[serde(default)]
    attributes: Option<Json>,
    #[serde(default, deserialize_with = "given")]
    expected: Option<Json>,
    #[serde(default)]
    context: Option<Surrounded>,
}

/// `null` is an expectation; a key that is not there is none.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

/// An instant in ISO 8601. Without an offset it is in UTC, without a time midnight, as everywhere in the language.
fn instant<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<jiff::Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    super::surroundings::instant(&text).map(Some).map_err(serde::de::Error::custom)
}

/// The surroundings that a vector gives.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Surrounded {
    #[serde(deserialize_with = "instant")]
    now: Option<jiff::Timestamp>,
    existing_values: Vec<String>,
    default_domain: Option<String>,
    tokens: BTreeMap<String, String>,
    expect_logged: Option<String>,
}

/// What a vector expects.
#[derive(Clone, Debug)]
enum Expected {
    Null,
    Text(String),
    List(Vec<String>),
    Dropped,
    ObjectSkipped,
    Error(String),
    Matches(Vec<Regex>),
    Roles { roles: Vec<Json>, operation: String },
}

impl Vector {
    /// Reads a line.
    ///
    /// # Errors
    /// What is malformed about it.
    pub fn read(line: &str) -> anyhow::Result<Self> {
        let json: Json = serde_json::from_str(line).context("the line is no JSON")?;
        if !json.is_object() {
            bail!("the line is no JSON object");
        }
        check_keys(Some(&json), "the vector", &KEYS)?;
        check_keys(json.get("context"), "'context'", &CONTEXT_KEYS)?;
        check_keys(json.get("expected"), "'expected'", &EXPECTED_KEYS)?;
        let line: Line = serde_json::from_value(json).context("the line is no vector")?;
        let expected = line.expected.ok_or_else(|| anyhow!("the vector has no key 'expected'"))?;
        let attributes = line.attributes.unwrap_or_else(|| Json::Object(serde_json::Map::new()));
        Ok(Self {
            id: line.id,
            expression: line.expression,
            attributes: Attributes::from_json(&attributes)?,
            expected: Expected::read(&expected)?,
            context: line.context.unwrap_or_default(),
        })
    }

    /// Evaluates the vector; what it does not say of its surroundings is taken from `default`.
    ///
    /// # Errors
    /// What was expected and what came instead, in one line.
    pub fn check(&self, default: &Surroundings) -> Result<(), String> {
        let outcome = match (self.evaluate(default), &self.expected) {
            (Err(failure), Expected::Error(kind)) if failure.is_expected(kind) => return Ok(()),
            (Err(Failure { problem, before: true }), Expected::Error(kind)) => {
                return Err(format!(
                    "expected an error of the kind '{kind}' when evaluated, but the expression does not compile: {problem}"
                ));
            }
            (Err(failure), expected) => {
                return Err(format!("expected {}, got an error: {}", expected.describe(), failure.problem));
            }
            (Ok(outcome), _) => outcome,
        };
        if !self.expected.is(&outcome.outcome) {
            let actual = outcome::to_json(&outcome.outcome);
            return Err(format!("expected {}, got {actual}", self.expected.describe()));
        }
        match &self.context.expect_logged {
            Some(expected) if *expected != outcome.logged() => {
                Err(format!("expected the log to show {expected:?}, got {:?}", outcome.logged()))
            }
            _ => Ok(()),
        }
    }

    /// What may be misspelt: an attribute that the vector does not give, while it gives one of nearly that name which
    /// the expression does not use.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let expression = parse(&self.expression).ok()?;
        let used: Vec<&str> = expression.attributes().collect();
        let mut attributes = self.attributes.clone();
        attributes.resolve(used.iter().copied());
        let same = |given: &str| used.iter().any(|used| used.eq_ignore_ascii_case(given));
        let spare: Vec<&str> = self.attributes.names().filter(|given| !same(given)).collect();
        let missing = |name: &&&str| attributes.slot(name).is_none();
        let notes: Vec<String> = used
            .iter()
            .filter(missing)
            .filter_map(|name| {
                let near = nearest_name(name, spare.iter().copied())?;
                Some(format!(
                    "[{name}] is not among the attributes and counts as null; '{near}' is, but is not used"
                ))
            })
            .collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    fn evaluate(&self, default: &Surroundings) -> Result<Evaluated, Failure> {
        let mut attributes = self.attributes.clone();
        let expression = parse(&self.expression).map_err(|error| Failure::compiling(&[error]))?;
        attributes.resolve(expression.attributes());
        // An attribute that the vector does not name is null.
        let missing = attributes.missing();
        let mut resolve = |name: &str| Some(attributes.slot(name).unwrap_or(missing));
        let program = compile(&expression, &mut resolve).map_err(|errors| Failure::compiling(&errors))?;
        let given = self.context.clone();
        let surroundings = Surroundings {
            now: given.now.unwrap_or(default.now),
            default_domain: given.default_domain.or_else(|| default.default_domain.clone()),
            tokens: default.tokens.clone().into_iter().chain(given.tokens).collect(),
            existing: [default.existing.clone(), given.existing_values].concat(),
            ids: default.ids.clone(),
        };
        let outcome = program.evaluate(attributes.values(), &surroundings);
        outcome
            .map(|outcome| Evaluated { outcome, redacts: program.redacts() })
            .map_err(|error| Failure { problem: error.to_string(), before: false })
    }
}

/// Why a vector gives no value.
struct Failure {
    problem: String,
    /// Whether there was nothing to evaluate: the expression is none.
    before: bool,
}

impl Failure {
    fn compiling(diagnostics: &[Diagnostic]) -> Self {
        let problems: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        // A constant argument that is refused early would be an error of the evaluation otherwise.
        let before = diagnostics.iter().any(|diagnostic| diagnostic.code != Code::Argument);
        Self { problem: problems.join("; "), before }
    }

    /// Kinds are informative, but an expression that is none passes only for who expects that.
    fn is_expected(&self, kind: &str) -> bool {
        const BEFORE: [&str; 6] = ["parse", "unknown-function", "arity", "nested", "argument", "any"];
        !self.before || BEFORE.contains(&kind)
    }
}

struct Evaluated {
    outcome: Outcome,
    redacts: bool,
}

impl Evaluated {
    fn logged(&self) -> String {
        if self.redacts { REDACTED.to_owned() } else { self.outcome.to_string() }
    }
}

impl Expected {
    fn read(json: &Json) -> anyhow::Result<Self> {
        let text = |json: &Json| match json {
            Json::String(text) => Ok(text.clone()),
            Json::Number(number) => Ok(number.to_string()),
            Json::Bool(true) => Ok("True".to_owned()),
            Json::Bool(false) => Ok("False".to_owned()),
            other => Err(anyhow!("'expected' holds {other} where a text is expected")),
        };
        Ok(match json {
            Json::Null => Expected::Null,
            Json::Array(values) => Expected::List(values.iter().map(text).collect::<anyhow::Result<_>>()?),
            Json::Object(fields) => {
                let has = |name: &str| fields.contains_key(name);
                match () {
                    () if has("error") => Expected::Error(text(&json["error"])?),
                    () if json["dropped"] == true => Expected::Dropped,
                    () if json["objectSkipped"] == true => Expected::ObjectSkipped,
                    () if has("matches") => Expected::Matches(patterns(json)?),
                    () if has("roles") => roles(json)?,
                    () => bail!("'expected' is {json}, which says nothing that can be checked"),
                }
            }
            single => Expected::Text(text(single)?),
        })
    }

    fn is(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Expected::Null, Outcome::Value(value)) => value.is_null(),
            (Expected::Null, Outcome::Roles { roles, .. }) => roles.is_empty(),
            (Expected::Text(expected), Outcome::Value(value)) => single(value).as_deref() == Some(expected),
            (Expected::List(expected), Outcome::Value(value)) => {
                let values = value.values().iter().map(|value| value.text().map(|text| text.into_owned()));
                values.eq(expected.iter().map(|text| Some(text.clone())))
            }
            (Expected::Dropped, Outcome::Dropped) | (Expected::ObjectSkipped, Outcome::ObjectSkipped) => true,
            (Expected::Matches(patterns), Outcome::Value(value)) => {
                single(value).is_some_and(|text| patterns.iter().all(|pattern| pattern.is_match(&text)))
            }
            (Expected::Roles { roles: expected, operation: wanted }, Outcome::Roles { roles, operation }) => {
                let actual: Vec<Json> =
                    roles.iter().map(|role| outcome::to_json(&Outcome::Value(role.clone()))).collect();
                sorted(expected) == sorted(&actual) && wanted == outcome::patch_operation(*operation)
            }
            _ => false,
        }
    }

    fn describe(&self) -> String {
        match self {
            Expected::Null => "null".to_owned(),
            Expected::Text(text) => Json::from(text.as_str()).to_string(),
            Expected::List(texts) => Json::from(texts.clone()).to_string(),
            Expected::Dropped => r#"{"dropped":true}"#.to_owned(),
            Expected::ObjectSkipped => r#"{"objectSkipped":true}"#.to_owned(),
            Expected::Error(_) => "an error".to_owned(),
            Expected::Matches(patterns) => {
                let patterns: Vec<String> = patterns.iter().map(|pattern| format!("/{pattern}/")).collect();
                format!("a match of {}", patterns.join(" and "))
            }
            Expected::Roles { roles, operation } => {
                serde_json::json!({ "roles": roles, "patchOp": operation }).to_string()
            }
        }
    }
}

/// The text of a single value; a list of one value is that value.
fn single(value: &Value) -> Option<String> {
    match value.values() {
        [only] => only.text().map(std::borrow::Cow::into_owned),
        _ => None,
    }
}

fn patterns(json: &Json) -> anyhow::Result<Vec<Regex>> {
    let more = json.get("alsoMatches").and_then(Json::as_array).into_iter().flatten();
    let pattern = |json: &Json| {
        let text = json.as_str().ok_or_else(|| anyhow!("the pattern {json} is no text"))?;
        Regex::new(text).map_err(|_| anyhow!("the pattern {json} is no regular expression"))
    };
    std::iter::once(&json["matches"]).chain(more).map(pattern).collect()
}

fn roles(json: &Json) -> anyhow::Result<Expected> {
    let roles = json["roles"].as_array().ok_or_else(|| anyhow!("'roles' is no list"))?;
    match json["patchOp"].as_str() {
        Some(operation @ ("add" | "replace")) => {
            Ok(Expected::Roles { roles: roles.clone(), operation: operation.to_owned() })
        }
        _ => bail!("'patchOp' is neither \"add\" nor \"replace\""),
    }
}

/// Roles in an order of their own: the one of a vector means nothing.
fn sorted(roles: &[Json]) -> Vec<String> {
    let role =
        |role: &Json| ["value", "display", "primary", "type"].map(|name| role[name].to_string()).join(" ");
    let mut roles: Vec<String> = roles.iter().map(role).collect();
    roles.sort();
    roles
}

/// What became of a file of vectors.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many hold.
    pub passed: usize,
    /// One line for each that does not, or that cannot be read.
    pub failures: Vec<String>,
    /// What may be misspelt, one line each; nothing fails by it.
    pub notes: Vec<String>,
}

impl Report {
    /// Runs every vector of a file. Blank lines are no vectors; a file without any has failed.
    pub fn run(&mut self, name: &str, content: &[u8], surroundings: &Surroundings) {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let before = self.passed + self.failures.len();
        for (number, line) in (1..).zip(content.split(|byte| *byte == b'\n')) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let vector = std::str::from_utf8(line)
                .context("the line is no UTF-8")
                .and_then(|line| Vector::read(line.trim_end()));
            if let Some(note) = vector.as_ref().ok().and_then(Vector::note) {
                self.notes.push(format!("{name}:{number}: {note}"));
            }
            let result = match vector {
                Ok(vector) => vector.check(surroundings).map_err(|problem| {
                    let id = vector.id.unwrap_or_else(|| vector.expression.replace(['\n', '\r'], " "));
                    format!("{id}: {problem}")
                }),
                Err(error) => Err(format!("malformed: {error:#}")),
            };
            match result {
                Ok(()) => self.passed += 1,
                Err(problem) => {
                    self.failures.push(format!("{name}:{number}: {}", problem.replace(['\n', '\r'], " ")));
                }
            }
        }
        if self.passed + self.failures.len() == before {
            self.failures.push(format!("no vectors in {name}"));
        }
    }
}

#[cfg(test)]
mod tests;
