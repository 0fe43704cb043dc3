//! Signatures and the accounts behind them.

use citrate_core::{AccountId32, MultiSignature, MultiSigner, ecdsa, ed25519, sr25519};

/// A key that belongs to an account.
pub trait IdentifyAccount {
    /// The account.
    type AccountId;
    /// The account of this key.
    fn into_account(self) -> Self::AccountId;
}

impl IdentifyAccount for MultiSigner {
    type AccountId = AccountId32;
    fn into_account(self) -> AccountId32 {
        Self::into_account(self)
    }
}

/// A signature that can be checked.
pub trait Verify {
    /// The key that signs.
    type Signer: IdentifyAccount;
    /// Whether this is `signer`'s signature of `message`.
    fn verify(&self, message: &[u8], signer: &<Self::Signer as IdentifyAccount>::AccountId)
    -> bool;
}

impl Verify for MultiSignature {
    type Signer = MultiSigner;

    fn verify(&self, message: &[u8], signer: &AccountId32) -> bool {
        let account: &[u8; 32] = signer.as_ref();
        match self {
            Self::Ed25519(signature) => {
                citrate_host::crypto::ed25519_verify(signature, message, &ed25519::Public(*account))
            }
            Self::Sr25519(signature) => {
                citrate_host::crypto::sr25519_verify(signature, message, &sr25519::Public(*account))
            }
            Self::Ecdsa(signature) => recovered(signature, message).is_some_and(|public| {
                citrate_host::hashing::blake2_256(public.as_bytes()) == *account
            }),
        }
    }
}

/// The key that made a recoverable signature of `message`.
fn recovered(signature: &ecdsa::Signature, message: &[u8]) -> Option<ecdsa::Public> {
    let hash = citrate_host::hashing::blake2_256(message);
    citrate_host::crypto::secp256k1_ecdsa_recover_compressed(signature.as_bytes(), &hash)
        .ok()
        .map(ecdsa::Public)
}
