//! Which blocks can no longer be undone.

use citrate_core::H256;

/// A new best block, as finality sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The best block.
    pub hash: H256,
    /// Its selected parent.
    pub parent: H256,
    /// Its number.
    pub number: u32,
    /// How many authorities its configuration has.
    pub authorities: usize,
}

/// Decides which blocks are final. A state machine: it sees best blocks, and names the highest
/// block that became final.
pub trait Finality: Send {
    /// Takes a new best block; returns the block that is final now, with all its ancestors.
    fn on_best(&mut self, tip: &Tip) -> Option<H256>;
}

/// A single authority cannot contradict itself without breaking its own chain, so a block is final
/// once that authority has built on it. With more authorities it finalises nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SingleAuthority;

impl Finality for SingleAuthority {
    fn on_best(&mut self, tip: &Tip) -> Option<H256> {
        (tip.authorities == 1 && tip.number > 1).then_some(tip.parent)
    }
}
