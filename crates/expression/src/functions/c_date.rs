use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static C_DATE: Function = Function {
    name: "CDate",
    summary: "The instant, in UTC, that a text stands for. Without an offset the text is in UTC.",
    parameters: &[required("expression", Kind::String)],
    result: "date-time",
    examples: &[
        example(r#"CDate("2021-06-30+08:00")"#, &[], "6/29/2021 4:00:00 PM"),
        example(r#"CDate([hireDate])"#, &[("hireDate", "2021-08-24")], "8/24/2021 12:00:00 AM"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    Ok(Value::from(call.date(0)?))
}
