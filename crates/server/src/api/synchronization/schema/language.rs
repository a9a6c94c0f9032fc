//! `…/schema/functions` and `…/schema/filterOperators`: what mappings and filters are made of.

use std::sync::LazyLock;

use provisor_engine::ports::AttributeType as Domain;
use provisor_engine::schema::operators;
use provisor_expression::{Kind, functions as all_functions};
use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Field, Table};
use provisor_graph::resources::synchronization::directory::AttributeType;
use provisor_graph::resources::synchronization::expression::{
    AttributeMappingFunctionSchema, AttributeMappingParameterSchema, FilterOperatorSchema,
    ScopeOperatorMultiValuedComparisonType, ScopeOperatorType,
};
use serde::Serialize;
use serde_json::Value as Json;

use super::owner::Owned;
use crate::api::listing::{ItemType, Listing};
use crate::http::error::Answer;
use crate::http::request::Call;

static FUNCTION: ItemType = ItemType {
    name: "attributeMappingFunctionSchema",
    noun: "function",
    key: "id",
    members: &Table(&[
        ("id", Field::TEXT),
        ("name", Field::TEXT),
        ("parameters", Field::objects(&PARAMETER)),
    ]),
    expandable: None,
};

static PARAMETER: Table = Table(&[
    ("name", Field::TEXT),
    ("type", Field::TEXT),
    ("required", Field::BOOLEAN),
    ("allowMultipleOccurrences", Field::BOOLEAN),
]);

static OPERATOR: ItemType = ItemType {
    name: "filterOperatorSchema",
    noun: "filter operator",
    key: "id",
    members: &Table(&[
        ("id", Field::TEXT),
        ("name", Field::TEXT),
        ("arity", Field::TEXT),
        ("multivaluedComparisonType", Field::TEXT),
        ("supportedAttributeTypes", Field::TEXTS),
    ]),
    expandable: None,
};

static FUNCTIONS: LazyLock<Vec<AttributeMappingFunctionSchema>> = LazyLock::new(|| {
    let parameter = |parameter: &provisor_expression::Parameter| AttributeMappingParameterSchema {
        allow_multiple_occurrences: parameter.repeats,
        name: Some(parameter.key.to_owned()),
        required: parameter.required,
        parameter_type: match parameter.kind {
            Kind::String => AttributeType::String,
            Kind::Integer => AttributeType::Integer,
            Kind::Reference => AttributeType::Reference,
            Kind::Binary => AttributeType::Binary,
            Kind::Boolean => AttributeType::Boolean,
            Kind::DateTime => AttributeType::DateTime,
        },
    };
    let function = |function: &&provisor_expression::Function| AttributeMappingFunctionSchema {
        id: function.name.to_owned(),
        name: function.name.to_owned(),
        parameters: function.parameters.iter().map(parameter).collect(),
    };
    all_functions().iter().map(function).collect()
});

static OPERATORS: LazyLock<Vec<FilterOperatorSchema>> = LazyLock::new(|| {
    let attribute_type = |domain: &Domain| match domain {
        Domain::String => AttributeType::String,
        Domain::Integer => AttributeType::Integer,
        Domain::Reference => AttributeType::Reference,
        Domain::Binary => AttributeType::Binary,
        Domain::Boolean => AttributeType::Boolean,
        Domain::DateTime => AttributeType::DateTime,
    };
    let operator = |operator: &provisor_engine::schema::Operator| FilterOperatorSchema {
        id: operator.name.to_owned(),
        name: operator.name.to_owned(),
        arity: if operator.unary { ScopeOperatorType::Unary } else { ScopeOperatorType::Binary },
        multivalued_comparison_type: ScopeOperatorMultiValuedComparisonType::All,
        supported_attribute_types: operator.types.iter().map(attribute_type).collect(),
    };
    operators().iter().map(operator).collect()
});

/// `GET …/functions`: every function of the mapping language.
///
/// # Errors
/// 404 when there is no such job or template, 400 for query options that it does not have.
pub async fn functions(call: Call) -> Answer {
    Owned::resolve(&call).await?;
    Listing::new(&call, &FUNCTION)?.reply("functions", printed(&FUNCTIONS)?)
}

/// `GET …/filterOperators`: every operator of scoping filters.
///
/// # Errors
/// 404 when there is no such job or template, 400 for query options that it does not have.
pub async fn filter_operators(call: Call) -> Answer {
    Owned::resolve(&call).await?;
    Listing::new(&call, &OPERATOR)?.reply("filterOperators", printed(&OPERATORS)?)
}

/// Items as JSON, for a listing.
///
/// # Errors
/// 500 for what is not printable.
pub(super) fn printed(items: &[impl Serialize]) -> Result<Vec<Json>, GraphError> {
    let print = |item| {
        serde_json::to_value(item).map_err(|error| {
            tracing::error!(%error, "an item of a schema cannot be printed");
            GraphError::internal()
        })
    };
    items.iter().map(print).collect()
}
