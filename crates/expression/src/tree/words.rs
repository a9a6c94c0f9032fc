//! Keywords and operators.

/// A bare word of the language other than `True`, `False` and `NULL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// Compare ordinally (`InStr`).
    VbBinaryCompare,
    /// Compare without regard to case (`InStr`).
    VbTextCompare,
    /// Leave this attribute out of the flow.
    IgnoreAttributeFlow,
    /// Leave the whole object out of the flow.
    IgnoreObjectFlow,
    /// The encoding UTF-8 (`ConvertFromBase64`).
    Utf8,
    /// The encoding UTF-16, little-endian (`ConvertFromBase64`).
    Unicode,
    /// The encoding ASCII (`ConvertFromBase64`).
    Ascii,
}

impl Keyword {
    pub(crate) const ALL: [Keyword; 7] = [
        Keyword::VbBinaryCompare,
        Keyword::VbTextCompare,
        Keyword::IgnoreAttributeFlow,
        Keyword::IgnoreObjectFlow,
        Keyword::Utf8,
        Keyword::Unicode,
        Keyword::Ascii,
    ];

    /// The canonical spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Keyword::VbBinaryCompare => "vbBinaryCompare",
            Keyword::VbTextCompare => "vbTextCompare",
            Keyword::IgnoreAttributeFlow => "IgnoreAttributeFlow",
            Keyword::IgnoreObjectFlow => "IgnoreObjectFlow",
            Keyword::Utf8 => "UTF8",
            Keyword::Unicode => "Unicode",
            Keyword::Ascii => "ASCII",
        }
    }

    /// The keyword of this name, without regard to case.
    #[must_use]
    pub fn find(name: &str) -> Option<Keyword> {
        Keyword::ALL.into_iter().find(|keyword| keyword.as_str().eq_ignore_ascii_case(name))
    }
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Operator {
    /// The operator as written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::NotEqual => "<>",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
        }
    }
}
