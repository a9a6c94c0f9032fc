//! `user`

use super::complex::{
    EMPLOYEE_ORG_DATA, OBJECT_IDENTITY, ON_PREMISES_EXTENSION_ATTRIBUTES, PASSWORD_PROFILE,
};
use super::{EntityType, Property};

/// `user`. Without `$select`, Graph prints eleven properties of a user.
pub static USER: EntityType = EntityType { name: "user", resource: "User", properties: PROPERTIES };

static PROPERTIES: &[Property] = &[
    Property::guid("id").not_null().read_only(),
    Property::date_time("deletedDateTime").read_only().on_select(),
    Property::boolean("accountEnabled").required().on_select(),
    Property::string("ageGroup")
        .fits(is_age_group, "It must be \"Minor\", \"NotAdult\" or \"Adult\".")
        .on_select(),
    Property::open("assignedLicenses").many().read_only().on_select(),
    Property::open("assignedPlans").many().read_only().on_select(),
    Property::open("authorizationInfo").read_only().on_select(),
    Property::strings("businessPhones").max(64),
    Property::string("city").max(128).on_select(),
    Property::string("companyName").max(64).on_select(),
    Property::string("consentProvidedForMinor").on_select(),
    Property::string("country").max(128).on_select(),
    Property::date_time("createdDateTime").read_only().on_select(),
    Property::string("creationType").read_only().on_select(),
    Property::string("department").max(64).on_select(),
    Property::string("displayName").required().max(256),
    Property::date_time("employeeHireDate").on_select(),
    Property::string("employeeId").max(16).on_select(),
    Property::date_time("employeeLeaveDateTime").on_select(),
    Property::complex("employeeOrgData", EMPLOYEE_ORG_DATA).on_select(),
    Property::string("employeeType").on_select(),
    Property::string("externalUserState").read_only().on_select(),
    Property::date_time("externalUserStateChangeDateTime").read_only().on_select(),
    Property::string("faxNumber").max(64).on_select(),
    Property::string("givenName").max(64),
    Property::complex("identities", OBJECT_IDENTITY).many().on_select(),
    Property::strings("imAddresses").read_only().on_select(),
    Property::boolean("isManagementRestricted").read_only().on_select(),
    Property::boolean("isResourceAccount").read_only().on_select(),
    Property::string("jobTitle").max(128),
    Property::date_time("lastPasswordChangeDateTime").read_only().on_select(),
    Property::string("legalAgeGroupClassification").read_only().on_select(),
    Property::open("licenseAssignmentStates").many().read_only().on_select(),
    Property::string("mail").max(256),
    Property::string("mailNickname")
        .required()
        .max(64)
        .fits(
            is_mail_nickname,
            "It must be of printable ASCII characters, without blanks, quotes and @()\\[];:<>,",
        )
        .on_select(),
    Property::string("mobilePhone").max(64),
    Property::string("officeLocation").max(128),
    Property::string("onPremisesDistinguishedName").read_only().on_select(),
    Property::string("onPremisesDomainName").read_only().on_select(),
    Property::complex("onPremisesExtensionAttributes", ON_PREMISES_EXTENSION_ATTRIBUTES).merged().on_select(),
    Property::string("onPremisesImmutableId").case_exact().on_select(),
    Property::date_time("onPremisesLastSyncDateTime").read_only().on_select(),
    Property::open("onPremisesProvisioningErrors").many().read_only().on_select(),
    Property::string("onPremisesSamAccountName").read_only().on_select(),
    Property::string("onPremisesSecurityIdentifier").read_only().on_select(),
    Property::boolean("onPremisesSyncEnabled").read_only().on_select(),
    Property::string("onPremisesUserPrincipalName").read_only().on_select(),
    Property::strings("otherMails").max(250).on_select(),
    Property::string("passwordPolicies").on_select(),
    Property::complex("passwordProfile", PASSWORD_PROFILE).secret().on_select(),
    Property::string("postalCode").max(40).on_select(),
    Property::string("preferredDataLocation").on_select(),
    Property::string("preferredLanguage"),
    Property::open("provisionedPlans").many().read_only().on_select(),
    Property::strings("proxyAddresses").read_only().on_select(),
    Property::string("securityIdentifier").read_only().on_select(),
    Property::open("serviceProvisioningErrors").many().read_only().on_select(),
    Property::boolean("showInAddressList").on_select(),
    Property::open("signInActivity").read_only().on_select(),
    Property::date_time("signInSessionsValidFromDateTime").read_only().on_select(),
    Property::string("state").max(128).on_select(),
    Property::string("streetAddress").max(1024).on_select(),
    Property::string("surname").max(64),
    Property::string("usageLocation")
        .fits(is_country, "It must be a country in two letters (ISO 3166).")
        .on_select(),
    Property::string("userPrincipalName").required().max(113),
    Property::string("userType")
        .unset("Member")
        .fits(is_user_type, "It must be \"Member\" or \"Guest\".")
        .on_select(),
];

/// The kinds of accounts.
fn is_user_type(text: &str) -> bool {
    matches!(text, "Member" | "Guest")
}

/// Graph's groups of ages.
fn is_age_group(text: &str) -> bool {
    matches!(text, "Minor" | "NotAdult" | "Adult")
}

/// Printable ASCII without what would break an address; a dot may stand in it.
fn is_mail_nickname(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !br#"@()\[]";:<>,"#.contains(&byte))
}

/// Two letters (ISO 3166-1).
fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}
