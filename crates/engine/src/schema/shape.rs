//! Collects the attributes that a mapping uses into slots.

use std::sync::Arc;

use super::IS_SOFT_DELETED;
use super::definition::{AttributeDefinition, ObjectDefinition};
use crate::object::ObjectType;
use crate::ports::{SourceAttribute, SourceShape};

/// Gives slots to source attributes as they are asked for.
pub(super) struct SourceSlots<'a> {
    definition: &'a ObjectDefinition,
    attributes: Vec<SourceAttribute>,
    references: Vec<Arc<str>>,
}

impl<'a> SourceSlots<'a> {
    pub(super) fn new(definition: &'a ObjectDefinition) -> Self {
        Self { definition, attributes: Vec::new(), references: Vec::new() }
    }

    /// The definition of an attribute: by exact name first, then without regard to case, as published
    /// expressions need it.
    pub(super) fn define(&self, name: &str) -> Option<&'a AttributeDefinition> {
        find(self.definition, name)
    }

    /// The names of the object type's attributes.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.definition.attributes.iter().map(|attribute| attribute.name.as_str())
    }

    /// The name of the object type.
    pub(super) fn object_name(&self) -> &'a str {
        &self.definition.name
    }

    /// The slot of an attribute, new or known; `None` when the object type has no such attribute.
    pub(super) fn slot(&mut self, name: &str) -> Option<usize> {
        let name = match self.define(name) {
            Some(definition) => definition.name.as_str(),
            None if name.eq_ignore_ascii_case(IS_SOFT_DELETED) => IS_SOFT_DELETED,
            None => return None,
        };
        if let Some(slot) = self.attributes.iter().position(|attribute| &*attribute.name == name) {
            return Some(slot);
        }
        self.attributes.push(SourceAttribute { name: name.into() });
        Some(self.attributes.len() - 1)
    }

    /// The index of a reference attribute, new or known.
    pub(super) fn reference(&mut self, name: &str) -> usize {
        if let Some(index) = self.references.iter().position(|reference| &**reference == name) {
            return index;
        }
        self.references.push(name.into());
        self.references.len() - 1
    }

    /// The slot of `IsSoftDeleted`, if anything uses it.
    pub(super) fn soft_deleted(&self) -> Option<usize> {
        self.attributes.iter().position(|attribute| &*attribute.name == IS_SOFT_DELETED)
    }

    /// What is asked for so far.
    pub(super) fn shape(&self) -> SourceShape {
        SourceShape {
            object_type: ObjectType::new(self.definition.name.as_str()),
            attributes: self.attributes.clone(),
            references: self.references.clone(),
        }
    }
}

/// An attribute by exact name first, then without regard to case.
pub(super) fn find<'a>(definition: &'a ObjectDefinition, name: &str) -> Option<&'a AttributeDefinition> {
    let attributes = &definition.attributes;
    attributes
        .iter()
        .find(|attribute| attribute.name == name)
        .or_else(|| attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)))
}
