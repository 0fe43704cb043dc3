//! Conformance: that a model's file is what its card says, found out by a provider that loads and runs it.

use alloc::{string::String, vec::Vec};
use core::fmt;

use bounded_collections::{BoundedVec, ConstU32};
use citrate_core::{AccountId32, BlockNumber, H256, hashing};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
    CardError, DType, Dim, EngineInfo, ModelCard, Preprocess, TensorSpec, Tensors, Text, agree,
};

/// Domain of signatures on reports.
const REPORT_DOMAIN: &[u8] = b"CITRATE/inference/conformance/v1";
/// Domain of the hashes of cards.
const CARD_DOMAIN: &[u8] = b"CITRATE/inference/card/v1";
/// LIMIT: examples of a card.
pub const EXAMPLES_MAX: u32 = 4;
/// LIMIT: bytes of an example's input, and of its output: what goes to a node in one call.
pub const EXAMPLE_BYTES_MAX: u32 = 4 << 20;
/// LIMIT: providers that may say of one model that it is not what its card says.
pub const REJECTIONS_MAX: u32 = 8;

/// An input of a model and what the model gives for it, by content hash.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Example {
    /// SHA-256 of the input, as in a job.
    pub input: H256,
    /// Its size.
    pub input_bytes: u32,
    /// SHA-256 of the output: canonical tensors.
    pub output: H256,
    /// Its size.
    pub output_bytes: u32,
}

/// The examples of a card.
pub type Examples = BoundedVec<Example, ConstU32<EXAMPLES_MAX>>;

impl Example {
    pub(crate) fn is_sound(&self, card: &ModelCard) -> bool {
        let within = |bytes: u32, max: u32| bytes > 0 && bytes <= max.min(EXAMPLE_BYTES_MAX);
        within(self.input_bytes, card.limits.input_bytes_max)
            && within(self.output_bytes, card.limits.output_bytes_max)
    }
}

/// What a provider found.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Verdict {
    /// The file loads, has the card's inputs and outputs, and gives for each example what it should.
    Conforms {
        /// Hash of what it gave: see [`outputs_hash`].
        outputs: H256,
    },
    /// It does not.
    Rejected {
        /// Why.
        reason: Text<128>,
    },
}

/// A provider's signed word on a model. Whoever says so falsely is named on chain for good; what that costs is not decided
/// here.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct ConformanceReport {
    /// The chain.
    pub genesis: H256,
    /// The model's content hash.
    pub model: H256,
    /// [`ModelCard::hash`]: a hash may be registered again under another card.
    pub card: H256,
    /// What ran it.
    pub engine: EngineInfo,
    /// What it found.
    pub verdict: Verdict,
    /// Who says so.
    pub provider: AccountId32,
}

impl ConformanceReport {
    /// The bytes that the provider's session key signs.
    pub fn signing_payload(&self) -> Vec<u8> {
        let mut payload = REPORT_DOMAIN.to_vec();
        self.encode_to(&mut payload);
        payload
    }
}

/// Who has found that a model is what its card says.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Approval {
    /// The provider.
    pub provider: AccountId32,
    /// What ran it.
    pub engine: EngineInfo,
    /// Hash of what it gave for the card's examples.
    pub outputs: H256,
    /// The block of its report.
    pub at: BlockNumber,
}

/// Who has found that it is not.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Rejection {
    /// The provider.
    pub provider: AccountId32,
    /// Why.
    pub reason: Text<128>,
    /// The block of its report.
    pub at: BlockNumber,
}

/// The hash of what a model gave for the examples, by the content hash of each.
pub fn outputs_hash(outputs: &[H256]) -> H256 {
    H256(outputs.using_encoded(hashing::blake2_256))
}

/// An input or output as the model's file has it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Outlet {
    /// Its name.
    pub name: String,
    /// Its elements' type; none if it is no tensor, or of a type that no job carries.
    pub dtype: Option<DType>,
    /// Its dimensions, none for one of any length. Where a file says nothing of a shape there are none, as for a scalar.
    pub shape: Vec<Option<u32>>,
}

/// The inputs and outputs of a model's file.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Description {
    /// The inputs.
    pub inputs: Vec<Outlet>,
    /// The outputs.
    pub outputs: Vec<Outlet>,
}

/// Why a model is not what its card says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The file has other inputs than the card.
    Inputs(CardError),
    /// The file has other outputs than the card.
    Outputs(CardError),
    /// The card says that it goes on with texts, and the file does not.
    NoText,
    /// What an example should give is not canonical tensors, or not the card's outputs.
    Expected(CardError),
    /// What the model gave for an example is not the card's outputs.
    Given(CardError),
    /// What the model gave for an example is not within the tolerance of what it should.
    Differs,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inputs(error) => write!(f, "the file's inputs are not the card's: {error}"),
            Self::Outputs(error) => write!(f, "the file's outputs are not the card's: {error}"),
            Self::NoText => f.write_str("the file does not go on with texts"),
            Self::Expected(error) => {
                write!(f, "an example's output is none of the card's: {error}")
            }
            Self::Given(error) => {
                write!(f, "the model gives for an example what is none of the card's: {error}")
            }
            Self::Differs => f.write_str("the model gives something else for an example"),
        }
    }
}

impl core::error::Error for Mismatch {}

impl ModelCard {
    /// Names the card in reports.
    pub fn hash(&self) -> H256 {
        H256((CARD_DOMAIN, self).using_encoded(hashing::blake2_256))
    }

    /// Checks that a model's file takes what the card says it takes, and gives what the card says it gives.
    ///
    /// An input that the card says may have any length must have any in the file too. The file may allow more than the
    /// card. Of outputs a file need not say how long they are; what a run gives is checked by its own.
    pub fn check_file(&self, file: &Description) -> Result<(), Mismatch> {
        if matches!(self.preprocess, Preprocess::Prompt { .. }) {
            return if goes_on_with_texts(file) { Ok(()) } else { Err(Mismatch::NoText) };
        }
        let takes = |dim: &Dim, length: Option<u32>| match dim {
            Dim::Dynamic(_) => length.is_none(),
            Dim::Fixed(fixed) => length.is_none_or(|length| length == *fixed),
        };
        let gives = |dim: &Dim, length: Option<u32>| match (dim, length) {
            (Dim::Fixed(fixed), Some(length)) => *fixed == length,
            _ => true,
        };
        let fits =
            |spec: &TensorSpec, shape: &[Option<u32>], each: &dyn Fn(&Dim, Option<u32>) -> bool| {
                spec.shape.len() == shape.len()
                    && spec.shape.iter().zip(shape).all(|(dim, length)| each(dim, *length))
            };
        compare(&self.inputs, &file.inputs, |spec, shape| fits(spec, shape, &takes))
            .map_err(Mismatch::Inputs)?;
        compare(&self.outputs, &file.outputs, |spec, shape| {
            shape.is_empty() || fits(spec, shape, &gives)
        })
        .map_err(Mismatch::Outputs)
    }

    /// Checks what the model gave for an example, in its canonical encoding, against what it should give.
    pub fn check_example(&self, expected: &[u8], given: &[u8]) -> Result<(), Mismatch> {
        let read = |bytes: &[u8]| {
            let tensors = Tensors::from_bytes(bytes).map_err(|_error| CardError::NotTensors)?;
            self.check_outputs(&tensors).map(|()| tensors)
        };
        let expected = read(expected).map_err(Mismatch::Expected)?;
        let given = read(given).map_err(Mismatch::Given)?;
        if agree(self, &expected, &given) { Ok(()) } else { Err(Mismatch::Differs) }
    }
}

/// Checks that there is an outlet for each spec and no other, of its type, and of a shape that fits.
fn compare(
    specs: &[TensorSpec],
    outlets: &[Outlet],
    fits: impl Fn(&TensorSpec, &[Option<u32>]) -> bool,
) -> Result<(), CardError> {
    if specs.len() != outlets.len() {
        return Err(CardError::WrongNames);
    }
    for (at, spec) in (0u32..).zip(specs) {
        let outlet = outlets.iter().find(|outlet| outlet.name == spec.name.as_str());
        let outlet = outlet.ok_or(CardError::WrongNames)?;
        if outlet.dtype != Some(spec.dtype) {
            return Err(CardError::WrongType(at));
        }
        if !fits(spec, &outlet.shape) {
            return Err(CardError::WrongShape(at));
        }
    }
    Ok(())
}

/// Prefix of the inputs that are keys and values of the text so far.
const PAST: &str = "past_key_values.";

/// Whether a file has the inputs and outputs of a model that is run once for each token: see
/// [`Preprocess::Prompt`].
fn goes_on_with_texts(file: &Description) -> bool {
    let is =
        |outlet: &Outlet, dtype, rank| outlet.dtype == Some(dtype) && outlet.shape.len() == rank;
    let gives = |name: &str| file.outputs.iter().find(|outlet| outlet.name == name);
    let takes = |outlet: &Outlet| match outlet.name.as_str() {
        "input_ids" | "attention_mask" | "position_ids" => is(outlet, DType::I64, 2),
        name => name.strip_prefix(PAST).is_some_and(|rest| {
            let mut present = String::from("present.");
            present.push_str(rest);
            is(outlet, DType::F32, 4) && gives(&present).is_some()
        }),
    };
    let has = |wanted: &dyn Fn(&Outlet) -> bool| file.inputs.iter().any(wanted);
    file.inputs.iter().all(takes)
        && has(&|outlet| outlet.name == "input_ids")
        && has(&|outlet| outlet.name.starts_with(PAST))
        && gives("logits").is_some_and(|logits| logits.dtype == Some(DType::F32))
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;
    use crate::{Tensor, tests::magika};

    fn outlet(name: &str, dtype: DType, shape: &[Option<u32>]) -> Outlet {
        Outlet { name: name.into(), dtype: Some(dtype), shape: shape.to_vec() }
    }

    /// What magika's file says.
    fn file() -> Description {
        Description {
            inputs: vec![outlet("bytes", DType::I32, &[None, Some(2048)])],
            outputs: vec![outlet("target_label", DType::F32, &[None, Some(214)])],
        }
    }

    #[test]
    fn a_file_must_take_and_give_what_its_card_says() {
        type Change = fn(&mut Description);
        let cases: [(&str, Change, Result<(), Mismatch>); 10] = [
            ("the same", |_| {}, Ok(())),
            ("inputs of any length", |f| f.inputs[0].shape[1] = None, Ok(())),
            ("outputs of unknown shape", |f| f.outputs[0].shape.clear(), Ok(())),
            (
                "an input of one row only",
                |f| f.inputs[0].shape[0] = Some(1),
                Err(Mismatch::Inputs(CardError::WrongShape(0))),
            ),
            (
                "a shorter input",
                |f| f.inputs[0].shape[1] = Some(1024),
                Err(Mismatch::Inputs(CardError::WrongShape(0))),
            ),
            (
                "another type",
                |f| f.inputs[0].dtype = Some(DType::I64),
                Err(Mismatch::Inputs(CardError::WrongType(0))),
            ),
            (
                "what is no tensor",
                |f| f.outputs[0].dtype = None,
                Err(Mismatch::Outputs(CardError::WrongType(0))),
            ),
            (
                "another name",
                |f| f.outputs[0].name = "label".into(),
                Err(Mismatch::Outputs(CardError::WrongNames)),
            ),
            (
                "one more output",
                |f| f.outputs.push(f.outputs[0].clone()),
                Err(Mismatch::Outputs(CardError::WrongNames)),
            ),
            (
                "more labels",
                |f| f.outputs[0].shape[1] = Some(215),
                Err(Mismatch::Outputs(CardError::WrongShape(0))),
            ),
        ];
        for (what, change, expected) in cases {
            let mut file = file();
            change(&mut file);
            assert_eq!(magika().check_file(&file), expected, "{what}");
        }
    }

    #[test]
    fn a_file_of_texts_must_go_on_with_them() {
        let card: ModelCard =
            serde_json::from_str(include_str!("../../../scripts/models/smollm2.json")).unwrap();
        let cache = [Some(1), Some(3), None, Some(64)];
        let ids = [Some(1), None];
        let whole = Description {
            inputs: vec![
                outlet("input_ids", DType::I64, &ids),
                outlet("attention_mask", DType::I64, &ids),
                outlet("past_key_values.0.key", DType::F32, &cache),
            ],
            outputs: vec![
                outlet("logits", DType::F32, &[Some(1), None, Some(49152)]),
                outlet("present.0.key", DType::F32, &cache),
            ],
        };
        assert_eq!(card.check_file(&whole), Ok(()));
        let mut others = vec![file()];
        for lost in 0..2 {
            let mut without = whole.clone();
            without.outputs.remove(lost);
            others.push(without);
        }
        let mut narrow = whole.clone();
        narrow.inputs[0].dtype = Some(DType::I32);
        others.push(narrow);
        let mut without = whole.clone();
        without.inputs.remove(2);
        others.push(without);
        for other in others {
            assert_eq!(card.check_file(&other), Err(Mismatch::NoText), "{other:?}");
        }
    }

    /// The scores of one row, by their bits.
    fn scores(first: u32) -> Vec<u8> {
        let mut data = first.to_le_bytes().to_vec();
        data.resize(214 * 4, 0);
        let tensor = Tensor::try_new(DType::F32, vec![1, 214], data).unwrap();
        Tensors::single("target_label", tensor).unwrap().encode()
    }

    #[test]
    fn an_example_must_be_met_within_the_tolerance() {
        let card = magika();
        // 0.5, 0.51, 0.6 and no number; the card allows 0.03.
        let [half, near, far, nan] =
            [0x3F00_0000, 0x3F02_8F5C, 0x3F19_999A, 0x7FC0_0000].map(scores);
        assert_eq!(card.check_example(&half, &near), Ok(()));
        assert_eq!(card.check_example(&half, &far), Err(Mismatch::Differs));
        assert_eq!(card.check_example(&nan, &nan), Err(Mismatch::Differs));
        let garbage = Err(Mismatch::Expected(CardError::NotTensors));
        assert_eq!(card.check_example(b"garbage", &half), garbage);
        let other = Tensor::try_new(DType::F32, vec![1, 213], vec![0; 213 * 4]).unwrap();
        let other = Tensors::single("target_label", other).unwrap().encode();
        let expected = Err(Mismatch::Given(CardError::WrongShape(0)));
        assert_eq!(card.check_example(&half, &other), expected);
        let said = Mismatch::Given(CardError::WrongNames).to_string();
        assert!(said.len() < 128, "a reason fits: {said}");
    }

    #[test]
    fn examples_are_bounded_and_old_cards_have_none() {
        let plain = magika();
        assert!(plain.examples.is_empty());
        let json = serde_json::to_value(&plain).unwrap();
        assert!(json.get("examples").is_none(), "a card is written as it was read");
        let with = |input_bytes, output_bytes| {
            let (input, output) = (H256([1; 32]), H256([2; 32]));
            let example = Example { input, input_bytes, output, output_bytes };
            ModelCard { examples: vec![example].try_into().unwrap(), ..magika() }
        };
        let limits = plain.limits;
        let most = with(limits.input_bytes_max, limits.output_bytes_max);
        assert_eq!(most.validate(), Ok(()));
        assert_ne!(most.hash(), plain.hash());
        let read: ModelCard = serde_json::from_value(serde_json::to_value(&most).unwrap()).unwrap();
        assert_eq!(read, most);
        for wrong in [
            with(0, 1),
            with(1, 0),
            with(limits.input_bytes_max + 1, 1),
            with(1, limits.output_bytes_max + 1),
        ] {
            assert_eq!(wrong.validate(), Err(CardError::Example));
        }
        let mut large = with(1, EXAMPLE_BYTES_MAX + 1);
        large.limits.output_bytes_max = 2 * EXAMPLE_BYTES_MAX;
        assert_eq!(large.validate(), Err(CardError::Example));
        let five = vec![most.examples[0].clone(); 5];
        assert!(Examples::try_from(five).is_err());
    }

    #[test]
    fn a_report_is_of_one_chain_model_card_and_provider() {
        use crate::Device;
        let name = Text::truncated("onnxruntime");
        let settings = H256::zero();
        let engine = EngineInfo { name, version: Text::default(), device: Device::Cpu, settings };
        let report = ConformanceReport {
            genesis: H256([1; 32]),
            model: H256([2; 32]),
            card: magika().hash(),
            engine,
            verdict: Verdict::Conforms { outputs: outputs_hash(&[]) },
            provider: AccountId32::new([3; 32]),
        };
        let payload = report.signing_payload();
        assert!(payload.starts_with(REPORT_DOMAIN));
        let changes: [fn(&mut ConformanceReport); 5] = [
            |r| r.genesis.0[0] ^= 1,
            |r| r.model.0[0] ^= 1,
            |r| r.card.0[0] ^= 1,
            |r| r.verdict = Verdict::Rejected { reason: Text::default() },
            |r| r.provider = AccountId32::new([4; 32]),
        ];
        for change in changes {
            let mut other = report.clone();
            change(&mut other);
            assert_ne!(other.signing_payload(), payload);
        }
    }
}
