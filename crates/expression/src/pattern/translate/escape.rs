//! Escapes: what a backslash makes of the characters behind it.

use std::fmt::Write as _;

use super::Translator;

impl Translator<'_> {
    /// Behind a backslash outside a class.
    pub(super) fn escape(&mut self) -> Result<(), String> {
        let Some(character) = self.bump() else { return Err("ends with a lone `\\`".to_owned()) };
        match character {
            'Z' => self.end_of_text(),
            'A' | 'z' | 'b' | 'B' | 'd' | 'D' | 'w' | 'W' | 's' | 'S' => {
                self.output.push('\\');
                self.output.push(character);
            }
            'G' => return Err("uses `\\G`, which is not supported".to_owned()),
            'p' | 'P' => self.category(character)?,
            'k' => {
                let close = if self.eat("<") {
                    '>'
                } else if self.eat("'") {
                    '\''
                } else {
                    return Err("has a `\\k` without a group name".to_owned());
                };
                let name = self.until(close, "a group name")?;
                self.reference(name)?;
            }
            '1'..='9' => {
                let mut name = character.to_string();
                while let Some(digit) = self.rest.chars().next().filter(char::is_ascii_digit) {
                    self.bump();
                    name.push(digit);
                }
                self.reference(&name)?;
            }
            other => {
                let literal = self.character_escape(other)?;
                self.literal(literal);
            }
        }
        Ok(())
    }

    /// `\p{Lu}`: general categories are the same, but `IsGreek` is a block in .NET.
    pub(super) fn category(&mut self, kind: char) -> Result<(), String> {
        if !self.eat("{") {
            return Err(format!("has a `\\{kind}` without a category in braces"));
        }
        let name = self.until('}', "a category")?;
        if name.starts_with("Is") || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(format!(
                "uses `\\{kind}{{{name}}}`; only general categories such as `Lu` are supported"
            ));
        }
        let _ = write!(self.output, "\\{kind}{{{name}}}");
        Ok(())
    }

    /// The character that an escape stands for, in and outside classes.
    pub(super) fn character_escape(&mut self, character: char) -> Result<char, String> {
        let code = match character {
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            't' => return Ok('\t'),
            'a' => 0x07,
            'f' => 0x0c,
            'v' => 0x0b,
            'e' => 0x1b,
            '0' => self.digits(8, 0, 2)?,
            'x' => self.digits(16, 2, 2)?,
            'u' => self.digits(16, 4, 4)?,
            'c' => match self.bump() {
                Some(letter) if letter.is_ascii_alphabetic() => u32::from(letter.to_ascii_uppercase()) - 64,
                _ => return Err("has a `\\c` without a letter".to_owned()),
            },
            _ if character.is_alphanumeric() || character == '_' => {
                return Err(format!("uses `\\{character}`, which means nothing"));
            }
            _ => return Ok(character),
        };
        char::from_u32(code).ok_or_else(|| "names half of a surrogate pair".to_owned())
    }

    fn digits(&mut self, radix: u32, least: usize, most: usize) -> Result<u32, String> {
        let (mut code, mut count) = (0, 0);
        while count < most
            && let Some(digit) = self.rest.chars().next().and_then(|character| character.to_digit(radix))
        {
            self.bump();
            code = code * radix + digit;
            count += 1;
        }
        if count < least { Err("has a character code with too few digits".to_owned()) } else { Ok(code) }
    }

    fn reference(&mut self, name: &str) -> Result<(), String> {
        self.backtracks = true;
        let Some(groups) = self.groups else { return Ok(()) };
        let number = groups.find(name).filter(|number| *number > 0);
        match number.and_then(|number| groups.indices.get(number)).map(Vec::as_slice) {
            Some([index]) => {
                let _ = write!(self.output, "(?:\\{index})");
                Ok(())
            }
            Some(_) => {
                Err(format!("refers to `{name}`, a group that occurs more than once; that is not supported"))
            }
            None => Err(format!("refers to the group `{name}`, which it does not have")),
        }
    }
}
