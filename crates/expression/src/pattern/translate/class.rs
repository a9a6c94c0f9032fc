//! Character classes. In .NET `[`, `&&` and `~~` mean nothing in a class, and `-[` subtracts.

use super::Translator;

/// How deeply subtractions may be nested.
const MAX_DEPTH: usize = 8;

/// One element of a class.
enum Element {
    Character(char),
    /// `\d`, `\p{L}` and the like: already written.
    Set,
}

impl Translator<'_> {
    /// Behind an opening bracket.
    pub(super) fn class(&mut self) -> Result<(), String> {
        self.class_at(0)
    }

    fn class_at(&mut self, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err("nests its classes too deeply".to_owned());
        }
        let start = self.output.len();
        self.output.push('[');
        if self.eat("^") {
            self.output.push('^');
        }
        let mut first = true;
        loop {
            if self.rest.is_empty() {
                return Err("has a class `[` that never ends".to_owned());
            }
            // A bracket in the first place is a character.
            if !first && self.eat("]") {
                self.output.push(']');
                return Ok(());
            }
            if !first && self.rest.starts_with("-[") {
                self.eat("-[");
                return self.subtraction(start, depth);
            }
            self.elements()?;
            first = false;
        }
    }

    /// A negation belongs to the base alone, so the base gets brackets of its own.
    fn subtraction(&mut self, start: usize, depth: usize) -> Result<(), String> {
        self.output.insert(start, '[');
        self.output.push_str("]--");
        self.class_at(depth + 1)?;
        if !self.eat("]") {
            return Err("goes on after the subtraction that must end a class".to_owned());
        }
        self.output.push(']');
        Ok(())
    }

    /// An element, or a range of characters.
    fn elements(&mut self) -> Result<(), String> {
        let Element::Character(low) = self.element()? else { return Ok(()) };
        let mut following = self.rest.chars();
        let range = following.next() == Some('-') && !matches!(following.next(), Some(']' | '[') | None);
        if !range {
            self.literal(low);
            return Ok(());
        }
        self.eat("-");
        let before = self.output.len();
        match self.element()? {
            Element::Character(high) if low <= high => {
                self.literal(low);
                self.output.push('-');
                self.literal(high);
                Ok(())
            }
            Element::Character(high) => Err(format!("has a range `{low}-{high}` in reverse order")),
            Element::Set => {
                let set = self.output.split_off(before);
                Err(format!("has a range that ends with `{set}`"))
            }
        }
    }

    fn element(&mut self) -> Result<Element, String> {
        match self.bump() {
            Some('\\') => match self.bump() {
                Some(kind @ ('d' | 'D' | 'w' | 'W' | 's' | 'S')) => {
                    self.output.push('\\');
                    self.output.push(kind);
                    Ok(Element::Set)
                }
                Some(kind @ ('p' | 'P')) => self.category(kind).map(|()| Element::Set),
                Some('b') => Ok(Element::Character('\u{8}')),
                Some(other) => self.character_escape(other).map(Element::Character),
                None => Err("ends with a lone `\\`".to_owned()),
            },
            Some(character) => Ok(Element::Character(character)),
            None => Err("has a class `[` that never ends".to_owned()),
        }
    }
}
