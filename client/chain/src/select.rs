//! Moving the selected chain: executing what a better one needs, and finality.

use citrate_core::{Digest, DigestItem, H256, Header};
use citrate_dag::ghostdag::{Status, Step, Verdict};
use citrate_dag::{Mergeset, Tip};
use citrate_dag_types::{DagDigest, split_seal};
use citrate_db::{BlockCommit, Executed, Head, MergedBlock, Route};

use crate::chain::{Chain, Importing};
use crate::error::{BuildError, ChainError, ImportError};
use crate::event::ChainEvent;
use crate::execute::Derived;
use crate::records;

/// Where a header differs from what the block's execution gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Its parent is disqualified.
    Parent,
    /// The root of the state.
    StateRoot {
        /// What execution gives.
        expected: H256,
        /// What the header says.
        got: H256,
    },
    /// The root of the accepted list.
    ExtrinsicsRoot {
        /// What execution gives.
        expected: H256,
        /// What the header says.
        got: H256,
    },
    /// Items that the runtime puts in the digest.
    Digest,
    /// The runtime does not execute a block with this header at all.
    Failed,
}

impl Chain {
    /// Makes a block final, with its whole past; the selected chain moves to it if it has to.
    ///
    /// # Errors
    /// The block is unknown or contradicts what is final, its execution gives something else than its
    /// chain says, or the database failed.
    pub fn finalize(&self, hash: &H256) -> Result<(), ImportError> {
        let mut importing = self.importing.lock();
        if self.finalized().hash == *hash {
            return Ok(());
        }
        self.dag.write().finalise(hash).map_err(ChainError::from)?;
        self.advance(&mut importing)?;
        Ok(self.finalize_selected(hash)?)
    }

    /// Executes a block of the DAG and what it builds on, whether or not its chain is the best: those
    /// who vote on finality may be ahead of what is best here. Says whether its chain is what its
    /// headers say.
    ///
    /// # Errors
    /// The block is unknown, or our side failed.
    pub fn execute(&self, hash: &H256) -> Result<bool, ImportError> {
        let _importing = self.importing.lock();
        self.execute_chain(hash)
    }

    /// As [`Self::execute`], within an import.
    pub(crate) fn execute_chain(&self, hash: &H256) -> Result<bool, ImportError> {
        let mut path = Vec::new();
        let mut at = *hash;
        while self.with_dag(|dag| dag.status(&at)) == Some(Status::Unverified) {
            path.push(at);
            let header = self.db.header(&at)?;
            let missing = ChainError::Incomplete { hash: at, what: "the header" };
            at = header.ok_or(missing)?.parent_hash;
        }
        if self.with_dag(|dag| dag.status(&at)) != Some(Status::Valid) {
            return Ok(false);
        }
        for block in path.iter().rev() {
            if self.verify(block)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Goes on until the selected chain is the best that there is. Returns what was disqualified.
    pub(crate) fn advance(
        &self,
        importing: &mut Importing,
    ) -> Result<Vec<(H256, Mismatch)>, ImportError> {
        let mut mismatches = Vec::new();
        loop {
            // Bound on its own, so that the lock is not held while the step is done.
            let step = self.dag.write().next_step();
            match step {
                Step::Execute(hash) => mismatches.extend(self.verify(&hash)?),
                Step::Moved(_) => self.move_best(importing)?,
                Step::Idle => return Ok(mismatches),
                Step::FinalisedFails(hash) => return Err(ChainError::Diverged(hash).into()),
            }
        }
    }

    /// Executes a block of the DAG and notes whether its header says what that gives.
    fn verify(&self, hash: &H256) -> Result<Option<(H256, Mismatch)>, BuildError> {
        let incomplete = |what| ChainError::Incomplete { hash: *hash, what };
        let header = self.db.header(hash)?.ok_or(incomplete("the header"))?;
        let unreadable = |source| ChainError::Digest { hash: *hash, source };
        let digest = DagDigest::from_header(&header).map_err(unreadable)?;
        let (claimed, _) = split_seal(&header).map_err(unreadable)?;
        let outcome = match self.outcome(hash, &claimed, &digest) {
            Err(error) if error.is_outcome() => {
                tracing::debug!(target: "chain", ?hash, %error, "a block does not execute");
                Err(Mismatch::Failed)
            }
            other => other?,
        };
        let verdict = if outcome.is_ok() { Verdict::Matches } else { Verdict::Differs };
        let judged = self.dag.write().report(hash, verdict);
        if let Err(error) = judged {
            tracing::warn!(target: "chain", ?hash, %error, "an execution that nobody waits for");
        }
        let (parent, number) = (header.parent_hash, header.number);
        let mismatch = outcome.as_ref().err().copied();
        let executed = outcome.ok().map(|(derived, merged)| Executed {
            accepted: derived.body,
            skipped: records::stored(&derived.skipped),
            merged: stored(&merged),
            delta: derived.delta,
        });
        self.db.commit(BlockCommit {
            hash: *hash,
            header,
            payload: Vec::new(),
            executed,
            head: Head::Unchanged,
            transactions: Vec::new(),
            dag: self.dag_record(hash),
        })?;
        let Some(mismatch) = mismatch else {
            self.send(ChainEvent::Imported { hash: *hash, parent, number });
            return Ok(None);
        };
        tracing::warn!(target: "chain", number, ?hash, ?mismatch, "block is disqualified");
        Ok(Some((*hash, mismatch)))
    }

    /// Derives the block, unless it was built here just before, and compares it with its header. With
    /// what it merges.
    fn outcome(
        &self,
        hash: &H256,
        claimed: &Header,
        digest: &DagDigest,
    ) -> Result<Result<(Derived, Mergeset), Mismatch>, BuildError> {
        let merged = {
            let dag = self.dag.read();
            let block = dag.block(hash).ok_or(BuildError::BadParent(*hash))?;
            Mergeset::of(&dag, &block)
        };
        let unsealed = claimed.hash();
        if let Some((_, derived)) = self.built.lock().take_if(|(built, _)| *built == unsealed) {
            return Ok(Ok((derived, merged)));
        }
        let given = claimed.digest.logs.iter();
        let given = given.filter(|item| matches!(item, DigestItem::PreRuntime(..))).cloned();
        let given = Digest { logs: given.collect() };
        let derived = self.derive(&claimed.parent_hash, digest.slot, given, &merged.executed)?;
        Ok(match compare(claimed, &derived.header) {
            None => Ok((derived, merged)),
            Some(mismatch) => Err(mismatch),
        })
    }

    /// Makes the DAG's sink the best block, and what finality says of it final.
    fn move_best(&self, importing: &mut Importing) -> Result<(), ChainError> {
        let hash = self.dag.read().sink();
        self.retract_records(&self.db.route_to(&hash)?.retracted)?;
        let Route { retracted, enacted } = self.db.set_best(&hash)?;
        self.enact_records(&enacted)?;
        let best = self.best();
        let parent = self.db.header(&hash)?.map(|header| header.parent_hash).unwrap_or_default();
        self.send(ChainEvent::NewBest { block: best, retracted, enacted });
        let authorities = self.dag_configuration(&hash)?.authorities.len();
        let tip = Tip { hash, parent, number: best.number, authorities };
        if let Some(target) = importing.finality.on_best(&tip) {
            // Refused only if it was final before.
            if self.dag.write().finalise(&target).is_ok() {
                self.finalize_selected(&target)?;
            }
        }
        Ok(())
    }

    /// Makes a block of the selected chain final in the database.
    fn finalize_selected(&self, hash: &H256) -> Result<(), ChainError> {
        let done = self.db.finalize(hash)?;
        if !done.blocks.is_empty() {
            self.send(ChainEvent::Finalized { blocks: done.blocks, pruned: done.pruned });
        }
        self.prune_dag()?;
        self.prune_blocks()
    }
}

/// What the database keeps of a mergeset.
fn stored(mergeset: &Mergeset) -> Vec<MergedBlock> {
    let keep = |(hash, _): &(H256, _)| MergedBlock {
        hash: *hash,
        is_executed: mergeset.executed.contains(hash),
    };
    mergeset.blocks.iter().map(keep).collect()
}

/// The first difference between a header and what execution gives.
fn compare(claimed: &Header, derived: &Header) -> Option<Mismatch> {
    if claimed.extrinsics_root != derived.extrinsics_root {
        let (expected, got) = (derived.extrinsics_root, claimed.extrinsics_root);
        return Some(Mismatch::ExtrinsicsRoot { expected, got });
    }
    if claimed.state_root != derived.state_root {
        let (expected, got) = (derived.state_root, claimed.state_root);
        return Some(Mismatch::StateRoot { expected, got });
    }
    (claimed != derived).then_some(Mismatch::Digest)
}
