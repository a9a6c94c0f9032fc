//! `group`

use super::{EntityType, Property};

/// `group`
pub static GROUP: EntityType = EntityType { name: "group", resource: "Group", properties: PROPERTIES };

static PROPERTIES: &[Property] = &[
    Property::guid("id").not_null().read_only(),
    Property::date_time("deletedDateTime").read_only(),
    Property::string("classification"),
    Property::date_time("createdDateTime").read_only(),
    Property::string("description").max(1024),
    Property::string("displayName").required().max(256),
    Property::strings("groupTypes").fits(is_group_type),
    Property::boolean("isAssignableToRole").create_only(),
    Property::string("mail").read_only(),
    Property::boolean("mailEnabled").required(),
    Property::string("mailNickname").required().max(64).fits(is_mail_nickname),
    Property::string("membershipRule").max(3072),
    Property::string("membershipRuleProcessingState"),
    Property::string("onPremisesDomainName").read_only(),
    Property::date_time("onPremisesLastSyncDateTime").read_only(),
    Property::string("onPremisesNetBiosName").read_only(),
    Property::string("onPremisesSamAccountName").read_only(),
    Property::string("onPremisesSecurityIdentifier").read_only(),
    Property::boolean("onPremisesSyncEnabled").read_only(),
    Property::string("preferredDataLocation"),
    Property::string("preferredLanguage"),
    Property::strings("proxyAddresses").read_only(),
    Property::boolean("securityEnabled").required(),
    Property::string("securityIdentifier").read_only(),
    Property::string("uniqueName").create_only(),
    Property::string("visibility"),
];

/// Printable ASCII without what would break an address.
fn is_mail_nickname(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !br#"@()\[]";:<>,"#.contains(&byte))
}

/// The kinds of groups that Graph knows besides plain security groups.
fn is_group_type(text: &str) -> bool {
    matches!(text, "Unified" | "DynamicMembership")
}
