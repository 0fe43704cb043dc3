//! An extrinsic as it travels, decoded but not checked.

use alloc::{vec, vec::Vec};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, EncodeLike, Error, Input};
use scale_info::{Path, Type, TypeInfo, TypeParameter, build::Fields, meta_type};

/// Version of signed extrinsics.
pub const SIGNED_VERSION: u8 = 4;
/// Version of general extrinsics; bare ones may have it or [`SIGNED_VERSION`].
pub const GENERAL_VERSION: u8 = 5;
const TYPE_MASK: u8 = 0b1100_0000;
const VERSION_MASK: u8 = 0b0011_1111;
const SIGNED: u8 = 0b1000_0000;
const GENERAL: u8 = 0b0100_0000;

/// What stands before the call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Preamble<Address, Signature, Extension> {
    /// No signature and no extensions: an inherent, or an unsigned transaction. The version is 4
    /// or 5.
    Bare(u8),
    /// Signed, version 4.
    Signed(Address, Signature, Extension),
    /// Extensions without a signature of its own, version 5; the number is the extensions'
    /// version.
    General(u8, Extension),
}

/// An extrinsic as it travels, decoded but not checked. Encoded as compact length, preamble, call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UncheckedExtrinsic<Address, Call, Signature, Extension> {
    /// Who sends it, with which proof and extensions.
    pub preamble: Preamble<Address, Signature, Extension>,
    /// What it does.
    pub function: Call,
}

impl<Address, Call, Signature, Extension> UncheckedExtrinsic<Address, Call, Signature, Extension> {
    /// An inherent or unsigned transaction, version 4 as clients expect in a block's body.
    pub fn new_bare(function: Call) -> Self {
        Self { preamble: Preamble::Bare(SIGNED_VERSION), function }
    }

    /// A signed transaction.
    pub fn new_signed(
        function: Call,
        address: Address,
        signature: Signature,
        extension: Extension,
    ) -> Self {
        Self { preamble: Preamble::Signed(address, signature, extension), function }
    }

    /// Whether it has a signature.
    pub fn is_signed(&self) -> bool {
        matches!(self.preamble, Preamble::Signed(..))
    }

    /// Whether it has neither signature nor extensions.
    pub fn is_bare(&self) -> bool {
        matches!(self.preamble, Preamble::Bare(_))
    }
}

impl<Address: Encode, Signature: Encode, Extension: Encode> Encode
    for Preamble<Address, Signature, Extension>
{
    fn encode_to<T: codec::Output + ?Sized>(&self, output: &mut T) {
        match self {
            Self::Bare(version) => output.push_byte(*version),
            Self::Signed(address, signature, extension) => {
                output.push_byte(SIGNED | SIGNED_VERSION);
                address.encode_to(output);
                signature.encode_to(output);
                extension.encode_to(output);
            }
            Self::General(extension_version, extension) => {
                output.push_byte(GENERAL | GENERAL_VERSION);
                output.push_byte(*extension_version);
                extension.encode_to(output);
            }
        }
    }
}

impl<Address: Decode, Signature: Decode, Extension: Decode> Decode
    for Preamble<Address, Signature, Extension>
{
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let byte = input.read_byte()?;
        match (byte & TYPE_MASK, byte & VERSION_MASK) {
            (0, version @ (SIGNED_VERSION | GENERAL_VERSION)) => Ok(Self::Bare(version)),
            (SIGNED, SIGNED_VERSION) => Ok(Self::Signed(
                Decode::decode(input)?,
                Decode::decode(input)?,
                Decode::decode(input)?,
            )),
            (GENERAL, GENERAL_VERSION) => match input.read_byte()? {
                0 => Ok(Self::General(0, Decode::decode(input)?)),
                _ => Err("unknown version of the transaction extensions".into()),
            },
            _ => Err("unknown type or version of extrinsic".into()),
        }
    }
}

impl<Address, Call, Signature, Extension> Encode
    for UncheckedExtrinsic<Address, Call, Signature, Extension>
where
    Preamble<Address, Signature, Extension>: Encode,
    Call: Encode,
{
    fn encode(&self) -> Vec<u8> {
        let mut body = self.preamble.encode();
        self.function.encode_to(&mut body);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut bytes = Compact(length).encode();
        bytes.append(&mut body);
        bytes
    }
}

impl<Address: Encode, Call: Encode, Signature: Encode, Extension: Encode> EncodeLike
    for UncheckedExtrinsic<Address, Call, Signature, Extension>
{
}

impl<Address, Call, Signature, Extension> DecodeWithMemTracking
    for UncheckedExtrinsic<Address, Call, Signature, Extension>
where
    Self: Decode,
{
}

impl<Address, Call, Signature, Extension> Decode
    for UncheckedExtrinsic<Address, Call, Signature, Extension>
where
    Preamble<Address, Signature, Extension>: Decode,
    Call: Decode,
{
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let expected = Compact::<u32>::decode(input)?.0 as usize;
        let before = input.remaining_len()?;
        let this = Self { preamble: Decode::decode(input)?, function: Decode::decode(input)? };
        match (before, input.remaining_len()?) {
            (Some(before), Some(after)) if before.saturating_sub(after) != expected => {
                Err("the extrinsic's length prefix does not match its bytes".into())
            }
            _ => Ok(this),
        }
    }
}

impl<Address, Call, Signature, Extension> TypeInfo
    for UncheckedExtrinsic<Address, Call, Signature, Extension>
where
    Address: TypeInfo + 'static,
    Call: TypeInfo + 'static,
    Signature: TypeInfo + 'static,
    Extension: TypeInfo + 'static,
{
    type Identity = Self;

    fn type_info() -> Type {
        Type::builder()
            .path(Path::new("UncheckedExtrinsic", "sp_runtime::generic::unchecked_extrinsic"))
            .type_params(vec![
                TypeParameter::new("Address", Some(meta_type::<Address>())),
                TypeParameter::new("Call", Some(meta_type::<Call>())),
                TypeParameter::new("Signature", Some(meta_type::<Signature>())),
                TypeParameter::new("Extra", Some(meta_type::<Extension>())),
            ])
            .composite(Fields::unnamed().field(|f| f.ty::<Vec<u8>>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Extrinsic = UncheckedExtrinsic<u8, u16, [u8; 2], ()>;

    #[test]
    fn encodings() {
        let cases = [
            ("bare 4", Extrinsic::new_bare(0x0201), vec![12, 4, 1, 2]),
            (
                "bare 5",
                Extrinsic { preamble: Preamble::Bare(5), function: 0x0201 },
                vec![12, 5, 1, 2],
            ),
            ("signed", Extrinsic::new_signed(1, 7, [8, 9], ()), vec![24, 0x84, 7, 8, 9, 1, 0]),
            (
                "general",
                Extrinsic { preamble: Preamble::General(0, ()), function: 1 },
                vec![16, 0x45, 0, 1, 0],
            ),
        ];
        for (desc, extrinsic, bytes) in cases {
            assert_eq!(extrinsic.encode(), bytes, "{desc}");
            assert_eq!(Extrinsic::decode(&mut &bytes[..]).unwrap(), extrinsic, "{desc}");
        }
    }

    #[test]
    fn malformed_is_refused() {
        let cases: [(&str, &[u8]); 6] = [
            ("empty", &[]),
            ("length too short", &[8, 4, 1, 2]),
            ("length too long", &[16, 4, 1, 2]),
            ("version 3", &[12, 3, 1, 2]),
            ("signed version 5", &[24, 0x85, 7, 8, 9, 1, 0]),
            ("extension version 1", &[16, 0x45, 1, 1, 0]),
        ];
        for (desc, bytes) in cases {
            assert!(Extrinsic::decode(&mut &bytes[..]).is_err(), "{desc}");
        }
    }
}
