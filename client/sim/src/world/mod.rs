//! The run: events in the order of their times.

mod actions;
mod authors;
mod end;
mod submit;
mod votes;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use citrate_core::hashing::blake2_256;
use citrate_core::{BlockNumber, H256};
use citrate_dag_types::DagBlock;
use citrate_sync::{ImportOutcome, InboundId, Input, PeerId, RequestId};

use crate::check::Violation;
use crate::network::Network;
use crate::node::{Node, Start};
use crate::report::Report;
use crate::scenario::Scenario;
use crate::transactions::{Ledger, Senders};
use crate::voter::{Keyring, Votes};
use citrate_dag::testing::Random;

/// The moment at which every run begins, in milliseconds since the Unix epoch.
const BEGINNING_MS: u64 = 1_000_000_000;
/// How often a machine is told the time.
const TICK_MS: u64 = 250;
/// After this time a connection that ended is tried again.
const RECONNECT_MS: u64 = 4_000;
/// How long an import takes.
const IMPORT_MS: u64 = 4;

/// What travels.
#[derive(Clone, Debug)]
enum Message {
    Gossip(Topic, Packet),
    Request(RequestId, Vec<u8>),
    Response(RequestId, Vec<u8>),
    /// About votes, to one node.
    Vote(Packet),
    /// The other end is gone.
    Closed,
}

/// What gossip is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Blocks,
    Transactions,
    Votes,
}

/// Bytes that many nodes may be sent, and the head of their hash.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    id: u64,
    bytes: Rc<[u8]>,
}

impl Packet {
    fn new(bytes: Vec<u8>) -> Self {
        let hash = blake2_256(&bytes);
        let id = hash.first_chunk::<8>().map_or(0, |head| u64::from_le_bytes(*head));
        Self { id, bytes: bytes.into() }
    }
}

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    /// A node's machine learns the time, unless the node was restarted since.
    Tick {
        node: usize,
        start: u64,
    },
    /// A slot begins by a node's clock.
    Slot {
        node: usize,
        slot: u64,
    },
    Arrived {
        connection: u64,
        to: usize,
        message: Message,
    },
    /// An import is done, unless the node was restarted since.
    Import {
        node: usize,
        start: u64,
    },
    /// The moment that a node's voter waits for, unless the node was restarted since.
    Wake {
        node: usize,
        start: u64,
    },
    /// A sender submits a transaction.
    Submit {
        sender: u32,
    },
    Connect {
        a: usize,
        b: usize,
    },
    Stop {
        node: usize,
    },
    Restart {
        node: usize,
    },
}

/// Where the answer to a peer's request goes.
#[derive(Clone, Copy, Debug)]
struct Inbound {
    connection: u64,
    id: RequestId,
}

#[derive(Debug)]
struct World {
    scenario: Scenario,
    now_ms: u64,
    random: Random,
    next: u64,
    queue: BTreeMap<(u64, u64), Event>,
    nodes: Vec<Node>,
    network: Network,
    /// Both ends of each connection that is open.
    connections: BTreeMap<u64, (usize, usize)>,
    inbound: BTreeMap<InboundId, Inbound>,
    senders: Senders,
    ledger: Arc<Ledger>,
    /// Whether blocks are made.
    is_active: bool,
    ring: Arc<Keyring>,
    votes: Votes,
    /// What is final for an honest node, by number.
    final_chain: BTreeMap<BlockNumber, H256>,
    /// Final blocks whose proof was checked.
    proven: BTreeSet<H256>,
    /// When blocks were made.
    born_ms: BTreeMap<H256, u64>,
    report: Report,
    violation: Option<Violation>,
}

/// Lets a scenario happen.
///
/// # Errors
/// What must hold does not hold.
pub fn run(scenario: Scenario) -> Result<Report, Violation> {
    let mut world = World::new(scenario);
    let calm_ms = world.scenario.calm_ms();
    world.run_until(calm_ms);
    let end_ms = calm_ms + world.scenario.quiet_max_ms;
    while world.now_ms < end_ms && world.violation.is_none() && !world.is_settled() {
        world.run_until(world.now_ms + 1_000);
    }
    world.settle();
    let calm_ms = world.now_ms;
    let end_ms = calm_ms + world.scenario.quiet_max_ms;
    while world.now_ms < end_ms && world.violation.is_none() && !world.is_agreed() {
        world.run_until(world.now_ms + 1_000);
    }
    world.report.agreed_after_ms = world.now_ms.saturating_sub(calm_ms);
    world.finish()
}

impl World {
    fn new(scenario: Scenario) -> Self {
        let mut random = Random(scenario.seed ^ 0x5151_5151);
        let network = Network::new(&scenario, random.fork());
        let senders = Senders::new(&scenario, &mut random.fork());
        let ledger = Arc::<Ledger>::default();
        let skews = scenario.skews_ms.iter().copied().chain(std::iter::repeat(0));
        let ring = Arc::new(Keyring::new(scenario.voters));
        let nodes = scenario.roles.iter().zip(skews).enumerate();
        let nodes = nodes.map(|(voter, (role, skew_ms))| {
            let clock_ms = BEGINNING_MS.saturating_add_signed(skew_ms);
            let start = Start { seed: random.draw(), clock_ms };
            Node::new(*role, skew_ms, &scenario, voter, (&ring, &ledger), start)
        });
        let nodes: Vec<Node> = nodes.collect();
        let report = Report {
            seed: scenario.seed,
            nodes: nodes.len(),
            honest: (0..nodes.len()).filter(|node| scenario.is_honest(*node)).count(),
            ..Report::default()
        };
        let mut world = Self {
            scenario,
            now_ms: 0,
            random,
            next: 0,
            queue: BTreeMap::new(),
            nodes,
            network,
            connections: BTreeMap::new(),
            inbound: BTreeMap::new(),
            senders,
            ledger,
            is_active: true,
            ring,
            votes: Votes::default(),
            final_chain: BTreeMap::new(),
            proven: BTreeSet::new(),
            born_ms: BTreeMap::new(),
            report,
            violation: None,
        };
        world.plan();
        world
    }

    /// Everything that is certain to happen.
    fn plan(&mut self) {
        for (a, b) in self.network.wanted.clone() {
            self.at(0, Event::Connect { a, b });
        }
        for node in 0..self.nodes.len() {
            let offset = self.random.within(0, TICK_MS - 1);
            self.at(offset, Event::Tick { node, start: 0 });
            let slot = BEGINNING_MS / self.scenario.rules.slot_ms + 1;
            self.plan_slot(node, slot);
            self.follow_votes(node);
        }
        for (at_ms, sender) in self.senders.plan.clone() {
            self.at(at_ms, Event::Submit { sender });
        }
        for crash in self.scenario.crashes.clone() {
            self.at(crash.from_ms, Event::Stop { node: crash.node });
            self.at(crash.to_ms, Event::Restart { node: crash.node });
        }
    }

    /// A slot, when it begins by the node's clock.
    fn plan_slot(&mut self, node: usize, slot: u64) {
        let begins_ms = (slot * self.scenario.rules.slot_ms).saturating_sub(BEGINNING_MS);
        let skew_ms = self.nodes.get(node).map_or(0, |node| node.skew_ms);
        let at_ms = begins_ms.saturating_add_signed(-skew_ms) + self.random.within(0, 19);
        self.at(at_ms, Event::Slot { node, slot });
    }

    fn slot(&mut self, node: usize, slot: u64) {
        if self.is_active {
            let is_calm = self.now_ms > self.scenario.calm_ms();
            // What was too much for the network must not be so for ever.
            if !is_calm || slot.is_multiple_of(self.scenario.calm_slots) {
                self.author(node, slot);
            }
            self.plan_slot(node, slot + 1);
        }
    }

    fn at(&mut self, at_ms: u64, event: Event) {
        self.next += 1;
        self.queue.insert((at_ms.max(self.now_ms), self.next), event);
    }

    fn after(&mut self, ms: u64, event: Event) {
        self.at(self.now_ms + ms, event);
    }

    fn run_until(&mut self, end_ms: u64) {
        while let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= end_ms) {
            self.now_ms = entry.key().0;
            let event = entry.remove();
            self.happen(event);
            if self.violation.is_some() {
                return;
            }
        }
        self.now_ms = end_ms;
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick { node, start } => {
                if self.is_running(node, start) {
                    self.input(node, Input::Tick);
                    self.after(TICK_MS, Event::Tick { node, start });
                }
            }
            Event::Slot { node, slot } => self.slot(node, slot),
            Event::Submit { sender } => self.submit(sender),
            Event::Arrived { connection, to, message } => self.arrived(connection, to, message),
            Event::Import { node, start } => self.import(node, start),
            Event::Wake { node, start } => self.wake(node, start),
            Event::Connect { a, b } => self.connect(a, b),
            Event::Stop { node } => self.stop(node),
            Event::Restart { node } => self.restart(node),
        }
    }

    fn is_running(&self, node: usize, start: u64) -> bool {
        self.nodes.get(node).is_some_and(|node| node.is_up && node.start == start)
    }

    /// The time by a node's clock.
    fn clock_ms(&self, node: usize) -> u64 {
        let skew_ms = self.nodes.get(node).map_or(0, |node| node.skew_ms);
        (BEGINNING_MS + self.now_ms).saturating_add_signed(skew_ms)
    }

    fn import(&mut self, node: usize, start: u64) {
        if !self.is_running(node, start) {
            return;
        }
        let Some(state) = self.nodes.get_mut(node) else { return };
        let Some(block) = state.importing.pop_front() else { return };
        let outcome = state.import(&block);
        if outcome == ImportOutcome::Imported
            && let Some(born_ms) = self.born_ms.get(&block.hash())
        {
            let way_ms = self.now_ms.saturating_sub(*born_ms);
            *self.report.ways_ms.entry(way_ms).or_default() += 1;
        }
        self.note_changes(node);
        self.input(node, Input::Imported { hash: block.hash(), outcome });
        self.advance_votes(node);
    }

    /// Counts how deep the selected chain was changed.
    fn note_changes(&mut self, node: usize) {
        let is_honest = self.scenario.is_honest(node);
        let Some(state) = self.nodes.get_mut(node) else { return };
        let changes = state.chain.write().take_changes();
        state.follow_chain(&changes);
        let depths = changes.into_iter().map(|change| change.removed.len());
        for depth in depths.filter(|depth| is_honest && *depth > 0) {
            *self.report.reorgs.entry(depth).or_default() += 1;
        }
    }

    /// Opens a connection, now or when it is possible again.
    fn connect(&mut self, a: usize, b: usize) {
        let is_open = self.connections.values().any(|ends| *ends == (a, b));
        if is_open || self.network.is_banned(a, b) {
            return;
        }
        let are_up = [a, b].iter().all(|node| self.nodes.get(*node).is_some_and(|n| n.is_up));
        if !are_up || !self.scenario.is_reachable(a, b, self.now_ms) {
            return self.after(RECONNECT_MS, Event::Connect { a, b });
        }
        self.next += 1;
        let connection = self.next;
        self.connections.insert(connection, (a, b));
        for (node, other) in [(a, b), (b, a)] {
            if let Some(state) = self.nodes.get_mut(node) {
                state.connections.insert(connection, other);
            }
            self.input(node, Input::Connected(PeerId(connection)));
        }
    }

    /// One end is gone: the other learns it a little later, and it is tried anew.
    fn close(&mut self, connection: u64, by: usize) {
        let Some((a, b)) = self.connections.remove(&connection) else { return };
        if let Some(state) = self.nodes.get_mut(by) {
            state.connections.remove(&connection);
            state.finality.on_disconnected(&votes::peer(connection));
        }
        let to = if by == a { b } else { a };
        self.after(
            self.scenario.latency_ms,
            Event::Arrived { connection, to, message: Message::Closed },
        );
        self.after(RECONNECT_MS, Event::Connect { a, b });
    }

    fn stop(&mut self, node: usize) {
        let open = self.connections.iter().filter(|(_, ends)| ends.0 == node || ends.1 == node);
        for connection in open.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.close(connection, node);
        }
        if let Some(state) = self.nodes.get_mut(node) {
            state.stop();
        }
    }

    fn restart(&mut self, node: usize) {
        let sync = self.scenario.sync;
        let start = Start { seed: self.random.draw(), clock_ms: self.clock_ms(node) };
        let Some(state) = self.nodes.get_mut(node).filter(|state| !state.is_up) else { return };
        state.restart(sync, start);
        let start = state.start;
        self.after(0, Event::Tick { node, start });
        self.follow_votes(node);
    }

    fn send(&mut self, connection: u64, from: usize, message: Message) {
        let Some((a, b)) = self.connections.get(&connection).copied() else { return };
        let to = if from == a { b } else { a };
        let bytes = match &message {
            Message::Gossip(_, packet) | Message::Vote(packet) => packet.bytes.len(),
            Message::Request(_, bytes) | Message::Response(_, bytes) => bytes.len(),
            Message::Closed => 0,
        };
        let now_ms = self.now_ms;
        if let Some(at_ms) = self.network.send(&self.scenario, from, to, bytes, now_ms) {
            self.at(at_ms, Event::Arrived { connection, to, message });
        }
    }

    /// A block leaves its author.
    fn import_own(&mut self, node: usize, block: &DagBlock) {
        if let Some(state) = self.nodes.get_mut(node) {
            state.import(block);
        }
        self.note_changes(node);
        self.advance_votes(node);
    }
}
