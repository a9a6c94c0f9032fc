//! How a function is declared.

use std::fmt;

use crate::call::Call;
use crate::error::Interrupt;
use crate::tree::Keyword;
use crate::value::Value;

/// A function of the language.
pub struct Function {
    /// The canonical name.
    pub name: &'static str,
    /// What it does, in one or a few sentences.
    pub summary: &'static str,
    /// Its parameters. Only the last one may repeat.
    pub parameters: &'static [Parameter],
    /// An older signature that is meant by exactly as many arguments as it has parameters.
    pub older: Option<&'static [Parameter]>,
    /// The type of the result, for documentation: `string`, `number`, `any`, …
    pub result: &'static str,
    /// Examples with their results.
    pub examples: &'static [Example],
    /// Where Entra has it.
    pub profile: Profile,
    /// Whether it is applied to each value when its first argument has several.
    pub each: bool,
    /// Whether the arguments after the first two come in pairs.
    pub paired: bool,
    /// Whether it must not stand inside anything else.
    pub outermost: bool,
    /// Whether its result must not appear in logs.
    pub redacts: bool,
    /// Whether it may give another result for the same arguments.
    pub volatile: bool,
    pub(crate) run: fn(&Call<'_>) -> Result<Value, Interrupt>,
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name in the documentation.
    pub name: &'static str,
    /// The key in Graph's JSON form, which differs from the name for `Replace` and `Switch`.
    pub key: &'static str,
    /// The type in Graph's function schema. Arguments are converted; it does not restrict them.
    pub kind: Kind,
    /// Whether it must be given.
    pub required: bool,
    /// Whether any number of arguments may follow for it.
    pub repeats: bool,
    /// The keywords that it takes.
    pub keywords: &'static [Keyword],
    pub(crate) check: Check,
}

/// How a constant argument is checked while compiling.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Check {
    None,
    Text(fn(&str) -> Result<(), String>),
    /// A regular expression, which is kept compiled.
    Pattern,
}

/// A type of Graph's `attributeMappingParameterSchema`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text.
    String,
    /// A number.
    Integer,
    /// A reference to another object, or a complex value.
    Reference,
    /// Bytes.
    Binary,
    /// A truth value.
    Boolean,
    /// An instant.
    DateTime,
}

impl Kind {
    /// The name in Graph.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::String => "String",
            Kind::Integer => "Integer",
            Kind::Reference => "Reference",
            Kind::Binary => "Binary",
            Kind::Boolean => "Boolean",
            Kind::DateTime => "DateTime",
        }
    }
}

/// Where Entra documents a function. All of them are accepted everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Application provisioning.
    Provisioning,
    /// Cloud sync only.
    CloudSync,
    /// Only Graph's older list of functions.
    Older,
}

/// An example of a function, run as a test.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The expression.
    pub expression: &'static str,
    /// The source attributes; one named twice has several values.
    pub attributes: &'static [(&'static str, &'static str)],
    /// The [`Outcome`](crate::Outcome) as it is displayed.
    pub result: &'static str,
}

pub(super) const fn example(
    expression: &'static str,
    attributes: &'static [(&'static str, &'static str)],
    result: &'static str,
) -> Example {
    Example { expression, attributes, result }
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, key: name, kind, required: true, repeats: false, keywords: &[], check: Check::None }
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Parameter {
    Parameter { required: false, ..required(name, kind) }
}

impl Parameter {
    pub(super) const fn key(self, key: &'static str) -> Parameter {
        Parameter { key, ..self }
    }

    pub(super) const fn repeats(self) -> Parameter {
        Parameter { repeats: true, ..self }
    }

    pub(super) const fn keywords(self, keywords: &'static [Keyword]) -> Parameter {
        Parameter { keywords, ..self }
    }

    pub(super) const fn checked(self, check: fn(&str) -> Result<(), String>) -> Parameter {
        Parameter { check: Check::Text(check), ..self }
    }

    pub(super) const fn pattern(self) -> Parameter {
        Parameter { check: Check::Pattern, ..self }
    }
}

/// Keyed arguments that fit no call of the function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{function}` has no parameter `{key}` left; its parameters are {known}")]
pub struct UnknownKey {
    /// The function.
    pub function: &'static str,
    /// The key that is unknown, or given more often than the parameter may be.
    pub key: String,
    /// The keys there are.
    pub known: String,
}

impl Function {
    /// What most functions have in common.
    pub(super) const fn base(run: fn(&Call<'_>) -> Result<Value, Interrupt>) -> Function {
        Function {
            name: "",
            summary: "",
            parameters: &[],
            older: None,
            result: "string",
            examples: &[],
            profile: Profile::Provisioning,
            each: false,
            paired: false,
            outermost: false,
            redacts: false,
            volatile: false,
            run,
        }
    }

    /// The parameters that a call with `count` arguments means.
    #[must_use]
    pub fn signature(&self, count: usize) -> &'static [Parameter] {
        match self.older {
            Some(older) if older.len() == count => older,
            _ => self.parameters,
        }
    }

    /// The parameter that the argument at `index` of `count` belongs to.
    #[must_use]
    pub fn parameter(&self, index: usize, count: usize) -> Option<&'static Parameter> {
        let parameters = self.signature(count);
        parameters.get(index).or_else(|| parameters.last().filter(|last| last.repeats))
    }

    /// Puts keyed arguments, as Graph's JSON form has them, into the order of the parameters; what
    /// no key names is left out (`None`).
    ///
    /// # Errors
    /// A key that the function does not have, or has no room for.
    pub fn arrange<T>(
        &self,
        keyed: impl IntoIterator<Item = (String, T)>,
    ) -> Result<Vec<Option<T>>, UnknownKey> {
        let mut arguments: Vec<Option<T>> = Vec::new();
        for (key, argument) in keyed {
            let position = self.parameters.iter().position(|parameter| {
                parameter.key.eq_ignore_ascii_case(&key) || parameter.name.eq_ignore_ascii_case(&key)
            });
            let index = match position {
                Some(index) if self.parameters[index].repeats => index.max(arguments.len()),
                Some(index) if arguments.get(index).is_none_or(Option::is_none) => index,
                _ => {
                    let known: Vec<&str> = self.parameters.iter().map(|parameter| parameter.key).collect();
                    return Err(UnknownKey { function: self.name, key, known: known.join(", ") });
                }
            };
            while arguments.len() <= index {
                arguments.push(None);
            }
            arguments[index] = Some(argument);
        }
        Ok(arguments)
    }

    /// How to call it, as in `InStr(value1, value2, start?, compareType?)`.
    #[must_use]
    pub fn signature_text(&self) -> String {
        let parameter = |parameter: &Parameter| {
            let optional = if parameter.required { "" } else { "?" };
            let repeats = if parameter.repeats { " …" } else { "" };
            format!("{}{optional}{repeats}", parameter.name)
        };
        let parameters: Vec<String> = self.parameters.iter().map(parameter).collect();
        format!("{}({})", self.name, parameters.join(", "))
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Function({})", self.name)
    }
}
