use serde_json::json;

use super::application::APPLICATION;
use super::assignment::APP_ROLE_ASSIGNMENT;
use super::group::GROUP;
use super::service_principal::SERVICE_PRINCIPAL;
use super::user::USER;
use super::*;
use crate::testing::layout;

fn members(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

fn user(more: Json) -> Map<String, Json> {
    let mut user = members(json!({"accountEnabled": true, "displayName": "Ida", "mailNickname": "ida",
        "userPrincipalName": "ida@contoso.example"}));
    user.extend(members(more));
    user
}

#[test]
fn a_user_is_checked_and_spelled() {
    let body = user(json!({"DEPARTMENT": "Tours", "jobTitle": null, "businessPhones": ["+45 1"],
        "employeeHireDate": "2026-04-01T02:00:00+02:00", "otherMails": null,
        "passwordProfile": {"password": "p4ssw0rd", "forceChangePasswordNextSignIn": true},
        "employeeOrgData": {"@odata.type": "x", "division": "North", "costCenter": null},
        "extension_0123456789abcdef0123456789abcdef_badge": "7"}));
    let stored = USER.validate_create(&body).unwrap();
    insta::assert_snapshot!(layout(&stored), @r#"
        {
          "accountEnabled": true, "businessPhones": ["+45 1"], "department": "Tours", "displayName": "Ida",
          "employeeHireDate": "2026-04-01T00:00:00Z",
          "employeeOrgData": {"costCenter": null, "division": "North"},
          "extension_0123456789abcdef0123456789abcdef_badge": "7", "mailNickname": "ida",
          "userPrincipalName": "ida@contoso.example"
        }
        "#);
}

#[test]
fn unfit_users_are_refused() {
    let long = "x".repeat(65);
    let messages: Vec<String> = [
        json!({"displayName": null}),
        json!({"displayName": " "}),
        json!({"displayName": "x".repeat(257)}),
        json!({"displayName": 42}),
        json!({"shoeSize": 42}),
        json!({"foo@odata.bind": "users/17"}),
        json!({"createdDateTime": "2026-01-01T00:00:00Z"}),
        json!({"department": long}),
        json!({"mailNickname": "a b"}),
        json!({"usageLocation": "DNK"}),
        json!({"employeeHireDate": "soon"}),
        json!({"businessPhones": "+45 1"}),
        json!({"businessPhones": [1]}),
        json!({"employeeOrgData": {"division": ["x"]}}),
        json!({"employeeOrgData": {"region": "x"}}),
        json!({"extension_1_x": "x"}),
        json!({"extension_0123456789abcdef0123456789abcdef_x": {}}),
        json!({"passwordProfile": {"password": 5}}),
    ]
    .into_iter()
    .map(|more| USER.validate_create(&user(more)).unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
        400 Request_BadRequest: A value is required for property 'displayName' of resource 'User'.
        400 Request_BadRequest: Invalid value specified for property 'displayName' of resource 'User'. It is empty.
        400 Request_BadRequest: Invalid value specified for property 'displayName' of resource 'User'. It has more than 256 characters.
        400 BadRequest: The value of property 'displayName' is invalid: expected a string, found a number.
        400 BadRequest: Invalid property 'shoeSize'.
        400 BadRequest: Invalid property 'foo@odata.bind'.
        400 Request_BadRequest: Property 'createdDateTime' is read-only and cannot be set.
        400 Request_BadRequest: Invalid value specified for property 'department' of resource 'User'. It has more than 64 characters.
        400 Request_BadRequest: Invalid value specified for property 'mailNickname' of resource 'User'. It must be of printable ASCII characters, without blanks, quotes and @()\[];:<>,
        400 Request_BadRequest: Invalid value specified for property 'usageLocation' of resource 'User'. It must be a country in two letters (ISO 3166).
        400 Request_BadRequest: Invalid value specified for property 'employeeHireDate' of resource 'User'. It must be a date and time with a zone, such as 2026-03-04T09:12:44Z.
        400 BadRequest: The value of property 'businessPhones' is invalid: expected a list, found a string.
        400 BadRequest: The value of property 'businessPhones' is invalid: expected a string, found a number.
        400 BadRequest: The value of property 'employeeOrgData/division' is invalid: expected a string, found a list.
        400 BadRequest: Invalid property 'employeeOrgData/region'.
        400 BadRequest: Invalid property 'extension_1_x'.
        400 BadRequest: The value of property 'extension_0123456789abcdef0123456789abcdef_x' is invalid: an extension property holds texts of up to 256 characters, numbers or booleans.
        400 BadRequest: The value of property 'passwordProfile/password' is invalid: expected a string, found a number.
        ");
}

#[test]
fn new_objects_must_have_what_graph_requires() {
    let required = |entity: &EntityType| {
        let names =
            entity.properties.iter().filter(|property| property.required).map(|property| property.name);
        format!("{}: {}", entity.name, names.collect::<Vec<_>>().join(" "))
    };
    let entities = [&USER, &GROUP, &APPLICATION, &SERVICE_PRINCIPAL, &APP_ROLE_ASSIGNMENT];
    insta::assert_snapshot!(entities.map(required).join("\n"), @r"
        user: accountEnabled displayName mailNickname userPrincipalName
        group: displayName mailEnabled mailNickname securityEnabled
        application: displayName
        servicePrincipal: appId
        appRoleAssignment: appRoleId principalId resourceId
        ");
    for entity in entities {
        let error = entity.validate_create(&Map::new()).unwrap_err();
        assert!(error.message.starts_with("A value is required for property '"), "{}", error.message);
        assert!(error.message.ends_with(&format!("of resource '{}'.", entity.resource)), "{}", error.message);
    }
}

#[test]
fn a_patch_changes_only_what_it_names() {
    let existing = members(json!({"displayName": "Ida", "department": "Tours", "businessPhones": ["1", "2"],
        "onPremisesExtensionAttributes": {"extensionAttribute1": "a", "extensionAttribute2": "b"},
        "employeeOrgData": {"division": "North", "costCenter": "7"}}));
    let patch = members(json!({"DEPARTMENT": null, "businessPhones": ["3"], "jobTitle": "Guide",
        "onPremisesExtensionAttributes": {"extensionAttribute2": null, "extensionAttribute3": "c"},
        "employeeOrgData": {"division": "South"}, "passwordProfile": {"password": "x"}, "createdDateTime": null}));
    let merged = USER.merge_patch(&existing, &patch).unwrap();
    assert_eq!(
        Json::Object(merged),
        json!({"displayName": "Ida", "businessPhones": ["3"], "jobTitle": "Guide",
            "onPremisesExtensionAttributes": {"extensionAttribute1": "a", "extensionAttribute3": "c"},
            "employeeOrgData": {"division": "South"}})
    );
    let refused = |patch: Json| USER.merge_patch(&existing, &members(patch)).unwrap_err().to_string();
    insta::assert_snapshot!(refused(json!({"displayName": null})), @"400 Request_BadRequest: A value is required for property 'displayName' of resource 'User'.");
    insta::assert_snapshot!(refused(json!({"createdDateTime": "2026-01-01T00:00:00Z"})), @"400 Request_BadRequest: Property 'createdDateTime' is read-only and cannot be set.");
    insta::assert_snapshot!(refused(json!({"businessPhones": {}})), @"400 BadRequest: The value of property 'businessPhones' is invalid: expected a list, found an object.");
}

#[test]
fn what_cannot_change_may_be_sent_as_it_is() {
    let existing = members(json!({"appId": "0c6a", "displayName": "x"}));
    let same = members(json!({"appId": "0C6A"}));
    assert_eq!(SERVICE_PRINCIPAL.merge_patch(&existing, &same).unwrap(), existing);
    let other = SERVICE_PRINCIPAL.merge_patch(&existing, &members(json!({"appId": "17"}))).unwrap_err();
    assert_eq!(other.message, "Property 'appId' is read-only and cannot be set.");
}

fn stored() -> Map<String, Json> {
    members(
        json!({"id": "17", "displayName": "x", "department": "Tours", "passwordProfile": {"password": "s3cr3t"},
        "passwordCredentials": [{"secretText": "s3cr3t", "hint": "s3c"}]}),
    )
}

#[test]
fn users_and_groups_print_with_graphs_defaults() {
    insta::assert_snapshot!(layout(&USER.render(&stored(), None)), @r#"
        {
          "businessPhones": [], "displayName": "x", "givenName": null, "id": "17", "jobTitle": null,
          "mail": null, "mobilePhone": null, "officeLocation": null, "preferredLanguage": null,
          "surname": null, "userPrincipalName": null
        }
        "#);
    let select = ["DEPARTMENT", "passwordProfile", "proxyAddresses", "onPremisesExtensionAttributes"]
        .map(str::to_owned);
    insta::assert_snapshot!(layout(&USER.render(&stored(), Some(&select))), @r#"
        {
          "department": "Tours",
          "onPremisesExtensionAttributes": {
            "extensionAttribute1": null, "extensionAttribute10": null, "extensionAttribute11": null,
            "extensionAttribute12": null, "extensionAttribute13": null, "extensionAttribute14": null,
            "extensionAttribute15": null, "extensionAttribute2": null, "extensionAttribute3": null,
            "extensionAttribute4": null, "extensionAttribute5": null, "extensionAttribute6": null,
            "extensionAttribute7": null, "extensionAttribute8": null, "extensionAttribute9": null
          },
          "passwordProfile": null, "proxyAddresses": []
        }
        "#);
    insta::assert_snapshot!(layout(&GROUP.render(&stored(), None)), @r#"
        {
          "classification": null, "createdDateTime": null, "deletedDateTime": null, "description": null,
          "displayName": "x", "groupTypes": [], "id": "17", "isAssignableToRole": null, "mail": null,
          "mailEnabled": null, "mailNickname": null, "membershipRule": null,
          "membershipRuleProcessingState": null, "onPremisesDomainName": null,
          "onPremisesLastSyncDateTime": null, "onPremisesNetBiosName": null,
          "onPremisesSamAccountName": null, "onPremisesSecurityIdentifier": null,
          "onPremisesSyncEnabled": null, "preferredDataLocation": null, "preferredLanguage": null,
          "proxyAddresses": [], "securityEnabled": null, "securityIdentifier": null, "uniqueName": null,
          "visibility": null
        }
        "#);
}

#[test]
fn applications_and_assignments_print_with_graphs_defaults() {
    insta::assert_snapshot!(layout(&APPLICATION.render(&stored(), None)), @r#"
        {
          "appId": null, "appRoles": [], "applicationTemplateId": null, "createdDateTime": null,
          "deletedDateTime": null, "description": null, "disabledByMicrosoftStatus": null,
          "displayName": "x", "id": "17", "identifierUris": [],
          "info": {
            "logoUrl": null, "marketingUrl": null, "privacyStatementUrl": null, "supportUrl": null,
            "termsOfServiceUrl": null
          },
          "keyCredentials": [], "notes": null,
          "passwordCredentials": [
            {
              "customKeyIdentifier": null, "displayName": null, "endDateTime": null, "hint": "s3c",
              "keyId": null, "secretText": null, "startDateTime": null
            }
          ],
          "publisherDomain": null, "serviceManagementReference": null, "signInAudience": null, "tags": [],
          "uniqueName": null
        }
        "#);
    insta::assert_snapshot!(layout(&SERVICE_PRINCIPAL.render(&stored(), None)), @r#"
        {
          "accountEnabled": null, "alternativeNames": [], "appDescription": null, "appDisplayName": null,
          "appId": null, "appOwnerOrganizationId": null, "appRoleAssignmentRequired": false, "appRoles": [],
          "applicationTemplateId": null, "deletedDateTime": null, "description": null,
          "disabledByMicrosoftStatus": null, "displayName": "x", "homepage": null, "id": "17",
          "info": {
            "logoUrl": null, "marketingUrl": null, "privacyStatementUrl": null, "supportUrl": null,
            "termsOfServiceUrl": null
          },
          "keyCredentials": [], "loginUrl": null, "logoutUrl": null, "notes": null,
          "notificationEmailAddresses": [], "oauth2PermissionScopes": [],
          "passwordCredentials": [
            {
              "customKeyIdentifier": null, "displayName": null, "endDateTime": null, "hint": "s3c",
              "keyId": null, "secretText": null, "startDateTime": null
            }
          ],
          "preferredSingleSignOnMode": null, "replyUrls": [], "servicePrincipalNames": [],
          "servicePrincipalType": null, "signInAudience": null, "tags": []
        }
        "#);
    insta::assert_snapshot!(layout(&APP_ROLE_ASSIGNMENT.render(&stored(), None)), @r#"
        {
          "appRoleId": null, "createdDateTime": null, "deletedDateTime": null, "id": "17",
          "principalDisplayName": null, "principalId": null, "principalType": null,
          "resourceDisplayName": null, "resourceId": null
        }
        "#);
}
