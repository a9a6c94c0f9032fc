//! The functions of the language. Each is declared once, in a module of its own: its names, its
//! parameters, its documentation with examples that run as tests, and its code.

mod append;
mod bit_and;
mod c_bool;
mod c_date;
mod c_ref;
mod c_str;
mod coalesce;
mod contains;
mod convert_from_base64;
mod convert_to_base64;
mod convert_to_utf8_hex;
mod count;
mod date_add;
mod date_diff;
mod date_from_num;
mod declaration;
mod default_domain;
mod dn_component;
mod error;
mod format_date_time;
mod guid;
mod ignore_flow_if_null_or_empty;
mod iif;
mod in_str;
mod interval;
mod item;
mod join;
mod left;
mod len;
mod letter_case;
mod mid;
mod normalize_diacritics;
mod not;
mod now;
mod num_from_date;
mod p_case;
mod prepend;
mod presence;
mod random_string;
mod redact;
mod remove_duplicates;
mod replace;
mod roles;
mod select_unique_value;
mod split;
mod string_from_sid;
mod strip_spaces;
mod switch;
#[cfg(test)]
mod tests;
mod trim;
mod utf16;
mod word;

use crate::diagnostic::closest;
pub(crate) use declaration::Check;
pub use declaration::{Example, Function, Kind, Parameter, Profile, UnknownKey};
use declaration::{example, optional, required};

/// All functions, in alphabetical order.
#[must_use]
pub fn functions() -> &'static [&'static Function] {
    static FUNCTIONS: &[&Function] = &[
        &append::APPEND,
        &roles::APP_ROLE_ASSIGNMENTS,
        &roles::APP_ROLE_ASSIGNMENTS_COMPLEX,
        &roles::ASSERTIVE_APP_ROLE_ASSIGNMENTS_COMPLEX,
        &bit_and::BIT_AND,
        &c_bool::C_BOOL,
        &c_date::C_DATE,
        &coalesce::COALESCE,
        &contains::CONTAINS,
        &convert_from_base64::CONVERT_FROM_BASE64,
        &convert_to_base64::CONVERT_TO_BASE64,
        &convert_to_utf8_hex::CONVERT_TO_UTF8_HEX,
        &count::COUNT,
        &c_ref::C_REF,
        &c_str::C_STR,
        &date_add::DATE_ADD,
        &date_diff::DATE_DIFF,
        &date_from_num::DATE_FROM_NUM,
        &default_domain::DEFAULT_DOMAIN,
        &dn_component::DN_COMPONENT,
        &error::ERROR,
        &format_date_time::FORMAT_DATE_TIME,
        &guid::GUID,
        &ignore_flow_if_null_or_empty::IGNORE_FLOW_IF_NULL_OR_EMPTY,
        &iif::IIF,
        &in_str::IN_STR,
        &presence::IS_NOTHING,
        &presence::IS_NULL,
        &presence::IS_NULL_OR_EMPTY,
        &presence::IS_PRESENT,
        &presence::IS_STRING,
        &item::ITEM,
        &join::JOIN,
        &left::LEFT,
        &len::LEN,
        &mid::MID,
        &normalize_diacritics::NORMALIZE_DIACRITICS,
        &normalize_diacritics::NORMALIZE_DIACRITICS_BY_CULTURE,
        &not::NOT,
        &now::NOW,
        &num_from_date::NUM_FROM_DATE,
        &p_case::P_CASE,
        &prepend::PREPEND,
        &random_string::RANDOM_STRING,
        &redact::REDACT,
        &remove_duplicates::REMOVE_DUPLICATES,
        &replace::REPLACE,
        &select_unique_value::SELECT_UNIQUE_VALUE,
        &roles::SINGLE_APP_ROLE_ASSIGNMENT,
        &split::SPLIT,
        &string_from_sid::STRING_FROM_SID,
        &strip_spaces::STRIP_SPACES,
        &switch::SWITCH,
        &letter_case::TO_LOWER,
        &letter_case::TO_UPPER,
        &trim::TRIM,
        &word::WORD,
    ];
    FUNCTIONS
}

/// The function whose name `name` is most likely a slip of, if any is near enough.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static Function> {
    closest(name, functions().iter().map(|function| function.name)).and_then(find)
}

/// The function of this name, without regard to case: Microsoft's own pages print `switch` and
/// `Instr` in working expressions.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    functions().iter().copied().find(|function| function.name.eq_ignore_ascii_case(name))
}
