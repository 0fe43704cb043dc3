//! Starting at a finalised block: before anything else of the node runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use citrate_chain::Chain;
use citrate_core::{H256, Header, OpaqueExtrinsic};
use citrate_db::Db;
use citrate_finality::warp::{Followed as Voters, prove_sets};
use citrate_network::{Event, Network, PeerId};
use citrate_sync::{
    Batch, Followed, Input, Request, RequestId, Response, SyncChain as _, SyncConfig, WARP_RECORD,
    WarpAction, WarpChain, WarpCore, WindowEntry, Wire,
};
use codec::{DecodeAll, Encode};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::sync::{now_ms, penalty};
use super::voter::{ChainPort, StorePort, authorities};
use super::{NetworkOptions, TO_SYNC};
use crate::error::ServiceError;

/// How often the machine looks at the time.
const TICK: Duration = Duration::from_millis(200);
/// How often it is said how far the download is.
const REPORT_MS: u64 = 5_000;
/// LIMIT: answers that wait for the machine; it asks for one thing at a time.
const ANSWERS_MAX: usize = 64;
/// The record of how far the voters were followed.
const VOTERS: &[u8] = b"warp/voters";
/// The part of the node that fails here.
const PART: &str = "warp sync";

/// Lets the chain prove to others how the voters changed.
pub(super) fn serve_proofs(chain: &Arc<Chain>) {
    // Weak, because the chain would keep itself alive.
    let weak = Arc::downgrade(chain);
    chain.serve_proofs(move |set| {
        let chain = weak.upgrade()?;
        let (port, store) = (ChainPort(Arc::clone(&chain)), StorePort(Arc::clone(chain.db())));
        match prove_sets(&port, &store, set, |header| chain.offers(header)) {
            Ok(proof) => proof.map(|proof| proof.encode()),
            Err(error) => {
                tracing::error!(target: "sync", %error, "the records of finality cannot be read");
                None
            }
        }
    });
}

/// What the machine works on.
struct Port {
    chain: Arc<Chain>,
    store: StorePort,
    voters: Voters,
    trusted: Option<H256>,
}

impl Port {
    fn new(chain: Arc<Chain>, trusted: Option<H256>) -> Result<Self, ServiceError> {
        let failed = |reason: String| ServiceError::failed(PART, reason);
        let db: &Arc<Db> = chain.db();
        let stored = db.auxiliary_get(VOTERS).map_err(|error| failed(error.to_string()))?;
        let voters = match stored.and_then(|stored| Voters::decode_all(&mut &*stored).ok()) {
            Some(voters) => voters,
            None => {
                let set = authorities(&chain, &chain.genesis_hash()).map_err(failed)?;
                if set.authorities.is_empty() && trusted.is_none() {
                    let reason = "nobody votes on this chain: name a block with --checkpoint";
                    return Err(failed(reason.to_owned()));
                }
                Voters::start(set)
            }
        };
        let store = StorePort(Arc::clone(db));
        Ok(Self { chain, store, voters, trusted })
    }
}

impl WarpChain for Port {
    fn genesis(&self) -> H256 {
        self.chain.genesis_hash()
    }

    fn trusted(&self) -> Option<H256> {
        self.trusted
    }

    fn set_id(&self) -> u64 {
        self.voters.set_id()
    }

    fn follow(&mut self, proof: &[u8]) -> Followed {
        let before = self.voters.set_id();
        let target = match self.voters.follow(proof, &self.store) {
            Ok(Ok(target)) => target,
            Ok(Err(error)) => {
                tracing::info!(target: "sync", %error, "a proof that proves nothing");
                return Followed::Invalid;
            }
            Err(error) => return Followed::Failed(error.to_string()),
        };
        let record = self.voters.encode();
        if let Err(error) = self.chain.db().auxiliary_set(&[(VOTERS, Some(&record))]) {
            return Followed::Failed(error.to_string());
        }
        match target {
            Some(header) => Followed::Target(header),
            None if self.voters.set_id() > before => Followed::More,
            None => Followed::Nothing,
        }
    }

    fn check_window(&self, target: &Header, entries: &[WindowEntry]) -> bool {
        let checked = self.chain.check_window(target, entries);
        if let Err(error) = &checked {
            tracing::info!(target: "sync", %error, "a window that is not its block's");
        }
        checked.is_ok()
    }

    fn node(&self, hash: &H256) -> Option<Vec<u8>> {
        use citrate_trie::NodeStore as _;
        // What cannot be read is downloaded; that the disk failed shows when it is written.
        self.chain.db().node(hash).ok().flatten()
    }

    fn record(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.chain.db().auxiliary_get(key).ok().flatten()
    }

    fn write(&mut self, batch: Batch) -> Result<(), String> {
        let Batch { nodes, released, records } = batch;
        let written = self.chain.db().write_nodes(nodes, &released, records);
        written.map_err(|error| error.to_string())
    }

    fn begin_at(
        &mut self,
        target: &Header,
        payload: Vec<OpaqueExtrinsic>,
        entries: Vec<WindowEntry>,
        mut records: Vec<Vec<u8>>,
    ) -> Result<(), String> {
        records.push(VOTERS.to_vec());
        let begun = self.chain.start_at(target, payload, entries, records);
        begun.map_err(|error| error.to_string())
    }
}

/// Whether the chain is still to be begun.
pub(crate) fn is_needed(chain: &Chain) -> bool {
    chain.best().number == 0
}

/// Whether a download was begun and not finished.
pub(crate) fn is_begun(chain: &Arc<Chain>) -> bool {
    matches!(chain.db().auxiliary_get(WARP_RECORD), Ok(Some(_)))
}

/// Downloads a finalised block's state and begins the chain there. The chain has to be opened anew then.
/// Nothing else of the node runs yet, so that the disk is waited for here.
///
/// # Errors
/// The sockets cannot be opened, nobody can prove what is final on this chain, or our own disk failed.
pub(crate) async fn run(
    chain: Arc<Chain>,
    options: &NetworkOptions,
    trusted: Option<H256>,
    protocol_id: &str,
    node_key: [u8; 32],
) -> Result<(), ServiceError> {
    // It has nothing to serve yet.
    let options = NetworkOptions { listen: Vec::new(), ..options.clone() };
    let config = options.config(chain.genesis_hash(), protocol_id, node_key);
    let mut port = Port::new(chain, trusted)?;
    let (network, mut events) = Network::start(config, &Handle::current())?;
    let mut core = WarpCore::new(SyncConfig::default(), &port);
    let (answers, mut answered) = mpsc::channel(ANSWERS_MAX);
    let mut names = Names::default();
    let mut reported_ms = 0;
    let ended = loop {
        let input = tokio::select! {
            biased;
            () = std::future::ready(()), if core.has_more() => Input::Tick,
            Some(input) = answered.recv() => input,
            event = events.recv() => match event {
                Some(event) => match names.input(event, &port.chain, &network) {
                    Some(input) => input,
                    None => continue,
                },
                None => break Err("the network ended by itself".to_owned()),
            },
            () = tokio::time::sleep(TICK) => Input::Tick,
        };
        let actions = core.handle(&mut port, now_ms(), input);
        if let Some(ended) = act(actions, &mut names, &network, &answers) {
            break ended;
        }
        if now_ms().saturating_sub(reported_ms) >= REPORT_MS {
            reported_ms = now_ms();
            let state = core.state();
            tracing::info!(target: "sync", peers = state.peers, target_block = state.target, nodes = state.nodes, bytes = state.bytes, "warp sync");
        }
        // Who stops the node is heard also while there is much to read.
        tokio::task::yield_now().await;
    };
    network.shutdown().await;
    let state = core.state();
    tracing::info!(target: "sync", target_block = state.target, nodes = state.nodes, bytes = state.bytes, downloaded = state.downloaded, "warp sync is over");
    ended.map_err(|reason| ServiceError::failed(PART, reason))
}

/// The machine's names of peers and the network's.
#[derive(Default)]
struct Names {
    next: u64,
    peers: BTreeMap<citrate_sync::PeerId, PeerId>,
    ids: BTreeMap<PeerId, citrate_sync::PeerId>,
}

impl Names {
    fn input(&mut self, event: Event, chain: &Chain, network: &Network) -> Option<Input> {
        match event {
            Event::PeerConnected { peer, .. } => {
                self.next += 1;
                let id = citrate_sync::PeerId(self.next);
                self.peers.insert(id, peer);
                self.ids.insert(peer, id);
                Some(Input::Connected(id))
            }
            Event::PeerDisconnected { peer } => Some(Input::Disconnected(self.forget(&peer)?)),
            Event::Gossip { id, .. } => {
                network.verdict(id, citrate_network::Verdict::Ignore);
                None
            }
            Event::Request { data, respond, .. } => {
                respond.send(answer(chain, &data));
                None
            }
            _ => None,
        }
    }

    fn forget(&mut self, peer: &PeerId) -> Option<citrate_sync::PeerId> {
        let id = self.ids.remove(peer)?;
        self.peers.remove(&id);
        Some(id)
    }
}

/// What a peer is answered: that there is nothing here yet.
fn answer(chain: &Chain, data: &[u8]) -> Vec<u8> {
    match data.split_first() {
        Some((&TO_SYNC, request)) => match Request::from_bytes(request) {
            Ok(Request::Status) => Response::Status(chain.status()).to_bytes(),
            _ => Response::Busy.to_bytes(),
        },
        _ => Vec::new(),
    }
}

/// Does what the machine says; how it ended, if it did.
fn act(
    actions: Vec<WarpAction>,
    names: &mut Names,
    network: &Network,
    answers: &mpsc::Sender<Input>,
) -> Option<Result<(), String>> {
    for action in actions {
        match action {
            WarpAction::Request { peer, id, request } => {
                let peer = names.peers.get(&peer).copied();
                ask(peer, id, &request, network, answers);
            }
            WarpAction::Penalise { peer, offence } => {
                if let Some(peer) = names.peers.get(&peer).copied() {
                    tracing::info!(target: "sync", %peer, ?offence, "a peer is let go");
                    names.forget(&peer);
                    network.report(&peer, penalty(offence));
                    network.disconnect(&peer);
                }
            }
            WarpAction::Done => return Some(Ok(())),
            WarpAction::Failed(reason) => return Some(Err(reason)),
        }
    }
    None
}

/// Asks a peer, and tells the machine what came of it.
fn ask(
    peer: Option<PeerId>,
    id: RequestId,
    request: &Request,
    network: &Network,
    answers: &mpsc::Sender<Input>,
) {
    let mut bytes = vec![TO_SYNC];
    bytes.extend(request.to_bytes());
    let (network, answers) = (network.clone(), answers.clone());
    tokio::spawn(async move {
        let answer = match peer {
            Some(peer) => network.request(peer, bytes).await.ok(),
            None => None,
        };
        let input = answer.map_or(Input::Failed(id), |bytes| Input::Response { id, bytes });
        let _ = answers.send(input).await;
    });
}
