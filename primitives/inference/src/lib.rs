//! Tensors, model cards, jobs and receipts as they go on chain.
//!
//! Everything here is plain data with a strict SCALE codec: decoding refuses what an honest encoder
//! cannot have written, so that one value has exactly one encoding and its hash means something.
//!
//! - [`Tensor`], [`Tensors`]: what goes into a model and what comes out of it.
//! - [`ModelCard`]: what a model needs, gives and tolerates; [`adapter`] turns a job's input bytes
//!   into the model's tensors by the card's rule, so that a provider needs no script of its own.
//! - [`Prompt`], [`Sampling`]: what is asked of a language model; [`sampling`] chooses each token, in integers.
//! - [`Tolerance`], [`agree`]: how far two honest results may differ; [`Digest`]: what is compared of those that are too large
//!   for the chain.
//! - [`JobInfo`], [`AssignedJob`], [`Receipt`]: a job and the provider's signed claim about it; [`Batch`]: several inputs
//!   in one.
//! - [`Description`], [`ConformanceReport`]: a model's file against its card, and a provider's signed word on it.
//! - [`Statement`], [`Attestation`]: what providers that agree sign together.
//! - [`Refereeable`], [`RefereeLimits`], [`verdict_hash`]: a run that decides a dispute.
//! - [`Capabilities`], [`RunLimits`], [`InferenceError`]: the host functions' vocabulary.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod adapter;
mod agree;
mod attestation;
mod batch;
mod card;
mod conformance;
mod contradict;
mod digest;
mod draw;
mod engine;
mod fault;
mod info;
mod job;
mod prompt;
#[cfg(feature = "std")]
pub mod read;
mod receipt;
mod referee;
pub mod sampling;
mod tensor;
mod text;

#[cfg(test)]
mod tests;

pub use agree::agree;
pub use attestation::{Attestation, Statement};
pub use batch::{BATCH_MAX, Batch, BatchError, all_agree, results};
pub use card::{
    Asset, CardError, Dim, EngineSettings, Labels, ModelCard, ModelLimits, OptimisationLevel,
    Postprocess, Preprocess, Task, TensorSpec, Tolerance,
};
pub use conformance::{
    Approval, ConformanceReport, Description, EXAMPLE_BYTES_MAX, EXAMPLES_MAX, Example, Examples,
    Mismatch, Outlet, REJECTIONS_MAX, Rejection, Verdict, outputs_hash,
};
pub use digest::{BLOCKS_MAX, BLOCKS_OUT_MAX, DIGESTS_MAX, Digest, GRIDS};
pub use draw::score;
pub use engine::{Capabilities, Device, InferenceError, RunLimits};
pub use fault::RefereeFault;
pub use info::{Access, Claims, Earnings, Income, ModelInfo, ModelStatus, Offer, ProviderInfo};
pub use job::{
    AssignedJob, INLINE_BYTES_MAX, JobId, JobInfo, JobStatus, PANEL_MAX, Payload, Policy,
    RefundReason, Seat, Stage, content_hash, job_id,
};
pub use prompt::{Generation, PROMPT_TOKENS_MAX, Prompt, Sampling, TEMPERATURE_MILLI_MAX};
pub use receipt::{Counters, EngineInfo, RECEIPT_DOMAIN, RECEIPT_VERSION, Receipt};
pub use referee::{RefereeLimits, Refereeable, verdict_hash, verdict_hash_of};
pub use tensor::{
    DType, NAME_BYTES_MAX, NamedTensor, RANK_MAX, TENSOR_BYTES_MAX, TENSORS_MAX, Tensor,
    TensorError, Tensors,
};
pub use text::Text;
