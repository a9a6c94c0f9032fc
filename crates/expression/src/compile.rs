//! From tree to program: names, arity, nesting and constant arguments are checked once.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::functions::{Check, Function, Parameter, find, functions, nearest};
use crate::pattern::Pattern;
use crate::program::{CallStep, Facts, Program, Slot, Step};
use crate::tree::{Expression, Keyword, Located, Node};
use crate::value::Value;

/// Binds the names of an expression. `resolve` says in which slot the value of an attribute will
/// be; how names are matched (exactly, then without regard to case) is up to it.
///
/// # Errors
/// Everything that is wrong: unknown functions and attributes, wrong numbers of arguments,
/// misplaced functions and keywords, constant arguments that can never be right.
pub fn compile(
    expression: &Expression,
    resolve: &mut dyn FnMut(&str) -> Option<Slot>,
) -> Result<Program, Vec<Diagnostic>> {
    let mut compiler = Compiler {
        patterns: 0,
        large_patterns: 0,
        resolve,
        diagnostics: Vec::new(),
        facts: Facts::default(),
        slots: Vec::new(),
    };
    let root = compiler.step(expression.root(), true);
    if compiler.diagnostics.is_empty() {
        Ok(Program { root, facts: compiler.facts, slots: compiler.slots })
    } else {
        Err(compiler.diagnostics)
    }
}

/// How many constant regular expressions an expression may contain, and how many of them may be large ones
/// (`[\w.-]{1,64}`): each takes memory for as long as the program lives.
const MAX_PATTERNS: usize = 64;
const MAX_LARGE_PATTERNS: usize = 16;

struct Compiler<'a> {
    patterns: usize,
    large_patterns: usize,
    resolve: &'a mut dyn FnMut(&str) -> Option<Slot>,
    diagnostics: Vec<Diagnostic>,
    facts: Facts,
    slots: Vec<Slot>,
}

impl Compiler<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Beyond the limits, which are told once, nothing is compiled.
    fn pattern(&mut self, text: &str) -> Result<Option<Arc<Pattern>>, String> {
        self.patterns += 1;
        if self.patterns > MAX_PATTERNS {
            let told = self.patterns > MAX_PATTERNS + 1;
            let message = || format!("the expression has more than {MAX_PATTERNS} regular expressions");
            return if told { Ok(None) } else { Err(message()) };
        }
        if let Some(small) = Pattern::small(text) {
            return Ok(Some(Arc::new(small)));
        }
        self.large_patterns += 1;
        if self.large_patterns > MAX_LARGE_PATTERNS {
            let told = self.large_patterns > MAX_LARGE_PATTERNS + 1;
            let message =
                || format!("the expression has more than {MAX_LARGE_PATTERNS} large regular expressions");
            return if told { Ok(None) } else { Err(message()) };
        }
        Pattern::new(text).map(|large| Some(Arc::new(large)))
    }

    /// After a diagnostic the step is a placeholder, so that the rest is checked as well.
    fn step(&mut self, located: &Located, outermost: bool) -> Step {
        let span = located.span;
        match &located.node {
            Node::Attribute(name) => self.attribute(name, span),
            Node::Constant { value, .. } => Step::Constant(value.clone(), span),
            Node::Keyword(Keyword::IgnoreAttributeFlow) => Step::Drop(span),
            Node::Keyword(Keyword::IgnoreObjectFlow) => Step::Skip(span),
            Node::Keyword(keyword) => {
                let message = format!("`{}` is no value", keyword.as_str());
                self.report(Diagnostic::new(Code::Argument, span, message).suggest(keyword_place(*keyword)));
                Step::Drop(span)
            }
            Node::Token(name) => Step::Token { name: name.clone(), span },
            Node::Comparison { operator, left, right } => Step::Compare {
                operator: *operator,
                left: Box::new(self.step(left, false)),
                right: Box::new(self.step(right, false)),
                span,
            },
            Node::Concatenation(operands) => Step::Concatenate {
                operands: operands.iter().map(|operand| self.step(operand, false)).collect(),
                span,
            },
            Node::Function { name, arguments } => match find(name) {
                Some(function) => self.call(function, arguments, span, outermost),
                None => self.unknown_function(name, arguments, span),
            },
        }
    }

    fn attribute(&mut self, name: &str, span: Span) -> Step {
        match (self.resolve)(name) {
            Some(slot) => {
                if !self.slots.contains(&slot) {
                    self.slots.push(slot);
                }
                Step::Attribute(slot, span)
            }
            None => {
                let message = format!("the source has no attribute `{name}`");
                self.report(Diagnostic::new(Code::UnknownAttribute, span, message));
                Step::Drop(span)
            }
        }
    }

    fn unknown_function(&mut self, name: &str, arguments: &[Option<Located>], span: Span) -> Step {
        let name_span = Span::new(span.start, span.start + name.len());
        self.report(
            Diagnostic::new(Code::UnknownFunction, name_span, format!("no function is called `{name}`"))
                .suggest(nearest(name).map(|near| format!("did you mean `{}`?", near.name))),
        );
        for argument in arguments.iter().flatten() {
            self.step(argument, false);
        }
        Step::Drop(span)
    }

    fn call(
        &mut self,
        function: &'static Function,
        arguments: &[Option<Located>],
        span: Span,
        outermost: bool,
    ) -> Step {
        let name_span = Span::new(span.start, span.start + function.name.len());
        if let Some(mut diagnostic) = arity(function, arguments) {
            diagnostic.span = name_span;
            self.report(diagnostic);
        }
        if function.outermost && !outermost {
            let message = format!("`{}` must not stand inside anything else", function.name);
            let suggestion =
                format!("move the functions around it into the arguments of `{}`", function.name);
            self.report(Diagnostic::new(Code::Nesting, name_span, message).suggest(Some(suggestion)));
        }
        self.facts.redacts |= function.redacts;
        self.facts.selects_unique_value |= function.outermost;
        self.facts.volatile |= function.volatile;
        let mut pattern = None;
        let steps = arguments
            .iter()
            .enumerate()
            .map(|(index, argument)| {
                let argument = argument.as_ref()?;
                let parameter = function.parameter(index, arguments.len());
                Some(self.argument(parameter, argument, &mut pattern))
            })
            .collect();
        Step::Call(Box::new(CallStep { function, arguments: steps, pattern, span }))
    }

    fn argument(
        &mut self,
        parameter: Option<&'static Parameter>,
        argument: &Located,
        pattern: &mut Option<Arc<Pattern>>,
    ) -> Step {
        let Some(parameter) = parameter else { return self.step(argument, false) };
        if let Node::Keyword(keyword) = argument.node
            && parameter.keywords.contains(&keyword)
        {
            return Step::Constant(Value::from(keyword.as_str()), argument.span);
        }
        if let Node::Constant { value, .. } = &argument.node
            && let Some(text) = value.text()
        {
            let checked = match parameter.check {
                Check::None => Ok(()),
                Check::Text(check) => check(&text),
                Check::Pattern => self.pattern(&text).map(|compiled| *pattern = compiled),
            };
            if let Err(message) = checked {
                self.report(Diagnostic::new(Code::Argument, argument.span, message));
            }
        }
        self.step(argument, false)
    }
}

fn keyword_place(keyword: Keyword) -> Option<String> {
    let takes = |function: &&&Function| function.parameters.iter().any(|p| p.keywords.contains(&keyword));
    functions().iter().find(takes).map(|function| format!("it belongs into `{}`", function.signature_text()))
}

/// What is wrong with the number of arguments, if anything.
fn arity(function: &Function, arguments: &[Option<Located>]) -> Option<Diagnostic> {
    let wrong = |message: String| {
        Some(
            Diagnostic::new(Code::Arity, Span::default(), message)
                .expected(format!("`{}`", function.signature_text())),
        )
    };
    let parameters = function.signature(arguments.len());
    let repeats = parameters.last().is_some_and(|last| last.repeats);
    if arguments.len() > parameters.len() && !repeats {
        return wrong(format!("`{}` has too many arguments: {}", function.name, arguments.len()));
    }
    for (index, parameter) in parameters.iter().enumerate() {
        if parameter.required && arguments.get(index).is_none_or(Option::is_none) {
            return wrong(format!("`{}` lacks its argument `{}`", function.name, parameter.name));
        }
    }
    if function.paired && arguments.len() == 1 {
        return wrong(format!("`{}` has neither a default nor keys", function.name));
    }
    if function.paired && !arguments.len().is_multiple_of(2) {
        return wrong(format!("the last key of `{}` has no value", function.name));
    }
    None
}

#[cfg(test)]
mod tests;
