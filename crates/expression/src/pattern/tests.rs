use super::*;
use crate::testing::{evaluate, evaluate_text};

/// `Replace` with a pattern, as the language does it.
fn replace(text: &str, pattern: &str, by: &str) -> String {
    let expression =
        format!("Replace({}, , {}, , {}, , )", crate::quote(text), crate::quote(pattern), crate::quote(by));
    evaluate_text(&expression)
}

#[test]
fn escapes_that_the_engines_read_differently() {
    assert_eq!(replace("a<b>c", r"\<(b)\>", "$1"), "abc");
    assert_eq!(replace("<>", r"[\<\>]", "x"), "xx");
    assert_eq!(replace("a/b:c;d=e", r"[\/\:\;\=]", "_"), "a_b_c_d_e");
    assert_eq!(replace("tab\tA", r"\t\u0041", "x"), "tabx");
    assert_eq!(replace("\u{1b}\u{1}", r"\e\cA", "x"), "x");
    assert_eq!(replace("x{,3}", r"x{,3}", "y"), "y");
    assert_eq!(replace("a{b", "a{b", "y"), "y");
    assert_eq!(replace("aaa", "a{2}", "b"), "ba");
}

#[test]
fn classes() {
    assert_eq!(replace("education", "[a-z-[aeiou]]", ""), "euaio");
    assert_eq!(replace("Abc1", "[^a-z-[A]]", ""), "Abc");
    assert_eq!(replace("a[b&&c~~", "[[&~]", ""), "abc");
    assert_eq!(replace("a]b", "[]]", "-"), "a-b");
    assert_eq!(replace("a-b c", r"[\s-]", ""), "abc");
    assert_eq!(replace("(1) 2-3", r"[()\s-]+", ""), "123");
}

#[test]
fn ends() {
    assert_eq!(replace("a\n", "a$", "b"), "b\n");
    assert_eq!(replace("a\n", r"a\Z", "b"), "b\n");
    assert_eq!(replace("a\n", r"a\z", "b"), "a\n");
    assert_eq!(replace("a\nb", "(?m)$", ";"), "a;\nb;");
    assert_eq!(replace("a\nb", "$", ";"), "a\nb;");
    assert_eq!(replace("a\n", "$", ";"), "a;\n;");
    assert_eq!(replace("a b", "(?<=a) b$", ""), "a");
}

#[test]
fn empty_matches_count_as_in_dotnet() {
    assert_eq!(replace("abc", ".*", "x"), "xx");
    assert_eq!(replace("abc", "", "-"), "-a-b-c-");
    assert_eq!(replace("äö", "x*", "-"), "-ä-ö-");
    assert_eq!(replace("", ".*", "x"), "x");
}

#[test]
fn groups_are_numbered_unnamed_first() {
    assert_eq!(replace("ab", "(?<n>a)(b)", "$1$2${n}"), "baa");
    assert_eq!(replace("ab", "(?'n'a)b", "${n}"), "a");
    assert_eq!(replace("b", "(?<n>a)|(?<n>b)", "<${n}>"), "<b>");
    assert_eq!(replace("abab-aa", r"(?<n>ab)\k<n>|(a)\1", "x"), "x-x");
}

#[test]
fn substitutions() {
    assert_eq!(replace("abc", "b", "[$`|$&|$'|$_|$$]"), "a[a|b|c|abc|$]c");
    assert_eq!(replace("abc", "(a)(b)", "$+$0$9$1x${1}${no}$"), "bab$9axa${no}$c");
    assert_eq!(replace("ab", "(a)|(b)", "<$2>"), "<><b>");
}

#[test]
fn look_around() {
    assert_eq!(replace("firstLast", "(?<=[a-z])(?=[A-Z])", "."), "first.Last");
    assert_eq!(replace("a1b2", r"\d(?!$)", ""), "ab2");
    assert_eq!(replace("a1", "(?#a comment)(?i:A)1", "x"), "x");
}

#[test]
fn options() {
    assert_eq!(replace("ab c", "(?x) a  b # a comment\n [ ]c", "x"), "x");
    assert_eq!(replace("a b", "(?x:a)\\ b", "x"), "x");
    assert_eq!(replace("a b", r"((?x) a\ )b", "$1"), "a ");
    assert_eq!(replace("ab", "(?n)(a)(?<m>b)", "$1${m}"), "bb");
    assert_eq!(replace("aB\nb", "(?im-s)^b$", "x"), "aB\nx");
    assert_eq!(replace("Ab", "(?i-i+i)a(?-i)b", "x"), "x");
    assert_eq!(replace("a1", "(?i-x:A)1", "x"), "x");
}

#[test]
fn refuses_what_it_would_misread() {
    for pattern in [
        "(",
        ")",
        "[a",
        "[z-a]",
        r"\",
        r"\q",
        r"\p{IsGreek}",
        r"\1",
        r"\k<x>",
        "(?<a-b>x)",
        "(?(a)b|c)",
        "*",
        "(?<1>a)",
        r"[a-\d]",
        "[a-[b]c]",
        r"\uD800",
        "(?",
        "(?<n",
        "(?y)a",
    ] {
        let error = Pattern::new(pattern).map(|_| ()).unwrap_err();
        assert!(error.starts_with("the regular expression "), "{pattern}: {error}");
    }
}

#[test]
fn hostile_patterns_end() {
    let attributes = [("x", "a".repeat(5_000))];
    let error = evaluate(r#"Replace([x], , "(a|a|aa)*(?=b)c", , "", , )"#, &attributes).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Pattern | ErrorKind::Limit), "{error}");
    assert!(Pattern::new(r"(\w{1000}){1000}").is_err());
    let attributes = [("x", "a".repeat(1_000_000))];
    let error = evaluate(r#"Replace([x], , "a", , "b", , )"#, &attributes).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Limit);
}

#[test]
fn hostile_patterns_are_refused_or_compiled_quickly() {
    for pattern in [
        "(".repeat(4_900) + &")".repeat(4_900),
        "(?:".repeat(2_000) + &")".repeat(2_000),
        "(?=".repeat(1_900) + &")".repeat(1_900),
        "[a-[".repeat(2_000),
        "((((a{1000}){1000}){1000}){1000})".to_owned(),
        "(?=b)((((a{1000}){1000}){1000}){1000})".to_owned(),
        "(?:(?=a)){1000000}".to_owned(),
        "a?".repeat(4_000) + "(?=a)",
        r"\w".repeat(3_000),
        "a{99999999999999999999}".to_owned(),
        "(a)".repeat(3_000) + r"\3000",
    ] {
        // Neither overflows the stack nor takes memory without bound; whether it is taken does not matter.
        let _ = Pattern::new(&pattern).map(|pattern| pattern.group("1"));
    }
    assert!(Pattern::new(r"^[\w.-]{1,64}@[\w.-]{1,64}$").is_ok());
}
