//! Judging blocks by what needs no execution.

use std::sync::Arc;

use citrate_core::{H256, Header, OpaqueExtrinsic};
use citrate_dag::ghostdag::{Dag, NewBlock};
use citrate_dag::{CheckedHeader, HeaderError, Mergeset, ParentInfo, check_header, check_payload};
use citrate_dag_types::{DagConfiguration, DagDigest, Slot};

use crate::chain::Chain;
use crate::dag;
use crate::error::{ChainError, ImportError};

impl Chain {
    /// Judges a header's form, election and seal. Its parents need not be here; so its number and its
    /// place in the DAG are not looked at, nor whether its slot lies in the future.
    ///
    /// # Errors
    /// [`ImportError::Header`] when a rule is broken; [`ImportError::UnknownParent`] when its epoch is
    /// too far from the best block's for this node to know the authors.
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
        check_header(header, &parent, &configuration, &self.config.rules, digest.slot)?;
        Ok(())
    }

    /// Judges a header whose parents are all here by every rule but those on its execution and on the
    /// clock.
    ///
    /// # Errors
    /// As [`Self::import_at`](Chain::import_at).
    pub fn judge_header(&self, header: &Header) -> Result<(), ImportError> {
        let slot = DagDigest::from_header(header).map_err(HeaderError::from)?.slot;
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

    /// The consensus parameters for a child of this block in this slot.
    ///
    /// An epoch's parameters are fixed when the epoch before it begins. So it does not matter which
    /// ancestor happens to be executed here, as long as it is of that epoch or later.
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
