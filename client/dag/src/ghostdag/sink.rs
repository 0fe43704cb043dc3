//! Looking for the sink: the block of the greatest order whose whole chain is valid.

use std::collections::BinaryHeap;

use citrate_core::H256;

use super::block::{Entry, Order, Status};
use super::dag::Dag;
use crate::reachability::BlockId;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Execute this block on the state of its selected parent, which is valid, and [`Dag::report`].
    Execute(H256),
    /// The sink is another block now.
    Moved(ChainChange),
    /// The sink is the best block that there is.
    Idle,
    /// The block that was finalised, or one on its chain, is disqualified: this node and the network
    /// disagree about an execution, and it must not go on.
    FinalisedFails(H256),
}

/// How the selected chain changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainChange {
    /// The blocks that left it, from the old sink down.
    pub removed: Vec<H256>,
    /// The blocks that joined it, up to the new sink.
    pub added: Vec<H256>,
}

/// What an execution showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The header says what the execution gave.
    Matches,
    /// It says something else.
    Differs,
}

/// Why a report is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// There is no such block.
    #[error("block {0:?} is not in the DAG")]
    Unknown(H256),
    /// Its payload is not here, or its selected parent was not found valid.
    #[error("block {0:?} could not be executed yet")]
    TooEarly(H256),
    /// It was reported before.
    #[error("block {0:?} was judged before")]
    Judged(H256),
}

/// Why a block cannot be finalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FinaliseError {
    /// There is no such block, or its payload is not here.
    #[error("block {0:?} is not here with its payload")]
    Unknown(H256),
    /// It contradicts what was finalised before.
    #[error("block {0:?} is not on a chain through the block finalised last")]
    Conflict(H256),
}

/// A search that goes on.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    /// Blocks to try. LIMIT: those of the DAG, each once.
    heap: BinaryHeap<(Order, BlockId)>,
    candidate: Option<BlockId>,
    /// The chain blocks of the candidate to verify; the lowest is the last.
    path: Vec<BlockId>,
}

impl Dag {
    /// The tip of the selected chain.
    pub fn sink(&self) -> H256 {
        self.entry(self.sink).hash()
    }

    /// The block that was finalised last.
    pub fn finalised(&self) -> H256 {
        self.entry(self.finalised).hash()
    }

    /// The greatest of the blocks found valid whose chain contains `base`: the sink, as long as the
    /// selected chain does. Otherwise all blocks are looked at.
    pub fn best_valid_above(&self, base: &H256) -> Option<H256> {
        let base = self.id(base)?;
        if self.reachability.is_chain_ancestor(base, self.sink) {
            return Some(self.sink());
        }
        let is_above = |entry: &&Entry| {
            let id = self.id(&entry.hash());
            entry.status == Status::Valid
                && id.is_some_and(|id| self.reachability.is_chain_ancestor(base, id))
        };
        self.entries().filter(is_above).max_by_key(|entry| entry.order).map(Entry::hash)
    }

    /// Goes on with looking for the sink. The same is asked again until it is reported.
    pub fn next_step(&mut self) -> Step {
        loop {
            let Some(mut search) = self.search.take() else {
                if !self.is_stale {
                    return Step::Idle;
                }
                self.is_stale = false;
                self.search = Some(self.new_search());
                continue;
            };
            if let Some(candidate) = search.candidate {
                match self.walk(&mut search, candidate) {
                    Walk::Execute(hash) => {
                        self.search = Some(search);
                        return Step::Execute(hash);
                    }
                    Walk::Valid if candidate == self.sink => continue,
                    Walk::Valid => return Step::Moved(self.move_sink(candidate)),
                    Walk::Disqualified => {}
                }
            } else {
                let Some((_, candidate)) = search.heap.pop() else {
                    // Asked again, the answer is the same.
                    self.is_stale = true;
                    return Step::FinalisedFails(self.finalised());
                };
                if self.reachability.is_chain_ancestor(self.finalised, candidate) {
                    search.path = self.unverified_chain(candidate);
                    search.candidate = Some(candidate);
                } else {
                    self.push_parents(&mut search, candidate);
                }
            }
            self.search = Some(search);
        }
    }

    /// Takes what the execution of a block showed. The block need not have been asked for, as long as
    /// its selected parent is valid: an author has executed his own.
    ///
    /// # Errors
    /// See [`ReportError`]; nothing changes.
    pub fn report(&mut self, hash: &H256, verdict: Verdict) -> Result<(), ReportError> {
        let id = self.id(hash).ok_or(ReportError::Unknown(*hash))?;
        let entry = self.entry(id);
        match entry.status {
            Status::Header => return Err(ReportError::TooEarly(*hash)),
            Status::Valid | Status::Disqualified => return Err(ReportError::Judged(*hash)),
            Status::Unverified => {}
        }
        let parent = entry.selected_parent.and_then(|parent| self.get(parent));
        if parent.is_none_or(|parent| parent.status != Status::Valid) {
            return Err(ReportError::TooEarly(*hash));
        }
        self.entry_mut(id).status = match verdict {
            Verdict::Matches => Status::Valid,
            Verdict::Differs => Status::Disqualified,
        };
        Ok(())
    }

    /// Makes a block final, with its whole past: the sink will not leave its chain.
    ///
    /// # Errors
    /// See [`FinaliseError`]; nothing changes.
    pub fn finalise(&mut self, hash: &H256) -> Result<(), FinaliseError> {
        let id = self.id(hash).ok_or(FinaliseError::Unknown(*hash))?;
        if self.entry(id).status == Status::Header {
            return Err(FinaliseError::Unknown(*hash));
        }
        if !self.reachability.is_chain_ancestor(self.finalised, id) {
            return Err(FinaliseError::Conflict(*hash));
        }
        self.finalised = id;
        self.restart_search();
        Ok(())
    }

    /// Begins anew, because what is searched changed.
    pub(super) fn restart_search(&mut self) {
        self.search = None;
        self.is_stale = true;
    }

    fn new_search(&self) -> Search {
        let is_above = |tip: &&BlockId| self.reachability.is_ancestor(self.finalised, **tip);
        let tips = self.payload_tips.iter().filter(is_above);
        let heap = tips.map(|tip| (self.entry(*tip).order, *tip)).collect();
        Search { heap, ..Search::default() }
    }

    /// The chain of a block down to the first block that was found valid, the lowest last.
    fn unverified_chain(&self, block: BlockId) -> Vec<BlockId> {
        let mut path = Vec::new();
        let mut at = Some(block);
        while let Some((id, entry)) = at.and_then(|id| Some((id, self.get(id)?))) {
            if entry.status == Status::Valid {
                break;
            }
            path.push(id);
            at = entry.selected_parent;
        }
        path
    }

    /// Takes from the path what is verified by now.
    fn walk(&mut self, search: &mut Search, candidate: BlockId) -> Walk {
        while let Some(lowest) = search.path.last() {
            let entry = self.entry(*lowest);
            match entry.status {
                Status::Valid => search.path.pop(),
                Status::Header | Status::Unverified => return Walk::Execute(entry.hash()),
                Status::Disqualified => {
                    for above in std::mem::take(&mut search.path) {
                        self.entry_mut(above).status = Status::Disqualified;
                    }
                    search.candidate = None;
                    self.push_parents(search, candidate);
                    return Walk::Disqualified;
                }
            };
        }
        Walk::Valid
    }

    /// Puts a block's parents in its place, as far as they are above the finalised block and not in
    /// the past of another block to try.
    fn push_parents(&self, search: &mut Search, block: BlockId) {
        for parent in &self.entry(block).parents {
            let Some(entry) = self.get(*parent) else { continue };
            let mut others = search.heap.iter();
            let is_covered = others.any(|(_, o)| self.reachability.is_ancestor(*parent, *o));
            if !is_covered && self.reachability.is_ancestor(self.finalised, *parent) {
                search.heap.push((entry.order, *parent));
            }
        }
    }

    fn move_sink(&mut self, sink: BlockId) -> ChainChange {
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        let mut at = self.sink;
        while !self.reachability.is_chain_ancestor(at, sink) {
            let entry = self.entry(at);
            removed.push(entry.hash());
            at = entry.selected_parent.expect("the finalised block is on both chains");
            self.chain.pop();
        }
        while let Some(next) = self.reachability.next_chain_block(at, sink) {
            added.push(self.entry(next).hash());
            self.chain.push(next);
            at = next;
        }
        self.sink = sink;
        ChainChange { removed, added }
    }
}

/// Where a candidate's chain stands.
enum Walk {
    Execute(H256),
    Valid,
    Disqualified,
}
