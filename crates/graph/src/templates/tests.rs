use std::collections::HashSet;

use super::*;
use crate::resources::synchronization::directory::{
    AttributeType, DirectoryDefinition, Mutability, ObjectDefinition,
};
use crate::resources::synchronization::mapping::{
    AttributeMappingSource, AttributeMappingSourceType, ObjectMapping,
};

fn schema() -> SynchronizationSchema {
    serde_json::from_str(SCIM_SCHEMA).unwrap()
}

fn object<'a>(
    schema: &'a SynchronizationSchema,
    directory: Option<&String>,
    name: Option<&String>,
) -> &'a ObjectDefinition {
    let directory: &DirectoryDefinition =
        schema.directories.iter().find(|known| known.name.as_ref() == directory).unwrap();
    directory.objects.iter().find(|known| known.name.as_ref() == name).unwrap()
}

fn mappings(schema: &SynchronizationSchema) -> Vec<(&ObjectMapping, &ObjectDefinition, &ObjectDefinition)> {
    let rules = schema.synchronization_rules.iter();
    rules
        .flat_map(|rule| rule.object_mappings.iter().map(move |mapping| (rule, mapping)))
        .map(|(rule, mapping)| {
            let source =
                object(schema, rule.source_directory_name.as_ref(), mapping.source_object_name.as_ref());
            let target =
                object(schema, rule.target_directory_name.as_ref(), mapping.target_object_name.as_ref());
            (mapping, source, target)
        })
        .collect()
}

/// The attributes that a source names.
fn named<'a>(source: &'a AttributeMappingSource, names: &mut Vec<&'a str>) {
    if source.source_type == AttributeMappingSourceType::Attribute {
        names.push(source.name.as_deref().unwrap());
        assert_eq!(source.expression, Some(format!("[{}]", source.name.as_deref().unwrap())));
    }
    source.parameters.iter().for_each(|parameter| named(parameter.value.as_ref().unwrap(), names));
}

#[test]
fn the_default_mappings_are_entras() {
    let schema = schema();
    let mut lines = Vec::new();
    for (mapping, ..) in mappings(&schema) {
        lines.push(format!("# {} ({})", mapping.name.as_deref().unwrap(), mapping.flow_types));
        for attribute in &mapping.attribute_mappings {
            let matching = match attribute.matching_priority {
                0 => String::new(),
                priority => format!(" (match {priority})"),
            };
            let expression = attribute.source.as_ref().unwrap().expression.as_deref().unwrap();
            lines.push(format!(
                "{} <- {expression}{matching}",
                attribute.target_attribute_name.as_deref().unwrap()
            ));
        }
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
        # Provision Microsoft Entra ID Users (Add,Update,Delete)
        userName <- [userPrincipalName] (match 1)
        active <- Switch([IsSoftDeleted], , "False", "True", "True", "False")
        displayName <- [displayName]
        title <- [jobTitle]
        emails[type eq "work"].value <- [mail]
        preferredLanguage <- [preferredLanguage]
        name.givenName <- [givenName]
        name.familyName <- [surname]
        name.formatted <- Join(" ", [givenName], [surname])
        addresses[type eq "work"].formatted <- [physicalDeliveryOfficeName]
        addresses[type eq "work"].streetAddress <- [streetAddress]
        addresses[type eq "work"].locality <- [city]
        addresses[type eq "work"].region <- [state]
        addresses[type eq "work"].postalCode <- [postalCode]
        addresses[type eq "work"].country <- [country]
        phoneNumbers[type eq "work"].value <- [telephoneNumber]
        phoneNumbers[type eq "mobile"].value <- [mobile]
        phoneNumbers[type eq "fax"].value <- [facsimileTelephoneNumber]
        externalId <- [mailNickname]
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber <- [employeeId]
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department <- [department]
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager <- [manager]
        # Provision Microsoft Entra ID Groups (Add,Update,Delete)
        displayName <- [displayName] (match 1)
        externalId <- [objectId]
        members <- [members]
        "#);
}

#[test]
fn every_mapping_has_both_its_ends_and_its_own_target() {
    let schema = schema();
    for (mapping, source, target) in mappings(&schema) {
        let mut targets = HashSet::new();
        for attribute in &mapping.attribute_mappings {
            let name = attribute.target_attribute_name.as_deref().unwrap();
            assert!(targets.insert(name), "'{name}' is mapped twice");
            let end = target.attributes.iter().find(|known| known.name.as_deref() == Some(name)).unwrap();
            assert_ne!(end.mutability, Mutability::ReadOnly, "{name}");
            let mut names = Vec::new();
            named(attribute.source.as_ref().unwrap(), &mut names);
            for name in names {
                let begin = source.attributes.iter().find(|known| known.name.as_deref() == Some(name));
                let begin = begin.unwrap_or_else(|| panic!("'{name}' is no source attribute"));
                let reference = |kind| kind == AttributeType::Reference;
                assert_eq!(reference(begin.attribute_type), reference(end.attribute_type), "{name}");
            }
        }
        let required = target.attributes.iter().filter(|known| known.required && !known.anchor);
        for attribute in required {
            assert!(targets.contains(attribute.name.as_deref().unwrap()), "{:?} is required", attribute.name);
        }
    }
}

#[test]
fn every_object_type_has_one_anchor_and_each_attribute_once() {
    let schema = schema();
    let objects: Vec<&ObjectDefinition> =
        schema.directories.iter().flat_map(|directory| &directory.objects).collect();
    assert_eq!(objects.len(), 4);
    for object in objects {
        assert_eq!(
            object.attributes.iter().filter(|attribute| attribute.anchor).count(),
            1,
            "{:?}",
            object.name
        );
        let names: HashSet<_> =
            object.attributes.iter().map(|attribute| attribute.name.as_deref().unwrap()).collect();
        assert_eq!(names.len(), object.attributes.len(), "{:?}", object.name);
    }
}

#[test]
fn groups_of_the_target_cannot_be_deactivated() {
    let schema = schema();
    let told: Vec<_> = mappings(&schema)
        .iter()
        .map(|(_, _, target)| {
            target.metadata.iter().map(|entry| entry.value.clone().unwrap()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(told, [["true"], ["false"]]);
}

#[test]
fn the_custom_application_offers_two_templates() {
    let found = application_template(&CUSTOM_APPLICATION.to_uppercase()).unwrap();
    assert_eq!(application_template("17").map(|template| template.id), None);
    insta::assert_snapshot!(found.synchronization[1].document, @r#"{"id":"customappsso","applicationId":"8adf8e6e-67b2-4cf2-a259-e3dc5476c621","default":false,"description":null,"discoverable":true,"factoryTag":"customappsso","metadata":[{"key":"GalleryApplicationIdentifier","value":"8adf8e6e-67b2-4cf2-a259-e3dc5476c621"},{"key":"GalleryApplicationKey","value":"customappsso"},{"key":"IsOAuthEnabled","value":"False"},{"key":"IsSynchronizationAgentAssignmentRequired","value":"False"},{"key":"IsSynchronizationAgentRequired","value":"False"},{"key":"IsSynchronizationInPreview","value":"False"},{"key":"ConfigurationFields","value":"[{\"name\":\"BaseAddress\"},{\"name\":\"SecretToken\",\"secret\":true}]"}]}"#);
    let ids = found.synchronization.iter().map(|offer| {
        let schema: SynchronizationSchema = serde_json::from_str(&offer.schema).unwrap();
        let template: SynchronizationTemplate = serde_json::from_str(&offer.document).unwrap();
        (template.id, template.default, schema.id)
    });
    let zeros = "0".repeat(32);
    assert_eq!(
        ids.collect::<Vec<_>>(),
        [
            ("scim".to_owned(), true, format!("scim.{zeros}")),
            ("customappsso".to_owned(), false, format!("customappsso.{zeros}")),
        ]
    );
    assert_eq!(found.app_roles.as_array().unwrap().len(), 2);
}

#[test]
fn every_shipped_schema_can_be_read_and_holds_the_directory() {
    let ids: Vec<&str> = application_templates()
        .iter()
        .flat_map(|entry| &entry.synchronization)
        .map(|offer| offer.id)
        .collect();
    assert_eq!(ids, ["scim", "customappsso", "ldap", "sql", "hr2directory"]);
    for id in ids {
        let schema = schema_of_tag(id);
        assert!(!schema.synchronization_rules.is_empty(), "{id}");
        let names: Vec<_> = schema.directories.iter().map(|known| known.name.as_deref().unwrap()).collect();
        assert_eq!(names.len(), 2, "{id}: {names:?}");
        assert_eq!(names[0], "Microsoft Entra ID", "{id}");
    }
    assert_eq!(schema_of_tag("an own one"), scim_schema());
}
