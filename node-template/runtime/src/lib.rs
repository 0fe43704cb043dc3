//! The rules of a chain made from the template: its pallets composed, built to WASM.
//!
//! [`configs`] configures each pallet, [`validators`] says who makes blocks, [`genesis`] how the chain begins, and
//! [`apis`] is what the node calls.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod genesis;
pub mod validators;

#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use citrate_core::{AccountId32, Era, MultiAddress, MultiSignature, RuntimeVersion};

/// An account.
pub type AccountId = AccountId32;
/// An account as transactions name it.
pub type Address = MultiAddress<AccountId, ()>;
/// An amount of the native token.
pub type Balance = u128;
/// The number of an account's transactions.
pub type Nonce = u32;
/// A signature of a transaction.
pub type Signature = MultiSignature;

/// One token: 12 decimals, as `node/src/main.rs` tells wallets.
pub const UNIT: Balance = 1_000_000_000_000;
/// A thousandth of a token.
pub const MILLI_UNIT: Balance = UNIT / 1_000;
/// A millionth of a token.
pub const MICRO_UNIT: Balance = MILLI_UNIT / 1_000;

/// The version of this runtime. An upgrade has a higher `spec_version`; `transaction_version` rises with it when a
/// call's index or arguments change.
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("node-template"),
    impl_name: Cow::Borrowed("node-template"),
    authoring_version: 1,
    spec_version: 100,
    impl_version: 1,
    apis: Cow::Borrowed(apis::RUNTIME_API_VERSIONS),
    transaction_version: 1,
    system_version: 1,
};

// Tells tools the version without running the blob.
citrate_api::runtime_version_section!(VERSION);

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

/// Migrations that run once, over several blocks from the first one of a new version on; see `docs/guides/migrations.md` of
/// the framework.
pub type SteppedMigrations = ();

/// Executes blocks.
pub type Executive =
    citrate_executive::Executive<Runtime, UncheckedExtrinsic, AllPalletsWithSystem, Migrations>;

/// The composition. An index stays with its pallet for good: clients and stored calls name pallets by it.
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
    pub type Session = pallet_session;

    #[runtime::pallet_index(9)]
    pub type Grandpa = pallet_grandpa;

    #[runtime::pallet_index(10)]
    pub type Template = pallet_template;

    #[runtime::pallet_index(11)]
    pub type MultiBlockMigrations = pallet_migrations;
}
