//! What blocks and calls may weigh, and which parameters make sense together.

use citrate_core::{Balance, Weight};
use citrate_inference_types::PANEL_MAX;
use citrate_support::traits::Get;
use codec::{Decode, Encode, MaxEncodedLen};
use pallet_attestations::Attest;
use pallet_model_registry::Models;
use scale_info::TypeInfo;
use sp_arithmetic::Permill;

use crate::{Config, Pallet, TRIED_MAX};

/// Limits that no type depends on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Bounds {
    /// LIMIT: how often a job is assigned.
    pub attempts: u32,
    /// LIMIT: how many jobs may wait.
    pub queue: u32,
    /// LIMIT: how many finished jobs are kept for readers.
    pub finished: u32,
    /// LIMIT: how many blocks ahead a deadline may be.
    pub deadline_blocks: u32,
    /// What a place in the queue costs for each block, if the job never had a provider.
    pub rent: Balance,
    /// A receipt pays its fee if the chain has to keep more bytes of output than this.
    pub free_output_bytes: u32,
}

/// How long things may take, in blocks where nothing else is said.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Times {
    /// To bring a receipt, on top of the model's own time.
    pub timeout: u32,
    /// To open commitments.
    pub reveal: u32,
    /// To dispute a result, where the job's policy says so.
    pub dispute: u32,
    /// Milliseconds of a block, to turn a model's time into blocks.
    pub block_ms: u64,
}

/// Who gets which part of a fee; the provider gets the rest.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Shares {
    /// The model's owner, unless it asks for another part.
    pub owner: Permill,
    /// The chain.
    pub treasury: Permill,
    /// Nobody: it is burnt.
    pub burn: Permill,
}

/// How many values are read to compare so many providers: each one's entry and its stake.
pub(crate) fn lookups(providers: u32) -> u64 {
    u64::from(providers).saturating_mul(2)
}

impl<T: Config> Pallet<T> {
    /// Says what of the configuration does not fit together.
    pub(crate) fn check_parameters() {
        let Shares { owner, treasury, burn } = T::Shares::get();
        let owner = owner.max(T::Models::share_max());
        let shares = [owner, treasury, burn].map(Permill::deconstruct);
        let shares = shares.iter().try_fold(0u32, |sum, share| sum.checked_add(*share));
        assert!(shares.is_some_and(|parts| parts <= 1_000_000), "shares exceed the fee");
        let bounds = T::Bounds::get();
        assert!(bounds.attempts > 0, "a job needs an attempt");
        assert!(T::Times::get().block_ms > 0, "blocks take time");
        let least = T::Times::get().timeout.saturating_add(T::Times::get().reveal);
        assert!(least < bounds.deadline_blocks, "no deadline leaves time for a receipt");
        let tried = bounds.attempts.saturating_mul(PANEL_MAX);
        assert!(tried <= TRIED_MAX, "a job cannot remember all whom it has tried");
        let (worst, block) = (Self::hooks_weight_max(), T::BlockWeights::get().max_block);
        assert!(
            worst.all_lte(block.saturating_div(2)),
            "the jobs of a block may weigh {worst:?}, more than half of the block"
        );
    }

    /// What it weighs to look at one waiting job: to take it from the queue, and to assign it, end it or put it
    /// back.
    pub(crate) fn assignment_weight(providers: u32) -> Weight {
        let (panel, looked_at) = (u64::from(PANEL_MAX), lookups(providers));
        T::DbWeight::get().reads_writes(
            8_u64.saturating_add(looked_at).saturating_add(panel.saturating_mul(2)),
            11_u64.saturating_add(panel.saturating_mul(3)),
        )
    }

    /// What it weighs to take one job from silent providers: slash them, and end the job or put it back.
    pub(crate) fn timeout_weight() -> Weight {
        T::DbWeight::get().reads_writes(13, 15).saturating_add(Self::dismissal_weight())
    }

    /// The most that a block's hooks may weigh.
    pub(crate) fn hooks_weight_max() -> Weight {
        let jobs = u64::from(T::JobsPerBlockMax::get());
        Self::assignment_weight(T::ProvidersPerModelMax::get())
            .saturating_add(Self::timeout_weight())
            .saturating_mul(jobs)
            .saturating_add(
                Self::judgement_weight().saturating_mul(T::JudgementsPerBlockMax::get().into()),
            )
            .saturating_add(
                T::DbWeight::get()
                    .reads_writes(6, 4)
                    .saturating_mul(T::SpotChecksPerBlockMax::get().into()),
            )
            .saturating_add(T::DbWeight::get().reads_writes(5, 3))
    }

    /// What it weighs to slash every provider of a panel and to take the job from it.
    pub(crate) fn dismissal_weight() -> Weight {
        T::DbWeight::get().reads_writes(10, 11).saturating_mul(PANEL_MAX.into())
    }

    /// What it weighs to decide a job.
    pub(crate) fn judgement_weight() -> Weight {
        // Its result, and what it has earned.
        let each = u64::from(PANEL_MAX).saturating_mul(2);
        let judged = T::JudgementWeight::get().saturating_add(T::Attest::weight());
        judged.saturating_add(Self::dismissal_weight()).saturating_add(
            T::DbWeight::get()
                .reads_writes(19_u64.saturating_add(each), 17_u64.saturating_add(each)),
        )
    }

    /// What it weighs to make a result known that is not the last one.
    pub(crate) fn opening_weight() -> Weight {
        T::DbWeight::get().reads_writes(7, 4).saturating_add(Weight::from_parts(200_000_000, 0))
    }

    /// What it weighs to make a result known.
    pub(crate) fn reveal_weight() -> Weight {
        Self::judgement_weight().saturating_add(Self::opening_weight())
    }
}
