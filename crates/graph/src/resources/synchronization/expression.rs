//! `parseExpression`, and what the mapping language and its filters consist of.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::directory::{AttributeDefinition, AttributeType, ObjectDefinition};
use super::mapping::AttributeMappingSource;
use crate::edm::enumeration::wire_enum;

/// The parameters of `parseExpression`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ParseExpressionRequest {
    /// The expression; the one parameter that must be there.
    pub expression: Option<String>,
    /// An object to evaluate it for; without one it is only parsed.
    pub test_input_object: Option<ExpressionInputObject>,
    /// The attribute that the value is for.
    pub target_attribute_definition: Option<AttributeDefinition>,
}

/// An object to evaluate an expression for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename = "expressionInputObject", rename_all = "camelCase", default)]
pub struct ExpressionInputObject {
    /// Its type; when it is given, it says which attributes there are.
    pub definition: Option<ObjectDefinition>,
    /// Its values.
    pub properties: Vec<StringKeyObjectValuePair>,
}

/// A value of any type under a name. Its annotation `value@odata.type` is dropped like all: lists and texts can be
/// told apart without it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename = "stringKeyObjectValuePair", rename_all = "camelCase", default)]
pub struct StringKeyObjectValuePair {
    /// The name.
    pub key: Option<String>,
    /// The value.
    pub value: Json,
}

/// What `parseExpression` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParseExpressionResponse {
    /// What is wrong; null when nothing is.
    pub error: Option<PublicError>,
    /// The value as texts; several for a multi-valued one.
    pub evaluation_result: Vec<String>,
    /// Whether there is a result.
    pub evaluation_succeeded: bool,
    /// The tree.
    pub parsed_expression: Option<AttributeMappingSource>,
    /// Whether there is a tree.
    pub parsing_succeeded: bool,
}

/// An error as part of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicError {
    /// A code that programs read.
    pub code: Option<String>,
    /// What is wrong, with the place.
    pub message: Option<String>,
    /// What it is about.
    pub target: Option<String>,
    /// Every finding.
    pub details: Vec<PublicErrorDetail>,
    /// Never given.
    pub inner_error: Option<PublicInnerError>,
}

/// One finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicErrorDetail {
    /// A code that programs read.
    pub code: Option<String>,
    /// What is wrong, in one line.
    pub message: Option<String>,
    /// Where.
    pub target: Option<String>,
}

/// More about an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicInnerError {
    /// A code that programs read.
    pub code: Option<String>,
    /// What is wrong.
    pub message: Option<String>,
    /// What it is about.
    pub target: Option<String>,
    /// Every finding.
    pub details: Vec<PublicErrorDetail>,
}

/// A function of the mapping language. Its key is `id` in the metadata and `name` on Graph's pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeMappingFunctionSchema {
    /// Its name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<AttributeMappingParameterSchema>,
}

/// A parameter of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeMappingParameterSchema {
    /// Whether several arguments may be given for it.
    pub allow_multiple_occurrences: bool,
    /// Its name.
    pub name: Option<String>,
    /// Whether an argument must be given.
    pub required: bool,
    /// The type of its values.
    #[serde(rename = "type")]
    pub parameter_type: AttributeType,
}

wire_enum! {
    /// How many operands an operator has.
    pub enum ScopeOperatorType: "scopeOperatorType" = Binary {
        /// An attribute and values.
        Binary = 0,
        /// An attribute.
        Unary = 1,
    }
}

wire_enum! {
    /// How an operator treats several values.
    pub enum ScopeOperatorMultiValuedComparisonType: "scopeOperatorMultiValuedComparisonType" = All {
        /// It must hold for all.
        All = 0,
        /// It must hold for one.
        Any = 1,
    }
}

/// An operator of scoping filters. Its key is `id` in the metadata and `name` on Graph's pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FilterOperatorSchema {
    /// Its name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many operands it has.
    pub arity: ScopeOperatorType,
    /// How it treats several values.
    pub multivalued_comparison_type: ScopeOperatorMultiValuedComparisonType,
    /// The attribute types it works on.
    pub supported_attribute_types: Vec<AttributeType>,
}
