//! Why the referee's module gives no result.
//!
//! The module is built from this file and from `tensor.rs` as they lie here, and from no other of this repository
//! (`client/referee/guest`): a change of either is another module, with another hash.

use alloc::string::String;
use core::fmt;

use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Why the referee's module gives no result. It answers with `Result<Tensors, RefereeFault>` in SCALE: a part of what
/// the module and the node that runs it agree on, as `docs/design/referee.md` says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum RefereeFault {
    /// The bytes are no ONNX model.
    InvalidModel(String),
    /// The model has an operator or a type that the referee does not know; says which.
    Unsupported(String),
    /// The inputs are not what the model takes.
    InvalidInput(String),
    /// The outputs are larger than allowed.
    OutputTooLarge,
    /// An operator failed on this input.
    Failed(String),
}

impl fmt::Display for RefereeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidModel(why) => write!(f, "not an ONNX model: {why}"),
            Self::Unsupported(what) => write!(f, "the referee does not know: {what}"),
            Self::InvalidInput(why) => write!(f, "wrong input for the model: {why}"),
            Self::OutputTooLarge => f.write_str("the model's output is larger than allowed"),
            Self::Failed(why) => write!(f, "the model failed: {why}"),
        }
    }
}

impl core::error::Error for RefereeFault {}
