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

struct Translator<'a> {
    rest: &'a str,
    output: String,
    /// The capturing groups seen so far.
    names: Vec<Option<String>>,
    /// Known in the second pass only.
    groups: Option<&'a Groups>,
    /// Whether `$` matches at every line end, here and in each enclosing group.
    multiline: Vec<bool>,
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
            multiline: vec![false],
            backtracks: false,
            line_feed: false,
            ends: false,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(character) = self.bump() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                ')' => {
                    if self.multiline.len() == 1 {
                        return Err("has a `)` without its `(`".to_owned());
                    }
                    self.multiline.pop();
                    self.output.push(')');
                }
                '$' if self.multiline.last() == Some(&false) => self.end_of_text(),
                '{' => self.quantifier(),
                '^' | '$' | '.' | '|' | '*' | '+' | '?' => self.output.push(character),
                _ => self.literal(character),
            }
        }
        if self.multiline.len() > 1 {
            return Err("has a `(` without its `)`".to_owned());
        }
        Ok(())
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
        let multiline = self.multiline.last().copied().unwrap_or_default();
        if !self.eat("?") {
            self.names.push(None);
            self.output.push('(');
            self.multiline.push(multiline);
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
                self.multiline.push(multiline);
                return Ok(());
            }
        }
        let close = if self.eat("<") {
            '>'
        } else if self.eat("'") {
            '\''
        } else {
            return self.options(multiline);
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
        self.multiline.push(multiline);
        Ok(())
    }

    /// `(?i)` for the rest of the enclosing group, `(?i:…)` for a group of its own.
    fn options(&mut self, mut multiline: bool) -> Result<(), String> {
        let length = self.rest.find([':', ')']).ok_or_else(|| "has a `(?` that never ends".to_owned())?;
        let (options, rest) = self.rest.split_at(length);
        let mut on = true;
        for option in options.chars() {
            match option {
                '-' => on = false,
                'm' => multiline = on,
                'i' | 's' => {}
                _ => return Err(format!("uses `(?{options}`; only the options i, m and s are supported")),
            }
        }
        let end = &rest[..1];
        self.rest = &rest[1..];
        if !options.is_empty() {
            let _ = write!(self.output, "(?{options}{end}");
        }
        if end == ":" {
            self.multiline.push(multiline);
        } else if let Some(current) = self.multiline.last_mut() {
            *current = multiline;
        }
        Ok(())
    }
}
