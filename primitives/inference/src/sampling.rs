//! The choice of the next token, in integers, so that whoever has the same scores makes the same choice.
//!
//! Scores are decoded from their bits into multiples of 2^-24. With a temperature, a token's weight is
//! exp((score - best) / temperature) in units of 2^-32; of those that `top_k` and `top_p` leave, the one is taken in
//! whose part of the sum, in the order of the vocabulary, a number lies that is drawn from seed and position.
//!
//! With each token comes its *margin*: how much nearer to each other two scores may come, at least, until another one
//! would have been chosen. Two honest machines whose scores differ by less than half of it agree.

use alloc::vec::Vec;
use core::cmp::Reverse;

use citrate_core::hashing;
use codec::Encode;

use crate::{
    Sampling,
    agree::{FRACTION_BITS, Number, float},
    prompt::MILLI,
};

/// Domain of the draws.
const DRAW_DOMAIN: &[u8] = b"CITRATE/inference/draw/v1";
/// Bits after a score's point.
const SCORE_BITS: i32 = 24;
/// LIMIT: scores are below 2^20 in magnitude; no model that works comes near.
const SCORE_MAX: i64 = 1 << (20 + SCORE_BITS);
/// Bits after a weight's point.
const WEIGHT_BITS: u32 = 32;
/// log2(e) in units of 2^-32.
const LOG2_E: u128 = 6_196_328_019;
/// 2^-(1/2), 2^-(1/4), ..., in units of 2^-62.
const ROOTS: [u128; 32] = roots();
/// LIMIT: the largest margin that is told, 1000; in units of 1e-6 it fits an `i32`.
const MARGIN_MAX: i64 = 1_000 << SCORE_BITS;

/// The next token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its number in the vocabulary.
    pub token: u32,
    /// How sure it is, in units of 1e-6 of a score; 1000 at most.
    pub margin_micro: i32,
}

/// A score from the bits of an `f32`; none if it is no number, infinite or too large.
pub fn score(bits: u32) -> Option<i64> {
    let Number::Fixed(value) = float(u64::from(bits), 8, 23) else { return None };
    let value = i64::try_from(value >> (FRACTION_BITS - SCORE_BITS)).ok()?;
    (-SCORE_MAX < value && value < SCORE_MAX).then_some(value)
}

/// Chooses the token at this position of the text from the scores of the whole vocabulary; none if there are no
/// scores, one of them is [none](score), or the sampling makes no sense.
pub fn choose(scores: &[i64], sampling: &Sampling, position: u32) -> Option<Choice> {
    let is_score = |score: &i64| -SCORE_MAX < *score && *score < SCORE_MAX;
    if !sampling.is_sound() || !scores.iter().all(is_score) {
        return None;
    }
    let (token, margin) = match *sampling {
        Sampling::Greedy => best(scores)?,
        Sampling::Seeded { temperature_milli, top_k, top_p_milli, seed } => {
            let draw = draw(seed, position);
            let filter = Filter { temperature_milli, top_k, top_p_milli };
            filter.sample(scores, draw)?
        }
    };
    let micro = i128::from(margin.clamp(0, MARGIN_MAX)).saturating_mul(1_000_000) >> SCORE_BITS;
    Some(Choice { token, margin_micro: i32::try_from(micro).unwrap_or(i32::MAX) })
}

/// The best score's token, the first one of several, with its distance to the second best.
fn best(scores: &[i64]) -> Option<(u32, i64)> {
    let mut entries = (0u32..).zip(scores.iter().copied());
    let mut best = entries.next()?;
    let mut second = i64::MIN;
    for (token, score) in entries {
        if score > best.1 {
            second = best.1;
            best = (token, score);
        } else {
            second = second.max(score);
        }
    }
    Some((best.0, best.1.saturating_sub(second)))
}

/// A uniformly distributed number for a position of a text.
fn draw(seed: u64, position: u32) -> u64 {
    let hash = (DRAW_DOMAIN, seed, position).using_encoded(hashing::blake2_256);
    u64::from_le_bytes(*hash.first_chunk().unwrap_or(&[0; 8]))
}

/// Which tokens are considered, and how much.
struct Filter {
    temperature_milli: u32,
    top_k: u32,
    top_p_milli: u32,
}

impl Filter {
    /// The token in whose part of the weights the draw lies, with its margin.
    fn sample(&self, scores: &[i64], draw: u64) -> Option<(u32, i64)> {
        let mut order: Vec<(u32, i64)> = (0u32..).zip(scores.iter().copied()).collect();
        let rank = |entry: &(u32, i64)| (Reverse(entry.1), entry.0);
        let k = usize::try_from(self.top_k).unwrap_or(usize::MAX);
        // One more than are considered, to know how near it is.
        if k > 0 && k.saturating_add(1) < order.len() {
            order.select_nth_unstable_by_key(k, rank);
            order.truncate(k.saturating_add(1));
        }
        order.sort_unstable_by_key(rank);
        let top = order.first()?.1;
        let within = if k == 0 { order.len() } else { k.min(order.len()) };
        let mut weights: Vec<u64> = Vec::with_capacity(within);
        weights.extend(order.iter().take(within).map(|(_, score)| self.weight(top, *score)));
        let (kept, slack) = self.nucleus(&weights);
        let total: u64 = weights.iter().take(kept).sum();

        // Another one may come in, take the worst one's place or go out before the draw is past a border.
        let (_, worst) = *order.get(kept.checked_sub(1)?)?;
        let gap = order.get(kept).map(|(_, next)| worst.saturating_sub(*next));
        let edge = gap.into_iter().chain(slack).min().unwrap_or(i64::MAX);
        let mut parts: Vec<(u32, u64)> = order
            .iter()
            .take(kept)
            .zip(&weights)
            .map(|((token, _), weight)| (*token, *weight))
            .collect();
        parts.sort_unstable();
        let target = u64::try_from((u128::from(draw) * u128::from(total)) >> 64).ok()?;
        let mut below = 0u64;
        for (token, weight) in parts {
            let end = below.saturating_add(weight);
            if target < end {
                // The first and last border do not move.
                let lower = if below == 0 { u64::MAX } else { target - below };
                let upper = if end == total { u64::MAX } else { end - target };
                return Some((token, edge.min(self.moved(lower.min(upper), total))));
            }
            below = end;
        }
        None
    }

    /// exp(-(top - score) / temperature) in units of 2^-32; at least one, so that nothing is left out by rounding.
    fn weight(&self, top: i64, score: i64) -> u64 {
        let distance = u128::from(top.abs_diff(score)).saturating_mul(MILLI.into());
        let scaled = distance / u128::from(self.temperature_milli.max(1));
        exp2_negative((scaled.saturating_mul(LOG2_E)) >> SCORE_BITS).max(1)
    }

    /// How many of the best have the wanted part of all weights, and by how much scores may move until it is one more
    /// or less.
    fn nucleus(&self, weights: &[u64]) -> (usize, Option<i64>) {
        if self.top_p_milli >= MILLI {
            return (weights.len(), None);
        }
        let total: u64 = weights.iter().sum();
        let wanted = u128::from(total) * u128::from(self.top_p_milli) / u128::from(MILLI);
        let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
        let mut below = 0u64;
        for (count, weight) in (1..).zip(weights) {
            let sum = below.saturating_add(*weight);
            if sum >= wanted {
                let distance = (sum - wanted).min(wanted.saturating_sub(below));
                return (count, Some(self.moved(distance, total)));
            }
            below = sum;
        }
        (weights.len(), None)
    }

    /// By how much scores may come nearer to each other until a part of the sum of their weights has moved by a
    /// distance. Moving each by e multiplies the odds of a part by exp(2 e / temperature) at most, which moves it by no
    /// more than e / (2 temperature).
    fn moved(&self, distance: u64, total: u64) -> i64 {
        let part = (u128::from(distance) << (SCORE_BITS + 2)) / u128::from(total.max(1));
        let moved = part.saturating_mul(self.temperature_milli.into()) / u128::from(MILLI);
        i64::try_from(moved).unwrap_or(i64::MAX)
    }
}

/// 2^-x for x in units of 2^-32, in units of 2^-32, rounded down.
fn exp2_negative(x: u128) -> u64 {
    let whole = u32::try_from(x >> WEIGHT_BITS).unwrap_or(u32::MAX);
    if whole > WEIGHT_BITS {
        return 0;
    }
    let mut power = 1u128 << 62;
    for (at, root) in ROOTS.iter().enumerate() {
        if x >> (31 - at) & 1 == 1 {
            power = (power * root) >> 62;
        }
    }
    u64::try_from(power >> (62 - WEIGHT_BITS + whole)).unwrap_or(0)
}

/// Each the square root of the one before; the first one that of a half.
const fn roots() -> [u128; 32] {
    let mut roots = [0; 32];
    let mut root: u128 = 1 << 61;
    let mut at = 0;
    while at < 32 {
        root = (root << 62).isqrt();
        roots[at] = root;
        at += 1;
    }
    roots
}

/// The rows of a text's tensor: a token and its margin.
pub fn rows(choices: &[Choice]) -> Vec<u8> {
    let mut data = Vec::with_capacity(choices.len().saturating_mul(8));
    for choice in choices {
        data.extend_from_slice(&choice.token.to_le_bytes());
        data.extend_from_slice(&choice.margin_micro.to_le_bytes());
    }
    data
}

#[cfg(test)]
#[expect(clippy::disallowed_types, reason = "the reference is in floats")]
mod tests {
    use alloc::vec;

    use super::*;

    /// The next of a sequence of numbers without a pattern.
    fn next(state: &mut u64) -> u64 {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    }

    fn fixed(score: f64) -> i64 {
        (score * (1u64 << SCORE_BITS) as f64).round() as i64
    }

    /// So many scores between -8 and 8.
    fn scores(state: &mut u64, count: usize) -> Vec<f64> {
        core::iter::repeat_with(|| (next(state) % 16_001) as f64 / 1_000.0 - 8.0)
            .take(count)
            .collect()
    }

    const fn seeded(temperature_milli: u32, top_k: u32, top_p_milli: u32, seed: u64) -> Sampling {
        Sampling::Seeded { temperature_milli, top_k, top_p_milli, seed }
    }

    fn choose_of(scores: &[f64], sampling: &Sampling, position: u32) -> Choice {
        let scores: Vec<i64> = scores.iter().copied().map(fixed).collect();
        choose(&scores, sampling, position).unwrap()
    }

    /// Each token's probability, in floats, from the definition.
    fn probabilities(scores: &[f64], temperature: f64, top_k: usize, top_p: f64) -> Vec<f64> {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        order.truncate(if top_k == 0 { scores.len() } else { top_k });
        let best = scores[order[0]];
        let weight = |token: &usize| ((scores[*token] - best) / temperature).exp();
        let total: f64 = order.iter().map(weight).sum();
        let mut sum = 0.0;
        let kept = order.iter().position(|token| {
            sum += weight(token);
            sum >= top_p * total - 1e-9
        });
        order.truncate(kept.map_or(order.len(), |at| at + 1));
        let total: f64 = order.iter().map(weight).sum();
        let mut result = vec![0.0; scores.len()];
        for token in &order {
            result[*token] = weight(token) / total;
        }
        result
    }

    #[test]
    fn scores_are_read_from_their_bits() {
        for value in [0.0f32, 1.0, -1.5, 17.25, -1_000.125, 1_048_575.0] {
            assert_eq!(score(value.to_bits()), Some(fixed(value.into())), "{value}");
        }
        for value in [f32::NAN, f32::INFINITY, -f32::INFINITY, 1_048_576.0, -1e30] {
            assert_eq!(score(value.to_bits()), None, "{value}");
        }
    }

    #[test]
    fn powers_are_right() {
        for sixteenths in [0u32, 8, 16, 20, 63, 277, 504, 512] {
            let expected = (-f64::from(sixteenths) / 16.0).exp2() * 4_294_967_296.0;
            let found = exp2_negative(u128::from(sixteenths) << 28) as f64;
            assert!((found - expected).abs() <= 2.0, "{sixteenths}");
        }
        assert_eq!(exp2_negative(0), 1 << 32);
        assert_eq!(exp2_negative(33 << 32), 0);
        assert_eq!(exp2_negative(u128::MAX), 0);
    }

    #[test]
    fn greedy_takes_the_first_of_the_best() {
        let choice = choose_of(&[1.0, 3.0, 2.5, -4.0], &Sampling::Greedy, 0);
        assert_eq!(choice, Choice { token: 1, margin_micro: 500_000 });
        assert_eq!(choose_of(&[3.0, 1.0, 3.0], &Sampling::Greedy, 9).margin_micro, 0);
        assert_eq!(choose_of(&[3.0, 1.0, 3.0], &Sampling::Greedy, 9).token, 0);
        let far = choose_of(&[0.0, 9_000.0], &Sampling::Greedy, 0);
        assert_eq!(far, Choice { token: 1, margin_micro: 1_000_000_000 });
        assert_eq!(choose_of(&[7.0], &Sampling::Greedy, 0).margin_micro, 1_000_000_000);
    }

    #[test]
    fn what_makes_no_sense_has_no_choice() {
        let score = [0, 1, 2];
        assert_eq!(choose(&[], &Sampling::Greedy, 0), None);
        assert_eq!(choose(&[], &seeded(1_000, 0, 1_000, 1), 0), None);
        assert_eq!(choose(&[0, SCORE_MAX], &Sampling::Greedy, 0), None);
        for (temperature, top_p, sound) in [
            (1, 1, true),
            (100_000, 1_000, true),
            (0, 1_000, false),
            (100_001, 1_000, false),
            (1_000, 0, false),
            (1_000, 1_001, false),
        ] {
            let sampling = seeded(temperature, u32::MAX, top_p, 1);
            assert_eq!(choose(&score, &sampling, 0).is_some(), sound, "{sampling:?}");
        }
    }

    #[test]
    fn tokens_come_as_often_as_they_should() {
        let mut state = 5;
        for (temperature, top_k, top_p) in
            [(1_000, 0, 1_000), (700, 5, 1_000), (2_500, 0, 900), (1_000, 6, 800), (4_000, 3, 999)]
        {
            let scores = scores(&mut state, 12);
            let expected = probabilities(
                &scores,
                f64::from(temperature) / 1e3,
                top_k as usize,
                f64::from(top_p) / 1e3,
            );
            const DRAWS: u32 = 20_000;
            let mut found = vec![0u32; scores.len()];
            for position in 0..DRAWS {
                let sampling = seeded(temperature, top_k, top_p, 77);
                found[choose_of(&scores, &sampling, position).token as usize] += 1;
            }
            for (token, (found, expected)) in found.iter().zip(&expected).enumerate() {
                let part = f64::from(*found) / f64::from(DRAWS);
                let deviation = (expected * (1.0 - expected) / f64::from(DRAWS)).sqrt();
                let distance = (part - expected).abs();
                assert!(distance <= 5.0 * deviation, "{token}: {part} is not {expected}");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_and_another_one_something_else() {
        let scores = scores(&mut 3, 50);
        let text = |seed| -> Vec<u32> {
            let sampling = seeded(3_000, 0, 1_000, seed);
            (0..20).map(|position| choose_of(&scores, &sampling, position).token).collect()
        };
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
        // What a verifier must find again, whatever it is written in.
        assert_eq!(text(1)[..8], PINNED);
    }

    /// The first tokens of seed 1.
    const PINNED: [u32; 8] = [15, 0, 3, 30, 46, 38, 25, 45];

    /// Moves that stay within half the margin change nothing; twice the margin, towards another token, does.
    #[test]
    fn margins_are_what_they_say() {
        let mut state = 11;
        let mut tried = 0;
        for round in 0..4_000u32 {
            let scores = scores(&mut state, 30);
            let sampling = match round % 5 {
                0 => Sampling::Greedy,
                1 => seeded(1_500, 0, 1_000, round.into()),
                2 => seeded(2_000, 6, 1_000, round.into()),
                3 => seeded(1_000, 0, 900, round.into()),
                _ => seeded(3_000, 10, 950, round.into()),
            };
            let choice = choose_of(&scores, &sampling, round);
            let margin = f64::from(choice.margin_micro) / 1e6;
            if margin < 1e-4 {
                continue;
            }
            tried += 1;
            for _ in 0..20 {
                let mut sign = || if next(&mut state).is_multiple_of(2) { 1.0 } else { -1.0 };
                let moved: Vec<f64> =
                    scores.iter().map(|score| score + 0.49 * margin * sign()).collect();
                let other = choose_of(&moved, &sampling, round);
                assert_eq!(other.token, choice.token, "{sampling:?} {margin} {scores:?}");
            }
            if sampling == Sampling::Greedy {
                let mut moved = scores.clone();
                moved[choice.token as usize] -= 1.01 * margin;
                assert_ne!(choose_of(&moved, &sampling, round).token, choice.token);
            }
        }
        assert!(tried > 3_000, "{tried}");
    }
}
