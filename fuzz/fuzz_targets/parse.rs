//! Any text is read or refused; what is read prints as text that reads as the same tree; and what
//! compiles is evaluated, whatever comes of it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use provisor_expression::{Diagnostic, Value, compile, parse};

mod plain;

fn shown(diagnostic: &Diagnostic, text: &str) {
    let (line, column) = diagnostic.position(text);
    assert!(line >= 1 && column >= 1);
    assert!(diagnostic.render(text).contains(diagnostic.code.as_str()));
    assert!(!diagnostic.to_string().is_empty());
}

fuzz_target!(|text: &str| {
    let expression = match parse(text) {
        Ok(expression) => expression,
        Err(diagnostic) => return shown(&diagnostic, text),
    };
    let printed = expression.to_string();
    match parse(&printed) {
        Ok(again) => assert_eq!(again, expression, "{printed} means something else"),
        // Canonical text may be longer than what was written, so the limit may be exceeded.
        Err(diagnostic) => assert_eq!(diagnostic.code.as_str(), "limit", "{printed}"),
    }
    match compile(&expression, &mut |name| name.len().checked_sub(1)) {
        Ok(program) => drop(program.evaluate(&[Value::from("a"), Value::from(text)], &plain::Plain)),
        Err(diagnostics) => diagnostics.iter().for_each(|diagnostic| shown(diagnostic, text)),
    }
});
