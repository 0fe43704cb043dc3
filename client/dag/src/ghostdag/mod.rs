//! GHOSTDAG: which blocks of a DAG are well connected, in which order all of them count, and which of
//! them is the tip of the selected chain.
//!
//! The rules are those of PHANTOM GHOSTDAG (Sompolinsky, Wyborski, Zohar, eprint 2018/104) as Kaspa runs
//! them (`specs/ghostdag.md`; the sections below are its), with what proof of stake needs as parameters.
//!
//! # Order and mergeset (1.2)
//! Blocks are ordered by (blue work, stall, tie-break, hash). The selected parent is the parent of the greatest
//! order; the *mergeset* is what the block has in its past and the selected parent has not.
//! Consensus order is the selected parent, then the rest of the mergeset in ascending order,
//! whatever its colour. The tie-break is the caller's: Kaspa's is the hash, ours the VRF output, because
//! a hash could be ground for free. The hash itself decides only between two blocks of one
//! election. *Stall* counts the chain blocks since blue work grew last. It is 0 as long as blocks weigh
//! something, so that only then the order is (blue work, tie-break); with blocks that weigh nothing
//! it keeps the order topological.
//!
//! # Colours (1.3)
//! Candidates are taken in order. One is blue if at most `k` blue blocks are in its anticone, and none
//! of those has `k` blue ones in its own already. Blue score counts the blue blocks in the past, blue
//! work adds up what they weigh: Kaspa's proven work, or 1 per won slot.
//!
//! # Equivocation (DESIGN section 4; `specs/dag-pos.md` D2)
//! A block with a [`Producer`] has an author and a slot, and its slot is after those of its parents. All of
//! this depends on the past of the merging block only:
//! - Of several blocks of one (author, slot) the first in consensus order counts. The others are red, and
//!   are listed as [`Repeated`] with the one that they repeat: the proof. Nobody executes them.
//! - From the block on that has two such blocks in its past, the author is disabled: his blocks are red when
//!   merged, and weigh nothing even as selected parents.
//!
//! # Validity (1.6, 1.7)
//! [`Dag::insert`] checks in this order: not known, number of parents, parents valid and known, slots after
//! the parents', parents not in each other's past, the pruning point in the past, mergeset limit, selected parent,
//! blue score and blue work as claimed, merge window, bounded merge. The mergeset limit comes earlier than
//! in Kaspa, because it limits the work of everything after it. A block that breaks a rule is remembered, and
//! what builds on it is invalid too.
//!
//! *Bounded merge*: the merge root of a block is the highest block on its chain more than the merge depth
//! below. Every red block that it merges has the merge root in its past, or is in the past of
//! a blue one that it merges with the merge root on its chain. Nobody can make the DAG merge
//! arbitrarily old blocks, which is what makes pruning safe.
//!
//! # The selected chain (1.10)
//! Headers alone do not say whether a block's execution gives what it claims. [`Dag::next_step`] looks for
//! the sink, the block of the greatest order whose whole chain is valid: it asks for the execution of
//! one block at a time ([`Step::Execute`], answered by [`Dag::report`]), and says how the selected chain
//! moved. A block whose execution differs is *disqualified from the chain*, and so is what builds
//! on it as selected parent. It remains in the DAG, counts and is merged. The sink never leaves the chain of the
//! block that was finalised last.
//!
//! # Pruning (1.11)
//! [`Dag::prune`] forgets what is below a finalised block of the selected chain. The block itself, its future, and what
//! of its anticone the sink has merged stay. Memory is what was inserted since the pruning
//! point.
//!
//! # Storage
//! The DAG is in memory. [`Dag::stored`] is what has to be written for each block, and [`Dag::restore`] makes
//! the DAG again from that: a block near the pruning point cannot be coloured anew, since what it merged
//! may be gone.
//!
//! # Cost
//! Inserting a block costs queries for each block of its mergeset and parents, each logarithmic, and writes one
//! entry per merged block. Nothing walks the DAG. An election with many blocks costs a query for each of
//! them whenever one is merged: whoever relays headers passes on two at most.

mod block;
mod bounded_merge;
mod chain;
mod colour;
mod dag;
mod equivocation;
mod k;
mod parents;
mod prune;
mod rules;
mod sink;
mod stored;

pub use block::{
    Author, BlockInfo, Claims, DagError, NewBlock, Order, Producer, Repeated, Root, Status,
    TieBreak, Work,
};
pub use dag::{Dag, INVALID_REMEMBERED_MAX};
pub use k::{K_MAX, KError, k_for};
pub use prune::PruneError;
pub use rules::DagRules;
pub use sink::{ChainChange, FinaliseError, ReportError, Step, Verdict};
pub use stored::{Marks, RestoreError, StoredBlock};
