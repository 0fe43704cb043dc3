//! What a block merges, in consensus order.

use citrate_core::H256;
use citrate_dag_types::{Colour, DagDigest, Merged, MergedBlock};

use crate::header::{HeaderError, ParentInfo};

/// What a block merges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mergeset {
    /// The blocks in consensus order, the selected parent first.
    pub blocks: Vec<(H256, Colour)>,
    /// What a digest lists: the blocks besides the selected parent.
    pub merged: Merged,
    /// Blue blocks in the merging block's past.
    pub blue_score: u64,
}

/// The mergeset of a block whose only parent is `parent_hash`: exactly that parent, blue.
pub fn mergeset(parent_hash: H256, parent: &ParentInfo) -> Mergeset {
    let others: Vec<MergedBlock> = Vec::new();
    Mergeset {
        blocks: vec![(parent_hash, Colour::Blue)],
        merged: Merged::new(others),
        blue_score: parent.blue_score.saturating_add(1),
    }
}

impl Mergeset {
    /// Whether a digest says what this mergeset gives.
    ///
    /// # Errors
    /// The blue score or the list of merged blocks differs.
    pub fn check(&self, digest: &DagDigest) -> Result<(), HeaderError> {
        if digest.blue_score != self.blue_score {
            let (expected, got) = (self.blue_score, digest.blue_score);
            return Err(HeaderError::BlueScore { expected, got });
        }
        if digest.merged != self.merged {
            return Err(HeaderError::Merged);
        }
        Ok(())
    }
}
