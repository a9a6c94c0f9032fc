use super::{Function, Kind, example, optional, required};
use crate::call::Call;
use crate::date_format::{self, Styles};
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static FORMAT_DATE_TIME: Function = Function {
    name: "FormatDateTime",
    summary: "Reads a text by one .NET date format and writes it by another. An offset in the text is applied: the \
              result is in UTC. dateTimeStyles are names of .NET's DateTimeStyles, separated by commas; without them \
              white space around the text is allowed. The older form without dateTimeStyles is taken, too.",
    parameters: &[
        required("source", Kind::String),
        optional("dateTimeStyles", Kind::String).checked(check_styles),
        required("inputFormat", Kind::String).checked(date_format::check),
        required("outputFormat", Kind::String).checked(date_format::check),
    ],
    older: Some(&[
        required("source", Kind::String),
        required("inputFormat", Kind::String).checked(date_format::check),
        required("outputFormat", Kind::String).checked(date_format::check),
    ]),
    examples: &[
        example(
            r#"FormatDateTime([changed], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")"#,
            &[("changed", "20150123105347.1Z")],
            "2015-01-23",
        ),
        example(
            r#"FormatDateTime("05-Feb-2009", "dd-MMM-yyyy", "dddd, MMMM d")"#,
            &[],
            "Thursday, February 5",
        ),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let older = call.len() == 3;
    let (input, output) = if older { (1, 2) } else { (2, 3) };
    let Some(source) = call.text(0)?.filter(|source| !source.is_empty()) else { return Ok(Value::Null) };
    let styles = if older { None } else { call.text(1)? };
    let styles = match styles.filter(|styles| !styles.is_empty()) {
        Some(names) => Styles::parse(&names).ok_or_else(|| call.wrong(1, "is no list of DateTimeStyles"))?,
        None => Styles::default(),
    };
    let (Some(input_format), Some(output_format)) = (call.text(input)?, call.text(output)?) else {
        return Ok(Value::Null);
    };
    let today = || call.now().utc().date();
    let instant = date_format::parse_exact(&source, &input_format, styles, &today)
        .map_err(|problem| call.date_error(0, problem))?;
    date_format::print(instant, &output_format)
        .map(Value::from)
        .map_err(|problem| call.date_error(output, problem))
}

fn check_styles(names: &str) -> Result<(), String> {
    Styles::parse(names).map(drop).ok_or_else(|| {
        "the styles are names such as AllowWhiteSpaces or AssumeUniversal, separated by commas".to_owned()
    })
}
