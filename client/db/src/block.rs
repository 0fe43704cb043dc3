//! What is written about a block, and what writing it changed.

#![expect(clippy::cast_possible_truncation, reason = "the derived codec casts variant indices")]

use citrate_core::{BlockNumber, H256, Header, OpaqueExtrinsic, TransactionValidityError};
use citrate_trie::NodeDelta;
use codec::{Decode, Encode};

/// A block of the selected-parent tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub struct BlockRef {
    /// Its number.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: H256,
}

/// Whether a block becomes the tip of the selected chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// The selected chain stays as it is.
    Unchanged,
    /// The selected chain ends in this block from now on.
    Best,
}

/// A block to be written, in one go.
///
/// A block may be written before it is executed and again, with `executed`, after it.
#[derive(Debug, Clone)]
pub struct BlockCommit {
    /// Hash of the header.
    pub hash: H256,
    /// The header.
    pub header: Header,
    /// What the author proposes.
    pub payload: Vec<OpaqueExtrinsic>,
    /// What executing the block gave; `None` while it has not been.
    pub executed: Option<Executed>,
    /// Whether the block becomes the best one; it has to be executed for that.
    pub head: Head,
    /// New places of transactions, by hash.
    pub transactions: Vec<(H256, TxRecord)>,
    /// What the DAG knows of the block, in the caller's encoding; `None` leaves what is there.
    pub dag: Option<Vec<u8>>,
}

/// What executing a block gave.
#[derive(Debug, Clone, Default)]
pub struct Executed {
    /// The extrinsics that were applied, inherents included: the body that clients see.
    pub accepted: Vec<OpaqueExtrinsic>,
    /// Transactions of the merged payloads that did not apply.
    pub skipped: Vec<Skipped>,
    /// The blocks that were merged, in consensus order, the selected parent first.
    pub merged: Vec<MergedBlock>,
    /// From the selected parent's state to this block's.
    pub delta: NodeDelta,
}

/// A block that another one merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct MergedBlock {
    /// Its hash.
    pub hash: H256,
    /// Whether its payload was executed; that of a second block for one slot is not.
    pub is_executed: bool,
}

/// A transaction of a merged payload that did not apply.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Skipped {
    /// Hash of the transaction.
    pub hash: H256,
    /// Why it did not apply.
    pub reason: TransactionValidityError,
}

/// Where a transaction is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TxRecord {
    /// The block whose payload carries it.
    pub payload_block: H256,
    /// The block of the selected chain that executed or skipped it.
    pub accepting_block: Option<H256>,
    /// Its place in that block's accepted list.
    pub index: Option<u32>,
    /// What became of it.
    pub status: TxStatus,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum TxStatus {
    /// In a payload that no block of the selected chain has merged.
    #[codec(index = 0)]
    Pending,
    /// In an accepted list.
    #[codec(index = 1)]
    Accepted,
    /// Merged, but not applied.
    #[codec(index = 2)]
    Skipped(TransactionValidityError),
}

/// How the selected chain moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// Blocks that left it, highest first.
    pub retracted: Vec<H256>,
    /// Blocks that joined it, lowest first.
    pub enacted: Vec<H256>,
}

/// What finalising a block did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finalization {
    /// The blocks that became final, lowest first.
    pub blocks: Vec<H256>,
    /// Executed blocks that can never become final, lowest first.
    pub pruned: Vec<H256>,
}
