//! The app role assignments of the source object.

use std::sync::Arc;

use super::{Function, Kind, Parameter, Profile, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::outcome::PatchOperation;
use crate::value::Value;

const SOURCE: &[Parameter] = &[required("source", Kind::String)];

const ROLE_TYPE: &str = "WindowsAzureActiveDirectoryRole";

pub(super) static SINGLE_APP_ROLE_ASSIGNMENT: Function = Function {
    name: "SingleAppRoleAssignment",
    summary: "The value of the object's app role, as text; null without one. Use it where an object has one role at \
              most: of several the first one is taken.",
    parameters: SOURCE,
    examples: &[
        example("SingleAppRoleAssignment([appRoleAssignments])", &[("appRoleAssignments", "Admin")], "Admin"),
        example("SingleAppRoleAssignment([appRoleAssignments])", &[], "(null)"),
    ],
    ..Function::base(single)
};

pub(super) static APP_ROLE_ASSIGNMENTS: Function = Function {
    name: "AppRoleAssignments",
    summary: "The values of the object's app roles, as texts.",
    parameters: SOURCE,
    result: "list",
    examples: &[example(
        "AppRoleAssignments([appRoleAssignments])",
        &[("appRoleAssignments", "Admin"), ("appRoleAssignments", "User")],
        "Admin; User",
    )],
    profile: Profile::Older,
    ..Function::base(texts)
};

pub(super) static APP_ROLE_ASSIGNMENTS_COMPLEX: Function = Function {
    name: "AppRoleAssignmentsComplex",
    summary: "All app roles of the object, for the multi-valued attribute roles. Updates add them to those the target \
              object has.",
    parameters: SOURCE,
    result: "roles",
    examples: &[example(
        "AppRoleAssignmentsComplex([appRoleAssignments])",
        &[("appRoleAssignments", "Admin")],
        "{value=Admin, display=Admin, primary=False, type=WindowsAzureActiveDirectoryRole}",
    )],
    ..Function::base(|call| complex(call, PatchOperation::Add))
};

pub(super) static ASSERTIVE_APP_ROLE_ASSIGNMENTS_COMPLEX: Function = Function {
    name: "AssertiveAppRoleAssignmentsComplex",
    summary: "All app roles of the object, for the multi-valued attribute roles. Updates replace those the target \
              object has.",
    parameters: SOURCE,
    result: "roles",
    examples: &[example(
        "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
        &[("appRoleAssignments", "Admin")],
        "{value=Admin, display=Admin, primary=False, type=WindowsAzureActiveDirectoryRole}",
    )],
    ..Function::base(|call| complex(call, PatchOperation::Replace))
};

fn single(call: &Call<'_>) -> Result<Value, Interrupt> {
    let assignments = call.value(0)?;
    Ok(assignments.values().first().map(value).unwrap_or_default())
}

fn texts(call: &Call<'_>) -> Result<Value, Interrupt> {
    let assignments = call.value(0)?;
    Ok(Value::from(assignments.values().iter().map(value).collect::<Vec<Value>>()))
}

/// The name of an assigned role: a text is a name itself, a record has it as its `value`, and a
/// role without one (the default access) is known by its display name.
fn value(assignment: &Value) -> Value {
    match assignment {
        Value::Record(_) => {
            present(assignment, "value").or_else(|| present(assignment, "displayName")).into()
        }
        name => name.clone(),
    }
}

fn present(assignment: &Value, name: &str) -> Option<Value> {
    assignment.field(name).filter(|value| !value.is_null_or_empty()).cloned()
}

fn complex(call: &Call<'_>, operation: PatchOperation) -> Result<Value, Interrupt> {
    let assignments = call.value(0)?;
    let roles = assignments.values().iter().map(|assignment| {
        let value = value(assignment);
        let display = present(assignment, "displayName").unwrap_or_else(|| value.clone());
        let fields: [(Arc<str>, Value); 4] = [
            ("value".into(), value),
            ("display".into(), display),
            ("primary".into(), Value::Boolean(false)),
            ("type".into(), Value::from(ROLE_TYPE)),
        ];
        Value::Record(fields.into())
    });
    let roles: Vec<Value> = roles.collect();
    call.gives_roles(operation);
    Ok(Value::from(roles))
}
