//! `group`

use super::{EntityType, Property};

/// `group`
pub static GROUP: EntityType = EntityType { name: "group", resource: "Group", properties: PROPERTIES };

static PROPERTIES: &[Property] = &[
    Property::guid("id").not_null().read_only(),
    Property::date_time("deletedDateTime").read_only(),
    Property::open("assignedLabels").many().read_only().on_select(),
    Property::open("assignedLicenses").many().read_only().on_select(),
    Property::string("classification"),
    Property::date_time("createdDateTime").read_only(),
    Property::string("description").max(1024),
    Property::string("displayName").required().max(256),
    Property::date_time("expirationDateTime").read_only().on_select(),
    Property::strings("groupTypes").fits(is_group_type, "It must be \"Unified\" or \"DynamicMembership\"."),
    Property::boolean("isAssignableToRole").create_only(),
    Property::string("mail").read_only(),
    Property::boolean("mailEnabled").required(),
    Property::string("mailNickname").required().max(64).fits(
        is_mail_nickname,
        "It must be of printable ASCII characters, without blanks, quotes and @()\\[];:<>,",
    ),
    Property::string("membershipRule").max(3072),
    Property::string("membershipRuleProcessingState"),
    Property::string("onPremisesDomainName").read_only(),
    Property::date_time("onPremisesLastSyncDateTime").read_only(),
    Property::string("onPremisesNetBiosName").read_only(),
    Property::open("onPremisesProvisioningErrors").many().read_only().on_select(),
    Property::string("onPremisesSamAccountName").read_only(),
    Property::string("onPremisesSecurityIdentifier").read_only(),
    Property::boolean("onPremisesSyncEnabled").read_only(),
    Property::string("preferredDataLocation"),
    Property::string("preferredLanguage"),
    Property::strings("proxyAddresses").read_only(),
    Property::date_time("renewedDateTime").read_only().on_select(),
    Property::strings("resourceBehaviorOptions").on_select(),
    Property::strings("resourceProvisioningOptions").on_select(),
    Property::boolean("securityEnabled").required(),
    Property::string("securityIdentifier").read_only(),
    Property::open("serviceProvisioningErrors").many().read_only().on_select(),
    Property::string("theme").on_select(),
    Property::string("uniqueName").create_only(),
    Property::string("visibility")
        .fits(is_visibility, "It must be \"Public\", \"Private\" or \"HiddenMembership\"."),
];

/// Who sees what is in a group.
fn is_visibility(text: &str) -> bool {
    matches!(text, "Public" | "Private" | "HiddenMembership")
}

/// Printable ASCII without what would break an address.
fn is_mail_nickname(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !br#"@()\[]";:<>,"#.contains(&byte))
}

/// The kinds of groups that Graph knows besides plain security groups.
fn is_group_type(text: &str) -> bool {
    matches!(text, "Unified" | "DynamicMembership")
}
