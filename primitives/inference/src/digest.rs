//! Digests: what the chain compares of results that it cannot hold.
//!
//! Each number of an output is put into a cell of a grid, all cells as wide as the tolerance's step, and the cells' indices are
//! hashed, block by block. Honest machines' results differ by a little, and a number near the border between two cells may fall
//! to either side. Therefore there are [`GRIDS`] grids, each shifted against the one before by an equal part of the step, and
//! a block of two results agrees if its hashes do on any of them. A number that differs by less than that part is near a
//! border of one grid at most.
//!
//! - *What agreement means*: every number of a block is less than a step away from the other result's, or the hash is broken
//!   (128 bits, of which a second preimage is needed). Blocks that may be out may hold anything.
//! - *How often honest results disagree*: if numbers differ by `d`, well below the step `s`, a block of `n` numbers is out on one
//!   grid with a chance of 1 - (1 - d/s)^n at most, and on all of them with the fourth power of that: which grids' borders
//!   numbers lie at is one draw of each number, and such counts are negatively associated. A block has 64 numbers, or a 64th of
//!   the output if that is more. The figures are in `docs/design/market.md`.
//!
//! Like every comparison here it is one of integers.

use alloc::vec::Vec;

use citrate_core::{H256, hashing};
use codec::{DecodeAll, Encode};

use crate::agree::{Number, fixed, is_finite, numbers};
use crate::{ModelCard, Tensor, Tensors, Tolerance, content_hash};

/// Shifted grids, of which one has to agree.
pub const GRIDS: usize = 4;
/// LIMIT: blocks of an output.
pub const BLOCKS_MAX: u32 = 64;
/// Numbers of a block, unless the output has more than so many for each.
const BLOCK_NUMBERS: u32 = 64;
/// LIMIT: blocks of an output that a card may let differ: a quarter.
pub const BLOCKS_OUT_MAX: u32 = 16;
/// LIMIT: outputs of a card that are compared by digest: their digests fit where an output would.
pub const DIGESTS_MAX: usize = 3;
/// Domain of the hashes of blocks.
const BLOCK_DOMAIN: &[u8] = b"CITRATE/inference/digest/v1";

/// A block's hash on each grid.
type Block = [[u8; 16]; GRIDS];

/// What stands for one output.
#[derive(Clone, Debug, PartialEq, Eq, Encode, codec::Decode)]
enum OutputDigest {
    /// [`content_hash`] of an exact output's encoding.
    Exact(H256),
    /// One that may differ.
    Grids(Vec<Block>),
}

/// What stands for a result: a digest for each output of the card, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, codec::Decode)]
pub struct Digest(Vec<OutputDigest>);

impl Digest {
    /// The digest of a result of the model that this card describes. None if the card has no such tolerance, it is no result of
    /// the card's, or a number of it is not finite.
    pub fn of(card: &ModelCard, result: &Tensors) -> Option<Self> {
        if !card.is_digested() || card.check_outputs(result).is_err() {
            return None;
        }
        let output = |(at, spec): (usize, &crate::TensorSpec)| {
            let tensor = result.get(spec.name.as_str())?;
            match card.tolerance_of(at) {
                Tolerance::Digest { step_nano, .. } => {
                    Some(OutputDigest::Grids(blocks(tensor, *step_nano)?))
                }
                Tolerance::Exact => numbers(tensor)
                    .all(is_finite)
                    .then(|| OutputDigest::Exact(content_hash(&tensor.encode()))),
                Tolerance::Close { .. } | Tolerance::TopK { .. } | Tolerance::Tokens { .. } => None,
            }
        };
        card.outputs.iter().enumerate().map(output).collect::<Option<_>>().map(Self)
    }

    /// The digest that these bytes encode, and nothing more.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::decode_all(&mut &*bytes).ok()
    }

    /// Names a digest in its receipt: the hash of its encoding.
    pub fn hash(encoded: &[u8]) -> H256 {
        H256(hashing::blake2_256(encoded))
    }

    /// Whether the results that two digests stand for agree within the tolerance of the card.
    pub fn agrees(&self, other: &Self, card: &ModelCard) -> bool {
        let outputs = card.outputs.len();
        self.0.len() == outputs
            && other.0.len() == outputs
            && self.0.iter().zip(&other.0).enumerate().all(|(at, pair)| {
                match (card.tolerance_of(at), pair) {
                    (
                        Tolerance::Digest { blocks_out_max, .. },
                        (OutputDigest::Grids(a), OutputDigest::Grids(b)),
                    ) => blocks_agree(a, b, *blocks_out_max),
                    (Tolerance::Exact, (OutputDigest::Exact(a), OutputDigest::Exact(b))) => a == b,
                    _ => false,
                }
            })
    }
}

impl ModelCard {
    /// Whether results are compared by their digests where the chain does not hold them.
    pub fn is_digested(&self) -> bool {
        self.tolerance.iter().any(|rule| matches!(rule, Tolerance::Digest { .. }))
    }

    /// Whether its digests fit into the chain, and each of its outputs has one if any has.
    pub(crate) fn digests_fit(&self) -> bool {
        let digests = self.tolerance.iter().filter(|rule| matches!(rule, Tolerance::Digest { .. }));
        let digests = digests.count();
        let exact = self.tolerance.iter().filter(|rule| **rule == Tolerance::Exact).count();
        digests == 0 || digests <= DIGESTS_MAX && digests + exact == self.tolerance.len()
    }
}

/// Whether two tensors of one type and shape agree.
pub(crate) fn tensors_agree(a: &Tensor, b: &Tensor, step_nano: u64, blocks_out_max: u32) -> bool {
    match (blocks(a, step_nano), blocks(b, step_nano)) {
        (Some(a), Some(b)) => blocks_agree(&a, &b, blocks_out_max),
        _ => false,
    }
}

fn blocks_agree(a: &[Block], b: &[Block], out_max: u32) -> bool {
    let is_out = |(a, b): &(&Block, &Block)| !a.iter().zip(b.iter()).any(|(a, b)| a == b);
    let out = a.iter().zip(b).filter(is_out).count();
    a.len() == b.len() && u32::try_from(out).is_ok_and(|out| out <= out_max)
}

/// How many numbers a block of so many has.
pub(crate) fn block_length(numbers: usize) -> usize {
    let [most, least] = [BLOCKS_MAX, BLOCK_NUMBERS].map(|n| usize::try_from(n).unwrap_or(1));
    numbers.div_ceil(most).max(least)
}

/// The blocks of a tensor. None if a number is not finite.
fn blocks(tensor: &Tensor, step_nano: u64) -> Option<Vec<Block>> {
    let step = i128::try_from(fixed(step_nano)).ok()?.max(1);
    let size = usize::try_from(tensor.dtype().size()).ok()?;
    let count = tensor.data().len() / size;
    let length = block_length(count);
    let mut all = numbers(tensor);
    let mut raw = tensor.data().chunks(size);
    let mut blocks = Vec::with_capacity(count.div_ceil(length));
    for at in 0..count.div_ceil(length) {
        let mut cells: [Vec<u8>; GRIDS] = Default::default();
        for (grid, cells) in (0u8..).zip(&mut cells) {
            cells.reserve(length.saturating_mul(16));
            // What another place, type or shape gives is another block.
            let place = u64::try_from(at).unwrap_or(u64::MAX);
            (BLOCK_DOMAIN, grid, place, tensor.dtype(), tensor.shape(), step_nano).encode_to(cells);
        }
        for (number, bytes) in all.by_ref().zip(raw.by_ref()).take(length) {
            match number {
                Number::Fixed(value) => {
                    for (cell, cells) in cells_of(value, step).iter().zip(&mut cells) {
                        cells.extend_from_slice(&cell.to_le_bytes());
                    }
                }
                // Agrees only with itself, and is no cell's index: those are far smaller.
                Number::Large => {
                    let bits =
                        bytes.iter().rev().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
                    let own = i128::MIN.saturating_add(i128::from(bits));
                    cells.iter_mut().for_each(|cells| cells.extend_from_slice(&own.to_le_bytes()));
                }
                Number::NotFinite => return None,
            }
        }
        blocks.push(cells.map(|cells| hashing::blake2_128(&cells)));
    }
    Some(blocks)
}

/// The cell of a number on each grid.
fn cells_of(value: i128, step: i128) -> [i128; GRIDS] {
    // Division of 128 bits is slow in WebAssembly, and hardly any number needs it.
    let (cell, within) = match (i64::try_from(value), i64::try_from(step)) {
        (Ok(value), Ok(step)) => {
            (i128::from(value.div_euclid(step)), i128::from(value.rem_euclid(step)))
        }
        _ => (value.div_euclid(step), value.rem_euclid(step)),
    };
    let mut cells = [cell; GRIDS];
    for (shift, cell) in (0i128..).zip(&mut cells) {
        // A part of the step further on.
        if within.saturating_add(step.saturating_mul(shift) / 4) >= step {
            *cell = cell.saturating_add(1);
        }
    }
    cells
}

#[cfg(test)]
#[expect(clippy::disallowed_types, reason = "outputs of models; the digest reads them as integers")]
mod tests {
    use super::*;
    use crate::agree::FRACTION_BITS;
    use crate::{CardError, DType, Dim, TensorSpec, Text, agree, tests::magika};

    /// A step of a hundredth.
    const STEP: u64 = 10_000_000;

    fn card(step_nano: u64, blocks_out_max: u32) -> ModelCard {
        let rule = Tolerance::Digest { step_nano, blocks_out_max };
        let mut card = ModelCard { tolerance: alloc::vec![rule].try_into().unwrap(), ..magika() };
        card.outputs[0].shape[1] = Dim::Dynamic(Text::truncated("width"));
        card
    }

    fn row(values: &[f32]) -> Tensors {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = Tensor::try_new(DType::F32, alloc::vec![1, values.len() as u32], data);
        Tensors::single("target_label", tensor.unwrap()).unwrap()
    }

    fn digest(card: &ModelCard, values: &[f32]) -> Digest {
        Digest::of(card, &row(values)).unwrap()
    }

    /// A number between 0 and 1, for a seed.
    fn draw(state: &mut u64) -> f32 {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 40) as f32 / (1u64 << 24) as f32
    }

    /// As the definition has it, in floats.
    #[test]
    fn cells_are_those_of_the_definition() {
        let step = i128::try_from(fixed(STEP)).unwrap();
        let mut state = 3;
        for _ in 0..20_000 {
            let value = f64::from(draw(&mut state) - 0.5) * 8.0;
            let fixed = (value * (1u64 << FRACTION_BITS) as f64) as i128;
            let cells = cells_of(fixed, step);
            for (shift, cell) in cells.iter().enumerate() {
                let place = value / 0.01 + shift as f64 / 4.0;
                if (place - place.round()).abs() > 1e-6 {
                    assert_eq!(*cell, place.floor() as i128, "{value} on grid {shift}");
                }
            }
            // What needs 128 bits has the same rule.
            let far = step * (1 << 50);
            assert_eq!(cells_of(fixed + far, step), cells.map(|cell| cell + (1 << 50)));
        }
        assert_eq!(cells_of(-1, step), [-1, 0, 0, 0]);
        assert_eq!(cells_of(0, step), [0; 4]);
    }

    /// A number that differs by less than a quarter of a step never makes a block differ by itself, wherever it lies.
    #[test]
    fn one_number_near_a_border_does_not_matter() {
        let card = card(STEP, 0);
        for place in 0..400 {
            let value = place as f32 * 0.000_1 - 0.02;
            let (a, b) = (digest(&card, &[value]), digest(&card, &[value + 0.002_4]));
            assert!(a.agrees(&b, &card), "{value}");
            assert!(!a.agrees(&digest(&card, &[value + 0.010_1]), &card), "{value}");
        }
    }

    /// What agrees is less than a step apart, in every number of every block that is not out.
    #[test]
    fn what_agrees_is_within_a_step() {
        let mut state = 5;
        let mut seen = [0u32; 2];
        for _ in 0..4_000 {
            let out_max = u32::from(draw(&mut state) < 0.5);
            let card = card(STEP, out_max);
            let a: Vec<f32> = (0..200).map(|_| draw(&mut state) * 4.0 - 2.0).collect();
            let noise = draw(&mut state) * 0.000_4;
            let mut b: Vec<f32> = a.iter().map(|x| x + (draw(&mut state) - 0.5) * noise).collect();
            if draw(&mut state) < 0.5 {
                let at = (draw(&mut state) * 200.0) as usize % 200;
                b[at] += draw(&mut state) * 0.03;
            }
            let agrees = digest(&card, &a).agrees(&digest(&card, &b), &card);
            assert_eq!(agrees, agree(&card, &row(&a), &row(&b)), "as the tensors themselves");
            let far =
                |(a, b): (&[f32], &[f32])| a.iter().zip(b).any(|(a, b)| (a - b).abs() >= 0.010_001);
            let out = a.chunks(64).zip(b.chunks(64)).filter(|pair| far(*pair)).count();
            assert!(!agrees || out <= out_max as usize, "{a:?} {b:?}");
            seen[usize::from(agrees)] += 1;
        }
        assert!(seen.iter().all(|count| *count > 500), "{seen:?}");
    }

    /// The bound in this module's head, for honest results: noise of 1/1000 of the step, blocks of 64 and of 512 numbers.
    #[test]
    fn honest_results_disagree_as_rarely_as_is_said() {
        let mut state = 9;
        let card = card(STEP, 0);
        for (numbers, part) in [(64usize, 0.004f64), (512 * 64, 0.000_5)] {
            let (mut out, mut blocks) = (0usize, 0usize);
            for _ in 0..(64 * 6_000 / numbers).max(8) {
                let a: Vec<f32> = (0..numbers).map(|_| draw(&mut state) * 0.5).collect();
                let b: Vec<f32> = a
                    .iter()
                    .map(|x| x + 0.01 * part as f32 * (draw(&mut state) - 0.5).signum())
                    .collect();
                let [Digest(a), Digest(b)] = [&a, &b].map(|values| digest(&card, values));
                let (OutputDigest::Grids(a), OutputDigest::Grids(b)) = (&a[0], &b[0]) else {
                    unreachable!()
                };
                blocks += a.len();
                out += a.iter().zip(b).filter(|(a, b)| !blocks_agree(&[**a], &[**b], 0)).count();
            }
            let length = block_length(numbers);
            let bound = (1.0 - (1.0 - part).powi(i32::try_from(length).unwrap())).powi(4);
            let most = bound * blocks as f64;
            assert!((out as f64) < most + 4.0 * most.sqrt() + 1.0, "{out} of {blocks}: {bound}");
        }
    }

    #[test]
    fn a_digest_is_one_of_its_card_shape_and_place() {
        let card = card(STEP, 0);
        let (a, b) = (digest(&card, &[0.5; 128]), digest(&card, &[0.5; 129]));
        assert!(!a.agrees(&b, &card), "another length");
        let Digest(outputs) = &a;
        let OutputDigest::Grids(blocks) = &outputs[0] else { unreachable!() };
        assert_ne!(blocks[0], blocks[1], "the same numbers at another place");
        assert!(blocks[0].iter().enumerate().all(|(at, hash)| !blocks[0][..at].contains(hash)));
        for bad in [f32::NAN, f32::INFINITY] {
            assert_eq!(Digest::of(&card, &row(&[bad])), None);
            assert!(!agree(&card, &row(&[bad]), &row(&[bad])));
        }
        let large = |value| digest(&card, &[value]);
        assert!(large(1e30).agrees(&large(1e30), &card));
        assert!(!large(1e30).agrees(&large(-1e30), &card));
        assert_eq!(Digest::of(&magika(), &row(&[0.5; 214])), None, "another tolerance");
        assert_eq!(Digest::of(&card, &Tensors::default()), None);
        // The bytes, and nothing else.
        let bytes = a.encode();
        assert_eq!(Digest::from_bytes(&bytes), Some(a.clone()));
        assert_eq!(Digest::from_bytes(&bytes[1..]), None);
        assert_eq!(Digest::from_bytes(&[&bytes[..], &[0]].concat()), None);
        assert!(!a.agrees(&Digest(Vec::new()), &card));
        // A million numbers take as much of the chain as four thousand.
        let most = digest(&card, &alloc::vec![0.5; 1_000_000]).encode().len();
        assert_eq!(most, digest(&card, &[0.5; 4_096]).encode().len());
        assert!(most * DIGESTS_MAX <= crate::INLINE_BYTES_MAX as usize, "{most}");
        assert_eq!(digest(&card, &[]).encode(), [4, 1, 0]);
    }

    #[test]
    fn cards_have_few_digests_and_otherwise_exact_outputs() {
        let with = |rules: &[Tolerance]| {
            let mut card = card(STEP, 0);
            let spec = |at: usize| TensorSpec {
                name: Text::truncated(["a", "b", "c", "d"][at]),
                ..card.outputs[0].clone()
            };
            card.outputs = (0..rules.len()).map(spec).collect::<Vec<_>>().try_into().unwrap();
            card.tolerance = rules.to_vec().try_into().unwrap();
            card.referee = Default::default();
            card.postprocess = crate::Postprocess::Tensors;
            card.validate()
        };
        let digest = Tolerance::Digest { step_nano: STEP, blocks_out_max: BLOCKS_OUT_MAX };
        let close = Tolerance::Close { atol_nano: 1, rtol_nano: 0, outliers_max: 0 };
        assert_eq!(with(&[digest.clone(), Tolerance::Exact]), Ok(()));
        assert_eq!(with(&alloc::vec![digest.clone(); 3]), Ok(()));
        for rules in [
            alloc::vec![digest.clone(); 4],
            alloc::vec![digest, close],
            alloc::vec![Tolerance::Digest { step_nano: 0, blocks_out_max: 0 }],
            alloc::vec![Tolerance::Digest { step_nano: 1, blocks_out_max: BLOCKS_OUT_MAX + 1 }],
        ] {
            assert_eq!(with(&rules), Err(CardError::Tolerance), "{rules:?}");
        }
    }
}
