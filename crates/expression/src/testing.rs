//! What the tests of this crate evaluate with.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::{Context, EvaluationError, Outcome, Value, compile, parse};

/// A context with a fixed clock and a simple generator.
#[derive(Default)]
pub(crate) struct Fixed {
    pub(crate) seed: Cell<u64>,
    pub(crate) existing: BTreeSet<String>,
}

impl Context for Fixed {
    fn now(&self) -> jiff::Timestamp {
        "2025-01-05T00:07:09Z".parse().unwrap()
    }

    /// SplitMix64.
    fn random_u64(&self) -> u64 {
        self.seed.set(self.seed.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mixed = (self.seed.get() ^ (self.seed.get() >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn exists_in_target(&self, value: &str) -> bool {
        self.existing.contains(&value.to_lowercase())
    }

    fn default_domain(&self) -> Option<&str> {
        Some("contoso.com")
    }

    fn token(&self, name: &str) -> Option<&str> {
        (name == "DomainFQDN").then_some("corp.contoso.com")
    }
}

/// Evaluates with the attributes given; one named twice has several values, one not named is null.
pub(crate) fn evaluate<V: AsRef<str>>(
    text: &str,
    attributes: &[(&str, V)],
) -> Result<Outcome, EvaluationError> {
    let mut values: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (name, value) in attributes {
        values.entry(name).or_default().push(Value::from(value.as_ref()));
    }
    let values = values.into_iter().map(|(name, mut values)| match values.len() {
        1 => (name, values.remove(0)),
        _ => (name, Value::from(values)),
    });
    let (names, values): (Vec<&str>, Vec<Value>) = values.unzip();
    // A slot beyond the values is null.
    let mut resolve = |name: &str| Some(names.iter().position(|known| *known == name).unwrap_or(names.len()));
    let expression = parse(text).unwrap_or_else(|error| panic!("{}", error.render(text)));
    let program =
        compile(&expression, &mut resolve).unwrap_or_else(|errors| panic!("{}", errors[0].render(text)));
    let context = Fixed { existing: ["taken".to_owned()].into(), ..Fixed::default() };
    program.evaluate(&values, &context)
}

/// The text that an expression without attributes gives.
pub(crate) fn evaluate_text(text: &str) -> String {
    let none: &[(&str, &str)] = &[];
    evaluate(text, none).unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
}
