use std::collections::HashSet;

use serde_json::json;

use super::*;
use crate::resource::ENTERPRISE_USER_SCHEMA;

fn path(text: &str) -> Path {
    Path::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn every_form_of_entras_target_attributes_is_read() {
    let department = path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department");
    assert_eq!(department.attribute().schema(), Some(ENTERPRISE_USER_SCHEMA));
    assert_eq!(department.attribute().name(), "department");
    let manager = path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value");
    assert_eq!((manager.attribute().name(), manager.sub_attribute()), ("manager", Some("value")));
    let work = path(r#"emails[type eq "work"].value"#);
    assert_eq!(work.attribute().name(), "emails");
    assert_eq!(work.selector().unwrap().to_string(), r#"type eq "work""#);
    assert_eq!(work.sub_attribute(), Some("value"));
    assert!(path("userName").is_simple());
    assert!(!path("name.familyName").is_simple());
    assert_eq!(path("members.$ref").sub_attribute(), Some("$ref"));
}

#[test]
fn a_path_is_written_as_it_was_read() {
    for text in [
        "userName",
        "name.familyName",
        r#"emails[type eq "work"].value"#,
        r#"roles[primary eq "True"].value"#,
        r#"members[value eq "a]b\"c:d"]"#,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        r#"urn:x:1.0:User:badges[kind eq "a" and not (level gt 2)].code"#,
    ] {
        assert_eq!(path(text).to_string(), text);
    }
}

#[test]
fn names_are_equal_in_any_letter_case_and_values_are_not() {
    assert_eq!(path("USERNAME"), path("userName"));
    assert_eq!(path(r#"Emails[Type eq "work"].Value"#), path(r#"emails[type eq "work"].value"#));
    assert_ne!(path(r#"emails[type eq "Work"].value"#), path(r#"emails[type eq "work"].value"#));
    assert_ne!(path("urn:a:b:x"), path("x"));
    let set: HashSet<Path> = [path("URN:a:b:X.y"), path("urn:A:b:x.Y")].into_iter().collect();
    assert_eq!(set.len(), 1);
}

#[test]
fn errors_name_the_position() {
    let fails = |text: &str| Path::parse(text).unwrap_err().to_string();
    insta::assert_snapshot!(fails(""), @"expected an attribute path, found the end at byte 0");
    insta::assert_snapshot!(fails("9lives"), @r#""9lives" is not an attribute name at byte 0"#);
    insta::assert_snapshot!(fails("urn:a:b:"), @r#""" is not an attribute name at byte 8"#);
    insta::assert_snapshot!(fails("name.given.x"), @r#""given.x" is not an attribute name at byte 5"#);
    insta::assert_snapshot!(fails("emails[type eq"), @"expected a value, found the end at byte 14");
    insta::assert_snapshot!(fails(r#"emails[type eq "work""#), @"expected `]`, found the end at byte 21");
    insta::assert_snapshot!(fails(r#"emails[type eq "work"]value"#), @"expected the end, found `value` at byte 22");
    insta::assert_snapshot!(fails("a b"), @"expected the end, found `b` at byte 2");
}

#[test]
fn values_are_found_in_resources() {
    let user = json!({
        "UserName": "ada",
        "emails": [{"type": "work", "value": "a@x"}, {"type": "home", "value": "b@x"}],
        "tags": ["one", "two"],
        "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": {"manager": {"value": "7"}}
    });
    let values = |text: &str| path(text).values(&user).into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(values("userName"), [json!("ada")]);
    assert_eq!(values("urn:ietf:params:scim:schemas:core:2.0:User:userName"), [json!("ada")]);
    assert_eq!(values("emails.value"), [json!("a@x"), json!("b@x")]);
    assert_eq!(values(r#"emails[type eq "home"].value"#), [json!("b@x")]);
    assert_eq!(values("tags"), [json!("one"), json!("two")]);
    assert_eq!(values(r#"tags[value eq "two"]"#), [json!("two")]);
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
    assert_eq!(values(manager), [json!("7")]);
    assert!(values("nickName").is_empty());
    assert!(path("x").values(&json!([1])).is_empty());
}
