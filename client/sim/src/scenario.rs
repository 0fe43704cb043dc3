//! What happens in a run, all of it from a seed.

use citrate_core::{Weight, sr25519};
use citrate_dag::ghostdag::{DagRules, KError};
use citrate_dag_types::{Authority, DagConfiguration, Election};
use citrate_sync::SyncConfig;
use citrate_sync::testing::TestRules;

use crate::transactions::ERA;
use citrate_dag::testing::Random;

/// How long nodes have at least to come to rest.
const QUIET_MS: u64 = 240_000;
/// How much longer than its expected time an era takes at most: authors are down or lie, and slots are drawn.
const ERAS_MAX: u64 = 4;

/// How a node behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// As it should.
    Honest,
    /// Makes several blocks of each slot that it wins, and shows different ones to different peers.
    Equivocator,
    /// Keeps its blocks to itself for some slots, then shows them all.
    Withholder,
    /// Sends blocks with payloads that are too large or not the header's, and bytes that are nothing.
    Spammer,
    /// Claims wrong states.
    WrongState,
    /// Lies to those who sync from it.
    LyingServer,
    /// Extends a DAG of its own blocks alone, several of each slot, and shows it once it is long.
    PrivateDag,
    /// Votes for two blocks at a time on what is final, and shows different votes to different peers.
    DoubleVoter,
}

/// All roles but the honest one.
pub const BYZANTINE: [Role; 7] = [
    Role::Equivocator,
    Role::Withholder,
    Role::Spammer,
    Role::WrongState,
    Role::LyingServer,
    Role::PrivateDag,
    Role::DoubleVoter,
];

/// A time in which some nodes reach no others.
#[derive(Clone, Debug)]
pub struct Partition {
    /// When it begins, in milliseconds of the run.
    pub from_ms: u64,
    /// When it ends.
    pub to_ms: u64,
    /// The nodes on one side.
    pub side: Vec<usize>,
}

/// A time in which a node is down.
#[derive(Clone, Copy, Debug)]
pub struct Crash {
    /// The node.
    pub node: usize,
    /// When it stops, in milliseconds of the run.
    pub from_ms: u64,
    /// When it starts again, with what it had imported.
    pub to_ms: u64,
}

/// A large network of honest nodes.
#[derive(Clone, Copy, Debug)]
pub struct NetworkParameters {
    /// Everything that is left to chance.
    pub seed: u64,
    /// How many nodes; all are authors.
    pub nodes: usize,
    /// How many of them vote on what is final.
    pub voters: usize,
    /// Blocks in a second.
    pub rate: u64,
    /// How long a slot is, in milliseconds.
    pub slot_ms: u64,
    /// How long blocks are made, in seconds.
    pub seconds: u64,
    /// Least time that a message takes from one node to the next, in milliseconds.
    pub latency_ms: u64,
    /// What comes on top at most.
    pub jitter_ms: u64,
    /// Bytes that a node sends in a millisecond.
    pub bandwidth: u64,
    /// Peers of each node besides its neighbours in the ring.
    pub links: usize,
    /// Transactions submitted in a second.
    pub transactions: u64,
    /// Transactions in a payload.
    pub payload: usize,
    /// The bound on a block's way that `k` is made for, in milliseconds.
    pub delay_bound_ms: u32,
    /// `k`, if not the one that follows.
    pub k: Option<u16>,
}

/// What happens in a run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Everything that is left to chance.
    pub seed: u64,
    /// What all nodes agree on.
    pub rules: TestRules,
    /// Limits of the nodes' machines.
    pub sync: SyncConfig,
    /// The nodes; node `i` is author `i`.
    pub roles: Vec<Role>,
    /// Clocks' differences from the true time, in milliseconds.
    pub skews_ms: Vec<i64>,
    /// How many of the nodes vote on what is final, the first ones.
    pub voters: usize,
    /// Peers of each node besides its neighbours in the ring of honest nodes.
    pub extra_links: usize,
    /// Least time that a message takes, in milliseconds.
    pub latency_ms: u64,
    /// What comes on top at most, differently for each message.
    pub jitter_ms: u64,
    /// Bytes that a node sends in a millisecond.
    pub bandwidth: u64,
    /// How many of a thousand messages are lost.
    pub loss_permille: u64,
    /// How long transactions are submitted, in milliseconds; until they are settled, blocks are made.
    pub active_ms: u64,
    /// Once nothing goes wrong any more, blocks are made in one of so many slots: what was too much for
    /// the network must not be so for ever.
    pub calm_slots: u64,
    /// LIMIT: how long the nodes have after that until senders know what became of their transactions, and as
    /// long again to agree.
    pub quiet_max_ms: u64,
    /// Transactions submitted in a second.
    pub transactions_per_s: u64,
    /// Transactions in a payload.
    pub payload_max: usize,
    /// Partitions.
    pub partitions: Vec<Partition>,
    /// Crashes.
    pub crashes: Vec<Crash>,
}

impl Scenario {
    /// A small network in which some things go wrong, as the seed says.
    pub fn random(seed: u64) -> Self {
        let mut random = Random(seed);
        let count = random.within(4, 8);
        let size = usize::try_from(count).unwrap_or(4);
        // Fewer than a third lie.
        let mut roles = vec![Role::Honest; size];
        for role in roles.iter_mut().take(random.below(size.div_ceil(3))) {
            *role = BYZANTINE[random.below(BYZANTINE.len())];
        }
        let slot_ms = random.within(200, 800);
        let calm_slots = 2;
        let active_ms = random.within(10_000, 25_000);
        let skew = random.within(0, 1) * 300;
        let skews_ms = (0..size).map(|_| signed(random.within(0, 2 * skew), skew)).collect();
        let mut partitions = Vec::new();
        if random.permille(300) {
            let from_ms = random.within(0, active_ms - 1);
            let to_ms = from_ms + random.within(1_000, 12_000);
            let side = (0..size).filter(|_| random.permille(500)).collect();
            partitions.push(Partition { from_ms, to_ms, side });
        }
        let crash = |random: &mut Random| {
            let from_ms = random.within(0, active_ms - 1);
            let to_ms = from_ms + random.within(500, 15_000);
            Crash { node: random.below(size), from_ms, to_ms }
        };
        let crashes = (0..random.within(0, 2)).map(|_| crash(&mut random)).collect();
        let winners_permille = random.within(300, 3_000);
        // What there was no room for is said to be invalid once a final block is past its era.
        let block_ms = calm_slots * slot_ms * 1_000 / winners_permille;
        let era_ms = block_ms * u64::from(ERA);
        Self {
            seed,
            rules: rules(seed, count, slot_ms, winners_permille),
            sync: sync(&mut random),
            roles,
            skews_ms,
            voters: size,
            extra_links: random.below(3),
            latency_ms: random.within(5, 150),
            jitter_ms: random.within(0, 200),
            bandwidth: random.within(50, 2_000),
            loss_permille: [0, 0, 20, 100][random.below(4)],
            active_ms,
            calm_slots,
            quiet_max_ms: (ERAS_MAX * era_ms).max(QUIET_MS),
            transactions_per_s: random.within(1, 60),
            payload_max: random.below(40) + 1,
            partitions,
            crashes,
        }
    }

    /// A large network of honest nodes in which nothing goes wrong.
    ///
    /// # Errors
    /// So many blocks in such a time need a greater `k` than there is.
    pub fn network(parameters: &NetworkParameters) -> Result<Self, KError> {
        let NetworkParameters { seed, nodes, rate, slot_ms, .. } = *parameters;
        let authors = u32::try_from(nodes).unwrap_or(u32::MAX);
        let rate_millionths = u32::try_from(rate * slot_ms * 1_000).unwrap_or(u32::MAX);
        let election = Election::Lottery { rate_millionths };
        let configuration = DagConfiguration {
            slot_duration_ms: slot_ms,
            epoch_length: u64::MAX,
            election,
            authorities: vec![Authority { key: sr25519::Public([0; 32]), weight: 1 }; nodes],
            randomness: [0; 32],
            payload_bytes_max: u32::MAX,
            payload_weight_max: Weight::MAX,
            mergeset_max: 512,
            delay_bound_ms: parameters.delay_bound_ms,
        };
        let mut dag = DagRules::of(&configuration)?;
        dag.k = parameters.k.unwrap_or(dag.k);
        Ok(Self {
            seed,
            rules: TestRules { dag, authors, election, seed, slot_ms },
            sync: SyncConfig::default(),
            roles: vec![Role::Honest; nodes],
            skews_ms: vec![0; nodes],
            voters: parameters.voters.min(nodes),
            extra_links: parameters.links,
            latency_ms: parameters.latency_ms,
            jitter_ms: parameters.jitter_ms,
            bandwidth: parameters.bandwidth,
            loss_permille: 0,
            active_ms: parameters.seconds * 1_000,
            calm_slots: 1,
            quiet_max_ms: QUIET_MS,
            transactions_per_s: parameters.transactions,
            payload_max: parameters.payload,
            partitions: Vec::new(),
            crashes: Vec::new(),
        })
    }

    /// Whether a node behaves.
    pub fn is_honest(&self, node: usize) -> bool {
        self.roles.get(node) == Some(&Role::Honest)
    }

    /// Whether a message can get from one node to another at this time of the run.
    pub(crate) fn is_reachable(&self, a: usize, b: usize, at_ms: u64) -> bool {
        let parts = |p: &Partition| {
            let is_on = p.from_ms <= at_ms && at_ms < p.to_ms;
            is_on && p.side.contains(&a) != p.side.contains(&b)
        };
        !self.partitions.iter().any(parts)
    }

    /// When everything that goes wrong by itself is over.
    pub(crate) fn calm_ms(&self) -> u64 {
        let partitions = self.partitions.iter().map(|partition| partition.to_ms);
        let crashes = self.crashes.iter().map(|crash| crash.to_ms);
        partitions.chain(crashes).chain([self.active_ms]).max().unwrap_or(self.active_ms)
    }
}

fn signed(value: u64, minus: u64) -> i64 {
    i64::try_from(value).unwrap_or(0) - i64::try_from(minus).unwrap_or(0)
}

fn rules(seed: u64, authors: u64, slot_ms: u64, winners_permille: u64) -> TestRules {
    let dag = DagRules {
        k: 18,
        parents_max: 10,
        mergeset_max: 180,
        merge_depth: 100_000,
        pruning_depth: 1_000_000,
        merge_slots_max: None,
    };
    let rate = u32::try_from(winners_permille * 1_000).unwrap_or(1_000_000);
    let authors = u32::try_from(authors).unwrap_or(1);
    let election = Election::Lottery { rate_millionths: rate };
    TestRules { dag, authors, election, seed, slot_ms }
}

/// Limits that a small DAG reaches now and then.
fn sync(random: &mut Random) -> SyncConfig {
    let base = SyncConfig::default();
    if random.permille(500) {
        return base;
    }
    SyncConfig {
        far_blue_score: random.within(4, 20),
        chase_max: 3,
        headers_per_request: 16,
        bodies_per_request: 4,
        window_max: 64,
        window_bytes_max: 1_024,
        imports_max: 2,
        requests_per_peer_max: 2,
        ..base
    }
}
