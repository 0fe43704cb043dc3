//! What is accepted, and above all what is not.

mod hostile;
mod peer;

use proptest::prelude::*;

use crate::{
    BlsError, Claim, Key, Secret, Signature, aggregate, verify, verify_aggregate, verify_batch,
    verify_proof,
};

/// Different secrets.
fn secrets(count: u8) -> Vec<Secret> {
    (1..=count).map(|number| Secret::from_seed(&[number; 32])).collect()
}

fn keys(secrets: &[Secret]) -> Vec<Key> {
    secrets.iter().map(|secret| Key::try_new(&secret.public()).unwrap()).collect()
}

fn signed(secrets: &[Secret], message: &[u8]) -> Signature {
    let shares: Vec<Signature> = secrets.iter().map(|secret| secret.sign(message)).collect();
    aggregate(&shares).unwrap()
}

#[test]
fn an_aggregate_is_of_all_its_signers_and_of_one_message() {
    let secrets = secrets(5);
    let keys = keys(&secrets);
    let signature = signed(&secrets, b"message");
    assert_eq!(verify_aggregate(&keys, b"message", &signature), Ok(()));
    let known: Vec<Key> =
        secrets.iter().map(|secret| Key::known(&secret.public()).unwrap()).collect();
    assert_eq!(known, keys);
    for (keys, message) in [
        (&keys[..4], &b"message"[..]),
        (&keys[1..], b"message"),
        (&[keys[0], keys[1], keys[2], keys[3], keys[3]], b"message"),
        (&keys[..], b"massage"),
        (&keys[..], b""),
    ] {
        let checked = verify_aggregate(keys, message, &signature);
        assert_eq!(checked, Err(BlsError::Mismatch), "{} keys, {message:?}", keys.len());
    }
    assert_eq!(verify_aggregate(&[], b"message", &signature), Err(BlsError::NoKeys));
    assert_eq!(aggregate(&[]), Err(BlsError::NoKeys));
}

#[test]
fn a_batch_holds_only_if_each_of_its_claims_does() {
    let secrets = secrets(4);
    let keys = keys(&secrets);
    let messages: [&[u8]; 3] = [b"first", b"second", b"first"];
    let ranges = [0..3, 1..4, 2..4];
    let signatures: Vec<Signature> = ranges
        .iter()
        .zip(messages)
        .map(|(range, message)| signed(&secrets[range.clone()], message))
        .collect();
    let claims = |signatures: &[Signature]| -> Result<(), BlsError> {
        let claims: Vec<Claim<'_>> = (0..signatures.len())
            .map(|at| Claim {
                key: Key::sum(&keys[ranges[at].clone()]).unwrap(),
                message: messages[at],
                signature: &signatures[at],
            })
            .collect();
        verify_batch(&claims)
    };
    assert_eq!(verify_batch(&[]), Ok(()));
    for count in 1..=3 {
        assert_eq!(claims(&signatures[..count]), Ok(()), "{count} claims");
    }
    for wrong in 0..3 {
        let mut signatures = signatures.clone();
        signatures[wrong] = secrets[0].sign(b"something else");
        assert_eq!(claims(&signatures), Err(BlsError::Mismatch), "claim {wrong}");
    }
    // Two that are swapped add up to the same.
    let swapped = [signatures[1], signatures[0], signatures[2]];
    assert_eq!(claims(&swapped), Err(BlsError::Mismatch));
}

#[test]
fn a_proof_of_possession_is_of_one_key_and_one_holder() {
    let [first, second] = [1, 2].map(|number| Secret::from_seed(&[number; 32]));
    let proof = first.prove(b"Alice");
    assert!(verify_proof(&proof, &first.public(), b"Alice").is_ok());
    for (public, holder) in
        [(first.public(), &b"Bob"[..]), (first.public(), b""), (second.public(), b"Alice")]
    {
        assert_eq!(verify_proof(&proof, &public, holder), Err(BlsError::Mismatch));
    }
    // What is signed as a message proves nothing, and a proof signs no message.
    let message = [&first.public().0[..], b"Alice"].concat();
    let as_proof = crate::Proof(first.sign(&message).0);
    assert_eq!(verify_proof(&as_proof, &first.public(), b"Alice"), Err(BlsError::Mismatch));
    let as_signature = Signature(proof.0);
    assert_eq!(verify(&as_signature, &message, &first.public()), Err(BlsError::Mismatch));
}

#[test]
fn a_secret_does_not_show_itself() {
    let secret = Secret::from_seed(&[7; 32]);
    assert_eq!(format!("{secret:?}"), format!("Secret({:?})", secret.public()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whoever_signs_is_verified(seed: [u8; 32], message: Vec<u8>, other: Vec<u8>) {
        let secret = Secret::from_seed(&seed);
        let signature = secret.sign(&message);
        prop_assert_eq!(verify(&signature, &message, &secret.public()), Ok(()));
        let expected = if other == message { Ok(()) } else { Err(BlsError::Mismatch) };
        prop_assert_eq!(verify(&signature, &other, &secret.public()), expected);
    }

    #[test]
    fn a_flipped_bit_is_found(at in 0..48usize, bit in 0..8u8) {
        let secret = Secret::from_seed(&[3; 32]);
        let mut signature = secret.sign(b"message");
        signature.0[at] ^= 1 << bit;
        prop_assert!(verify(&signature, b"message", &secret.public()).is_err());
    }
}
