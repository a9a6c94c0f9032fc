//! Complex types of the directory.

use super::Property;

/// `appRole`
pub static APP_ROLE: &[Property] = &[
    Property::strings("allowedMemberTypes").fits(is_member_type, "It must be \"User\" or \"Application\"."),
    Property::string("description"),
    Property::string("displayName"),
    Property::guid("id").not_null().required(),
    Property::boolean("isEnabled").not_null(),
    Property::string("origin"),
    Property::string("value").max(250).fits(has_no_space, "It must have no blanks."),
];

/// `employeeOrgData`
pub static EMPLOYEE_ORG_DATA: &[Property] = &[Property::string("costCenter"), Property::string("division")];

/// `informationalUrl`
pub static INFORMATIONAL_URL: &[Property] = &[
    Property::string("logoUrl"),
    Property::string("marketingUrl"),
    Property::string("privacyStatementUrl"),
    Property::string("supportUrl"),
    Property::string("termsOfServiceUrl"),
];

/// `keyCredential`
pub static KEY_CREDENTIAL: &[Property] = &[
    Property::binary("customKeyIdentifier"),
    Property::string("displayName"),
    Property::date_time("endDateTime"),
    Property::binary("key").write_only(),
    Property::guid("keyId"),
    Property::date_time("startDateTime"),
    Property::string("type"),
    Property::string("usage"),
];

/// `objectIdentity`
pub static OBJECT_IDENTITY: &[Property] =
    &[Property::string("issuer"), Property::string("issuerAssignedId"), Property::string("signInType")];

/// `onPremisesExtensionAttributes`
pub static ON_PREMISES_EXTENSION_ATTRIBUTES: &[Property] = &[
    Property::string("extensionAttribute1").max(1024),
    Property::string("extensionAttribute10").max(1024),
    Property::string("extensionAttribute11").max(1024),
    Property::string("extensionAttribute12").max(1024),
    Property::string("extensionAttribute13").max(1024),
    Property::string("extensionAttribute14").max(1024),
    Property::string("extensionAttribute15").max(1024),
    Property::string("extensionAttribute2").max(1024),
    Property::string("extensionAttribute3").max(1024),
    Property::string("extensionAttribute4").max(1024),
    Property::string("extensionAttribute5").max(1024),
    Property::string("extensionAttribute6").max(1024),
    Property::string("extensionAttribute7").max(1024),
    Property::string("extensionAttribute8").max(1024),
    Property::string("extensionAttribute9").max(1024),
];

/// `passwordCredential`
pub static PASSWORD_CREDENTIAL: &[Property] = &[
    Property::binary("customKeyIdentifier"),
    Property::string("displayName"),
    Property::date_time("endDateTime"),
    Property::string("hint"),
    Property::guid("keyId"),
    Property::string("secretText").secret(),
    Property::date_time("startDateTime"),
];

/// `passwordProfile`
pub static PASSWORD_PROFILE: &[Property] = &[
    Property::boolean("forceChangePasswordNextSignIn"),
    Property::boolean("forceChangePasswordNextSignInWithMfa"),
    Property::string("password").secret(),
];

/// `permissionScope`
pub static PERMISSION_SCOPE: &[Property] = &[
    Property::string("adminConsentDescription"),
    Property::string("adminConsentDisplayName"),
    Property::guid("id").not_null().required(),
    Property::boolean("isEnabled").not_null(),
    Property::string("origin"),
    Property::string("type"),
    Property::string("userConsentDescription"),
    Property::string("userConsentDisplayName"),
    Property::string("value").fits(has_no_space, "It must have no blanks."),
];

fn has_no_space(text: &str) -> bool {
    !text.contains(char::is_whitespace)
}

/// Who can have a role.
fn is_member_type(text: &str) -> bool {
    matches!(text, "User" | "Application")
}
