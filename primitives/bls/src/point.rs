//! Points as bytes, and messages as points.

use ark_bls12_381::{G1Affine, G1Projective, G2Affine, g1};
use ark_ec::AffineRepr;
use ark_ec::hashing::HashToCurve;
use ark_ec::hashing::curve_maps::wb::WBMap;
use ark_ec::hashing::map_to_curve_hasher::MapToCurveBasedHasher;
use ark_ff::field_hashers::DefaultFieldHasher;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use sha2::Sha256;

/// Tag of signatures, of the draft's ciphersuite.
pub(crate) const SIGNATURE_TAG: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
/// Tag of proofs of possession, of the same.
pub(crate) const PROOF_TAG: &[u8] = b"BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";

type Hasher =
    MapToCurveBasedHasher<G1Projective, DefaultFieldHasher<Sha256, 128>, WBMap<g1::Config>>;

/// `hash_to_curve` of RFC 9380 into G1.
pub(crate) fn hash(message: &[u8], tag: &[u8]) -> G1Affine {
    Hasher::new(tag)
        .and_then(|hasher| hasher.hash(message))
        .expect("the map of this curve is defined for every element of its field")
}

/// Whether a point may be checked to be in the subgroup, or was.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Subgroup {
    /// To be checked.
    Check,
    /// Checked before.
    Known,
}

/// The point of G1 in these bytes, but not the identity.
pub(crate) fn g1(bytes: &[u8; 48], subgroup: Subgroup) -> Option<G1Affine> {
    let point = G1Affine::deserialize_compressed_unchecked(&bytes[..]).ok()?;
    let is_in = subgroup == Subgroup::Known || point.is_in_correct_subgroup_assuming_on_curve();
    (is_in && !point.is_zero()).then_some(point)
}

/// The point of G2 in these bytes, but not the identity.
pub(crate) fn g2(bytes: &[u8; 96], subgroup: Subgroup) -> Option<G2Affine> {
    let point = G2Affine::deserialize_compressed_unchecked(&bytes[..]).ok()?;
    let is_in = subgroup == Subgroup::Known || point.is_in_correct_subgroup_assuming_on_curve();
    (is_in && !point.is_zero()).then_some(point)
}

/// The bytes of a point, as many as its compressed form has.
pub(crate) fn bytes<const N: usize>(point: &impl CanonicalSerialize) -> [u8; N] {
    let mut bytes = [0; N];
    point.serialize_compressed(&mut bytes[..]).expect("a compressed point has this length");
    bytes
}
