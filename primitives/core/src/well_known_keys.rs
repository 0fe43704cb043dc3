//! Storage keys that the node and its clients know, whatever the runtime.

/// The runtime's state transition, WASM, possibly compressed.
pub const CODE: &[u8] = b":code";
/// The runtime's off-chain worker, WASM, possibly compressed (`docs/design/runtime-blobs.md`).
pub const WORKER: &[u8] = b":worker";
/// WASM pages that the host allocator may use; absent for the executor's default.
pub const HEAP_PAGES: &[u8] = b":heappages";
/// Index of the extrinsic being applied, SCALE `u32`.
pub const EXTRINSIC_INDEX: &[u8] = b":extrinsic_index";
/// Scratch space that is cleared after each block.
pub const INTRABLOCK_ENTROPY: &[u8] = b":intrablock_entropy";
/// Depth of the runtime's nested storage transactions, SCALE `u32`.
pub const TRANSACTION_LEVEL: &[u8] = b":transaction_level:";
/// Prefix of every child trie's root.
pub const CHILD_STORAGE_KEY_PREFIX: &[u8] = b":child_storage:";
/// Prefix of the root of a child trie of the default kind.
pub const DEFAULT_CHILD_STORAGE_KEY_PREFIX: &[u8] = b":child_storage:default:";
