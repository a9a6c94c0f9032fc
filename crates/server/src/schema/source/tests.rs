use serde_json::{Value, json};

use super::*;

fn read(source: Value) -> AttributeMappingSource {
    serde_json::from_value(source).unwrap()
}

fn text(source: Value) -> Result<Option<String>, Fault> {
    expression(&read(source))
}

/// What a person reads of a source that has no meaning.
fn told(source: Value) -> String {
    let fault = text(source).unwrap_err();
    format!("{} {}: {}", fault.code, fault.place, fault.message)
}

fn completed(source: Value) -> String {
    let mut source = read(source);
    complete(&mut source);
    layout(&source)
}

fn layout(source: &AttributeMappingSource) -> String {
    let kind = source.source_type;
    let name = source.name.as_deref().unwrap_or("(no name)");
    let parameters: Vec<String> = source
        .parameters
        .iter()
        .map(|pair| {
            let key = pair.key.as_deref().unwrap_or("(no key)");
            format!("{key}: {}", layout(pair.value.as_ref().unwrap()))
        })
        .collect();
    let inner = if parameters.is_empty() { String::new() } else { format!(" {{{}}}", parameters.join("; ")) };
    format!("{kind} {name} `{}`{inner}", source.expression.as_deref().unwrap_or("(no text)"))
}

fn constant(name: &str) -> Value {
    json!({ "name": name, "type": "Constant" })
}

#[test]
fn a_tree_alone_is_enough() {
    let attribute = json!({ "name": "IsSoftDeleted", "type": "Attribute" });
    assert_eq!(text(attribute.clone()).unwrap().as_deref(), Some("[IsSoftDeleted]"));
    assert_eq!(text(constant("a \"b\"")).unwrap().as_deref(), Some(r#""a \"b\"""#));
    let switch = json!({ "name": "Switch", "type": "Function", "parameters": [
        { "key": "source", "value": attribute },
        { "key": "switchValue", "value": constant("False") }, { "key": "switchValue", "value": constant("True") },
    ]});
    assert_eq!(text(switch).unwrap().as_deref(), Some(r#"Switch([IsSoftDeleted], , "False", "True")"#));
    assert_eq!(text(json!({})).unwrap(), None);
    assert_eq!(text(constant("")).unwrap().as_deref(), Some(r#""""#));
}

#[test]
fn either_form_brings_the_other() {
    insta::assert_snapshot!(completed(json!({"expression": "append([mail],\"x\")"})), @r#"Function Append `append([mail],"x")` {source: Attribute mail `[mail]`; suffix: Constant x `"x"`}"#);
    insta::assert_snapshot!(completed(json!({"name": "Not", "type": "Function", "parameters": [
        {"key": "source", "value": {"name": "IsSoftDeleted"}}]})), @"Function Not `Not([IsSoftDeleted])` {source: Attribute IsSoftDeleted `[IsSoftDeleted]`}");
    insta::assert_snapshot!(completed(json!({"expression": "Replace([p], \"-\", , , \"_\", ,  )"})), @r#"Function Replace `Replace([p], "-", , , "_", ,  )` {source: Attribute p `[p]`; Find: Constant - `"-"`; Replacement: Constant _ `"_"`}"#);
    insta::assert_snapshot!(completed(json!({"expression": "IIF([a] & \"b\" & 1 = NULL, IgnoreAttributeFlow, %x%)"})), @r#"Function IIF `IIF([a] & "b" & 1 = NULL, IgnoreAttributeFlow, %x%)` {condition: Function = `[a] & "b" & 1 = NULL` {left: Function & `[a] & "b" & "1"` {left: Function & `[a] & "b"` {left: Attribute a `[a]`; right: Constant b `"b"`}; right: Constant 1 `"1"`}; right: Constant NULL `NULL`}; valueIfTrue: Constant IgnoreAttributeFlow `IgnoreAttributeFlow`; valueIfFalse: Constant %x% `%x%`}"#);
    insta::assert_snapshot!(completed(json!({"expression": "Nonsense("})), @"Attribute (no name) `Nonsense(`");
}

#[test]
fn a_completed_source_is_complete_and_its_tree_alone_says_the_same() {
    let expressions = [
        "[mail]",
        "\"a \\\"b\\\" \\\\\"",
        "Join(\" \", [givenName], [surname])",
        "Mid([mail], 1, 3)",
        "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")",
        "IIF([a] & \"b\" & [c] = NULL, IgnoreAttributeFlow, %x%)",
        "Append(Replace([mail], \"@a\", , , \"\", , ), \"b\")",
        "IIF(Not([a]) <> True, [b], [c])",
    ];
    for expression in expressions {
        let mut source = AttributeMappingSource { expression: Some(expression.into()), ..Default::default() };
        complete(&mut source);
        let again = {
            let mut again = source.clone();
            complete(&mut again);
            again
        };
        assert_eq!(again, source, "{expression}");
        let alone = AttributeMappingSource { expression: None, ..source };
        let printed = super::expression(&alone).unwrap().unwrap();
        // A tree has no place for the quotes of a number, nor for arguments that are left out at the end.
        let bare = |text: &str| {
            let text = text.replace(", , )", ")").replace("\"1\", \"3\"", "1, 3");
            text.replace("<> \"True\"", "<> True")
        };
        assert_eq!(bare(&printed), bare(expression), "{expression}");
    }
}

#[test]
fn both_forms_may_be_sent_when_they_agree() {
    let both = json!({"expression": "Not( [IsSoftDeleted] )", "name": "not", "type": "Function", "parameters": [
        {"key": "source", "value": {"expression": "[IsSoftDeleted]", "name": "issoftdeleted", "type": "Attribute",
            "parameters": []}}]});
    let sent = read(both.clone());
    let mut stored = sent.clone();
    complete(&mut stored);
    assert_eq!(stored, sent, "what was sent whole comes back as it was");
    // A tree that only begins to say something, and one without its types.
    assert!(text(json!({"expression": "Not([x])", "name": "Not", "type": "Function"})).is_ok());
    let mut untyped = both;
    untyped.as_object_mut().unwrap().remove("type");
    assert!(text(untyped).is_ok());
    assert!(
        text(json!({"expression": "Mid([x], 1, 2)", "name": "Mid", "type": "Function", "parameters": [
        {"key": "source", "value": {"name": "x"}}, {"key": "start", "value": constant("1")},
        {"key": "length", "value": constant("2")}]}))
        .is_ok()
    );
}

#[test]
fn senseless_trees_are_told_with_their_place() {
    let not = |value: Value| json!({"name": "Not", "type": "Function", "parameters": [{"key": "source", "value": value}]});
    insta::assert_snapshot!(told(json!({"name": "Swich", "type": "Function"})), @"UnknownFunction : no function is called `Swich`; did you mean `Switch`?");
    insta::assert_snapshot!(told(json!({"name": "Not", "type": "Function", "parameters": [
        {"key": "sorce", "value": constant("x")}]})), @"InvalidExpression : the tree does not fit: `Not` has no parameter `sorce` left; its parameters are source");
    insta::assert_snapshot!(told(not(not(json!({})))), @"InvalidExpression .parameters[0].value.parameters[0].value: a parameter has neither an expression that can be read nor a name");
    insta::assert_snapshot!(told(json!({"name": "a(b", "type": "Attribute"})), @"InvalidExpression : the tree is no expression: the attribute reference never ends; expected `]` after the name of the attribute");
    let deep = (0..300).fold(json!({"name": "x"}), |inner, _| not(inner));
    assert!(told(deep).contains("deeper than"));
}

#[test]
fn the_text_wins_over_a_tree_that_says_something_else() {
    for tree in [
        json!({"name": "displayName", "type": "Attribute"}),
        json!({"name": "Not", "type": "Function", "parameters": [{"key": "source", "value": {"name": "b"}}]}),
        json!({"name": "mail", "type": "Constant"}),
    ] {
        let mut source = tree;
        source["expression"] = json!("Append( [mail], \"x\")");
        let mut source = read(source);
        complete(&mut source);
        let parsed = provisor_expression::parse("Append([mail], \"x\")").unwrap();
        let made = AttributeMappingSource {
            expression: Some("Append( [mail], \"x\")".to_owned()),
            ..tree::of(&parsed)
        };
        assert_eq!(source, made);
    }
}
