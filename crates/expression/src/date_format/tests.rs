use super::*;

fn today() -> jiff::civil::Date {
    jiff::civil::date(2025, 7, 30)
}

fn reformat(text: &str, input: &str, output: &str) -> Result<String, Problem> {
    print(parse_exact(text, input, Styles::default(), &today)?, output)
}

#[test]
fn free_forms() {
    for (text, expected) in [
        ("2020-03-16", "3/16/2020 12:00:00 AM"),
        (" 2020-03-16-07:00 ", "3/16/2020 7:00:00 AM"),
        ("2020-03-16Z", "3/16/2020 12:00:00 AM"),
        ("2020-03-16T23:30-01:00", "3/17/2020 12:30:00 AM"),
        ("2020-03-16 07:08:09.1234567Z", "3/16/2020 7:08:09 AM"),
        ("3/6/2020", "3/6/2020 12:00:00 AM"),
        ("3/16/2020 12:00:01 AM", "3/16/2020 12:00:01 AM"),
        ("3/16/2020 12:00:01 pm", "3/16/2020 12:00:01 PM"),
        ("3/16/2020 23:59:59", "3/16/2020 11:59:59 PM"),
        ("9999-12-31", "12/31/9999 12:00:00 AM"),
    ] {
        assert_eq!(parse_free(text).map(|instant| instant.to_string()).as_deref(), Ok(expected), "{text:?}");
    }
    for text in [
        "",
        "hello",
        "2020-13-01",
        "2020-02-30",
        "13/1/2020",
        "3/16/2020 13:00:00 PM",
        "3/16/2020 0:00:00 AM",
        "2020-3-16",
        "2020-03-16T24:00",
        "2020-03-16T10:00:00.12345678",
        "2020-03-16+15:00",
        "2020-03-16x",
        "0000-01-01",
        "٢٠٢٠-03-16",
    ] {
        assert_eq!(parse_free(text), Err(Problem::Free), "{text:?}");
    }
    assert_eq!(parse_free("9999-12-31T23:00:00-08:00"), Err(Problem::Range));
    assert_eq!(parse_free("0001-01-01+08:00"), Err(Problem::Range));
}

#[test]
fn every_field_is_read_and_written() {
    let all = "dddd ddd dd MMMM MMM MM yyyy HH mm ss fffffff tt";
    let text = "Tuesday Tue 09 March Mar 03 2021 15 07 08 0500000 PM";
    assert_eq!(reformat(text, all, all).as_deref(), Ok(text));
    assert_eq!(
        reformat(text, all, "d M y yy yyyyy H h m s f FFF t z zz zzz K").as_deref(),
        Ok("9 3 21 21 02021 15 3 7 8 0 05 P +0 +00 +00:00 ")
    );
    assert_eq!(reformat("12:05 AM", "h:mm tt", "yyyy-MM-dd HH:mm").as_deref(), Ok("2025-07-30 00:05"));
    // Without AM or PM, `hh` reads the morning.
    assert_eq!(reformat("12:05", "hh:mm", "HH:mm").as_deref(), Ok("00:05"));
    assert_eq!(reformat("11:05", "h:mm", "HH:mm").as_deref(), Ok("11:05"));
    let no_date = Styles::parse("NoCurrentDateDefault").unwrap();
    let dated = |text, input| print(parse_exact(text, input, no_date, &today)?, "yyyy-MM-dd");
    assert_eq!(dated("10:00", "HH:mm").as_deref(), Ok("0001-01-01"));
    assert_eq!(dated("03", "MM").as_deref(), Ok("2025-03-01"));
    assert_eq!(reformat("49", "yy", "yyyy-MM-dd").as_deref(), Ok("2049-01-01"));
    assert_eq!(reformat("50", "yy", "yyyy").as_deref(), Ok("1950"));
}

#[test]
fn zones() {
    assert_eq!(
        reformat("2021-01-01T00:00+02:00", "yyyy-MM-ddTHH:mmK", "s").as_deref(),
        Ok("2020-12-31T22:00:00")
    );
    assert_eq!(
        reformat("2021-01-01T00:00Z", "yyyy-MM-ddTHH:mmK", "o").as_deref(),
        Ok("2021-01-01T00:00:00.0000000Z")
    );
    assert_eq!(reformat("2021-01-01T00:00", "yyyy-MM-ddTHH:mmK", "%K").as_deref(), Ok(""));
    assert_eq!(reformat("2021-01-01 GMT", "yyyy-MM-dd Z", "d").as_deref(), Ok("01/01/2021"));
    assert_eq!(reformat("9999-12-31 -1", "yyyy-MM-dd z", "d").as_deref(), Ok("12/31/9999"));
    assert_eq!(reformat("9999-12-31 23 -1", "yyyy-MM-dd HH z", "d"), Err(Problem::Range));
}

#[test]
fn literals_and_optional_decimals() {
    assert_eq!(reformat("on 1.2.2021", "'on' d.M.yyyy", r#"yyyy\y'year' "d""#).as_deref(), Ok("2021yyear d"));
    assert_eq!(reformat("10:00:00", "HH:mm:ss.FFF", "ss.FFF").as_deref(), Ok("00"));
    assert_eq!(reformat("10:00:00.5", "HH:mm:ss.FFF", "ss.FFF").as_deref(), Ok("00.5"));
}

#[test]
fn mismatches() {
    for (text, format) in [
        ("2021-3-09", "yyyy-MM-dd"),
        ("2021-03-09x", "yyyy-MM-dd"),
        ("Mon 2021-03-09", "ddd yyyy-MM-dd"),
        ("13:00 PM", "hh:mm tt"),
        ("13:00 AM", "HH:mm tt"),
        ("2021 2022", "yyyy yyyy"),
        ("2021-02-29", "yyyy-MM-dd"),
        ("", "yyyy"),
    ] {
        assert_eq!(reformat(text, format, "s"), Err(Problem::Mismatch), "{text} {format}");
    }
}

#[test]
fn wrong_formats() {
    for format in ["", "x", "%", "%%d", "'open", "\\", "ffffffff", "yyyyyy"] {
        assert!(matches!(reformat("2021", format, "s"), Err(Problem::Format(_))), "{format:?}");
        assert!(check(format).is_err());
    }
}

#[test]
fn white_space() {
    let parse = |text, styles| parse_exact(text, "yyyy-MM-dd", Styles::parse(styles).unwrap(), &today);
    assert!(parse(" 2021-03-09", "None").is_err());
    assert!(parse(" 2021-03-09", "allowLeadingWhite, AssumeUniversal").is_ok());
    assert!(parse("2021 - 03 -09 ", "AllowWhiteSpaces").is_ok());
    assert_eq!(Styles::parse("AllowTabs"), None);
}
