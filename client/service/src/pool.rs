//! The transaction pool over the chain.

use std::sync::Arc;
use std::time::{Duration, Instant};

use citrate_chain::{BlockRef, BlockTransactions, Chain, ChainError, ChainEvent};
use citrate_core::H256;
use citrate_txpool::{AcceptedTx, BestUpdate, BlockTxs, TxPool};
use parking_lot::Mutex;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::watch;

use crate::error::ServiceError;
use crate::tasks::{blocking, stopped};

/// LIMIT: how long transactions are validated again after a block. The next block waits for it.
const REVALIDATION_TIME: Duration = Duration::from_millis(50);

/// Keeps the pool in step with the chain.
///
/// It looks at the chain rather than at the events, which only wake it: several events that come
/// while the pool is busy cost one step, and a missed event costs nothing.
#[derive(Debug)]
pub(crate) struct Maintenance {
    chain: Arc<Chain>,
    pool: Arc<TxPool>,
    seen: Mutex<Seen>,
}

/// How far the pool has followed the chain.
#[derive(Clone, Copy, Debug)]
struct Seen {
    best: BlockRef,
    finalized: BlockRef,
}

/// How to get from one block to another: blocks to undo, newest first, and to do, oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) retracted: Vec<H256>,
    pub(crate) enacted: Vec<H256>,
}

impl Maintenance {
    /// Begins at the present best block, whose payload is not merged yet.
    pub(crate) fn new(chain: Arc<Chain>, pool: Arc<TxPool>) -> Result<Self, ChainError> {
        let seen = Seen { finalized: chain.finalized(), best: chain.best() };
        let enacted = transactions(&chain, &[seen.best.hash])?;
        pool.on_best(&BestUpdate { number: seen.best.number, retracted: Vec::new(), enacted });
        Ok(Self { chain, pool, seen: Mutex::new(seen) })
    }

    /// Brings the pool to the present best block. Blocks while the runtime runs.
    pub(crate) fn catch_up(&self) -> Result<(), ChainError> {
        let mut seen = self.seen.lock();
        // In this order, so that the final block is an ancestor of the best one.
        let finalized = self.chain.finalized();
        let best = self.chain.best();
        if best != seen.best {
            let path = path(&self.chain, seen.best, best)?;
            let update = BestUpdate {
                number: best.number,
                retracted: transactions(&self.chain, &path.retracted)?,
                enacted: transactions(&self.chain, &path.enacted)?,
            };
            let begun = Instant::now();
            self.pool.on_best_within(&update, &|| begun.elapsed() < REVALIDATION_TIME);
            seen.best = best;
        }
        if finalized.number > seen.finalized.number {
            let mut blocks = Vec::new();
            for number in seen.finalized.number.saturating_add(1)..=finalized.number {
                blocks.extend(self.chain.hash_at(number)?);
            }
            self.pool.on_finalized(&blocks, finalized.number);
            seen.finalized = finalized;
        }
        Ok(())
    }

    /// Follows the chain until the node stops.
    pub(crate) async fn run(
        self: Arc<Self>,
        mut events: Receiver<ChainEvent>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), ServiceError> {
        loop {
            let event = tokio::select! {
                biased;
                () = stopped(&mut stop) => return Ok(()),
                event = events.recv() => event,
            };
            match event {
                Ok(ChainEvent::Added { .. } | ChainEvent::Imported { .. }) => continue,
                Ok(ChainEvent::NewBest { .. } | ChainEvent::Finalized { .. })
                | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            }
            let maintenance = Arc::clone(&self);
            if let Err(error) = blocking("the pool", move || maintenance.catch_up()).await? {
                // A later block brings the pool in step again.
                tracing::error!(target: "pool", %error, "the pool does not follow the chain");
            }
        }
    }
}

/// The way from one block to another over their last common ancestor.
///
/// A block that is forgotten was on a side chain, and ends the way back.
pub(crate) fn path(chain: &Chain, from: BlockRef, to: BlockRef) -> Result<Path, ChainError> {
    let parent = |block: BlockRef| -> Result<Option<BlockRef>, ChainError> {
        let header = chain.header(&block.hash)?;
        let header = header.filter(|header| header.number > 0);
        Ok(header.map(|header| BlockRef { hash: header.parent_hash, number: header.number - 1 }))
    };
    let mut path = Path::default();
    let (mut old, mut new) = (Some(from), to);
    while old != Some(new) {
        if old.is_some_and(|old| old.number >= new.number) {
            path.retracted.extend(old.map(|block| block.hash));
            old = old.map(parent).transpose()?.flatten();
        } else {
            path.enacted.push(new.hash);
            match parent(new)? {
                Some(parent) => new = parent,
                None => break,
            }
            // Nothing of the old chain is known: the best block alone says what is in flight.
            if old.is_none() {
                break;
            }
        }
    }
    path.enacted.reverse();
    Ok(path)
}

/// What the pool must know of these blocks; unknown and unexecuted ones are left out.
fn transactions(chain: &Chain, blocks: &[H256]) -> Result<Vec<BlockTxs>, ChainError> {
    let mut all = Vec::with_capacity(blocks.len());
    for hash in blocks {
        all.extend(chain.block_transactions(hash)?.map(convert));
    }
    Ok(all)
}

fn convert(block: BlockTransactions) -> BlockTxs {
    let BlockTransactions { hash, number, payload, accepted, skipped } = block;
    let accepted = accepted.into_iter().map(|tx| AcceptedTx {
        hash: tx.hash,
        index: tx.index,
        extrinsic: tx.extrinsic,
    });
    let skipped = skipped.into_iter().map(|(hash, ..)| hash);
    BlockTxs { hash, number, payload, accepted: accepted.collect(), skipped: skipped.collect() }
}
