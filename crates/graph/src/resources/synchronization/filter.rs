//! `filter`: which source objects are in the scope of an object mapping.

use serde::{Deserialize, Serialize};

/// A scoping filter: in each set any group suffices, and all clauses of a group must hold. An empty set
/// passes everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// Whether the object belongs to this mapping at all.
    pub category_filter_groups: Vec<FilterGroup>,
    /// Whether the object is in scope.
    pub groups: Vec<FilterGroup>,
    /// Whether the object is read at all.
    pub input_filter_groups: Vec<FilterGroup>,
}

/// Clauses that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterGroup {
    /// Its title.
    pub name: Option<String>,
    /// The clauses.
    pub clauses: Vec<FilterClause>,
}

/// An attribute, an operator, and values to compare with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterClause {
    /// The operator's name: `EQUALS`.
    pub operator_name: Option<String>,
    /// The source attribute.
    pub source_operand_name: Option<String>,
    /// The values; a unary operator has none.
    pub target_operand: Option<FilterOperand>,
}

/// Values to compare with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterOperand {
    /// Always texts, for numbers and booleans too.
    pub values: Vec<String>,
}
