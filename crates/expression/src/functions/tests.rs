use super::*;
use crate::testing::evaluate;

#[test]
fn examples_are_right() {
    for function in functions() {
        // There is no literal for bytes to give it an example with.
        assert!(!function.examples.is_empty() || function.name == "StringFromSid", "{}", function.name);
        for example in function.examples {
            let outcome = evaluate(example.expression, example.attributes);
            let shown = outcome.map_or_else(|error| format!("error: {error}"), |outcome| outcome.to_string());
            assert_eq!(shown, example.result, "{}", example.expression);
        }
    }
}

#[test]
fn declarations_are_sound() {
    let names: Vec<String> = functions().iter().map(|function| function.name.to_lowercase()).collect();
    assert!(names.is_sorted(), "{names:?}");
    for function in functions() {
        assert!(function.summary.ends_with('.'), "{}", function.name);
        let repeating = function.parameters.iter().position(|parameter| parameter.repeats);
        assert!(repeating.is_none_or(|index| index + 1 == function.parameters.len()), "{}", function.name);
    }
}

#[test]
fn names_ignore_case() {
    assert_eq!(find("instr").map(|function| function.name), Some("InStr"));
    assert!(find("Concat").is_none());
}

/// The name of a function, and keys and types of its parameters.
fn keys(function: &&Function) -> String {
    let parameter = |parameter: &Parameter| {
        let optional = if parameter.required { "" } else { "?" };
        let repeats = if parameter.repeats { "*" } else { "" };
        format!("{}{optional}{repeats}:{}", parameter.key, parameter.kind.as_str())
    };
    let parameters: Vec<String> = function.parameters.iter().map(parameter).collect();
    format!("{} {}", function.name, parameters.join(" "))
}

/// The keys are Graph's wire format.
#[test]
fn parameter_keys() {
    let lines: Vec<String> = functions().iter().map(keys).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    Append source:String suffix:String
    AppRoleAssignments source:String
    AppRoleAssignmentsComplex source:String
    AssertiveAppRoleAssignmentsComplex source:String
    BitAnd value1:Integer value2:Integer
    CBool expression:Boolean
    CDate expression:String
    Coalesce source*:String
    Contains attribute:String search:String
    ConvertFromBase64 source:String encoding?:String
    ConvertToBase64 source:String
    ConvertToUTF8Hex source:String
    Count attribute:String
    CRef source:Reference
    CStr value:String
    DateAdd interval:String value:Integer dateTime:DateTime
    DateDiff interval:String date1:DateTime date2:DateTime
    DateFromNum value:Integer
    DefaultDomain 
    DNComponent dn:Reference number:Integer
    Error message:String
    FormatDateTime source:String dateTimeStyles?:String inputFormat:String outputFormat:String
    Guid 
    IgnoreFlowIfNullOrEmpty expression:String
    IIF condition:Boolean valueIfTrue:String valueIfFalse:String
    InStr value1:String value2:String start?:Integer compareType?:String
    IsNothing source:Boolean
    IsNull expression:String
    IsNullOrEmpty expression:String
    IsPresent expression:String
    IsString expression:String
    Item attribute:String index:Integer
    Join separator:String source*:String
    Left string:String numChars:Integer
    Len string:String
    Mid source:String start:Integer length:Integer
    NormalizeDiacritics source:String
    NormalizeDiacriticsByCulture source:String culture?:String
    Not source:Boolean
    Now 
    NumFromDate value:String
    PCase source:String wordSeparators?:String
    Prepend prefix:String source:String
    RandomString length:Integer minimumNumbers:Integer minimumSpecialCharacters:Integer minimumCapital:Integer minimumLowerCase:Integer charactersToAvoid?:String
    Redact value:String
    RemoveDuplicates attribute:String
    Replace source:String Find?:String RegularExpression?:String RegularExpressionGroupName?:String Replacement?:String ReplacementPropertyName?:String Template?:String
    SelectUniqueValue uniqueValueRule1:String uniqueValueRule2*:String
    SingleAppRoleAssignment source:String
    Split source:String delimiter?:String
    StringFromSid source:Binary
    StripSpaces source:String
    Switch source:String defaultValue?:String switchValue?*:String
    ToLower source:String culture?:String
    ToUpper source:String culture?:String
    Trim source:String
    Word string:String wordNumber:Integer delimiters:String
    ");
}

#[test]
fn keyed_arguments_are_put_in_order() {
    let arrange = |name: &str, keys: &[&str]| {
        let keyed = keys.iter().enumerate().map(|(index, key)| ((*key).to_owned(), index));
        find(name).expect("a function").arrange(keyed)
    };
    assert_eq!(
        arrange("Replace", &["source", "Find", "Replacement"]),
        Ok(vec![Some(0), Some(1), None, None, Some(2)])
    );
    assert_eq!(arrange("Replace", &["source", "oldValue"]), Ok(vec![Some(0), Some(1)]));
    assert_eq!(
        arrange("Switch", &["source", "switchValue", "switchValue"]),
        Ok(vec![Some(0), None, Some(1), Some(2)])
    );
    assert_eq!(
        arrange("FormatDateTime", &["source", "inputFormat", "outputFormat"]),
        Ok(vec![Some(0), None, Some(1), Some(2)])
    );
    assert_eq!(arrange("Not", &["source", "source"]).unwrap_err().key, "source");
    assert_eq!(
        arrange("Not", &["target"]).unwrap_err().to_string(),
        "`Not` has no parameter `target` left; its parameters are source"
    );
}
