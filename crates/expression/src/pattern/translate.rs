//! From .NET's dialect of regular expressions to that of the engine.
//!
//! Both parsers disagree in details (what `\<` means, whether `[` nests in a class, where `$`
//! matches), so the pattern is not patched but read and written anew: literals become `\x{…}`
//! wherever they could mean something, and groups lose their names, which are kept aside.

mod class;
mod escape;

use std::fmt::Write as _;

use super::groups::Groups;

pub(super) struct Translation {
    /// For texts that do not end in a line feed.
    pub(super) usual: Variant,
    /// For texts that do, where that makes a difference.
    pub(super) before_line_feed: Option<Variant>,
    pub(super) groups: Groups,
}

/// A pattern of the engine.
pub(super) struct Variant {
    pub(super) pattern: String,
    /// Whether it uses what only a backtracking engine can do.
    pub(super) backtracks: bool,
}

/// Translates a pattern. The error continues "the regular expression …".
pub(super) fn translate(pattern: &str) -> Result<Translation, String> {
    // Back-references need the numbers of all groups, so the groups are collected first.
    let mut collector = Translator::new(pattern, None);
    collector.run()?;
    let groups = Groups::number(&collector.names);
    let variant = |line_feed: bool| {
        let mut translator = Translator { line_feed, ..Translator::new(pattern, Some(&groups)) };
        translator.run()?;
        Ok::<_, String>(Variant { pattern: translator.output, backtracks: translator.backtracks })
    };
    let usual = variant(false)?;
    let before_line_feed = if collector.ends { Some(variant(true)?) } else { None };
    Ok(Translation { usual, before_line_feed, groups })
}

/// The options that change how a pattern is read; `i` and `s` are left to the engine.
#[derive(Clone, Copy, Default)]
struct Options {
    /// `m`: `$` matches at every line end.
    multiline: bool,
    /// `x`: white space outside classes means nothing, and `#` begins a comment.
    spaced: bool,
    /// `n`: groups without a name do not capture.
    named_only: bool,
}

struct Translator<'a> {
    rest: &'a str,
    output: String,
    /// The capturing groups seen so far.
    names: Vec<Option<String>>,
    /// Known in the second pass only.
    groups: Option<&'a Groups>,
    /// The options in force, here and in each enclosing group.
    options: Vec<Options>,
    backtracks: bool,
    /// Whether the texts to match end in a line feed.
    line_feed: bool,
    ends: bool,
}

impl<'a> Translator<'a> {
    fn new(pattern: &'a str, groups: Option<&'a Groups>) -> Translator<'a> {
        Translator {
            rest: pattern,
            output: String::new(),
            names: Vec::new(),
            groups,
            options: vec![Options::default()],
            backtracks: false,
            line_feed: false,
            ends: false,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(character) = self.bump() {
            let options = self.current();
            match character {
                _ if options.spaced && character.is_whitespace() => {}
                '#' if options.spaced => self.skip_line(),
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                ')' => {
                    if self.options.len() == 1 {
                        return Err("has a `)` without its `(`".to_owned());
                    }
                    self.options.pop();
                    self.output.push(')');
                }
                '$' if !options.multiline => self.end_of_text(),
                '{' => self.quantifier(),
                '^' | '$' | '.' | '|' | '*' | '+' | '?' => self.output.push(character),
                _ => self.literal(character),
            }
        }
        if self.options.len() > 1 {
            return Err("has a `(` without its `)`".to_owned());
        }
        Ok(())
    }

    fn current(&self) -> Options {
        self.options.last().copied().unwrap_or_default()
    }

    fn skip_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// What stands before `end`, which is skipped.
    fn until(&mut self, end: char, what: &str) -> Result<&'a str, String> {
        match self.rest.split_once(end) {
            Some((text, rest)) => {
                self.rest = rest;
                Ok(text)
            }
            None => Err(format!("has {what} that never ends")),
        }
    }

    fn literal(&mut self, character: char) {
        if character.is_ascii_alphanumeric() || !character.is_ascii() {
            self.output.push(character);
        } else {
            // Writing into a String cannot fail.
            let _ = write!(self.output, "\\x{{{:X}}}", u32::from(character));
        }
    }

    /// `$` also matches before a line feed that ends the text. Few texts end in one, so the look-ahead
    /// that this takes, and with it backtracking, is kept for those.
    fn end_of_text(&mut self) {
        self.ends = true;
        if self.line_feed {
            self.backtracks = true;
            self.output.push_str(r"(?=\n?\z)");
        } else {
            self.output.push_str(r"\z");
        }
    }

    /// `{n}`, `{n,}` and `{n,m}` repeat; every other `{` is a literal.
    fn quantifier(&mut self) {
        let bounds = self.rest.split_once('}').map_or("", |(bounds, _)| bounds);
        let (least, most) = bounds.split_once(',').unwrap_or((bounds, bounds));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !least.is_empty() && digits(least) && digits(most) {
            let _ = write!(self.output, "{{{bounds}}}");
            self.rest = &self.rest[bounds.len() + 1..];
        } else {
            self.literal('{');
        }
    }

    /// Behind an opening parenthesis.
    fn group(&mut self) -> Result<(), String> {
        let options = self.current();
        if !self.eat("?") {
            if options.named_only {
                self.output.push_str("(?:");
            } else {
                self.names.push(None);
                self.output.push('(');
            }
            self.options.push(options);
            return Ok(());
        }
        if self.eat("#") {
            return self.until(')', "a comment").map(drop);
        }
        if self.rest.starts_with('(') {
            return Err("uses a conditional `(?(…)…)`, which is not supported".to_owned());
        }
        for (look, backtracks) in
            [(":", false), ("=", true), ("!", true), ("<=", true), ("<!", true), (">", true)]
        {
            if self.eat(look) {
                self.backtracks |= backtracks;
                let _ = write!(self.output, "(?{look}");
                self.options.push(options);
                return Ok(());
            }
        }
        let close = if self.eat("<") {
            '>'
        } else if self.eat("'") {
            '\''
        } else {
            return self.inline_options(options);
        };
        let name = self.until(close, "a group name")?;
        if name.contains('-') {
            return Err("uses a balancing group `(?<a-b>…)`, which is not supported".to_owned());
        }
        let valid = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !valid || name.is_empty() || name.starts_with(|c: char| c.is_numeric()) {
            return Err(format!(
                "names a group `{name}`; names are letters, digits and `_`, and begin with no digit"
            ));
        }
        self.names.push(Some(name.to_owned()));
        self.output.push('(');
        self.options.push(options);
        Ok(())
    }

    /// `(?i)` for the rest of the enclosing group, `(?i:…)` for a group of its own.
    fn inline_options(&mut self, mut options: Options) -> Result<(), String> {
        let length = self.rest.find([':', ')']).ok_or_else(|| "has a `(?` that never ends".to_owned())?;
        let (written, rest) = self.rest.split_at(length);
        let (mut on, mut set, mut cleared) = (true, String::new(), String::new());
        for option in written.chars() {
            match option {
                '-' => on = false,
                '+' => on = true,
                'x' => options.spaced = on,
                'n' => options.named_only = on,
                'i' | 'm' | 's' => {
                    if option == 'm' {
                        options.multiline = on;
                    }
                    // The last word on an option counts, and the engine refuses to be told twice.
                    set.retain(|known| known != option);
                    cleared.retain(|known| known != option);
                    if on { set.push(option) } else { cleared.push(option) }
                }
                _ => return Err(format!("uses `(?{written}`; there are only the options i, m, n, s and x")),
            }
        }
        let end = &rest[..1];
        self.rest = &rest[1..];
        if !cleared.is_empty() {
            set.push('-');
            set.push_str(&cleared);
        }
        if end == ":" {
            let _ = write!(self.output, "(?{set}:");
            self.options.push(options);
        } else {
            if !set.is_empty() {
                let _ = write!(self.output, "(?{set})");
            }
            if let Some(current) = self.options.last_mut() {
                *current = options;
            }
        }
        Ok(())
    }
}
