//! Beside blst, which implements the same drafts on its own.

use blst::BLST_ERROR;
use blst::min_sig::{AggregateSignature, PublicKey, SecretKey, Signature as PeerSignature};

use super::{keys, secrets, signed};
use crate::point::{PROOF_TAG, SIGNATURE_TAG};
use crate::{Proof, Public, Secret, Signature, verify, verify_aggregate, verify_proof};

fn peer(number: u8) -> SecretKey {
    SecretKey::key_gen(&[number; 32], &[]).unwrap()
}

#[test]
fn keys_signatures_and_proofs_are_blsts_to_the_byte() {
    for (number, message) in [(1, &b""[..]), (2, b"message"), (255, &[0xff; 500])] {
        let (ours, theirs) = (Secret::from_seed(&[number; 32]), peer(number));
        let public = theirs.sk_to_pk().compress();
        assert_eq!(ours.public(), Public(public));
        assert_eq!(ours.sign(message).0, theirs.sign(message, SIGNATURE_TAG, &[]).compress());
        // PopProve signs the key's bytes under a tag of its own.
        assert_eq!(ours.prove(&[]).0, theirs.sign(&public, PROOF_TAG, &[]).compress());
        let with_holder = [&public[..], b"holder"].concat();
        assert_eq!(ours.prove(b"holder").0, theirs.sign(&with_holder, PROOF_TAG, &[]).compress());
    }
}

#[test]
fn each_verifies_what_the_other_has_signed() {
    let (theirs, message) = (peer(9), b"message");
    let public = Public(theirs.sk_to_pk().compress());
    let signature = Signature(theirs.sign(message, SIGNATURE_TAG, &[]).compress());
    assert_eq!(verify(&signature, message, &public), Ok(()));
    let proof = Proof(theirs.sign(&public.0, PROOF_TAG, &[]).compress());
    assert!(verify_proof(&proof, &public, &[]).is_ok());

    let ours = Secret::from_seed(&[9; 32]);
    let key = PublicKey::key_validate(&ours.public().0).unwrap();
    let signature = PeerSignature::sig_validate(&ours.sign(message).0, true).unwrap();
    let verified = signature.verify(true, message, SIGNATURE_TAG, &[], &key, true);
    assert_eq!(verified, BLST_ERROR::BLST_SUCCESS);
}

#[test]
fn aggregates_are_the_same_and_verify_both_ways() {
    let ours = secrets(5);
    let theirs: Vec<SecretKey> = (1..=5).map(peer).collect();
    let shares: Vec<PeerSignature> =
        theirs.iter().map(|secret| secret.sign(b"message", SIGNATURE_TAG, &[])).collect();
    let shares: Vec<&PeerSignature> = shares.iter().collect();
    let theirs_sum = AggregateSignature::aggregate(&shares, true).unwrap().to_signature();
    let ours_sum = signed(&ours, b"message");
    assert_eq!(ours_sum.0, theirs_sum.compress());
    assert_eq!(verify_aggregate(&keys(&ours), b"message", &ours_sum), Ok(()));
    let publics: Vec<PublicKey> = theirs.iter().map(SecretKey::sk_to_pk).collect();
    let publics: Vec<&PublicKey> = publics.iter().collect();
    let sum = PeerSignature::sig_validate(&ours_sum.0, true).unwrap();
    let verified = sum.fast_aggregate_verify(true, b"message", SIGNATURE_TAG, &publics);
    assert_eq!(verified, BLST_ERROR::BLST_SUCCESS);
}
