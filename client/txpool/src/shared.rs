//! The pool as the node shares it: asks the runtime, serves streams of statuses.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use citrate_core::{BlockNumber, H256, OpaqueExtrinsic, TransactionSource, TransactionValidity};
use parking_lot::Mutex;
use tokio::sync::{broadcast, mpsc};

use crate::config::PoolConfig;
use crate::error::PoolError;
use crate::pool::{BestUpdate, Output, Pool, PoolStatus};
use crate::tx::{PoolTx, TxStatus};

/// Most statuses that wait for one watcher; the stream of a slower one ends.
const WATCH_CAPACITY: usize = 32;

/// Most hashes of ready transactions that wait for one subscriber.
const READY_CAPACITY: usize = 4_096;

/// What the pool needs to know of the chain.
pub trait PoolApi: Send + Sync {
    /// Asks the runtime at block `at`.
    ///
    /// # Errors
    /// The runtime could not be asked; a verdict of any kind is no error.
    fn validate(
        &self,
        at: &H256,
        source: TransactionSource,
        extrinsic: &OpaqueExtrinsic,
    ) -> Result<TransactionValidity, String>;

    /// Whether the block after `at` takes transactions; not while the runtime migrates its state.
    fn takes_transactions(&self, at: &H256) -> bool {
        let _ = at;
        true
    }

    /// The best block.
    fn best(&self) -> (H256, BlockNumber);
}

/// The transaction pool of a node; cheap to share in an `Arc`.
pub struct TxPool {
    api: Arc<dyn PoolApi>,
    inner: Mutex<Inner>,
    ready: broadcast::Sender<H256>,
    config: PoolConfig,
}

struct Inner {
    pool: Pool,
    watchers: Watchers,
}

/// Who is told of which transaction.
///
/// A transaction that was included and came back may be watched by those who sent it first and by
/// those who sent it again.
#[derive(Default)]
struct Watchers {
    by_transaction: BTreeMap<H256, Vec<mpsc::Sender<TxStatus>>>,
    count: usize,
}

impl Watchers {
    /// Whether there may be one more, once those who have left are forgotten.
    fn has_room(&mut self, max: usize) -> bool {
        // Only now: looking at each of them for every submission would cost their square.
        if self.count >= max {
            self.by_transaction.retain(|_, watchers| {
                watchers.retain(|watcher| !watcher.is_closed());
                !watchers.is_empty()
            });
            self.count = self.by_transaction.values().map(Vec::len).sum();
        }
        self.count < max
    }

    fn insert(&mut self, hash: H256, watcher: mpsc::Sender<TxStatus>) {
        self.by_transaction.entry(hash).or_default().push(watcher);
        self.count += 1;
    }

    fn remove(&mut self, hash: &H256, watcher: &mpsc::Sender<TxStatus>) {
        self.retain(hash, |other| !other.same_channel(watcher));
    }

    fn deliver(&mut self, hash: &H256, status: &TxStatus) {
        self.retain(hash, |watcher| watcher.try_send(status.clone()).is_ok() && !status.is_final());
    }

    fn retain(&mut self, hash: &H256, keep: impl FnMut(&mpsc::Sender<TxStatus>) -> bool) {
        let Some(watchers) = self.by_transaction.get_mut(hash) else { return };
        let before = watchers.len();
        watchers.retain(keep);
        self.count -= before - watchers.len();
        if watchers.is_empty() {
            self.by_transaction.remove(hash);
        }
    }
}

/// The statuses of one transaction, oldest first.
///
/// The last one is final. That of a watcher who did not keep up, or whose pool is gone, is
/// [`TxStatus::Dropped`]: nobody looks after the transaction for this watcher any more.
#[derive(Debug)]
pub struct WatchStream {
    receiver: mpsc::Receiver<TxStatus>,
    ended: bool,
}

impl WatchStream {
    /// The next status; `None` after the last.
    pub async fn recv(&mut self) -> Option<TxStatus> {
        std::future::poll_fn(|context| self.poll_recv(context)).await
    }

    /// The next status that is there already.
    pub fn try_recv(&mut self) -> Option<TxStatus> {
        match self.receiver.try_recv() {
            Ok(status) => self.pass(Some(status)),
            Err(mpsc::error::TryRecvError::Disconnected) => self.pass(None),
            Err(mpsc::error::TryRecvError::Empty) => None,
        }
    }

    /// The next status, for use in a hand-written `Stream`.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<TxStatus>> {
        self.receiver.poll_recv(context).map(|status| self.pass(status))
    }

    fn pass(&mut self, status: Option<TxStatus>) -> Option<TxStatus> {
        let status = status.or((!self.ended).then_some(TxStatus::Dropped));
        self.ended |= status.as_ref().is_some_and(TxStatus::is_final);
        status
    }
}

impl TxPool {
    /// An empty pool over a chain.
    pub fn new(api: Arc<dyn PoolApi>, config: PoolConfig) -> Arc<Self> {
        let inner = Mutex::new(Inner { pool: Pool::new(config), watchers: Watchers::default() });
        let (ready, _) = broadcast::channel(READY_CAPACITY);
        Arc::new(Self { api, inner, ready, config })
    }

    /// Validates a transaction at the best block and takes it. Blocks while the runtime runs.
    ///
    /// # Errors
    /// See [`PoolError`].
    pub fn submit(
        &self,
        source: TransactionSource,
        extrinsic: OpaqueExtrinsic,
    ) -> Result<H256, PoolError> {
        self.submit_inner(source, extrinsic, None)
    }

    /// As [`Self::submit`], with a stream of what becomes of the transaction.
    ///
    /// # Errors
    /// See [`PoolError`].
    pub fn submit_and_watch(
        &self,
        source: TransactionSource,
        extrinsic: OpaqueExtrinsic,
    ) -> Result<(H256, WatchStream), PoolError> {
        let (sender, receiver) = mpsc::channel(WATCH_CAPACITY);
        let hash = self.submit_inner(source, extrinsic, Some(&sender))?;
        Ok((hash, WatchStream { receiver, ended: false }))
    }

    fn submit_inner(
        &self,
        source: TransactionSource,
        extrinsic: OpaqueExtrinsic,
        watcher: Option<&mpsc::Sender<TxStatus>>,
    ) -> Result<H256, PoolError> {
        let hash = extrinsic.hash();
        self.inner.lock().pool.check(&hash, &extrinsic)?;
        let (best, number) = self.api.best();
        let verdict = self.api.validate(&best, source, &extrinsic).map_err(PoolError::Runtime)?;
        let valid = match verdict {
            Ok(valid) => valid,
            Err(error) => {
                // Of a state of which a part is migrated the verdict holds for the moment only.
                if self.api.takes_transactions(&best) {
                    self.inner.lock().pool.refuse(hash, &error);
                }
                return Err(error.into());
            }
        };
        let mut inner = self.inner.lock();
        if inner.pool.contains(&hash) {
            return Err(PoolError::AlreadyImported(hash));
        }
        if let Some(watcher) = watcher {
            if !inner.watchers.has_room(self.config.watchers_max) {
                return Err(PoolError::TooManyWatchers);
            }
            inner.watchers.insert(hash, watcher.clone());
        }
        let taken = inner.pool.import(hash, extrinsic, source, valid, number);
        if let (Err(_), Some(watcher)) = (&taken, watcher) {
            inner.watchers.remove(&hash, watcher);
        }
        self.dispatch(&mut inner);
        taken.map(|()| hash)
    }

    /// Follows the selected chain and validates a part of the pool again. Blocks while the
    /// runtime runs.
    ///
    /// While blocks take no transactions nothing is validated again: a state of which a part is migrated says nothing
    /// about what is valid after the migration. What such blocks skip comes first when they do again.
    pub fn on_best(&self, update: &BestUpdate) {
        self.on_best_within(update, &|| true);
    }

    /// As [`Self::on_best`], but validates again only as long as there is time; the rest comes first
    /// with the next block.
    pub fn on_best_within(&self, update: &BestUpdate, has_time: &dyn Fn() -> bool) {
        let (best, number) = self.api.best();
        let is_open = self.api.takes_transactions(&best);
        let (orphaned, batch) = {
            let mut inner = self.inner.lock();
            let orphaned = inner.pool.on_best(update);
            let batch = if is_open { inner.pool.revalidation_batch() } else { Vec::new() };
            self.dispatch(&mut inner);
            (orphaned, batch)
        };
        for extrinsic in orphaned {
            self.bring_back(extrinsic);
        }
        for (at, tx) in batch.iter().enumerate() {
            if !has_time() {
                self.inner.lock().pool.postpone(&batch[at..]);
                break;
            }
            match self.api.validate(&best, tx.source, &tx.extrinsic) {
                Ok(verdict) => {
                    let mut inner = self.inner.lock();
                    inner.pool.revalidated(&tx.hash, verdict, number);
                    self.dispatch(&mut inner);
                }
                Err(error) => tracing::warn!(hash = ?tx.hash, error, "could not validate again"),
            }
        }
    }

    /// Imports a transaction again that was in a block, or was excluded by one.
    fn bring_back(&self, extrinsic: OpaqueExtrinsic) {
        let hash = extrinsic.hash();
        match self.submit(TransactionSource::InBlock, extrinsic.clone()) {
            Ok(_) | Err(PoolError::AlreadyImported(_)) => {}
            Err(error @ (PoolError::ImmediatelyDropped | PoolError::Runtime(_))) => {
                tracing::debug!(?hash, %error, "a transaction is lost");
                self.inner.lock().watchers.deliver(&hash, &TxStatus::Dropped);
            }
            Err(error) => {
                tracing::debug!(?hash, %error, "the best chain excludes a transaction");
                let mut inner = self.inner.lock();
                inner.pool.doubt(hash, extrinsic);
                self.dispatch(&mut inner);
            }
        }
    }

    /// Tells watchers that these blocks are final, the newest last, which has this number; and that what
    /// it excludes is invalid. Of many doubtful transactions some are asked about and the others with the next
    /// final block. Blocks while the runtime runs.
    pub fn on_finalized(&self, blocks: &[H256], number: BlockNumber) {
        let doubtful = {
            let mut inner = self.inner.lock();
            inner.pool.on_finalized(blocks);
            self.dispatch(&mut inner);
            inner.pool.doubtful(number)
        };
        let Some(at) = blocks.last() else { return };
        if doubtful.is_empty() || !self.api.takes_transactions(at) {
            return;
        }
        for (hash, extrinsic) in doubtful.into_iter().take(self.config.revalidate_max) {
            match self.api.validate(at, TransactionSource::InBlock, &extrinsic) {
                Ok(Err(_)) => {
                    let mut inner = self.inner.lock();
                    inner.pool.exclude(&hash);
                    self.dispatch(&mut inner);
                }
                Ok(Ok(_)) if self.inner.lock().pool.revive(&hash) => self.bring_back(extrinsic),
                Ok(Ok(_)) => {}
                Err(error) => tracing::warn!(?hash, error, "could not validate at a final block"),
            }
        }
    }

    /// Ready transactions that are in no unmerged payload: best first, each after what it requires.
    pub fn ready(&self) -> Vec<Arc<PoolTx>> {
        self.inner.lock().pool.ready()
    }

    /// All ready transactions, those in flight included.
    pub fn pending(&self) -> Vec<Arc<PoolTx>> {
        self.inner.lock().pool.pending()
    }

    /// All future transactions.
    pub fn future(&self) -> Vec<Arc<PoolTx>> {
        self.inner.lock().pool.future()
    }

    /// The transaction, if it is ready or future.
    pub fn get(&self, hash: &H256) -> Option<Arc<PoolTx>> {
        self.inner.lock().pool.get(hash)
    }

    /// Whether a ready transaction provides `tag`.
    pub fn provides(&self, tag: &[u8]) -> bool {
        self.inner.lock().pool.provides(tag)
    }

    /// Sizes.
    pub fn status(&self) -> PoolStatus {
        self.inner.lock().pool.status()
    }

    /// Takes a transaction out; its watcher is told that it was dropped.
    pub fn remove(&self, hash: &H256) -> bool {
        let mut inner = self.inner.lock();
        let removed = inner.pool.remove(hash);
        self.dispatch(&mut inner);
        removed
    }

    /// Hashes of transactions as they become ready.
    pub fn subscribe_ready(&self) -> broadcast::Receiver<H256> {
        self.ready.subscribe()
    }

    /// Notes that a transaction was sent to peers.
    pub fn on_broadcast(&self, hash: &H256, peers: Vec<String>) {
        let mut inner = self.inner.lock();
        inner.watchers.deliver(hash, &TxStatus::Broadcast(peers));
    }

    fn dispatch(&self, inner: &mut Inner) {
        for Output { hash, status } in inner.pool.take_outputs() {
            if status == TxStatus::Ready {
                // Nobody may listen; that is no error.
                let _ = self.ready.send(hash);
            }
            inner.watchers.deliver(&hash, &status);
        }
    }
}

impl fmt::Debug for TxPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TxPool").field("status", &self.status()).finish_non_exhaustive()
    }
}
