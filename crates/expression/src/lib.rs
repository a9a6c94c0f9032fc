//! The mapping language of Microsoft Entra provisioning: parser, evaluator, function registry.
//!
//! An attribute mapping says how the value of a target attribute is computed from the attributes
//! of a source object, for example `ToLower(Join(".", [givenName], [surname]))`. This crate reads
//! such a text ([`parse`]), binds its names ([`compile()`]) and computes values
//! ([`Program::evaluate`]). It does no I/O: the clock, randomness and questions to the target go
//! through [`Context`].
//!
//! ```
//! use provisor_expression::{Context, Outcome, Value, compile, parse};
//!
//! struct Fixed;
//! impl Context for Fixed {
//!     fn now(&self) -> jiff::Timestamp { jiff::Timestamp::UNIX_EPOCH }
//!     fn random_u64(&self) -> u64 { 7 }
//!     fn exists_in_target(&self, _: &str) -> bool { false }
//! }
//!
//! let expression = parse(r#"Join(" ", [givenName], [surname])"#).unwrap();
//! let names = ["givenName", "surname"];
//! let program = compile(&expression, &mut |name| names.iter().position(|known| *known == name)).unwrap();
//! let outcome = program.evaluate(&[Value::from("Ada"), Value::from("Lovelace")], &Fixed).unwrap();
//! assert_eq!(outcome, Outcome::Value(Value::from("Ada Lovelace")));
//! ```
//!
//! The rules of the language are collected in `DESIGN.md` beside this crate's sources.

mod call;
mod compare;
mod compile;
mod context;
mod date_format;
mod diagnostic;
mod error;
mod evaluate;
mod functions;
mod lexer;
mod outcome;
mod parse;
mod pattern;
mod program;
mod review;
mod search_pattern;
#[cfg(test)]
mod testing;
mod tree;
mod value;

pub use compile::compile;
pub use context::Context;
pub use diagnostic::{Code, Diagnostic, Span, closest as nearest_name};
pub use error::{ErrorKind, EvaluationError};
pub use evaluate::Traced;
pub use functions::{
    Example, Function, Kind, Parameter, Profile, UnknownKey, find as find_function, functions,
    nearest as nearest_function,
};
pub use outcome::{Outcome, PatchOperation};
pub use parse::{MAX_DEPTH, MAX_LENGTH, parse};
pub use program::{Facts, Program, Slot};
pub use review::{Review, review};
pub use search_pattern::SearchPattern;
pub use tree::{Expression, Keyword, Located, Node, Operator, quote};
pub use value::{DateTime, Number, Value};
