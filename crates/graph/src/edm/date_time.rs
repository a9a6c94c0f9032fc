//! `Edm.DateTimeOffset`: an instant in UTC, with `Z` and at most seven digits after the point.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Deserializer, Serializer};

/// The instant that stands for "never" where null is not allowed: .NET's smallest, year 1.
pub const NEVER: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// An instant as printed: cut to 100 ns, without trailing zeros.
#[must_use]
pub fn print(at: Timestamp) -> String {
    let ticks = TimestampRound::new().smallest(Unit::Nanosecond).increment(100).mode(RoundMode::Trunc);
    at.round(ticks).unwrap_or(at).to_string()
}

/// Serializes an instant that is always there.
pub(crate) mod required {
    use super::{Deserialize, Deserializer, Serializer, Timestamp, print};

    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&print(*at))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::deserialize(deserializer)
    }
}

/// Serializes an instant that may be null.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, Serializer, Timestamp, print};

    pub(crate) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.serialize_some(&print(*at)),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Option::<Timestamp>::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_with_at_most_seven_digits() {
        for (text, printed) in [
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("2026-03-04T10:12:44+01:00", "2026-03-04T09:12:44Z"),
            ("2026-03-04T09:12:44.100Z", "2026-03-04T09:12:44.1Z"),
            ("2026-03-04T09:12:44.123456789Z", "2026-03-04T09:12:44.1234567Z"),
        ] {
            assert_eq!(print(text.parse().unwrap()), printed);
        }
        assert_eq!(print(NEVER), "0001-01-01T00:00:00Z");
    }
}
