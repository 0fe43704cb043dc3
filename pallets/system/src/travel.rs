//! Blocks that pass while a test waits.

use crate::{Config, EventIndex, Pallet};
use alloc::vec::Vec;
use citrate_core::{BlockNumber, Digest, H256, Weight};
use citrate_support::{
    dispatch::DispatchClass,
    traits::{Get, OnFinalize, OnIdle, OnInitialize, OnPoll},
    weights::WeightMeter,
};

/// What pallets do around blocks, short of upgrades.
pub trait BlockHooks:
    OnInitialize<BlockNumber> + OnPoll<BlockNumber> + OnIdle<BlockNumber> + OnFinalize<BlockNumber>
{
}

impl<T> BlockHooks for T where
    T: OnInitialize<BlockNumber>
        + OnPoll<BlockNumber>
        + OnIdle<BlockNumber>
        + OnFinalize<BlockNumber>
{
}

impl<T: Config> Pallet<T> {
    /// Ends the block that runs and begins those up to `number`, with all hooks of `Pallets`, in the
    /// order in which a chain runs them. `Pallets` usually is `AllPalletsWithSystem`.
    ///
    /// Events are those of the last block, as on a chain.
    pub fn run_to_block<Pallets: BlockHooks>(number: BlockNumber) {
        Self::run_to_block_with::<Pallets>(number, |_| {});
    }

    /// As [`Self::run_to_block`], with `in_block` for what happens in each new block, such as an
    /// inherent; it is told the block's number.
    pub fn run_to_block_with<Pallets: BlockHooks>(
        number: BlockNumber,
        mut in_block: impl FnMut(BlockNumber),
    ) {
        while Self::block_number() < number {
            let current = Self::block_number();
            // Genesis is a state that no block led to.
            let parent_hash =
                if current == 0 { H256::zero() } else { Self::end_block::<Pallets>(current) };
            Self::begin_block::<Pallets>(current + 1, parent_hash);
            in_block(current + 1);
        }
    }

    fn begin_block<Pallets: BlockHooks>(number: BlockNumber, parent_hash: H256) {
        Self::reset_events();
        Self::initialize(&number, &parent_hash, &Digest::default());
        let weight =
            Pallets::on_initialize(number).saturating_add(T::BlockWeights::get().base_block);
        Self::register_extra_weight_unchecked(weight, DispatchClass::Mandatory);
        Self::note_finished_initialize();
    }

    /// Returns the block's hash.
    fn end_block<Pallets: BlockHooks>(number: BlockNumber) -> H256 {
        Self::note_inherents_applied();
        let mut meter = WeightMeter::with_limit(Self::remaining_block_weight());
        Pallets::on_poll(number, &mut meter);
        Self::register_extra_weight_unchecked(meter.consumed(), DispatchClass::Mandatory);
        Self::note_finished_extrinsics();
        let left = Self::remaining_block_weight();
        if left.all_gt(Weight::zero()) {
            let used = Pallets::on_idle(number, left);
            Self::register_extra_weight_unchecked(used, DispatchClass::Mandatory);
        }
        Pallets::on_finalize(number);
        Self::finalize().hash()
    }

    /// Fails unless these, and no others, are the events since there were `since` of them: take
    /// [`Self::event_count`] before what is to be tested.
    ///
    /// # Panics
    /// Other events were deposited.
    #[track_caller]
    pub fn assert_events_since(since: EventIndex, expected: &[T::RuntimeEvent]) {
        let skipped = usize::try_from(since).unwrap_or(usize::MAX);
        let events: Vec<_> =
            Self::events().into_iter().skip(skipped).map(|record| record.event).collect();
        assert_eq!(events, expected, "the events since the {since} before are others");
    }
}
