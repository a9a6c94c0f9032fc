use super::{Function, Kind, example, interval::Interval, required};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::value::Value;

pub(super) static DATE_ADD: Function = Function {
    name: "DateAdd",
    summary: "The instant later by a number of intervals, or earlier when the number is negative. Intervals: yyyy year, \
              m month, ww week, d day, h hour, n minute, s second.",
    parameters: &[
        required("interval", Kind::String).checked(Interval::check),
        required("value", Kind::Integer),
        required("dateTime", Kind::DateTime),
    ],
    result: "date-time",
    examples: &[
        example(r#"DateAdd("d", 7, "2012-03-16-07:00")"#, &[], "3/23/2012 7:00:00 AM"),
        example(r#"DateAdd("m", 1, "2021-01-31")"#, &[], "2/28/2021 12:00:00 AM"),
    ],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(interval) = Interval::find(&call.text(0)?.unwrap_or_default()) else {
        return Err(call.wrong(0, "is none of yyyy, m, ww, d, h, n and s"));
    };
    let (Some(count), Some(instant)) = (call.integer(1)?, call.date(2)?) else { return Ok(Value::Null) };
    interval.add(instant, count).map(Value::DateTime).ok_or_else(|| {
        call.error(ErrorKind::DateRange, "the result is outside the years 1 to 9999".to_owned())
    })
}
