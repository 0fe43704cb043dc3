//! What blocks and calls may weigh.

use citrate_core::Weight;
use citrate_inference_types::PANEL_MAX;
use citrate_support::traits::Get;

use crate::gather::POSTPONED_BLOCKS_MAX;
use crate::{Config, Pallet};

/// What arithmetic on the curve takes, in WebAssembly.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// To check a proof of possession.
    pub proof: Weight,
    /// To check that bytes are a signature of something.
    pub signature: Weight,
    /// To verify a batch, whatever is in it.
    pub batch: Weight,
    /// Each sum in it, besides.
    pub sum: Weight,
    /// Each key and share of a sum, besides: to decode and to add them.
    pub share: Weight,
}

impl<T: Config> Pallet<T> {
    /// What it weighs to await shares of a job.
    pub(crate) fn opening_weight() -> Weight {
        let (panel, tries) = (u64::from(PANEL_MAX), u64::from(POSTPONED_BLOCKS_MAX) + 1);
        T::DbWeight::get().reads_writes(panel + tries + 3, panel + 3)
    }

    /// What it weighs to close a gathering.
    pub(crate) fn closing_weight() -> Weight {
        T::DbWeight::get().reads_writes(3, u64::from(PANEL_MAX) + 4)
    }

    /// What it weighs to verify so many sums at once, and to keep them.
    pub(crate) fn batch_weight(sums: u32) -> Weight {
        let costs = T::Costs::get();
        let sum = costs.sum.saturating_add(costs.share.saturating_mul(PANEL_MAX.into()));
        costs
            .batch
            .saturating_add(sum.saturating_mul(sums.into()))
            .saturating_add(Self::keeping_weight().saturating_mul(sums.into()))
    }

    /// What it weighs to look at a job's shares one by one, to slash their senders, and to keep the others' sum.
    pub(crate) fn examination_weight() -> Weight {
        let costs = T::Costs::get();
        let share = costs
            .batch
            .saturating_add(costs.sum)
            .saturating_add(costs.share)
            .saturating_add(T::DbWeight::get().reads_writes(8, 8));
        share.saturating_mul(PANEL_MAX.into()).saturating_add(Self::keeping_weight())
    }

    /// What it weighs to take a job from the queue, and to keep its attestation or put it back.
    fn keeping_weight() -> Weight {
        T::DbWeight::get().reads_writes(8, 10)
    }

    /// The most that a block's hooks may weigh.
    pub(crate) fn hooks_weight_max() -> Weight {
        let sums = T::SumsPerBlockMax::get();
        Self::closing_weight()
            .saturating_mul(sums.into())
            .saturating_add(Self::batch_weight(sums).max(Self::examination_weight()))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    /// Says what of the configuration does not fit together.
    pub(crate) fn check_parameters() {
        assert!(T::SumsPerBlockMax::get() > 0, "a block verifies something");
        let (worst, block) = (Self::hooks_weight_max(), T::BlockWeights::get().max_block);
        assert!(
            worst.all_lte(block.saturating_div(4)),
            "the attestations of a block may weigh {worst:?}, more than a quarter of the block"
        );
    }
}
