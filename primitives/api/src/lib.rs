//! The runtime APIs, defined once for the runtime that exports them and the node that calls them.
//!
//! Each trait here is one API under Polkadot's name, with its version. A runtime implements the
//! traits inside [`impl_runtime_apis`]; the node calls the functions of the module of the same name
//! (`core::version(&caller)`) over a `RuntimeCaller`. All types are concrete: extrinsics are opaque
//! bytes to the node.
//!
//! Arguments that do not decode make a runtime panic: they come from the node, which encoded them
//! with these declarations, or from a client, whose call then fails.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
// The macros name this crate by its own name.
#[cfg(test)]
extern crate self as citrate_api;

mod apis;
mod types;
mod version_section;

#[cfg(feature = "std")]
mod client;
#[cfg(all(test, feature = "std"))]
mod tests;

#[doc(hidden)]
pub mod __private;

pub use apis::{
    AccountNonceApi, Benchmark, BlockBuilder, Core, DagApi, GenesisBuilder, GrandpaApi,
    InferenceApi, Metadata, OffchainWorkerApi, RuntimeViewFunction, SessionKeys,
    TaggedTransactionQueue, TransactionPaymentApi, TransactionPaymentCallApi, UpgradeTrial,
    account_nonce_api, benchmark, block_builder, core, dag_api, genesis_builder, grandpa_api,
    inference_api, metadata, offchain_worker_api, runtime_view_function, session_keys,
    tagged_transaction_queue, transaction_payment_api, transaction_payment_call_api, upgrade_trial,
};
pub use citrate_host_macros::{impl_runtime_apis, runtime_apis};
pub use types::{
    BenchmarkComponent, BenchmarkInfo, BenchmarkMetadata, Block, DispatchClass, FeeDetails,
    InclusionFee, OpaqueGeneratedSessionKeys, PalletBenchmarks, RuntimeDispatchInfo,
    ViewFunctionDispatchError, ViewFunctionId,
};

#[cfg(feature = "std")]
use client::call;
#[cfg(feature = "std")]
pub use client::{ApiError, RuntimeCaller};
