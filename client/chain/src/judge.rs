//! Judging blocks by what needs no execution.

use std::sync::Arc;

use citrate_core::{H256, Header, OpaqueExtrinsic};
use citrate_dag::ghostdag::{Dag, NewBlock};
use citrate_dag::{CheckedHeader, HeaderError, Mergeset, ParentInfo, check_header, check_payload};
use citrate_dag_types::{DagConfiguration, DagDigest, Slot};

use crate::chain::Chain;
use crate::dag;
use crate::error::{ChainError, ImportError};

/// What tells who may author in a slot, on the chain of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    /// An executed block.
    Known,
    /// A block that has to be executed first.
    Unexecuted(H256),
    /// Nothing any more: the states that would are not kept.
    Lost,
}

impl Chain {
    /// Judges a header's form, election and seal. Its parents need not be here; so its number and its
    /// place in the DAG are not looked at, nor whether its slot lies in the future.
    ///
    /// # Errors
    /// [`ImportError::Header`] when a rule is broken; [`ImportError::UnknownParent`] when its epoch is
    /// too far from the best block's for this node to know the authors; [`ImportError::UnknownEpoch`] when it was not
    /// made by them: on a chain that parted from this node's before the epoch was prepared, others may.
    pub fn judge_author(&self, header: &Header) -> Result<(), ImportError> {
        let digest = DagDigest::from_header(header).map_err(HeaderError::from)?;
        let best = self.best();
        let configuration = self.configuration_for(&best.hash, digest.slot)?;
        let epoch = digest.slot.epoch(configuration.epoch_length);
        let known = match self.header(&best.hash)?.filter(|header| header.number > 0) {
            Some(_) => self.digest(&best.hash)?.slot.epoch(configuration.epoch_length),
            // The first epoch is the one in which block 1 is made, whichever that is.
            None if header.number == 1 => epoch,
            None => return Err(ImportError::UnknownParent(header.parent_hash)),
        };
        if epoch < known || epoch > known.saturating_add(1) {
            return Err(ImportError::UnknownParent(header.parent_hash));
        }
        // A parent that says nothing.
        let number = header.number.saturating_sub(1);
        let parent = ParentInfo { number, slot: None };
        match check_header(header, &parent, &configuration, &self.config.rules, digest.slot) {
            Err(error) if error.is_of_epoch() => Err(ImportError::UnknownEpoch(header.hash())),
            checked => Ok(checked.map(|_| ())?),
        }
    }

    /// Judges a header whose parents are all here by every rule but those on its execution and on the
    /// clock.
    ///
    /// # Errors
    /// As [`Self::import_at`](Chain::import_at), and [`ImportError::UnknownEpoch`] when an import would have to execute
    /// blocks to know the authors, [`ImportError::TooOld`] when nothing tells them any more.
    pub fn judge_header(&self, header: &Header) -> Result<(), ImportError> {
        let slot = DagDigest::from_header(header).map_err(HeaderError::from)?.slot;
        match self.basis(&header.parent_hash, slot)? {
            Basis::Known => {}
            Basis::Unexecuted(_) => return Err(ImportError::UnknownEpoch(header.hash())),
            Basis::Lost => return Err(ImportError::TooOld(header.hash())),
        }
        let configuration = self.configuration_for(&header.parent_hash, slot)?;
        let now_ms = slot.starts_at_ms(configuration.slot_duration_ms);
        let (checked, _) = self.check_header_at(header, slot, now_ms)?;
        let new = dag::new_block(header.hash(), &checked);
        self.check_mergeset(&self.dag.read(), &new, &checked.digest)
    }

    /// Judges a payload by its header, whose selected parent is here, and the chain's limits.
    ///
    /// # Errors
    /// The payload is another one, or too large.
    pub fn judge_payload(
        &self,
        header: &Header,
        payload: &[OpaqueExtrinsic],
    ) -> Result<(), ImportError> {
        let digest = DagDigest::from_header(header).map_err(HeaderError::from)?;
        let base = match self.header(&header.parent_hash)? {
            Some(_) => header.parent_hash,
            None => self.best().hash,
        };
        let configuration = self.configuration_for(&base, digest.slot)?;
        Ok(check_payload(&digest, payload, &configuration)?)
    }

    /// Everything about a header that needs no execution and no DAG, and by which parameters.
    pub(crate) fn check_header_at(
        &self,
        header: &Header,
        slot: Slot,
        now_ms: u64,
    ) -> Result<(CheckedHeader, Arc<DagConfiguration>), ImportError> {
        let parent = header.parent_hash;
        let known = self.db.header(&parent)?.ok_or(ImportError::UnknownParent(parent))?;
        let info =
            ParentInfo::of(&known).map_err(|source| ChainError::Digest { hash: parent, source })?;
        let configuration = self.configuration_for(&parent, slot)?;
        let now = Slot::at(now_ms, configuration.slot_duration_ms);
        let checked = check_header(header, &info, &configuration, &self.config.rules, now)?;
        Ok((checked, configuration))
    }

    /// Whether a block fits into the DAG, and merges what its digest says.
    pub(crate) fn check_mergeset(
        &self,
        dag: &Dag,
        new: &NewBlock,
        digest: &DagDigest,
    ) -> Result<(), ImportError> {
        let info = dag.preview(new).map_err(|error| ImportError::of_dag(new.hash, error))?;
        if self.merged(&Mergeset::of(dag, &info))? != digest.merged {
            return Err(HeaderError::Merged.into());
        }
        Ok(())
    }

    /// Executes what tells who may author a child of this block in this slot, on whatever chain it is.
    ///
    /// # Errors
    /// [`ImportError::TooOld`] if nothing tells any more, or our side failed.
    pub(crate) fn prepare(&self, hash: H256, parent: &H256, slot: Slot) -> Result<(), ImportError> {
        match self.basis(parent, slot)? {
            Basis::Known => Ok(()),
            // Where the chain is not what its headers say, nothing of it will ever be selected.
            Basis::Unexecuted(block) => self.execute_chain(&block).map(|_is_valid| ()),
            Basis::Lost => Err(ImportError::TooOld(hash)),
        }
    }

    /// What tells the parameters for a child of this block in this slot. They were fixed when the chain went over from
    /// the epoch before the slot's, so that any block of that epoch will do, or of the slot's own.
    fn basis(&self, parent: &H256, slot: Slot) -> Result<Basis, ChainError> {
        let lowest = self.db.states_from();
        let (mut at, mut above) = (*parent, Vec::new());
        // Down to the first executed block, with the epochs on the way.
        loop {
            let header = self.db.header(&at)?;
            let header = header.ok_or(ChainError::Incomplete { hash: at, what: "the header" })?;
            if header.number == 0 || self.db.has_state(&at)? || header.number <= lowest {
                return self.basis_above(&at, &header, &above, slot);
            }
            above.push((at, self.digest(&at)?.slot));
            at = header.parent_hash;
        }
    }

    /// As [`Self::basis`]: `low` is executed, or so old that its state is not kept, and the blocks above it are not.
    fn basis_above(
        &self,
        low: &H256,
        header: &Header,
        above: &[(H256, Slot)],
        slot: Slot,
    ) -> Result<Basis, ChainError> {
        let has_state = self.db.has_state(low)?;
        let finalised = self.finalized().hash;
        let state = if has_state { *low } else { finalised };
        let length = self.dag_configuration(&state)?.epoch_length;
        // The genesis block is of no epoch.
        let epoch_of = |hash: &H256| match self.db.header(hash)?.map(|header| header.number) {
            Some(0) | None => Ok(None),
            Some(_) => self.digest(hash).map(|digest| Some(digest.slot.epoch(length))),
        };
        let (epoch, low_epoch) = (slot.epoch(length), epoch_of(low)?);
        let before = above.iter().find(|(_, slot)| slot.epoch(length) < epoch);
        if let Some((block, slot)) = before.filter(|(_, s)| Some(s.epoch(length)) != low_epoch) {
            tracing::debug!(target: "chain", ?block, ?slot, "an epoch of another chain");
            return Ok(if has_state { Basis::Unexecuted(*block) } else { Basis::Lost });
        }
        if has_state {
            return Ok(Basis::Known);
        }
        // What is final stands for it, if it is of that chain and tells of the same epoch.
        let is_selected = self.db.hash_at(header.number)? == Some(*low)
            || self.with_dag(|dag| dag.is_chain_ancestor(low, &finalised));
        let is_told = match (low_epoch, epoch_of(&finalised)?) {
            (Some(low), Some(told)) if low == told => epoch >= told,
            (Some(low), Some(told)) => low.saturating_add(1) == told && epoch == told,
            _ => false,
        };
        Ok(if is_selected && is_told { Basis::Known } else { Basis::Lost })
    }

    /// The consensus parameters for a child of this block in this slot.
    ///
    /// An epoch's parameters are fixed when the epoch before it begins. So it does not matter which
    /// ancestor happens to be executed here, as long as it is of that epoch or later: an import sees to that.
    ///
    /// # Errors
    /// The runtime failed, or the database.
    pub fn configuration_for(
        &self,
        parent: &H256,
        slot: Slot,
    ) -> Result<Arc<DagConfiguration>, ChainError> {
        let base = self.executed_ancestor(*parent)?;
        self.dag_configuration_at(&base, slot)
    }

    /// The block itself, or its nearest ancestor that was executed and whose state is kept; the last
    /// final block, if that is below what is kept.
    fn executed_ancestor(&self, mut hash: H256) -> Result<H256, ChainError> {
        let lowest = self.db.states_from();
        while !self.db.has_state(&hash)? {
            let missing = ChainError::Incomplete { hash, what: "the header" };
            let header = self.db.header(&hash)?.ok_or(missing)?;
            if header.number <= lowest {
                return Ok(self.finalized().hash);
            }
            hash = header.parent_hash;
        }
        Ok(hash)
    }
}
