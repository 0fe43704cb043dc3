//! What the node's engine says to the runtime's worker.

use alloc::string::String;
use core::fmt;

use citrate_core::H256;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Where a model runs.
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
    codec::MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Device {
    /// The processor.
    Cpu,
    /// An NVIDIA GPU.
    Cuda,
    /// Apple's neural engine or GPU.
    CoreMl,
}

/// What this node's engine can do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Capabilities {
    /// False if no ONNX Runtime library was found; then every other call fails.
    pub available: bool,
    /// The engine's name, such as `onnxruntime`.
    pub engine: String,
    /// The engine's version, such as `1.32.0`.
    pub version: String,
    /// Where models run.
    pub device: Device,
    /// Most bytes of models held loaded.
    pub memory_bytes_max: u64,
    /// Hash of the settings that results depend on.
    pub settings: H256,
    /// Why it is not available; empty if it is.
    pub reason: String,
}

impl Capabilities {
    /// The capabilities of a node without an engine.
    pub fn unavailable(reason: &str) -> Self {
        Self {
            available: false,
            engine: String::new(),
            version: String::new(),
            device: Device::Cpu,
            memory_bytes_max: 0,
            settings: H256::zero(),
            reason: reason.into(),
        }
    }
}

/// Bounds on one run of a model. A zero means the engine's own bound.
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
    codec::MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct RunLimits {
    /// Wall-clock time.
    pub time_ms_max: u32,
    /// Memory of the model and its run.
    pub memory_bytes_max: u64,
    /// SCALE bytes of the outputs.
    pub output_bytes_max: u32,
}

/// Why the engine gave no result.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum InferenceError {
    /// No engine on this node; says why.
    Unavailable(String),
    /// The model's file is not in this node's store.
    UnknownModel,
    /// The stored file's hash is not the model's.
    Corrupted,
    /// The engine refuses the file.
    InvalidModel(String),
    /// The inputs are not what the model takes.
    InvalidInput(String),
    /// The run took longer than allowed.
    Timeout,
    /// The model or its run needs more memory than allowed.
    OutOfMemory,
    /// The outputs are larger than allowed.
    OutputTooLarge,
    /// The engine failed in the run.
    Failed(String),
    /// Too many runs at once; try again later.
    Busy,
}

impl fmt::Display for InferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "no inference engine: {why}"),
            Self::UnknownModel => f.write_str("the model's file is not in the artifact store"),
            Self::Corrupted => f.write_str("the model's file does not match its hash"),
            Self::InvalidModel(why) => write!(f, "the engine refuses the model: {why}"),
            Self::InvalidInput(why) => write!(f, "wrong input for the model: {why}"),
            Self::Timeout => f.write_str("the model ran longer than allowed"),
            Self::OutOfMemory => f.write_str("the model needs more memory than allowed"),
            Self::OutputTooLarge => f.write_str("the model's output is larger than allowed"),
            Self::Failed(why) => write!(f, "the engine failed: {why}"),
            Self::Busy => f.write_str("the engine is busy"),
        }
    }
}

impl core::error::Error for InferenceError {}
