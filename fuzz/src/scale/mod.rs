//! The types that go on chain and over the wire: each value has one encoding, and decoding takes memory in proportion to
//! what came.

mod inference;

use std::fmt::Debug;

use citrate_core::{
    DispatchError, Era, Header, MultiAddress, MultiSignature, RuntimeVersion, TransactionValidity,
};
use citrate_dag_types::{DagBlock, DagConfiguration, DagDigest, EquivocationProof, split_seal};
use citrate_grandpa_types as grandpa;
use citrate_inference_types as types;
use citrate_runtime::{AccountId, RuntimeCall, RuntimeEvent, RuntimeOrigin, SessionKeys};
use citrate_testing::{Choices, Values};
use codec::{Decode, DecodeLimit, DecodeWithMemLimit, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::Outcome;

/// LIMIT: how deep a value nests, as in an extrinsic.
const DEPTH_MAX: u32 = 64;
/// LIMIT: memory that decoding takes, per byte: the smallest item of a list takes so much at most.
const MEMORY_PER_BYTE: usize = 512;
/// LIMIT: memory that decoding takes in any case.
const MEMORY_MIN: usize = 4096;

/// Decodes bytes, and says whether they are a value.
type Decodes = dyn Fn(&[u8]) -> bool;
/// Makes an encoding by a type's information, which is what clients go by.
type Makes = dyn Fn(&mut Choices<'_>) -> Option<Vec<u8>>;

/// A type whose values come from outside.
pub(crate) struct Kind {
    name: &'static str,
    decode: Box<Decodes>,
    make: Box<Makes>,
}

/// A type that says of itself what it is made of.
fn described<T>(name: &'static str, also: fn(&T)) -> Kind
where
    T: Decode + DecodeWithMemTracking + Encode + TypeInfo + PartialEq + Debug + 'static,
{
    let decode = move |bytes: &[u8]| match decoded::<T>(bytes) {
        Some(value) => {
            let memory = bytes.len().saturating_mul(MEMORY_PER_BYTE).saturating_add(MEMORY_MIN);
            let again = T::decode_with_mem_limit(&mut &*bytes, memory);
            assert_eq!(again.as_ref(), Ok(&value), "{name}: {} bytes", bytes.len());
            also(&value);
            true
        }
        None => false,
    };
    let values = Values::<T>::new();
    let make = move |choices: &mut Choices<'_>| Some(values.value(choices)?.encode());
    Kind { name, decode: Box::new(decode), make: Box::new(make) }
}

/// A type of which nothing is known but its codec.
fn opaque<T: Decode + Encode + PartialEq + Debug + 'static>(
    name: &'static str,
    also: fn(&T),
) -> Kind {
    let decode = move |bytes: &[u8]| decoded::<T>(bytes).inspect(also).is_some();
    Kind { name, decode: Box::new(decode), make: Box::new(|_| None) }
}

/// The value of which these bytes are the one encoding.
fn decoded<T: Decode + Encode + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
    let value = T::decode_all_with_depth_limit(DEPTH_MAX, &mut &*bytes).ok()?;
    assert_eq!(value.encode(), bytes, "{value:?} has two encodings");
    assert_eq!(value.encoded_size(), bytes.len(), "{value:?}");
    Some(value)
}

fn nothing_more<T>(_: &T) {}

/// The types, by the first byte of an input.
fn kinds() -> Vec<Kind> {
    vec![
        described::<Header>("header", header),
        described::<DagBlock>("block", |block| header(&block.header)),
        described::<DagDigest>("dag-digest", |digest| {
            let header = with_digest(digest);
            let read = DagDigest::from_header(&header);
            assert!(read.is_err() || read.as_ref() == Ok(digest), "{read:?} of {digest:?}");
        }),
        described::<DagConfiguration>("configuration", nothing_more),
        described::<EquivocationProof>("equivocation", |proof| {
            // Whoever reports says what it says.
            assert_eq!(proof.claim(), proof.clone().claim());
        }),
        described::<grandpa::EquivocationProof>("voter-equivocation", nothing_more),
        opaque::<grandpa::GrandpaJustification>("justification", nothing_more),
        opaque::<grandpa::FinalityProof>("finality-proof", nothing_more),
        opaque::<grandpa::ConsensusLog>("consensus-log", nothing_more),
        described::<RuntimeCall>("call", nothing_more),
        described::<RuntimeEvent>("event", nothing_more),
        described::<SessionKeys>("session-keys", nothing_more),
        described::<MultiAddress<AccountId, ()>>("address", nothing_more),
        described::<MultiSignature>("signature", nothing_more),
        described::<DispatchError>("dispatch-error", nothing_more),
        described::<TransactionValidity>("validity", nothing_more),
        opaque::<RuntimeVersion>("version", nothing_more),
        opaque::<Era>("era", era),
        described::<types::ModelCard>("card", inference::card),
        opaque::<(types::ModelCard, Vec<u8>)>("job-input", |(card, input)| {
            inference::input(card, input);
        }),
        opaque::<(types::ModelCard, Vec<u8>, Vec<u8>)>("job-results", |(card, a, b)| {
            inference::results(card, a, b);
        }),
        opaque::<types::Tensors>("tensors", inference::tensors),
        described::<types::Receipt>("receipt", nothing_more),
        described::<types::Payload>("payload", nothing_more),
        described::<types::JobInfo>("job", nothing_more),
        described::<types::AssignedJob>("assigned-job", nothing_more),
        described::<types::Attestation>("attestation", nothing_more),
        described::<types::Statement>("statement", nothing_more),
        described::<types::ConformanceReport>("conformance", nothing_more),
        opaque::<types::Description>("description", nothing_more),
        opaque::<types::Digest>("result-digest", nothing_more),
        described::<types::Prompt>("prompt", nothing_more),
        described::<types::Generation>("generation", nothing_more),
        described::<types::ModelInfo>("model-info", nothing_more),
        described::<types::ProviderInfo>("provider-info", nothing_more),
        described::<types::RefereeLimits>("referee-limits", nothing_more),
        described::<types::InferenceError>("inference-error", nothing_more),
    ]
}

fn with_digest(digest: &DagDigest) -> Header {
    let logs = vec![digest.to_item()];
    Header {
        parent_hash: citrate_core::H256::zero(),
        number: 1,
        state_root: citrate_core::H256::zero(),
        extrinsics_root: citrate_core::H256::zero(),
        digest: citrate_core::Digest { logs },
    }
}

fn header(header: &Header) {
    if let Ok(digest) = DagDigest::from_header(header) {
        assert!(digest.other_parents.len() <= citrate_dag_types::OTHER_PARENTS_MAX);
    }
    if let Ok((mut unsealed, seal)) = split_seal(header) {
        unsealed.digest.push(citrate_dag_types::seal_item(seal));
        assert_eq!(unsealed, *header, "a seal comes off and goes on");
    }
    let json = serde_json::to_string(header).expect("headers are shown by RPC");
    assert_eq!(serde_json::from_str::<Header>(&json).ok().as_ref(), Some(header), "{json}");
}

fn era(era: &Era) {
    // Before the first period begins the chain is too young for it.
    for now in [1 << 17, (1 << 20) + 7, u64::from(u32::MAX)] {
        let (birth, death) = (era.birth(now), era.death(now));
        assert!(birth <= now && now < death, "{era:?} at {now}: {birth} to {death}");
    }
}

/// The first byte names the type, the second says whether the rest is an encoding, or choices of which one is made.
pub(crate) fn run(bytes: &[u8]) -> Outcome {
    thread_local! {
        static KINDS: Vec<Kind> = kinds();
    }
    let [kind, how, rest @ ..] = bytes else { return Outcome::Refused };
    KINDS.with(|kinds| {
        let kind = kinds.get(usize::from(*kind) % kinds.len());
        let kind = kind.expect("the remainder is below the length");
        if *how < 128 {
            return Outcome::taken((kind.decode)(rest));
        }
        let Some(made) = (kind.make)(&mut Choices::new(rest)) else { return Outcome::Refused };
        assert!((kind.decode)(&made), "{}: what was made does not decode: {made:?}", kind.name);
        Outcome::Taken
    })
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (index, kind) in (0u8..).zip(kinds()) {
        let choices: Vec<u8> = (1..200u8).map(|i| i.wrapping_mul(i) ^ (i >> 2)).collect();
        if let Some(made) = (kind.make)(&mut Choices::new(&choices)) {
            seeds.push((format!("ok-{}", kind.name), [vec![index, 0], made].concat()));
            let some = choices.get(..40).unwrap_or_default();
            seeds.push((format!("made-{}", kind.name), [&[index, 200], some].concat()));
        }
        let real: Vec<Vec<u8>> = match kind.name {
            "dag-digest" | "header" | "block" => Vec::new(),
            "era" => vec![Era::mortal(64, 7).encode(), Era::Immortal.encode()],
            "card" => vec![inference::magika().encode()],
            "tensors" => vec![inference::file_tensors().encode()],
            "job-input" => vec![(inference::magika(), b"#!/bin/sh".to_vec()).encode()],
            "job-results" => vec![inference::two_results().encode()],
            _ => Vec::new(),
        };
        for (number, real) in real.into_iter().enumerate() {
            let name = format!("ok-real-{}-{number}", kind.name);
            seeds.push((name, [vec![index, 0], real].concat()));
        }
    }
    seeds.push(("short".to_owned(), vec![0, 0, 7]));
    seeds.push(("ok-origin".to_owned(), origin()));
    seeds
}

/// A call that names an origin.
fn origin() -> Vec<u8> {
    let call = RuntimeCall::Utility(pallet_utility::Call::dispatch_as {
        as_origin: Box::new(RuntimeOrigin::root().caller),
        call: Box::new(RuntimeCall::System(pallet_system::Call::remark { remark: vec![1] })),
    });
    [vec![9, 0], call.encode()].concat()
}
