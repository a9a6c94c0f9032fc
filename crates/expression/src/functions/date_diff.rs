use super::{Function, Kind, example, interval::Interval, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static DATE_DIFF: Function = Function {
    name: "DateDiff",
    summary: "The number of intervals from date1 to date2, negative when date2 is the earlier one. Years and months are \
              counted by the calendar, weeks from Sunday to Sunday, all others cut toward zero. Intervals: as in DateAdd.",
    parameters: &[
        required("interval", Kind::String).checked(Interval::check),
        required("date1", Kind::DateTime),
        required("date2", Kind::DateTime),
    ],
    result: "number",
    examples: &[
        example(r#"DateDiff("d", "2021-08-18", "2021-08-31")"#, &[], "13"),
        example(r#"DateDiff("m", "8/25/2021 5:41:18 PM", "2012-03-16-07:00")"#, &[], "-113"),
        example(r#"DateDiff("ww", "2021-08-07", "2021-08-08")"#, &[], "1"),
    ],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(interval) = Interval::find(&call.text(0)?.unwrap_or_default()) else {
        return Err(call.wrong(0, "is none of yyyy, m, ww, d, h, n and s"));
    };
    match (call.date(1)?, call.date(2)?) {
        (Some(from), Some(to)) => Ok(Value::from(interval.between(from, to))),
        _ => Ok(Value::Null),
    }
}
