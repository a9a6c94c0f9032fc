#![expect(clippy::needless_pass_by_value, reason = "literals of JSON read better without a reference")]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::resource::{ENTERPRISE_USER_SCHEMA as ENTERPRISE, USER_SCHEMA};

fn request(operations: Value) -> Result<PatchRequest, ScimError> {
    PatchRequest::from_value(json!({"schemas": [PATCH_OP_SCHEMA], "Operations": operations}))
}

fn patched(mut resource: Value, operations: Value) -> (Value, Changed) {
    let changed = apply(&mut resource, &request(operations).unwrap()).unwrap();
    (resource, changed)
}

fn refused(resource: Value, operations: Value) -> ScimError {
    let mut target = resource.clone();
    let error = request(operations).and_then(|request| apply(&mut target, &request)).unwrap_err();
    assert_eq!(target, resource, "a refused request leaves no trace");
    error
}

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

#[test]
fn both_spellings_are_written() {
    let request = PatchRequest::new(vec![
        Operation::replace(path("active"), false),
        Operation::add(path(r#"emails[type eq "work"].value"#), "ada@example.com"),
        Operation { op: Op::Add, path: None, value: Some(json!({"name.givenName": "Ada"})) },
        Operation::remove(path(r#"members[value eq "7"]"#)),
    ]);
    insta::assert_snapshot!(request.to_value(OpCase::Lower), @r#"{"Operations":[{"op":"replace","path":"active","value":false},{"op":"add","path":"emails[type eq \"work\"].value","value":"ada@example.com"},{"op":"add","value":{"name.givenName":"Ada"}},{"op":"remove","path":"members[value eq \"7\"]"}],"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}"#);
    insta::assert_snapshot!(request.to_value(OpCase::Capitalized)["Operations"][0], @r#"{"op":"Replace","path":"active","value":false}"#);
    for case in [OpCase::Lower, OpCase::Capitalized] {
        assert_eq!(PatchRequest::from_slice(&request.to_bytes(case)).unwrap(), request);
    }
}

#[test]
fn messages_that_are_none_are_refused() {
    let kind = |body: &str| PatchRequest::from_slice(body.as_bytes()).unwrap_err().scim_type.unwrap();
    for body in [
        "",
        "[]",
        "{}",
        r#"{"Operations":[]}"#,
        r#"{"Operations":[7]}"#,
        r#"{"Operations":[{"op":"move","path":"a"}]}"#,
        r#"{"Operations":[{"path":"a"}]}"#,
        r#"{"Operations":[{"op":"add","path":7}]}"#,
        r#"{"schemas":["urn:other"],"Operations":[{"op":"add","path":"a","value":1}]}"#,
    ] {
        assert_eq!(kind(body), ScimType::InvalidSyntax, "{body}");
    }
    assert_eq!(kind(r#"{"Operations":[{"op":"add","path":"a[","value":1}]}"#), ScimType::InvalidPath);
    assert!(
        PatchRequest::from_slice(br#"{"operations":[{"OP":"ADD","Path":null,"Value":{"a":1}}]}"#).is_ok()
    );
}

#[test]
fn single_valued_attributes_are_set_and_unset() {
    let user = json!({"userName": "ada", "name": {"givenName": "Ada"}});
    let (after, _) = patched(
        user.clone(),
        json!([
            {"op": "Add", "path": "title", "value": "Countess"},
            {"op": "replace", "path": "NAME.FAMILYNAME", "value": "Lovelace"},
            {"op": "replace", "path": "username", "value": "al"},
            {"op": "add", "path": "name", "value": {"honorificPrefix": "Lady"}}
        ]),
    );
    let name = json!({"givenName": "Ada", "FAMILYNAME": "Lovelace", "honorificPrefix": "Lady"});
    assert_eq!(after, json!({"userName": "al", "title": "Countess", "name": name}));
    let (after, _) = patched(
        user.clone(),
        json!([{"op": "remove", "path": "name.givenName"}, {"op": "replace", "path": "userName", "value": null}]),
    );
    assert_eq!(after, json!({}));
    assert_eq!(patched(user, json!([{"op": "remove", "path": "nickName"}])).1, Changed::No);
}

#[test]
fn values_without_a_path_are_keyed_by_paths() {
    let user = json!({"schemas": [USER_SCHEMA], "userName": "ada"});
    let (after, _) = patched(
        user,
        json!([{"op": "Replace", "value": {
            "active": "False",
            "name.givenName": "Ada",
            format!("{ENTERPRISE}:department"): "Mathematics",
            format!("{ENTERPRISE}:manager.value"): "7",
            ENTERPRISE: {"employeeNumber": "1"},
            "displayName": "Ada"
        }}, {"op": "add", "value": {"emails[type eq \"work\"].value": "ada@example.com"}}]),
    );
    let enterprise = json!({"department": "Mathematics", "manager": {"value": "7"}, "employeeNumber": "1"});
    assert_eq!(
        after,
        json!({
            "schemas": [USER_SCHEMA, ENTERPRISE],
            "userName": "ada",
            "active": "False",
            "displayName": "Ada",
            "name": {"givenName": "Ada"},
            "emails": [{"type": "work", "value": "ada@example.com"}],
            ENTERPRISE: enterprise
        })
    );
}

#[test]
fn the_core_schema_stands_for_the_top_of_the_resource() {
    let user = json!({"schemas": [USER_SCHEMA], "id": "1", "userName": "ada"});
    let nested = json!({"title": "Countess", "name.givenName": "Ada", "id": "1"});
    let expected = json!({"schemas": [USER_SCHEMA], "id": "1", "userName": "ada", "title": "Countess",
        "name": {"givenName": "Ada"}});
    let without_path = json!([{"op": "Replace", "value": {USER_SCHEMA: nested}}]);
    assert_eq!(patched(user.clone(), without_path).0, expected);
    let with_path = json!([{"op": "add", "path": USER_SCHEMA, "value": nested}]);
    assert_eq!(patched(user.clone(), with_path).0, expected);
    for operation in [
        json!({"op": "remove", "path": USER_SCHEMA}),
        json!({"op": "replace", "value": {USER_SCHEMA: null}}),
        json!({"op": "replace", "value": {USER_SCHEMA: {"id": "2"}}}),
    ] {
        assert_eq!(refused(user.clone(), json!([operation])).scim_type, Some(ScimType::Mutability));
    }
}

#[test]
fn an_extension_comes_and_goes_as_a_whole() {
    let user = json!({"schemas": [USER_SCHEMA, ENTERPRISE], ENTERPRISE: {"department": "A"}});
    let bare = json!({"schemas": [USER_SCHEMA]});
    assert_eq!(patched(user.clone(), json!([{"op": "remove", "path": ENTERPRISE}])).0, bare);
    let department = format!("{ENTERPRISE}:department");
    assert_eq!(patched(user.clone(), json!([{"op": "remove", "path": department}])).0, bare);
    let add = json!([{"op": "add", "path": ENTERPRISE, "value": {"department": "A"}}]);
    assert_eq!(patched(bare, add.clone()), (user.clone(), Changed::Yes));
    assert_eq!(patched(user, add).1, Changed::No);
}

#[test]
fn selected_values_are_changed_where_they_are() {
    let user = json!({"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "b"}]});
    let work = r#"emails[type eq "work"].value"#;
    let (after, _) = patched(user.clone(), json!([{"op": "replace", "path": work, "value": "c"}]));
    assert_eq!(after["emails"], json!([{"type": "work", "value": "c"}, {"type": "home", "value": "b"}]));
    let (after, _) = patched(
        user.clone(),
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"type": "other", "value": "d"}}]),
    );
    assert_eq!(after["emails"][0], json!({"type": "other", "value": "d"}));
    let (after, _) = patched(user.clone(), json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]));
    assert_eq!(after["emails"], json!([{"type": "home", "value": "b"}]));
    let (after, _) = patched(user.clone(), json!([{"op": "remove", "path": work}]));
    assert_eq!(after["emails"][0], json!({"type": "work"}));
    let (after, _) = patched(user, json!([{"op": "remove", "path": "emails[type pr]"}]));
    assert_eq!(after, json!({}));
}

#[test]
fn what_a_selector_does_not_find_is_added_but_not_replaced() {
    let user = json!({"userName": "ada"});
    let mobile = r#"phoneNumbers[type eq "mobile"].value"#;
    let refusal = refused(user.clone(), json!([{"op": "replace", "path": mobile, "value": "1"}]));
    assert_eq!((refusal.status, refusal.scim_type), (400, Some(ScimType::NoTarget)));
    let (after, _) = patched(user.clone(), json!([{"op": "add", "path": mobile, "value": "1"}]));
    assert_eq!(after["phoneNumbers"], json!([{"type": "mobile", "value": "1"}]));
    let role = json!([{"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "admin"}]);
    let (after, _) = patched(user.clone(), role.clone());
    assert_eq!(after["roles"], json!([{"primary": true, "value": "admin"}]));
    assert_eq!(patched(after, role).1, Changed::No, "the boolean satisfies the quoted selector");
    let open = json!([{"op": "add", "path": "emails[value co \"x\"].type", "value": "work"}]);
    assert_eq!(refused(user, open).scim_type, Some(ScimType::NoTarget));
}

#[test]
fn a_new_primary_takes_over() {
    let user = json!({"emails": [{"value": "a", "primary": true}, {"value": "b"}]});
    let (after, _) = patched(
        user.clone(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "c", "primary": true}]}]),
    );
    assert_eq!(after["emails"][0]["primary"], false);
    assert_eq!(after["emails"][2]["primary"], true);
    let spelled = json!({"emails": [{"value": "a", "Primary": true}]});
    let add = json!([{"op": "add", "path": "emails", "value": {"value": "b", "PRIMARY": true}}]);
    let both = json!([{"value": "a", "Primary": false}, {"value": "b", "PRIMARY": true}]);
    assert_eq!(patched(spelled, add).0["emails"], both);
    let (after, _) =
        patched(user, json!([{"op": "replace", "path": "emails[value eq \"b\"].primary", "value": true}]));
    assert_eq!(after["emails"], json!([{"value": "a", "primary": false}, {"value": "b", "primary": true}]));
}

#[test]
fn members_are_a_set_of_ids() {
    let group = json!({"displayName": "g", "members": [{"value": "1", "display": "One"}]});
    let add = json!([{"op": "Add", "path": "members", "value": [
        {"$ref": null, "value": "1"}, {"$ref": null, "value": "2"}, {"value": "2"}, "3"
    ]}]);
    let (after, changed) = patched(group, add.clone());
    assert_eq!(after["members"], json!([{"value": "1", "display": "One"}, {"value": "2"}, {"value": "3"}]));
    assert_eq!(changed, Changed::Yes);
    assert_eq!(patched(after.clone(), add).1, Changed::No);
    let (gone, _) = patched(
        after.clone(),
        json!([{"op": "Remove", "path": "members", "value": [
            {"$ref": null, "value": "1"}, {"value": "3"}, {"value": "unknown"}
        ]}]),
    );
    assert_eq!(gone["members"], json!([{"value": "2"}]));
    let (gone, _) = patched(after.clone(), json!([{"op": "remove", "path": "members[value eq \"2\"]"}]));
    assert_eq!(gone["members"].as_array().unwrap().len(), 2);
    let (gone, _) = patched(after.clone(), json!([{"op": "remove", "path": "members"}]));
    assert_eq!(gone, json!({"displayName": "g"}));
    let nothing = json!([{"op": "remove", "path": "members", "value": []}]);
    assert_eq!(patched(after, nothing).1, Changed::No, "an empty list removes nothing");
}

#[test]
fn a_listed_removal_respects_the_other_sub_attributes() {
    let user = json!({"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "a"}]});
    let (after, _) =
        patched(user, json!([{"op": "remove", "path": "emails", "value": [{"type": "home", "value": "a"}]}]));
    assert_eq!(after["emails"], json!([{"type": "work", "value": "a"}]));
}

#[test]
fn a_manager_may_come_as_a_list_of_one() {
    let path = format!("{ENTERPRISE}:manager");
    let manager = json!([{"op": "Add", "path": path, "value": [{"$ref": "../Users/7", "value": "7"}]}]);
    let (after, _) = patched(json!({"schemas": []}), manager);
    assert_eq!(after[ENTERPRISE]["manager"], json!({"$ref": "../Users/7", "value": "7"}));
}

#[test]
fn nothing_is_applied_when_one_operation_fails() {
    let user = json!({"id": "1", "userName": "ada", "emails": [{"value": "a"}]});
    for (operation, kind) in [
        (json!({"op": "replace", "path": "id", "value": "2"}), ScimType::Mutability),
        (json!({"op": "remove", "path": "meta"}), ScimType::Mutability),
        (json!({"op": "remove", "path": "schemas"}), ScimType::Mutability),
        (json!({"op": "add", "path": "groups", "value": [{"value": "g"}]}), ScimType::Mutability),
        (json!({"op": "remove"}), ScimType::NoTarget),
        (json!({"op": "add", "path": "title"}), ScimType::InvalidValue),
        (json!({"op": "add", "value": "x"}), ScimType::InvalidValue),
        (json!({"op": "add", "value": {"a b": 1}}), ScimType::InvalidPath),
        (json!({"op": "add", "path": ENTERPRISE, "value": "x"}), ScimType::InvalidValue),
        (json!({"op": "replace", "path": "userName.first", "value": "x"}), ScimType::InvalidPath),
        (json!({"op": "replace", "path": "emails[value eq \"a\"]", "value": "x"}), ScimType::InvalidValue),
    ] {
        let operations = json!([{"op": "replace", "path": "title", "value": "t"}, operation]);
        assert_eq!(refused(user.clone(), operations.clone()).scim_type, Some(kind), "{operations}");
        let alone = json!([operations[1]]);
        assert!(refused(user.clone(), alone).status == 400);
    }
    let same = json!([{"op": "replace", "value": {"id": "1", "groups": []}}]);
    assert_eq!(patched(user, same).1, Changed::No, "a read-only value that stays is no change");
}

#[test]
fn a_create_body_is_built_from_paths() {
    let mut user = crate::resource::with_schemas(&[USER_SCHEMA]);
    for (text, value) in [
        ("userName", json!("ada")),
        ("name.givenName", json!("Ada")),
        (r#"emails[type eq "work"].value"#, json!("a@x")),
        (r#"addresses[type eq "work"].locality"#, json!("London")),
        (r#"addresses[type eq "work"].country"#, json!("GB")),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", json!("Maths")),
    ] {
        set(&mut user, &path(text), &value).unwrap();
    }
    insta::assert_snapshot!(user, @r#"{"addresses":[{"country":"GB","locality":"London","type":"work"}],"emails":[{"type":"work","value":"a@x"}],"name":{"givenName":"Ada"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Maths"},"userName":"ada"}"#);
}

fn operation() -> impl Strategy<Value = Value> {
    let target = prop_oneof![
        Just("title"),
        Just("name.givenName"),
        Just("emails"),
        Just(r#"emails[type eq "work"].value"#),
        Just(r#"emails[type eq "work"]"#),
        Just("members"),
        Just(r#"members[value eq "1"]"#),
        Just("urn:x:2.0:User:a.b"),
        Just("urn:x:2.0:User"),
        Just("id"),
    ];
    let value = prop_oneof![
        Just(json!("1")),
        Just(json!(null)),
        Just(json!([])),
        Just(json!([{"value": "1"}, {"value": "2", "primary": true}])),
        Just(json!({"type": "work", "value": "1"})),
        Just(json!({"a": {"b": 1}})),
    ];
    let op = prop_oneof![Just("add"), Just("replace"), Just("remove")];
    (op, target, value).prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
}

proptest! {
    #[test]
    fn changes_are_reported_truly_and_failures_leave_no_trace(
        operations in prop::collection::vec(operation(), 1..5)
    ) {
        let mut resource = json!({"id": "7", "schemas": []});
        for operation in operations {
            let before = resource.clone();
            match apply(&mut resource, &request(json!([operation])).unwrap()) {
                Ok(Changed::Yes) => prop_assert_ne!(&before, &resource),
                Ok(Changed::No) | Err(_) => prop_assert_eq!(&before, &resource),
            }
        }
    }

    #[test]
    fn a_set_of_members_holds_every_id_once(ids in prop::collection::vec(0_u8..9, 0..30)) {
        let mut group = json!({});
        for pair in ids.chunks(2) {
            let value: Vec<Value> = pair.iter().map(|id| json!({"$ref": null, "value": id.to_string()})).collect();
            apply(&mut group, &request(json!([{"op": "add", "path": "members", "value": value}])).unwrap()).unwrap();
        }
        let distinct: std::collections::HashSet<u8> = ids.iter().copied().collect();
        prop_assert_eq!(group.get("members").and_then(Value::as_array).map_or(0, Vec::len), distinct.len());
    }
}
