//! Metadata entries: a key of an enumeration and a text, which is often JSON itself.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::edm::enumeration::wire_enum;

/// The keys of one kind of metadata.
pub trait MetadataKey: Sized {
    /// The name of the entry's type in Graph's metadata.
    const ENTRY: &'static str;

    /// The key of this name, in any letter case.
    fn of_name(name: &str) -> Option<Self>;
}

macro_rules! metadata_key {
    ($name:ident, $entry:literal) => {
        impl MetadataKey for $name {
            const ENTRY: &'static str = $entry;

            fn of_name(name: &str) -> Option<Self> {
                Self::parse(name)
            }
        }
    };
}

wire_enum! {
    /// Keys of `objectMapping/metadata`.
    pub enum ObjectMappingMetadata: "objectMappingMetadata" = EscrowBehavior {
        /// What is done with an object that failed: JSON of an `escrowBehavior`.
        EscrowBehavior = 0,
        /// Whether changes of the mapping are not watched: JSON boolean.
        DisableMonitoringForChanges = 1,
        /// The attribute that first joined both sides.
        OriginalJoiningProperty = 2,
        /// What is done with objects of the mapping: JSON of a `synchronizationDisposition`.
        Disposition = 3,
        /// Whether the customer made the mapping: JSON boolean.
        IsCustomerDefined = 4,
        /// Whether log entries are left out: JSON boolean.
        ExcludeFromReporting = 5,
        /// Whether the mapping is known but not run: JSON boolean.
        Unsynchronized = 6,
    }
}
metadata_key!(ObjectMappingMetadata, "objectMappingMetadataEntry");

wire_enum! {
    /// Keys of `objectDefinition/metadata`.
    pub enum ObjectDefinitionMetadata: "objectDefinitionMetadata" = PropertyNameAccountEnabled {
        /// The attribute that says whether the account is enabled.
        PropertyNameAccountEnabled = 0,
        /// The attribute that says whether the object is deactivated.
        PropertyNameSoftDeleted = 1,
        /// Whether objects can be deactivated: JSON boolean. Where not, leaving means deletion.
        IsSoftDeletionSupported = 2,
        /// Whether all objects may be synchronized, assigned or not: JSON boolean.
        IsSynchronizeAllSupported = 3,
        /// Whether the connector keeps data of its own: JSON boolean.
        ConnectorDataStorageRequired = 4,
        /// Attributes that extend the type.
        Extensions = 5,
        /// The object type that this one derives from.
        BaseObjectName = 6,
    }
}
metadata_key!(ObjectDefinitionMetadata, "objectDefinitionMetadataEntry");

wire_enum! {
    /// Keys of `attributeDefinition/metadata`.
    pub enum AttributeDefinitionMetadata: "attributeDefinitionMetadata" = BaseAttributeName {
        /// The attribute that this one is a part of.
        BaseAttributeName = 0,
        /// The definition of a complex attribute.
        ComplexObjectDefinition = 1,
        /// Whether it holds the containers of an object: JSON boolean.
        IsContainer = 2,
        /// Whether the customer made it: JSON boolean.
        IsCustomerDefined = 3,
        /// Whether values end with a domain: JSON boolean.
        IsDomainQualified = 4,
        /// Properties of the link that it stands for.
        LinkPropertyNames = 5,
        /// The type of the link that it stands for.
        LinkTypeName = 6,
        /// The most characters of a value.
        MaximumLength = 7,
        /// The property of the object referred to.
        ReferencedProperty = 8,
    }
}
metadata_key!(AttributeDefinitionMetadata, "attributeDefinitionMetadataEntry");

wire_enum! {
    /// Keys of `synchronizationTemplate/metadata`.
    pub enum SynchronizationMetadata: "synchronizationMetadata" = GalleryApplicationIdentifier {
        /// The id of the gallery entry.
        GalleryApplicationIdentifier = 0,
        /// Its short key.
        GalleryApplicationKey = 1,
        /// Whether the connector asks for OAuth.
        IsOAuthEnabled = 2,
        /// Whether an agent must be assigned.
        IsSynchronizationAgentAssignmentRequired = 3,
        /// Whether an agent is needed.
        IsSynchronizationAgentRequired = 4,
        /// Whether the connector is a preview.
        IsSynchronizationInPreview = 5,
        /// How to do OAuth: JSON.
        OAuthSettings = 6,
        /// Where its documentation is.
        SynchronizationLearnMoreIbizaFwLink = 7,
        /// The secrets that a console asks for: JSON.
        ConfigurationFields = 8,
    }
}
metadata_key!(SynchronizationMetadata, "synchronizationMetadataEntry");

impl SynchronizationMetadata {
    /// The name in beta, where keys begin with small letters, but for one.
    #[must_use]
    pub fn beta_name(self) -> String {
        let name = self.name();
        match name.split_at_checked(1) {
            Some((first, rest)) if self != Self::IsSynchronizationAgentAssignmentRequired => {
                format!("{}{rest}", first.to_ascii_lowercase())
            }
            _ => name.to_owned(),
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MetadataEntry<K> {
    /// The key.
    pub key: Option<K>,
    /// The value.
    pub value: Option<String>,
}

/// Reads entries without those whose keys are not in the metadata: beta has some that clients carry along,
/// and SDKs fail on them when they are printed.
pub(super) fn known<'de, K: MetadataKey, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<MetadataEntry<K>>, D::Error> {
    let entries = Vec::<Entry<K>>::deserialize(deserializer)?;
    Ok(entries.into_iter().filter_map(|entry| entry.0).collect())
}

/// An entry as read; `None` for an unknown key.
struct Entry<K>(Option<MetadataEntry<K>>);

impl<'de, K: MetadataKey> Deserialize<'de> for Entry<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct(K::ENTRY, &["key", "value"], EntryVisitor(PhantomData))
    }
}

struct EntryVisitor<K>(PhantomData<K>);

impl<'de, K: MetadataKey> Visitor<'de> for EntryVisitor<K> {
    type Value = Entry<K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {}", K::ENTRY)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut members: A) -> Result<Entry<K>, A::Error> {
        let (mut key, mut value) = (None::<String>, None::<String>);
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "key" => key = members.next_value()?,
                "value" => value = members.next_value()?,
                _ => drop(members.next_value::<de::IgnoredAny>()?),
            }
        }
        Ok(Entry(match key {
            None => Some(MetadataEntry { key: None, value }),
            Some(name) => K::of_name(&name).map(|key| MetadataEntry { key: Some(key), value }),
        }))
    }
}
