use serde_json::json;

use super::*;

fn named(name: &str, attributes: &[&str]) -> ObjectDefinition {
    let attribute = |name: &&str| AttributeDefinition { name: Some((*name).into()), ..Default::default() };
    ObjectDefinition {
        name: Some(name.into()),
        attributes: attributes.iter().map(attribute).collect(),
        ..Default::default()
    }
}

fn names(object: &ObjectDefinition) -> Vec<&str> {
    object.attributes.iter().filter_map(|attribute| attribute.name.as_deref()).collect()
}

#[test]
fn what_is_known_stays_and_what_is_new_comes_after_it() {
    let mut known = vec![named("urn:x:enterprise:2.0:User", &["id", "userName"])];
    known[0].attributes[0].anchor = true;
    known[0].attributes[1].required = true;
    let mut user = named("urn:y:core:2.0:User", &["id", "USERNAME", "nickName"]);
    user.attributes[2].anchor = true;
    merge(&mut known, vec![user, named("urn:y:Group", &["id"])]);
    assert_eq!(known.len(), 2);
    assert_eq!(names(&known[0]), ["id", "userName", "nickName"]);
    assert!(known[0].attributes[1].required && !known[0].attributes[2].anchor);
    let once = known.clone();
    merge(&mut known, once.clone());
    assert_eq!(known, once);
}

#[test]
fn extension_attributes_are_known_by_their_values() {
    let objects = [
        json!({"extension_1_badge": "7", "displayName": "x", "extension_1_none": null}),
        json!({"extension_1_seat": true, "extension_1_skills": ["a"], "extension_1_badge": "8"}),
    ];
    let mut attributes = Vec::new();
    add_extensions(&mut attributes, objects.iter().map(|object| object.as_object().unwrap()));
    let told: Vec<_> = attributes
        .iter()
        .map(|known| (known.name.as_deref().unwrap(), known.attribute_type, known.multivalued))
        .collect();
    assert_eq!(
        told,
        [
            ("extension_1_badge", AttributeType::String, false),
            ("extension_1_seat", AttributeType::Boolean, false),
            ("extension_1_skills", AttributeType::String, true),
        ]
    );
}
