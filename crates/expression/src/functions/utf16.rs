//! Positions in text as .NET counts them: in UTF-16 code units. A cut inside a character leaves
//! the whole character out, because half of one is no text.

/// The number of code units.
pub(super) fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The byte where the code unit `units` begins; the end of the text when it is shorter. Inside a
/// character: the byte after it.
pub(super) fn ceil_index(text: &str, units: usize) -> usize {
    let mut seen = 0;
    for (index, character) in text.char_indices() {
        if seen >= units {
            return index;
        }
        seen += character.len_utf16();
    }
    text.len()
}

/// The first `units` code units.
pub(super) fn left(text: &str, units: usize) -> &str {
    let mut seen = 0;
    for (index, character) in text.char_indices() {
        seen += character.len_utf16();
        if seen > units {
            return &text[..index];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_cuts_a_character() {
        let text = "a😀b";
        assert_eq!(length(text), 4);
        assert_eq!((left(text, 1), left(text, 2), left(text, 3), left(text, 9)), ("a", "a", "a😀", text));
        assert_eq!(&text[ceil_index(text, 2)..], "b");
        assert_eq!(ceil_index(text, 9), text.len());
    }
}
