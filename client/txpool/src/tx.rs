//! A transaction in the pool and what may become of it.

use citrate_core::{BlockNumber, H256, OpaqueExtrinsic, TransactionSource, ValidTransaction};

/// What a transaction requires or provides; opaque bytes that the runtime chose.
pub type Tag = Vec<u8>;

/// A transaction that the runtime found valid.
#[derive(Clone, Debug)]
pub struct PoolTx {
    /// Blake2-256 of the length-prefixed extrinsic.
    pub hash: H256,
    /// The extrinsic as submitted.
    pub extrinsic: OpaqueExtrinsic,
    /// Where it came from.
    pub source: TransactionSource,
    /// Higher goes first.
    pub priority: u64,
    /// Tags that must be provided before it.
    pub requires: Vec<Tag>,
    /// Tags that it provides.
    pub provides: Vec<Tag>,
    /// Last block number at which the verdict holds.
    pub valid_until: u64,
    /// Whether it may be sent to other nodes.
    pub propagate: bool,
    /// Order of arrival in this pool.
    pub arrival: u64,
}

impl PoolTx {
    pub(crate) fn new(
        hash: H256,
        extrinsic: OpaqueExtrinsic,
        source: TransactionSource,
        valid: ValidTransaction,
        at: BlockNumber,
        arrival: u64,
    ) -> Self {
        let mut requires = valid.requires;
        let mut provides = valid.provides;
        requires.sort();
        requires.dedup();
        provides.sort();
        provides.dedup();
        Self {
            hash,
            extrinsic,
            source,
            priority: valid.priority,
            requires,
            provides,
            valid_until: u64::from(at).saturating_add(valid.longevity),
            propagate: valid.propagate,
            arrival,
        }
    }

    /// Bytes that it holds: extrinsic and tags.
    pub fn bytes(&self) -> usize {
        let tags = self.requires.iter().chain(&self.provides).map(Vec::len).sum::<usize>();
        self.extrinsic.0.len().saturating_add(tags)
    }

    /// How good it is; a greater rank goes first and is evicted last.
    pub(crate) fn rank(&self) -> Rank {
        (self.priority, std::cmp::Reverse(self.arrival), self.hash)
    }
}

/// Priority, then age.
pub(crate) type Rank = (u64, std::cmp::Reverse<u64>, H256);

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxStatus {
    /// It waits for a tag that nobody provides yet.
    Future,
    /// It may be included.
    Ready,
    /// It was sent to these peers.
    Broadcast(Vec<String>),
    /// A block of the selected chain accepted and executed it.
    InBlock {
        /// The accepting block.
        block: H256,
        /// Its index among the block's accepted extrinsics.
        index: u32,
    },
    /// The block that accepted it left the selected chain.
    Retracted(H256),
    /// The block that accepted it is not final after a long time; nobody watches on.
    FinalityTimeout(H256),
    /// The block that accepted it is final.
    Finalized {
        /// The accepting block.
        block: H256,
        /// Its index among the block's accepted extrinsics.
        index: u32,
    },
    /// This transaction took its place.
    Usurped(H256),
    /// The pool was too full to keep it, or somebody removed it.
    Dropped,
    /// It can no longer be included.
    Invalid,
}

impl TxStatus {
    /// Whether nothing can follow.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Future
            | Self::Ready
            | Self::Broadcast(_)
            | Self::InBlock { .. }
            | Self::Retracted(_) => false,
            Self::FinalityTimeout(_)
            | Self::Finalized { .. }
            | Self::Usurped(_)
            | Self::Dropped
            | Self::Invalid => true,
        }
    }
}
