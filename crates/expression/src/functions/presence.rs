//! Whether there is a value.

use super::{Function, Kind, Parameter, Profile, example, required};
use crate::value::Value;

const EXPRESSION: &[Parameter] = &[required("expression", Kind::String)];

pub(super) static IS_NULL: Function = Function {
    name: "IsNull",
    summary: "Whether the expression is null, that is, the attribute is absent. An empty text is not null.",
    parameters: EXPRESSION,
    result: "boolean",
    examples: &[example("IsNull([mail])", &[], "True"), example(r#"IsNull("")"#, &[], "False")],
    ..Function::base(|call| Ok(Value::Boolean(call.value(0)?.is_null())))
};

pub(super) static IS_NOTHING: Function = Function {
    name: "IsNothing",
    summary: "The older name of IsNull.",
    parameters: &[required("source", Kind::Boolean)],
    result: "boolean",
    examples: &[example("IsNothing([mail])", &[], "True")],
    profile: Profile::Older,
    ..Function::base(|call| Ok(Value::Boolean(call.value(0)?.is_null())))
};

pub(super) static IS_NULL_OR_EMPTY: Function = Function {
    name: "IsNullOrEmpty",
    summary: "Whether the expression is null or an empty text.",
    parameters: EXPRESSION,
    result: "boolean",
    examples: &[
        example("IsNullOrEmpty([mail])", &[("mail", "")], "True"),
        example("IsNullOrEmpty([mail])", &[("mail", "a@x")], "False"),
    ],
    ..Function::base(|call| Ok(Value::Boolean(call.value(0)?.is_null_or_empty())))
};

pub(super) static IS_PRESENT: Function = Function {
    name: "IsPresent",
    summary: "Whether the expression has a value: neither null nor an empty text.",
    parameters: EXPRESSION,
    result: "boolean",
    examples: &[
        example("IsPresent([mail])", &[("mail", "a@x")], "True"),
        example("IsPresent([mail])", &[("mail", "")], "False"),
    ],
    ..Function::base(|call| Ok(Value::Boolean(!call.value(0)?.is_null_or_empty())))
};

pub(super) static IS_STRING: Function = Function {
    name: "IsString",
    summary: "Whether the expression is a text or has a text form: everything but null, lists, bytes and records.",
    parameters: EXPRESSION,
    result: "boolean",
    examples: &[example(r#"IsString("abc")"#, &[], "True"), example("IsString([missing])", &[], "False")],
    ..Function::base(|call| Ok(Value::Boolean(call.value(0)?.text().is_some())))
};
