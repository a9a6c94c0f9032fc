//! Regular expressions as .NET reads them, on an engine whose work is bounded.

mod groups;
mod substitution;
mod translate;

use std::ops::Range;

use fancy_regex::{Regex, RegexBuilder};

use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use groups::Groups;
pub(crate) use substitution::Substitution;
use translate::{Variant, translate};

/// How often the engine may backtrack in one search.
const BACKTRACK_LIMIT: usize = 100_000;

/// The greatest size of a compiled pattern, in bytes. `[\w.-]{1,64}@[\w.-]{1,64}` takes more than half
/// of it, because `\w` knows all scripts.
const SIZE_LIMIT: usize = 8 << 20;

/// The size of a compiled pattern up to which it is a small one, in bytes.
const SMALL_SIZE: usize = 256 << 10;

/// How much memory a pattern may use to remember what it learns about texts, in bytes.
const CACHE_LIMIT: usize = 1 << 20;

/// The greatest length of a text that a pattern which needs backtracking is applied to, in bytes.
const BACKTRACK_TEXT: usize = 8 << 10;

/// What one search with backtracking is charged: this, and so much for every byte of the text.
const BACKTRACK_CHARGE: usize = 50_000;
const BACKTRACK_BYTE_CHARGE: usize = 64;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    usual: Engine,
    /// For texts that end in a line feed, where `$` makes that a difference.
    before_line_feed: Option<Engine>,
    groups: Groups,
}

#[derive(Clone, Debug)]
struct Engine {
    regex: Regex,
    /// Whether matching may need more than linear time.
    backtracks: bool,
}

impl Engine {
    fn new(variant: &Variant, size_limit: usize) -> Result<Engine, String> {
        let regex = RegexBuilder::new(&variant.pattern)
            .backtrack_limit(BACKTRACK_LIMIT)
            .delegate_size_limit(size_limit)
            .delegate_dfa_size_limit(CACHE_LIMIT)
            .build()
            .map_err(|error| problem(&error))?;
        Ok(Engine { regex, backtracks: variant.backtracks })
    }
}

/// Where the groups of one match lie, by .NET's numbers; 0 is the whole match.
#[derive(Clone, Debug)]
pub(crate) struct Match(Vec<Option<Range<usize>>>);

impl Match {
    /// The place of a group in the text; `None` when the group did not take part.
    pub(crate) fn get(&self, group: usize) -> Option<Range<usize>> {
        self.0.get(group).cloned().flatten()
    }
}

impl Pattern {
    /// Reads a .NET pattern.
    pub(crate) fn new(pattern: &str) -> Result<Pattern, String> {
        Pattern::read(pattern, SIZE_LIMIT).map_err(|problem| format!("the regular expression {problem}"))
    }

    /// Reads a pattern that takes little memory; `None` for a larger or a wrong one.
    pub(crate) fn small(pattern: &str) -> Option<Pattern> {
        Pattern::read(pattern, SMALL_SIZE).ok()
    }

    fn read(pattern: &str, size_limit: usize) -> Result<Pattern, String> {
        let translation = translate(pattern)?;
        let engine = |variant: &Variant| Engine::new(variant, size_limit);
        let before_line_feed = translation.before_line_feed.as_ref().map(engine).transpose()?;
        Ok(Pattern { usual: engine(&translation.usual)?, before_line_feed, groups: translation.groups })
    }

    /// The number of the group of this name, or with this number.
    pub(crate) fn group(&self, name: &str) -> Option<usize> {
        self.groups.find(name)
    }

    /// Prepares a replacement text with .NET's substitutions.
    pub(crate) fn substitution(&self, replacement: &str) -> Substitution {
        Substitution::new(replacement, &self.groups)
    }

    /// The first match in a text.
    pub(crate) fn first_match(&self, call: &Call<'_>, text: &str) -> Result<Option<Match>, Interrupt> {
        self.search(call, text, 0)
    }

    /// Calls `f` with every match in a text. As in .NET, an empty match right behind another match
    /// counts: `.*` matches a text that is not empty twice.
    pub(crate) fn each_match(
        &self,
        call: &Call<'_>,
        text: &str,
        mut f: impl FnMut(&Match) -> Result<(), Interrupt>,
    ) -> Result<(), Interrupt> {
        let mut position = 0;
        while position <= text.len() {
            let Some(found) = self.search(call, text, position)? else { break };
            f(&found)?;
            let Some(place) = found.get(0) else { break };
            position = match text[place.end..].chars().next() {
                _ if !place.is_empty() => place.end,
                Some(next) => place.end + next.len_utf8(),
                None => break,
            };
        }
        Ok(())
    }

    /// Whether a text has a match, outside of any evaluation: the engine's own bounds hold, and nothing is
    /// charged.
    pub(crate) fn is_match(&self, text: &str) -> Result<bool, &'static str> {
        let engine = self.engine(text);
        if engine.backtracks && text.len() > BACKTRACK_TEXT {
            return Err("the text is too long for a pattern that needs backtracking");
        }
        engine.regex.is_match(text).map_err(|_| "the pattern takes too long on this text")
    }

    fn engine(&self, text: &str) -> &Engine {
        self.before_line_feed.as_ref().filter(|_| text.ends_with('\n')).unwrap_or(&self.usual)
    }

    fn search(&self, call: &Call<'_>, text: &str, position: usize) -> Result<Option<Match>, Interrupt> {
        let engine = self.engine(text);
        if engine.backtracks {
            if text.len() > BACKTRACK_TEXT {
                let message = format!(
                    "the text is longer than the {BACKTRACK_TEXT} bytes that a pattern with look-around or \
                     back-references may be applied to; shorten it, or do without these"
                );
                return Err(call.error(ErrorKind::Limit, message));
            }
            call.charge(BACKTRACK_CHARGE + BACKTRACK_BYTE_CHARGE * text.len())?;
        }
        call.charge(text.len() - position + 1)?;
        let found = engine.regex.captures_from_pos(text, position).map_err(|_| {
            let message =
                "the regular expression takes too long on this text; make it less ambiguous".to_owned();
            call.error(ErrorKind::Pattern, message)
        })?;
        Ok(found.map(|captures| {
            let place = |index: &usize| captures.get(*index).map(|found| found.range());
            Match(self.groups.indices().map(|indices| indices.iter().rev().find_map(place)).collect())
        }))
    }
}

/// What the engine has against a pattern. Continues "the regular expression …".
fn problem(error: &fancy_regex::Error) -> String {
    let text = error.to_string();
    if text.to_ascii_lowercase().contains("lookbehind") {
        return "has a look-behind of varying length, which is not supported; give it a fixed one".to_owned();
    }
    if text.contains("building NFA") {
        return "is too large; lower the numbers by which it repeats".to_owned();
    }
    if text.contains("parsing pattern") {
        return "names a category of characters that does not exist, or repeats what cannot be repeated"
            .to_owned();
    }
    // The engine speaks of places in its own form of the pattern; what is wrong there comes last.
    let last = text.lines().last().unwrap_or_default();
    format!("is invalid: {}", last.rsplit(": ").next().unwrap_or_default())
}

#[cfg(test)]
mod tests;
