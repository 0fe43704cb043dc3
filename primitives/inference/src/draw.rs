//! Who gets a job, and who judges one: weighted rendezvous hashing in integers.

use citrate_core::{AccountId32, Balance, H256, hashing};
use codec::Encode;

use crate::JobId;

/// Domain of the draw.
const ASSIGN_DOMAIN: &[u8] = b"CITRATE/inference/assign/v1";
/// Steps of weight below the cap.
const WEIGHT_STEPS: Balance = 1 << 32;

/// What a provider, or a member of the referee's committee, draws for a job; the lowest wins. With u uniform in (0, 1] and w the stake, it is
/// -log2(u) / w, so that the chance to win is w over the sum of all. Anybody can compute it again.
pub fn score(
    randomness: &H256,
    job: &JobId,
    attempt: u32,
    provider: &AccountId32,
    stake: Balance,
    stake_cap: Balance,
) -> u128 {
    let hash =
        (ASSIGN_DOMAIN, randomness, job, attempt, provider).using_encoded(hashing::blake2_256);
    let mut word = [0; 8];
    word.copy_from_slice(hash.first_chunk::<8>().unwrap_or(&[0; 8]));
    let cost = u128::from(negative_log2(u64::from_le_bytes(word)));
    let step = (stake_cap / WEIGHT_STEPS).max(1);
    let weight = (stake.min(stake_cap) / step).max(1);
    (cost << 64) / weight
}

/// `-log2((x + 1) / 2^64)` in units of 2^-32, rounded towards zero in its logarithm.
fn negative_log2(x: u64) -> u64 {
    let Some(value) = x.checked_add(1) else { return 0 };
    let whole = 63u32.saturating_sub(value.leading_zeros());
    // The mantissa in [1, 2) with 31 bits after the point; squaring it doubles its logarithm.
    let mut mantissa = (u128::from(value) << 31) >> whole;
    let mut fraction = 0u64;
    for _ in 0..32 {
        mantissa = (mantissa.saturating_mul(mantissa)) >> 31;
        fraction <<= 1;
        if mantissa >= 1 << 32 {
            mantissa >>= 1;
            fraction |= 1;
        }
    }
    let log = (u64::from(whole) << 32) | fraction;
    (64u64 << 32).saturating_sub(log)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_types, reason = "the reference is in floats")]
    fn the_logarithm_is_right() {
        for (x, expected) in [
            (u64::MAX, 0.0),
            (u64::MAX / 2, 1.0),
            (0, 64.0),
            (1_000_000_006, 64.0 - 1_000_000_007f64.log2()),
            (12_345_678_901_234_566, 64.0 - 12_345_678_901_234_567f64.log2()),
        ] {
            let found = negative_log2(x) as f64 / (1u64 << 32) as f64;
            assert!((found - expected).abs() < 1e-8, "{x}: {found} is not {expected}");
        }
    }

    #[test]
    fn chances_follow_stakes() {
        let providers = [(AccountId32::new([1; 32]), 300), (AccountId32::new([2; 32]), 100)];
        let mut wins = [0u32; 2];
        for job in 0..4000u64 {
            let id = H256(hashing::blake2_256(&job.to_le_bytes()));
            let draw =
                |at: usize| score(&H256([7; 32]), &id, 0, &providers[at].0, providers[at].1, 1000);
            wins[usize::from(draw(1) < draw(0))] += 1;
        }
        assert!((2850..3150).contains(&wins[0]), "{wins:?}");
    }

    #[test]
    fn stake_beyond_the_cap_does_not_count() {
        let draw =
            |stake| score(&H256::zero(), &H256::zero(), 0, &AccountId32::new([3; 32]), stake, 1000);
        assert!(draw(1000) < draw(999));
        assert_eq!(draw(1000), draw(1_000_000));
    }
}
