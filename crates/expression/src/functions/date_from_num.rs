use jiff::SignedDuration;

use super::{Function, Kind, example, num_from_date::EPOCH, required};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::value::{DateTime, TICKS_PER_SECOND, Value};

pub(super) static DATE_FROM_NUM: Function = Function {
    name: "DateFromNum",
    summary: "The instant of an Active Directory file time: a number of 100 ns steps since 1601-01-01 UTC.",
    parameters: &[required("value", Kind::Integer)],
    result: "date-time",
    examples: &[
        example("DateFromNum(129699324000000000)", &[], "1/1/2012 11:00:00 PM"),
        example("DateFromNum(0)", &[], "1/1/1601 12:00:00 AM"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(ticks) = call.integer(0)? else { return Ok(Value::Null) };
    let nanoseconds = i32::try_from(ticks % TICKS_PER_SECOND * 100).unwrap_or_default();
    let since = SignedDuration::new(ticks / TICKS_PER_SECOND, nanoseconds);
    let instant = EPOCH.checked_add(since).ok().and_then(DateTime::from_utc);
    instant.map(Value::DateTime).ok_or_else(|| {
        call.error(ErrorKind::DateRange, "the file time is outside the years 1 to 9999".to_owned())
    })
}
