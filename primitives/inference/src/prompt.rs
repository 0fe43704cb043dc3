//! A prompt: what a job for a language model asks, and how the model's scores become text.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// LIMIT: tokens of a prompt; as many as fit into a job that is kept on chain.
pub const PROMPT_TOKENS_MAX: u32 = 4_000;
/// A probability of one in [`Sampling::top_p_milli`].
pub(crate) const MILLI: u32 = 1_000;
/// LIMIT: the highest temperature, in thousandths; above it every token is about as likely as any other.
pub const TEMPERATURE_MILLI_MAX: u32 = 100_000;

/// How the next token is chosen from the model's scores.
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
pub enum Sampling {
    /// Always the one with the best score.
    #[default]
    Greedy,
    /// At random, by the scores.
    Seeded {
        /// How far the scores are flattened, in thousandths; not zero.
        temperature_milli: u32,
        /// Only so many of the best are considered; zero is all.
        top_k: u32,
        /// Only the best that together have this probability are considered, in thousandths.
        top_p_milli: u32,
        /// Where the randomness comes from: the same seed gives the same text.
        seed: u64,
    },
}

impl Sampling {
    /// Whether the numbers mean something.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Greedy => true,
            Self::Seeded { temperature_milli, top_p_milli, .. } => {
                (1..=TEMPERATURE_MILLI_MAX).contains(temperature_milli)
                    && (1..=MILLI).contains(top_p_milli)
            }
        }
    }
}

/// The input of a job for a model that goes on with a text, in its SCALE encoding.
#[derive(
    Clone,
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
pub struct Prompt {
    /// What is there already, by the model's vocabulary.
    pub tokens: BoundedVec<u32, ConstU32<PROMPT_TOKENS_MAX>>,
    /// Most tokens to add.
    pub new_tokens_max: u32,
    /// How they are chosen.
    pub sampling: Sampling,
}

/// What the engine is to write.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Generation {
    /// What is there and how to go on.
    pub prompt: Prompt,
    /// Tokens that end the text.
    pub ends: BoundedVec<u32, ConstU32<8>>,
}
