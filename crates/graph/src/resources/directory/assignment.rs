//! `appRoleAssignment`

use super::{EntityType, Property};

/// `appRoleAssignment`: a principal may use, and is provisioned to, a resource.
pub static APP_ROLE_ASSIGNMENT: EntityType =
    EntityType { name: "appRoleAssignment", resource: "AppRoleAssignment", properties: PROPERTIES };

static PROPERTIES: &[Property] = &[
    Property::string("id").not_null().read_only().case_exact(),
    Property::date_time("deletedDateTime").read_only(),
    Property::guid("appRoleId").not_null().required(),
    Property::date_time("createdDateTime").read_only(),
    Property::string("principalDisplayName").read_only(),
    Property::guid("principalId").required(),
    Property::string("principalType").read_only(),
    Property::string("resourceDisplayName").read_only(),
    Property::guid("resourceId").required(),
];
