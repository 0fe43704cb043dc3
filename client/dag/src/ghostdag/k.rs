//! How large `k` must be: the tail of a Poisson distribution, in whole numbers.

use citrate_core::U256;

/// LIMIT: the greatest `k`; it fits the 16 bits that an anticone's size is stored in.
pub const K_MAX: u16 = 4096;
/// The weight of the distribution's greatest term. Terms below 1 count as 0, which is less than one
/// part in 10^48.
const UNIT_BITS: usize = 160;
const BILLION: u64 = 1_000_000_000;

/// Why there is no such `k`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KError {
    /// The share of red blocks must lie between 0 and 1.
    #[error("delta must be more than 0 and less than 1000000000 billionths")]
    Delta,
    /// There would be more than [`K_MAX`] blocks in parallel.
    #[error("the rate and the delay give a k greater than {K_MAX}")]
    TooLarge,
}

/// The smallest `k` for which a block of a network without an adversary has more than `k` blocks in
/// its anticone with a probability below `delta_billionths / 10^9` (PHANTOM, eprint 2018/104, equation
/// 1): blocks come as a Poisson process, and those of the delay before and the delay after a block
/// may be in its anticone, `x = 2 * delay * rate` of them on average.
///
/// The rate is in blocks per 1000 seconds, the delay in milliseconds. The terms `x^j / j!` are
/// computed from the greatest one outwards in integers, rounded down, so that every machine
/// gets the same `k`; the common factor `e^-x` cancels.
///
/// # Errors
/// See [`KError`].
pub fn k_for(blocks_per_1000_s: u32, delay_ms: u32, delta_billionths: u32) -> Result<u16, KError> {
    if delta_billionths == 0 || u64::from(delta_billionths) >= BILLION {
        return Err(KError::Delta);
    }
    // x as a fraction.
    let over = 1_000_000_u64;
    let x = 2 * u128::from(blocks_per_1000_s) * u128::from(delay_ms);
    let mode = u16::try_from(x / u128::from(over)).ok().filter(|mode| *mode <= K_MAX);
    let mode = mode.ok_or(KError::TooLarge)?;
    let (x, over) = (U256::from(x), U256::from(over));
    let unit = U256::one() << UNIT_BITS;
    // terms[j] is x^j / j! in proportion to the greatest, which is that of the mode.
    let mut terms = vec![U256::zero(); usize::from(mode)];
    let mut term = unit;
    for j in (0..mode).rev() {
        term = term * over * U256::from(j + 1) / x;
        terms[usize::from(j)] = term;
    }
    term = unit;
    // LIMIT: twice the mode and 4096 more terms; long before that they are 0.
    for j in u64::from(mode)..2 * u64::from(mode) + u64::from(K_MAX) {
        if term.is_zero() {
            break;
        }
        terms.push(term);
        term = term * x / (over * U256::from(j + 1));
    }
    let total = terms.iter().fold(U256::zero(), |sum, term| sum + term);
    let bound = total * U256::from(delta_billionths);
    let mut tail = total;
    for (k, term) in (0..=K_MAX).zip(terms) {
        tail -= term;
        if tail * U256::from(BILLION) < bound {
            return Ok(k);
        }
    }
    Err(KError::TooLarge)
}
