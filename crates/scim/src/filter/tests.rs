use proptest::prelude::*;
use serde_json::json;

use super::*;

fn filter(text: &str) -> Filter {
    Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn ada() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "AbC",
        "externalId": "Ext-1",
        "userName": "Ada@Example.com",
        "active": true,
        "title": "",
        "logins": 12,
        "name": {"familyName": "Lovelace"},
        "emails": [
            {"type": "work", "value": "ada@example.com", "primary": true},
            {"type": "home", "value": "countess@example.org"}
        ],
        "roles": [{"primary": true, "value": "admin"}],
        "meta": {"lastModified": "2026-05-13T04:42:34Z"},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "0815"}
    })
}

#[test]
fn the_examples_of_the_rfc_are_read() {
    for text in [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    ] {
        assert_eq!(filter(text).to_string(), text);
    }
}

#[test]
fn words_ignore_letter_case_and_blanks_do_not_count() {
    let wanted = filter(r#"userName eq "a" and not (active eq true or title pr)"#);
    assert_eq!(filter(r#"  USERNAME  EQ "a"  AND NOT(Active Eq True OR title PR ) "#), wanted);
}

#[test]
fn and_binds_closer_than_or() {
    let parsed = filter("a pr or b pr and c pr");
    assert_eq!(parsed, filter("a pr or (b pr and c pr)"));
    assert_ne!(parsed, filter("(a pr or b pr) and c pr"));
}

#[test]
fn an_attribute_may_be_called_like_an_operator() {
    assert_eq!(filter("not pr and and eq 1").to_string(), "not pr and and eq 1");
}

#[test]
fn errors_name_the_position() {
    let fails = |text: &str| Filter::parse(text).unwrap_err().to_string();
    insta::assert_snapshot!(fails(""), @"expected an attribute path, found the end at byte 0");
    insta::assert_snapshot!(fails("userName"), @"expected an operator such as eq or pr, found the end at byte 8");
    insta::assert_snapshot!(fails("userName is 1"), @"expected an operator such as eq or pr, found `is 1` at byte 9");
    insta::assert_snapshot!(fails("userName eq ada"), @"ada is not a JSON string, number, true, false or null at byte 12");
    insta::assert_snapshot!(fails(r#"userName eq "ada"#), @r#""ada is not a JSON string, number, true, false or null at byte 12"#);
    insta::assert_snapshot!(fails("a pr and"), @"expected an attribute path, found the end at byte 8");
    insta::assert_snapshot!(fails("(a pr"), @"expected `)`, found the end at byte 5");
    insta::assert_snapshot!(fails("a pr b pr"), @"expected the end, found `b pr` at byte 5");
    insta::assert_snapshot!(fails("active gt true"), @"operator gt cannot compare this kind of value at byte 10");
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(MAX_DEPTH)).is_ok());
    let problem = Filter::parse(&nested(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!((problem.position, problem.problem), (MAX_DEPTH, crate::path::Problem::TooDeep(MAX_DEPTH)));
    assert!(Filter::parse(&"a[".repeat(10_000)).is_err());
    assert!(Filter::parse(&format!("a eq \"{}\"", "x".repeat(MAX_LENGTH))).is_err());
    let side_by_side = vec!["(a pr)"; MAX_DEPTH * 2].join(" or ");
    assert!(Filter::parse(&side_by_side).is_ok(), "depth is not a count");
    let wide = vec!["a pr"; 5_000].join(" or ");
    assert!(!filter(&wide).matches(&json!({})));
}

#[test]
fn a_built_filter_quotes_its_value() {
    let path = Path::parse("userName").unwrap();
    let built = Filter::eq(path, "a\"b\\c or id pr");
    insta::assert_snapshot!(built, @r#"userName eq "a\"b\\c or id pr""#);
    assert_eq!(filter(&built.to_string()), built);
    let both = built.and(filter("x pr")).and(filter("y pr or z pr"));
    assert_eq!(both.conjuncts().len(), 3);
    assert_eq!(both.conjuncts()[0].as_equality().unwrap().1, "a\"b\\c or id pr");
}

#[test]
fn letter_case_counts_where_the_schema_says_so() {
    for (text, expected) in [
        (r#"userName eq "ada@EXAMPLE.com""#, true),
        (r#"id eq "abc""#, false),
        (r#"id eq "AbC""#, true),
        (r#"externalId eq "ext-1""#, false),
        (r#"emails[TYPE eq "WORK"].value eq "ADA@example.com""#, true),
        (r#"name.familyname sw "love""#, true),
        (r#"externalId sw "ext""#, false),
    ] {
        assert_eq!(filter(text).matches(&ada()), expected, "{text}");
    }
}

#[test]
fn one_value_of_many_is_enough() {
    for (text, expected) in [
        (r#"emails eq "countess@example.org""#, true),
        (r#"emails.value ew "example.org""#, true),
        (r#"emails[type eq "work" and value ew "example.org"]"#, false),
        (r#"emails[type eq "home" and value ew "example.org"]"#, true),
        (r#"emails[type eq "home"].value eq "ada@example.com""#, false),
        (r#"emails.value ne "ada@example.com""#, true),
        (r#"not (emails.value eq "ada@example.com")"#, false),
        (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, true),
        (r#"roles[primary eq "True"].value eq "admin""#, true),
        ("emails[primary eq true] pr", true),
        ("nickName pr or active eq true", true),
        ("nickName pr or active eq false", false),
        ("userName pr and active eq false", false),
    ] {
        assert_eq!(filter(text).matches(&ada()), expected, "{text}");
    }
}

#[test]
fn what_is_missing_is_null_and_nothing_else() {
    for (text, expected) in [
        ("nickName pr", false),
        ("title pr", false),
        ("active pr", true),
        ("nickName eq null", true),
        ("userName eq null", false),
        ("userName ne null", true),
        ("nickName ne null", false),
        (r#"nickName ne "x""#, true),
        (r#"nickName eq """#, false),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "0815""#, true),
        (r#"urn:x:employeeNumber eq "0815""#, false),
        (r#"employeeNumber eq "0815""#, false),
    ] {
        assert_eq!(filter(text).matches(&ada()), expected, "{text}");
    }
}

#[test]
fn order_is_of_numbers_of_times_and_of_texts() {
    for (text, expected) in [
        ("logins gt 9", true),
        ("logins le 12.0", true),
        ("logins eq 12.0", true),
        (r#"logins gt "9""#, false),
        (r#"meta.lastModified gt "2026-05-13T06:42:33+02:00""#, true),
        (r#"meta.lastModified ge "2026-05-13T06:42:34.000+02:00""#, true),
        (r#"meta.lastModified lt "2026-05-13T06:42:34+02:00""#, false),
        (r#"userName lt "b""#, true),
        ("active gt 1", false),
    ] {
        assert_eq!(filter(text).matches(&ada()), expected, "{text}");
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z_$][a-zA-Z0-9_$-]{0,8}"
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let schema = proptest::option::of("urn:[a-z0-9:.]{1,20}[a-z]");
    (schema, name()).prop_map(|(schema, name)| Attribute::new(schema.as_deref(), &name).unwrap())
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        (-1_000_i32..1_000).prop_map(|n| Value::from(f64::from(n) / 4.0)),
    ]
}

fn path_over(selector: BoxedStrategy<Filter>) -> BoxedStrategy<Path> {
    let selector = proptest::option::of(selector.prop_map(Box::new));
    let sub = proptest::option::of(name().prop_map(String::into_boxed_str));
    (attribute(), selector, sub)
        .prop_map(|(attribute, selector, sub_attribute)| Path { attribute, selector, sub_attribute })
        .boxed()
}

fn comparison(path: BoxedStrategy<Path>) -> BoxedStrategy<Filter> {
    (path, 0..CompareOp::ALL.len(), value())
        .prop_map(|(path, op, value)| {
            let ordered = matches!(value, Value::String(_) | Value::Number(_));
            let op = if ordered { CompareOp::ALL[op] } else { CompareOp::Ne };
            Filter::Compare { path, op, value }
        })
        .boxed()
}

fn any_filter() -> BoxedStrategy<Filter> {
    let plain = attribute().prop_map(Path::of).boxed();
    let leaf = prop_oneof![plain.clone().prop_map(Filter::Present), comparison(plain)];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let path = path_over(inner.clone().boxed());
        prop_oneof![
            path.clone().prop_map(Filter::Present),
            comparison(path),
            (attribute(), inner.clone())
                .prop_map(|(attribute, filter)| Filter::ValuePath { attribute, filter: Box::new(filter) }),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
    .boxed()
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_itself(filter in any_filter()) {
        prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z\\[\\]()\". eqpr:0-9é]{0,60}") {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
    }

    #[test]
    fn an_equality_finds_its_own_value(text in any::<String>()) {
        let filter = Filter::eq(Path::parse("nickName").unwrap(), text.as_str());
        let resource = json!({ "nickName": text });
        prop_assert!(filter.matches(&resource));
        prop_assert!(!Filter::Not(Box::new(filter)).matches(&resource));
    }
}
