//! From directory objects to the attributes that mappings name.
//!
//! Provisioning schemas use some names of the older directory protocol beside Graph's own; both work.

use provisor_expression::Value;
use provisor_store::directory::{DirectoryObject, ObjectKind};
use serde_json::Value as Json;

/// Names of provisioning schemas and the Graph property that they mean.
const ALIASES: [(&str, &str); 8] = [
    ("mobile", "mobilePhone"),
    ("telephoneNumber", "businessPhones"),
    ("physicalDeliveryOfficeName", "officeLocation"),
    ("facsimileTelephoneNumber", "faxNumber"),
    ("sn", "surname"),
    ("c", "country"),
    ("l", "city"),
    ("title", "jobTitle"),
];

/// The value of one attribute; null when the object does not have it.
pub(super) fn value(object: &DirectoryObject, name: &str) -> Value {
    match name {
        "objectId" | "id" => return Value::from(object.id.to_string()),
        "originalUserPrincipalName" => return property(object, "userPrincipalName"),
        "userPrincipalName" => {
            return match property(object, name) {
                Value::String(upn) => Value::from(without_guest_marks(&upn)),
                other => other,
            };
        }
        _ => {}
    }
    match property(object, name) {
        // Who was made without a type is a member, as Graph tells it.
        Value::Null if name == "userType" && object.kind == ObjectKind::User => Value::from("Member"),
        Value::Null => match ALIASES.iter().find(|(alias, _)| *alias == name) {
            Some((_, meant)) => property(object, meant),
            None => extension(object, name),
        },
        value => value,
    }
}

/// What people call the object.
pub(super) fn label(object: &DirectoryObject) -> String {
    let names: [&str; 2] = match object.kind {
        ObjectKind::User => ["userPrincipalName", "displayName"],
        _ => ["displayName", "mailNickname"],
    };
    let named = names.iter().find_map(|name| object.properties.get(*name)?.as_str());
    named.map_or_else(|| object.id.to_string(), str::to_owned)
}

fn property(object: &DirectoryObject, name: &str) -> Value {
    object.properties.get(name).map_or(Value::Null, from_json)
}

/// `extensionAttribute1` to `15` stand inside `onPremisesExtensionAttributes`.
fn extension(object: &DirectoryObject, name: &str) -> Value {
    object
        .properties
        .get("onPremisesExtensionAttributes")
        .and_then(|extensions| extensions.get(name))
        .map_or(Value::Null, from_json)
}

fn from_json(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::from(if *truth { "True" } else { "False" }),
        Json::Number(number) => Value::from(number.to_string()),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(values) => Value::List(values.iter().map(from_json).collect()),
        Json::Object(fields) => Value::Record(
            fields.iter().map(|(name, value)| (name.as_str().into(), from_json(value))).collect(),
        ),
    }
}

/// A guest's user principal name as applications know the guest:
/// `alice_fabrikam.com#EXT#@contoso.example` becomes `alice@fabrikam.com`.
fn without_guest_marks(upn: &str) -> String {
    let lower = upn.to_ascii_lowercase();
    let Some(local) = lower.find("#ext#").and_then(|end| upn.get(..end)) else { return upn.to_owned() };
    match local.rsplit_once('_') {
        Some((name, domain)) => format!("{name}@{domain}"),
        None => local.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(properties: Json) -> DirectoryObject {
        let Json::Object(properties) = properties else { panic!("an object") };
        DirectoryObject {
            id: uuid::Uuid::nil(),
            kind: ObjectKind::User,
            properties: properties.into(),
            created: jiff::Timestamp::UNIX_EPOCH,
            deleted: None,
            purged: false,
            changed: provisor_store::directory::ChangeNumber(1),
        }
    }

    #[test]
    fn old_names_and_graph_names_give_the_same() {
        let user = user(json!({"mobilePhone": "+45 1", "businessPhones": ["+45 2"], "city": "Aarhus"}));
        assert_eq!(value(&user, "mobile"), Value::from("+45 1"));
        assert_eq!(value(&user, "telephoneNumber"), Value::List([Value::from("+45 2")].into()));
        assert_eq!(value(&user, "city"), value(&user, "l"));
        assert_eq!(value(&user, "department"), Value::Null);
    }

    #[test]
    fn guests_are_known_by_their_home_address() {
        let user = user(json!({"userPrincipalName": "ann_smith_fabrikam.com#EXT#@contoso.example"}));
        assert_eq!(value(&user, "userPrincipalName"), Value::from("ann_smith@fabrikam.com"));
        let original = "ann_smith_fabrikam.com#EXT#@contoso.example";
        assert_eq!(value(&user, "originalUserPrincipalName"), Value::from(original));
    }

    #[test]
    fn booleans_arrive_as_the_language_wants_them() {
        assert_eq!(value(&user(json!({"accountEnabled": false})), "accountEnabled"), Value::from("False"));
    }
}
