//! What a key in the keystore is for.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Four bytes that say what a key in the keystore is for.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct KeyTypeId(pub [u8; 4]);

impl TryFrom<&str> for KeyTypeId {
    type Error = ();
    fn try_from(text: &str) -> Result<Self, ()> {
        text.as_bytes().try_into().map(Self).map_err(|_error| ())
    }
}

impl core::fmt::Display for KeyTypeId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(core::str::from_utf8(&self.0).unwrap_or("????"))
    }
}

/// The key types in use.
pub mod key_types {
    use super::KeyTypeId;

    /// Authors and seals blocks (sr25519).
    pub const DAG: KeyTypeId = KeyTypeId(*b"gdag");
    /// Votes for finality (ed25519).
    pub const GRANDPA: KeyTypeId = KeyTypeId(*b"gran");
    /// Serves inference jobs and signs their receipts (sr25519).
    pub const PROVIDER: KeyTypeId = KeyTypeId(*b"prov");
    /// Attests the results of inference jobs together with other providers (BLS12-381).
    pub const PROVIDER_BLS: KeyTypeId = KeyTypeId(*b"pbls");
    /// Controls an account.
    pub const ACCOUNT: KeyTypeId = KeyTypeId(*b"acco");
}
