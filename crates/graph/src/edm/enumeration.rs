//! Enumerations and sets of flags.
//!
//! Printed is the member's name in the spelling of the metadata; read are names in any letter case and the
//! numbers behind them, which old clients send.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{self, Visitor};

/// A type that is written as a text or a number.
pub(crate) trait Spelled: Sized {
    /// The name of the type in the metadata.
    const TYPE: &'static str;

    /// The names of the members.
    fn members() -> Vec<&'static str>;

    /// The value of a name, of several names, or of a number as a text.
    fn from_text(text: &str) -> Option<Self>;

    /// The value of a number.
    fn from_number(number: i64) -> Option<Self>;
}

/// So many members at most are listed for who names another.
const TOLD: usize = 24;

/// Reads a [`Spelled`] value.
pub(crate) fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct SpelledVisitor<T>(PhantomData<T>);

    impl<T: Spelled> Visitor<'_> for SpelledVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a member of the enumeration {}", T::TYPE)?;
            let members = T::members();
            if members.len() <= TOLD { write!(f, ": {}", members.join(", ")) } else { Ok(()) }
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            T::from_text(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
            T::from_number(number).ok_or_else(|| E::invalid_value(de::Unexpected::Signed(number), &self))
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
            let known = i64::try_from(number).ok().and_then(T::from_number);
            known.ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(number), &self))
        }
    }

    deserializer.deserialize_any(SpelledVisitor(PhantomData))
}

/// An enumeration of the metadata, with the member that stands where none is given:
/// `wire_enum! { /// … pub enum Name: "csdlName" = Member { /// … Member = 0, } }`.
macro_rules! wire_enum {
    ($(#[$meta:meta])* pub enum $name:ident: $csdl:literal = $default:ident {
        $($(#[$member_meta:meta])* $member:ident = $value:literal $(as $text:literal)?,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$member_meta])* $member,)+
        }

        impl $name {
            /// Every member, in the order of the metadata.
            pub const ALL: &'static [Self] = &[$(Self::$member),+];

            /// Their names as printed.
            pub const NAMES: &'static [&'static str] =
                &[$($crate::edm::enumeration::member_name!($member $($text)?)),+];

            /// The member's name as printed.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$member => $crate::edm::enumeration::member_name!($member $($text)?),)+
                }
            }

            /// The member's number in the metadata.
            #[must_use]
            pub const fn value(self) -> u16 {
                match self {
                    $(Self::$member => $value,)+
                }
            }

            /// The member of this name (letter case does not count) or number.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.trim();
                let number = text.parse::<u16>().ok();
                Self::ALL.iter().copied().find(|member| {
                    member.name().eq_ignore_ascii_case(text) || Some(member.value()) == number
                })
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl $crate::edm::enumeration::Spelled for $name {
            const TYPE: &'static str = $csdl;

            fn members() -> Vec<&'static str> {
                Self::NAMES.to_vec()
            }

            fn from_text(text: &str) -> Option<Self> {
                Self::parse(text)
            }

            fn from_number(number: i64) -> Option<Self> {
                Self::ALL.iter().copied().find(|member| i64::from(member.value()) == number)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::edm::enumeration::deserialize(deserializer)
            }
        }
    };
}

/// The printed name of a member: its own, unless another is given.
macro_rules! member_name {
    ($member:ident) => {
        stringify!($member)
    };
    ($member:ident $text:literal) => {
        $text
    };
}

/// A set of flags of the metadata: names joined by `,` in ascending order, `None` for the empty set.
macro_rules! wire_flags {
    ($(#[$meta:meta])* pub struct $name:ident: $csdl:literal {
        $($(#[$member_meta:meta])* $member:ident = $value:literal as $text:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(u16);

        impl $name {
            /// No flag.
            pub const NONE: Self = Self(0);
            $($(#[$member_meta])* pub const $member: Self = Self($value);)+
            const NAMES: &'static [(u16, &'static str)] = &[(0, "None"), $(($value, $text)),+];

            /// The flags of both.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// Whether it has all flags of `other`.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether it has no flag.
            #[must_use]
            pub const fn is_none(self) -> bool {
                self.0 == 0
            }

            /// The flags of these names, separated by commas (letter case and spaces do not count), or of a
            /// number. An empty text has none.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                if text.trim().is_empty() {
                    return Some(Self::NONE);
                }
                text.split(',').try_fold(Self::NONE, |flags, word| {
                    let word = word.trim();
                    let named = Self::NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(word));
                    let flag = match named {
                        Some((value, _)) => Self(*value),
                        None => Self::of_number(word.parse().ok()?)?,
                    };
                    Some(flags.union(flag))
                })
            }

            fn of_number(number: i64) -> Option<Self> {
                let all = Self::NAMES.iter().fold(0, |all, (value, _)| all | value);
                let bits = u16::try_from(number).ok()?;
                (bits & !all == 0).then_some(Self(bits))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // A name for the whole set (`None`, `Full`) comes before the names of its parts.
                if let Some((_, name)) = Self::NAMES.iter().find(|(value, _)| *value == self.0) {
                    return f.write_str(name);
                }
                let parts = Self::NAMES.iter().filter(|(value, _)| value.is_power_of_two() && self.0 & value != 0);
                for (index, (_, name)) in parts.enumerate() {
                    if index > 0 {
                        f.write_str(",")?;
                    }
                    f.write_str(name)?;
                }
                Ok(())
            }
        }

        impl $crate::edm::enumeration::Spelled for $name {
            const TYPE: &'static str = $csdl;

            fn members() -> Vec<&'static str> {
                Self::NAMES.iter().map(|(_, name)| *name).collect()
            }

            fn from_text(text: &str) -> Option<Self> {
                Self::parse(text)
            }

            fn from_number(number: i64) -> Option<Self> {
                Self::of_number(number)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::edm::enumeration::deserialize(deserializer)
            }
        }
    };
}

pub(crate) use {member_name, wire_enum, wire_flags};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::resources::synchronization::log::ProvisioningAction;
    use crate::resources::synchronization::restart::RestartScope;
    use crate::resources::synchronization::status::QuarantineReason;

    #[test]
    fn members_are_read_by_name_and_number() {
        for input in [json!("Unknown"), json!("UNKNOWN"), json!(" unknown "), json!(8), json!("8")] {
            let read: QuarantineReason = serde_json::from_value(input.clone()).unwrap();
            assert_eq!(read, QuarantineReason::Unknown, "{input}");
        }
        for input in [
            json!("Unheard"),
            json!(""),
            json!(3),
            json!(-8),
            json!(8.5),
            json!(true),
            json!(null),
            json!(["Unknown"]),
            json!("99999999999999999999"),
            json!(u64::MAX),
        ] {
            assert!(serde_json::from_value::<QuarantineReason>(input.clone()).is_err(), "{input}");
        }
        assert_eq!(serde_json::to_value(ProvisioningAction::StagedDelete).unwrap(), json!("stagedDelete"));
    }

    #[test]
    fn flags_are_read_in_all_spellings_and_printed_in_one() {
        for (input, printed) in [
            (json!("Escrows,QuarantineState"), "Escrows,QuarantineState"),
            (json!("quarantinestate, ESCROWS"), "Escrows,QuarantineState"),
            (json!(10), "Escrows,QuarantineState"),
            (json!("10"), "Escrows,QuarantineState"),
            (json!("ConnectorDataStore,Escrows,Watermark,QuarantineState"), "Full"),
            (
                json!("Full, ForceDeletes"),
                "ConnectorDataStore,Escrows,Watermark,QuarantineState,ForceDeletes",
            ),
            (json!(""), "None"),
            (json!("None"), "None"),
            (json!(0), "None"),
        ] {
            let flags: RestartScope = serde_json::from_value(input.clone()).unwrap();
            assert_eq!(flags.to_string(), printed, "{input}");
        }
        for input in
            [json!("Sideways"), json!("Full,"), json!(16), json!(-1), json!("64"), json!({}), json!(["Full"])]
        {
            assert!(serde_json::from_value::<RestartScope>(input.clone()).is_err(), "{input}");
        }
    }
}
