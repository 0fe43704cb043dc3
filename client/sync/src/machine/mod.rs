//! The machine.

mod arrivals;
mod early;
mod elections;
mod fetch;
mod imports;
mod orphans;
mod peers;
mod requests;
mod responses;
mod serve;
mod session;
mod status;
mod wants;
mod window;

use std::collections::BTreeMap;

use citrate_dag_types::DagBlock;

use crate::config::SyncConfig;
use crate::io::{Action, Consequence, GossipId, Input, Offence, PeerId, Verdict};
use crate::port::SyncChain;
use early::Early;
use elections::Elections;
use imports::Imports;
use orphans::Orphans;
use peers::Peer;
use requests::Requests;
use session::Session;
use wants::Wants;

/// The sync machine of one node, see the [crate](crate).
#[derive(Debug)]
pub struct SyncCore {
    config: SyncConfig,
    now_ms: u64,
    /// State of the generator that picks among equals.
    random: u64,
    peers: BTreeMap<PeerId, Peer>,
    requests: Requests,
    elections: Elections,
    early: Early,
    orphans: Orphans,
    wants: Wants,
    /// When the orphans' parents are looked for again.
    review_ms: u64,
    imports: Imports,
    session: Option<Session>,
    out: Vec<Action>,
}

/// What the machine is doing, for people and metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncState {
    /// Whether headers are being downloaded from a peer that is far ahead.
    pub is_syncing: bool,
    /// Connected peers.
    pub peers: usize,
    /// The greatest blue score that a peer claims.
    pub claimed_blue_score: Option<u64>,
    /// The greatest number that a peer claims for its best block.
    pub claimed_number: Option<u32>,
    /// The lowest number from which on a peer serves blocks. If this node is below it, it cannot go on.
    pub claimed_oldest: Option<u32>,
    /// Blocks that wait for parents.
    pub orphans: usize,
    /// Blocks that are looked for.
    pub wanted: usize,
    /// Headers whose blocks are not imported yet.
    pub window: usize,
    /// Blocks in import or waiting for it.
    pub importing: usize,
}

impl SyncCore {
    /// A machine that knows no peer. `seed` decides between peers that are equally good.
    pub fn new(config: SyncConfig, seed: u64) -> Self {
        Self {
            config,
            now_ms: 0,
            random: seed,
            peers: BTreeMap::new(),
            requests: Requests::default(),
            elections: Elections::new(config.elections_max),
            early: Early::default(),
            orphans: Orphans::default(),
            wants: Wants::default(),
            review_ms: 0,
            imports: Imports::default(),
            session: None,
            out: Vec::new(),
        }
    }

    /// Takes an input and says what to do. `now_ms` is the time since the Unix epoch; where it goes back, the
    /// machine stays where it was.
    pub fn handle(&mut self, chain: &dyn SyncChain, now_ms: u64, input: Input) -> Vec<Action> {
        self.now_ms = self.now_ms.max(now_ms);
        match input {
            Input::Connected(peer) => self.connected(peer),
            Input::Disconnected(peer) => self.forget(peer),
            Input::Gossip { peer, id, bytes } => self.gossip(chain, peer, id, &bytes),
            Input::Request { peer, id, bytes } => self.serve(chain, peer, id, &bytes),
            Input::Response { id, bytes } => self.response(chain, id, &bytes),
            Input::Failed(id) => self.failed(id),
            Input::Authored(block) => self.authored(chain, block),
            Input::Imported { hash, outcome } => self.imported(chain, hash, outcome),
            Input::Tick => {}
        }
        self.advance(chain);
        std::mem::take(&mut self.out)
    }

    /// What the machine is doing.
    pub fn state(&self) -> SyncState {
        let claims = || self.peers.values().filter_map(|peer| peer.claim.as_ref());
        SyncState {
            is_syncing: self.session.is_some(),
            peers: self.peers.len(),
            claimed_blue_score: claims().map(|claim| claim.blue_score).max(),
            claimed_number: claims().map(|claim| claim.best.number).max(),
            claimed_oldest: claims().map(|claim| claim.oldest).min(),
            orphans: self.orphans.len(),
            wanted: self.wants.len(),
            window: self.session.as_ref().map_or(0, |session| session.window.len()),
            importing: self.imports.len(),
        }
    }

    /// The best block of each peer, as it says.
    pub fn claims(&self) -> impl Iterator<Item = (PeerId, crate::BlockRef)> + '_ {
        self.peers.iter().filter_map(|(peer, state)| Some((*peer, state.claim.as_ref()?.best)))
    }

    /// What follows from the time, and from what the last input changed.
    fn advance(&mut self, chain: &dyn SyncChain) {
        self.expire_requests();
        self.expire_orphans();
        self.review_orphans(chain);
        self.release_early(chain);
        self.ask_statuses();
        self.advance_session(chain);
        self.dispatch_wants(chain);
        self.hand_out_imports();
    }

    fn connected(&mut self, peer: PeerId) {
        let next_status_ms = self.now_ms;
        self.peers.entry(peer).or_insert_with(|| Peer::new(next_status_ms, &self.config));
    }

    /// A block that this node made.
    fn authored(&mut self, chain: &dyn SyncChain, block: DagBlock) {
        let hash = block.hash();
        self.note_election(&block.header, hash);
        self.out.push(Action::Announce(block));
        self.release_orphans(chain, &hash);
    }

    fn judge(&mut self, id: Option<GossipId>, verdict: Verdict) {
        self.out.extend(id.map(|id| Action::Judge { id, verdict }));
    }

    /// Reports an offence and takes the peer as gone. Nothing, if it is gone already.
    fn penalise(&mut self, peer: PeerId, offence: Offence) {
        if !self.peers.contains_key(&peer) {
            return;
        }
        self.out.push(Action::Penalise { peer, offence });
        match offence.consequence() {
            Consequence::Ban | Consequence::Disconnect => self.forget(peer),
        }
    }

    /// The peer is gone, and so is everything that it was asked for.
    fn forget(&mut self, peer: PeerId) {
        if self.peers.remove(&peer).is_none() {
            return;
        }
        for (id, request) in self.requests.take_all_of(peer) {
            self.release(id, &request.kind);
        }
        self.wants.forget(peer);
        if let Some(session) = &mut self.session {
            session.forget(peer);
        }
    }

    /// SplitMix64.
    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
