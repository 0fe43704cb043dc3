//! Whether two results of a model are the same, within the tolerance of its card.
//!
//! Nothing here uses floating point: a block's execution depends on it. A float is read into a fixed-point integer with
//! [`FRACTION_BITS`] bits after the point, smaller digits cut off; NaN and infinity agree with nothing. The relation
//! is symmetric, but no tolerance makes it transitive: of three results the middle one may agree with both others.
//! (`specs/verified-inference.md`, section 2.)

use alloc::vec::Vec;

use crate::{DType, ModelCard, Tensor, Tensors, Tolerance, digest};

/// Bits after the point: a step is 9e-13, well below the 1e-9 in which tolerances count.
pub(crate) const FRACTION_BITS: i32 = 40;
/// LIMIT: a number of this many bits or more, the fraction included, agrees only with itself. Below it a product with a
/// relative tolerance of at most 1 fits 128 bits.
const MAGNITUDE_BITS: i32 = 96;
/// What a tolerance counts in.
const NANO: u128 = 1_000_000_000;

/// A number as it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// In units of 2^-40.
    Fixed(i128),
    /// Finite, but too large.
    Large,
    /// NaN or infinite.
    NotFinite,
}

/// Whether two results of the model that this card describes agree in every output.
///
/// Both must have the outputs of the card, with the same types and shapes.
pub fn agree(card: &ModelCard, a: &Tensors, b: &Tensors) -> bool {
    let outputs = card.outputs.len();
    a.len() == outputs
        && b.len() == outputs
        && card.outputs.iter().enumerate().all(|(at, spec)| {
            match (a.get(spec.name.as_str()), b.get(spec.name.as_str())) {
                (Some(a), Some(b)) => tensors_agree(card.tolerance_of(at), a, b),
                _ => false,
            }
        })
}

/// Whether two tensors agree within a tolerance.
fn tensors_agree(tolerance: &Tolerance, a: &Tensor, b: &Tensor) -> bool {
    // Texts may end at different places.
    if let Tolerance::Tokens { prefix, margin_micro } = tolerance {
        return texts_agree(a, b, *prefix, *margin_micro);
    }
    if a.dtype() != b.dtype() || a.shape() != b.shape() {
        return false;
    }
    match tolerance {
        Tolerance::Tokens { .. } => false,
        Tolerance::Exact => a.data() == b.data() && numbers(a).all(is_finite),
        Tolerance::Close { atol_nano, rtol_nano, outliers_max } => {
            let mut outliers = 0u32;
            pairs(a, b).all(|(x, y, same)| {
                if !is_finite(x) || !is_finite(y) {
                    return false;
                }
                if !same && !close(x, y, *atol_nano, *rtol_nano) {
                    outliers = outliers.saturating_add(1);
                }
                outliers <= *outliers_max
            })
        }
        Tolerance::Digest { step_nano, blocks_out_max } => {
            digest::tensors_agree(a, b, *step_nano, *blocks_out_max)
        }
        Tolerance::TopK { k, margin_nano } => {
            each_row(a, b, |a, b, room| best_agree(a, b, *k, *margin_nano, room)).unwrap_or(false)
        }
    }
}

/// Whether something holds of each row of two tensors, with room to reorder one: an allocation for each would take most of the
/// time in WebAssembly. None if a number cannot be compared.
pub(crate) fn each_row(
    a: &Tensor,
    b: &Tensor,
    mut holds: impl FnMut(&[i128], &[i128], &mut Vec<i128>) -> bool,
) -> Option<bool> {
    let columns = a.shape().last().copied().unwrap_or(1).max(1);
    let columns = usize::try_from(columns).unwrap_or(usize::MAX);
    let (a, b) = (scores(a)?, scores(b)?);
    let mut room = Vec::new();
    Some(a.chunks(columns).zip(b.chunks(columns)).all(|(a, b)| holds(a, b, &mut room)))
}

/// Whether two texts are the same up to the end, or up to a token in whose place either machine says that it might as
/// well have taken another one. What follows it cannot be compared.
fn texts_agree(a: &Tensor, b: &Tensor, prefix: u32, margin_micro: u32) -> bool {
    let is_text =
        |tensor: &Tensor| tensor.dtype() == DType::I32 && matches!(tensor.shape(), [_, 2]);
    if !is_text(a) || !is_text(b) {
        return false;
    }
    let (a, b) = (tokens(a), tokens(b));
    let is_near = |margin: i32| u32::try_from(margin).is_ok_and(|margin| margin < margin_micro);
    let parted = (0u32..).zip(a.clone().zip(b.clone())).find(|(_, (a, b))| a.0 != b.0);
    match parted {
        None => a.count() == b.count(),
        Some((at, (a, b))) => at >= prefix && is_near(a.1) && is_near(b.1),
    }
}

/// A text's tokens, each with its margin.
fn tokens(tensor: &Tensor) -> impl Iterator<Item = (i32, i32)> + Clone + use<'_> {
    let numbers = tensor.data().as_chunks().0.iter().map(|bytes| i32::from_le_bytes(*bytes));
    numbers.clone().step_by(2).zip(numbers.skip(1).step_by(2))
}

/// The numbers of both, with whether they are the same bytes.
pub(crate) fn pairs<'a>(
    a: &'a Tensor,
    b: &'a Tensor,
) -> impl Iterator<Item = (Number, Number, bool)> + use<'a> {
    let bytes = usize::try_from(a.dtype().size()).unwrap_or(1);
    let same = a.data().chunks(bytes).zip(b.data().chunks(bytes)).map(|(x, y)| x == y);
    numbers(a).zip(numbers(b)).zip(same).map(|((x, y), same)| (x, y, same))
}

pub(crate) fn is_finite(number: Number) -> bool {
    number != Number::NotFinite
}

/// |x - y| <= atol + rtol max(|x|, |y|).
pub(crate) fn close(x: Number, y: Number, atol_nano: u64, rtol_nano: u64) -> bool {
    let (Number::Fixed(x), Number::Fixed(y)) = (x, y) else { return false };
    let largest = x.unsigned_abs().max(y.unsigned_abs());
    let relative = largest.checked_mul(u128::from(rtol_nano)).map(|product| product / NANO);
    let bound = relative.and_then(|relative| relative.checked_add(fixed(atol_nano)));
    bound.is_some_and(|bound| x.abs_diff(y) <= bound)
}

/// Billionths in units of 2^-40.
pub(crate) fn fixed(nano: u64) -> u128 {
    (u128::from(nano) << FRACTION_BITS) / NANO
}

/// Whether the `k` best scores of two rows are those of the same elements, but for elements whose score in the other
/// row is less than the margin below its `k`-th best.
fn best_agree(a: &[i128], b: &[i128], k: u32, margin_nano: u64, room: &mut Vec<i128>) -> bool {
    let (Some(last_a), Some(last_b)) = (kth_best(a, k, room), kth_best(b, k, room)) else {
        return false;
    };
    let margin = margin(margin_nano);
    let near = |score: i128, last: i128| score >= last || last.saturating_sub(score) < margin;
    a.iter()
        .zip(b)
        .all(|(a, b)| (*a < last_a || near(*b, last_b)) && (*b < last_b || near(*a, last_a)))
}

/// A tensor's scores. None if one cannot be compared.
fn scores(tensor: &Tensor) -> Option<Vec<i128>> {
    let score = |number: Number| match number {
        Number::Fixed(value) => Some(value),
        Number::Large | Number::NotFinite => None,
    };
    numbers(tensor).map(score).collect()
}

/// A margin as scores are compared.
pub(crate) fn margin(nano: u64) -> i128 {
    i128::try_from(fixed(nano)).unwrap_or(i128::MAX)
}

/// The `k`-th best score, or the worst one if there are fewer.
pub(crate) fn kth_best(scores: &[i128], k: u32, room: &mut Vec<i128>) -> Option<i128> {
    room.clear();
    room.extend_from_slice(scores);
    let at = usize::try_from(k.max(1)).unwrap_or(usize::MAX).min(scores.len()).checked_sub(1)?;
    let (_, kth, _) = room.select_nth_unstable_by(at, |a, b| b.cmp(a));
    Some(*kth)
}

/// A tensor's elements.
pub(crate) fn numbers(tensor: &Tensor) -> impl Iterator<Item = Number> + use<'_> {
    let dtype = tensor.dtype();
    let bytes = usize::try_from(dtype.size()).unwrap_or(1);
    tensor.data().chunks(bytes).map(move |element| {
        let bits = element.iter().rev().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        match dtype {
            DType::F16 => float(bits, 5, 10),
            DType::F32 => float(bits, 8, 23),
            DType::F64 => float(bits, 11, 52),
            DType::I8 | DType::I16 | DType::I32 | DType::I64 => {
                let unused = 64u32.saturating_sub(8u32.saturating_mul(dtype.size() as u32));
                integer(i128::from((bits << unused).cast_signed() >> unused))
            }
            DType::U8 | DType::U16 | DType::U32 | DType::U64 | DType::Bool => {
                integer(i128::from(bits))
            }
        }
    })
}

fn integer(value: i128) -> Number {
    let fixed = value << FRACTION_BITS;
    if fixed.unsigned_abs() >> MAGNITUDE_BITS == 0 { Number::Fixed(fixed) } else { Number::Large }
}

/// Reads an IEEE 754 binary number with so many bits of exponent and of mantissa.
pub(crate) fn float(bits: u64, exponent_bits: i32, mantissa_bits: i32) -> Number {
    let mantissa = bits & ((1 << mantissa_bits) - 1);
    let top = (1u64 << exponent_bits) - 1;
    let exponent = bits >> mantissa_bits & top;
    if exponent == top {
        return Number::NotFinite;
    }
    // A subnormal number has the exponent of the smallest normal one, and no leading one.
    let significand = if exponent == 0 { mantissa } else { mantissa | 1 << mantissa_bits };
    let exponent = i32::try_from(exponent.max(1)).unwrap_or(i32::MAX);
    let bias = (1 << (exponent_bits - 1)) - 1;
    let shift = exponent - bias - mantissa_bits + FRACTION_BITS;
    let length = 64 - i32::try_from(significand.leading_zeros()).unwrap_or(64);
    let magnitude = if significand == 0 || length + shift <= 0 {
        0
    } else if length + shift > MAGNITUDE_BITS {
        return Number::Large;
    } else if shift >= 0 {
        i128::from(significand) << shift
    } else {
        i128::from(significand >> -shift)
    };
    let negative = bits >> (exponent_bits + mantissa_bits) & 1 == 1;
    Number::Fixed(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
#[expect(clippy::disallowed_types, reason = "the reference is in floats")]
mod tests {
    use super::*;
    use crate::tests::magika;

    fn tensor(values: &[f32]) -> Tensor {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Tensor::try_new(DType::F32, alloc::vec![1, values.len() as u32], data).unwrap()
    }

    fn within(tolerance: &Tolerance, a: &[f32], b: &[f32]) -> bool {
        let forth = tensors_agree(tolerance, &tensor(a), &tensor(b));
        assert_eq!(forth, tensors_agree(tolerance, &tensor(b), &tensor(a)), "{a:?} {b:?}");
        forth
    }

    const fn close_to(atol_nano: u64, rtol_nano: u64, outliers_max: u32) -> Tolerance {
        Tolerance::Close { atol_nano, rtol_nano, outliers_max }
    }

    /// Bits that make every kind of number likely.
    fn bits(state: &mut u64) -> u64 {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state ^ *state >> 29
    }

    #[test]
    fn floats_are_read_as_they_are() {
        let fixed = |number: Number| match number {
            Number::Fixed(value) => value as f64 / (1u64 << FRACTION_BITS) as f64,
            other => panic!("{other:?}"),
        };
        let f64s = |value: f64| float(value.to_bits(), 11, 52);
        for value in [0.0, -0.0, 1.0, -1.5, 0.1, 1e-13, 123_456.789, -7e15, 2f64.powi(55), 5e-324] {
            assert!((fixed(f64s(value)) - value).abs() <= 1e-12 * value.abs().max(1.0), "{value}");
        }
        assert_eq!(f64s(2f64.powi(56)), Number::Large);
        assert_eq!(f64s(-f64::MAX), Number::Large);
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(f64s(value), Number::NotFinite);
        }
        let mut state = 1;
        for _ in 0..100_000 {
            let value = f32::from_bits(bits(&mut state) as u32);
            match float(u64::from(value.to_bits()), 8, 23) {
                Number::Fixed(fixed) => {
                    let read = fixed as f64 / (1u64 << FRACTION_BITS) as f64;
                    assert!((read - f64::from(value)).abs() <= 1e-12, "{value}: {read}");
                }
                Number::Large => assert!(value.abs() >= 2f32.powi(55), "{value}"),
                Number::NotFinite => assert!(!value.is_finite(), "{value}"),
            }
        }
        // Half precision: one, the smallest subnormal, the largest, infinity.
        assert_eq!(float(0x3c00, 5, 10), Number::Fixed(1 << FRACTION_BITS));
        assert_eq!(float(0x8001, 5, 10), Number::Fixed(-(1 << (FRACTION_BITS - 24))));
        assert_eq!(float(0x7bff, 5, 10), Number::Fixed(65_504 << FRACTION_BITS));
        assert_eq!(float(0x7c00, 5, 10), Number::NotFinite);
    }

    #[test]
    fn closeness_is_that_of_exact_arithmetic() {
        let mut state = 7;
        let mut seen = [0u32; 2];
        for _ in 0..100_000 {
            let x = (bits(&mut state) % 2_000_001) as f32 / 1_000_000.0 - 1.0;
            let y = x + ((bits(&mut state) % 2_001) as f32 - 1_000.0) / 500_000.0;
            let bound = 1e-3 + 1e-3 * f64::from(x.abs().max(y.abs()));
            let distance = (f64::from(x) - f64::from(y)).abs();
            if (distance - bound).abs() < 1e-11 {
                continue;
            }
            let found = within(&close_to(1_000_000, 1_000_000, 0), &[x], &[y]);
            assert_eq!(found, distance < bound, "{x} {y}");
            seen[usize::from(found)] += 1;
        }
        assert!(seen.iter().all(|count| *count > 10_000), "{seen:?}");
    }

    #[test]
    fn few_elements_may_be_out_and_none_may_be_nonsense() {
        let a = [0.5, 0.25, 0.125, 3.0];
        let b = [0.5, 0.3, 0.2, 3.0];
        assert!(!within(&close_to(1_000_000, 0, 1), &a, &b));
        assert!(within(&close_to(1_000_000, 0, 2), &a, &b));
        assert!(!within(&close_to(u64::MAX, 1_000_000_000, 9), &[f32::NAN], &[f32::NAN]));
        assert!(!within(&close_to(u64::MAX, 1_000_000_000, 9), &[f32::INFINITY], &[1.0]));
        // Too large to compare: only the same.
        assert!(within(&close_to(0, 0, 0), &[1e30], &[1e30]));
        assert!(!within(&close_to(u64::MAX, 1_000_000_000, 0), &[1e30], &[2e30]));
        assert!(within(&Tolerance::Exact, &a, &a));
        assert!(!within(&Tolerance::Exact, &a, &b));
        assert!(!within(&Tolerance::Exact, &[f32::NAN], &[f32::NAN]));
        // Another shape or type is another result.
        let wide = Tensor::try_new(DType::F32, alloc::vec![4, 1], tensor(&a).data().to_vec());
        assert!(!tensors_agree(&close_to(u64::MAX, 0, 9), &tensor(&a), &wide.unwrap()));
        let other = Tensor::try_new(DType::I32, alloc::vec![1, 4], tensor(&a).data().to_vec());
        assert!(!tensors_agree(&Tolerance::Exact, &tensor(&a), &other.unwrap()));
    }

    #[test]
    fn integers_of_every_width_have_their_sign() {
        let read = |dtype: DType, data: &[u8]| {
            let tensor = Tensor::try_new(dtype, alloc::vec![1], data.to_vec()).unwrap();
            numbers(&tensor).next().unwrap()
        };
        let one = 1i128 << FRACTION_BITS;
        assert_eq!(read(DType::I8, &[0xff]), Number::Fixed(-one));
        assert_eq!(read(DType::U8, &[0xff]), Number::Fixed(255 * one));
        assert_eq!(read(DType::I16, &(-300i16).to_le_bytes()), Number::Fixed(-300 * one));
        assert_eq!(
            read(DType::I32, &i32::MIN.to_le_bytes()),
            Number::Fixed(one * i128::from(i32::MIN))
        );
        assert_eq!(read(DType::I64, &(-5i64).to_le_bytes()), Number::Fixed(-5 * one));
        assert_eq!(read(DType::I64, &i64::MIN.to_le_bytes()), Number::Large);
        assert_eq!(read(DType::U64, &u64::MAX.to_le_bytes()), Number::Large);
        assert_eq!(read(DType::Bool, &[1]), Number::Fixed(one));
    }

    #[test]
    fn the_best_are_the_same_but_for_near_ties() {
        let top = |k, margin_nano| Tolerance::TopK { k, margin_nano };
        let a = [0.9, 0.5, 0.49, 0.1];
        let b = [0.8, 0.48, 0.5, 0.1];
        // The second place goes to another one, by 0.02 in one row and 0.01 in the other.
        assert!(!within(&top(2, 0), &a, &b));
        assert!(!within(&top(2, 15_000_000), &a, &b));
        assert!(within(&top(2, 25_000_000), &a, &b));
        assert!(within(&top(1, 0), &a, &b));
        assert!(within(&top(3, 0), &a, &b));
        assert!(!within(&top(1, 100_000_000), &a, &[0.1, 0.9, 0.5, 0.49]));
        assert!(within(&top(9, 0), &a, &b), "more places than scores");
        assert!(!within(&top(1, u64::MAX), &[f32::NAN, 1.0], &[f32::NAN, 1.0]));
        // Row by row.
        let rows = |data: &[f32]| {
            let data = data.iter().flat_map(|value| value.to_le_bytes()).collect();
            Tensor::try_new(DType::F32, alloc::vec![2, 2], data).unwrap()
        };
        let agree = |a: &[f32], b: &[f32]| tensors_agree(&top(1, 0), &rows(a), &rows(b));
        assert!(agree(&[1.0, 0.0, 0.0, 1.0], &[0.6, 0.4, 0.4, 0.6]));
        assert!(!agree(&[1.0, 0.0, 0.0, 1.0], &[0.6, 0.4, 0.6, 0.4]));
    }

    #[test]
    fn texts_part_only_where_both_nearly_chose_otherwise() {
        let text = |rows: &[(i32, i32)]| {
            let data = rows.iter().flat_map(|(token, margin)| [*token, *margin]);
            let data = data.flat_map(i32::to_le_bytes).collect();
            Tensor::try_new(DType::I32, alloc::vec![rows.len() as u32, 2], data).unwrap()
        };
        let same = |prefix, margin_micro, a: &[(i32, i32)], b: &[(i32, i32)]| {
            let rule = Tolerance::Tokens { prefix, margin_micro };
            let forth = tensors_agree(&rule, &text(a), &text(b));
            assert_eq!(forth, tensors_agree(&rule, &text(b), &text(a)), "{a:?} {b:?}");
            forth
        };
        let a = [(5, 900), (6, 800), (7, 10), (8, 700)];
        assert!(same(0, 0, &a, &a));
        // Margins alone may differ.
        assert!(same(0, 0, &a, &[(5, 1), (6, 2), (7, 3), (8, 4)]));
        let parted = [(5, 900), (6, 800), (9, 11), (1, 5), (2, 6)];
        assert!(same(2, 12, &a, &parted), "both had a margin of less");
        assert!(!same(2, 11, &a, &parted), "one had a margin of as much");
        assert!(!same(3, 12, &a, &parted), "a token before the prefix's end");
        // Only one of them says that it was near: a liar may say so wherever it likes.
        assert!(!same(0, 100, &a, &[(5, 900), (1, 0)]));
        assert!(!same(0, 100, &a, &[(5, 900), (6, 800), (9, -1)]));
        // A text that is cut off, or goes on after its end.
        assert!(!same(0, u32::MAX, &a, &a[..3]));
        assert!(same(0, 0, &[], &[]));
        let rule = Tolerance::Tokens { prefix: 0, margin_micro: 0 };
        assert!(!tensors_agree(&rule, &tensor(&[1.0, 2.0]), &tensor(&[1.0, 2.0])), "no text");
    }

    #[test]
    fn results_have_all_outputs_of_the_card_and_no_other() {
        let card = magika();
        let result = |name: &str, values: &[f32]| Tensors::single(name, tensor(values)).unwrap();
        let good = result("target_label", &[0.5; 214]);
        assert!(agree(&card, &good, &good));
        assert!(!agree(&card, &good, &Tensors::default()));
        assert!(!agree(&card, &good, &result("label", &[0.5; 214])));
        let mut two = good.clone().into_inner();
        two.push(crate::NamedTensor { name: "more".into(), tensor: tensor(&[1.0]) });
        let two = Tensors::try_new(two).unwrap();
        assert!(!agree(&card, &two, &two));
    }
}
