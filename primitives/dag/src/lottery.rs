//! The election lottery's threshold, in integers.
//!
//! An author with share `s` of the weight wins a slot with probability `1 - exp(-rate * s)`, so
//! that splitting a stake over many keys gains nothing (Ouroboros Praos, section 3.3). The 64-bit
//! threshold is computed in fixed point with 64 fractional bits: every node gets the same number.

use crate::Election;

const ONE: u128 = 1 << 64;
const MILLION: u128 = 1_000_000;

/// The threshold below which the first 8 bytes (little endian) of an author's VRF output win;
/// `None` when every output wins.
pub fn threshold(election: Election, weight: u64, total_weight: u64) -> Option<u64> {
    let rate_millionths = match election {
        Election::EverySlot => return None,
        Election::Lottery { rate_millionths } => u128::from(rate_millionths),
    };
    if total_weight == 0 {
        return Some(0);
    }
    let share = (u128::from(weight.min(total_weight)) << 64) / u128::from(total_weight);
    // At most 2^64 * 2^32: no overflow.
    let exponent = share * rate_millionths / MILLION;
    let chance = ONE - exp_minus(exponent);
    Some(u64::try_from(chance).unwrap_or(u64::MAX))
}

/// Whether a VRF output wins.
pub fn wins(output: &[u8; 32], threshold: Option<u64>) -> bool {
    let [a, b, c, d, e, f, g, h, ..] = *output;
    threshold.is_none_or(|limit| u64::from_le_bytes([a, b, c, d, e, f, g, h]) < limit)
}

/// `exp(-x)`, both with 64 fractional bits. `x` is below 2^76.
fn exp_minus(x: u128) -> u128 {
    // exp(-x) = exp(-x / 2^n)^(2^n) with x / 2^n below 1/2, where the series converges fast.
    let mut halvings = 0;
    let mut reduced = x;
    while reduced >= ONE / 2 {
        reduced >>= 1;
        halvings += 1;
    }
    let (mut sum, mut term, mut sign) = (ONE, ONE, -1i8);
    for n in 1..=24u128 {
        term = ((term * reduced) >> 64) / n;
        sum = if sign < 0 { sum - term } else { sum + term };
        sign = -sign;
    }
    // Below ONE, a square fits 128 bits; ONE itself (x = 0) is its own square.
    for _ in 0..halvings {
        sum = if sum >= ONE { ONE } else { (sum * sum) >> 64 };
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::cast_precision_loss,
        clippy::disallowed_types,
        reason = "the reference is in floats"
    )]
    #[test]
    fn agrees_with_floats() {
        for rate in [1u32, 50_000, 1_000_000, 5_000_000, 40_000_000] {
            for (weight, total) in [(0u64, 10u64), (1, 10), (10, 10), (1, u64::MAX), (7, 13)] {
                let got = threshold(Election::Lottery { rate_millionths: rate }, weight, total);
                let x = f64::from(rate) / 1e6 * (weight as f64 / total as f64);
                let expected = -(-x).exp_m1();
                let got = got.unwrap() as f64 / 2f64.powi(64);
                assert!((got - expected).abs() < 1e-12, "{rate} {weight}/{total}: {got}");
            }
        }
    }

    #[test]
    fn splitting_a_stake_gains_nothing() {
        let election = Election::Lottery { rate_millionths: 1_000_000 };
        let whole = u128::from(threshold(election, 10, 30).unwrap());
        let half = u128::from(threshold(election, 5, 30).unwrap());
        // 1 - (1 - p)^2 in 64-bit fixed point.
        let miss = ONE - half;
        let both = ONE - ((miss * miss) >> 64);
        assert!(whole.abs_diff(both) <= 4, "{whole} {both}");
    }

    #[test]
    fn extremes() {
        assert_eq!(threshold(Election::EverySlot, 1, 1), None);
        assert!(wins(&[0xff; 32], None));
        assert_eq!(threshold(Election::Lottery { rate_millionths: 9 }, 5, 0), Some(0));
        assert!(!wins(&[0; 32], Some(0)), "no weight, no win");
        let certain = threshold(Election::Lottery { rate_millionths: u32::MAX }, 9, 3).unwrap();
        assert_eq!(certain, u64::MAX);
    }
}
