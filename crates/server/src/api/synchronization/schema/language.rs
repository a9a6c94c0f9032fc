//! `…/schema/functions` and `…/schema/filterOperators`: what mappings and filters are made of.

use std::sync::LazyLock;

use provisor_engine::ports::AttributeType as Domain;
use provisor_engine::schema::operators;
use provisor_expression::{Kind, functions as all_functions};
use provisor_graph::error::GraphError;
use provisor_graph::odata::filter;
use provisor_graph::resources::synchronization::directory::AttributeType;
use provisor_graph::resources::synchronization::expression::{
    AttributeMappingFunctionSchema, AttributeMappingParameterSchema, FilterOperatorSchema,
    ScopeOperatorMultiValuedComparisonType, ScopeOperatorType,
};
use serde::Serialize;
use serde_json::Value as Json;

use super::owner::Owned;
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

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
/// 404 when there is no such job or template.
pub async fn functions(call: Call) -> Answer {
    Owned::resolve(&call).await?;
    listed(&call, "functions", &FUNCTIONS)
}

/// `GET …/filterOperators`: every operator of scoping filters.
///
/// # Errors
/// 404 when there is no such job or template.
pub async fn filter_operators(call: Call) -> Answer {
    Owned::resolve(&call).await?;
    listed(&call, "filterOperators", &OPERATORS)
}

/// A whole collection, with `$filter`, `$skip`, `$top`, `$select` and `$count`.
pub(super) fn listed(call: &Call, fragment: &str, all: &[impl Serialize]) -> Answer {
    let filter = call.options.filter.as_deref().map(filter::parse).transpose()?;
    let mut items = Vec::with_capacity(all.len());
    for item in all {
        let json = serde_json::to_value(item).map_err(|error| {
            tracing::error!(%error, fragment, "an item cannot be printed");
            GraphError::internal()
        })?;
        if filter.as_ref().is_none_or(|filter| filter.matches(&json, filter::Case::Insensitive)) {
            items.push(json);
        }
    }
    let count = call.options.count.unwrap_or(false).then_some(items.len() as u64);
    if let Some(skip) = call.options.skip {
        items.drain(..items.len().min(usize::try_from(skip).unwrap_or(usize::MAX)));
    }
    if let Some(top) = call.options.top {
        items.truncate(usize::try_from(top).unwrap_or(usize::MAX));
    }
    if let Some(names) = &call.options.select {
        let wanted =
            |member: &String| names.iter().any(|name| name == "*" || name.eq_ignore_ascii_case(member));
        for item in &mut items {
            if let Json::Object(members) = item {
                members.retain(|member, _| wanted(member));
            }
        }
    }
    Ok(Reply::collection(call, fragment, PageLinks { count, ..PageLinks::default() }, &items)?)
}
