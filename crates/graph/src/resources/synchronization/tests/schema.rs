use serde_json::{Value as Json, json};

use super::super::mapping::{AttributeFlowType, AttributeMappingSourceType, ObjectFlowTypes};
use super::super::schema::SynchronizationSchema;
use super::super::template::SynchronizationTemplate;
use super::read;
use crate::testing::layout;

fn schema(body: &Json) -> Result<SynchronizationSchema, String> {
    read(body, "synchronizationSchema")
}

/// One of everything that a schema can have.
fn small_schema() -> Json {
    let source = json!({"name": "Not", "type": "Function", "parameters": [
        {"key": "source", "value": {"name": "IsSoftDeleted"}}]});
    json!({
        "@odata.context": "https://graph.example/v1.0/$metadata#x",
        "id": "x",
        "synchronizationRules": [{
            "@odata.type": "#microsoft.graph.synchronizationRule",
            "id": "r#V2",
            "containerFilter": {"includedContainers": ["OU=x"]},
            "metadata": [{"key": "a", "value": "b"}],
            "objectMappings": [{
                "flowTypes": "delete, ADD",
                "referencedObjects": "an old member",
                "scope": {"groups": [{"name": "g", "clauses": [
                    {"operatorName": "EQUALS", "sourceOperandName": "department", "targetOperand": {"values": ["a"]}},
                    {"operatorName": "IS NULL", "sourceOperandName": "city", "targetOperand": null}]}]},
                "attributeMappings": [
                    {"targetAttributeName": "active", "flowType": "objectaddonly", "matchingPriority": 1, "source": source},
                    {"targetAttributeName": "preferredLanguage", "defaultValue": "en", "source": null}],
                "metadata": [{"key": "disposition", "value": "\"Normal\""}, {"key": "Unheard", "value": "x"}],
            }],
        }],
        "directories": [{
            "id": "d", "name": "customappsso", "discoverabilities": "AttributeNames, AttributeDataTypes",
            "objects": [{"name": "User", "metadata": [{"key": "IsSoftDeletionSupported", "value": "false"}],
                "attributes": [{"name": "manager", "type": "reference", "mutability": 2,
                    "referencedObjects": [{"referencedObjectName": "User", "referencedProperty": "id"}],
                    "metadata": [{"key": "MaximumLength", "value": "5"},
                        {"key": "AzureIngestionAttributeOptimization", "value": "x"}]}]}],
        }],
    })
}

#[test]
fn rules_print_whole() {
    insta::assert_snapshot!(layout(&schema(&small_schema()).unwrap().synchronization_rules), @r#"
        [
          {
            "id": "r#V2", "editable": true, "name": null, "priority": 1, "sourceDirectoryName": null,
            "targetDirectoryName": null, "containerFilter": {"includedContainers": ["OU=x"]},
            "groupFilter": null, "metadata": [{"key": "a", "value": "b"}],
            "objectMappings": [
              {
                "enabled": true, "flowTypes": "Add,Delete", "name": null, "sourceObjectName": null,
                "targetObjectName": null,
                "scope": {
                  "categoryFilterGroups": [],
                  "groups": [
                    {
                      "name": "g",
                      "clauses": [
                        {
                          "operatorName": "EQUALS", "sourceOperandName": "department",
                          "targetOperand": {"values": ["a"]}
                        },
                        {"operatorName": "IS NULL", "sourceOperandName": "city", "targetOperand": null}
                      ]
                    }
                  ],
                  "inputFilterGroups": []
                },
                "attributeMappings": [
                  {
                    "defaultValue": null, "exportMissingReferences": false,
                    "flowBehavior": "FlowWhenChanged", "flowType": "ObjectAddOnly", "matchingPriority": 1,
                    "targetAttributeName": "active",
                    "source": {
                      "expression": null, "name": "Not", "type": "Function",
                      "parameters": [
                        {
                          "key": "source",
                          "value": {
                            "expression": null, "name": "IsSoftDeleted", "type": "Attribute",
                            "parameters": []
                          }
                        }
                      ]
                    }
                  },
                  {
                    "defaultValue": "en", "exportMissingReferences": false,
                    "flowBehavior": "FlowWhenChanged", "flowType": "Always", "matchingPriority": 0,
                    "targetAttributeName": "preferredLanguage", "source": null
                  }
                ],
                "metadata": [{"key": "Disposition", "value": "\"Normal\""}]
              }
            ]
          }
        ]
        "#);
}

#[test]
fn directories_print_whole() {
    let schema =
        SynchronizationSchema { synchronization_rules: Vec::new(), ..schema(&small_schema()).unwrap() };
    insta::assert_snapshot!(layout(&schema), @r#"
        {
          "id": "x", "version": null, "synchronizationRules": [],
          "directories": [
            {
              "id": "d", "discoverabilities": "AttributeNames,AttributeDataTypes",
              "discoveryDateTime": null, "name": "customappsso", "readOnly": false, "version": null,
              "objects": [
                {
                  "name": "User",
                  "attributes": [
                    {
                      "anchor": false, "caseExact": false, "defaultValue": null, "flowNullValues": false,
                      "multivalued": false, "mutability": "Immutable", "name": "manager", "required": false,
                      "type": "Reference", "apiExpressions": [],
                      "metadata": [{"key": "MaximumLength", "value": "5"}],
                      "referencedObjects": [{"referencedObjectName": "User", "referencedProperty": "id"}]
                    }
                  ],
                  "metadata": [{"key": "IsSoftDeletionSupported", "value": "false"}], "supportedApis": []
                }
              ]
            }
          ]
        }
        "#);
}

#[test]
fn a_printed_schema_reads_back_as_it_was() {
    let first = schema(&small_schema()).unwrap();
    let text = serde_json::to_string(&first).unwrap();
    assert_eq!(serde_json::from_str::<SynchronizationSchema>(&text).unwrap(), first);
    assert_eq!(schema(&serde_json::from_str(&text).unwrap()).unwrap(), first);
}

#[test]
fn missing_members_of_a_schema_have_graphs_defaults() {
    let body =
        json!({"synchronizationRules": [{"objectMappings": [{"attributeMappings": [{"source": {}}]}]}]});
    let schema = schema(&body).unwrap();
    let rule = &schema.synchronization_rules[0];
    assert_eq!((rule.editable, rule.priority), (true, 1));
    let mapping = &rule.object_mappings[0];
    assert_eq!((mapping.enabled, mapping.flow_types), (true, ObjectFlowTypes::ALL));
    let attribute = &mapping.attribute_mappings[0];
    assert_eq!((attribute.flow_type, attribute.matching_priority), (AttributeFlowType::Always, 0));
    assert_eq!(attribute.source.as_ref().unwrap().source_type, AttributeMappingSourceType::Attribute);
}

#[test]
fn wrong_types_in_a_schema_are_named() {
    let mapping = |mapping: Json| json!({"synchronizationRules": [{}, {"objectMappings": [mapping]}]});
    let attribute = |attribute: Json| mapping(json!({"attributeMappings": [attribute]}));
    let directory = |object: Json| json!({"directories": [{"objects": [object]}]});
    let messages: Vec<String> = [
        json!({"synchronizationRules": "none"}),
        json!({"synchronizationRules": [null]}),
        json!({"synchronizationRules": [{"priority": "first"}]}),
        json!({"synchronizationRules": [{"priority": 99_999_999_999_i64}]}),
        mapping(json!({"enabled": "true"})),
        mapping(json!({"flowTypes": "Add,Remove"})),
        mapping(json!({"scope": []})),
        mapping(json!({"metadata": [{"key": 5}]})),
        mapping(json!({"metadata": [{"@odata.type": "#microsoft.graph.objectDefinitionMetadataEntry"}]})),
        attribute(json!({"flowType": "Sometimes"})),
        attribute(json!({"source": "[mail]"})),
        attribute(json!({"source": {"parameters": [{"key": "a", "value": "[mail]"}]}})),
        directory(json!({"attributes": [{"anchor": 1}]})),
        directory(json!({"attributes": [{"type": "Guid"}]})),
        directory(json!({"attributes": {}})),
        json!({"directories": [{"discoverabilities": "Everything"}]}),
        json!({"version": 2}),
    ]
    .iter()
    .map(|body| schema(body).unwrap_err())
    .collect();
    insta::assert_snapshot!(messages.join("\n"), @r##"
        The value of property 'synchronizationRules' is invalid: invalid type: a string, expected a list.
        The value of property 'synchronizationRules[0]' is invalid: invalid type: null, expected an object.
        The value of property 'synchronizationRules[0]/priority' is invalid: invalid type: a string, expected a whole number.
        The value of property 'synchronizationRules[0]/priority' is invalid: invalid value: integer `99999999999`, expected i32.
        The value of property 'synchronizationRules[1]/objectMappings[0]/enabled' is invalid: invalid type: a string, expected true or false.
        The value of property 'synchronizationRules[1]/objectMappings[0]/flowTypes' is invalid: invalid value: string "Add,Remove", expected a member of the enumeration objectFlowTypes: None, Add, Update, Delete.
        The value of property 'synchronizationRules[1]/objectMappings[0]/scope' is invalid: invalid type: a list, expected an object.
        The value of property 'synchronizationRules[1]/objectMappings[0]/metadata[0]/key' is invalid: invalid type: a number, expected a string.
        The value of property 'synchronizationRules[1]/objectMappings[0]/metadata[0]' is invalid: '@odata.type' "#microsoft.graph.objectDefinitionMetadataEntry" is not the type expected here.
        The value of property 'synchronizationRules[1]/objectMappings[0]/attributeMappings[0]/flowType' is invalid: invalid value: string "Sometimes", expected a member of the enumeration attributeFlowType: Always, ObjectAddOnly, MultiValueAddOnly, ValueAddOnly, AttributeAddOnly.
        The value of property 'synchronizationRules[1]/objectMappings[0]/attributeMappings[0]/source' is invalid: invalid type: a string, expected an object.
        The value of property 'synchronizationRules[1]/objectMappings[0]/attributeMappings[0]/source/parameters[0]/value' is invalid: invalid type: a string, expected an object.
        The value of property 'directories[0]/objects[0]/attributes[0]/anchor' is invalid: invalid type: a number, expected true or false.
        The value of property 'directories[0]/objects[0]/attributes[0]/type' is invalid: invalid value: string "Guid", expected a member of the enumeration attributeType: String, Integer, Reference, Binary, Boolean, DateTime.
        The value of property 'directories[0]/objects[0]/attributes' is invalid: invalid type: an object, expected a list.
        The value of property 'directories[0]/discoverabilities' is invalid: invalid value: string "Everything", expected a member of the enumeration directoryDefinitionDiscoverabilities: None, AttributeNames, AttributeDataTypes, AttributeReadOnly, ReferenceAttributes.
        The value of property 'version' is invalid: invalid type: a number, expected a string.
        "##);
}

#[test]
fn unknown_members_of_filters_and_sources_are_refused_and_only_there() {
    let mapping = |mapping: Json| json!({"synchronizationRules": [{"objectMappings": [mapping]}]});
    let source = |source: Json| mapping(json!({"attributeMappings": [{"source": source}]}));
    let refused: Vec<String> = [
        mapping(json!({"scope": {"group": []}})),
        mapping(json!({"scope": {"clauses": []}})),
        mapping(json!({"scope": {"groups": [{"clause": []}]}})),
        mapping(json!({"scope": {"groups": [{"clauses": [{"operator": "EQUALS"}]}]}})),
        source(json!({"expresion": "[mail]"})),
        source(json!({"name": "Not", "parameters": [{"value": {"nmae": "mail"}}]})),
    ]
    .iter()
    .map(|body| schema(body).unwrap_err())
    .collect();
    insta::assert_snapshot!(refused.join("\n"), @r"
        The value of property 'synchronizationRules[0]/objectMappings[0]/scope' is invalid: 'group' is no member of filter, which has categoryFilterGroups, groups, inputFilterGroups; did you mean 'groups'?
        The value of property 'synchronizationRules[0]/objectMappings[0]/scope' is invalid: 'clauses' is no member of filter, which has categoryFilterGroups, groups, inputFilterGroups.
        The value of property 'synchronizationRules[0]/objectMappings[0]/scope/groups[0]' is invalid: 'clause' is no member of filterGroup, which has name, clauses; did you mean 'clauses'?
        The value of property 'synchronizationRules[0]/objectMappings[0]/scope/groups[0]/clauses[0]' is invalid: 'operator' is no member of filterClause, which has operatorName, sourceOperandName, targetOperand; did you mean 'operatorName'?
        The value of property 'synchronizationRules[0]/objectMappings[0]/attributeMappings[0]/source' is invalid: 'expresion' is no member of attributeMappingSource, which has expression, name, type, parameters; did you mean 'expression'?
        The value of property 'synchronizationRules[0]/objectMappings[0]/attributeMappings[0]/source/parameters[0]/value' is invalid: 'nmae' is no member of attributeMappingSource, which has expression, name, type, parameters; did you mean 'name'?
        ");
    for accepted in [
        mapping(
            json!({"scopes": {"group": []}, "scope": {"@odata.type": "#microsoft.graph.filter", "group": null,
            "groups@odata.type": "#Collection(x)", "groups": [{"clauses": [{"targetOperand": {"value": ["x"]}}]}]}}),
        ),
        json!({"rules": [], "directories": [{"nmae": "x", "objects": [{"attribute": []}]}]}),
    ] {
        schema(&accepted).unwrap();
    }
}

#[test]
fn nesting_is_bounded() {
    let depth = 10_000;
    let deep = format!("{}1{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
    let error =
        crate::json::typed::<SynchronizationSchema>(deep.as_bytes(), "synchronizationSchema").unwrap_err();
    assert!(error.message.contains("recursion limit exceeded"), "{}", error.message);
}

#[test]
fn a_template_prints_whole() {
    let body = json!({"id": "people", "applicationId": "8ADF8E6E-67B2-4CF2-A259-E3DC5476C621", "factoryTag": "scim",
        "schema": {"id": "ignored"},
        "metadata": [{"key": "galleryApplicationKey", "value": "people"}, {"key": "configurationFields", "value": "[]"},
            {"key": "AzureIngestionAttributeOptimization", "value": "x"}]});
    let template: SynchronizationTemplate = read(&body, "synchronizationTemplate").unwrap();
    insta::assert_snapshot!(layout(&template), @r#"
        {
          "id": "people", "applicationId": "8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "default": false,
          "description": null, "discoverable": true, "factoryTag": "scim",
          "metadata": [
            {"key": "GalleryApplicationKey", "value": "people"},
            {"key": "ConfigurationFields", "value": "[]"}
          ]
        }
        "#);
    let wrong = json!({"applicationId": "people"});
    insta::assert_snapshot!(
        read::<SynchronizationTemplate>(&wrong, "synchronizationTemplate").unwrap_err(), @"The value of property 'applicationId' is invalid: UUID parsing failed: invalid character: found `p` at 0."
    );
}
