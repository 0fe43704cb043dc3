//! When two results cannot both be near one honest result.
//!
//! Within a tolerance is not transitive ([`agree`](crate::agree)): an honest machine may be within it of what an example should
//! give and of what the referee finds, while these two are not within it of each other. Who is to be punished for saying that
//! an example is met must therefore be beyond any such machine's result.

use alloc::vec::Vec;

use crate::agree::{Number, close, each_row, is_finite, kth_best, margin, numbers, pairs};
use crate::digest::block_length;
use crate::{ModelCard, Tensor, Tensors, Tolerance};

impl ModelCard {
    /// Whether no result of this model agrees with both of these: then who says that it got one that does with the first,
    /// where the second is what the model gives, has not run it.
    ///
    /// Both must be outputs of the card. False where that cannot be told, as for texts, which the referee does not judge.
    pub fn contradicts(&self, a: &Tensors, b: &Tensors) -> bool {
        self.outputs.iter().enumerate().any(|(at, spec)| {
            match (a.get(spec.name.as_str()), b.get(spec.name.as_str())) {
                (Some(a), Some(b)) => is_beyond(self.tolerance_of(at), a, b),
                _ => true,
            }
        })
    }
}

fn is_beyond(tolerance: &Tolerance, a: &Tensor, b: &Tensor) -> bool {
    if matches!(tolerance, Tolerance::Tokens { .. }) {
        return false;
    }
    // What agrees with a tensor has its shape.
    if a.dtype() != b.dtype() || a.shape() != b.shape() {
        return true;
    }
    match tolerance {
        Tolerance::Tokens { .. } => false,
        Tolerance::Exact => a.data() != b.data() || !numbers(a).all(is_finite),
        // With r at most 1, whatever is near both is near both where it lies between them: moving it there brings it nearer by
        // more than it lowers the bound. So it is as large as the larger of them at most, and their distance is twice the
        // bound at most. As many elements may be out on either side.
        Tolerance::Close { atol_nano, rtol_nano, outliers_max } => {
            let (atol, rtol) = (atol_nano.saturating_mul(2), rtol_nano.saturating_mul(2));
            let mut apart = 0u32;
            pairs(a, b).any(|(x, y, same)| {
                if !is_finite(x) || !is_finite(y) {
                    return true;
                }
                if !same && !close(x, y, atol, rtol) {
                    apart = apart.saturating_add(1);
                }
                apart > outliers_max.saturating_mul(2)
            })
        }
        // Whatever agrees with a block is less than a step from each of its numbers. As many blocks may be out on either side.
        Tolerance::Digest { step_nano, blocks_out_max } => {
            let apart = |(x, y, same): &(Number, Number, bool)| {
                !is_finite(*x)
                    || !is_finite(*y)
                    || !same && !close(*x, *y, step_nano.saturating_mul(2), 0)
            };
            let all: Vec<_> = pairs(a, b).collect();
            let blocks = all.chunks(block_length(all.len()));
            let out = blocks.filter(|block| block.iter().any(apart)).count();
            u32::try_from(out).map_or(true, |out| out > blocks_out_max.saturating_mul(2))
        }
        // The best of whatever agrees with a row are near the best of that row: `k` elements must be so in both.
        Tolerance::TopK { k, margin_nano } => {
            !each_row(a, b, |a, b, room| enough_in_both(a, b, *k, *margin_nano, room))
                .unwrap_or(false)
        }
    }
}

/// Whether `k` elements at least are among the best of both rows, or near them.
fn enough_in_both(a: &[i128], b: &[i128], k: u32, nano: u64, room: &mut Vec<i128>) -> bool {
    let (Some(last_a), Some(last_b)) = (kth_best(a, k, room), kth_best(b, k, room)) else {
        return false;
    };
    let margin = margin(nano);
    let near = |score: i128, last: i128| score >= last || last.saturating_sub(score) < margin;
    let both = a.iter().zip(b).filter(|(a, b)| near(**a, last_a) && near(**b, last_b)).count();
    let wanted = usize::try_from(k.max(1)).unwrap_or(usize::MAX).min(a.len());
    both >= wanted
}

#[cfg(test)]
#[expect(
    clippy::disallowed_types,
    reason = "outputs of models; nothing is computed with them here"
)]
mod tests {
    use super::*;
    use crate::{DType, agree, tests::magika};

    fn card(tolerance: Tolerance) -> ModelCard {
        ModelCard { tolerance: alloc::vec![tolerance].try_into().unwrap(), ..magika() }
    }

    fn row(values: &[f32]) -> Tensors {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = Tensor::try_new(DType::F32, alloc::vec![1, values.len() as u32], data);
        Tensors::single("target_label", tensor.unwrap()).unwrap()
    }

    /// Numbers that repeat, for a seed.
    fn draw(state: &mut u64, values: u64) -> u64 {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % values
    }

    /// The rule's soundness: whoever is within the tolerance of both is never taken for a liar. That it finds liars is below.
    #[test]
    fn who_agrees_with_both_is_never_beyond() {
        let mut state = 11;
        let mut seen = [0u32; 2];
        for _ in 0..40_000 {
            let tolerance = match draw(&mut state, 5) {
                0 => Tolerance::Exact,
                1 => Tolerance::TopK {
                    k: 1 + draw(&mut state, 3) as u32,
                    margin_nano: draw(&mut state, 3) * 100_000_000,
                },
                2 => Tolerance::Digest {
                    step_nano: 100_000_000 + draw(&mut state, 2) * 150_000_000,
                    blocks_out_max: draw(&mut state, 2) as u32,
                },
                _ => Tolerance::Close {
                    atol_nano: draw(&mut state, 3) * 100_000_000,
                    rtol_nano: [0, 100_000_000, 500_000_000, 1_000_000_000]
                        [draw(&mut state, 4) as usize],
                    outliers_max: draw(&mut state, 2) as u32,
                },
            };
            let card = card(tolerance);
            // Few values, so that ties and agreement are frequent.
            let steps = if draw(&mut state, 2) == 0 { 3 } else { 12 };
            let mut values = || [0; 4].map(|_: i32| (draw(&mut state, steps) as f32 - 2.0) * 0.1);
            let [honest, expected, truth] = [(); 3].map(|()| row(&values()));
            let both = agree(&card, &expected, &honest) && agree(&card, &truth, &honest);
            let beyond = card.contradicts(&expected, &truth);
            assert!(!(both && beyond), "{card:?}: {expected:?} {honest:?} {truth:?}");
            assert_eq!(beyond, card.contradicts(&truth, &expected));
            seen[0] += u32::from(both);
            seen[1] += u32::from(beyond);
        }
        assert!(seen.iter().all(|count| *count > 4_000), "{seen:?}");
    }

    #[test]
    fn what_no_machine_can_have_given_is_found() {
        let close = card(Tolerance::Close { atol_nano: 10_000_000, rtol_nano: 0, outliers_max: 1 });
        let beyond = |card: &ModelCard, a: &[f32], b: &[f32]| card.contradicts(&row(a), &row(b));
        let zeros = [0.0f32; 4];
        // Within twice the tolerance there may be one in the middle, and two elements may be out, one on each side.
        assert!(!beyond(&close, &zeros, &[0.0199; 4]));
        assert!(!beyond(&close, &zeros, &[9.0, 9.0, 0.0, 0.0]));
        assert!(beyond(&close, &zeros, &[9.0, 9.0, 0.021, 0.0]));
        assert!(beyond(&close, &zeros, &[0.0, 0.0, f32::NAN, 0.0]));
        assert!(beyond(&close, &zeros, &zeros[..3]), "another shape");
        let top = card(Tolerance::TopK { k: 1, margin_nano: 100_000_000 });
        assert!(beyond(&top, &[0.9, 0.1, 0.0], &[0.1, 0.9, 0.0]));
        assert!(!beyond(&top, &[0.9, 0.85, 0.0], &[0.1, 0.9, 0.0]));
        let exact = card(Tolerance::Exact);
        assert!(beyond(&exact, &[1.0], &[2.0]) && !beyond(&exact, &[1.0], &[1.0]));
        let text = card(Tolerance::Tokens { prefix: 0, margin_micro: 0 });
        assert!(!beyond(&text, &[1.0], &[2.0]), "the referee writes no texts");
        assert!(text.contradicts(&row(&[1.0]), &Tensors::default()), "an output is missing");
    }
}
