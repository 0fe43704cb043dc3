//! The referee: a model run once more in metered, deterministic WebAssembly, to decide who was right.
//!
//! The same module gives the same bits and takes the same fuel on every machine, so that those who run it can be held
//! to one hash, [`verdict_hash`]. (`docs/design/referee.md`.)

use citrate_core::{H256, hashing};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{INLINE_BYTES_MAX, JobId, ModelCard, content_hash};

/// Domain of verdicts' hashes.
const VERDICT_DOMAIN: &[u8] = b"CITRATE/inference/verdict/v1";

/// Bounds on one run of the referee. Each is the same on every machine, and so is a run that reaches it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct RefereeLimits {
    /// Fuel: about one unit for each WebAssembly instruction.
    pub fuel: u64,
    /// Bytes of linear memory, of which the model, the inputs and the outputs are part.
    pub memory_bytes: u64,
    /// SCALE bytes of the outputs.
    pub output_bytes: u32,
}

impl RefereeLimits {
    /// LIMIT: most that a chain may allow, so that a verdict takes every member of a committee less than a minute on an
    /// old processor, and less memory than any node has.
    pub const MAX: Self =
        Self { fuel: 20_000_000_000, memory_bytes: 1 << 30, output_bytes: 16 << 20 };
}

/// Whether the referee can run a model, and what a run of it takes: measured on the examples of its card when it is
/// registered.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Refereeable {
    /// It cannot: the model is too large or too slow, or has operators that it does not know.
    #[default]
    No,
    /// It can.
    Yes {
        /// Fuel of the example that took most.
        fuel: u64,
        /// Bytes of linear memory of the example that took most.
        memory_bytes: u64,
    },
}

/// What the referee may take, in multiples of what the model took on its examples.
const HEADROOM: u64 = 4;

impl ModelCard {
    /// What a run of this model may take where its results are judged. None if they cannot be: the referee cannot run it, or the
    /// chain cannot hold what it gives.
    pub fn referee_limits(&self) -> Option<RefereeLimits> {
        let Refereeable::Yes { fuel, memory_bytes } = self.referee else { return None };
        let output_bytes = self.limits.output_bytes_max;
        (output_bytes <= INLINE_BYTES_MAX).then(|| RefereeLimits {
            fuel: fuel.saturating_mul(HEADROOM),
            memory_bytes: memory_bytes.saturating_mul(HEADROOM),
            output_bytes,
        })
    }
}

/// What a member of the committee posts about a run: the same for all who ran the same referee on the same model and
/// input. `outputs` are the canonical bytes of the [`Tensors`](crate::Tensors) that it gave.
pub fn verdict_hash(job: &JobId, attempt: u32, module: &H256, outputs: &[u8]) -> H256 {
    verdict_hash_of(job, attempt, module, &content_hash(outputs))
}

/// The same from the [`content_hash`] of the outputs, for who does not have them.
pub fn verdict_hash_of(job: &JobId, attempt: u32, module: &H256, outputs: &H256) -> H256 {
    H256((VERDICT_DOMAIN, job, attempt, module, outputs).using_encoded(hashing::blake2_256))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_names_all_that_it_is_about() {
        let hash = |byte: u8| H256([byte; 32]);
        let verdict = verdict_hash(&hash(1), 2, &hash(3), b"outputs");
        assert_eq!(
            verdict,
            verdict_hash_of(&hash(1), 2, &hash(3), &content_hash(b"outputs")),
            "who has the outputs' hash alone gets the same"
        );
        for other in [
            verdict_hash(&hash(9), 2, &hash(3), b"outputs"),
            verdict_hash(&hash(1), 9, &hash(3), b"outputs"),
            verdict_hash(&hash(1), 2, &hash(9), b"outputs"),
            verdict_hash(&hash(1), 2, &hash(3), b"output"),
        ] {
            assert_ne!(verdict, other);
        }
        // The bytes that clients in other languages hash: the domain's length comes first.
        let mut bytes = alloc::vec![(VERDICT_DOMAIN.len() as u8) << 2];
        bytes.extend_from_slice(VERDICT_DOMAIN);
        bytes.extend_from_slice(&[1; 32]);
        bytes.extend_from_slice(&2u32.to_le_bytes());
        bytes.extend_from_slice(&[3; 32]);
        bytes.extend_from_slice(&content_hash(b"outputs").0);
        assert_eq!(verdict, H256(hashing::blake2_256(&bytes)));
    }

    #[test]
    fn what_the_chain_keeps_of_a_model_is_small() {
        assert_eq!(Refereeable::max_encoded_len(), 17);
        assert_eq!(Refereeable::default().encode(), [0]);
        let yes = Refereeable::Yes { fuel: 1, memory_bytes: 2 };
        assert_eq!(Refereeable::decode(&mut &yes.encode()[..]), Ok(yes));
        let json = serde_json::to_string(&yes).unwrap();
        assert_eq!(json, r#"{"yes":{"fuel":1,"memory_bytes":2}}"#);
    }
}
