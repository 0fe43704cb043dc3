//! What a block of the DAG is, and why one is refused.

use std::sync::Arc;

use citrate_core::{H256, U256};
use codec::{Decode, Encode};

use crate::reachability::BlockId;

/// What breaks ties between blocks of equal blue work.
pub type TieBreak = [u8; 32];
/// What blocks weigh; Kaspa's needs 192 bits.
pub type Work = U256;
/// An author, by his public key: an index would change its meaning with the epoch.
pub type Author = [u8; 32];

/// The order of blocks, see the [module](crate::ghostdag).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// Weight of the blue blocks in the past.
    pub blue_work: Work,
    /// Chain blocks since blue work grew last.
    pub stall: u32,
    /// The caller's.
    pub tie_break: TieBreak,
    /// The block.
    pub hash: H256,
}

/// Who won the right to make a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Producer {
    /// The slot.
    pub slot: u64,
    /// The winner.
    pub author: Author,
}

/// What a header says of the result; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The selected parent.
    pub selected_parent: Option<H256>,
    /// Blue blocks in the past.
    pub blue_score: Option<u64>,
    /// Their weight.
    pub blue_work: Option<Work>,
}

/// A block to insert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBlock {
    /// Its hash.
    pub hash: H256,
    /// Its parents, in any order.
    pub parents: Vec<H256>,
    /// What breaks ties.
    pub tie_break: TieBreak,
    /// What it weighs.
    pub weight: Work,
    /// Who made it, where that matters.
    pub producer: Option<Producer>,
    /// What its header says.
    pub claims: Claims,
}

/// The block that a DAG starts from: genesis, or a finalised block that is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Its hash.
    pub hash: H256,
    /// Its number, the height on the selected chain.
    pub number: u64,
    /// Blue blocks in its past.
    pub blue_score: u64,
    /// Their weight.
    pub blue_work: Work,
    /// What breaks ties.
    pub tie_break: TieBreak,
    /// What it weighs.
    pub weight: Work,
    /// Who made it.
    pub producer: Option<Producer>,
    /// Authors that equivocated in its past.
    pub disabled: Vec<Author>,
}

impl Root {
    /// A genesis block of this weight.
    pub fn genesis(hash: H256, weight: Work) -> Self {
        let (blue_work, tie_break) = (Work::zero(), [0; 32]);
        let (number, blue_score, producer, disabled) = (0, 0, None, Vec::new());
        Self { hash, number, blue_score, blue_work, tie_break, weight, producer, disabled }
    }
}

/// How far a block was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Status {
    /// Its header is in the DAG; its payload is not here.
    Header,
    /// Its payload is here; it was not executed.
    Unverified,
    /// Its execution gave what its header says, and so did that of its whole chain.
    Valid,
    /// Its execution, or that of a block on its chain, gave something else.
    Disqualified,
}

/// A block that repeats the (author, slot) of an earlier one in consensus order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The later block; red, and not executed.
    pub block: H256,
    /// The first one.
    pub first: H256,
}

/// What the DAG knows of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockInfo {
    /// The parents that are still here.
    pub parents: Vec<H256>,
    /// The parent of the greatest order; `None` for the first block, and once it is pruned.
    pub selected_parent: Option<H256>,
    /// The height on its chain.
    pub number: u64,
    /// The selected parent, then the blue blocks of the mergeset in order.
    pub blues: Vec<H256>,
    /// The red blocks of the mergeset in order.
    pub reds: Vec<H256>,
    /// The reds among them that repeat an (author, slot).
    pub repeated: Vec<Repeated>,
    /// Authors that equivocated in its past.
    pub disabled: Arc<[Author]>,
    /// Blue blocks in its past.
    pub blue_score: u64,
    /// Their weight.
    pub blue_work: Work,
    /// How far it was verified.
    pub status: Status,
}

/// A block as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) order: Order,
    pub(super) parents: Box<[BlockId]>,
    pub(super) selected_parent: Option<BlockId>,
    pub(super) number: u64,
    pub(super) blue_score: u64,
    pub(super) weight: Work,
    pub(super) producer: Option<Producer>,
    pub(super) blues: Box<[BlockId]>,
    pub(super) reds: Box<[BlockId]>,
    /// The repeating blocks among the reds, each with the one that it repeats.
    pub(super) repeated: Box<[(BlockId, BlockId)]>,
    /// Sizes of blue anticones that this block set or changed, by id.
    pub(super) anticones: Box<[(BlockId, u16)]>,
    /// Sorted; shared with the selected parent unless this block adds to them.
    pub(super) disabled: Arc<[Author]>,
    pub(super) merge_root: Option<BlockId>,
    /// How many blocks name it as a parent.
    pub(super) children: u32,
    pub(super) status: Status,
}

impl Entry {
    pub(super) fn hash(&self) -> H256 {
        self.order.hash
    }

    /// What it merges besides its selected parent.
    pub(super) fn merged(&self) -> impl Iterator<Item = BlockId> + '_ {
        // The selected parent is not the first of the blues any more once it is pruned.
        let is_merged = |id: &BlockId| Some(*id) != self.selected_parent;
        self.blues.iter().chain(&self.reds).copied().filter(is_merged)
    }
}

/// Why a block is not inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DagError {
    /// It is here already.
    #[error("block {0:?} is already in the DAG")]
    Known(H256),
    /// It broke a rule earlier.
    #[error("block {0:?} was found to be invalid")]
    KnownInvalid(H256),
    /// A parent is not here; the block may be valid once it is.
    #[error("parent {0:?} is not in the DAG")]
    UnknownParent(H256),
    /// No parent has the pruning point in its past, or the selected one has not.
    #[error("the block does not build on the pruning point")]
    BelowPruningPoint,
    /// The reachability index is full.
    #[error("the reachability index is full")]
    Full,
    /// It names no parent.
    #[error("a block needs a parent")]
    NoParent,
    /// It names too many parents.
    #[error("{got} parents; the limit is {max}")]
    TooManyParents {
        /// How many.
        got: usize,
        /// The limit.
        max: usize,
    },
    /// A parent is invalid.
    #[error("parent {0:?} is invalid")]
    InvalidParent(H256),
    /// Its slot is not after a parent's.
    #[error("slot {got} is not after slot {parent} of a parent")]
    SlotNotAfterParent {
        /// The parent's.
        parent: u64,
        /// The block's.
        got: u64,
    },
    /// One parent is another, or in another's past.
    #[error("parent {0:?} is in the past of another parent")]
    RelatedParents(H256),
    /// It merges more blocks than allowed.
    #[error("the mergeset has more than {max} blocks")]
    MergesetTooLarge {
        /// The limit.
        max: usize,
    },
    /// The header names another selected parent.
    #[error("the selected parent is {expected:?}; the header says {got:?}")]
    SelectedParent {
        /// What the parents give.
        expected: H256,
        /// The header's.
        got: H256,
    },
    /// The header has another blue score.
    #[error("the blue score is {expected}; the header says {got}")]
    BlueScore {
        /// What the mergeset gives.
        expected: u64,
        /// The header's.
        got: u64,
    },
    /// The header has another blue work.
    #[error("the blue work is {expected:#x}; the header says {got:#x}")]
    BlueWork {
        /// What the mergeset gives.
        expected: Work,
        /// The header's.
        got: Work,
    },
    /// It merges a block of too long ago.
    #[error("it merges block {merged:?} of slot {slot}; the first one allowed is {first}")]
    MergeWindow {
        /// The merged block.
        merged: H256,
        /// Its slot.
        slot: u64,
        /// The first slot allowed.
        first: u64,
    },
    /// It merges a red block that left the chain too deep down.
    #[error("red block {0:?} does not build on the merge root, nor does a blue one above it")]
    MergeDepth(H256),
}

impl DagError {
    /// Whether the block breaks a rule, so that it can never become valid. Otherwise it is us who
    /// know too little, or too much.
    pub fn is_invalid(&self) -> bool {
        !matches!(
            self,
            Self::Known(_) | Self::UnknownParent(_) | Self::BelowPruningPoint | Self::Full
        )
    }
}
