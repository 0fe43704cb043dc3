//! BLS12-381 signatures: aggregation, proofs of possession, and many checked in one pairing.
//!
//! The scheme is that of draft-irtf-cfrg-bls-signature-05 with proofs of possession, in the variant with short signatures:
//! signatures are points of G1, public keys of G2 (ADR 006 says why). Arithmetic is arkworks', in WebAssembly as natively.
//!
//! - [`Secret`]: made of a seed; signs, and proves that its holder has it.
//! - [`Key`]: a public key that was checked. Keys are aggregated only with a [`verify_proof`] of each: without it, somebody could
//!   choose a key that cancels another one's and sign for both.
//! - [`aggregate`], [`verify_aggregate`], [`verify_batch`]: many signatures of one message, as one; and several of those at once.
//!
//! INVARIANT: whatever the bytes, the answer is a result and no panic; a point outside of the right subgroup and the
//! identity are refused.
//!
//! Secrets are used in variable time: whoever can measure the signer's machine from inside is not kept out.
//!
//! ```
//! use citrate_bls::{Key, Secret, aggregate, verify_aggregate, verify_proof};
//!
//! let secrets = [[1; 32], [2; 32]].map(|seed| Secret::from_seed(&seed));
//! let mut keys = Vec::new();
//! for secret in &secrets {
//!     keys.push(verify_proof(&secret.prove(b"holder"), &secret.public(), b"holder")?);
//! }
//! let signature = aggregate(&secrets.each_ref().map(|secret| secret.sign(b"message")))?;
//! verify_aggregate(&keys, b"message", &signature)?;
//! # Ok::<(), citrate_bls::BlsError>(())
//! ```

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod check;
mod error;
mod key;
mod point;
mod secret;

#[cfg(test)]
mod tests;

pub use check::{
    Claim, aggregate, check_signature, verify, verify_aggregate, verify_batch, verify_proof,
};
pub use citrate_core::bls::{Proof, Public, Signature};
pub use error::BlsError;
pub use key::Key;
pub use secret::Secret;
