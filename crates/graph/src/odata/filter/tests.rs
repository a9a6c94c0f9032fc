use proptest::prelude::*;
use serde_json::json;

use super::*;

fn resource() -> Json {
    json!({
        "id": "5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10",
        "displayName": "Ida O'Neil",
        "department": null,
        "accountEnabled": true,
        "createdDateTime": "2026-03-04T09:12:44.5Z",
        "count": 17,
        "ratio": 0.5,
        "businessPhones": ["+45 1", "+45 2"],
        "identities": [{"issuer": "a", "signInType": "x"}, {"issuer": "b", "signInType": "y"}],
        "orgData": {"division": "North"},
        "empty": [],
    })
}

fn holds(text: &str, case: Case) -> bool {
    parse(text).unwrap_or_else(|error| panic!("{error}")).matches(&resource(), case)
}

#[test]
fn conditions_that_hold() {
    for text in [
        "displayName eq 'ida o''neil'",
        "DISPLAYNAME EQ 'Ida O''Neil'",
        "'Ida O''Neil' eq displayName",
        "displayName ne 'Per'",
        "id eq 5D2B9D0F-0d5d-4b7e-9a4d-1f6f2f2d7c10",
        "id eq '5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10'",
        "department eq null and missing eq null and department ne 'x'",
        "displayName ne null",
        "accountEnabled eq true",
        "accountEnabled",
        "not (accountEnabled eq false)",
        "not not accountEnabled",
        "createdDateTime ge 2026-03-04 and createdDateTime lt 2026-03-04T09:12:45Z",
        "createdDateTime eq 2026-03-04T10:12:44.500+01:00",
        "createdDateTime gt 2026-03-04T09:12:44",
        "count gt 16 and count le 17 and count eq 17.0 and count ne -17",
        "ratio lt 1 and ratio ge 0.5",
        "displayName in ('x', 'IDA O''NEIL')",
        "startswith(displayName,'ida') and endsWith(displayName,'neil') and contains(displayName,'a o')",
        "startswith(displayName,'ida') eq true",
        "startswith(displayName,'x') eq false",
        "contains(tolower(displayName), 'ida') and contains(toupper(displayName), 'IDA')",
        "businessPhones/any(p:p eq '+45 2')",
        "businessPhones/any()",
        "not empty/any()",
        "businessPhones/$count eq 2",
        "identities/any(i:i/issuer eq 'b' and i/signInType eq 'y')",
        "identities/all(i:i/issuer eq 'a' or i/issuer eq 'b')",
        "identities/any(i:businessPhones/any(p:p eq '+45 1' and i/issuer eq 'b'))",
        "orgdata/Division eq 'north'",
        "count eq 1 or count eq 2 and count eq 3 or count eq 17",
    ] {
        assert!(holds(text, Case::Insensitive), "{text}");
    }
}

#[test]
fn conditions_that_do_not_hold() {
    for text in [
        "displayName eq 'Ida'",
        "displayName eq null",
        "department gt 'a' or department lt 'a' or startswith(department,'')",
        "accountEnabled eq 'true'",
        "displayName",
        "businessPhones eq '+45 1'",
        "businessPhones/any(p:p eq '+45')",
        "identities/any(i:i/issuer eq 'a' and i/signInType eq 'y')",
        "displayName/any(x:x eq 'I')",
        "createdDateTime gt 2026-03-05",
        "count in (1,2)",
        "(count eq 1 or count eq 17) and count eq 3",
        "displayName gt 5",
    ] {
        assert!(!holds(text, Case::Insensitive), "{text}");
    }
    assert!(!holds("displayName eq 'ida o''neil'", Case::Sensitive));
    assert!(!holds("contains(displayName,'ida')", Case::Sensitive));
    assert!(holds("contains(displayName,'Ida')", Case::Sensitive));
}

#[test]
fn what_breaks_a_filter_is_told_with_its_place() {
    let messages: Vec<String> = [
        "displayName eq",
        "displayName",
        "displayName equals 'x'",
        "eq 'x'",
        "displayName eq 'x",
        "(displayName eq 'x'",
        "displayName eq 'x')",
        "displayName eq 'x' and",
        "displayName in ()",
        "displayName in 'x'",
        "substringof('x',displayName)",
        "startswith(displayName)",
        "startswith(displayName,'x') eq 5",
        "tags/any(t eq 'x')",
        "tags/any(t:t eq 'x'",
        "tags/all()",
        "created gt 2026-13-01",
        "'ø' eq 5 $$ #",
        "5",
        "a/'x' eq 5",
        "a eq 1e999",
        "a eq ((b eq 1))",
    ]
    .iter()
    .map(|text| parse(text).map_or_else(|error| error.to_string(), |filter| format!("read as {filter}")))
    .collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
        400 BadRequest: Invalid filter clause: Syntax error: expected a property, a literal, a function or '(', found the end at position 14 in 'displayName eq'.
        read as displayName
        400 BadRequest: Invalid filter clause: Syntax error: expected the end, 'and' or 'or', found 'equals' at position 12 in 'displayName equals 'x''.
        400 BadRequest: Invalid filter clause: Syntax error: expected the end, 'and' or 'or', found the literal 'x' at position 3 in 'eq 'x''.
        400 BadRequest: Invalid filter clause: Unterminated string literal (a quote within one is written twice, as in 'O''Brien') at position 15 in 'displayName eq 'x'.
        400 BadRequest: Invalid filter clause: Syntax error: expected ')', 'and' or 'or', found the end at position 19 in '(displayName eq 'x''.
        400 BadRequest: Invalid filter clause: Syntax error: expected the end, 'and' or 'or', found ')' at position 18 in 'displayName eq 'x')'.
        400 BadRequest: Invalid filter clause: Syntax error: expected a property, a literal, a function or '(', found the end at position 22 in 'displayName eq 'x' and'.
        400 BadRequest: Invalid filter clause: Syntax error: expected a literal, found ')' at position 16 in 'displayName in ()'.
        400 BadRequest: Invalid filter clause: Syntax error: expected '(', found the literal 'x' at position 15 in 'displayName in 'x''.
        400 BadRequest: Invalid filter clause: Unknown function 'substringof' at position 0 in 'substringof('x',displayName)'.
        400 BadRequest: Invalid filter clause: Syntax error: expected ',', found ')' at position 22 in 'startswith(displayName)'.
        400 BadRequest: Invalid filter clause: Syntax error: expected true or false, found the literal 5 at position 31 in 'startswith(displayName,'x') eq 5'.
        400 BadRequest: Invalid filter clause: Syntax error: expected ':', found 'eq' at position 11 in 'tags/any(t eq 'x')'.
        400 BadRequest: Invalid filter clause: Syntax error: expected ')', 'and' or 'or', found the end at position 19 in 'tags/any(t:t eq 'x''.
        400 BadRequest: Invalid filter clause: Syntax error: expected a variable, found ')' at position 9 in 'tags/all()'.
        400 BadRequest: Invalid filter clause: Invalid number or date literal at position 11 in 'created gt 2026-13-01'.
        400 BadRequest: Invalid filter clause: Unexpected character '#' at position 12 in ''ø' eq 5 $$ #'.
        400 BadRequest: Invalid filter clause: Syntax error: expected an operator (eq, ne, gt, ge, lt, le, in), found the end at position 1 in '5'.
        400 BadRequest: Invalid filter clause: Syntax error: expected a property, found the literal 'x' at position 2 in 'a/'x' eq 5'.
        400 BadRequest: Invalid filter clause: Invalid number or date literal at position 5 in 'a eq 1e999'.
        400 BadRequest: Invalid filter clause: Syntax error: expected a property or a literal at position 5 in 'a eq ((b eq 1))'.
        ");
}

#[test]
fn length_and_nesting_are_bounded() {
    for text in [
        format!("{}a eq 1{}", "(".repeat(40), ")".repeat(40)),
        format!("{}a eq 1", "not ".repeat(40)),
        format!("contains({}a{},'x')", "tolower(".repeat(40), ")".repeat(40)),
        format!("a eq '{}'", "x".repeat(40_000)),
        "(".repeat(30_000),
    ] {
        assert!(parse(&text).is_err(), "{}", &text[..40]);
    }
    let many = vec!["id eq 'x'"; 1000].join(" or ");
    assert_eq!(parse(&many).unwrap().properties().len(), 1000);
}

#[test]
fn an_index_is_told_the_conditions_at_the_top() {
    let filter = parse(
        "appId eq 'x' and 5 lt count and startswith(displayName,'i') and (a eq 1 or b eq 2) and not (c eq 3) and \
         contains(tolower(d),'x') and e in ('x')",
    )
    .unwrap();
    let terms: Vec<String> = filter
        .conjuncts()
        .iter()
        .map(|term| format!("{} {} {}", term.path, term.operator.name(), term.value))
        .collect();
    assert_eq!(terms, ["appId eq 'x'", "count gt 5", "displayName startswith 'i'"]);
    assert_eq!(filter.properties(), ["appId", "count", "displayName", "a", "b", "c", "d", "e"]);
    assert_eq!(parse("id eq 'x'").unwrap().conjuncts().len(), 1);
    assert_eq!(parse("a eq 1 or b eq 1").unwrap().conjuncts(), []);
    let lambda = parse("tags/any(t:t eq 'x' and id eq 'y')").unwrap();
    assert_eq!(lambda.properties(), ["tags", "id"]);
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][A-Za-z0-9_]{0,8}".prop_filter("a keyword", |name| {
        let keywords = [
            "and", "or", "not", "in", "eq", "ne", "gt", "ge", "lt", "le", "any", "all", "null", "true",
            "false",
        ];
        !keywords.contains(&name.to_lowercase().as_str())
    })
}

fn path() -> impl Strategy<Value = Path> {
    prop::collection::vec(name(), 1..3).prop_map(Path)
}

fn literal() -> impl Strategy<Value = Literal> {
    let time = (-62_135_596_800_i64..253_402_207_200, 0_i32..10_000_000);
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        any::<i64>().prop_map(Literal::Integer),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Literal::Decimal),
        ".{0,8}".prop_map(Literal::String),
        any::<u128>().prop_map(|id| Literal::Guid(uuid::Uuid::from_u128(id))),
        time.prop_map(|(second, tick)| Literal::DateTime(jiff::Timestamp::new(second, tick * 100).unwrap())),
        (name(), ".{0,8}")
            .prop_map(|(name, member)| Literal::Enum { type_name: format!("a.{name}"), member }),
    ]
}

fn operand() -> impl Strategy<Value = Operand> {
    let leaf = prop_oneof![path().prop_map(Operand::Path), literal().prop_map(Operand::Literal)];
    leaf.prop_recursive(2, 3, 1, |inner| {
        let function = prop_oneof![Just(Function::ToLower), Just(Function::ToUpper)];
        (function, inner).prop_map(|(function, inner)| Operand::Call(function, Box::new(inner)))
    })
}

fn operator() -> impl Strategy<Value = Operator> {
    use Operator::{Contains, EndsWith, Eq, Ge, Gt, Le, Lt, Ne, StartsWith};
    prop::sample::select(vec![Eq, Ne, Gt, Ge, Lt, Le, StartsWith, EndsWith, Contains])
}

fn expression() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        (operand(), operator(), operand())
            .prop_map(|(left, operator, right)| { Expression::Compare(left, operator, right) }),
        (operand(), prop::collection::vec(literal(), 1..4))
            .prop_map(|(left, values)| Expression::In(left, values)),
        path().prop_map(Expression::Property),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let quantifier = prop_oneof![Just(Quantifier::Any), Just(Quantifier::All)];
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::and),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::or),
            inner.clone().prop_map(|inner| Expression::Not(Box::new(inner))),
            (path(), quantifier, name(), inner).prop_map(|(path, quantifier, variable, inner)| {
                Expression::Lambda { path, quantifier, condition: Some((variable, Box::new(inner))) }
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_as_it_was(expression in expression()) {
        let filter = Filter::new(expression);
        let text = filter.to_string();
        prop_assert_eq!(parse(&text).map_err(|error| error.message), Ok(filter));
    }

    #[test]
    fn reading_and_evaluating_never_panic(text in "[a-c/():,'$ 0-9.T+ø-]{0,40}|( ?(eq|and|not|any\\(|\\)|'x'|a|/)){0,12}") {
        if let Ok(filter) = parse(&text) {
            let _ = filter.matches(&resource(), Case::Insensitive);
            prop_assert_eq!(parse(&filter.to_string()).map_err(|error| error.message), Ok(filter));
        }
    }
}

static ROLE: Table = Table(&[("id", Field::one(Kind::Guid)), ("names", Field::TEXTS)]);
static MEMBERS: Table = Table(&[
    ("name", Field::TEXT),
    ("id", Field::one(Kind::Guid)),
    ("enabled", Field::BOOLEAN),
    ("count", Field::NUMBER),
    ("at", Field::TIME),
    ("tags", Field::TEXTS),
    ("main", Field::object(&ROLE)),
    ("roles", Field::objects(&ROLE)),
]);

#[test]
fn a_filter_that_means_something_passes_the_check() {
    for text in [
        "NAME eq 'x' and not enabled",
        "name eq null and main eq null and at eq null",
        "id eq '5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10' or id eq 5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10",
        "name eq microsoft.graph.action'create'",
        "count gt 1 and count lt 1.5 and 3 gt count",
        "at ge 2026-03-04 and at lt 2026-03-04T09:12:44Z",
        "tags/any(t:t eq 'x') and tags/$count gt 1 and tags/any()",
        "roles/any(r:r/id eq 'x' and r/names/all(n:startswith(n,'a') and name eq n))",
        "contains(tolower(name),'x') and name in ('a','b') and tolower(name) eq toupper(main/id)",
    ] {
        parse(text).unwrap().check(&MEMBERS, "thing").unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn a_filter_that_can_never_pass_is_refused() {
    let told: Vec<String> = [
        "nmae eq 'x'",
        "name/first eq 'x'",
        "main/nmae eq 'x'",
        "roles/any(r:r/nmae eq 'x')",
        "x/any(r:r eq 'x')",
        "name eq 5",
        "name in ('a',true)",
        "enabled eq 'true'",
        "count eq '1'",
        "at gt 'yesterday'",
        "at eq true",
        "id eq 5",
        "main eq 'x'",
        "name",
        "tags eq 'x'",
        "roles/id eq 'x'",
        "name/any(n:n eq 'x')",
        "startswith(count,'1')",
        "contains(name,5)",
        "tolower(enabled) eq 'true'",
        "name eq enabled",
    ]
    .iter()
    .map(|text| parse(text).unwrap().check(&MEMBERS, "thing").unwrap_err().message)
    .collect();
    insta::assert_snapshot!(told.join("\n").replace("Invalid filter clause: ", ""), @r"
    Could not find a property named 'nmae' on type 'microsoft.graph.thing' (in 'nmae').
    Could not find a property named 'first' on type 'microsoft.graph.thing' (in 'name/first').
    Could not find a property named 'nmae' on type 'microsoft.graph.thing' (in 'main/nmae').
    Could not find a property named 'nmae' on type 'microsoft.graph.thing' (in 'r/nmae').
    Could not find a property named 'x' on type 'microsoft.graph.thing' (in 'x').
    'name' is a text, which eq cannot compare with 5. Write the value in quotes.
    'name' is a text, which eq cannot compare with true. Write the value in quotes.
    'enabled' is true or false, which eq cannot compare with 'true'. Write the value without quotes.
    'count' is a number, which eq cannot compare with '1'. Write the value without quotes.
    'at' is a date and time, which gt cannot compare with 'yesterday'. Write the value without quotes.
    'at' is a date and time, which eq cannot compare with true.
    'id' is a GUID, which eq cannot compare with 5. Write the value in quotes.
    'main' is an object, which eq cannot compare with 'x'.
    'name' is a text, and alone is no condition; compare it.
    'tags' is a collection; use any or all, as in tags/any(x:x eq …).
    'roles/id' goes through a collection; use any or all there.
    'name' is no collection, so any and all have nothing to look at.
    'count' is a number, which startswith cannot compare with '1'.
    'name' is a text, which contains cannot compare with 5. Write the value in quotes.
    tolower takes a text, and 'enabled' is true or false.
    'name' is a text, which eq cannot compare with 'enabled'.
    ");
}
