//! The parts of a schema, one by one.

use provisor_engine::ports::{AttributeType, Mutability};
use provisor_engine::schema::definition as domain;
use provisor_engine::schema::{FlowBehavior, FlowType, Flows, Problem};
use provisor_graph::resources::synchronization::directory::{self, ObjectDefinition};
use provisor_graph::resources::synchronization::filter::{Filter, FilterGroup};
use provisor_graph::resources::synchronization::mapping::{
    AttributeFlowBehavior, AttributeFlowType, AttributeMapping, ObjectFlowTypes, ObjectMapping,
};
use provisor_graph::resources::synchronization::metadata::{
    AttributeDefinitionMetadata, MetadataEntry, ObjectDefinitionMetadata,
};
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;

use super::source;

/// Parts of Graph's schema that this engine does not carry out: better refused than ignored.
pub(super) fn unsupported(schema: &SynchronizationSchema) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut refuse = |target: String, what: &str| {
        let message = format!("{what} are not supported; use the groups of the object mapping's scope");
        problems.push(Problem { code: "NotSupported", message, target });
    };
    for (rule_index, rule) in schema.synchronization_rules.iter().enumerate() {
        let place = format!("synchronizationRules[{rule_index}]");
        if rule.container_filter.as_ref().is_some_and(|filter| !filter.included_containers.is_empty()) {
            refuse(format!("{place}.containerFilter"), "container filters");
        }
        if rule.group_filter.as_ref().is_some_and(|filter| !filter.included_groups.is_empty()) {
            refuse(format!("{place}.groupFilter"), "group filters");
        }
    }
    problems
}

/// The engine's form of a schema, and what could not be taken into it: mapping sources whose tree makes no
/// expression.
pub(super) fn definition(schema: &SynchronizationSchema) -> (domain::Definition, Vec<Problem>) {
    let mut problems = Vec::new();
    let rules = schema
        .synchronization_rules
        .iter()
        .enumerate()
        .map(|(index, rule)| domain::Rule {
            id: text(rule.id.as_deref()),
            name: text(rule.name.as_deref()),
            priority: rule.priority,
            source_directory: text(rule.source_directory_name.as_deref()),
            target_directory: text(rule.target_directory_name.as_deref()),
            mappings: rule
                .object_mappings
                .iter()
                .enumerate()
                .map(|(mapping_index, mapping)| {
                    let place = format!("synchronizationRules[{index}].objectMappings[{mapping_index}]");
                    object_mapping(mapping, &place, &mut problems)
                })
                .collect(),
        })
        .collect();
    let directories = schema
        .directories
        .iter()
        .map(|directory| domain::Directory {
            name: text(directory.name.as_deref()),
            objects: directory.objects.iter().map(object).collect(),
        })
        .collect();
    (domain::Definition { rules, directories }, problems)
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

fn object_mapping(
    mapping: &ObjectMapping,
    place: &str,
    problems: &mut Vec<Problem>,
) -> domain::ObjectMapping {
    let attributes = mapping
        .attribute_mappings
        .iter()
        .enumerate()
        .map(|(index, mapping)| {
            let place = format!("{place}.attributeMappings[{index}].source");
            attribute_mapping(mapping, &place, problems)
        })
        .collect();
    domain::ObjectMapping {
        name: text(mapping.name.as_deref()),
        enabled: mapping.enabled,
        flows: Flows {
            add: mapping.flow_types.contains(ObjectFlowTypes::ADD),
            update: mapping.flow_types.contains(ObjectFlowTypes::UPDATE),
            delete: mapping.flow_types.contains(ObjectFlowTypes::DELETE),
        },
        source_object: text(mapping.source_object_name.as_deref()),
        target_object: text(mapping.target_object_name.as_deref()),
        scope: mapping.scope.as_ref().map(scope),
        attributes,
    }
}

fn attribute_mapping(
    mapping: &AttributeMapping,
    place: &str,
    problems: &mut Vec<Problem>,
) -> domain::AttributeMapping {
    let expression = mapping.source.as_ref().and_then(|source| match source::expression(source) {
        Ok(expression) => expression,
        Err(source::Fault { code, message, place: within }) => {
            problems.push(Problem { code, message, target: format!("{place}{within}") });
            None
        }
    });
    domain::AttributeMapping {
        target: text(mapping.target_attribute_name.as_deref()),
        expression,
        default: mapping.default_value.clone(),
        matching_priority: mapping.matching_priority,
        flow_type: match mapping.flow_type {
            AttributeFlowType::Always => FlowType::Always,
            AttributeFlowType::ObjectAddOnly => FlowType::ObjectAddOnly,
            AttributeFlowType::MultiValueAddOnly => FlowType::MultiValueAddOnly,
            AttributeFlowType::ValueAddOnly => FlowType::ValueAddOnly,
            AttributeFlowType::AttributeAddOnly => FlowType::AttributeAddOnly,
        },
        behavior: match mapping.flow_behavior {
            AttributeFlowBehavior::FlowWhenChanged => FlowBehavior::FlowWhenChanged,
            AttributeFlowBehavior::FlowAlways => FlowBehavior::FlowAlways,
        },
    }
}

fn scope(filter: &Filter) -> domain::ScopeFilter {
    let set = |groups: &[FilterGroup]| groups.iter().map(group).collect();
    domain::ScopeFilter {
        groups: set(&filter.groups),
        input_groups: set(&filter.input_filter_groups),
        category_groups: set(&filter.category_filter_groups),
    }
}

fn group(group: &FilterGroup) -> domain::FilterGroup {
    let clauses = group.clauses.iter().map(|clause| domain::FilterClause {
        attribute: text(clause.source_operand_name.as_deref()),
        operator: text(clause.operator_name.as_deref()),
        values: clause.target_operand.as_ref().map(|operand| operand.values.clone()).unwrap_or_default(),
    });
    domain::FilterGroup { name: text(group.name.as_deref()), clauses: clauses.collect() }
}

fn object(object: &ObjectDefinition) -> domain::ObjectDefinition {
    let soft_deletion = fact(&object.metadata, ObjectDefinitionMetadata::IsSoftDeletionSupported)
        .map(|value| !value.eq_ignore_ascii_case("false"));
    domain::ObjectDefinition {
        name: text(object.name.as_deref()),
        attributes: object.attributes.iter().map(attribute).collect(),
        soft_deletion,
        base: fact(&object.metadata, ObjectDefinitionMetadata::BaseObjectName).map(str::to_owned),
    }
}

/// The value of a metadata entry: the text, or the text of the JSON string that it is.
fn fact<K: PartialEq + Copy>(entries: &[MetadataEntry<K>], key: K) -> Option<&str> {
    let entry = entries.iter().find(|entry| entry.key.as_ref() == Some(&key))?;
    entry.value.as_deref().map(|value| value.trim_matches('"')).filter(|value| !value.is_empty())
}

fn attribute(attribute: &directory::AttributeDefinition) -> domain::AttributeDefinition {
    domain::AttributeDefinition {
        name: text(attribute.name.as_deref()),
        attribute_type: match attribute.attribute_type {
            directory::AttributeType::String => AttributeType::String,
            directory::AttributeType::Integer => AttributeType::Integer,
            directory::AttributeType::Reference => AttributeType::Reference,
            directory::AttributeType::Binary => AttributeType::Binary,
            directory::AttributeType::Boolean => AttributeType::Boolean,
            directory::AttributeType::DateTime => AttributeType::DateTime,
        },
        multivalued: attribute.multivalued,
        required: attribute.required,
        case_exact: attribute.case_exact,
        anchor: attribute.anchor,
        mutability: match attribute.mutability {
            directory::Mutability::ReadWrite => Mutability::ReadWrite,
            directory::Mutability::ReadOnly => Mutability::ReadOnly,
            directory::Mutability::Immutable => Mutability::Immutable,
            directory::Mutability::WriteOnly => Mutability::WriteOnly,
        },
        default: attribute.default_value.clone(),
        flow_null_values: attribute.flow_null_values,
        base: fact(&attribute.metadata, AttributeDefinitionMetadata::BaseAttributeName).map(str::to_owned),
        refers_to: attribute
            .referenced_objects
            .iter()
            .filter_map(|object| object.referenced_object_name.clone())
            .collect(),
    }
}
