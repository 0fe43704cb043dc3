//! How the fee multiplier follows the load of the chain.

use crate::Config;
use citrate_support::dispatch::DispatchClass;
use citrate_support::traits::Get;
use core::marker::PhantomData;
use sp_arithmetic::traits::Saturating;
use sp_arithmetic::{FixedU128, Perquintill};

/// What the weight fee is multiplied by.
pub type Multiplier = FixedU128;

/// Says what the next block's multiplier is.
pub trait MultiplierUpdate<T: Config> {
    /// The multiplier after a block that had `previous`.
    fn next(previous: Multiplier) -> Multiplier;
}

/// The multiplier never changes.
#[derive(Debug)]
pub struct ConstantMultiplier;

impl<T: Config> MultiplierUpdate<T> for ConstantMultiplier {
    fn next(previous: Multiplier) -> Multiplier {
        previous
    }
}

/// Parameters of [`SlowAdjusting`].
pub trait SlowAdjustingParameters {
    /// The share of the normal calls' block space that should be in use.
    fn target_fullness() -> Perquintill;
    /// How fast the multiplier follows.
    fn variability() -> Multiplier;
    /// It never goes below this.
    fn minimum() -> Multiplier;
    /// It never goes above this.
    fn maximum() -> Multiplier;
}

/// Grows when blocks are fuller than the target and shrinks when they are emptier:
/// `next = previous * (1 + v d + v^2 d^2 / 2)`, where `d` is the difference to the target and `v` the
/// variability; the first terms of `previous * e^(v d)`.
#[derive(Debug)]
pub struct SlowAdjusting<P>(PhantomData<P>);

impl<T: Config, P: SlowAdjustingParameters> MultiplierUpdate<T> for SlowAdjusting<P> {
    fn next(previous: Multiplier) -> Multiplier {
        let weights = T::BlockWeights::get();
        let limit = weights.get(DispatchClass::Normal).max_total.unwrap_or(weights.max_block);
        let used = *pallet_system::Pallet::<T>::block_weight().get(DispatchClass::Normal);
        // The scarcer of time and proof size decides.
        let share =
            |used: u64, limit: u64| Perquintill::from_rational(used.min(limit), limit.max(1));
        let fullness = share(used.ref_time(), limit.ref_time())
            .max(share(used.proof_size(), limit.proof_size()));

        let target = FixedU128::from(P::target_fullness());
        let full = FixedU128::from(fullness);
        let difference =
            if full >= target { full.saturating_sub(target) } else { target.saturating_sub(full) };
        let first = P::variability().saturating_mul(difference);
        let second = first.saturating_mul(first).saturating_mul(FixedU128::from_rational(1, 2));
        let change = if full >= target {
            FixedU128::from_u32(1).saturating_add(first).saturating_add(second)
        } else {
            FixedU128::from_u32(1).saturating_sub(first).saturating_add(second)
        };
        previous.saturating_mul(change).clamp(P::minimum(), P::maximum())
    }
}
