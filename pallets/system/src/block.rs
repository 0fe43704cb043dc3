//! The life of a block: its start, its extrinsics, its end.

use crate::{
    BlockHash, BlockSize, BlockWeight, Config, ConsumedWeight, Digest, DispatchEventInfo, Event,
    EventCount, EventTopics, Events, ExecutionPhase, ExtrinsicCount, ExtrinsicData,
    InherentsApplied, LastClosedBlock, Number, Pallet, ParentHash, Phase,
};
use alloc::vec::Vec;
use citrate_core::{BlockNumber, DigestItem, H256, Header, Weight, well_known_keys};
use citrate_support::{
    dispatch::{
        DispatchClass, DispatchInfo, DispatchResultWithPostInfo, extract_actual_pays_fee,
        extract_actual_weight,
    },
    storage::unhashed,
    traits::{Get, Hash},
};
use codec::Encode;

impl<T: Config> citrate_support::traits::BlockNumberProvider for Pallet<T> {
    type BlockNumber = BlockNumber;

    fn current_block_number() -> BlockNumber {
        Self::block_number()
    }
}

impl<T: Config> Pallet<T> {
    /// Starts a block. Any digest will do: its rules are the node's.
    pub fn initialize(number: &BlockNumber, parent_hash: &H256, digest: &citrate_core::Digest) {
        ExecutionPhase::<T>::put(Phase::Initialization);
        unhashed::put(well_known_keys::EXTRINSIC_INDEX, &0_u32);
        let entropy = (b"parent", parent_hash).using_encoded(T::Hashing::hash);
        unhashed::put_raw(well_known_keys::INTRABLOCK_ENTROPY, entropy.as_bytes());
        Number::<T>::put(number);
        Digest::<T>::put(digest);
        ParentHash::<T>::put(parent_hash);
        if let Some(parent) = number.checked_sub(1) {
            BlockHash::<T>::insert(parent, parent_hash);
        }
        BlockWeight::<T>::kill();
        InherentsApplied::<T>::kill();
    }

    /// Forgets the events of the block before.
    pub fn reset_events() {
        Events::<T>::kill();
        EventCount::<T>::kill();
        let _ = EventTopics::<T>::clear(u32::MAX, None);
    }

    /// The block's hooks have run and its extrinsics begin.
    pub fn note_finished_initialize() {
        ExecutionPhase::<T>::put(Phase::ApplyExtrinsic(0));
    }

    /// The block's inherents have been applied and its transactions begin.
    pub fn note_inherents_applied() {
        InherentsApplied::<T>::put(true);
    }

    /// Whether the block's inherents have been applied.
    pub fn inherents_applied() -> bool {
        InherentsApplied::<T>::get()
    }

    /// The block takes no transactions.
    pub fn note_closed_block() {
        LastClosedBlock::<T>::put(Self::block_number());
    }

    /// Whether this block, or one since `number` and with it, took no transactions: nobody could do then what had to be
    /// done by a transaction.
    pub fn was_closed_since(number: BlockNumber) -> bool {
        LastClosedBlock::<T>::get().is_some_and(|closed| closed >= number)
    }

    /// Remembers an extrinsic's bytes for the block's root.
    pub fn note_extrinsic(encoded: Vec<u8>) {
        ExtrinsicData::<T>::insert(Self::extrinsic_index().unwrap_or_default(), encoded);
    }

    /// Ends an extrinsic with its event.
    pub fn note_applied_extrinsic(result: &DispatchResultWithPostInfo, info: &DispatchInfo) {
        // Every extrinsic weighs this, and no call includes it.
        let base = T::BlockWeights::get().get(info.class).base_extrinsic;
        let dispatch_info = DispatchEventInfo {
            weight: extract_actual_weight(result, info).saturating_add(base),
            class: info.class,
            pays_fee: extract_actual_pays_fee(result, info),
        };
        Self::deposit_event(match result {
            Ok(_) => Event::ExtrinsicSuccess { dispatch_info },
            Err(error) => Event::ExtrinsicFailed { dispatch_error: error.error, dispatch_info },
        });
        let next = Self::extrinsic_index().unwrap_or_default().saturating_add(1);
        unhashed::put(well_known_keys::EXTRINSIC_INDEX, &next);
        ExecutionPhase::<T>::put(Phase::ApplyExtrinsic(next));
    }

    /// The block's extrinsics are complete.
    pub fn note_finished_extrinsics() {
        let count: u32 = unhashed::take(well_known_keys::EXTRINSIC_INDEX).unwrap_or_default();
        ExtrinsicCount::<T>::put(count);
        ExecutionPhase::<T>::put(Phase::Finalization);
    }

    /// Ends the block and computes its header.
    pub fn finalize() -> Header {
        ExecutionPhase::<T>::kill();
        BlockSize::<T>::kill();
        InherentsApplied::<T>::kill();

        let number = Number::<T>::get();
        let parent_hash = ParentHash::<T>::get();
        let digest = Digest::<T>::get();
        let count = ExtrinsicCount::<T>::take().unwrap_or_default();
        let extrinsics = (0..count).map(ExtrinsicData::<T>::take).collect::<Vec<_>>();
        let version = T::Version::get();
        let extrinsics_root =
            T::Hashing::ordered_trie_root(extrinsics, version.extrinsics_root_state_version());

        // The first block's hash stays: extensions commit to it.
        let oldest = number.saturating_sub(T::BlockHashCount::get()).saturating_sub(1);
        if oldest > 0 {
            BlockHash::<T>::remove(oldest);
        }

        let root = citrate_host::storage::root(version.state_version());
        let mut state_root = H256::zero();
        let len = root.len().min(32);
        state_root.0[..len].copy_from_slice(&root[..len]);
        Header { parent_hash, number, state_root, extrinsics_root, digest }
    }

    /// The number of this block.
    pub fn block_number() -> BlockNumber {
        Number::<T>::get()
    }

    /// The hash of a block, if it is among those that are kept.
    pub fn block_hash(number: BlockNumber) -> H256 {
        BlockHash::<T>::get(number)
    }

    /// The hash of the first block; zero before the second.
    pub fn genesis_hash() -> H256 {
        BlockHash::<T>::get(0)
    }

    /// The hash of the block before.
    pub fn parent_hash() -> H256 {
        ParentHash::<T>::get()
    }

    /// The digest of this block.
    pub fn digest() -> citrate_core::Digest {
        Digest::<T>::get()
    }

    /// Adds an item to this block's digest.
    pub fn deposit_log(item: DigestItem) {
        Digest::<T>::append(item);
    }

    /// What the block weighs so far.
    pub fn block_weight() -> ConsumedWeight {
        BlockWeight::<T>::get()
    }

    /// How long the block's extrinsics are so far.
    pub fn block_size() -> u32 {
        BlockSize::<T>::get().unwrap_or_default()
    }

    /// What the block can still hold.
    pub fn remaining_block_weight() -> Weight {
        let max = T::BlockWeights::get().max_block;
        max.saturating_sub(BlockWeight::<T>::get().total())
    }

    /// Adds weight to the block whatever the limits.
    pub fn register_extra_weight_unchecked(weight: Weight, class: DispatchClass) {
        BlockWeight::<T>::mutate(|current| current.accrue(weight, class));
    }

    /// The index of the extrinsic that is being applied.
    pub fn extrinsic_index() -> Option<u32> {
        unhashed::get(well_known_keys::EXTRINSIC_INDEX)
    }

    /// The number of extrinsics of the block so far.
    pub fn extrinsic_count() -> u32 {
        ExtrinsicCount::<T>::get().unwrap_or_default()
    }

    /// The version of the runtime.
    pub fn runtime_version() -> citrate_core::RuntimeVersion {
        T::Version::get()
    }

    /// Sets the number of the block, for tests.
    #[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
    pub fn set_block_number(number: BlockNumber) {
        Number::<T>::put(number);
    }

    /// Sets the index of the extrinsic, for tests.
    #[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
    pub fn set_extrinsic_index(index: u32) {
        unhashed::put(well_known_keys::EXTRINSIC_INDEX, &index);
    }

    /// Sets the hash of the block before, for tests.
    #[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
    pub fn set_parent_hash(hash: H256) {
        ParentHash::<T>::put(hash);
    }

    /// Sets what the block has used, for tests.
    #[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
    pub fn set_block_consumed_resources(weight: Weight, len: usize) {
        BlockWeight::<T>::mutate(|current| current.set(weight, DispatchClass::Normal));
        BlockSize::<T>::put(u32::try_from(len).unwrap_or(u32::MAX));
    }
}
