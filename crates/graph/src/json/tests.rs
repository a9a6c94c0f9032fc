use serde_json::json;

use super::*;

fn message(body: &[u8]) -> String {
    parse(body).unwrap_err().message
}

#[test]
fn malformed_json_is_located() {
    let messages: Vec<String> = [
        &b""[..],
        b" \r\n",
        b"{\"templateId\": }",
        b"{\"a\": 1,\n \"b\": [}",
        b"{\"a\": 1} x",
        b"{\"a\": 1",
        b"\"\xFF\"",
        b"templateId=scim",
    ]
    .iter()
    .map(|body| message(body))
    .collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
        Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.
        Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.
        Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format. (line 1, column 16: expected value)
        Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format. (line 2, column 8: expected value)
        Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format. (line 1, column 10: trailing characters)
        Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format. (line 1, column 7: EOF while parsing an object)
        Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format. (line 1, column 2: invalid unicode code point)
        Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format. (line 1, column 2: expected ident)
        ");
    assert_eq!(parse(b"\xEF\xBB\xBF{}").unwrap(), json!({}));
    assert_eq!(parse(b"{\"a\":1,\"a\":2}").unwrap(), json!({"a": 2}));
}

#[test]
fn entities_lose_their_annotations_but_for_bindings() {
    let body = json!({"@odata.type": "#microsoft.graph.user", "@odata.context": "x", "displayName": "Ida",
        "businessPhones@odata.type": "#Collection(String)", "manager@odata.bind": "users/17"});
    let members = entity(body.to_string().as_bytes(), "user").unwrap();
    assert_eq!(Json::Object(members), json!({"displayName": "Ida", "manager@odata.bind": "users/17"}));
    let wrong = entity(b"{\"@odata.type\":\"#microsoft.graph.group\"}", "user").unwrap_err();
    insta::assert_snapshot!(wrong, @r##"400 BadRequest: The '@odata.type' "#microsoft.graph.group" is not the type expected here, '#microsoft.graph.user'."##);
    insta::assert_snapshot!(entity(b"[]", "user").unwrap_err(), @"400 BadRequest: The body must be a JSON object: a user.");
}

#[test]
fn a_wrapped_body_is_unwrapped() {
    assert_eq!(
        Json::Object(entity(br#"{"user":{"displayName":"Ida"}}"#, "user").unwrap()),
        json!({"displayName": "Ida"})
    );
    let not_wrapped = br#"{"user":"Ida"}"#;
    assert_eq!(Json::Object(entity(not_wrapped, "user").unwrap()), json!({"user": "Ida"}));
}
