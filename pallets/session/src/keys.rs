//! Structs of session keys: one key for each of a node's roles.

use alloc::vec::Vec;
use citrate_core::{KeyTypeId, ed25519, sr25519};
use citrate_host::crypto;
use codec::{Decode, Encode};

/// A public key whose secret is in the node's keystore.
pub trait RoleKey: Copy + AsRef<[u8]> {
    /// A signature with it.
    type Signature: Encode + Decode;

    /// Makes a key in the node's keystore, from a secret URI if one is given.
    fn generate(id: KeyTypeId, seed: Option<Vec<u8>>) -> Self;

    /// Signs with the key; `None` if the keystore does not have it.
    fn sign(&self, id: KeyTypeId, message: &[u8]) -> Option<Self::Signature>;

    /// Whether the key signed the message.
    fn verify(&self, message: &[u8], signature: &Self::Signature) -> bool;
}

impl RoleKey for sr25519::Public {
    type Signature = sr25519::Signature;

    fn generate(id: KeyTypeId, seed: Option<Vec<u8>>) -> Self {
        crypto::sr25519_generate(id, seed)
    }

    fn sign(&self, id: KeyTypeId, message: &[u8]) -> Option<Self::Signature> {
        crypto::sr25519_sign(id, self, message)
    }

    fn verify(&self, message: &[u8], signature: &Self::Signature) -> bool {
        crypto::sr25519_verify(signature, message, self)
    }
}

impl RoleKey for ed25519::Public {
    type Signature = ed25519::Signature;

    fn generate(id: KeyTypeId, seed: Option<Vec<u8>>) -> Self {
        crypto::ed25519_generate(id, seed)
    }

    fn sign(&self, id: KeyTypeId, message: &[u8]) -> Option<Self::Signature> {
        crypto::ed25519_sign(id, self, message)
    }

    fn verify(&self, message: &[u8], signature: &Self::Signature) -> bool {
        crypto::ed25519_verify(signature, message, self)
    }
}

/// What each key signs for its owner.
#[doc(hidden)]
pub fn statement(owner: &[u8]) -> Vec<u8> {
    (b"CITRATE/runtime/session-keys".as_slice(), owner).encode()
}

/// Declares a runtime's session keys: a struct with one key for each role, each with its type and the keystore's id.
///
/// ```
/// use citrate_core::{ed25519, key_types, sr25519};
///
/// pallet_session::impl_opaque_keys! {
///     /// The public keys of a node's roles.
///     pub struct SessionKeys {
///         /// Elects and seals blocks.
///         pub dag: sr25519::Public = key_types::DAG,
///         /// Votes on finality.
///         pub grandpa: ed25519::Public = key_types::GRANDPA,
///     }
/// }
///
/// // Keys have to be proved by their owner, and nothing is no proof.
/// use pallet_session::OpaqueKeys;
/// let keys = SessionKeys { dag: sr25519::Public([1; 32]), grandpa: ed25519::Public([2; 32]) };
/// assert_eq!(keys.raw_keys().len(), 2);
/// assert!(!keys.ownership_proof_is_valid(b"owner", &[]));
/// ```
///
/// The struct implements [`OpaqueKeys`](crate::OpaqueKeys), and has what the runtime API `SessionKeys` answers:
/// `generate` and `decode_into_raw_public_keys`.
#[macro_export]
macro_rules! impl_opaque_keys {
    (
        $(#[$outer:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$inner:meta])* $key_vis:vis $key:ident : $public:ty = $id:expr ),+ $(,)?
        }
    ) => {
        $(#[$outer])*
        #[derive(
            Clone, PartialEq, Eq, Debug,
            $crate::__private::codec::Encode,
            $crate::__private::codec::Decode,
            $crate::__private::codec::DecodeWithMemTracking,
            $crate::__private::codec::MaxEncodedLen,
            $crate::__private::scale_info::TypeInfo,
            $crate::__private::serde::Serialize,
            $crate::__private::serde::Deserialize,
        )]
        #[codec(crate = $crate::__private::codec)]
        #[scale_info(crate = $crate::__private::scale_info)]
        #[serde(crate = "citrate_support::__private::serde")]
        $vis struct $name {
            $( $(#[$inner])* $key_vis $key: $public, )+
        }

        impl $name {
            /// Makes a key for every role in the node's keystore, and proves that their maker owns them: each key
            /// signs the owner's bytes. `seed` is a secret URI in UTF-8.
            pub fn generate(
                owner: &[u8],
                seed: Option<$crate::__private::Vec<u8>>,
            ) -> $crate::__private::OpaqueGeneratedSessionKeys {
                use $crate::__private::{Encode as _, RoleKey as _};
                let keys = Self { $( $key: <$public>::generate($id, seed.clone()), )+ };
                let statement = $crate::__private::statement(owner);
                // A keystore signs with the keys that it made just now; where it does not, there is no proof.
                let proof = (|| Some(($( keys.$key.sign($id, &statement)?, )+)))();
                let proof = proof.map(|proof| proof.encode()).unwrap_or_default();
                $crate::__private::OpaqueGeneratedSessionKeys { keys: keys.encode(), proof }
            }

            /// The keys and their types, from their encoding.
            pub fn decode_into_raw_public_keys(
                encoded: &[u8],
            ) -> Option<$crate::__private::Vec<($crate::__private::Vec<u8>, $crate::__private::KeyTypeId)>> {
                use $crate::__private::DecodeAll as _;
                let keys = Self::decode_all(&mut &*encoded).ok()?;
                let raw = $crate::OpaqueKeys::raw_keys(&keys).into_iter();
                Some(raw.map(|(id, key)| (key.into_inner(), id)).collect())
            }
        }

        impl $crate::OpaqueKeys for $name {
            fn raw_keys(&self) -> $crate::__private::Vec<($crate::__private::KeyTypeId, $crate::RawKey)> {
                // A public key is within the limit: nothing is cut off.
                let raw = |key: &[u8]| $crate::RawKey::truncate_from(key.to_vec());
                [$( ($id, raw(self.$key.as_ref())), )+].into()
            }

            fn ownership_proof_is_valid(&self, owner: &[u8], mut proof: &[u8]) -> bool {
                use $crate::__private::{DecodeAll as _, RoleKey};
                let statement = $crate::__private::statement(owner);
                let signatures = <($( <$public as RoleKey>::Signature, )+)>::decode_all(&mut proof);
                let Ok(($( $key, )+)) = signatures else { return false };
                $( self.$key.verify(&statement, &$key) )&&+
            }
        }
    };
}
