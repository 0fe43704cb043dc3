//! A wallet may sign the hash of the metadata that it decoded the transaction with.

use citrate_core::{TransactionValidityError, UnknownTransaction};
use citrate_support::{impl_tx_ext_default, transaction_extension::TransactionExtension};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use scale_info::TypeInfo;

use crate::Config;

/// The hash of this runtime's metadata in hexadecimal, if the build computed one.
const METADATA_HASH: Option<[u8; 32]> = match option_env!("RUNTIME_METADATA_HASH") {
    Some(text) => Some(from_hex(text.as_bytes())),
    None => None,
};

/// Decodes 64 hexadecimal digits, with or without `0x`.
const fn from_hex(text: &[u8]) -> [u8; 32] {
    let start = if text.len() == 66 && text[0] == b'0' && text[1] == b'x' { 2 } else { 0 };
    assert!(text.len() == start + 64, "RUNTIME_METADATA_HASH is 64 hexadecimal digits");
    let mut hash = [0; 32];
    let mut i = 0;
    while i < 32 {
        hash[i] = digit(text[start + 2 * i]) << 4 | digit(text[start + 2 * i + 1]);
        i += 1;
    }
    hash
}

#[expect(clippy::panic, reason = "at compile time")]
const fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => panic!("RUNTIME_METADATA_HASH is hexadecimal"),
    }
}

/// Whether the hash of the metadata is signed.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
#[scale_info(replace_segment("pallet_system", "frame_metadata_hash_extension"))]
pub enum Mode {
    /// It is not.
    #[default]
    Disabled,
    /// It is.
    Enabled,
}

/// The transaction was decoded with this runtime's metadata, if its signer asks for the check.
#[derive(Clone, Eq, PartialEq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[codec(encode_bound())]
#[codec(decode_bound())]
#[codec(decode_with_mem_tracking_bound())]
#[scale_info(
    skip_type_params(T),
    replace_segment("pallet_system", "frame_metadata_hash_extension")
)]
pub struct CheckMetadataHash<T> {
    /// Whether the hash is signed.
    pub mode: Mode,
    #[codec(skip)]
    phantom: PhantomData<T>,
}

impl<T> CheckMetadataHash<T> {
    /// The extension; `enable` asks for the check.
    pub fn new(enable: bool) -> Self {
        let mode = if enable { Mode::Enabled } else { Mode::Disabled };
        Self { mode, phantom: PhantomData }
    }

    /// What is signed under a known hash.
    fn implicit_with(
        &self,
        hash: Option<[u8; 32]>,
    ) -> Result<Option<[u8; 32]>, TransactionValidityError> {
        match (self.mode, hash) {
            (Mode::Disabled, _) => Ok(None),
            (Mode::Enabled, Some(hash)) => Ok(Some(hash)),
            (Mode::Enabled, None) => Err(UnknownTransaction::CannotLookup.into()),
        }
    }
}

impl<T> fmt::Debug for CheckMetadataHash<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckMetadataHash({:?})", self.mode)
    }
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckMetadataHash<T> {
    const IDENTIFIER: &'static str = "CheckMetadataHash";
    type Implicit = Option<[u8; 32]>;
    type Val = ();
    type Pre = ();
    fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
        self.implicit_with(METADATA_HASH)
    }
    impl_tx_ext_default!(T::RuntimeCall; validate prepare);
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;

    #[test]
    fn the_hash_is_signed_only_when_asked_for() {
        let (off, on) = (CheckMetadataHash::<()>::new(false), CheckMetadataHash::<()>::new(true));
        assert_eq!((off.encode(), on.encode()), (vec![0], vec![1]));
        assert_eq!(off.implicit_with(Some([1; 32])), Ok(None));
        assert_eq!(on.implicit_with(Some([1; 32])), Ok(Some([1; 32])));
        assert!(on.implicit_with(None).is_err());
        assert_eq!(from_hex(&[b'a'; 64]), [0xaa; 32]);
    }
}
