//! A node under test, with an honest peer, and what must hold of every action.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::H256;
use citrate_dag_types::{DagBlock, DagDigest};
use citrate_sync::testing::{MemoryChain, TestRules};
use citrate_sync::{
    Action, Consequence, GossipId, ImportOutcome, Input, PeerId, Request, RequestId, Response,
    SyncChain, SyncConfig, SyncCore, Verdict, Wire,
};

use super::{HONEST, NOW_MS, Numbers};

pub(super) struct Node {
    pub(super) core: SyncCore,
    pub(super) chain: MemoryChain,
    /// What the node asks and has no answer to.
    pub(super) asked: Vec<(PeerId, RequestId, Request)>,
    /// When it asked.
    asked_ms: BTreeMap<RequestId, u64>,
    /// What peers did that is not done.
    pub(super) offences: usize,
    config: SyncConfig,
    honest: MemoryChain,
    blocks: &'static [DagBlock],
    now_ms: u64,
    numbers: Numbers,
    connected: BTreeSet<PeerId>,
    /// Blocks in import.
    importing: Vec<DagBlock>,
    /// What peers sent and got no verdict on.
    waiting: BTreeMap<GossipId, Vec<u8>>,
}

impl Node {
    /// A node that has the first so many of the blocks, all of which the honest peer has.
    pub(super) fn new(config: SyncConfig, blocks: &'static [DagBlock], known: usize) -> Self {
        let mut chain = MemoryChain::new(TestRules::small());
        let mut honest = chain.clone();
        for (index, block) in blocks.iter().enumerate() {
            honest.import(block.clone());
            if index < known {
                chain.import(block.clone());
            }
        }
        Self {
            core: SyncCore::new(config, 7),
            chain,
            asked: Vec::new(),
            asked_ms: BTreeMap::new(),
            offences: 0,
            config,
            honest,
            blocks,
            now_ms: NOW_MS,
            numbers: Numbers::default(),
            connected: BTreeSet::new(),
            importing: Vec::new(),
            waiting: BTreeMap::new(),
        }
    }

    pub(super) fn honest_chain(&self) -> &MemoryChain {
        &self.honest
    }

    pub(super) fn has_all(&self) -> bool {
        self.blocks.iter().all(|block| self.chain.contains(&block.hash()))
    }

    pub(super) fn connect(&mut self, peer: PeerId) {
        if self.connected.insert(peer) {
            self.handle(Input::Connected(peer));
        }
    }

    /// The liars go, and the honest peer is there.
    pub(super) fn leave_alone(&mut self) {
        for peer in self.connected.clone() {
            if peer != HONEST {
                self.handle(Input::Disconnected(peer));
            }
        }
        self.connect(HONEST);
    }

    pub(super) fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.handle(Input::Tick);
        // What ended only the connection is tried again.
        self.connect(HONEST);
    }

    pub(super) fn gossip(&mut self, peer: PeerId, bytes: Vec<u8>) {
        // The network has each message once.
        if !self.connected.contains(&peer) || self.waiting.values().any(|old| *old == bytes) {
            return;
        }
        let id = self.numbers.gossip();
        self.waiting.insert(id, bytes.clone());
        self.handle(Input::Gossip { peer, id, bytes });
    }

    pub(super) fn ask(&mut self, peer: PeerId, bytes: Vec<u8>) {
        if !self.connected.contains(&peer) {
            return;
        }
        let id = self.numbers.inbound();
        let actions =
            self.core.handle(&self.chain, self.now_ms, Input::Request { peer, id, bytes });
        let answers = actions.iter().filter(|action| match action {
            Action::Respond { id: answered, .. } => *answered == id,
            Action::Penalise { peer: punished, .. } => *punished == peer,
            _ => false,
        });
        assert_eq!(answers.count(), 1, "one answer to each request: {actions:?}");
        self.act(actions);
    }

    pub(super) fn take_asked(&mut self, at: usize) -> Option<(PeerId, RequestId, Request)> {
        (at < self.asked.len()).then(|| self.asked.remove(at))
    }

    /// What an honest peer says.
    pub(super) fn honest_response(&self, request: &Request) -> Response {
        match request {
            Request::Status => Response::Status(self.honest.status()),
            Request::Headers { locator, limit } => {
                let count = usize::try_from(*limit).unwrap_or(usize::MAX);
                Response::Headers(self.honest.headers_after(locator, count, usize::MAX))
            }
            Request::Bodies(hashes) => {
                Response::Bodies(hashes.iter().map(|hash| self.honest.payload(hash)).collect())
            }
            Request::Blocks(hashes) => {
                let block = |hash: &H256| self.honest.block(hash).cloned();
                Response::Blocks(hashes.iter().map(block).collect())
            }
            Request::Justification(_) => Response::Justification(None),
            Request::Proof(_) => Response::Proof(None),
            Request::Window { .. } => Response::Window(None),
            Request::State { .. } => Response::State(None),
        }
    }

    pub(super) fn honest_answer(&mut self, id: RequestId, request: &Request) {
        let bytes = self.honest_response(request).to_bytes();
        self.handle(Input::Response { id, bytes });
    }

    /// The honest peer answers all that it was asked so far.
    pub(super) fn honest_answers(&mut self) {
        let (own, rest) =
            std::mem::take(&mut self.asked).into_iter().partition(|(peer, ..)| *peer == HONEST);
        self.asked = rest;
        let own: Vec<(PeerId, RequestId, Request)> = own;
        for (_, id, request) in own {
            self.honest_answer(id, &request);
        }
    }

    /// All imports end, as the chain says or in this way.
    pub(super) fn import_all(&mut self, instead: Option<ImportOutcome>) {
        for block in std::mem::take(&mut self.importing) {
            let hash = block.hash();
            let outcome = instead.unwrap_or_else(|| self.chain.import(block));
            self.handle(Input::Imported { hash, outcome });
        }
    }

    pub(super) fn handle(&mut self, input: Input) {
        if let Input::Disconnected(peer) = &input {
            self.connected.remove(peer);
            self.asked.retain(|(asked, ..)| asked != peer);
        }
        let actions = self.core.handle(&self.chain, self.now_ms, input);
        self.act(actions);
    }

    fn act(&mut self, actions: Vec<Action>) {
        for action in actions {
            self.check(&action);
            match action {
                Action::Request { peer, id, request } => {
                    self.asked_ms.insert(id, self.now_ms);
                    self.asked.push((peer, id, request));
                }
                Action::Import(block) => self.importing.push(block),
                Action::Judge { id, .. } => {
                    assert!(self.waiting.remove(&id).is_some(), "a second verdict on {id:?}");
                }
                Action::Penalise { peer, .. } => {
                    self.offences += 1;
                    self.connected.remove(&peer);
                    self.asked.retain(|(asked, ..)| *asked != peer);
                }
                _ => {}
            }
        }
        self.check_limits();
    }

    fn check(&self, action: &Action) {
        match action {
            Action::Request { peer, request, .. } => {
                assert!(self.connected.contains(peer), "{peer:?} is gone");
                assert_eq!(Request::from_bytes(&request.to_bytes()).as_ref(), Ok(request));
            }
            Action::Respond { response, .. } => {
                let bytes = response.to_bytes();
                assert_eq!(Response::from_bytes(&bytes).as_ref(), Ok(response));
            }
            Action::Import(block) => {
                assert!(!self.chain.contains(&block.hash()), "it is here");
                let digest = DagDigest::from_header(&block.header).expect("it was checked");
                let parents = digest.other_parents.into_iter().chain([block.header.parent_hash]);
                for parent in parents {
                    assert!(self.chain.contains(&parent), "{block:?} comes before its parents");
                }
            }
            Action::Judge { id, verdict: Verdict::Accept } => {
                let bytes = self.waiting.get(id).expect("it waits for a verdict");
                let block = DagBlock::from_bytes(bytes).expect("it is passed on");
                let header = self.chain.check_header(&block.header);
                assert_ne!(header, citrate_sync::Check::Invalid, "{block:?} is passed on");
            }
            Action::Equivocation(proof) => {
                assert!(matches!(proof.claim(), Ok(Some(_))), "{proof:?} proves nothing");
            }
            Action::Penalise { peer, offence } => {
                let is_fair = *peer != HONEST || offence.consequence() != Consequence::Ban;
                assert!(is_fair, "the honest peer is banned: {offence:?}");
            }
            _ => {}
        }
    }

    fn check_limits(&self) {
        let (state, config) = (self.core.state(), &self.config);
        let rest_of_page = TestRules::small().dag.mergeset_max;
        assert!(state.orphans <= config.orphans_max, "{state:?}");
        assert!(state.wanted <= config.wants_max, "{state:?}");
        assert!(state.importing <= config.imports_max + config.import_queue_max, "{state:?}");
        assert!(state.window <= config.window_max + rest_of_page, "{state:?}");
        assert!(self.importing.len() <= config.imports_max, "{}", self.importing.len());
        for peer in &self.connected {
            // What took too long is given up here, and may still be answered there.
            let is_due = |id: &RequestId| {
                let asked_ms = self.asked_ms.get(id).copied().unwrap_or_default();
                asked_ms + config.request_timeout_ms > self.now_ms
            };
            let asked: Vec<_> =
                self.asked.iter().filter(|(asked, id, _)| asked == peer && is_due(id)).collect();
            // Besides those for blocks: its status, a page, and a proof.
            let is_bounded = asked.len() <= config.requests_per_peer_max + 3;
            assert!(is_bounded, "{} requests to {peer:?}: {asked:?}", asked.len());
        }
    }
}
