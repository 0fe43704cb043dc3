//! Peers that serve a state, and a node that downloads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use citrate_core::{H256, Header, OpaqueExtrinsic, StateVersion};
use citrate_dag::ghostdag::{Dag, DagRules, Status, StoredBlock};
use citrate_dag_types::DagBlock;
use citrate_trie::{ChangeSet, MemoryNodes, NodeDelta, StateView};
use codec::{Decode, DecodeAll, Encode};

use crate::testing::{MemoryChain, TestRules};
use crate::tests::{NOW, payload, random_dag};
use crate::{
    Action, Batch, Consequence, Followed, InboundId, Input, Offence, PeerId, Request, RequestId,
    Response, SyncChain, SyncConfig, SyncCore, WarpAction, WarpChain, WarpCore, WindowEntry, Wire,
    check_window,
};
use citrate_dag::testing::Random;

/// Deep enough for blocks to be final, with some above them.
const FINAL_DEPTH: u64 = 30;
/// LIMIT of every run.
const PATIENCE_MS: u64 = 10_000_000;

pub(crate) type Model = BTreeMap<Vec<u8>, Vec<u8>>;

fn rules() -> TestRules {
    let dag = DagRules { mergeset_max: 30, parents_max: 8, ..DagRules::derived(8, 20, 10, 0) };
    TestRules { dag: DagRules { pruning_depth: 240, ..dag }, ..TestRules::small() }
}

/// A state with values of all sizes, and child tries.
fn model(random: &mut Random) -> Model {
    let mut model = Model::new();
    for _ in 0..400 {
        let key = random.draw().to_be_bytes()[..2 + random.below(6)].to_vec();
        let value = vec![random.draw().to_be_bytes()[0]; random.below(120)];
        model.insert(key, value);
    }
    // The same twice.
    model.insert(b"twin a".to_vec(), vec![7; 100]);
    model.insert(b"twin b".to_vec(), vec![7; 100]);
    model
}

/// A state and the nodes that it consists of.
pub(crate) fn state_of(model: &Model) -> (H256, NodeDelta) {
    let set = |model: &Model| model.iter().map(|(k, v)| (k.clone(), Some(v.clone()))).collect();
    let child: Model = model.iter().take(40).map(|(k, v)| (k.clone(), v.clone())).collect();
    let children = [(b"one".to_vec(), set(&child)), (b"two".to_vec(), set(&child))];
    let changes = ChangeSet { top: set(model), children: children.into_iter().collect() };
    StateView::empty().apply(&changes, StateVersion::V1).unwrap()
}

/// A few values change.
pub(crate) fn change(model: &mut Model, salt: u64) -> Model {
    for (place, value) in model.values_mut().enumerate() {
        if (place as u64 + salt).is_multiple_of(97) {
            *value = (salt, place as u64).encode().repeat(3);
        }
    }
    model.clone()
}

fn view(model: &Model) -> StateView {
    let (root, delta) = state_of(model);
    let nodes = MemoryNodes::new();
    nodes.insert(&delta);
    StateView::new(Arc::new(nodes), root)
}

/// What a peer does with its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    None,
    Silence,
    Busy,
    Proof,
    Genesis,
    Garbage,
    OtherKind,
    /// A node that is none of the state.
    Node,
    /// One of the state, in the wrong place.
    OtherNode,
    /// One more after what was asked for.
    TooManyNodes,
    /// A record with another blue score.
    Score,
    /// A record that leaves out a parent.
    Parents,
    /// A record that names another author.
    Author,
    MissingBlock,
    /// A block that is not of the window.
    Stranger,
    /// A window that is longer than any.
    Endless,
    Payload,
}

pub(crate) struct Server {
    pub(crate) chain: MemoryChain,
    core: SyncCore,
    is_connected: bool,
}

/// What the node has on disk.
pub(crate) struct Client {
    rules: TestRules,
    genesis: H256,
    nodes: BTreeMap<H256, (Vec<u8>, u32)>,
    records: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What is final, and the roots of the states after that.
    finals: BTreeMap<H256, H256>,
    pub(crate) started: Option<(Header, Dag, Vec<OpaqueExtrinsic>)>,
}

impl Client {
    pub(crate) fn node_count(&self) -> u64 {
        self.nodes.values().map(|(_, count)| u64::from(*count)).sum()
    }
}

impl WarpChain for Client {
    fn genesis(&self) -> H256 {
        self.genesis
    }

    fn trusted(&self) -> Option<H256> {
        None
    }

    fn set_id(&self) -> u64 {
        0
    }

    fn follow(&mut self, proof: &[u8]) -> Followed {
        match Header::decode_all(&mut &*proof) {
            Ok(header) if self.finals.contains_key(&header.hash()) => Followed::Target(header),
            _ => Followed::Invalid,
        }
    }

    fn state_root(&self, header: &Header) -> H256 {
        self.finals[&header.hash()]
    }

    fn check_window(&self, target: &Header, entries: &[WindowEntry]) -> bool {
        let chain = MemoryChain::new(self.rules);
        let is_sealed = |header: &Header, record: &StoredBlock| {
            let author = record.producer.map(|producer| producer.author[..4].to_vec());
            let digest = citrate_dag_types::DagDigest::from_header(header);
            let named = digest.map(|digest| digest.author.to_le_bytes().to_vec());
            author == named.ok() && chain.check_author(header) == crate::Check::Valid
        };
        check_window(self.rules.dag, self.genesis, target, entries, &is_sealed).is_ok()
    }

    fn node(&self, hash: &H256) -> Option<Vec<u8>> {
        self.nodes.get(hash).map(|(node, _)| node.clone())
    }

    fn record(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.records.get(key).cloned()
    }

    fn write(&mut self, batch: Batch) -> Result<(), String> {
        for (hash, node) in batch.nodes {
            assert_eq!(citrate_core::hashing::blake2_256(&node), hash.0, "verified before");
            self.nodes.entry(hash).or_insert((node, 0)).1 += 1;
        }
        for hash in batch.released {
            let (_, count) = self.nodes.get_mut(&hash).expect("it is here");
            *count -= 1;
            if *count == 0 {
                self.nodes.remove(&hash);
            }
        }
        for (key, value) in batch.records {
            match value {
                Some(value) => self.records.insert(key, value),
                None => self.records.remove(&key),
            };
        }
        Ok(())
    }

    fn begin_at(
        &mut self,
        target: &Header,
        payload: Vec<OpaqueExtrinsic>,
        entries: Vec<WindowEntry>,
        records: Vec<Vec<u8>>,
    ) -> Result<(), String> {
        for key in records {
            self.records.remove(&key);
        }
        let dag = check_window(self.rules.dag, self.genesis, target, &entries, &|_, _| true);
        self.started = Some((target.clone(), dag.map_err(|error| error.to_string())?, payload));
        Ok(())
    }
}

#[derive(Clone, Debug)]
enum Event {
    Ask(usize, RequestId, Request),
    Answer(Input),
    Reconnect(usize),
}

pub(crate) struct Net {
    pub(crate) servers: Vec<Server>,
    pub(crate) lies: Vec<Lie>,
    pub(crate) client: Client,
    core: WarpCore,
    config: SyncConfig,
    pub(crate) state: Model,
    /// All states that were final, by their roots.
    states: BTreeMap<H256, Model>,
    pub(crate) now: u64,
    /// How long a chunk of a state is.
    pub(crate) chunk_bytes: usize,
    pub(crate) offences: Vec<(usize, Offence)>,
    pub(crate) downloaded: u64,
    blocks: Vec<DagBlock>,
    /// How many of the blocks the servers have.
    known: usize,
    /// Of the restarts: peers of an earlier one have other numbers.
    epoch: u64,
    random: Random,
    queue: BTreeMap<(u64, u64), Event>,
    next: u64,
}

impl Net {
    pub(crate) fn new(seed: u64, count: usize, config: SyncConfig) -> Self {
        let rules = rules();
        let mut random = Random(seed);
        let blocks = random_dag(&mut random, rules, 640);
        let state = model(&mut random);
        let genesis = MemoryChain::new(rules).status().genesis;
        let server = |_| Server {
            chain: MemoryChain::new(rules),
            core: SyncCore::new(config, seed),
            is_connected: false,
        };
        let client = Client {
            rules,
            genesis,
            nodes: BTreeMap::new(),
            records: BTreeMap::new(),
            finals: BTreeMap::new(),
            started: None,
        };
        let core = WarpCore::new(config, &client);
        let mut net = Self {
            servers: (0..count).map(server).collect(),
            lies: vec![Lie::None; count],
            client,
            core,
            config,
            state,
            states: BTreeMap::new(),
            now: NOW,
            chunk_bytes: usize::MAX,
            offences: Vec::new(),
            downloaded: 0,
            blocks,
            known: 0,
            epoch: 0,
            random,
            queue: BTreeMap::new(),
            next: 0,
        };
        let state = net.state.clone();
        net.grow(480, &state);
        for server in 0..count {
            // The first one is asked first.
            net.push(if server == 0 { 0 } else { 1_000 }, Event::Reconnect(server));
        }
        net
    }

    pub(crate) fn core(&self) -> &WarpCore {
        &self.core
    }

    pub(crate) fn is_started(&self) -> bool {
        self.client.started.is_some()
    }

    /// The servers import up to so many blocks; one of them becomes final, with this state.
    fn grow(&mut self, known: usize, model: &Model) {
        let view = view(model);
        self.states.insert(view.root, model.clone());
        for server in &mut self.servers {
            for block in &self.blocks[self.known..known] {
                server.chain.import(block.clone());
            }
            let dag = server.chain.dag();
            let target = dag.chain_block_at_depth(FINAL_DEPTH).unwrap();
            let depth = dag.rules().pruning_depth + 20;
            assert!(server.chain.finalise_and_prune(&target, depth));
            server.chain.serve_state(target, view.clone());
            self.client.finals.insert(target, view.root);
        }
        self.known = known;
    }

    /// Time goes on; the servers forget the state that they had.
    pub(crate) fn move_on(&mut self, model: &Model) {
        for server in &mut self.servers {
            server.chain.forget_states();
        }
        self.grow(self.known + 40, model);
    }

    /// The process ends and starts again.
    pub(crate) fn restart(&mut self) {
        self.downloaded += self.core.state().downloaded;
        if self.is_started() {
            return;
        }
        let before = self.core.state().downloaded;
        self.core = WarpCore::new(self.config, &self.client);
        // That is written down, and so is counted on.
        assert_eq!(self.core.state().downloaded, before);
        self.downloaded -= before;
        self.epoch += 1;
        self.queue.retain(|_, event| matches!(event, Event::Reconnect(_)));
        for server in 0..self.servers.len() {
            if std::mem::take(&mut self.servers[server].is_connected) {
                self.push(20, Event::Reconnect(server));
            }
        }
    }

    pub(crate) fn run_until_started(&mut self) {
        while !self.is_started() {
            self.run(1_000);
            assert!(self.now < NOW + PATIENCE_MS, "no end: {:?}", self.core.state());
        }
        self.downloaded += self.core.state().downloaded;
    }

    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        let mut tick = self.now;
        while self.now < end && !self.is_started() {
            let next = self.queue.first_key_value().map_or(u64::MAX, |((at, _), _)| *at);
            if self.core.has_more() {
                self.input(Input::Tick);
            } else if next <= tick.min(end) {
                let ((at, _), event) = self.queue.pop_first().expect("it was looked at");
                self.now = self.now.max(at);
                self.event(event);
            } else {
                self.now = self.now.max(tick.min(end));
                tick = self.now + 200;
                self.input(Input::Tick);
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Reconnect(server) => {
                self.servers[server].is_connected = true;
                let peer = PeerId(server as u64 + 1_000 * self.epoch);
                let state = &mut self.servers[server];
                state.core.handle(&state.chain, self.now, Input::Connected(PeerId(self.epoch)));
                self.input(Input::Connected(peer));
            }
            Event::Ask(server, id, request) => {
                if let Some(bytes) = self.answer(server, &request) {
                    let delay = 5 + self.random.draw() % 60;
                    self.push(delay, Event::Answer(Input::Response { id, bytes }));
                }
            }
            Event::Answer(input) => self.input(input),
        }
    }

    fn push(&mut self, ms: u64, event: Event) {
        self.next += 1;
        self.queue.insert((self.now + ms, self.next), event);
    }

    fn input(&mut self, input: Input) {
        for action in self.core.handle(&mut self.client, self.now, input) {
            match action {
                WarpAction::Request { peer, id, request } => {
                    let server = usize::try_from(peer.0 % 1_000).unwrap();
                    let delay = 5 + self.random.draw() % 60;
                    self.push(delay, Event::Ask(server, id, request));
                }
                WarpAction::Penalise { peer, offence } => {
                    let server = usize::try_from(peer.0 % 1_000).unwrap();
                    self.offences.push((server, offence));
                    self.servers[server].is_connected = false;
                    if offence.consequence() == Consequence::Disconnect
                        && offence != Offence::OtherGenesis
                    {
                        self.push(5_000, Event::Reconnect(server));
                    }
                }
                WarpAction::Done => assert!(self.is_started()),
                WarpAction::Failed(reason) => panic!("{reason}"),
            }
        }
    }

    /// What a server answers, as sync serves it, in shorter chunks.
    fn answer(&mut self, server: usize, request: &Request) -> Option<Vec<u8>> {
        let state = &mut self.servers[server];
        let (id, bytes) = (InboundId(1), request.to_bytes());
        let peer = PeerId(self.epoch);
        let actions = state.core.handle(&state.chain, self.now, Input::Request { peer, id, bytes });
        let answer = actions.into_iter().find_map(|action| match action {
            Action::Respond { response, .. } => Some(response),
            _ => None,
        });
        let mut response = answer?;
        if let Response::State(Some(nodes)) = &mut response {
            let mut bytes = 0;
            let limit = self.chunk_bytes;
            let fits = |node: &Vec<u8>| {
                bytes += node.len();
                bytes - node.len() < limit
            };
            let count = nodes.iter().map(fits).take_while(|fits| *fits).count();
            nodes.truncate(count);
        }
        lie(self.lies[server], request, response, &state.chain).map(|response| match response {
            Ok(response) => response.to_bytes(),
            Err(bytes) => bytes,
        })
    }

    /// The node has the state with the counts that it would have from executing, nothing else, and the
    /// DAG of the servers.
    pub(crate) fn assert_started(&self) {
        let (target, dag, payload) = self.client.started.as_ref().expect("started");
        let (_, delta) = state_of(&self.states[&self.client.finals[&target.hash()]]);
        let expected: BTreeMap<H256, (Vec<u8>, u32)> =
            delta.inserted.into_iter().map(|(hash, node, count)| (hash, (node, count))).collect();
        assert_eq!(self.client.nodes.len(), expected.len());
        assert_eq!(self.client.nodes, expected);
        assert_eq!(self.client.records, BTreeMap::new(), "no record is left");
        let server = &self.servers[self.servers.len() - 1].chain;
        assert_eq!(Some(payload.clone()), server.payload(&target.hash()));
        assert_eq!((dag.sink(), dag.finalised()), (target.hash(), target.hash()));
        assert_eq!(dag.pruning_point(), server.dag().pruning_point());
        for stored in dag.all_stored() {
            let theirs = server.dag().stored(&stored.hash).expect("it is theirs");
            // Some are in the order in which blocks came.
            let sorted = |stored: StoredBlock| {
                let mut anticones = stored.anticones;
                anticones.sort_unstable();
                StoredBlock { status: Status::Valid, anticones, ..stored }
            };
            assert_eq!(sorted(stored), sorted(theirs));
        }
    }

    /// Whatever the servers have above the block, and what comes later, fits and gives the same.
    pub(crate) fn assert_goes_on(&self) {
        let (_, dag, _) = self.client.started.as_ref().expect("started");
        let (mut dag, mut whole) = (dag.clone(), MemoryChain::new(rules()));
        let mut new = 0;
        for block in &self.blocks {
            whole.import(block.clone());
            let hash = block.hash();
            if dag.contains(&hash) || whole.dag().is_ancestor(&hash, &dag.sink()) {
                continue;
            }
            let info = whole.dag().block(&hash).expect("imported");
            if !info.parents.iter().all(|parent| dag.contains(parent)) {
                continue;
            }
            let block = crate::testing::new_block(&block.header).expect("a digest");
            dag.insert(&block).expect("it fits");
            let ours = dag.block(&hash).expect("inserted");
            assert_eq!((ours.blues, ours.reds), (info.blues, info.reds));
            assert_eq!((ours.blue_work, ours.disabled), (info.blue_work, info.disabled));
            new += 1;
        }
        assert!(new > 100, "{new}");
    }
}

/// What is really answered: nothing, bytes, or a message.
fn lie(
    lie: Lie,
    request: &Request,
    mut response: Response,
    chain: &MemoryChain,
) -> Option<Result<Response, Vec<u8>>> {
    let is_status = *request == Request::Status;
    match (lie, &mut response) {
        (Lie::Silence, _) if !is_status => return None,
        (Lie::Busy, _) if !is_status => response = Response::Busy,
        (Lie::Garbage, _) if !is_status => return Some(Err(vec![1, 2, 3])),
        (Lie::OtherKind, _) if !is_status => response = Response::Justification(None),
        (Lie::Genesis, Response::Status(status)) => status.genesis = H256([8; 32]),
        (Lie::Proof, Response::Proof(Some(proof))) => {
            let sink = chain.header(&chain.dag().sink()).expect("here");
            *proof = sink.encode();
        }
        (Lie::Node, Response::State(Some(nodes))) => {
            if let Some(node) = nodes.last_mut() {
                node.push(0);
            }
        }
        (Lie::OtherNode, Response::State(Some(nodes))) if nodes.len() > 2 => nodes.swap(1, 2),
        (Lie::TooManyNodes, Response::State(Some(nodes))) => nodes.push(vec![0]),
        (Lie::Payload, Response::Bodies(list)) => *list = vec![Some(payload(u64::MAX))],
        (Lie::Endless, Response::Window(Some(page))) => page.total = u32::MAX,
        (Lie::MissingBlock, Response::Window(Some(page))) => {
            page.entries.remove(page.entries.len() / 2);
            page.total -= 1;
        }
        (Lie::Stranger, Response::Window(Some(page))) => {
            let dag = chain.dag();
            let sink = dag.sink();
            let entry = WindowEntry {
                header: chain.header(&sink).expect("here"),
                record: dag.stored(&sink).expect("here"),
            };
            page.entries.push(entry.encode());
            page.total += 1;
        }
        (Lie::Score | Lie::Parents | Lie::Author, Response::Window(Some(page))) => {
            let count = page.entries.len();
            let change = |place: usize, change: &dyn Fn(&mut WindowEntry)| {
                let mut entry = WindowEntry::decode(&mut &*page.entries[place]).expect("an entry");
                change(&mut entry);
                (place, entry.encode())
            };
            let (place, entry) = match lie {
                Lie::Score => change(count / 4, &|entry| entry.record.blue_score += 1),
                Lie::Parents => change(count - 10, &|entry| {
                    entry.record.parents.pop();
                }),
                _ => change(count / 4, &|entry| {
                    entry.record.producer.as_mut().expect("made by somebody").author = [9; 32];
                }),
            };
            page.entries[place] = entry;
        }
        _ => {}
    }
    Some(Ok(response))
}
