//! The tables. Their numbers and options are the database's format: see `FORMAT`.

/// Format of the database: increase it with any change to keys, values or tables.
pub(crate) const FORMAT: u32 = 5;

/// Small records, by name.
pub(crate) const META: u8 = 0;
/// Block hash to the header, and what else is known of the block: see `Row`.
pub(crate) const HEADERS: u8 = 1;
/// Block hash to the extrinsics that its author proposes, unless there are none.
pub(crate) const PAYLOADS: u8 = 2;
/// Block hash to the extrinsics that it executed and those that it skipped.
pub(crate) const ACCEPTED: u8 = 3;
/// Node hash to trie node, counted.
pub(crate) const NODES: u8 = 4;
/// Number to hash on the selected chain.
pub(crate) const NUMBERS: u8 = 5;
/// Transaction hash to where it is.
pub(crate) const TRANSACTIONS: u8 = 6;
/// Number to the hashes of all blocks with it, in order.
pub(crate) const BY_NUMBER: u8 = 7;
/// Block hash to its state's root.
pub(crate) const STATES: u8 = 8;
/// Local storage of off-chain workers.
pub(crate) const OFFCHAIN: u8 = 9;
/// Records of other parts of the node.
pub(crate) const AUXILIARY: u8 = 10;
/// Block hash to the uses of nodes that its state added and dropped.
pub(crate) const USES: u8 = 11;
/// Number of tables.
pub(crate) const COUNT: u8 = 12;

/// Whether the keys are hashes.
pub(crate) fn has_hash_keys(column: u8) -> bool {
    matches!(column, HEADERS | PAYLOADS | ACCEPTED | NODES | TRANSACTIONS | STATES | USES)
}
