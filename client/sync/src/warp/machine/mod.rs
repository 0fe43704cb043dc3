//! The machine.

mod answers;
mod peers;
mod progress;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use citrate_dag::payload_root;
use citrate_dag_types::DagDigest;

use crate::config::SyncConfig;
use crate::io::{Consequence, Input, Offence, PeerId, RequestId};
use crate::warp::io::{WarpAction, WarpChain, WarpState};
use crate::warp::window::WindowEntry;
use crate::wire::Request;
use peers::Peer;
use progress::Progress;
pub use progress::WARP_RECORD;

/// LIMIT: peers that are told to keep the target's state.
const KEEPERS_MAX: usize = 4;

/// The machine of a node that begins at a finalised block: see `docs/design/warp-sync.md`.
#[derive(Debug)]
pub struct WarpCore {
    config: SyncConfig,
    now_ms: u64,
    next_request: u64,
    peers: BTreeMap<PeerId, Peer>,
    /// Peers that do not have what belongs to the target.
    lacking: BTreeSet<PeerId>,
    /// The request that waits for an answer, but for those on where peers stand.
    asked: Option<Asked>,
    /// Requests on where peers stand, with the time when they fail.
    statuses: BTreeMap<RequestId, (PeerId, u64)>,
    progress: Progress,
    /// Who serves the window; all of it comes from one peer, who can be blamed for it.
    window_source: Option<PeerId>,
    window_bytes: usize,
    has_more: bool,
    is_over: bool,
    out: Vec<WarpAction>,
}

/// A request.
#[derive(Debug)]
struct Asked {
    id: RequestId,
    peer: PeerId,
    request: Request,
    deadline_ms: u64,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Proof,
    Window,
    Payload,
    State,
    Release,
    Begin,
}

impl WarpCore {
    /// A machine that goes on where the records say, with nobody connected.
    pub fn new(config: SyncConfig, chain: &dyn WarpChain) -> Self {
        Self {
            config,
            now_ms: 0,
            next_request: 0,
            peers: BTreeMap::new(),
            lacking: BTreeSet::new(),
            asked: None,
            statuses: BTreeMap::new(),
            progress: Progress::load(chain),
            window_source: None,
            window_bytes: 0,
            has_more: false,
            is_over: false,
            out: Vec::new(),
        }
    }

    /// Takes an input and says what to do. Of the inputs only those on peers, answers and time are for it.
    pub fn handle(
        &mut self,
        chain: &mut dyn WarpChain,
        now_ms: u64,
        input: Input,
    ) -> Vec<WarpAction> {
        self.now_ms = self.now_ms.max(now_ms);
        if self.is_over {
            return Vec::new();
        }
        match input {
            Input::Connected(peer) => {
                let now_ms = self.now_ms;
                self.peers.entry(peer).or_insert_with(|| Peer::new(now_ms));
            }
            Input::Disconnected(peer) => self.forget(peer),
            Input::Response { id, bytes } => self.response(chain, id, &bytes),
            Input::Failed(id) => self.failed(id),
            _ => {}
        }
        self.advance(chain);
        std::mem::take(&mut self.out)
    }

    /// Whether there is work that waits for nothing: then the next tick should come at once.
    pub fn has_more(&self) -> bool {
        self.has_more && !self.is_over
    }

    /// How far it is.
    pub fn state(&self) -> WarpState {
        let Progress { target, nodes, bytes, downloaded, given_up, .. } = &self.progress;
        WarpState {
            target: target.as_ref().map(|target| target.header.number),
            has_window: target.as_ref().is_some_and(|target| target.has_window),
            nodes: *nodes,
            bytes: *bytes,
            downloaded: *downloaded,
            given_up: *given_up,
            peers: self.peers.len(),
        }
    }

    fn phase(&self) -> Phase {
        match &self.progress.target {
            None => Phase::Proof,
            Some(target) if !target.has_window => Phase::Window,
            Some(target) if target.payload.is_none() => Phase::Payload,
            Some(_) if !self.progress.walk.is_done() => Phase::State,
            Some(_) if !self.progress.retired.is_empty() => Phase::Release,
            Some(_) => Phase::Begin,
        }
    }

    fn advance(&mut self, chain: &mut dyn WarpChain) {
        self.has_more = false;
        self.expire();
        self.ask_statuses();
        if self.is_over || self.asked.is_some() {
            return;
        }
        let written = match self.phase() {
            Phase::State => self.take_local(chain),
            Phase::Release => self.release_retired(chain),
            Phase::Begin => return self.begin(chain),
            Phase::Proof | Phase::Window | Phase::Payload => Ok(()),
        };
        if let Err(reason) = written {
            return self.give_up(reason);
        }
        if self.has_more {
            return;
        }
        if let Some(request) = self.next_question(chain) {
            self.ask_somebody(chain, request);
        }
    }

    /// What is asked for next.
    fn next_question(&mut self, chain: &dyn WarpChain) -> Option<Request> {
        let target = self.progress.target.as_ref();
        let block = target.map(|target| target.header.hash());
        Some(match (self.phase(), block) {
            (Phase::Proof, _) => match chain.trusted() {
                Some(hash) => Request::Blocks(vec![hash]),
                None => Request::Proof(chain.set_id()),
            },
            (Phase::Window, Some(block)) => {
                Request::Window { block, from: target.map_or(0, |target| target.entries) }
            }
            (Phase::Payload, Some(block)) => Request::Bodies(vec![block]),
            (Phase::State, Some(block)) => self.state_question(block)?,
            (Phase::Release | Phase::Begin, _) | (_, None) => {
                self.has_more = true;
                return None;
            }
        })
    }

    /// All is here.
    fn begin(&mut self, chain: &mut dyn WarpChain) {
        let Some(target) = self.progress.target.clone() else { return };
        let begun = match self.window(chain) {
            Some(entries) => {
                let records = self.progress.records();
                chain.begin_at(&target.header, target.payload.unwrap_or_default(), entries, records)
            }
            None => Err("the window that was downloaded cannot be read again".to_owned()),
        };
        match begun {
            Ok(()) => self.end(WarpAction::Done),
            Err(reason) => self.give_up(reason),
        }
    }

    /// The window as it was written down.
    fn window(&self, chain: &dyn WarpChain) -> Option<Vec<WindowEntry>> {
        self.progress.window(chain)
    }

    fn give_up(&mut self, reason: String) {
        self.end(WarpAction::Failed(reason));
    }

    fn end(&mut self, action: WarpAction) {
        self.is_over = true;
        self.out.push(action);
    }

    /// Nobody has what belongs to the target any more: another is looked for. What was downloaded of its
    /// state stays, to be used for the next one.
    fn drop_target(&mut self, chain: &mut dyn WarpChain) {
        self.lacking.clear();
        self.window_source = None;
        // They say the same for a while.
        for peer in self.peers.keys().copied().collect::<Vec<_>>() {
            self.rest(peer);
        }
        // One that the operator named is the only one: somebody may come who has it.
        if chain.trusted().is_some() {
            return;
        }
        let root = self.progress.target.as_ref().map(|target| chain.state_root(&target.header));
        let batch = self.progress.drop_target(root);
        if let Err(reason) = chain.write(batch) {
            self.give_up(reason);
        }
    }

    /// Reports an offence and takes the peer as gone.
    fn penalise(&mut self, peer: PeerId, offence: Offence) {
        if !self.peers.contains_key(&peer) {
            return;
        }
        self.out.push(WarpAction::Penalise { peer, offence });
        match offence.consequence() {
            Consequence::Ban | Consequence::Disconnect => self.forget(peer),
        }
    }

    fn forget(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
        self.lacking.remove(&peer);
        self.asked.take_if(|asked| asked.peer == peer);
        self.statuses.retain(|_, (asked, _)| *asked != peer);
        self.window_source.take_if(|source| *source == peer);
    }
}

/// Whether a payload is the one that a header commits to.
fn is_payload(header: &citrate_core::Header, payload: &[citrate_core::OpaqueExtrinsic]) -> bool {
    DagDigest::from_header(header).is_ok_and(|digest| digest.payload_root == payload_root(payload))
}
