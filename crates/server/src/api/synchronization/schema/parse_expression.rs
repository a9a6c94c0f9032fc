//! `POST …/schema/parseExpression`: what an expression means, and what it gives for an object.

use std::cell::RefCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use provisor_engine::ids::Ids;
use provisor_expression::{Context, Diagnostic, EvaluationError, Outcome, Value};
use provisor_graph::error::GraphError;
use provisor_graph::nearest::slip;
use provisor_graph::resources::synchronization::directory::{
    AttributeDefinition, AttributeType, ObjectDefinition,
};
use provisor_graph::resources::synchronization::expression::{
    ExpressionInputObject, ParseExpressionRequest, ParseExpressionResponse, PublicError, PublicErrorDetail,
};
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use serde_json::Value as Json;

use super::owner::Owned;
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::Reply;
use crate::schema::tree;

/// A wrong expression is an answer, not an error: 200 with `error` filled.
///
/// # Errors
/// 404 when there is no such job or template, 400 without an expression.
pub async fn parse_expression(call: Call) -> Answer {
    let owned = Owned::resolve(&call).await?;
    let request: ParseExpressionRequest = call.typed("parseExpression")?;
    let text = request.expression.as_deref().ok_or_else(|| {
        GraphError::bad_request("The parameter 'expression' is missing: give the expression.")
    })?;
    let world =
        World { now: call.now(), ids: call.state.ids.as_ref(), default_domain: &call.state.tenant.domain };
    check_keys(&request)?;
    let known = source_attributes(&owned.schema(&call).await?);
    let response = answer(text, &request, &known, &world);
    Ok(Reply::entity(&call, "microsoft.graph.parseExpressionResponse", &response)?)
}

/// What an evaluation asks the world for. Nobody has any value yet, and there are no tokens.
struct World<'a> {
    now: Timestamp,
    ids: &'a dyn Ids,
    default_domain: &'a str,
}

impl Context for World<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn random_u64(&self) -> u64 {
        self.ids.random()
    }

    fn exists_in_target(&self, _value: &str) -> bool {
        false
    }

    fn default_domain(&self) -> Option<&str> {
        Some(self.default_domain)
    }
}

/// A value without a name would be left out without a word.
fn check_keys(request: &ParseExpressionRequest) -> Result<(), GraphError> {
    let properties = request.test_input_object.iter().flat_map(|input| &input.properties);
    for (index, property) in properties.enumerate() {
        if property.key.as_deref().is_none_or(str::is_empty) {
            return Err(GraphError::bad_request(format!(
                "'testInputObject/properties[{index}]/key' is missing: give the attribute's name as \"key\" and its \
                 value as \"value\"."
            )));
        }
    }
    Ok(())
}

/// The attributes of the object types that the schema reads.
fn source_attributes(schema: &SynchronizationSchema) -> Vec<String> {
    let mut names = Vec::new();
    for rule in &schema.synchronization_rules {
        let directory = schema.directories.iter().find(|known| known.name == rule.source_directory_name);
        for object in directory.iter().flat_map(|directory| &directory.objects) {
            if rule.object_mappings.iter().any(|mapping| mapping.source_object_name == object.name) {
                names.extend(object.attributes.iter().filter_map(|attribute| attribute.name.clone()));
            }
        }
    }
    names
}

fn answer(
    text: &str,
    request: &ParseExpressionRequest,
    known: &[String],
    world: &World<'_>,
) -> ParseExpressionResponse {
    let failed = |error: PublicError| ParseExpressionResponse {
        error: Some(error),
        ..ParseExpressionResponse::default()
    };
    let expression = match provisor_expression::parse(text) {
        Ok(expression) => expression,
        Err(diagnostic) => return failed(wrong(text, &[diagnostic])),
    };
    let names = RefCell::new(Vec::<String>::new());
    let slot = |name: &str| {
        let mut names = names.borrow_mut();
        let known = names.iter().position(|known| known == name);
        Some(known.unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        }))
    };
    let program = match provisor_expression::compile(&expression, &mut |name| slot(name)) {
        Ok(program) => program,
        Err(diagnostics) => return failed(wrong(text, &diagnostics)),
    };
    let parsed = ParseExpressionResponse {
        parsed_expression: Some(tree::of(&expression)),
        parsing_succeeded: true,
        ..ParseExpressionResponse::default()
    };
    let Some(input) = &request.test_input_object else { return parsed };
    if let Some(unknown) = unknown_attributes(text, &expression, input, known) {
        return ParseExpressionResponse { error: Some(unknown), ..parsed };
    }
    let values: Vec<Value> = names.into_inner().iter().map(|name| value_of(input, name)).collect();
    let result = match program.evaluate(&values, world) {
        Ok(outcome) => texts(&outcome, request.target_attribute_definition.as_ref()),
        Err(error) => Err(Box::new(failure(text, &error))),
    };
    match result {
        Ok(texts) => {
            ParseExpressionResponse { evaluation_result: texts, evaluation_succeeded: true, ..parsed }
        }
        Err(error) => ParseExpressionResponse { error: Some(*error), ..parsed },
    }
}

/// Attributes that cannot be meant: those that the object type of the request does not have. Without one, whatever
/// the object lacks is null, unless its name is a slip of one that the object or the schema has.
fn unknown_attributes(
    text: &str,
    expression: &provisor_expression::Expression,
    input: &ExpressionInputObject,
    known: &[String],
) -> Option<PublicError> {
    let given = || input.properties.iter().filter_map(|property| property.key.as_deref());
    let defined = input.definition.as_ref().map(|definition| &definition.attributes);
    let defined = defined.filter(|attributes| !attributes.is_empty());
    let mut names: Vec<&str> = given().collect();
    match defined {
        Some(attributes) => {
            names.extend(attributes.iter().filter_map(|attribute| attribute.name.as_deref()));
        }
        None => names.extend(known.iter().map(String::as_str)),
    }
    let mut resolve = |name: &str| {
        let there = names.iter().any(|known| known.eq_ignore_ascii_case(name));
        (there || defined.is_none() && slip(name, names.iter().copied()).is_none()).then_some(0)
    };
    let diagnostics = provisor_expression::compile(expression, &mut resolve).err()?;
    let suggest = |diagnostic: Diagnostic| diagnostic.suggest_attribute(text, names.iter().copied());
    Some(wrong(text, &diagnostics.into_iter().map(suggest).collect::<Vec<_>>()))
}

/// The error of an expression that has no meaning: shown as on the command line.
fn wrong(text: &str, diagnostics: &[Diagnostic]) -> PublicError {
    let code = |diagnostic: &Diagnostic| {
        let words = diagnostic.code.as_str().split('-');
        words.map(capitalized).collect::<String>()
    };
    let detail = |diagnostic: &Diagnostic| {
        let (line, column) = diagnostic.position(text);
        PublicErrorDetail {
            code: Some(code(diagnostic)),
            message: Some(diagnostic.to_string()),
            target: Some(format!("expression:{line}:{column}")),
        }
    };
    let rendered: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(text)).collect();
    PublicError {
        code: diagnostics.first().map(code),
        message: Some(rendered.join("\n\n")),
        target: Some("expression".to_owned()),
        details: diagnostics.iter().map(detail).collect(),
        inner_error: None,
    }
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    format!("{}{rest}", first.to_ascii_uppercase())
}

/// The error of an expression that gives no value for this object.
fn failure(text: &str, error: &EvaluationError) -> PublicError {
    let place = text.get(error.span.range()).unwrap_or(text);
    let message = format!("{error}, in {place}");
    single("EvaluationFailed", message, "testInputObject")
}

fn single(code: &str, message: String, target: &str) -> PublicError {
    let detail = PublicErrorDetail {
        code: Some(code.to_owned()),
        message: Some(message.clone()),
        target: Some(target.to_owned()),
    };
    PublicError {
        code: Some(code.to_owned()),
        message: Some(message),
        target: Some(target.to_owned()),
        details: vec![detail],
        inner_error: None,
    }
}

/// The value of an attribute of the test object: by exact name first, then without regard to case.
fn value_of(input: &ExpressionInputObject, name: &str) -> Value {
    let key =
        |property: &provisor_graph::resources::synchronization::expression::StringKeyObjectValuePair| {
            property.key.clone().unwrap_or_default()
        };
    let exact = input.properties.iter().find(|property| key(property) == name);
    let found =
        exact.or_else(|| input.properties.iter().find(|property| key(property).eq_ignore_ascii_case(name)));
    let binary = input
        .definition
        .as_ref()
        .and_then(|definition| attribute(definition, name))
        .is_some_and(|attribute| attribute.attribute_type == AttributeType::Binary);
    found.map_or(Value::Null, |property| from_json(&property.value, binary))
}

fn attribute<'a>(definition: &'a ObjectDefinition, name: &str) -> Option<&'a AttributeDefinition> {
    definition
        .attributes
        .iter()
        .find(|attribute| attribute.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name)))
}

fn from_json(json: &Json, binary: bool) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::from(*truth),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::from(number.to_string()), Value::from),
        Json::String(text) if binary => match STANDARD.decode(text) {
            Ok(bytes) => Value::Binary(bytes.into()),
            Err(_) => Value::from(text.as_str()),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(values) => Value::List(values.iter().map(|value| from_json(value, binary)).collect()),
        Json::Object(fields) => Value::Record(
            fields.iter().map(|(name, value)| (name.as_str().into(), from_json(value, false))).collect(),
        ),
    }
}

/// The result as texts: none for nothing, several for a list; bytes in base64, complex values as JSON. With a target
/// attribute it is what that attribute would get.
fn texts(outcome: &Outcome, target: Option<&AttributeDefinition>) -> Result<Vec<String>, Box<PublicError>> {
    let values: &[Value] = match outcome {
        Outcome::Value(value) => value.values(),
        Outcome::Roles { roles, .. } => roles,
        Outcome::Dropped | Outcome::ObjectSkipped => &[],
    };
    let mut texts: Vec<String> = values.iter().filter(|value| !value.is_null()).map(text).collect();
    let Some(target) = target else { return Ok(texts) };
    if !target.multivalued {
        texts.truncate(1);
    }
    if texts.is_empty() && matches!(outcome, Outcome::Value(_)) {
        texts.extend(target.default_value.clone());
    }
    for text in &texts {
        let (fits, wanted) = match target.attribute_type {
            AttributeType::Boolean => (
                ["true", "false"].iter().any(|known| text.trim().eq_ignore_ascii_case(known)),
                "true or false",
            ),
            AttributeType::Integer => (text.trim().parse::<i64>().is_ok(), "a whole number"),
            _ => (true, ""),
        };
        if !fits {
            let name = target.name.as_deref().unwrap_or_default();
            let message =
                format!("the expression gives '{text}', which is not {wanted}; '{name}' holds that");
            return Err(Box::new(single("TypeMismatch", message, "targetAttributeDefinition")));
        }
    }
    Ok(texts)
}

fn text(value: &Value) -> String {
    match value {
        Value::Binary(bytes) => STANDARD.encode(bytes),
        Value::Record(_) | Value::List(_) => to_json(value).to_string(),
        single => single.text().unwrap_or_default().into_owned(),
    }
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => Json::Bool(*truth),
        Value::Record(fields) => {
            Json::Object(fields.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect())
        }
        Value::List(values) => values.iter().map(to_json).collect(),
        single => text(single).into(),
    }
}
