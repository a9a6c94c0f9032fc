//! `application`

use super::complex::{APP_ROLE, INFORMATIONAL_URL, KEY_CREDENTIAL, PASSWORD_CREDENTIAL};
use super::{EntityType, Property};

/// `application`
pub static APPLICATION: EntityType =
    EntityType { name: "application", resource: "Application", properties: PROPERTIES };

static PROPERTIES: &[Property] = &[
    Property::guid("id").not_null().read_only(),
    Property::date_time("deletedDateTime").read_only(),
    Property::string("appId").read_only(),
    Property::string("applicationTemplateId").read_only(),
    Property::complex("appRoles", APP_ROLE).many(),
    Property::date_time("createdDateTime").read_only(),
    Property::string("description").max(1024),
    Property::string("disabledByMicrosoftStatus").read_only(),
    Property::string("displayName").required().max(256),
    Property::strings("identifierUris"),
    Property::complex("info", INFORMATIONAL_URL).merged(),
    Property::complex("keyCredentials", KEY_CREDENTIAL).many(),
    Property::string("notes").max(1024),
    Property::complex("passwordCredentials", PASSWORD_CREDENTIAL).many(),
    Property::string("publisherDomain").read_only(),
    Property::string("serviceManagementReference"),
    Property::string("signInAudience"),
    Property::strings("tags").max(256),
    Property::string("uniqueName").create_only(),
];
