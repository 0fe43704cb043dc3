//! The pool as a state machine.

mod best;
mod revalidate;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use citrate_core::{
    BlockNumber, H256, InvalidTransaction, OpaqueExtrinsic, TransactionSource,
    TransactionValidityError, ValidTransaction,
};

pub use best::{AcceptedTx, BestUpdate, BlockTxs};

use crate::bans::Bans;
use crate::config::PoolConfig;
use crate::doubts::Doubts;
use crate::error::PoolError;
use crate::future::FutureQueue;
use crate::ready::ReadyQueue;
use crate::tx::{PoolTx, Tag, TxStatus};

/// For how many best-block updates the tags of included transactions count as provided.
///
/// A transaction that was validated just before an update and is imported just after it may
/// require a tag whose provider has left the pool in between.
const RECENT_UPDATES: usize = 3;

/// A change of status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The transaction.
    pub hash: H256,
    /// Its new status.
    pub status: TxStatus,
}

/// Sizes of the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// Ready transactions, those in flight included.
    pub ready: usize,
    /// Bytes of ready transactions.
    pub ready_bytes: usize,
    /// Future transactions.
    pub future: usize,
    /// Bytes of future transactions.
    pub future_bytes: usize,
    /// Transactions in payloads that are not merged yet.
    pub in_flight: usize,
    /// Hashes that are refused for a while.
    pub banned: usize,
    /// Transactions that the best chain excludes and the final one not yet.
    pub doubtful: usize,
    /// Bytes of doubtful transactions.
    pub doubtful_bytes: usize,
}

/// The pool as a state machine: verdicts and block updates in, [`Output`]s out.
#[derive(Debug)]
pub struct Pool {
    config: PoolConfig,
    ready: ReadyQueue,
    future: FutureQueue,
    bans: Bans,
    /// What the best chain excludes and the final one not yet.
    doubts: Doubts,
    /// Tags of included transactions, newest update first.
    recent: VecDeque<BTreeSet<Tag>>,
    /// What the payload of the selected chain's last block holds. The next block merges it: then it is accepted, or skipped,
    /// or free again because it was not executed (the second block of an author for a slot).
    in_flight: BTreeSet<H256>,
    /// Accepted transactions of blocks that are not final.
    included: BTreeMap<H256, Included>,
    /// What must be validated again before all others.
    urgent: BTreeSet<H256>,
    /// Where the rotation through ready and future transactions goes on.
    cursors: (H256, H256),
    now: BlockNumber,
    arrivals: u64,
    outputs: Vec<Output>,
}

#[derive(Debug)]
struct Included {
    number: BlockNumber,
    txs: Vec<(H256, u32)>,
}

impl Pool {
    /// An empty pool.
    pub fn new(config: PoolConfig) -> Self {
        Self {
            config,
            ready: ReadyQueue::default(),
            future: FutureQueue::default(),
            bans: Bans::default(),
            doubts: Doubts::default(),
            recent: VecDeque::new(),
            in_flight: BTreeSet::new(),
            included: BTreeMap::new(),
            urgent: BTreeSet::new(),
            cursors: (H256::zero(), H256::zero()),
            now: 0,
            arrivals: 0,
            outputs: Vec::new(),
        }
    }

    /// Whether it is worth asking the runtime about a transaction.
    ///
    /// # Errors
    /// It is too large, banned or here already.
    pub fn check(&self, hash: &H256, extrinsic: &OpaqueExtrinsic) -> Result<(), PoolError> {
        let (bytes, max) = (extrinsic.0.len(), self.config.extrinsic_bytes_max);
        if bytes > max {
            return Err(PoolError::TooLarge { bytes, max });
        }
        if self.bans.contains(hash) {
            return Err(PoolError::TemporarilyBanned);
        }
        if self.contains(hash) {
            return Err(PoolError::AlreadyImported(*hash));
        }
        Ok(())
    }

    /// Takes a transaction that the runtime found valid at block `at`.
    ///
    /// # Errors
    /// See [`PoolError`]; the pool is as before, but for what a full pool evicted.
    pub fn import(
        &mut self,
        hash: H256,
        extrinsic: OpaqueExtrinsic,
        source: TransactionSource,
        valid: ValidTransaction,
        at: BlockNumber,
    ) -> Result<(), PoolError> {
        self.check(&hash, &extrinsic)?;
        if source == TransactionSource::External && !valid.propagate {
            return Err(PoolError::Unactionable);
        }
        self.check_tags(&valid)?;
        self.arrivals += 1;
        let tx = Arc::new(PoolTx::new(hash, extrinsic, source, valid, at, self.arrivals));
        if tx.valid_until < u64::from(self.now) {
            return Err(PoolError::InvalidTransaction(InvalidTransaction::Stale));
        }
        self.place(tx)?;
        self.doubts.remove(&hash);
        self.enforce_limits();
        if self.contains(&hash) { Ok(()) } else { Err(PoolError::ImmediatelyDropped) }
    }

    /// Notes that the runtime found a transaction invalid, before it was imported.
    pub fn refuse(&mut self, hash: H256, error: &TransactionValidityError) {
        if cannot_heal(error) {
            let until = self.now.saturating_add(self.config.ban_blocks);
            self.bans.insert(hash, until, self.config.bans_max);
        }
    }

    /// Takes a transaction out because somebody asked for it; what depends on it waits again.
    pub fn remove(&mut self, hash: &H256) -> bool {
        let removed = self.drop_one(hash);
        self.enforce_limits();
        removed
    }

    /// Whether the transaction is ready or future.
    pub fn contains(&self, hash: &H256) -> bool {
        self.ready.get(hash).is_some() || self.future.get(hash).is_some()
    }

    /// The transaction, if it is ready or future.
    pub fn get(&self, hash: &H256) -> Option<Arc<PoolTx>> {
        self.ready.get(hash).or_else(|| self.future.get(hash)).cloned()
    }

    /// Ready transactions that are in no unmerged payload: best first, each after what it requires.
    pub fn ready(&self) -> Vec<Arc<PoolTx>> {
        self.ready.ordered(|hash| self.in_flight.contains(hash))
    }

    /// All ready transactions, those in flight included: best first, each after what it requires.
    pub fn pending(&self) -> Vec<Arc<PoolTx>> {
        self.ready.ordered(|_| false)
    }

    /// All future transactions, by hash.
    pub fn future(&self) -> Vec<Arc<PoolTx>> {
        self.future.iter().cloned().collect()
    }

    /// Whether a ready transaction provides `tag`.
    pub fn provides(&self, tag: &[u8]) -> bool {
        self.ready.provider(tag).is_some()
    }

    /// Whether the transaction sits in a payload that is not merged yet.
    pub fn is_in_flight(&self, hash: &H256) -> bool {
        self.in_flight.contains(hash)
    }

    /// Sizes.
    pub fn status(&self) -> PoolStatus {
        PoolStatus {
            ready: self.ready.len(),
            ready_bytes: self.ready.bytes(),
            future: self.future.len(),
            future_bytes: self.future.bytes(),
            in_flight: self.in_flight.len(),
            banned: self.bans.len(),
            doubtful: self.doubts.len(),
            doubtful_bytes: self.doubts.bytes(),
        }
    }

    /// Changes of status since the last call, oldest first.
    pub fn take_outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    fn check_tags(&self, valid: &ValidTransaction) -> Result<(), PoolError> {
        if valid.provides.is_empty() {
            return Err(PoolError::NoTagsProvided);
        }
        let (count, length) = (self.config.tags_max, self.config.tag_bytes_max);
        for tags in [&valid.requires, &valid.provides] {
            if tags.len() > count || tags.iter().any(|tag| tag.len() > length) {
                return Err(PoolError::TooManyTags);
            }
        }
        if valid.requires.iter().any(|tag| valid.provides.contains(tag)) {
            return Err(PoolError::CycleDetected);
        }
        Ok(())
    }

    /// Keeps a transaction that the best block excludes until finality has decided.
    pub fn doubt(&mut self, hash: H256, extrinsic: OpaqueExtrinsic) {
        for oldest in self.doubts.insert(hash, extrinsic, self.now, self.config.doubts) {
            self.emit(oldest, TxStatus::Invalid);
        }
    }

    /// What was excluded at block `number` or before; to be asked about when that block is final.
    pub fn doubtful(&self, number: BlockNumber) -> Vec<(H256, OpaqueExtrinsic)> {
        self.doubts.until(number).map(|(hash, extrinsic)| (hash, extrinsic.clone())).collect()
    }

    /// A final block excludes a doubtful transaction.
    pub fn exclude(&mut self, hash: &H256) {
        if self.doubts.remove(hash) {
            self.emit(*hash, TxStatus::Invalid);
        }
    }

    /// A final block does not exclude a doubtful transaction, which may be imported again. Whether there was one.
    pub fn revive(&mut self, hash: &H256) -> bool {
        self.bans.lift(hash);
        self.doubts.remove(hash)
    }

    fn emit(&mut self, hash: H256, status: TxStatus) {
        self.outputs.push(Output { hash, status });
    }

    /// The required tags that neither a ready transaction nor a recent block provides.
    fn missing(&self, tx: &PoolTx) -> BTreeSet<Tag> {
        let absent = |tag: &&Tag| {
            self.ready.provider(tag).is_none()
                && !self.recent.iter().any(|tags| tags.contains(*tag))
        };
        tx.requires.iter().filter(absent).cloned().collect()
    }

    /// Puts a transaction where it belongs and promotes those that waited for it.
    fn place(&mut self, tx: Arc<PoolTx>) -> Result<(), PoolError> {
        let missing = self.missing(&tx);
        if !missing.is_empty() {
            self.emit(tx.hash, TxStatus::Future);
            self.future.insert(tx, missing);
            return Ok(());
        }
        let tags = tx.provides.clone();
        self.insert_ready(tx)?;
        self.promote(tags);
        Ok(())
    }

    /// Makes those ready that waited for `tags` only, and those that waited for them, and so on.
    fn promote(&mut self, mut tags: Vec<Tag>) {
        while let Some(tag) = tags.pop() {
            for tx in self.future.satisfy(&tag) {
                let (hash, provides) = (tx.hash, tx.provides.clone());
                let rival = provides.iter().find_map(|tag| self.ready.provider(tag)).copied();
                match (self.insert_ready(tx), rival) {
                    (Ok(()), _) => tags.extend(provides),
                    (Err(_), Some(rival)) => self.emit(hash, TxStatus::Usurped(rival)),
                    (Err(_), None) => self.emit(hash, TxStatus::Dropped),
                }
            }
        }
    }

    /// Adds a transaction whose required tags are provided, in place of lower ones with its tags.
    fn insert_ready(&mut self, tx: Arc<PoolTx>) -> Result<(), PoolError> {
        let rivals: BTreeSet<H256> =
            tx.provides.iter().filter_map(|tag| self.ready.provider(tag)).copied().collect();
        if !rivals.is_empty() {
            // What is in a published payload comes first whatever arrives later.
            let weight = |hash: &H256| match self.ready.get(hash) {
                Some(_) if self.in_flight.contains(hash) => u64::MAX,
                Some(rival) => rival.priority,
                None => 0,
            };
            let old = rivals.iter().map(weight).fold(0, u64::saturating_add);
            if tx.priority <= old {
                return Err(PoolError::TooLowPriority { old, new: tx.priority });
            }
        }
        // It may require neither what it replaces nor what would come after it.
        let mut after = self.ready.dependants_of(&tx);
        after.extend(self.ready.descendants(&after));
        after.extend(&rivals);
        if tx.requires.iter().filter_map(|tag| self.ready.provider(tag)).any(|p| after.contains(p))
        {
            return Err(PoolError::CycleDetected);
        }
        let mut orphans = BTreeSet::new();
        for hash in &rivals {
            let Some(rival) = self.ready.remove(hash) else { continue };
            orphans.extend(self.ready.dependants_of(&rival));
            self.emit(*hash, TxStatus::Usurped(tx.hash));
        }
        self.emit(tx.hash, TxStatus::Ready);
        self.ready.insert(tx);
        orphans.retain(|hash| match self.ready.get(hash) {
            Some(orphan) => !self.missing(orphan).is_empty(),
            None => false,
        });
        self.demote(&orphans);
        Ok(())
    }

    /// Lets those ready transactions, and all that depend on them, find their place again.
    fn demote(&mut self, roots: &BTreeSet<H256>) {
        let mut all = self.ready.descendants(roots);
        all.extend(roots);
        let mut moved: Vec<Arc<PoolTx>> =
            all.iter().filter_map(|hash| self.ready.remove(hash)).collect();
        moved.sort_by_key(|tx| tx.arrival);
        for tx in moved {
            let hash = tx.hash;
            if self.place(tx).is_err() {
                self.emit(hash, TxStatus::Dropped);
            }
        }
    }

    /// Takes a transaction out without a status; what depends on it waits again.
    fn take(&mut self, hash: &H256) -> bool {
        self.urgent.remove(hash);
        if self.future.remove(hash).is_some() {
            return true;
        }
        let Some(tx) = self.ready.remove(hash) else { return false };
        let mut orphans = self.ready.dependants_of(&tx);
        orphans.retain(|hash| match self.ready.get(hash) {
            Some(orphan) => !self.missing(orphan).is_empty(),
            None => false,
        });
        self.demote(&orphans);
        true
    }

    fn drop_one(&mut self, hash: &H256) -> bool {
        let removed = self.take(hash);
        if removed {
            self.emit(*hash, TxStatus::Dropped);
        }
        removed
    }

    /// Evicts the lowest until the limits hold.
    fn enforce_limits(&mut self) {
        while self.config.ready.is_exceeded(self.ready.len(), self.ready.bytes()) {
            let spare = self.ready.worst_leaf(|hash| self.in_flight.contains(hash));
            let Some(worst) = spare.or_else(|| self.ready.worst_leaf(|_| false)) else { break };
            self.drop_one(&worst);
        }
        while self.config.future.is_exceeded(self.future.len(), self.future.bytes()) {
            let Some(worst) = self.future.worst() else { break };
            self.drop_one(&worst);
        }
    }
}

/// Whether a transaction with this verdict stays invalid for a long time.
fn cannot_heal(error: &TransactionValidityError) -> bool {
    match error {
        TransactionValidityError::Unknown(_) => false,
        TransactionValidityError::Invalid(invalid) => !matches!(
            invalid,
            InvalidTransaction::Payment
                | InvalidTransaction::Future
                | InvalidTransaction::ExhaustsResources
                | InvalidTransaction::IndeterminateImplicit
        ),
    }
}
