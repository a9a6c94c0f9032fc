use jiff::civil;

use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::{TICKS_PER_SECOND, Value};

/// The zero of Active Directory's file time.
pub(super) const EPOCH: civil::DateTime = civil::DateTime::constant(1601, 1, 1, 0, 0, 0, 0);

pub(super) static NUM_FROM_DATE: Function = Function {
    name: "NumFromDate",
    summary: "The file time of Active Directory for an instant: the number of 100 ns steps since 1601-01-01 UTC.",
    parameters: &[required("value", Kind::String)],
    result: "number",
    examples: &[
        example(r#"NumFromDate("1970-01-01T00:00:00Z")"#, &[], "116444736000000000"),
        example(r#"NumFromDate("2020-12-31 23:59:59-08:00")"#, &[], "132539615990000000"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(instant) = call.date(0)? else { return Ok(Value::Null) };
    let since = instant.utc().duration_since(EPOCH);
    // 9999 years are less than 3.2e18 steps, so 64 bits suffice.
    let ticks = since.as_secs() * TICKS_PER_SECOND + i64::from(since.subsec_nanos()) / 100;
    Ok(Value::from(ticks))
}
