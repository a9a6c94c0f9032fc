use serde_json::json;

use super::*;

fn schemas() -> Vec<SchemaDefinition> {
    let part = |name: &str| json!({"name": name, "type": "string"});
    let schemas = json!({"Resources": [
        {"id": USER, "attributes": [
            {"name": "userName", "type": "string", "required": true},
            {"name": "active", "type": "boolean"},
            {"name": "name", "type": "complex", "subAttributes": [part("givenName"), part("familyName")]},
            {"name": "emails", "type": "complex", "multiValued": true, "subAttributes": [part("value"),
                {"name": "type", "type": "string", "canonicalValues": ["work", "home"]}, {"name": "primary", "type": "boolean"}]},
            {"name": "groups", "type": "complex", "multiValued": true, "mutability": "readOnly", "subAttributes": [
                part("value"), {"name": "$ref", "type": "reference", "referenceTypes": ["Group"]}]},
            {"name": "profileUrl", "type": "reference", "referenceTypes": ["external"]}]},
        {"id": GROUP, "attributes": [
            {"name": "displayName", "type": "string"},
            {"name": "members", "type": "complex", "multiValued": true, "subAttributes": [
                part("value"), {"name": "$ref", "type": "reference", "referenceTypes": ["User", "Group"]}]}]},
        {"id": "urn:example:2.0:User", "attributes": [{"name": "level", "type": "integer", "mutability": "immutable"}]},
        {"no": "schema"},
    ]});
    listed(&schemas)
}

fn lines(objects: &[ObjectDefinition]) -> String {
    let mut lines = Vec::new();
    for object in objects {
        lines.push(format!("# {}", object.name));
        for attribute in &object.attributes {
            let many = if attribute.multivalued { "*" } else { "" };
            let required = if attribute.required { " required" } else { "" };
            lines.push(format!(
                "{}{many}: {:?} {:?}{required} {}",
                attribute.name,
                attribute.attribute_type,
                attribute.mutability,
                attribute.refers_to.join(" ")
            ));
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

#[test]
fn resource_types_become_object_types() {
    let types = json!([
        {"name": "User", "endpoint": "/Users", "schema": USER, "schemaExtensions": [{"schema": "urn:example:2.0:User"}]},
        {"name": "Group", "endpoint": "/Groups", "schema": GROUP},
        {"name": "Ghost", "endpoint": "/Ghosts", "schema": "urn:not:listed"},
    ]);
    insta::assert_snapshot!(lines(&definitions(&schemas(), listed(&types))), @r#"
        # urn:ietf:params:scim:schemas:core:2.0:User
        id: String ReadOnly required
        userName: String ReadWrite required
        active: Boolean ReadWrite
        name.givenName: String ReadWrite
        name.familyName: String ReadWrite
        emails[type eq "work"].value: String ReadWrite
        emails[type eq "home"].value: String ReadWrite
        groups*: Reference ReadOnly urn:ietf:params:scim:schemas:core:2.0:Group
        profileUrl: String ReadWrite
        urn:example:2.0:User:level: Integer Immutable
        externalId: String ReadWrite
        # urn:ietf:params:scim:schemas:core:2.0:Group
        id: String ReadOnly required
        displayName: String ReadWrite
        members*: Reference ReadWrite urn:ietf:params:scim:schemas:core:2.0:User urn:ietf:params:scim:schemas:core:2.0:Group
        externalId: String ReadWrite
        "#);
}

#[test]
fn without_resource_types_users_and_groups_are_known() {
    let names: Vec<String> =
        definitions(&schemas(), Vec::new()).into_iter().map(|object| object.name).collect();
    assert_eq!(names, [USER, GROUP]);
}
