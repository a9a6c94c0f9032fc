use super::{Function, Kind, example, optional, required};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::value::Value;

/// The places of the parameters.
const OLD: usize = 1;
const PATTERN: usize = 2;
const GROUP: usize = 3;
const REPLACEMENT: usize = 4;
const ATTRIBUTE: usize = 5;
const TEMPLATE: usize = 6;

pub(super) static REPLACE: Function = Function {
    name: "Replace",
    summary: "Replaces parts of a text; what is given decides how. oldValue and replacementValue: every occurrence of a \
              text. oldValue and template: the template with every occurrence of oldValue replaced by the source. \
              regexPattern and replacementValue: every match of a .NET regular expression, with substitutions such as \
              ${name}. With regexGroupName only what that group matched is replaced. regexPattern, regexGroupName and \
              replacementAttributeName: the source, or, when it is empty, what the group matches in the attribute.",
    parameters: &[
        required("source", Kind::String),
        optional("oldValue", Kind::String).key("Find"),
        optional("regexPattern", Kind::String).key("RegularExpression").pattern(),
        optional("regexGroupName", Kind::String).key("RegularExpressionGroupName"),
        optional("replacementValue", Kind::String).key("Replacement"),
        optional("replacementAttributeName", Kind::String).key("ReplacementPropertyName"),
        optional("template", Kind::String).key("Template"),
    ],
    examples: &[
        example(r#"Replace([mail], "@old.example", , , "", , )"#, &[("mail", "jd@old.example")], "jd"),
        example(
            r#"Replace([user], "<user>", , , , , "<user>@contoso.com")"#,
            &[("user", "jd")],
            "jd@contoso.com",
        ),
        example(
            r#"Replace("due 2024-07", , "(?<y>\\d{4})-(?<m>\\d{2})", , "${m}/${y}", , )"#,
            &[],
            "due 07/2024",
        ),
        example(
            r#"Replace("545 Tremont Street", , "(?<n>^\\d*)", "n", "888", , )"#,
            &[],
            "888 Tremont Street",
        ),
        example(r#"Replace([phone], , "(?<n>\\d+)$", "n", , [mobile], )"#, &[("mobile", "+49 171")], "171"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    match [OLD, PATTERN, GROUP, REPLACEMENT, ATTRIBUTE, TEMPLATE].map(|index| call.given(index)) {
        [_, true, true, false, true, _] => from_attribute(call),
        [_, true, group, true, _, _] => by_pattern(call, group),
        [true, _, _, true, _, _] => literally(call, 0, REPLACEMENT),
        [true, _, _, _, _, true] => literally(call, TEMPLATE, 0),
        _ => call.value(0),
    }
}

/// Every occurrence of the old value in the argument `text`, replaced by the argument `by`.
fn literally(call: &Call<'_>, text: usize, by: usize) -> Result<Value, Interrupt> {
    // A null source has nothing to be replaced, and nothing to be put into a template.
    if call.text(0)?.is_none() {
        return Ok(Value::Null);
    }
    let Some(text) = call.text(text)? else { return Ok(Value::Null) };
    let old = call.text(OLD)?.unwrap_or_default();
    if old.is_empty() || !text.contains(&*old) {
        return Ok(Value::from(text));
    }
    let by = call.text(by)?.unwrap_or_default();
    let mut result = String::new();
    for (index, part) in text.split(&*old).enumerate() {
        if index > 0 {
            call.push(&mut result, &by)?;
        }
        call.push(&mut result, part)?;
    }
    Ok(Value::from(result))
}

fn by_pattern(call: &Call<'_>, group: bool) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    let Some(pattern) = call.pattern(PATTERN)? else { return Ok(Value::from(source)) };
    let replacement = call.text(REPLACEMENT)?.unwrap_or_default();
    let mut result = String::new();
    let mut copied = 0;
    if group {
        let Some(group) = pattern.group(&call.text(GROUP)?.unwrap_or_default()) else {
            return Err(no_group(call));
        };
        pattern.each_match(call, &source, |found| {
            let Some(place) = found.get(group) else { return Ok(()) };
            // A group in a look-behind may match what is already copied.
            if place.start >= copied {
                call.push(&mut result, &source[copied..place.start])?;
                call.push(&mut result, &replacement)?;
                copied = place.end;
            }
            Ok(())
        })?;
    } else {
        let substitution = pattern.substitution(&replacement);
        pattern.each_match(call, &source, |found| {
            let Some(place) = found.get(0) else { return Ok(()) };
            call.push(&mut result, &source[copied..place.start])?;
            substitution.expand(&source, found, &mut |text| call.push(&mut result, text))?;
            copied = place.end;
            Ok(())
        })?;
    }
    if copied == 0 && result.is_empty() {
        return Ok(Value::from(source));
    }
    call.push(&mut result, &source[copied..])?;
    Ok(Value::from(result))
}

fn from_attribute(call: &Call<'_>) -> Result<Value, Interrupt> {
    if let Some(source) = call.text(0)?.filter(|source| !source.is_empty()) {
        return Ok(Value::from(source));
    }
    let (Some(pattern), Some(attribute)) = (call.pattern(PATTERN)?, call.text(ATTRIBUTE)?) else {
        return Ok(Value::Null);
    };
    let Some(group) = pattern.group(&call.text(GROUP)?.unwrap_or_default()) else {
        return Err(no_group(call));
    };
    let found = pattern.first_match(call, &attribute)?;
    Ok(Value::from(found.and_then(|found| found.get(group)).map(|place| &attribute[place])))
}

fn no_group(call: &Call<'_>) -> Interrupt {
    call.error(
        ErrorKind::Pattern,
        "the pattern has no group of the name given as `regexGroupName`".to_owned(),
    )
}
