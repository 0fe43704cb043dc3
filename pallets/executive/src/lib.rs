//! Executes blocks: initialise, apply extrinsics, finalise, validate transactions, upgrade.
//!
//! An extrinsic that may not be in the block ([`apply_extrinsic`](Executive::apply_extrinsic)
//! returns an error) leaves no trace in the state, so that a list with it and a list without it lead
//! to the same block. A call that fails is rolled back, while its fee and nonce stay.
//!
//! While a migration over several blocks is under way (`pallet_system::Config::MultiBlockMigrator`), a block is *closed*: its
//! inherents are applied and all mandatory hooks run, but transactions are refused with `ExhaustsResources`, and
//! `on_poll` and `on_idle` wait. They are as valid in a later block as they were.
//!
//! Only [`execute_block`](Executive::execute_block) compares roots. Tools that build their own
//! blocks on a state call the other functions with headers that have no valid roots, and digests
//! that are stale or foreign.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod inherents;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use citrate_api::Block;
use citrate_core::{
    ApplyExtrinsicResult, BlockNumber, Digest, DigestItem, ExtrinsicInclusionMode, H256, Header,
    InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
    UncheckedExtrinsic, Weight,
};
use citrate_support::{
    dispatch::{DispatchClass, DispatchInfo, Dispatchable, GetDispatchInfo, PostDispatchInfo},
    migrations::MultiStepMigrator,
    parts::RuntimeInherents,
    storage::{TransactionOutcome, with_transaction_unchecked},
    traits::{
        BeforeAllRuntimeMigrations, Get, IdentifyAccount, OffchainWorker, OnFinalize, OnIdle,
        OnInitialize, OnPoll, OnRuntimeUpgrade, StaticLookup, TryRuntimeError, TryState,
        ValidateUnsigned, Verify,
    },
    transaction_extension::{CheckedExtrinsic, TransactionExtension, check_extrinsic},
    weights::WeightMeter,
};
use codec::{Codec, DecodeLimit, Encode};
use core::marker::PhantomData;
use pallet_system::{LastRuntimeUpgrade, LastRuntimeUpgradeInfo, Pallet as System};

/// LIMIT: how deep an extrinsic's call may nest calls; a batch in a batch is two deep. The stack of the runtime's WASM,
/// a megabyte, ends between 192 and 224 batches.
pub const EXTRINSIC_DEPTH_MAX: u32 = 64;

/// All that the pallets of a runtime do around blocks.
pub trait BlockHooks:
    BeforeAllRuntimeMigrations
    + OnRuntimeUpgrade
    + OnInitialize<u32>
    + OnPoll<u32>
    + OnIdle<u32>
    + OnFinalize<u32>
    + OffchainWorker<u32>
{
}

impl<T> BlockHooks for T where
    T: BeforeAllRuntimeMigrations
        + OnRuntimeUpgrade
        + OnInitialize<u32>
        + OnPoll<u32>
        + OnIdle<u32>
        + OnFinalize<u32>
        + OffchainWorker<u32>
{
}

/// The call of a runtime, as blocks need it.
pub trait RuntimeCall<Origin>:
    Codec
    + GetDispatchInfo
    + Dispatchable<RuntimeOrigin = Origin, Info = DispatchInfo, PostInfo = PostDispatchInfo>
{
}
impl<T, Origin> RuntimeCall<Origin> for T where
    T: Codec
        + GetDispatchInfo
        + Dispatchable<RuntimeOrigin = Origin, Info = DispatchInfo, PostInfo = PostDispatchInfo>
{
}

/// Executes blocks of a runtime.
///
/// `Pallets` are all pallets in order, system first; `Migrations` run in the first block of a new
/// runtime, before the pallets' own.
#[derive(Debug)]
pub struct Executive<Runtime, Extrinsic, Pallets, Migrations = ()>(
    PhantomData<(Runtime, Extrinsic, Pallets, Migrations)>,
);

impl<Runtime, Address, Call, Signature, Extension, Pallets, Migrations>
    Executive<Runtime, UncheckedExtrinsic<Address, Call, Signature, Extension>, Pallets, Migrations>
where
    Runtime: pallet_system::Config<RuntimeCall = Call>
        + ValidateUnsigned<Call = Call>
        + RuntimeInherents<Call = Call>,
    Runtime::Lookup: StaticLookup<Source = Address, Target = Runtime::AccountId>,
    Address: Codec,
    Call: RuntimeCall<Runtime::RuntimeOrigin>,
    Signature: Verify + Codec,
    Signature::Signer: IdentifyAccount<AccountId = Runtime::AccountId>,
    Extension: TransactionExtension<Call>,
    Pallets: BlockHooks,
    Migrations: OnRuntimeUpgrade,
{
    /// Starts a block, and says whether it takes transactions.
    pub fn initialize_block(header: &Header) -> ExtrinsicInclusionMode {
        // Only what the author put in before execution; the rest is for the runtime to add.
        let logs = header.digest.logs.iter();
        let logs = logs.filter(|item| matches!(item, DigestItem::PreRuntime(..))).cloned();
        let digest = Digest { logs: logs.collect() };

        System::<Runtime>::reset_events();
        let mut weight = Weight::zero();
        if Self::runtime_upgraded() {
            weight = weight.saturating_add(Self::execute_on_runtime_upgrade());
            LastRuntimeUpgrade::<Runtime>::put(LastRuntimeUpgradeInfo::from(
                Runtime::Version::get(),
            ));
        }
        System::<Runtime>::initialize(&header.number, &header.parent_hash, &digest);
        // Before the hooks, which ask.
        let is_closed = Self::note_if_closed();
        weight = weight
            .saturating_add(Pallets::on_initialize(header.number))
            .saturating_add(Runtime::BlockWeights::get().base_block);
        if !is_closed {
            // A hook may have begun a migration.
            Self::note_if_closed();
        }
        System::<Runtime>::register_extra_weight_unchecked(weight, DispatchClass::Mandatory);
        System::<Runtime>::note_finished_initialize();
        Self::extrinsic_mode()
    }

    /// Whether blocks take transactions now.
    fn extrinsic_mode() -> ExtrinsicInclusionMode {
        if Runtime::MultiBlockMigrator::ongoing() {
            ExtrinsicInclusionMode::OnlyInherents
        } else {
            ExtrinsicInclusionMode::AllExtrinsics
        }
    }

    fn note_if_closed() -> bool {
        let is_closed = Runtime::MultiBlockMigrator::ongoing();
        if is_closed {
            System::<Runtime>::note_closed_block();
        }
        is_closed
    }

    /// Whether the state was left by another runtime.
    fn runtime_upgraded() -> bool {
        let current = Runtime::Version::get();
        LastRuntimeUpgrade::<Runtime>::get().is_none_or(|last| last.was_upgraded(&current))
    }

    /// Runs all migrations and returns what they weighed.
    pub fn execute_on_runtime_upgrade() -> Weight {
        let before = Pallets::before_all_runtime_migrations();
        let custom = Migrations::on_runtime_upgrade();
        before.saturating_add(custom).saturating_add(Pallets::on_runtime_upgrade())
    }

    /// An upgrade on trial: runs all migrations between their checks, those over several blocks to their end, then
    /// checks the whole state. Returns what the migrations of the first block weighed.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn try_runtime_upgrade() -> Result<Weight, TryRuntimeError>
    where
        Pallets: TryState<BlockNumber>,
    {
        let before = Pallets::before_all_runtime_migrations();
        let custom = Migrations::try_on_runtime_upgrade()?;
        let own = Pallets::try_on_runtime_upgrade()?;
        LastRuntimeUpgrade::<Runtime>::put(LastRuntimeUpgradeInfo::from(Runtime::Version::get()));
        Runtime::MultiBlockMigrator::try_all()?;
        Pallets::try_state(System::<Runtime>::block_number())?;
        Ok(before.saturating_add(custom).saturating_add(own))
    }

    /// Applies an extrinsic, opaque or not: both have the same encoding.
    ///
    /// # Errors
    /// The extrinsic may not be in this block. The state is as if it had not been tried.
    pub fn apply_extrinsic<E: Encode>(extrinsic: E) -> ApplyExtrinsicResult {
        let encoded = extrinsic.encode();
        let extrinsic = decode_extrinsic(&encoded)?;
        let is_inherent = Self::is_inherent(&extrinsic);
        if System::<Runtime>::inherents_applied() {
            // Inherents come from the block's author, before all that others propose.
            if is_inherent {
                return Err(InvalidTransaction::MandatoryValidation.into());
            }
        } else if !is_inherent {
            // The block is closed, whoever builds it. It stays so to its end, even if the migration ends in it: what
            // waits for the inherents runs when the block ends.
            if Runtime::MultiBlockMigrator::ongoing() {
                return Err(InvalidTransaction::ExhaustsResources.into());
            }
            Self::inherents_applied();
        }
        with_transaction_unchecked(|| match Self::apply_decoded(extrinsic, encoded) {
            Ok(result) => TransactionOutcome::Commit(Ok(result)),
            Err(error) => TransactionOutcome::Rollback(Err(error)),
        })
    }

    fn apply_decoded(
        extrinsic: UncheckedExtrinsic<Address, Call, Signature, Extension>,
        encoded: Vec<u8>,
    ) -> ApplyExtrinsicResult {
        let len = encoded.len();
        let checked = check_extrinsic::<Runtime::Lookup, _, _, _>(extrinsic)?;
        System::<Runtime>::note_extrinsic(encoded);
        let info = Self::info_of(&checked);
        let result = checked.apply::<Runtime>(&info, len)?;
        if result.is_err() && info.class == DispatchClass::Mandatory {
            return Err(InvalidTransaction::BadMandatory.into());
        }
        System::<Runtime>::note_applied_extrinsic(&result, &info);
        Ok(result.map(|_| ()).map_err(|error| error.error))
    }

    /// What is known of an extrinsic before it runs, its extensions included.
    fn info_of(checked: &CheckedExtrinsic<Runtime::AccountId, Call, Extension>) -> DispatchInfo {
        let mut info = checked.function.get_dispatch_info();
        info.extension_weight = checked.extension_weight();
        info
    }

    /// The inherents are complete: what waits for them runs.
    fn inherents_applied() {
        System::<Runtime>::note_inherents_applied();
        let used = if Runtime::MultiBlockMigrator::ongoing() {
            Runtime::MultiBlockMigrator::step()
        } else {
            let left = System::<Runtime>::remaining_block_weight();
            let mut meter = WeightMeter::with_limit(left);
            Pallets::on_poll(System::<Runtime>::block_number(), &mut meter);
            meter.consumed()
        };
        System::<Runtime>::register_extra_weight_unchecked(used, DispatchClass::Mandatory);
    }

    /// Ends the block and returns its header.
    pub fn finalize_block() -> Header {
        if !System::<Runtime>::inherents_applied() {
            Self::inherents_applied();
        }
        System::<Runtime>::note_finished_extrinsics();
        let number = System::<Runtime>::block_number();
        let left = System::<Runtime>::remaining_block_weight();
        if left.all_gt(Weight::zero()) && !Runtime::MultiBlockMigrator::ongoing() {
            let used = Pallets::on_idle(number, left);
            System::<Runtime>::register_extra_weight_unchecked(used, DispatchClass::Mandatory);
        }
        Pallets::on_finalize(number);
        System::<Runtime>::finalize()
    }

    /// Executes a whole block.
    ///
    /// # Panics
    /// The block is not valid: an extrinsic does not apply, an inherent is not at the start, or the
    /// header does not follow from the extrinsics.
    #[expect(clippy::panic, reason = "a trap is how a runtime refuses a block")]
    pub fn execute_block(block: Block) {
        let Block { header, extrinsics } = block;
        Self::initialize_block(&header);
        for (index, extrinsic) in extrinsics.into_iter().enumerate() {
            if let Err(error) = Self::apply_extrinsic(extrinsic) {
                let reason: &'static str = error.into();
                panic!("extrinsic {index} may not be in the block: {reason}");
            }
        }
        let computed = Self::finalize_block();
        assert_eq!(
            header.digest.logs.len(),
            computed.digest.logs.len(),
            "number of digest items must match that calculated"
        );
        for (item, expected) in header.digest.logs.iter().zip(&computed.digest.logs) {
            assert_eq!(item, expected, "digest item must match that calculated");
        }
        assert_eq!(
            header.state_root, computed.state_root,
            "storage root must match that calculated"
        );
        assert_eq!(
            header.extrinsics_root, computed.extrinsics_root,
            "transaction trie root must be valid"
        );
    }

    /// Checks an extrinsic for the transaction pool, on the state of `block_hash`.
    ///
    /// # Errors
    /// It is not valid, or not now.
    pub fn validate_transaction<E: Encode>(
        source: TransactionSource,
        extrinsic: E,
        block_hash: H256,
    ) -> TransactionValidity {
        // The transaction would be in the next block.
        let next = System::<Runtime>::block_number().saturating_add(1);
        System::<Runtime>::initialize(&next, &block_hash, &Digest::default());
        let encoded = extrinsic.encode();
        let extrinsic =
            decode_extrinsic::<UncheckedExtrinsic<Address, Call, Signature, Extension>>(&encoded)?;
        let checked = check_extrinsic::<Runtime::Lookup, _, _, _>(extrinsic)?;
        let info = Self::info_of(&checked);
        if info.class == DispatchClass::Mandatory {
            return Err(InvalidTransaction::MandatoryValidation.into());
        }
        checked.validate::<Runtime>(source, &info, encoded.len())
    }

    /// Runs the pallets' off-chain workers on the state of a block.
    pub fn offchain_worker(header: &Header) {
        System::<Runtime>::initialize(&header.number, &header.parent_hash, &header.digest);
        // The block itself is known to workers, if not to its own state.
        pallet_system::BlockHash::<Runtime>::insert(header.number, header.hash());
        Pallets::offchain_worker(header.number);
    }
}

/// Decodes an extrinsic that anybody may have sent.
fn decode_extrinsic<E: codec::Decode>(encoded: &[u8]) -> Result<E, TransactionValidityError> {
    E::decode_all_with_depth_limit(EXTRINSIC_DEPTH_MAX, &mut &encoded[..])
        .map_err(|_error| InvalidTransaction::Call.into())
}
