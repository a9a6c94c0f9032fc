//! What the values of secrets and job settings can be. With any other value a job would do something else than was
//! meant, without a word.

use provisor_graph::resources::synchronization::secret::SecretKey;
use serde_json::Value as Json;

const TRUTH: &str = "must be \"True\" or \"False\"";
const NUMBER: &str = "must be a whole number in digits, such as \"500\"";

/// What is wrong with the value of a secret; the value itself is never told.
#[must_use]
pub(super) fn of_secret(key: SecretKey, value: &str) -> Option<String> {
    match key {
        SecretKey::SyncAll
        | SecretKey::SkipOutOfScopeDeletions
        | SecretKey::Sandbox
        | SecretKey::EnforceDomain
        | SecretKey::PerformInboundEntitlementGrants
        | SecretKey::HardDeletesEnabled => (!is_truth(value)).then(|| TRUTH.to_owned()),
        SecretKey::BaseAddress => (!is_web_address(value)).then(|| {
            "must be a whole http or https URL, such as https://people.example/scim/v2: the target's SCIM base URL"
                .to_owned()
        }),
        SecretKey::SyncNotificationSettings => notification_settings(value).err(),
        _ => None,
    }
}

/// The code that a value of this secret is refused with.
#[must_use]
pub(super) const fn refusal_code(key: SecretKey) -> &'static str {
    match key {
        SecretKey::SyncNotificationSettings => "InvalidNotificationSettings",
        _ => "BadRequest",
    }
}

/// What is wrong with the value of a job's setting. Settings of other names are kept as they are.
#[must_use]
pub(super) fn of_setting(name: &str, value: &str) -> Option<&'static str> {
    let is = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    if is(&[
        "AllowDefaultEntitlement",
        "AzureIngestionAttributeOptimization",
        "LookaheadQueryEnabled",
        "QuarantineTooManyDeletes",
    ]) {
        return (!is_truth(value)).then_some(TRUTH);
    }
    let is_number = || value.bytes().all(|byte| byte.is_ascii_digit()) && value.parse::<u32>().is_ok();
    let counts = is(&["LookaheadQueryIntervalValue", "QuarantineTooManyDeletesThreshold"]);
    (counts && !is_number()).then_some(NUMBER)
}

fn is_truth(value: &str) -> bool {
    ["true", "false", "1", "0"].iter().any(|known| known.eq_ignore_ascii_case(value))
}

fn is_web_address(value: &str) -> bool {
    value.trim().parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    })
}

/// Checks the JSON text of the notification settings: all members are optional, letter case does not count in their
/// names, and others are kept.
fn notification_settings(text: &str) -> Result<(), String> {
    let json: Json = serde_json::from_str(text).map_err(|_| {
        "must be JSON, such as {\"Enabled\":true,\"Recipients\":\"ops@contoso.example\"}".to_owned()
    })?;
    let members = json.as_object().ok_or("must be a JSON object")?;
    for (name, value) in members {
        let is = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        let wanted = if is(&["Enabled", "DeleteThresholdEnabled", "HumanResourcesLookaheadQueryEnabled"]) {
            (!value.is_boolean()).then_some("true or false")
        } else if is(&["DeleteThresholdValue"]) {
            (!value.is_u64()).then_some("a whole number")
        } else if is(&["Recipients"]) {
            (!value.is_string()).then_some("a text")
        } else {
            None
        };
        if let Some(wanted) = wanted.filter(|_| !value.is_null()) {
            return Err(format!("has a member '{name}' that must be {wanted}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notification_settings_are_json_of_known_types() {
        let of = |text: &str| of_secret(SecretKey::SyncNotificationSettings, text);
        for fit in [
            "{}",
            r#"{"Enabled":false}"#,
            r#"{"enabled":true,"Recipients":"ops@contoso.example","DeleteThresholdEnabled":true,
                "DeleteThresholdValue":25,"HumanResourcesLookaheadQueryEnabled":false,"Other":[1]}"#,
            r#"{"Enabled":null}"#,
        ] {
            assert_eq!(of(fit), None, "{fit}");
        }
        for (unfit, told) in [
            ("", "must be JSON"),
            ("yes", "must be JSON"),
            ("[]", "must be a JSON object"),
            (r#"{"Enabled":"yes"}"#, "'Enabled' that must be true or false"),
            (r#"{"deletethresholdvalue":-1}"#, "'deletethresholdvalue' that must be a whole number"),
            (r#"{"Recipients":["a"]}"#, "'Recipients' that must be a text"),
        ] {
            assert!(of(unfit).unwrap().contains(told), "{unfit}");
        }
    }

    #[test]
    fn settings_that_are_known_have_values_of_their_own() {
        for (name, value, fits) in [
            ("AllowDefaultEntitlement", "True", true),
            ("allowdefaultentitlement", "maybe", false),
            ("QuarantineTooManyDeletes", "", false),
            ("QuarantineTooManyDeletesThreshold", "500", true),
            ("QuarantineTooManyDeletesThreshold", "-1", false),
            ("QuarantineTooManyDeletesThreshold", "+5", false),
            ("QuarantineTooManyDeletesThreshold", "99999999999", false),
            ("LookaheadQueryIntervalValue", "", false),
            ("Domain", "whatever", true),
        ] {
            assert_eq!(of_setting(name, value).is_none(), fits, "{name}={value}");
        }
    }
}
