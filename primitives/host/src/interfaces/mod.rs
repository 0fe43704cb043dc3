//! The host functions.

mod benchmark_functions;
mod bls_functions;
mod crypto_functions;
mod host_only;
mod inference_functions;
mod offchain_functions;
mod storage_functions;

pub use benchmark_functions::benchmarking;
pub use bls_functions::bls;
pub use crypto_functions::{crypto, hashing, trie};
pub use host_only::{allocator, logging, misc, panic_handler};
pub use inference_functions::inference;
pub use offchain_functions::{offchain, offchain_index, transaction_index};
pub use storage_functions::{default_child_storage, storage, storage_proof_size};
