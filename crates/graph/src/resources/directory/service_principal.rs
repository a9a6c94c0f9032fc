//! `servicePrincipal`

use super::complex::{APP_ROLE, INFORMATIONAL_URL, KEY_CREDENTIAL, PASSWORD_CREDENTIAL, PERMISSION_SCOPE};
use super::{EntityType, Property};

/// `servicePrincipal`
pub static SERVICE_PRINCIPAL: EntityType =
    EntityType { name: "servicePrincipal", resource: "ServicePrincipal", properties: PROPERTIES };

static PROPERTIES: &[Property] = &[
    Property::guid("id").not_null().read_only(),
    Property::date_time("deletedDateTime").read_only(),
    Property::boolean("accountEnabled"),
    Property::open("addIns").many().when_set(),
    Property::strings("alternativeNames"),
    Property::string("appDescription").read_only(),
    Property::string("appDisplayName").read_only(),
    Property::string("appId").required().create_only(),
    Property::string("applicationTemplateId").read_only(),
    Property::guid("appOwnerOrganizationId").read_only(),
    Property::boolean("appRoleAssignmentRequired").not_null(),
    Property::complex("appRoles", APP_ROLE).many().read_only(),
    Property::date_time("createdDateTime").read_only().on_select(),
    Property::open("customSecurityAttributes").read_only().on_select(),
    Property::string("description").max(1024),
    Property::string("disabledByMicrosoftStatus").read_only(),
    Property::string("displayName").max(256),
    Property::string("homepage"),
    Property::complex("info", INFORMATIONAL_URL).merged().read_only(),
    Property::complex("keyCredentials", KEY_CREDENTIAL).many(),
    Property::string("loginUrl"),
    Property::string("logoutUrl"),
    Property::string("notes").max(1024),
    Property::strings("notificationEmailAddresses"),
    Property::complex("oauth2PermissionScopes", PERMISSION_SCOPE).many().read_only(),
    Property::complex("passwordCredentials", PASSWORD_CREDENTIAL).many(),
    Property::string("preferredSingleSignOnMode")
        .fits(is_single_sign_on_mode, "It must be \"password\", \"saml\", \"notSupported\" or \"oidc\"."),
    Property::string("preferredTokenSigningKeyThumbprint").when_set(),
    Property::strings("replyUrls"),
    Property::open("resourceSpecificApplicationPermissions").many().read_only().on_select(),
    // Only in beta, and never told unless it is asked for.
    Property::string("samlMetadataUrl").read_only().on_select(),
    Property::open("samlSingleSignOnSettings").when_set(),
    Property::strings("servicePrincipalNames").read_only(),
    Property::string("servicePrincipalType").read_only(),
    Property::string("signInAudience").read_only(),
    Property::strings("tags").max(256),
    Property::guid("tokenEncryptionKeyId").when_set(),
    Property::open("verifiedPublisher").read_only().on_select(),
];

/// How people sign in to an application.
fn is_single_sign_on_mode(text: &str) -> bool {
    matches!(text, "password" | "saml" | "notSupported" | "oidc")
}
