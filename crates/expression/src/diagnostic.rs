//! What is wrong with an expression, where, and what would be right.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// A range of bytes in the text of an expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    /// The smallest span that holds both.
    pub(crate) fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span as a range of bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// The kind of a [`Diagnostic`], stable for programs to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The text does not follow the grammar.
    Syntax,
    /// The text is longer or more deeply nested than allowed.
    Limit,
    /// No function has this name.
    UnknownFunction,
    /// The source has no attribute of this name.
    UnknownAttribute,
    /// A function has too few or too many arguments, or a required one is left out.
    Arity,
    /// A function stands where it is not allowed, such as `SelectUniqueValue` inside another one.
    Nesting,
    /// An argument can never be right, such as an invalid regular expression.
    Argument,
}

impl Code {
    /// The code as a word, as in `unknown-function`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Syntax => "syntax",
            Code::Limit => "limit",
            Code::UnknownFunction => "unknown-function",
            Code::UnknownAttribute => "unknown-attribute",
            Code::Arity => "arity",
            Code::Nesting => "nesting",
            Code::Argument => "argument",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An error in an expression, found while parsing or compiling it.
///
/// [`fmt::Display`] gives one line without position; [`Diagnostic::render`] shows the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}{}", with_prefix("; expected ", expected), with_prefix("; ", suggestion))]
pub struct Diagnostic {
    /// What kind of error it is.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What would have been right here.
    pub expected: Option<String>,
    /// What the author may have meant, as in ``did you mean `Join`?``.
    pub suggestion: Option<String>,
}

fn with_prefix(prefix: &str, text: &Option<String>) -> String {
    text.as_ref().map(|text| format!("{prefix}{text}")).unwrap_or_default()
}

impl Diagnostic {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, message: message.into(), span, expected: None, suggestion: None }
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Diagnostic {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn suggest(mut self, suggestion: Option<String>) -> Diagnostic {
        self.suggestion = suggestion;
        self
    }

    /// For an unknown attribute: adds the nearest of the names that the source does have. `text` is
    /// the expression. Other diagnostics stay as they are.
    #[must_use]
    pub fn suggest_attribute<'a>(self, text: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        let written = text.get(self.span.range()).map(|name| name.trim_matches(['[', ']']).trim());
        match written {
            Some(written) if self.code == Code::UnknownAttribute => {
                let near = closest(written, known).map(|near| format!("did you mean `[{near}]`?"));
                self.suggest(near)
            }
            _ => self,
        }
    }

    /// Line and column, both counted from 1 and in characters, of the start of the error in `text`.
    #[must_use]
    pub fn position(&self, text: &str) -> (usize, usize) {
        let before = text.get(..floor(text, self.span.start)).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The error with the line of `text` it stands on and a caret below the place.
    #[must_use]
    pub fn render(&self, text: &str) -> String {
        let expected = self.expected.as_ref().map(|expected| format!("expected {expected}"));
        show(self.code.as_str(), &self.message, text, self.span, expected, self.suggestion.as_deref())
    }
}

/// An error with the line of `text` it stands on and a caret below the place.
pub(crate) fn show(
    code: &str,
    message: &str,
    text: &str,
    span: Span,
    label: Option<String>,
    help: Option<&str>,
) -> String {
    let start = floor(text, span.start);
    let end = floor(text, span.end).max(start);
    let mut annotation = AnnotationKind::Primary.span(start..end);
    if let Some(label) = label {
        annotation = annotation.label(label);
    }
    let mut group = Level::ERROR
        .primary_title(message)
        .id(code)
        .element(Snippet::source(text).path("expression").annotation(annotation));
    if let Some(help) = help {
        group = group.element(Level::HELP.message(help));
    }
    Renderer::plain().render(&[group])
}

/// The nearest character boundary at or before `index`: a diagnostic may be rendered over another
/// text than the one it was made from, and must not panic then.
fn floor(text: &str, index: usize) -> usize {
    text.floor_char_boundary(index)
}

/// The one of `known` that `name` is most likely a slip of, if any is near enough: by its letters, or
/// because one of them contains the other.
#[must_use]
pub fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let (mut nearest, mut related) = (None, None);
    for candidate in known {
        let other = candidate.to_lowercase();
        let distance = strsim::damerau_levenshtein(&lower, &other);
        let is_near = distance <= 2.min(candidate.len() / 2) || distance * 4 <= candidate.len();
        let is_related =
            lower.len().min(other.len()) >= SHARED && (lower.contains(&other) || other.contains(&lower));
        for (applies, best) in [(is_near, &mut nearest), (is_related, &mut related)] {
            if applies && best.is_none_or(|(least, _)| distance < least) {
                *best = Some((distance, candidate));
            }
        }
    }
    nearest.or(related).map(|(_, candidate)| candidate)
}

/// How long a name must be to be told by being a part of another one.
const SHARED: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_place() {
        let text = "Join(\"-\",\n  Lower([x]))";
        let diagnostic =
            Diagnostic::new(Code::UnknownFunction, Span::new(12, 17), "no function is called `Lower`")
                .suggest(Some("did you mean `ToLower`?".to_owned()));
        assert_eq!(diagnostic.position(text), (2, 3));
        insta::assert_snapshot!(diagnostic.render(text), @r"
        error[unknown-function]: no function is called `Lower`
         --> expression:2:3
          |
        2 |   Lower([x]))
          |   ^^^^^
          |
          = help: did you mean `ToLower`?
        ");
    }

    #[test]
    fn survives_a_text_it_does_not_belong_to() {
        let diagnostic = Diagnostic::new(Code::Syntax, Span::new(1, 400), "wrong");
        assert!(diagnostic.render("é").contains("wrong"));
        assert_eq!(diagnostic.position(""), (1, 1));
    }

    #[test]
    fn suggests_only_near_names() {
        assert_eq!(closest("tolowr", ["ToLower", "Join"]), Some("ToLower"));
        assert_eq!(closest("Frobnicate", ["ToLower", "Join"]), None);
        assert_eq!(closest("Lower", ["Join", "ToLower"]), Some("ToLower"));
        assert_eq!(closest("Length", ["Left", "Len"]), Some("Len"));
        assert_eq!(closest("o", ["ToLower", "Join"]), None);
    }
}
