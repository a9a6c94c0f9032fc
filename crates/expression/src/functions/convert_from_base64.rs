use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Function, Kind, Profile, example, optional, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::tree::Keyword;
use crate::value::Value;

pub(super) static CONVERT_FROM_BASE64: Function = Function {
    name: "ConvertFromBase64",
    summary: "The text that base64 stands for, in UTF-16 little-endian (Unicode, the default), UTF8 or ASCII.",
    parameters: &[
        required("source", Kind::String),
        optional("encoding", Kind::String)
            .keywords(&[Keyword::Utf8, Keyword::Unicode, Keyword::Ascii])
            .checked(check_encoding),
    ],
    examples: &[
        example(r#"ConvertFromBase64("SABlAGwAbABvACAAdwBvAHIAbABkACEA")"#, &[], "Hello world!"),
        example(r#"ConvertFromBase64("w6k=", UTF8)"#, &[], "é"),
        example("ConvertFromBase64([code], ASCII)", &[("code", "SGVs\nbG8=\n")], "Hello"),
    ],
    profile: Profile::CloudSync,
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    // White space, such as line breaks every 76 characters, is no part of the code.
    let code: String = source.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let Ok(bytes) = STANDARD.decode(code) else { return Err(call.wrong(0, "is no base64")) };
    let encoding = match call.text(1)? {
        None => Keyword::Unicode,
        Some(name) => encoding(&name).ok_or_else(|| call.wrong(1, "is none of UTF8, Unicode and ASCII"))?,
    };
    decode(&bytes, encoding)
        .map(Value::from)
        .ok_or_else(|| call.wrong(0, &format!("holds bytes that are no {}", encoding.as_str())))
}

fn encoding(name: &str) -> Option<Keyword> {
    Keyword::find(name).filter(|keyword| matches!(keyword, Keyword::Utf8 | Keyword::Unicode | Keyword::Ascii))
}

fn check_encoding(name: &str) -> Result<(), String> {
    encoding(name).map(drop).ok_or_else(|| "the encoding is UTF8, Unicode or ASCII".to_owned())
}

fn decode(bytes: &[u8], encoding: Keyword) -> Option<String> {
    match encoding {
        Keyword::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
        Keyword::Ascii => bytes.is_ascii().then(|| bytes.iter().copied().map(char::from).collect()),
        _ => {
            let (units, rest) = bytes.as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
            rest.is_empty().then(|| char::decode_utf16(units).collect::<Result<String, _>>().ok())?
        }
    }
}
