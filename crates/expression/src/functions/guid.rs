use super::{Function, example};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static GUID: Function = Function {
    name: "Guid",
    summary: "A new random GUID (version 4), in lower case and with hyphens.",
    examples: &[example("Len(Guid())", &[], "36")],
    volatile: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let (high, low) = (call.context().random_u64(), call.context().random_u64());
    // Version and variant: RFC 9562, section 5.4.
    let high = high & !0xf000 | 0x4000;
    let low = low & !(0b11 << 62) | 0b10 << 62;
    Ok(Value::from(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )))
}
