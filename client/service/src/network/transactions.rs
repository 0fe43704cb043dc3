//! Transactions from and to other nodes.

use std::sync::Arc;

use citrate_core::{H256, OpaqueExtrinsic, TransactionSource};
use citrate_network::{GossipId, Network, Topic, Verdict};
use citrate_txpool::{PoolError, TxPool};
use codec::{DecodeAll, Encode};
use tokio::sync::{Semaphore, broadcast};

/// LIMIT: transactions of others that are validated at a time. More are not taken.
const VALIDATED_MAX: usize = 4;

/// Transactions from and to other nodes.
pub(super) struct Transactions {
    pool: Arc<TxPool>,
    network: Network,
    permits: Arc<Semaphore>,
}

impl Transactions {
    pub(super) fn new(pool: Arc<TxPool>, network: Network) -> Self {
        Self { pool, network, permits: Arc::new(Semaphore::new(VALIDATED_MAX)) }
    }

    /// Transactions that others should know of.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<H256> {
        self.pool.subscribe_ready()
    }

    /// Sends a transaction of the pool to everybody. What came from others was passed on already, and
    /// the network does not send a message twice.
    pub(super) fn publish(&self, hash: &H256) {
        let Some(transaction) = self.pool.get(hash).filter(|transaction| transaction.propagate)
        else {
            return;
        };
        match self.network.publish(Topic::Transactions, transaction.extrinsic.encode()) {
            Ok(()) => {
                let peers = self.network.peers().iter().map(|info| info.peer.to_string()).collect();
                self.pool.on_broadcast(hash, peers);
            }
            Err(error) => {
                tracing::debug!(target: "network", ?hash, %error, "a transaction is not sent");
            }
        }
    }

    /// Takes a transaction of others into the pool; what is valid is passed on.
    pub(super) fn take(&self, id: GossipId, data: &[u8]) {
        let Ok(extrinsic) = OpaqueExtrinsic::decode_all(&mut &*data) else {
            return self.network.verdict(id, Verdict::Reject);
        };
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return self.network.verdict(id, Verdict::Ignore);
        };
        let (pool, network) = (Arc::clone(&self.pool), self.network.clone());
        tokio::task::spawn_blocking(move || {
            let verdict = match pool.submit(TransactionSource::External, extrinsic) {
                Ok(_) | Err(PoolError::AlreadyImported(_)) => Verdict::Accept,
                // It may have been valid where it came from.
                Err(_) => Verdict::Ignore,
            };
            network.verdict(id, verdict);
            drop(permit);
        });
    }
}
