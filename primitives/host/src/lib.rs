//! The host functions, defined once for the runtime that imports them and the node that serves them.
//!
//! Runtimes call [`storage`], [`crypto`], [`hashing`] and the other modules. On WASM these are
//! imports under the Polkadot Host's names and signatures (`ext_storage_get_version_1`); natively, in
//! tests, the same functions work on the calling thread's externalities (`with_externalities`). The
//! `host_functions` macro generates both from one definition, with the entry in `functions()` by
//! which an executor serves the import.
//!
//! Functions are in groups. Block execution gets `Group::Standard` only: everything there is a
//! function of its arguments and the state. `ext_inference_*` is `Group::Inference` and `ext_crypto_bls12_381_*`
//! `Group::Worker`: both are for workers. `ext_benchmarking_*` is `Group::Benchmark`, for runtimes built to be measured.
//!
//! A WASM guest also gets its global allocator (the host's, by `ext_allocator_*`) and its panic
//! handler from here.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(feature = "std"),
    expect(unsafe_code, reason = "calls imports, and is the guest's allocator")
)]

extern crate alloc;

#[doc(hidden)]
pub mod abi;
mod interfaces;
mod types;

#[cfg(all(target_family = "wasm", not(feature = "std")))]
mod guest;

#[cfg(feature = "std")]
mod extensions;
#[cfg(feature = "std")]
mod externalities;
#[cfg(feature = "std")]
mod function;
#[cfg(feature = "std")]
mod recorder;
#[cfg(feature = "std")]
#[doc(hidden)]
pub mod scope;
#[cfg(feature = "std")]
mod state;
#[cfg(all(test, feature = "std"))]
mod tests;

pub use citrate_host_macros::host_functions;
pub use interfaces::{
    allocator, benchmarking, bls, crypto, default_child_storage, hashing, inference, logging, misc,
    offchain, offchain_index, panic_handler, storage, storage_proof_size, transaction_index, trie,
};
pub use types::{EcdsaVerifyError, KillStorageResult, Level, LevelFilter, StorageKind};

#[cfg(feature = "std")]
pub use extensions::{
    Extensions, InferenceExt, InferenceHost, Keystore, KeystoreExt, Offchain, OffchainExt,
    ReadRuntimeVersion, ReadRuntimeVersionExt,
};
#[cfg(feature = "std")]
pub use externalities::Externalities;
#[cfg(feature = "std")]
pub use function::{
    Group, HostCall, HostCaller, HostError, HostFunction, Value, ValueType, functions,
};
#[cfg(feature = "std")]
pub use recorder::{Accesses, Counting, Laboratory, Measured, Recorder};
#[cfg(feature = "std")]
pub use scope::{has_externalities, with_externalities};
#[cfg(feature = "std")]
pub use state::{Finished, StateExt};
