use proptest::prelude::*;

use super::*;

#[test]
fn durations_print_as_graph_prints_them() {
    for (ticks, text) in [
        (0, "PT0S"),
        (40 * PER_MINUTE, "PT40M"),
        (90 * PER_MINUTE, "PT1H30M"),
        (PER_DAY, "P1D"),
        (PER_DAY + PER_SECOND, "P1DT1S"),
        (PER_SECOND / 2, "PT0.5S"),
        (1, "PT0.0000001S"),
        (-PER_HOUR, "-PT1H"),
        (i64::MAX, "P10675199DT2H48M5.4775807S"),
        (i64::MIN, "-P10675199DT2H48M5.4775808S"),
    ] {
        assert_eq!(EdmDuration::from_ticks(ticks).to_string(), text);
        assert_eq!(text.parse(), Ok(EdmDuration::from_ticks(ticks)));
    }
}

#[test]
fn other_spellings_of_durations_are_read() {
    for (text, ticks) in [
        ("pt40m", 40 * PER_MINUTE),
        ("PT2400S", 40 * PER_MINUTE),
        ("P0DT0H40M0.0S", 40 * PER_MINUTE),
        ("PT36H", 36 * PER_HOUR),
        ("PT1.123456789S", 11_234_567),
    ] {
        assert_eq!(text.parse(), Ok(EdmDuration::from_ticks(ticks)), "{text}");
    }
}

#[test]
fn what_is_no_duration_is_refused() {
    for text in [
        "",
        "P",
        "PT",
        "P1",
        "40M",
        "P40M",
        "P1Y",
        "P1W",
        "PT1M1H",
        "PT1M1M",
        "PT1.5M",
        "PT.5S",
        "PT1.S",
        "PT-1S",
        "P1DT",
        "often",
        "00:40:00",
        "PT1.ø5S",
        "PTøS",
        "P10675200D",
        "P99999999999999999999999D",
        "PT1S ",
    ] {
        assert_eq!(text.parse::<EdmDuration>(), Err(DurationError), "{text}");
    }
}

#[test]
fn standard_durations_are_cut_to_ticks() {
    assert_eq!(EdmDuration::from_std(Duration::from_nanos(199)).ticks(), 1);
    assert_eq!(EdmDuration::from_std(Duration::MAX), EdmDuration::MAX);
    assert_eq!(EdmDuration::from_ticks(-1).to_std(), None);
}

proptest! {
    #[test]
    fn printing_and_reading_give_the_same_ticks(ticks in any::<i64>()) {
        let duration = EdmDuration::from_ticks(ticks);
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        if let Some(std) = duration.to_std() {
            prop_assert_eq!(EdmDuration::from_std(std), duration);
        }
    }

    #[test]
    fn reading_never_panics(text in "-?P?[0-9DTHMS.ø]{0,20}") {
        let _ = text.parse::<EdmDuration>();
    }
}
