use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{Function, Kind, example, optional, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static NORMALIZE_DIACRITICS: Function = Function {
    name: "NormalizeDiacritics",
    summary: "Latin letters without their diacritics: ö becomes o, ø becomes oe, ß becomes ss. Everything else stays.",
    parameters: &[required("source", Kind::String)],
    examples: &[
        example(r#"NormalizeDiacritics("Zoë Łukasz")"#, &[], "Zoe Lukasz"),
        example(r#"NormalizeDiacritics("Ærø, Groß")"#, &[], "AEroe, Gross"),
        example(r#"NormalizeDiacritics("Андрей Ёлкин")"#, &[], "Андрей Ёлкин"),
    ],
    each: true,
    ..Function::base(run)
};

/// Only its name is documented. So that a mapping with it works, it does what passports of the
/// culture do (ICAO 9303, part 3), and otherwise what `NormalizeDiacritics` does.
pub(super) static NORMALIZE_DIACRITICS_BY_CULTURE: Function = Function {
    name: "NormalizeDiacriticsByCulture",
    summary: "Like NormalizeDiacritics, but letters that a culture writes otherwise follow it: with de-DE ö becomes oe, \
              with da-DK, nb-NO and sv-SE å becomes aa. Microsoft names this function without describing it; this is \
              how passports of these countries write names.",
    parameters: &[required("source", Kind::String), optional("culture", Kind::String)],
    examples: &[
        example(r#"NormalizeDiacriticsByCulture("Jörg Müßig", "de-DE")"#, &[], "Joerg Muessig"),
        example(r#"NormalizeDiacriticsByCulture("Åse Sørås", "nb-NO")"#, &[], "AAse Soeraas"),
        example(r#"NormalizeDiacriticsByCulture("Jörg Zoë")"#, &[], "Jorg Zoe"),
    ],
    each: true,
    ..Function::base(by_culture)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    Ok(if source.is_ascii() { Value::from(source) } else { Value::from(normalize(&source)) })
}

fn by_culture(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    if source.is_ascii() {
        return Ok(Value::from(source));
    }
    let culture = call.text(1)?.unwrap_or_default();
    let language = culture.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let mut result = String::with_capacity(source.len());
    for character in source.nfc() {
        match of_culture(&language, character) {
            Some(replacement) => result.push_str(replacement),
            None => result.push(character),
        }
    }
    Ok(Value::from(normalize(&result)))
}

/// What a language makes of a letter, where that is more than its base letter.
fn of_culture(language: &str, character: char) -> Option<&'static str> {
    let german = || {
        Some(match character {
            'ä' => "ae",
            'Ä' => "AE",
            'ö' => "oe",
            'Ö' => "OE",
            'ü' => "ue",
            'Ü' => "UE",
            _ => return None,
        })
    };
    let ring = || match character {
        'å' => Some("aa"),
        'Å' => Some("AA"),
        _ => None,
    };
    match language {
        "de" => german(),
        "da" | "nb" | "nn" | "no" => ring(),
        "sv" | "fi" => ring().or_else(|| german().filter(|_| !matches!(character, 'ü' | 'Ü'))),
        _ => None,
    }
}

fn normalize(source: &str) -> String {
    let mut result = String::with_capacity(source.len());
    // Marks are dropped only after a Latin letter: `й` is no `и` with an ornament.
    let mut after_latin = false;
    for character in source.nfd() {
        if is_combining_mark(character) && after_latin {
            continue;
        }
        match special(character) {
            Some(replacement) => result.push_str(replacement),
            None => result.push(character),
        }
        after_latin = is_latin(character);
    }
    // Other scripts go back to the composed form they usually came in.
    if result.is_ascii() { result } else { result.nfc().collect() }
}

/// Latin letters that have no decomposition.
fn special(character: char) -> Option<&'static str> {
    Some(match character {
        'ø' | 'œ' => "oe",
        'Ø' | 'Œ' => "OE",
        'æ' => "ae",
        'Æ' => "AE",
        'ß' => "ss",
        'ł' => "l",
        'Ł' => "L",
        'ı' => "i",
        _ => return None,
    })
}

fn is_latin(character: char) -> bool {
    character.is_ascii_alphabetic()
        || matches!(character, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && character.is_alphabetic()
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use crate::testing::evaluate;

    /// The documented table: what each of the letters becomes.
    const TABLE: &[(&str, &str)] = &[
        ("a", "ä à â ã å á ą ă ā ā́ ā̀ ā̂ ā̃ ǟ ā̈ ǡ a̱ å̄"),
        ("A", "Ä À Â Ã Å Á Ą Ă Ā Ā́ Ā̀ Ā̂ Ā̃ Ǟ Ā̈ Ǡ A̱ Å̄"),
        ("ae", "æ ǣ"),
        ("AE", "Æ Ǣ"),
        ("c", "ç č ć c̄ c̱"),
        ("C", "Ç Č Ć C̄ C̱"),
        ("d", "ď d̄ ḏ"),
        ("D", "Ď D̄ Ḏ"),
        ("e", "ë è é ê ę ě ė ē ḗ ḕ ē̂ ē̃ ê̄ e̱ ë̄ e̊̄"),
        ("E", "Ë È É Ê Ę Ě Ė Ē Ḗ Ḕ Ē̂ Ē̃ Ê̄ E̱ Ë̄ E̊̄"),
        ("g", "ğ ḡ g̱"),
        ("G", "Ğ Ḡ G̱"),
        ("i", "ï î ì í ı ī ī́ ī̀ ī̂ ī̃ i̱"),
        ("I", "Ï Î Ì Í İ Ī Ī́ Ī̀ Ī̂ Ī̃ I̱"),
        ("l", "ľ ł l̄ ḹ ḻ"),
        ("L", "Ľ Ł L̄ Ḹ Ḻ"),
        ("n", "ñ ń ň n̄ ṉ"),
        ("N", "Ñ Ń Ň N̄ Ṉ"),
        ("o", "ö ò ő õ ô ó ō ṓ ṑ ō̂ ō̃ ȫ ō̈ ǭ ȭ ȱ o̱"),
        ("O", "Ö Ò Ő Õ Ô Ó Ō Ṓ Ṑ Ō̂ Ō̃ Ȫ Ō̈ Ǭ Ȭ Ȱ O̱"),
        ("oe", "ø ø̄ œ̄"),
        ("OE", "Ø Ø̄ Œ̄"),
        ("r", "ř r̄ ṟ ṝ"),
        ("R", "Ř R̄ Ṟ Ṝ"),
        ("ss", "ß"),
        ("s", "š ś ș ş s̄ s̱"),
        ("S", "Š Ś Ș Ş S̄ S̱"),
        ("t", "ť ț t̄ ṯ"),
        ("T", "Ť Ț T̄ Ṯ"),
        ("u", "ü ù û ú ů ű ū ū́ ū̀ ū̂ ū̃ u̇̄ ǖ ṻ ṳ̄ u̱"),
        ("U", "Ü Ù Û Ú Ů Ű Ū Ū́ Ū̀ Ū̂ Ū̃ U̇̄ Ǖ Ṻ Ṳ̄ U̱"),
        ("y", "ÿ ý ȳ ȳ́ ȳ̀ ȳ̃ y̱"),
        ("Y", "Ÿ Ý Ȳ Ȳ́ Ȳ̀ Ȳ̃ Y̱"),
        ("z", "ź ž ż z̄ ẕ"),
        ("Z", "Ź Ž Ż Z̄ Ẕ"),
    ];

    #[test]
    fn every_documented_letter_composed_or_not() {
        for (expected, letters) in TABLE {
            for letter in letters.split(' ') {
                let forms: [String; 3] = [letter.to_owned(), letter.nfc().collect(), letter.nfd().collect()];
                for form in forms {
                    let outcome = evaluate("NormalizeDiacritics([x])", &[("x", &form)]).unwrap();
                    assert_eq!(outcome.to_string(), *expected, "{letter} {form:?}");
                }
            }
        }
    }

    #[test]
    fn other_letters_stay() {
        for text in ["đħþðŋ", "Ἀθῆναι", "Йошкар-Ола", "が"] {
            let outcome = evaluate("NormalizeDiacritics([x])", &[("x", text)]).unwrap();
            assert_eq!(outcome.to_string(), text);
        }
    }
}
