use super::*;

fn printed(error: &GraphError) -> String {
    let date = "2026-03-04T10:12:44.9+01:00".parse().unwrap();
    String::from_utf8(error.body(date, "b0d0f7d6", "4f1c")).unwrap()
}

#[test]
fn the_body_has_graphs_shape() {
    insta::assert_snapshot!(printed(&GraphError::job_not_found("x.y")), @r#"{"error":{"code":"ResourceNotFound","message":"Synchronization job 'x.y' was not found.","innerError":{"date":"2026-03-04T09:12:44","request-id":"b0d0f7d6","client-request-id":"4f1c"}}}"#);
    insta::assert_snapshot!(printed(&GraphError::conflict("userPrincipalName")), @r#"{"error":{"code":"Request_BadRequest","message":"Another object with the same value for property userPrincipalName already exists.","details":[{"code":"ObjectConflict","message":"Another object with the same value for property userPrincipalName already exists.","target":"userPrincipalName"}],"innerError":{"date":"2026-03-04T09:12:44","request-id":"b0d0f7d6","client-request-id":"4f1c"}}}"#);
}

#[test]
fn texts_in_messages_are_escaped() {
    let body = printed(&GraphError::segment_not_found("a\"\u{7}ø"));
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(json["error"]["message"], "Resource not found for the segment 'a\"\u{7}ø'.");
}

fn every_error() -> Vec<GraphError> {
    vec![
        GraphError::bad_request("m"),
        GraphError::segment_not_found("x"),
        GraphError::method_not_allowed(),
        GraphError::unreadable_payload(),
        GraphError::malformed_json(1, 14, "expected value"),
        GraphError::payload_too_large(4),
        GraphError::unsupported_media_type("br"),
        GraphError::unauthenticated("Access token is empty."),
        GraphError::forbidden(),
        GraphError::not_implemented(),
        GraphError::internal(),
        GraphError::unavailable("m"),
        GraphError::too_many_requests(5),
        GraphError::directory_bad_request("m"),
        GraphError::not_found("17"),
        GraphError::invalid_object_identifier("x"),
        GraphError::missing_property("displayName", "User"),
        GraphError::invalid_value("displayName", "User"),
        GraphError::unknown_property("shoeSize"),
        GraphError::read_only_property("createdDateTime"),
        GraphError::conflict("userPrincipalName"),
        GraphError::references_exist("members"),
        GraphError::assignment_exists(),
        GraphError::role_not_found(),
        GraphError::no_backing_application("17"),
        GraphError::service_principal_exists("17"),
        GraphError::resource_not_found("m"),
        GraphError::job_not_found("17"),
        GraphError::unsupported_query("m"),
        GraphError::invalid_filter("d"),
        GraphError::unknown_select("shoeSize", "user"),
        GraphError::invalid_page_size(1000, 999),
        GraphError::expired_page_token(),
        GraphError::sync_state_not_found(),
        GraphError::count_not_supported(),
    ]
}

#[test]
fn every_error_has_its_code_and_text() {
    let lines: Vec<String> = every_error().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
        400 BadRequest: m
        400 BadRequest: Resource not found for the segment 'x'.
        405 Request_BadRequest: Specified HTTP method is not allowed for the request target.
        400 BadRequest: Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.
        400 BadRequest: Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format. (line 1, column 14: expected value)
        413 RequestEntityTooLarge: The request body is larger than 4 bytes.
        415 UnsupportedMediaType: The content type or encoding 'br' is not supported; send plain or gzip JSON.
        401 InvalidAuthenticationToken: Access token is empty.
        403 Authorization_RequestDenied: Insufficient privileges to complete the operation.
        501 NotImplemented: This operation target is not yet supported.
        500 InternalServerError: The server failed to process the request; its log has the cause under this request-id.
        503 ServiceUnavailable: m
        429 TooManyRequests: Too many requests. Please retry after 5 seconds.
        400 Request_BadRequest: m
        404 Request_ResourceNotFound: Resource '17' does not exist or one of its queried reference-property objects are not present.
        400 Request_BadRequest: Invalid object identifier 'x'.
        400 Request_BadRequest: A value is required for property 'displayName' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'displayName' of resource 'User'.
        400 BadRequest: Invalid property 'shoeSize'.
        400 Request_BadRequest: Property 'createdDateTime' is read-only and cannot be set.
        400 Request_BadRequest: Another object with the same value for property userPrincipalName already exists.
        400 Request_BadRequest: One or more added object references already exist for the following modified properties: 'members'.
        400 Request_BadRequest: Permission being assigned already exists on the object
        400 Request_BadRequest: Permission being assigned was not found on application
        400 Request_BadRequest: The appId '17' of the service principal does not reference a valid application object.
        409 Request_MultipleObjectsWithSameKeyValue: The service principal cannot be created, updated, or restored because the service principal name 17 is already in use.
        404 ResourceNotFound: m
        404 ResourceNotFound: Synchronization job '17' was not found.
        400 Request_UnsupportedQuery: m
        400 BadRequest: Invalid filter clause: d
        400 BadRequest: Parsing OData Select and Expand failed: Could not find a property named 'shoeSize' on type 'microsoft.graph.user'.
        400 Request_UnsupportedQuery: Invalid page size specified: '1000'. Must be between 1 and 999 inclusive.
        400 Directory_ExpiredPageToken: The specified page token value has expired and can no longer be included in your request.
        410 syncStateNotFound: The delta token is not usable any more; start again without a token.
        400 Request_BadRequest: $count is not currently supported. It is with the header 'ConsistencyLevel: eventual'.
        ");
}
