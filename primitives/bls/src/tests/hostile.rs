//! Bytes and keys that somebody made up.

use ark_bls12_381::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use proptest::prelude::*;

use super::{keys, secrets};
use crate::point::bytes;
use crate::{
    BlsError, Claim, Key, Proof, Public, Secret, Signature, aggregate, check_signature, verify,
    verify_aggregate, verify_batch, verify_proof,
};

/// A point of G1's curve that is not in G1.
fn foreign_g1() -> Signature {
    let points = (1u64..).filter_map(|x| G1Affine::get_point_from_x_unchecked(Fq::from(x), false));
    let mut foreign = points.filter(|point| !point.is_in_correct_subgroup_assuming_on_curve());
    Signature(bytes(&foreign.next().unwrap()))
}

/// A point of G2's curve that is not in G2.
fn foreign_g2() -> Public {
    let x = |x| Fq2::new(Fq::from(x), Fq::from(1u64));
    let points = (1u64..).filter_map(|at| G2Affine::get_point_from_x_unchecked(x(at), false));
    let mut foreign = points.filter(|point| !point.is_in_correct_subgroup_assuming_on_curve());
    Public(bytes(&foreign.next().unwrap()))
}

#[test]
fn a_point_outside_of_the_subgroup_is_refused() {
    let secret = Secret::from_seed(&[1; 32]);
    let (signature, public) = (foreign_g1(), foreign_g2());
    assert_eq!(check_signature(&signature), Err(BlsError::Signature));
    assert_eq!(verify(&signature, b"m", &secret.public()), Err(BlsError::Signature));
    assert_eq!(Key::try_new(&public), Err(BlsError::Key));
    assert_eq!(verify_proof(&secret.prove(&[]), &public, &[]), Err(BlsError::Key));
    let proof = Proof(signature.0);
    assert_eq!(verify_proof(&proof, &secret.public(), &[]), Err(BlsError::Signature));
    // Nor does it get through as a part of an aggregate, or of a batch.
    let mixed = aggregate(&[secret.sign(b"m"), signature]).unwrap();
    let keys = keys(&[secret]);
    assert_eq!(verify_aggregate(&keys, b"m", &mixed), Err(BlsError::Signature));
    let claim = Claim { key: keys[0], message: b"m", signature: &mixed };
    assert_eq!(verify_batch(&[claim, claim]), Err(BlsError::Signature));
}

#[test]
fn the_identity_is_refused_everywhere() {
    let signature = Signature(bytes(&G1Affine::identity()));
    let public = Public(bytes(&G2Affine::identity()));
    assert_eq!(signature.0[0], 0xc0);
    assert_eq!(check_signature(&signature), Err(BlsError::Signature));
    assert_eq!(aggregate(&[signature]), Err(BlsError::Signature));
    assert_eq!(Key::try_new(&public), Err(BlsError::Key));
    assert_eq!(Key::known(&public), Err(BlsError::Key));
    // With the identity for both, every message would be signed.
    assert_eq!(verify(&signature, b"anything", &public), Err(BlsError::Key));
    let key = Key::try_new(&Secret::from_seed(&[1; 32]).public()).unwrap();
    assert_eq!(verify_aggregate(&[key], b"m", &signature), Err(BlsError::Signature));
}

#[test]
fn keys_that_cancel_each_other_sign_nothing() {
    let key = keys(&secrets(1)).remove(0);
    let opposite = Key(-key.0);
    let signature = Secret::from_seed(&[1; 32]).sign(b"m");
    let verified = verify_aggregate(&[key, opposite], b"m", &signature);
    assert_eq!(verified, Err(BlsError::NoKeys));
    let share = Signature(bytes(&(-G1Affine::generator())));
    let generator = Signature(bytes(&G1Affine::generator()));
    assert_eq!(aggregate(&[share, generator]), Err(BlsError::NoKeys));
}

#[test]
fn a_rogue_key_signs_for_others_and_cannot_be_registered() {
    let [victim, rogue] = [1, 2].map(|number| Secret::from_seed(&[number; 32]));
    let (victim_key, own) =
        (Key::try_new(&victim.public()).unwrap(), Key::try_new(&rogue.public()).unwrap());
    // The attacker's key less the victim's: both add up to one whose secret the attacker has.
    let difference = (own.0.into_group() - victim_key.0).into_affine();
    let claimed = Public(bytes(&difference));
    let forged = rogue.sign(b"the victim never said this");
    let keys = [victim_key, Key::try_new(&claimed).unwrap()];
    assert_eq!(verify_aggregate(&keys, b"the victim never said this", &forged), Ok(()));

    // Hence the proof, for which it would need that key's secret.
    let attempts = [
        rogue.prove(b"attacker"),
        Proof(rogue.mark_for_tests(&crate::secret::proved(&claimed, b"attacker"))),
    ];
    for proof in attempts {
        let verified = verify_proof(&proof, &claimed, b"attacker");
        assert_eq!(verified, Err(BlsError::Mismatch));
    }
}

#[test]
fn every_wrong_length_and_flag_is_an_error() {
    let secret = Secret::from_seed(&[1; 32]);
    let good = secret.sign(b"m");
    for flags in 0..8u8 {
        let mut signature = good;
        signature.0[0] = signature.0[0] & 0x1f | flags << 5;
        let is_good = signature == good;
        assert_eq!(verify(&signature, b"m", &secret.public()).is_ok(), is_good, "{flags:#b}");
    }
    // The field's own size, and all ones.
    for bytes in [[0xff; 48], [0; 48]] {
        assert_eq!(check_signature(&Signature(bytes)), Err(BlsError::Signature));
    }
    assert_eq!(Key::try_new(&Public([0xff; 96])), Err(BlsError::Key));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_panics_on_bytes(
        signature in prop::array::uniform32(any::<u8>()),
        tail in prop::array::uniform16(any::<u8>()),
        first in prop::sample::select(vec![0x80u8, 0x9a, 0xa0, 0xb9, 0xc0, 0xe0, 0x00]),
    ) {
        let mut bytes = [0; 48];
        bytes[..32].copy_from_slice(&signature);
        bytes[32..].copy_from_slice(&tail);
        bytes[0] = first;
        let mut public = [0; 96];
        public[..48].copy_from_slice(&bytes);
        public[48..].copy_from_slice(&bytes);
        let secret = Secret::from_seed(&[1; 32]);
        prop_assert!(verify(&Signature(bytes), b"m", &secret.public()).is_err());
        prop_assert!(verify(&secret.sign(b"m"), b"m", &Public(public)).is_err());
        let _ = aggregate(&[Signature(bytes), secret.sign(b"m")]);
        let _ = Key::known(&Public(public));
    }
}
