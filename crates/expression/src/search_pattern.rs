//! The language's regular expressions for others that ask yes or no, such as scoping filters.

use crate::pattern::Pattern;

/// A regular expression as .NET reads it, for asking whether a text has a match anywhere. Work and memory are
/// bounded as in expressions.
#[derive(Clone, Debug)]
pub struct SearchPattern(Pattern);

impl SearchPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence that says what is wrong or not supported.
    pub fn new(pattern: &str) -> Result<Self, String> {
        Pattern::new(pattern).map(Self)
    }

    /// Whether the text has a match anywhere.
    ///
    /// # Errors
    /// A clause that says why it cannot be told: the text is too long for the pattern, or the search too costly.
    pub fn is_match(&self, text: &str) -> Result<bool, &'static str> {
        self.0.is_match(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_anywhere_counts() {
        let pattern = SearchPattern::new("[1-9][0-9]").unwrap();
        assert_eq!(pattern.is_match("room 42b"), Ok(true));
        assert_eq!(pattern.is_match("room 4"), Ok(false));
    }

    #[test]
    fn the_dialect_is_dotnets() {
        let behind = SearchPattern::new(r"(?<=x)\d(?!y)").unwrap();
        assert_eq!(behind.is_match("x1"), Ok(true));
        assert_eq!(behind.is_match("x1y"), Ok(false));
        assert!(SearchPattern::new("(").unwrap_err().starts_with("the regular expression"));
    }

    #[test]
    fn hostile_patterns_end_with_a_reason() {
        let pattern = SearchPattern::new("(a|a|aa)*(?=b)c").unwrap();
        assert!(pattern.is_match(&"a".repeat(5_000)).is_err());
        assert!(pattern.is_match(&"a".repeat(9000)).is_err());
    }
}
