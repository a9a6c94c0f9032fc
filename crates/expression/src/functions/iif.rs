use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static IIF: Function = Function {
    name: "IIF",
    summary: "One of two values, depending on a condition; the other one is not evaluated. The condition is true when \
              it is True (a boolean, or a text in any case) or a number other than zero.",
    parameters: &[
        required("condition", Kind::Boolean),
        required("valueIfTrue", Kind::String),
        required("valueIfFalse", Kind::String),
    ],
    result: "any",
    examples: &[
        example(
            r#"IIF([country] = "USA", [country], [department])"#,
            &[("country", "Peru"), ("department", "Sales")],
            "Sales",
        ),
        example(r#"IIF(IsPresent([mail]), [mail], IgnoreAttributeFlow)"#, &[], "(dropped)"),
    ],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    call.value(if call.value(0)?.is_true() { 1 } else { 2 })
}
