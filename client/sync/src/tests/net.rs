//! A few machines and a network that delays and loses.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::{H256, hashing::blake2_256};
use citrate_dag::testing::Random;
use citrate_dag_types::DagBlock;

use super::NOW;
use crate::testing::{MemoryChain, TestRules};
use crate::{
    Action, Consequence, GossipId, InboundId, Input, Offence, PeerId, Request, RequestId, Response,
    SyncChain, SyncConfig, SyncCore, Verdict, Wire,
};

/// What a node does with its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    None,
    Garbage,
    /// Answers no request but for its status.
    Silence,
    /// Claims a block that nobody knows.
    FalseStatus,
    OtherGenesis,
    /// Serves other payloads than the headers say.
    WrongPayload,
    /// Serves headers, and says that it has no payload.
    NoPayload,
    /// Leaves out the first of the headers.
    Unconnected,
    /// Changes what a header says, without the author's seal.
    ForgedHeader,
    /// Says that the headers follow on another block.
    OtherCommon,
    /// Serves another block than the one that was asked for.
    OtherBlock,
    /// Answers with more than was asked.
    TooMuch,
    /// Answers with something else.
    OtherKind,
    /// Serves one header at a time.
    Drip,
    /// Always busy.
    Busy,
}

pub(crate) struct Node {
    pub(crate) chain: MemoryChain,
    pub(crate) core: SyncCore,
    pub(crate) lie: Lie,
    pub(crate) links: BTreeSet<usize>,
    /// Gossip messages that were seen, by what they say.
    seen: BTreeSet<[u8; 32]>,
    /// Messages that wait for a verdict.
    waiting: BTreeMap<GossipId, (usize, Vec<u8>)>,
    /// The largest window that was seen.
    pub(crate) window_max: usize,
}

#[derive(Clone, Debug)]
enum Event {
    Input(usize, Input),
    Import(usize, DagBlock),
    Tick(usize),
    Reconnect(usize, usize),
}

pub(crate) struct Net {
    pub(crate) nodes: Vec<Node>,
    pub(crate) now: u64,
    /// One in so many messages is lost; 0 for none.
    pub(crate) loss: usize,
    pub(crate) offences: Vec<(usize, usize, Offence)>,
    pub(crate) equivocations: usize,
    /// A hash over every action in order.
    pub(crate) trace: [u8; 32],
    random: Random,
    next: u64,
    queue: BTreeMap<(u64, u64), Event>,
    inbound: BTreeMap<InboundId, (usize, RequestId, Request)>,
}

impl Net {
    pub(crate) fn new(seed: u64, rules: TestRules, config: SyncConfig, count: usize) -> Self {
        let node = |index: usize| Node {
            chain: MemoryChain::new(rules),
            core: SyncCore::new(config, seed ^ u64::try_from(index).unwrap()),
            lie: Lie::None,
            links: BTreeSet::new(),
            seen: BTreeSet::new(),
            waiting: BTreeMap::new(),
            window_max: 0,
        };
        let mut net = Self {
            nodes: (0..count).map(node).collect(),
            now: NOW,
            loss: 0,
            offences: Vec::new(),
            equivocations: 0,
            trace: [0; 32],
            random: Random(seed),
            next: 0,
            queue: BTreeMap::new(),
            inbound: BTreeMap::new(),
        };
        for index in 0..count {
            net.push(index.try_into().unwrap(), Event::Tick(index));
        }
        net
    }

    pub(crate) fn connect(&mut self, a: usize, b: usize) {
        self.nodes[a].links.insert(b);
        self.nodes[b].links.insert(a);
        self.input(a, Input::Connected(peer(b)));
        self.input(b, Input::Connected(peer(a)));
    }

    pub(crate) fn connect_all(&mut self) {
        for a in 0..self.nodes.len() {
            for b in 0..a {
                self.connect(a, b);
            }
        }
    }

    pub(crate) fn give(&mut self, node: usize, blocks: &[DagBlock]) {
        for block in blocks {
            self.nodes[node].chain.import(block.clone());
        }
    }

    /// A node makes a block and says so.
    pub(crate) fn author(&mut self, node: usize, block: DagBlock) {
        self.nodes[node].chain.import(block.clone());
        self.input(node, Input::Authored(block));
    }

    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 > end {
                break;
            }
            self.now = entry.key().0;
            match entry.remove() {
                Event::Input(node, input) => self.input(node, input),
                Event::Tick(node) => {
                    self.input(node, Input::Tick);
                    self.push(200, Event::Tick(node));
                }
                Event::Import(node, block) => {
                    let hash = block.hash();
                    let outcome = self.nodes[node].chain.import(block);
                    self.input(node, Input::Imported { hash, outcome });
                }
                Event::Reconnect(a, b) => self.connect(a, b),
            }
        }
        self.now = end;
    }

    /// Runs until the nodes know the same, for so long at most.
    pub(crate) fn run_until_same(&mut self, nodes: &[usize], ms: u64) -> bool {
        let end = self.now + ms;
        while self.now < end {
            self.run(1_000);
            let known = |node: &usize| self.nodes[*node].chain.blocks().keys().collect::<Vec<_>>();
            if nodes.windows(2).all(|pair| known(&pair[0]) == known(&pair[1])) {
                return true;
            }
        }
        false
    }

    fn push(&mut self, ms: u64, event: Event) {
        self.next += 1;
        self.queue.insert((self.now + ms, self.next), event);
    }

    fn send(&mut self, to: usize, input: Input) {
        if self.loss == 0 || !self.random.one_in(self.loss) {
            let delay = 5 + self.random.draw() % 100;
            self.push(delay, Event::Input(to, input));
        }
    }

    fn input(&mut self, node: usize, input: Input) {
        let state = &mut self.nodes[node];
        let gossip = match &input {
            Input::Gossip { peer, id, bytes } => {
                if !state.seen.insert(blake2_256(bytes)) {
                    return;
                }
                state.waiting.insert(*id, (usize::try_from(peer.0).unwrap(), bytes.clone()));
                Some(*id)
            }
            _ => None,
        };
        let actions = state.core.handle(&state.chain, self.now, input);
        state.window_max = state.window_max.max(state.core.state().window);
        assert!(gossip.is_none_or(|id| state.waiting.contains_key(&id)));
        for action in actions {
            let text = format!("{:?}{node}{}{action:?}", self.trace, self.now);
            self.trace = blake2_256(text.as_bytes());
            self.act(node, action);
        }
    }

    fn act(&mut self, node: usize, action: Action) {
        match action {
            Action::Request { peer, id, request } => {
                let to = usize::try_from(peer.0).unwrap();
                self.next += 1;
                let inbound = InboundId(self.next);
                let bytes = request.to_bytes();
                self.inbound.insert(inbound, (node, id, request));
                if self.nodes[node].links.contains(&to) {
                    self.send(to, Input::Request { peer: self::peer(node), id: inbound, bytes });
                }
            }
            Action::Respond { id, response } => {
                let (to, request, asked) = self.inbound.remove(&id).expect("one answer each");
                if let Some(bytes) = self.lie(node, &asked, response) {
                    self.send(to, Input::Response { id: request, bytes });
                }
            }
            Action::Import(block) => self.push(3, Event::Import(node, block)),
            Action::Judge { id, verdict } => {
                let (from, bytes) = self.nodes[node].waiting.remove(&id).expect("one verdict each");
                if verdict == Verdict::Accept {
                    self.publish(node, Some(from), &bytes);
                }
            }
            Action::Announce(block) => self.publish(node, None, &block.to_bytes()),
            Action::Equivocation(proof) => {
                assert!(matches!(proof.claim(), Ok(Some(_))));
                self.equivocations += 1;
            }
            Action::Penalise { peer, offence } => {
                let other = usize::try_from(peer.0).unwrap();
                self.offences.push((node, other, offence));
                self.nodes[node].links.remove(&other);
                self.nodes[other].links.remove(&node);
                self.push(1, Event::Input(other, Input::Disconnected(self::peer(node))));
                if offence.consequence() == Consequence::Disconnect {
                    self.push(5_000, Event::Reconnect(node, other));
                }
            }
        }
    }

    fn publish(&mut self, node: usize, from: Option<usize>, bytes: &[u8]) {
        self.nodes[node].seen.insert(blake2_256(bytes));
        for to in self.nodes[node].links.clone() {
            if Some(to) != from {
                self.next += 1;
                let (id, bytes) = (GossipId(self.next), bytes.to_vec());
                self.send(to, Input::Gossip { peer: peer(node), id, bytes });
            }
        }
    }

    /// What a node really answers.
    fn lie(&self, node: usize, asked: &Request, honest: Response) -> Option<Vec<u8>> {
        let state = &self.nodes[node];
        let mut answer = honest;
        // A liar is worth asking first.
        if let (Response::Status(status), true) = (&mut answer, state.lie != Lie::None) {
            status.blue_score += 1_000;
        }
        match (state.lie, &mut answer) {
            (Lie::None, _) => {}
            (Lie::Garbage, _) if *asked != Request::Status => return Some(vec![1, 2, 3]),
            (Lie::Silence, _) if *asked != Request::Status => return None,
            (Lie::Busy, _) if *asked != Request::Status => answer = Response::Busy,
            (Lie::OtherKind, _) if *asked != Request::Status => {
                answer = Response::Justification(None);
            }
            (Lie::FalseStatus, Response::Status(status)) => status.best.hash = H256([9; 32]),
            (Lie::FalseStatus, Response::Headers(page)) => page.headers.clear(),
            (Lie::OtherGenesis, Response::Status(status)) => status.genesis = H256([8; 32]),
            (Lie::WrongPayload, Response::Bodies(list)) => {
                list.iter_mut().for_each(|item| *item = Some(super::payload(u64::MAX)));
            }
            (Lie::NoPayload, Response::Bodies(list)) => {
                list.iter_mut().for_each(|item| *item = None);
            }
            (Lie::Unconnected, Response::Headers(page)) => {
                page.headers.drain(..page.headers.len().min(1));
            }
            (Lie::Drip, Response::Headers(page)) => page.headers.truncate(1),
            (Lie::ForgedHeader, Response::Headers(page)) => {
                page.headers.iter_mut().for_each(|h| h.extrinsics_root = H256([7; 32]));
            }
            (Lie::OtherCommon, Response::Headers(page)) => page.common = Some(H256([6; 32])),
            (Lie::OtherBlock, Response::Blocks(list)) => {
                let genesis = state.chain.status().genesis;
                let other = state.chain.block(&genesis).cloned();
                list.iter_mut().for_each(|item| item.clone_from(&other));
            }
            (Lie::TooMuch, Response::Bodies(list)) => {
                list.resize(crate::BODIES_MAX, None);
            }
            _ => {}
        }
        Some(answer.to_bytes())
    }
}

fn peer(index: usize) -> PeerId {
    PeerId(index.try_into().unwrap())
}
