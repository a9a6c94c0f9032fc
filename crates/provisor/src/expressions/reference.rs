//! The reference of the functions, from their declarations: for people, for Graph, for `docs/functions.md`.

use std::fmt::Write as _;

use provisor_expression::{Example, Function, Parameter, Profile, functions};
use serde_json::{Value as Json, json};

/// Graph's `attributeMappingFunctionSchema` of a function. Its type has the key `id`; the documentation's
/// samples call it `name`, so both are there.
#[must_use]
pub fn schema(function: &Function) -> Json {
    let parameter = |parameter: &Parameter| {
        json!({
            "name": parameter.key,
            "type": parameter.kind.as_str(),
            "required": parameter.required,
            "allowMultipleOccurrences": parameter.repeats,
        })
    };
    let parameters: Vec<Json> = function.parameters.iter().map(parameter).collect();
    json!({ "id": function.name, "name": function.name, "parameters": parameters })
}

/// What a person reads of one function at a terminal.
#[must_use]
pub fn page(function: &Function) -> String {
    let mut text = format!("{}\n\n{}\n", function.signature_text(), wrapped(function.summary, 100));
    // Writing into a String cannot fail.
    if !function.parameters.is_empty() {
        text.push_str("\nParameters\n");
        let width =
            function.parameters.iter().map(|parameter| parameter.name.len()).max().unwrap_or_default();
        for parameter in function.parameters {
            let _ = writeln!(text, "  {:width$}  {}", parameter.name, traits(parameter));
        }
    }
    let _ = writeln!(text, "\nResult\n  {}", function.result);
    if !function.examples.is_empty() {
        text.push_str("\nExamples\n");
        for example in function.examples {
            let _ = writeln!(text, "  {}", example.expression);
            if let Some(given) = given(example) {
                let _ = writeln!(text, "    with {given}");
            }
            let _ = writeln!(text, "    → {}", shown(example.result));
        }
    }
    for note in notes(function) {
        let _ = writeln!(text, "\n{note}");
    }
    text
}

/// The first sentence of what a function does.
#[must_use]
pub fn first_sentence(function: &Function) -> &'static str {
    let summary = function.summary;
    summary.split_once(". ").map_or(summary, |(first, _)| first).trim_end_matches('.')
}

/// `docs/functions.md`.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "# Functions of the mapping language\n\n\
         Made by `provisor expr functions --markdown` from the declarations that also run: do not edit. The grammar \
         and what holds across functions (null, several values, letter case) stand in [language.md](language.md). Every example here is run as a test.\n\n\
         Try one: `provisor expr eval 'Join(\" \", [givenName], [surname])' --attributes givenName=Ada --attributes \
         surname=Lovelace`\n",
    );
    let profiles = [
        (Profile::Provisioning, "Application provisioning"),
        (Profile::CloudSync, "Only in cloud sync"),
        (Profile::Older, "Only in Graph's older list"),
    ];
    for (profile, title) in profiles {
        let _ = write!(text, "\n{title}: ");
        let of_profile = functions().iter().filter(|function| function.profile == profile);
        let links: Vec<String> = of_profile
            .map(|function| format!("[{}](#{})", function.name, function.name.to_lowercase()))
            .collect();
        let _ = writeln!(text, "{}", links.join(", "));
    }
    for function in functions() {
        section(&mut text, function);
    }
    text
}

fn section(text: &mut String, function: &Function) {
    let _ = write!(text, "\n## {}\n\n`{}`\n\n", function.name, function.signature_text());
    text.push_str(&escaped(function.summary));
    for note in notes(function) {
        let _ = write!(text, " {note}");
    }
    text.push('\n');
    if !function.parameters.is_empty() {
        text.push_str("\n| parameter | | key in JSON |\n| --- | --- | --- |\n");
        for parameter in function.parameters {
            let _ = writeln!(text, "| {} | {} | `{}` |", parameter.name, traits(parameter), parameter.key);
        }
    }
    let _ = write!(text, "\nResult: {}\n", function.result);
    if function.examples.is_empty() {
        return;
    }
    text.push_str("\n```\n");
    for example in function.examples {
        let given = given(example).map(|given| format!("   with {given}")).unwrap_or_default();
        let _ = writeln!(text, "{}{given}\n→ {}", example.expression, shown(example.result));
    }
    text.push_str("```\n");
}

/// The type of a parameter, whether it must be given, and what it takes.
fn traits(parameter: &Parameter) -> String {
    let mut text = parameter.kind.as_str().to_owned();
    text.push_str(if parameter.required { ", required" } else { ", optional" });
    if parameter.repeats {
        text.push_str(", repeats");
    }
    let keywords: Vec<&str> = parameter.keywords.iter().map(|keyword| keyword.as_str()).collect();
    if !keywords.is_empty() {
        let _ = write!(text, ": {}", keywords.join(", "));
    }
    text
}

fn notes(function: &Function) -> impl Iterator<Item = &'static str> {
    let profile = match function.profile {
        Profile::Provisioning => None,
        Profile::CloudSync => Some("Documented for cloud sync only."),
        Profile::Older => Some("In Graph's older list of functions only."),
    };
    let notes = [
        profile,
        function.each.then_some("Applied to each value when the first argument has several."),
        function.outermost.then_some("Must be the outermost function."),
    ];
    notes.into_iter().flatten()
}

/// The attributes of an example, as at a command line.
fn given(example: &Example) -> Option<String> {
    let mut given = String::new();
    let mut last = None;
    for (name, value) in example.attributes {
        // Values of one name follow one another.
        let name = if last.replace(*name) == Some(*name) { String::new() } else { format!("[{name}] = ") };
        let comma = if given.is_empty() { "" } else { ", " };
        let _ = write!(given, "{comma}{name}{}", Json::from(*value));
    }
    (!given.is_empty()).then_some(given)
}

fn shown(result: &str) -> &str {
    if result.is_empty() { "(empty)" } else { result }
}

/// Keeps what Markdown would take for mark-up.
fn escaped(text: &str) -> String {
    text.replace('[', "\\[").replace('<', "\\<").replace('*', "\\*")
}

fn wrapped(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count() + 1;
        if length > 0 && length + more > width {
            lines.push('\n');
            length = 0;
        } else if length > 0 {
            lines.push(' ');
        }
        lines.push_str(word);
        length += more;
    }
    lines
}

#[cfg(test)]
mod tests {
    use provisor_expression::find_function;

    use super::*;

    #[test]
    fn a_function_in_graphs_form() {
        let schema = schema(find_function("switch").unwrap());
        let text = serde_json::to_string_pretty(&schema["parameters"][2]).unwrap();
        insta::assert_snapshot!(text, @r#"
        {
          "allowMultipleOccurrences": true,
          "name": "switchValue",
          "required": false,
          "type": "String"
        }
        "#);
        assert_eq!(schema["id"], "Switch");
    }

    #[test]
    fn a_function_for_people() {
        insta::assert_snapshot!(page(find_function("InStr").unwrap()), @r#"
        InStr(value1, value2, start?, compareType?)

        The position, counted from 1, of the first occurrence of value2 in value1 at or after the start; 0
        when there is none. vbTextCompare ignores case; vbBinaryCompare, the default, does not.

        Parameters
          value1       String, required
          value2       String, required
          start        Integer, optional
          compareType  String, optional: vbBinaryCompare, vbTextCompare

        Result
          number

        Examples
          InStr("The quick brown fox", "quick")
            → 5
          InStr("repEated", "e", 3, vbBinaryCompare)
            → 7
          InStr("repEated", "e", 3, vbTextCompare)
            → 4

        Applied to each value when the first argument has several.
        "#);
        for function in functions() {
            assert!(!first_sentence(function).is_empty() && !first_sentence(function).contains(". "));
        }
    }
}
