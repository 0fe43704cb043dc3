//! Checks of signatures, one by one and many at once.

use alloc::vec::Vec;

use ark_bls12_381::{Bls12_381, G1Affine, G1Projective, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Zero;
use citrate_core::bls::{Proof, Public, Signature};
use sha2::{Digest, Sha256};

use crate::point::{self, PROOF_TAG, SIGNATURE_TAG, Subgroup};
use crate::secret::proved;
use crate::{BlsError, Key};

/// Domain of the factors that a batch's claims are multiplied with.
const BATCH_DOMAIN: &[u8] = b"CITRATE/bls/batch/v1";

/// That a key, or the sum of several, has signed a message.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The key, or [`Key::sum`].
    pub key: Key,
    /// The message.
    pub message: &'a [u8],
    /// The signature, or [`aggregate`].
    pub signature: &'a Signature,
}

/// Checks that bytes are a signature of something.
///
/// # Errors
/// When they are no point of the subgroup, or the identity.
pub fn check_signature(signature: &Signature) -> Result<(), BlsError> {
    decode(&signature.0).map(|_point| ())
}

/// Adds signatures up.
///
/// # Errors
/// When one of them is no point, there are none, or they cancel each other. Which points they are is for the check of the
/// aggregate.
pub fn aggregate(signatures: &[Signature]) -> Result<Signature, BlsError> {
    let mut sum = G1Projective::zero();
    for signature in signatures {
        sum += point::g1(&signature.0, Subgroup::Known).ok_or(BlsError::Signature)?;
    }
    let sum = sum.into_affine();
    if sum.is_zero() { Err(BlsError::NoKeys) } else { Ok(Signature(point::bytes(&sum))) }
}

/// Checks the signature of one key.
///
/// # Errors
/// When it is not one of this message by this key.
pub fn verify(signature: &Signature, message: &[u8], public: &Public) -> Result<(), BlsError> {
    verify_aggregate(&[Key::try_new(public)?], message, signature)
}

/// Checks that who shows a public key as `holder` has its secret; gives the key.
///
/// # Errors
/// When the proof is another one's, or of another key.
pub fn verify_proof(proof: &Proof, public: &Public, holder: &[u8]) -> Result<Key, BlsError> {
    let key = Key::try_new(public)?;
    let message = point::hash(&proved(public, holder), PROOF_TAG);
    check(&[(message, key.0)], decode(&proof.0)?)?;
    Ok(key)
}

/// Checks that all of these keys have signed one message. The caller has verified a proof of possession of each.
///
/// # Errors
/// When they have not, or there are none.
pub fn verify_aggregate(
    keys: &[Key],
    message: &[u8],
    signature: &Signature,
) -> Result<(), BlsError> {
    let sum = Key::sum(keys)?;
    check(&[(point::hash(message, SIGNATURE_TAG), sum.0)], decode(&signature.0)?)
}

/// Checks several claims with one pairing: whether all of them hold. Nothing holds for sure if one does not.
///
/// Each claim is multiplied with a factor of 128 bits that depends on all of them. Whoever makes claims that are wrong and
/// cancel each other would have to know the factors first, and finds such claims with a chance of 2^-128 for each hash that
/// it tries.
///
/// # Errors
/// When a claim does not hold. Without claims all do.
pub fn verify_batch(claims: &[Claim<'_>]) -> Result<(), BlsError> {
    if let [claim] = claims {
        return verify_aggregate(&[claim.key], claim.message, claim.signature);
    }
    let mut decoded = Vec::with_capacity(claims.len());
    let mut transcript = Sha256::new_with_prefix(BATCH_DOMAIN);
    for claim in claims {
        let signature = decode(&claim.signature.0)?;
        transcript.update(point::bytes::<96>(&claim.key.0));
        // Of one length, so that the bytes cannot be read in two ways.
        transcript.update(Sha256::digest(claim.message));
        transcript.update(claim.signature.0);
        decoded.push((point::hash(claim.message, SIGNATURE_TAG), claim.key.0, signature));
    }
    let seed = transcript.finalize();
    let mut signatures = G1Projective::zero();
    let mut pairs = Vec::with_capacity(decoded.len());
    for (index, (message, key, signature)) in (0u64..).zip(decoded) {
        let factor = factor(&seed, index);
        signatures += signature.mul_bigint(factor);
        pairs.push((message.mul_bigint(factor).into_affine(), key));
    }
    check(&pairs, signatures.into_affine())
}

/// A claim's factor, in limbs.
fn factor(seed: &[u8], index: u64) -> [u64; 2] {
    let digest = Sha256::new_with_prefix(seed).chain_update(index.to_le_bytes()).finalize();
    let limb = |at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[at..at + 8]);
        u64::from_le_bytes(bytes)
    };
    [limb(0), limb(8)]
}

fn decode(signature: &[u8; 48]) -> Result<G1Affine, BlsError> {
    point::g1(signature, Subgroup::Check).ok_or(BlsError::Signature)
}

/// Whether the product of the pairings of messages and keys is that of the signature and the generator.
fn check(pairs: &[(G1Affine, G2Affine)], signature: G1Affine) -> Result<(), BlsError> {
    let first = pairs.iter().map(|(message, _)| *message).chain([signature]);
    let second = pairs.iter().map(|(_, key)| *key).chain([-G2Affine::generator()]);
    let is_one = Bls12_381::multi_pairing(first, second).is_zero();
    if is_one { Ok(()) } else { Err(BlsError::Mismatch) }
}
