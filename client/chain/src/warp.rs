//! Starting at a finalised block, and what others need for that.

use std::sync::Arc;

use citrate_core::{H256, Header, OpaqueExtrinsic, sr25519};
use citrate_dag::ghostdag::{Dag, StoredBlock};
use citrate_dag_types::split_seal;
use citrate_db::Start;
use citrate_sync::{
    Depth, ENTRIES_MAX, WindowEntry, WindowError, WindowPage, check_window, state_nodes, window_of,
};
use citrate_trie::Step;
use codec::Encode;

use crate::chain::Chain;
use crate::error::ChainError;

/// A block is offered when this part of its epoch has passed: whoever starts there knows the authors of this
/// epoch and the next, and blocks of the one before are not to come any more.
const EPOCH_PART: u64 = 8;

/// The blocks of the window that was served last.
pub(crate) type ServedWindow = Option<(H256, Arc<Vec<H256>>)>;

/// Whether the author that a record names sealed the header.
fn is_sealed(header: &Header, record: &StoredBlock) -> bool {
    let Ok((unsealed, seal)) = split_seal(header) else { return false };
    let Some(producer) = record.producer else { return false };
    sr25519::verify(&seal, unsealed.hash().as_bytes(), &sr25519::Public(producer.author))
}

impl Chain {
    /// Names who proves how the voters changed; the first one named stays.
    pub fn serve_proofs(&self, source: impl Fn(u64) -> Option<Vec<u8>> + Send + Sync + 'static) {
        // Who comes second is of the same node.
        let _ = self.proofs.set(Box::new(source));
    }

    /// Whether others may start at this block: it is final, its state and what is around it are here.
    pub fn offers(&self, header: &Header) -> bool {
        let hash = header.hash();
        let is_deep = self.with_dag(|dag| {
            let score = |hash: &H256| dag.block(hash).map(|block| block.blue_score);
            let root = dag.pruning_point();
            let depth = score(&hash).zip(score(&root)).map(|(top, low)| top.saturating_sub(low));
            let is_whole = root == self.genesis;
            depth.is_some_and(|depth| is_whole || depth >= dag.rules().pruning_depth)
        });
        is_deep && header.number > 0 && self.is_settled(header).unwrap_or(false)
    }

    fn is_settled(&self, header: &Header) -> Result<bool, ChainError> {
        let hash = header.hash();
        let is_final = header.number <= self.finalized().number
            && self.db.hash_at(header.number)? == Some(hash);
        if !is_final || !self.db.has_state(&hash)? {
            return Ok(false);
        }
        let length = self.dag_configuration(&hash)?.epoch_length.max(1);
        let slot = self.digest(&hash)?.slot.0;
        Ok(slot % length >= length / EPOCH_PART)
    }

    /// The DAG that a node starts with at a block that is proven to be final.
    ///
    /// # Errors
    /// The first entry that is not of the block's window.
    pub fn check_window(
        &self,
        target: &Header,
        entries: &[WindowEntry],
    ) -> Result<Dag, WindowError> {
        let rules = self.with_dag(|dag| *dag.rules());
        check_window(rules, self.genesis, target, entries, &is_sealed)
    }

    /// Makes a block, whose state was downloaded whole, the best and the last final one, and removes these
    /// records. The chain has to be opened anew then: this one still ends in the first block.
    ///
    /// # Errors
    /// [`ChainError::Window`], or the database failed.
    pub fn start_at(
        &self,
        target: &Header,
        payload: Vec<OpaqueExtrinsic>,
        entries: Vec<WindowEntry>,
        records: Vec<Vec<u8>>,
    ) -> Result<(), ChainError> {
        let dag = self.check_window(target, &entries)?;
        let headers = entries.into_iter().map(|entry| (entry.record.hash, entry.header)).collect();
        let stored = dag.all_stored().map(|stored| (stored.hash, stored.encode())).collect();
        let (block, root) = (target.hash(), dag.pruning_point());
        self.db.start_at(Start { block, headers, payload, dag: stored, root, records })?;
        Ok(())
    }

    /// See [`SyncChain::window`](citrate_sync::SyncChain).
    pub(crate) fn serve_window(
        &self,
        block: &H256,
        from: usize,
        bytes_max: usize,
    ) -> Result<Option<WindowPage>, ChainError> {
        let mut served = self.served_window.lock();
        let hashes = match &*served {
            Some((of, hashes)) if of == block => Arc::clone(hashes),
            _ => {
                let Some(hashes) = self.with_dag(|dag| window_of(dag, block)) else {
                    return Ok(None);
                };
                let hashes = Arc::new(hashes);
                *served = Some((*block, Arc::clone(&hashes)));
                hashes
            }
        };
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for hash in hashes.iter().skip(from).take(ENTRIES_MAX) {
            let record = self.with_dag(|dag| dag.stored(hash));
            let (Some(header), Some(record)) = (self.db.header(hash)?, record) else {
                // It was pruned since.
                *served = None;
                return Ok(None);
            };
            let entry = WindowEntry { header, record }.encode();
            bytes += entry.len();
            entries.push(entry);
            if bytes >= bytes_max {
                break;
            }
        }
        let total = u32::try_from(hashes.len()).unwrap_or(u32::MAX);
        Ok(Some(WindowPage { total, entries }))
    }

    /// See [`SyncChain::state`](citrate_sync::SyncChain). Whoever asks for a state finds it here for some time.
    pub(crate) fn serve_state(
        &self,
        block: &H256,
        steps: &[Step],
        depth: Depth,
        bytes_max: usize,
    ) -> Result<Option<Vec<Vec<u8>>>, ChainError> {
        if !self.db.pin_state(block)? {
            return Ok(None);
        }
        Ok(state_nodes(self.db.as_ref(), steps, depth, bytes_max))
    }
}
