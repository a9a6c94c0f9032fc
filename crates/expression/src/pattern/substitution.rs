//! .NET's substitutions in replacement texts: `$1`, `${name}`, `$$`, `$&`, `` $` ``, `$'`, `$+`, `$_`.

use super::Match;
use super::groups::Groups;

/// A replacement text, read.
#[derive(Clone, Debug)]
pub(crate) struct Substitution(Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    /// What a group matched; nothing when it did not take part.
    Group(usize),
    /// The text before the match.
    Before,
    /// The text after the match.
    After,
    /// The whole text.
    Whole,
}

impl Substitution {
    pub(super) fn new(replacement: &str, groups: &Groups) -> Substitution {
        let mut parts = Vec::new();
        let mut rest = replacement;
        while let Some(index) = rest.find('$') {
            push_text(&mut parts, &rest[..index]);
            rest = &rest[index..];
            // What stands for nothing remains as it is written.
            let (part, length) = read(rest, groups).unwrap_or_else(|| (Part::Text("$".to_owned()), 1));
            match part {
                Part::Text(text) => push_text(&mut parts, &text),
                part => parts.push(part),
            }
            rest = &rest[length..];
        }
        push_text(&mut parts, rest);
        Substitution(parts)
    }

    /// Hands the text that takes the place of a match to `push`, piece by piece.
    pub(crate) fn expand<E>(
        &self,
        text: &str,
        found: &Match,
        push: &mut dyn FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let whole = found.get(0).unwrap_or_default();
        for part in &self.0 {
            match part {
                Part::Text(literal) => push(literal)?,
                Part::Group(group) => push(found.get(*group).map_or("", |place| &text[place]))?,
                Part::Before => push(&text[..whole.start])?,
                Part::After => push(&text[whole.end..])?,
                Part::Whole => push(text)?,
            }
        }
        Ok(())
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// The substitution that `text`, which begins with `$`, begins with, and its length.
fn read(text: &str, groups: &Groups) -> Option<(Part, usize)> {
    let behind = &text[1..];
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return Some((Part::Group(groups.find(&behind[..digits])?), 1 + digits));
    }
    if let Some(named) = behind.strip_prefix('{') {
        let (name, _) = named.split_once('}')?;
        return Some((Part::Group(groups.find(name)?), name.len() + 3));
    }
    let part = match behind.chars().next()? {
        '$' => Part::Text("$".to_owned()),
        '&' => Part::Group(0),
        '`' => Part::Before,
        '\'' => Part::After,
        '+' => Part::Group(groups.last()),
        '_' => Part::Whole,
        _ => return None,
    };
    Some((part, 2))
}
