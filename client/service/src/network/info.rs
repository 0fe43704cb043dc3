//! What RPC is told of the network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use citrate_chain::Chain;
use citrate_network::{MultiaddrWithPeerId, Network, PeerId};
use citrate_rpc::{NetworkInfo, PeerSummary, SyncSummary};
use citrate_sync::BlockRef;
use parking_lot::Mutex;

/// What RPC is told of the network.
pub(crate) struct Peers {
    network: Network,
    chain: Arc<Chain>,
    /// The best number when the node started.
    starting: u32,
    is_syncing: AtomicBool,
    /// The best block of each peer, as it says. LIMIT: as many as there are peers.
    claims: Mutex<BTreeMap<PeerId, BlockRef>>,
}

impl Peers {
    pub(super) fn new(network: Network, chain: &Arc<Chain>) -> Self {
        let (starting, chain) = (chain.best().number, Arc::clone(chain));
        let (is_syncing, claims) = (AtomicBool::new(false), Mutex::default());
        Self { network, chain, starting, is_syncing, claims }
    }

    /// Notes how far the others are.
    pub(super) fn note(&self, is_syncing: bool, claims: BTreeMap<PeerId, BlockRef>) {
        self.is_syncing.store(is_syncing, Ordering::Relaxed);
        *self.claims.lock() = claims;
    }
}

impl NetworkInfo for Peers {
    fn peers(&self) -> Vec<PeerSummary> {
        let claims = self.claims.lock().clone();
        let summary = |info: citrate_network::PeerInfo| PeerSummary {
            best: claims.get(&info.peer).map(|best| (best.number, best.hash)),
            peer_id: info.peer.to_string(),
            agent: info.agent.unwrap_or_default(),
            address: info.address.to_string(),
            score: info.score,
        };
        self.network.peers().into_iter().map(summary).collect()
    }

    fn sync(&self) -> SyncSummary {
        let current = self.chain.best().number;
        SyncSummary {
            is_syncing: self.is_syncing.load(Ordering::Relaxed),
            starting: self.starting,
            current,
            highest: self.claims.lock().values().map(|best| best.number).fold(current, u32::max),
        }
    }

    fn listen_addresses(&self) -> Vec<String> {
        let peer = self.network.local_peer_id();
        let whole = |address: &dyn std::fmt::Display| format!("{address}/p2p/{peer}");
        self.network.listen_addresses().iter().map(|address| whole(address)).collect()
    }

    fn reserved(&self) -> Vec<String> {
        self.network.reserved_peers().iter().map(PeerId::to_string).collect()
    }

    fn add_reserved(&self, address: &str) -> Result<(), String> {
        let node: MultiaddrWithPeerId = address.parse().map_err(|error| format!("{error}"))?;
        match self.network.add_reserved(&node) {
            true => Ok(()),
            false => Err("there are too many reserved peers".to_owned()),
        }
    }

    fn remove_reserved(&self, peer: &str) -> Result<(), String> {
        let peer: PeerId = peer.parse().map_err(|error| format!("{error}"))?;
        match self.network.remove_reserved(&peer) {
            true => Ok(()),
            false => Err(format!("{peer} is not reserved")),
        }
    }
}
