//! Both variants of BLS signatures: [`KeysInG2`] is what `citrate-bls` does; [`KeysInG1`] is the other one, as short as it can be.

use alloc::vec::Vec;
use ark_bls12_381::{Bls12_381, G1Affine, G1Projective, G2Affine, G2Projective, g2};
use ark_ec::hashing::HashToCurve;
use ark_ec::hashing::curve_maps::wb::WBMap;
use ark_ec::hashing::map_to_curve_hasher::MapToCurveBasedHasher;
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{PrimeField, Zero};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use citrate_bls::{Claim, Key, Proof, Public, Secret, Signature};
use codec::{Decode, Encode};
use sha2::Sha256;

/// A message with the signature of several keys, as bytes.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Signed {
    /// Public keys, compressed.
    pub keys: Vec<Vec<u8>>,
    /// The message.
    pub message: Vec<u8>,
    /// Each key's signature, compressed.
    pub shares: Vec<Vec<u8>>,
    /// Their sum, compressed.
    pub sum: Vec<u8>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Work {
    /// To call, and to decode the arguments.
    Nothing,
    /// To check the sum by the keys, which are known to be in their subgroup.
    Sum,
    /// To check that the shares are points of their subgroup.
    Shares,
    /// To check one share as a proof of possession is: the key's subgroup too.
    Proof,
    /// To check so many copies of the sum as a batch, each with the decoding and adding of its keys and shares.
    Batch(u32),
}

/// A variant of the scheme.
pub trait Variant {
    /// A message signed by so many keys.
    fn sign(signers: u8) -> Signed;
    /// Does what is measured; false if it is refused.
    fn work(signed: &Signed, work: Work) -> bool;
}

/// Public keys in G2, signatures in G1: `citrate-bls`.
#[derive(Debug)]
pub struct KeysInG2;

impl Variant for KeysInG2 {
    fn sign(signers: u8) -> Signed {
        let secrets: Vec<Secret> = (1..=signers).map(|n| Secret::from_seed(&[n; 32])).collect();
        let message = b"a statement about a job, some hundred bytes long".repeat(2);
        let shares: Vec<Signature> = secrets.iter().map(|secret| secret.sign(&message)).collect();
        let sum = citrate_bls::aggregate(&shares).map(|sum| sum.0.to_vec()).unwrap_or_default();
        Signed {
            keys: secrets.iter().map(|secret| secret.public().0.to_vec()).collect(),
            shares: shares.iter().map(|share| share.0.to_vec()).collect(),
            message,
            sum,
        }
    }

    fn work(signed: &Signed, work: Work) -> bool {
        g2_keys(signed, work).is_some()
    }
}

fn g2_keys(signed: &Signed, work: Work) -> Option<()> {
    let signature = |bytes: &Vec<u8>| Signature::try_from(&bytes[..]).ok();
    let public = |bytes: &Vec<u8>| Public::try_from(&bytes[..]).ok();
    let key = || {
        let key = |bytes: &Vec<u8>| Key::known(&public(bytes)?).ok();
        Key::sum(&signed.keys.iter().map(key).collect::<Option<Vec<Key>>>()?).ok()
    };
    match work {
        Work::Nothing => Some(()),
        Work::Sum => {
            citrate_bls::verify_aggregate(&[key()?], &signed.message, &signature(&signed.sum)?).ok()
        }
        Work::Shares => signed
            .shares
            .iter()
            .try_for_each(|share| citrate_bls::check_signature(&signature(share)?).ok()),
        Work::Proof => {
            let (public, share) = (public(signed.keys.first()?)?, signed.shares.first()?);
            // A signature is none, but as much work.
            let proof = Proof::try_from(&share[..]).ok()?;
            citrate_bls::verify_proof(&proof, &public, b"holder").is_err().then_some(())
        }
        Work::Batch(count) => {
            let mut sums = Vec::new();
            for _ in 0..count {
                let shares = signed.shares.iter().map(signature).collect::<Option<Vec<_>>>()?;
                sums.push((key()?, citrate_bls::aggregate(&shares).ok()?));
            }
            let message = &signed.message;
            let claims: Vec<Claim<'_>> = sums
                .iter()
                .map(|(key, sum)| Claim { key: *key, message, signature: sum })
                .collect();
            citrate_bls::verify_batch(&claims).ok()
        }
    }
}

/// Public keys in G1, signatures in G2.
#[derive(Debug)]
pub struct KeysInG1;

const TAG: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

fn hash(message: &[u8]) -> Option<G2Affine> {
    type Field = ark_ff::field_hashers::DefaultFieldHasher<Sha256, 128>;
    type Hasher = MapToCurveBasedHasher<G2Projective, Field, WBMap<g2::Config>>;
    Hasher::new(TAG).ok()?.hash(message).ok()
}

fn bytes(point: &impl CanonicalSerialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A vector takes everything.
    let _ = point.serialize_compressed(&mut bytes);
    bytes
}

impl Variant for KeysInG1 {
    fn sign(signers: u8) -> Signed {
        let message = b"a statement about a job, some hundred bytes long".repeat(2);
        let point = hash(&message).unwrap_or_default();
        let secrets: Vec<ark_bls12_381::Fr> =
            (1..=signers).map(|n| PrimeField::from_be_bytes_mod_order(&[n; 32])).collect();
        let shares: Vec<G2Affine> =
            secrets.iter().map(|secret| (point * secret).into_affine()).collect();
        let sum: G2Projective = shares.iter().sum();
        Signed {
            keys: secrets
                .iter()
                .map(|secret| bytes(&(G1Affine::generator() * secret).into_affine()))
                .collect(),
            shares: shares.iter().map(bytes).collect(),
            message,
            sum: bytes(&sum.into_affine()),
        }
    }

    fn work(signed: &Signed, work: Work) -> bool {
        g1_keys(signed, work).is_some()
    }
}

fn g1_keys(signed: &Signed, work: Work) -> Option<()> {
    let known = |bytes: &Vec<u8>| G1Affine::deserialize_compressed_unchecked(&bytes[..]).ok();
    let share = |bytes: &Vec<u8>| G2Affine::deserialize_compressed_unchecked(&bytes[..]).ok();
    let checked =
        |bytes: &Vec<u8>| share(bytes).filter(G2Affine::is_in_correct_subgroup_assuming_on_curve);
    let key = || {
        let keys = signed.keys.iter().map(known).collect::<Option<Vec<_>>>()?;
        Some(keys.iter().sum::<G1Projective>().into_affine())
    };
    let is_right = |keys: Vec<G1Affine>, messages: Vec<G2Affine>, sum: G2Affine| {
        let first = keys.into_iter().chain([-G1Affine::generator()]);
        Bls12_381::multi_pairing(first, messages.into_iter().chain([sum])).is_zero()
    };
    match work {
        Work::Nothing => Some(()),
        Work::Sum => {
            let (message, sum) = (hash(&signed.message)?, checked(&signed.sum)?);
            is_right([key()?].to_vec(), [message].to_vec(), sum).then_some(())
        }
        Work::Shares => signed.shares.iter().try_for_each(|share| checked(share).map(|_| ())),
        Work::Proof => {
            let key = known(signed.keys.first()?)?;
            let (message, sum) = (hash(b"holder")?, checked(signed.shares.first()?)?);
            let is_key = key.is_in_correct_subgroup_assuming_on_curve();
            (is_key && !is_right([key].to_vec(), [message].to_vec(), sum)).then_some(())
        }
        Work::Batch(count) => {
            let (mut keys, mut messages) = (Vec::new(), Vec::new());
            let mut total = G2Projective::zero();
            for index in 0..count {
                // Any factor of 128 bits takes as long as another.
                let factor = [u64::MAX / 3 - u64::from(index), u64::MAX / 5];
                let shares = signed.shares.iter().map(share).collect::<Option<Vec<_>>>()?;
                let sum = shares.iter().sum::<G2Projective>().into_affine();
                let is_in = sum.is_in_correct_subgroup_assuming_on_curve();
                total += is_in.then_some(sum)?.mul_bigint(factor);
                keys.push(key()?.mul_bigint(factor).into_affine());
                messages.push(hash(&signed.message)?);
            }
            is_right(keys, messages, total.into_affine()).then_some(())
        }
    }
}
