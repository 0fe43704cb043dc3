//! The Citrate chain's runtime: its pallets composed, built to WASM.
//!
//! The crate builds two blobs. `:code`, the state transition, imports only functions of the Polkadot Host, so that
//! any tool that knows it can run our blocks. `:worker`, the same crate with the feature `worker`, also exports the
//! off-chain worker, which imports `ext_inference_*` and is never run in a block. [`configs`] has every pallet's
//! configuration, [`constants`] the chain's parameters with their reasons, [`apis`] what the node calls.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod accounts;
pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
pub mod genesis;
mod governance;
mod market;
mod session;
#[cfg(any(test, feature = "upgraded"))]
pub mod upgraded;
pub mod validators;
pub mod weights;
#[cfg(any(feature = "worker", test))]
#[cfg_attr(
    not(feature = "worker"),
    expect(dead_code, reason = "its tests need no node to call it")
)]
mod worker;

#[cfg(test)]
mod tests;

pub use accounts::ProxyType;
pub use session::SessionKeys;

use alloc::borrow::Cow;
use citrate_core::{Era, MultiAddress, MultiSignature, RuntimeVersion};

/// A signature of a transaction.
pub type Signature = MultiSignature;
/// An account.
pub type AccountId = citrate_core::AccountId32;
/// An account as transactions name it.
pub type Address = MultiAddress<AccountId, ()>;
/// The number of an account's transactions.
pub type Nonce = citrate_core::Nonce;
/// An amount of the native token.
pub type Balance = citrate_core::Balance;
/// The height of a block.
pub type BlockNumber = citrate_core::BlockNumber;

/// The transaction extensions, in the order that clients rely on.
pub type TxExtension = (
    pallet_system::CheckNonZeroSender<Runtime>,
    pallet_system::CheckSpecVersion<Runtime>,
    pallet_system::CheckTxVersion<Runtime>,
    pallet_system::CheckGenesis<Runtime>,
    pallet_system::CheckMortality<Runtime>,
    pallet_system::CheckNonce<Runtime>,
    pallet_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    pallet_system::CheckMetadataHash<Runtime>,
    pallet_system::WeightReclaim<Runtime>,
);

/// The extensions of a transaction without a metadata hash.
pub fn extension(era: Era, nonce: Nonce, tip: Balance) -> TxExtension {
    (
        pallet_system::CheckNonZeroSender::new(),
        pallet_system::CheckSpecVersion::new(),
        pallet_system::CheckTxVersion::new(),
        pallet_system::CheckGenesis::new(),
        pallet_system::CheckMortality::from(era),
        pallet_system::CheckNonce::from(nonce),
        pallet_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(tip),
        pallet_system::CheckMetadataHash::new(false),
        pallet_system::WeightReclaim::new(),
    )
}

/// A transaction or an inherent.
pub type UncheckedExtrinsic =
    citrate_core::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// Migrations that run once, in the first block of a new version.
pub type Migrations = ();

/// Migrations that run once, over several blocks from the first one of a new version on.
#[cfg(not(feature = "upgraded"))]
pub type SteppedMigrations = ();
/// Migrations that run once, over several blocks from the first one of a new version on.
#[cfg(feature = "upgraded")]
pub type SteppedMigrations = upgraded::KeepSpendable;

/// Executes blocks.
pub type Executive =
    citrate_executive::Executive<Runtime, UncheckedExtrinsic, AllPalletsWithSystem, Migrations>;

/// The version of this runtime.
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("citrate"),
    impl_name: Cow::Borrowed("citrate"),
    authoring_version: 1,
    spec_version: if cfg!(feature = "upgraded") { 101 } else { 100 },
    impl_version: 1,
    apis: Cow::Borrowed(apis::RUNTIME_API_VERSIONS),
    transaction_version: 1,
    // State version 1 throughout; extrinsics roots of version 0. With 2 the roots would be of version 1 too, but smoldot's
    // executor, and with it chopsticks, knows only 0 and 1.
    system_version: 1,
};

// Tells tools the version without running the blob.
citrate_api::runtime_version_section!(VERSION);

/// The composition.
#[citrate_support::runtime]
mod runtime {
    /// The runtime: the type on which all pallets are configured.
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;

    #[runtime::pallet_index(2)]
    pub type Balances = pallet_balances;

    #[runtime::pallet_index(3)]
    pub type TransactionPayment = pallet_transaction_payment;

    #[runtime::pallet_index(4)]
    pub type Sudo = pallet_sudo;

    #[runtime::pallet_index(5)]
    pub type Utility = pallet_utility;

    #[runtime::pallet_index(6)]
    pub type Dag = pallet_dag;

    #[runtime::pallet_index(7)]
    pub type Staking = pallet_staking;

    #[runtime::pallet_index(8)]
    pub type ModelRegistry = pallet_model_registry;

    #[runtime::pallet_index(9)]
    pub type InferenceJobs = pallet_inference_jobs;

    #[runtime::pallet_index(10)]
    pub type Session = pallet_session;

    #[runtime::pallet_index(11)]
    pub type Grandpa = pallet_grandpa;

    #[runtime::pallet_index(12)]
    pub type Referee = pallet_referee;

    #[runtime::pallet_index(13)]
    pub type Providers = pallet_providers;

    #[runtime::pallet_index(14)]
    pub type Attestations = pallet_attestations;

    #[runtime::pallet_index(15)]
    pub type Treasury = pallet_treasury;

    #[runtime::pallet_index(16)]
    pub type Preimage = pallet_preimage;

    #[runtime::pallet_index(17)]
    pub type Scheduler = pallet_scheduler;

    #[runtime::pallet_index(18)]
    pub type Council = pallet_collective;

    #[runtime::pallet_index(19)]
    pub type Multisig = pallet_multisig;

    #[runtime::pallet_index(20)]
    pub type Proxy = pallet_proxy;

    #[runtime::pallet_index(21)]
    pub type Vesting = pallet_vesting;

    #[runtime::pallet_index(22)]
    pub type Assets = pallet_assets;

    #[runtime::pallet_index(23)]
    pub type MultiBlockMigrations = pallet_migrations;

    #[runtime::pallet_index(24)]
    pub type Referenda = pallet_referenda;
}
