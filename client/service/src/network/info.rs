//! What RPC is told of the network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use citrate_chain::Chain;
use citrate_dag_types::DagDigest;
use citrate_network::{MultiaddrWithPeerId, Network, PeerId};
use citrate_rpc::{NetworkInfo, PeerSummary, SyncSummary};
use citrate_sync::{BlockRef, SyncChain as _};
use parking_lot::Mutex;

use super::NetworkOptions;

/// What RPC is told of the network.
pub(crate) struct Peers {
    network: Network,
    chain: Arc<Chain>,
    /// The best number when the node started.
    starting: u32,
    is_syncing: AtomicBool,
    /// The best block of each peer, as it says. LIMIT: as many as there are peers.
    claims: Mutex<BTreeMap<PeerId, BlockRef>>,
    /// Until when to wait for a peer that says where it stands; `None` if none is known.
    hears_until: Option<Instant>,
}

/// LIMIT: how long a node that knows others makes no blocks because it has not heard from them.
const HEAR_WAIT: Duration = Duration::from_secs(30);
/// A chain whose best block is of a slot at most so long ago goes on.
const RECENT_MS: u64 = 30_000;

impl Peers {
    pub(super) fn new(network: Network, chain: &Arc<Chain>, options: &NetworkOptions) -> Self {
        let (starting, chain) = (chain.best().number, Arc::clone(chain));
        let (is_syncing, claims) = (AtomicBool::new(false), Mutex::default());
        let knows_others = !options.bootnodes.is_empty() || !options.reserved.is_empty();
        let hears_until = knows_others.then(|| Instant::now() + HEAR_WAIT);
        Self { network, chain, starting, is_syncing, claims, hears_until }
    }

    /// Whether blocks that this node makes now would stand on the chain that others have.
    ///
    /// A node that begins far behind would make a chain of its own, won by the lots of epochs that are
    /// over: to others it breaks the rules, and so do they to it. What peers claim delays only a node
    /// whose best block is old; none can keep one from its work that is in step.
    pub(crate) fn is_in_step(&self, now_ms: u64) -> bool {
        let best = self.chain.best();
        let digest = self.chain.header(&best.hash).ok().flatten();
        let digest = digest.and_then(|header| DagDigest::from_header(&header).ok());
        let made_ms = digest.map(|digest| digest.slot.starts_at_ms(self.chain.slot_duration_ms()));
        if made_ms.is_some_and(|made_ms| made_ms.saturating_add(RECENT_MS) >= now_ms) {
            return true;
        }
        let waits = self.hears_until.is_some_and(|until| Instant::now() < until);
        let is_behind = {
            let claims = self.claims.lock();
            let is_new = best.number == 0 && claims.values().any(|claim| claim.number > 0);
            waits && (claims.is_empty() || is_new)
        };
        // After the claims, because it is noted before them.
        !is_behind && !self.is_syncing.load(Ordering::Relaxed)
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
