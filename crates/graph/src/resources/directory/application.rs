//! `application`

use super::complex::{APP_ROLE, INFORMATIONAL_URL, KEY_CREDENTIAL, PASSWORD_CREDENTIAL};
use super::{EntityType, Property};

/// `application`
pub static APPLICATION: EntityType =
    EntityType { name: "application", resource: "Application", properties: PROPERTIES };

static PROPERTIES: &[Property] = &[
    Property::guid("id").not_null().read_only(),
    Property::date_time("deletedDateTime").read_only(),
    Property::open("addIns").many().when_set(),
    Property::open("api").when_set(),
    Property::string("appId").read_only(),
    Property::string("applicationTemplateId").read_only(),
    Property::complex("appRoles", APP_ROLE).many(),
    Property::open("authenticationBehaviors").when_set(),
    Property::open("certification").read_only().on_select(),
    Property::date_time("createdDateTime").read_only(),
    Property::string("defaultRedirectUri").when_set(),
    Property::string("description").max(1024),
    Property::string("disabledByMicrosoftStatus").read_only(),
    Property::string("displayName").required().max(256),
    Property::string("groupMembershipClaims").when_set(),
    Property::strings("identifierUris"),
    Property::complex("info", INFORMATIONAL_URL).merged(),
    Property::boolean("isDeviceOnlyAuthSupported").when_set(),
    Property::boolean("isFallbackPublicClient").when_set(),
    Property::complex("keyCredentials", KEY_CREDENTIAL).many(),
    Property::string("notes").max(1024),
    Property::boolean("oauth2RequirePostResponse").when_set(),
    Property::open("optionalClaims").when_set(),
    Property::open("parentalControlSettings").when_set(),
    Property::complex("passwordCredentials", PASSWORD_CREDENTIAL).many(),
    Property::open("publicClient").when_set(),
    Property::string("publisherDomain").read_only(),
    Property::open("requestSignatureVerification").when_set(),
    Property::open("requiredResourceAccess").many().when_set(),
    Property::string("samlMetadataUrl").when_set(),
    Property::string("serviceManagementReference"),
    Property::open("servicePrincipalLockConfiguration").when_set(),
    Property::string("signInAudience").fits(is_sign_in_audience, "It must be \"AzureADMyOrg\", \"AzureADMultipleOrgs\", \"AzureADandPersonalMicrosoftAccount\" or \"PersonalMicrosoftAccount\"."),
    Property::open("spa").when_set(),
    Property::strings("tags").max(256),
    Property::guid("tokenEncryptionKeyId").when_set(),
    Property::string("uniqueName").create_only(),
    Property::open("verifiedPublisher").read_only().on_select(),
    Property::open("web").when_set(),
];

/// Whose accounts an application is for.
fn is_sign_in_audience(text: &str) -> bool {
    matches!(
        text,
        "AzureADMyOrg"
            | "AzureADMultipleOrgs"
            | "AzureADandPersonalMicrosoftAccount"
            | "PersonalMicrosoftAccount"
    )
}
