//! Keys and signatures of any of the schemes that accounts may use.

use super::{AccountId32, ecdsa, ed25519, sr25519};
use crate::hashing::blake2_256;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::{
    Path, Type, TypeInfo,
    build::{Fields, Variants},
};

/// A signature of any supported scheme.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen,
)]
pub enum MultiSignature {
    /// Ed25519, verified by the rules of ZIP-215.
    Ed25519(ed25519::Signature),
    /// Schnorr over Ristretto, context `substrate`.
    Sr25519(sr25519::Signature),
    /// ECDSA over secp256k1, of the blake2-256 of the message.
    Ecdsa(ecdsa::Signature),
}

impl TypeInfo for MultiSignature {
    type Identity = Self;
    fn type_info() -> Type {
        let variants = Variants::new()
            .variant("Ed25519", |v| v.index(0).fields(one::<[u8; 64]>("ed25519::Signature")))
            .variant("Sr25519", |v| v.index(1).fields(one::<[u8; 64]>("sr25519::Signature")))
            .variant("Ecdsa", |v| v.index(2).fields(one::<[u8; 65]>("ecdsa::Signature")));
        Type::builder().path(Path::new("MultiSignature", "sp_runtime")).variant(variants)
    }
}

fn one<T: TypeInfo + 'static>(
    name: &'static str,
) -> scale_info::build::FieldsBuilder<scale_info::form::MetaForm, scale_info::build::UnnamedFields>
{
    Fields::unnamed().field(|f| f.ty::<T>().type_name(name))
}

impl MultiSignature {
    /// Whether this is a signature of `message` by `account`.
    #[cfg(feature = "std")]
    pub fn verify(&self, message: &[u8], account: &AccountId32) -> bool {
        let key: [u8; 32] = account.clone().into();
        match self {
            Self::Ed25519(signature) => ed25519::verify(signature, message, &key.into()),
            Self::Sr25519(signature) => sr25519::verify(signature, message, &key.into()),
            Self::Ecdsa(signature) => ecdsa::recover(signature, &blake2_256(message))
                .is_some_and(|public| MultiSigner::Ecdsa(public).into_account() == *account),
        }
    }
}

impl From<ed25519::Signature> for MultiSignature {
    fn from(signature: ed25519::Signature) -> Self {
        Self::Ed25519(signature)
    }
}

impl From<sr25519::Signature> for MultiSignature {
    fn from(signature: sr25519::Signature) -> Self {
        Self::Sr25519(signature)
    }
}

impl From<ecdsa::Signature> for MultiSignature {
    fn from(signature: ecdsa::Signature) -> Self {
        Self::Ecdsa(signature)
    }
}

/// A public key of any supported scheme.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[scale_info(replace_segment("citrate_core", "sp_runtime"))]
pub enum MultiSigner {
    /// Ed25519.
    Ed25519(ed25519::Public),
    /// Schnorr over Ristretto.
    Sr25519(sr25519::Public),
    /// ECDSA over secp256k1.
    Ecdsa(ecdsa::Public),
}

impl MultiSigner {
    /// The account that the key controls: its bytes, or their blake2-256 for ECDSA.
    pub fn into_account(self) -> AccountId32 {
        match self {
            Self::Ed25519(public) => public.0.into(),
            Self::Sr25519(public) => public.0.into(),
            Self::Ecdsa(public) => blake2_256(&public.0).into(),
        }
    }
}

impl From<ed25519::Public> for MultiSigner {
    fn from(public: ed25519::Public) -> Self {
        Self::Ed25519(public)
    }
}

impl From<sr25519::Public> for MultiSigner {
    fn from(public: sr25519::Public) -> Self {
        Self::Sr25519(public)
    }
}

impl From<ecdsa::Public> for MultiSigner {
    fn from(public: ecdsa::Public) -> Self {
        Self::Ecdsa(public)
    }
}
