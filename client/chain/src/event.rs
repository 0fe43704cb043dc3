//! What happened to the chain.

use citrate_core::{BlockNumber, H256};

use crate::BlockRef;

/// What happened to the chain. Parents come before children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainEvent {
    /// A block is in the DAG and stored.
    Added {
        /// The block.
        hash: H256,
    },
    /// A block was executed.
    Imported {
        /// The block.
        hash: H256,
        /// Its selected parent.
        parent: H256,
        /// Its number.
        number: BlockNumber,
    },
    /// The selected chain ends in another block.
    NewBest {
        /// The block.
        block: BlockRef,
        /// Blocks that left the selected chain, newest first.
        retracted: Vec<H256>,
        /// Blocks that joined it, oldest first.
        enacted: Vec<H256>,
    },
    /// Blocks became final.
    Finalized {
        /// The blocks, oldest first.
        blocks: Vec<H256>,
        /// Executed blocks that can never become final any more.
        pruned: Vec<H256>,
    },
}
