//! The model card: what a model needs, gives and tolerates.

use alloc::vec::Vec;
use core::fmt;

use bounded_collections::{BoundedVec, ConstU32};
use citrate_core::H256;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
    BLOCKS_OUT_MAX, DType, Examples, RANK_MAX, Refereeable, Tensor, Tensors, Text,
    tensor::byte_length,
};

/// One dimension of an input or output.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Dim {
    /// Always this long.
    Fixed(u32),
    /// Any length from 1 on; axes of one name have one length within a run.
    Dynamic(Text<32>),
}

/// One input or output of a model.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct TensorSpec {
    /// The name in the model's file.
    pub name: Text<128>,
    /// The elements' type.
    pub dtype: DType,
    /// The shape.
    pub shape: BoundedVec<Dim, ConstU32<8>>,
}

/// What a model is for.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "kebab-case"))]
pub enum Task {
    /// One label out of a set.
    Classification,
    /// A vector that stands for the input.
    Embedding,
    /// Text from text.
    Generation,
    /// Boxes or masks in a picture.
    Detection,
    /// Something else, in the owner's words.
    Other(Text<64>),
}

/// How a job's input bytes become the model's tensors.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "kebab-case"))]
pub enum Preprocess {
    /// The bytes are [`Tensors`] in their canonical encoding.
    Tensors,
    /// The bytes are a file: its first `begin` and last `end` bytes, without the white space at
    /// either end, as one row of integers; what is missing is `padding`.
    FileWindow {
        /// Elements from the start of the file.
        begin: u32,
        /// Elements from the end of the file.
        end: u32,
        /// The element that stands for no byte.
        padding: i32,
        /// Bytes at either end that are looked at.
        block: u32,
    },
    /// The bytes are a [`Prompt`](crate::Prompt): the model is run once for each new token, with what it has computed
    /// of the text so far.
    Prompt {
        /// Tokens that end a text.
        ends: BoundedVec<u32, ConstU32<8>>,
        /// Most tokens of a text, the prompt included.
        tokens_max: u32,
    },
}

/// Where the names of a classifier's outputs are.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Labels {
    /// Here, one a line.
    Inline(Text<4096>),
    /// In the asset of this content hash, one a line.
    Asset(H256),
}

/// How a reader should understand the output tensors. The result on chain is always the tensors.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Postprocess {
    /// As tensors.
    Tensors,
    /// The first output holds one score per label.
    Classify(Labels),
}

/// How far two honest results for one input may differ, for one output.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "kebab-case"))]
pub enum Tolerance {
    /// Not at all.
    Exact,
    /// |a - b| <= atol + rtol |b|, but for a few elements.
    Close {
        /// Absolute part, in units of 1e-9.
        atol_nano: u64,
        /// Relative part, in units of 1e-9.
        rtol_nano: u64,
        /// Elements that may be further apart.
        outliers_max: u32,
    },
    /// The sets of the `k` best agree, except where scores differ by less than the margin.
    TopK {
        /// How many.
        k: u32,
        /// The margin, in units of 1e-9.
        margin_nano: u64,
    },
    /// Each number within a step, found out from [digests](crate::Digest): for results that are too large for the chain.
    Digest {
        /// The step, in units of 1e-9. Well above the noise between honest machines, or they disagree.
        step_nano: u64,
        /// Blocks, a 64th of the output each or 64 numbers, that may be anything.
        blocks_out_max: u32,
    },
    /// Texts, as rows of a token and its margin: the same tokens up to one that both machines nearly did not choose.
    Tokens {
        /// Tokens that have to be the same in any case.
        prefix: u32,
        /// A token whose margin is smaller than this may differ, in units of 1e-6 of a score.
        margin_micro: u32,
    },
}

/// The engine's graph optimisation, pinned because results depend on it.
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
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
#[expect(missing_docs, reason = "ONNX Runtime's own names")]
pub enum OptimisationLevel {
    Disabled,
    Basic,
    Extended,
    All,
}

/// Engine settings that a result depends on.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct EngineSettings {
    /// The opset of the model's file.
    pub opset: u16,
    /// Graph optimisation.
    pub optimisation: OptimisationLevel,
}

/// A file that the model needs or its readers need, by content hash.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Asset {
    /// What it is, such as `tokenizer.json`.
    pub name: Text<64>,
    /// SHA-256 of the file.
    pub hash: H256,
    /// Its size.
    pub bytes: u64,
}

/// What one run of the model may take.
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
pub struct ModelLimits {
    /// Bytes of a job's input.
    pub input_bytes_max: u32,
    /// SCALE bytes of the outputs.
    pub output_bytes_max: u32,
    /// Wall-clock time of a run.
    pub time_ms_max: u32,
    /// Memory of a run, the model included.
    pub memory_bytes_max: u64,
}

/// What the owner says of a model, and what the chain holds providers to.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ModelCard {
    /// The model's name.
    pub name: Text<64>,
    /// The owner's version, such as `3.3`.
    pub version: Text<32>,
    /// What it is for.
    pub task: Task,
    /// SPDX licence expression.
    pub licence: Text<64>,
    /// Bytes of the model's file.
    pub bytes: u64,
    /// The model's inputs.
    pub inputs: BoundedVec<TensorSpec, ConstU32<16>>,
    /// The model's outputs.
    pub outputs: BoundedVec<TensorSpec, ConstU32<16>>,
    /// From a job's input to the model's.
    pub preprocess: Preprocess,
    /// From the model's output to a reader's.
    pub postprocess: Postprocess,
    /// One per output, or empty: then every output is exact.
    pub tolerance: BoundedVec<Tolerance, ConstU32<16>>,
    /// Settings of the engine.
    pub engine: EngineSettings,
    /// What a run may take.
    pub limits: ModelLimits,
    /// Other files.
    pub assets: BoundedVec<Asset, ConstU32<16>>,
    /// Whether the referee can run it, so that its results can be disputed.
    #[cfg_attr(feature = "std", serde(default))]
    pub referee: Refereeable,
    /// Inputs with what the model gives for them: whoever finds something else does not let it become active.
    #[cfg_attr(feature = "std", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub examples: Examples,
}

/// Why a card is no good, or an input is not what the card asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardError {
    /// A name is empty.
    EmptyName,
    /// No inputs or no outputs.
    NoTensors,
    /// Two inputs or two outputs of one name.
    DuplicateName,
    /// A limit is zero, or an input can never fit it.
    Limits,
    /// Neither empty nor one tolerance per output, or one that means nothing.
    Tolerance,
    /// The preprocessing rule does not give the declared inputs.
    Preprocess,
    /// An example is empty, or larger than the limits allow.
    Example,
    /// More bytes than the card allows.
    InputTooLarge,
    /// The bytes are not tensors.
    NotTensors,
    /// The bytes are no prompt, or one without tokens.
    NotPrompt,
    /// The prompt's sampling means nothing.
    Sampling,
    /// Prompt and new tokens together are more than the model takes, or no new tokens are wanted.
    PromptTooLong,
    /// An input or output is missing, or one that the model does not have is given.
    WrongNames,
    /// Another element type; the input's or output's place in the card.
    WrongType(u32),
    /// Another shape; the input's or output's place in the card.
    WrongShape(u32),
}

impl fmt::Display for CardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyName => f.write_str("a name is empty"),
            Self::NoTensors => f.write_str("no inputs or no outputs"),
            Self::DuplicateName => f.write_str("two inputs or outputs of one name"),
            Self::Limits => f.write_str("a limit is zero or cannot be met"),
            Self::Tolerance => f.write_str("not one sound tolerance per output"),
            Self::Preprocess => f.write_str("preprocessing does not give the declared inputs"),
            Self::Example => f.write_str("an example is empty or larger than allowed"),
            Self::InputTooLarge => f.write_str("the input is larger than the model's limit"),
            Self::NotTensors => f.write_str("the input is not canonical tensors"),
            Self::NotPrompt => f.write_str("the input is no prompt"),
            Self::Sampling => f.write_str("no token can be drawn with this temperature and top p"),
            Self::PromptTooLong => {
                f.write_str("the prompt and its new tokens are too many or none")
            }
            Self::WrongNames => f.write_str("the tensors are not the ones that the model has"),
            Self::WrongType(at) => write!(f, "tensor {at} has another element type"),
            Self::WrongShape(at) => write!(f, "tensor {at} has another shape"),
        }
    }
}

impl core::error::Error for CardError {}

impl ModelCard {
    /// Checks what the types alone do not say.
    pub fn validate(&self) -> Result<(), CardError> {
        if self.name.is_empty() || self.version.is_empty() || self.licence.is_empty() {
            return Err(CardError::EmptyName);
        }
        if self.inputs.is_empty() || self.outputs.is_empty() {
            return Err(CardError::NoTensors);
        }
        for specs in [&self.inputs, &self.outputs] {
            for (at, spec) in specs.iter().enumerate() {
                if spec.name.is_empty() {
                    return Err(CardError::EmptyName);
                }
                if specs.iter().take(at).any(|other| other.name == spec.name) {
                    return Err(CardError::DuplicateName);
                }
                if spec.shape.len() > RANK_MAX || spec.smallest().is_none() {
                    return Err(CardError::Limits);
                }
            }
        }
        let limits = &self.limits;
        if self.bytes == 0
            || limits.input_bytes_max == 0
            || limits.output_bytes_max == 0
            || limits.time_ms_max == 0
            || limits.memory_bytes_max < self.bytes
        {
            return Err(CardError::Limits);
        }
        let sound = self.tolerance.iter().zip(&self.outputs).all(|(rule, spec)| rule.fits(spec));
        let sound = sound && self.digests_fit();
        if !sound || !self.tolerance.is_empty() && self.tolerance.len() != self.outputs.len() {
            return Err(CardError::Tolerance);
        }
        // The referee's bits are not those of another engine.
        let is_float = |spec: &TensorSpec| spec.dtype.is_float();
        let mut exact = self
            .outputs
            .iter()
            .enumerate()
            .filter(|(at, _)| *self.tolerance_of(*at) == Tolerance::Exact);
        if self.referee != Refereeable::No && exact.any(|(_, spec)| is_float(spec)) {
            return Err(CardError::Tolerance);
        }
        // Nor does it go on with a text.
        if self.referee != Refereeable::No && matches!(self.preprocess, Preprocess::Prompt { .. }) {
            return Err(CardError::Preprocess);
        }
        if !self.examples.iter().all(|example| example.is_sound(self)) {
            return Err(CardError::Example);
        }
        if crate::adapter::fits(self) { Ok(()) } else { Err(CardError::Preprocess) }
    }

    /// Checks that the tensors are what the model takes: every input, in any order, and no other.
    pub fn check_inputs(&self, tensors: &Tensors) -> Result<(), CardError> {
        check(&self.inputs, tensors, 1)
    }

    /// Checks that the tensors are what the model gives: every output, in any order, and no other.
    pub fn check_outputs(&self, tensors: &Tensors) -> Result<(), CardError> {
        // A detector may find nothing.
        check(&self.outputs, tensors, 0)
    }

    /// Whether results agree only if their bytes are the same.
    pub fn is_exact(&self) -> bool {
        self.tolerance.iter().all(|rule| *rule == Tolerance::Exact)
    }

    /// The tolerance of an output.
    pub fn tolerance_of(&self, output: usize) -> &Tolerance {
        self.tolerance.get(output).unwrap_or(&Tolerance::Exact)
    }
}

/// Checks that there is a tensor for each spec and no other. Dynamic axes are at least this long.
fn check(specs: &[TensorSpec], tensors: &Tensors, shortest: u32) -> Result<(), CardError> {
    if tensors.len() != specs.len() {
        return Err(CardError::WrongNames);
    }
    let mut axes: Vec<(&Text<32>, u32)> = Vec::new();
    for (at, spec) in (0u32..).zip(specs) {
        let tensor = tensors.get(spec.name.as_str()).ok_or(CardError::WrongNames)?;
        if tensor.dtype() != spec.dtype {
            return Err(CardError::WrongType(at));
        }
        if !spec.matches(tensor, &mut axes, shortest) {
            return Err(CardError::WrongShape(at));
        }
    }
    Ok(())
}

impl Tolerance {
    /// Whether the rule says something about this output. A relative part of more than 1 or as many best
    /// scores as there are would let any two results agree.
    fn fits(&self, spec: &TensorSpec) -> bool {
        match self {
            Self::Exact => true,
            Self::Tokens { .. } => spec.is_text(),
            Self::Digest { step_nano, blocks_out_max } => {
                *step_nano > 0 && *blocks_out_max <= BLOCKS_OUT_MAX
            }
            Self::Close { rtol_nano, .. } => *rtol_nano <= 1_000_000_000,
            Self::TopK { k, .. } => {
                let scores = spec.shape.last();
                *k > 0
                    && !matches!(scores, None | Some(Dim::Fixed(0..=1)))
                    && !matches!(scores, Some(Dim::Fixed(count)) if count <= k)
            }
        }
    }
}

impl TensorSpec {
    /// Bytes of the smallest tensor of this shape, if it is possible at all.
    fn smallest(&self) -> Option<u64> {
        let shape: Vec<u32> = self
            .shape
            .iter()
            .map(|dim| match dim {
                Dim::Fixed(length) => *length,
                Dim::Dynamic(_) => 1,
            })
            .collect();
        byte_length(self.dtype, &shape).ok()
    }

    /// Whether it is a list of tokens, each with its margin.
    pub(crate) fn is_text(&self) -> bool {
        self.dtype == DType::I32
            && matches!(self.shape.as_slice(), [Dim::Dynamic(_), Dim::Fixed(2)])
    }

    fn matches<'a>(
        &'a self,
        tensor: &Tensor,
        axes: &mut Vec<(&'a Text<32>, u32)>,
        shortest: u32,
    ) -> bool {
        if tensor.shape().len() != self.shape.len() {
            return false;
        }
        self.shape.iter().zip(tensor.shape()).all(|(dim, length)| match dim {
            Dim::Fixed(fixed) => fixed == length,
            Dim::Dynamic(name) => match axes.iter().find(|(known, _)| *known == name) {
                Some((_, bound)) => bound == length,
                None => {
                    axes.push((name, *length));
                    *length >= shortest
                }
            },
        })
    }
}
