//! Taking blocks.

use std::time::{SystemTime, UNIX_EPOCH};

use citrate_core::{BlockNumber, Digest, DigestItem, H256, Header, sr25519};
use citrate_dag::{CheckedHeader, ParentInfo, Tip, check_header, check_payload, mergeset};
use citrate_dag_types::{DagBlock, DagDigest, Slot, vrf_message};
use citrate_db::{BlockCommit, BlockRef, Executed, Head, Route};

use crate::chain::{Chain, Importing};
use crate::error::{BuildError, ChainError, ImportError};
use crate::event::ChainEvent;
use crate::execute::Derived;
use crate::records;

/// What the selected chain is chosen by: blue score, then the VRF's output, which unlike a hash
/// cannot be tried for.
pub(crate) type Rank = (u64, [u8; 32]);

/// What became of an imported block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockStatus {
    /// It is the tip of the selected chain.
    Best,
    /// It is executed, and another tip is better.
    Side,
    /// It is kept and can never be on the selected chain.
    Disqualified(Mismatch),
}

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
}

/// A block that was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its hash.
    pub hash: H256,
    /// Its number.
    pub number: BlockNumber,
    /// What became of it.
    pub status: BlockStatus,
}

impl Chain {
    /// Takes a block, by the machine's clock. See [`Self::import_at`].
    ///
    /// # Errors
    /// As [`Self::import_at`].
    pub fn import(&self, block: DagBlock) -> Result<Imported, ImportError> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.import_at(block, u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// Takes a block: checks its header and payload, derives its accepted list, compares the outcome
    /// with the header, stores it and moves the selected chain and finality. When this returns, the
    /// block survives the process being killed.
    ///
    /// # Errors
    /// See [`ImportError`]; nothing of the block is kept then.
    pub fn import_at(&self, block: DagBlock, now_ms: u64) -> Result<Imported, ImportError> {
        let mut importing = self.importing.lock();
        let (hash, number) = (block.hash(), block.header.number);
        if self.db.header(&hash)?.is_some() {
            return Err(ImportError::AlreadyKnown(hash));
        }
        let parent = block.header.parent_hash;
        if self.db.header(&parent)?.is_none() {
            return Err(ImportError::UnknownParent(parent));
        }
        if !self.descends_from_finalized(&block.header)? {
            return Err(ImportError::NotOnFinalizedChain(hash));
        }
        let info = self.parent_info(&parent)?;
        let base = self.executed_ancestor(parent)?;
        let configuration = self.dag_configuration(&base)?;
        let now = Slot::at(now_ms, configuration.slot_duration_ms);
        let rules = &self.config.rules;
        let checked = check_header(&block.header, &info, &configuration, rules, now)?;
        check_payload(&checked.digest, &block.payload, &configuration)?;
        let merges = mergeset(parent, &info);
        merges.check(&checked.digest)?;
        let merged: Vec<H256> = merges.blocks.iter().map(|(hash, _)| *hash).collect();
        let outcome = if base == parent {
            self.outcome(&parent, &info, &checked, &merged)?
        } else {
            Err(Mismatch::Parent)
        };
        let status = match outcome {
            Ok(derived) => {
                let rank = (checked.digest.blue_score, checked.vrf_output);
                self.take(&mut importing, block, derived, rank)?
            }
            Err(mismatch) => {
                tracing::warn!(target: "chain", number, ?hash, ?mismatch, "block is disqualified");
                self.db.commit(unexecuted(hash, block))?;
                BlockStatus::Disqualified(mismatch)
            }
        };
        Ok(Imported { hash, number, status })
    }

    /// Makes a block of the selected chain final, with its ancestors.
    ///
    /// # Errors
    /// The block is not on the selected chain, or the database failed.
    pub fn finalize(&self, hash: &H256) -> Result<(), ChainError> {
        let _importing = self.importing.lock();
        self.finalize_inner(hash)
    }

    /// Derives the block, unless it was built here just before, and compares it with its header.
    fn outcome(
        &self,
        parent: &H256,
        info: &ParentInfo,
        checked: &CheckedHeader,
        merged: &[H256],
    ) -> Result<Result<Derived, Mismatch>, BuildError> {
        let claimed = &checked.unsealed;
        let hash = claimed.hash();
        if let Some((_, derived)) = self.built.lock().take_if(|(built, _)| *built == hash) {
            return Ok(Ok(derived));
        }
        let given = claimed.digest.logs.iter();
        let given = given.filter(|item| matches!(item, DigestItem::PreRuntime(..))).cloned();
        let digest = Digest { logs: given.collect() };
        let derived = self.derive(parent, info, checked.digest.slot, digest, merged)?;
        Ok(match compare(claimed, &derived.header) {
            None => Ok(derived),
            Some(mismatch) => Err(mismatch),
        })
    }

    /// Stores an executed block and moves the selected chain and finality.
    fn take(
        &self,
        importing: &mut Importing,
        block: DagBlock,
        derived: Derived,
        rank: Rank,
    ) -> Result<BlockStatus, ImportError> {
        let (hash, number, parent) = (block.hash(), block.header.number, block.header.parent_hash);
        let is_best = rank > importing.best.1;
        let transactions = records::of_derived(hash, number, &derived, &block.payload);
        let records = if is_best { self.records(&transactions)? } else { Vec::new() };
        let route = self.db.commit(BlockCommit {
            hash,
            header: block.header,
            payload: block.payload,
            executed: Some(Executed {
                accepted: derived.body,
                skipped: records::stored(&derived.skipped),
                delta: derived.delta,
            }),
            head: if is_best { Head::Best } else { Head::Unchanged },
            transactions: records,
        })?;
        self.send(ChainEvent::Imported { hash, parent, number });
        if !is_best {
            return Ok(BlockStatus::Side);
        }
        importing.best = (hash, rank);
        if !route.retracted.is_empty() {
            self.rewrite_records(&route)?;
        }
        let Route { retracted, enacted } = route;
        let best = BlockRef { number, hash };
        self.send(ChainEvent::NewBest { block: best, retracted, enacted });
        let authorities = self.dag_configuration(&hash)?.authorities.len();
        let tip = Tip { hash, parent, number, authorities };
        if let Some(target) = importing.finality.on_best(&tip) {
            self.finalize_inner(&target)?;
        }
        Ok(BlockStatus::Best)
    }

    fn finalize_inner(&self, hash: &H256) -> Result<(), ChainError> {
        let done = self.db.finalize(hash)?;
        if !done.blocks.is_empty() {
            self.send(ChainEvent::Finalized { blocks: done.blocks, pruned: done.pruned });
        }
        Ok(())
    }

    /// Whether a header's chain contains the finalised block.
    fn descends_from_finalized(&self, header: &Header) -> Result<bool, ChainError> {
        let finalized = self.finalized();
        let (mut number, mut parent) = (header.number, header.parent_hash);
        loop {
            if number <= finalized.number {
                return Ok(false);
            }
            // The selected chain goes through the finalised block. Without a look at it, every
            // import would walk all the way down, however long nothing becomes final.
            if parent == finalized.hash || self.db.hash_at(number - 1)? == Some(parent) {
                return Ok(true);
            }
            let Some(next) = self.db.header(&parent)? else { return Ok(false) };
            (number, parent) = (next.number, next.parent_hash);
        }
    }

    /// The block itself, or its nearest ancestor that was executed.
    fn executed_ancestor(&self, mut hash: H256) -> Result<H256, ChainError> {
        while !self.db.has_state(&hash)? {
            let header = self.db.header(&hash)?;
            let missing = ChainError::Incomplete { hash, what: "an executed ancestor" };
            hash = header.filter(|header| header.number > 0).ok_or(missing)?.parent_hash;
        }
        Ok(hash)
    }

    /// The rank of a block that was imported before.
    pub(crate) fn stored_rank(&self, hash: &H256) -> Result<Rank, ChainError> {
        let header = self.db.header(hash)?;
        let Some(header) = header.filter(|header| header.number > 0) else {
            return Ok(Rank::default());
        };
        let digest = DagDigest::from_header(&header)
            .map_err(|source| ChainError::Digest { hash: *hash, source })?;
        // Without the parent's state the tie-break is lost, which only makes this block lose ties.
        let output = match self.dag_configuration(&header.parent_hash) {
            Ok(configuration) => {
                let position = usize::try_from(digest.author).unwrap_or(usize::MAX);
                let author = configuration.authorities.get(position);
                let message = vrf_message(&configuration.randomness, digest.slot);
                author.and_then(|author| {
                    let vrf = &digest.vrf;
                    sr25519::vrf_verify(&message, &vrf.pre_output, &vrf.proof, &author.key)
                })
            }
            Err(_) => None,
        };
        Ok((digest.blue_score, output.unwrap_or_default()))
    }
}

fn unexecuted(hash: H256, block: DagBlock) -> BlockCommit {
    BlockCommit {
        hash,
        header: block.header,
        payload: block.payload,
        executed: None,
        head: Head::Unchanged,
        transactions: Vec::new(),
    }
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
