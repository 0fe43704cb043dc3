//! What it would change if only some of the lottery's winners, *key blocks*, could be selected parents (`docs/adr/004`).
//!
//! Honest authors, and each block on its own way to each node: 20 to 180 % of the delay, after its parents. No pools, votes or bandwidth. The
//! rule changes what a mergeset is (it may hold blocks that build on the selected parent), so that the DAG's core cannot be asked: colouring is
//! done here word by word over sets of blocks, in the order of slots and draws.

use std::collections::BTreeMap;

use citrate_dag::testing::{Bits, Random};
use citrate_sim::percentile;
use clap::Parser;

/// Simulates the rule of key blocks.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many nodes; all are authors.
    #[arg(long, default_value_t = 30)]
    nodes: usize,
    /// Blocks in a second, as the lottery has them.
    #[arg(long, default_value_t = 10)]
    rate: u64,
    /// Length of a slot, in milliseconds.
    #[arg(long, default_value_t = 500)]
    slot_ms: u64,
    /// A block's way to a node on average, in milliseconds.
    #[arg(long, default_value_t = 300)]
    delay_ms: u64,
    /// How many of a thousand blocks are key blocks.
    #[arg(long, default_value_t = 1_000)]
    key_permille: u64,
    /// Most blue blocks in a blue block's anticone.
    #[arg(long, default_value_t = 67)]
    k: usize,
    /// How long blocks are made, in seconds.
    #[arg(long, default_value_t = 90)]
    seconds: u64,
    /// How many runs.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
}

#[derive(Clone, Debug, Default)]
struct Block {
    slot: u64,
    made_ms: u64,
    draw: u64,
    is_key: bool,
    past: Bits,
    /// What key blocks have: the chain below, how many there are, and the colours.
    selected: usize,
    height: usize,
    work: usize,
    blue: Bits,
    mergeset: Vec<usize>,
    reds: usize,
}

/// All blocks; what is known of one follows from its past alone.
struct Blocks {
    all: Vec<Block>,
    k: usize,
}

impl Blocks {
    fn order(&self, block: usize) -> (usize, u64) {
        (self.all[block].work, self.all[block].draw)
    }

    /// The key block with most work among these.
    fn best(&self, blocks: impl Iterator<Item = usize>) -> usize {
        blocks
            .filter(|block| self.all[*block].is_key)
            .max_by_key(|block| self.order(*block))
            .unwrap_or(0)
    }

    fn anticone(&self, block: usize, of: &Bits) -> Vec<usize> {
        let unseen = of.without(&self.all[block].past);
        unseen.filter(|other| *other != block && !self.all[*other].past.contains(block)).collect()
    }

    /// Adds a block; if it is a key block, with its mergeset coloured.
    fn add(&mut self, mut block: Block) -> usize {
        block.selected = self.best(block.past.members());
        let selected = &self.all[block.selected];
        (block.height, block.work, block.blue) =
            (selected.height + 1, selected.work + 1, selected.blue.clone());
        if block.is_key {
            let mut seen = selected.past.clone();
            seen.insert(block.selected);
            block.blue.insert(block.selected);
            block.mergeset = block.past.without(&seen).collect();
            block.mergeset.sort_by_key(|other| (self.all[*other].slot, self.all[*other].draw));
            for candidate in &block.mergeset {
                let beside = self.anticone(*candidate, &block.blue);
                let has_room = |blue: &usize| self.anticone(*blue, &block.blue).len() < self.k;
                if beside.len() <= self.k && beside.iter().all(has_room) {
                    block.blue.insert(*candidate);
                    block.work += 1;
                } else {
                    block.reds += 1;
                }
            }
        }
        self.all.push(block);
        self.all.len() - 1
    }

    /// What a block of a slot names as parents stands for: everything known that is older.
    fn past(&self, known: &Bits, slot: u64) -> Bits {
        let mut past = Bits::default();
        for block in known.members().filter(|block| self.all[*block].slot < slot) {
            past.insert(block);
            past.extend(&self.all[block].past);
        }
        past
    }

    /// The key blocks of one chain that another does not have, newest first, and the other way round.
    fn difference(&self, mut old: usize, mut new: usize) -> (Vec<usize>, Vec<usize>) {
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        while old != new {
            if self.all[old].height >= self.all[new].height {
                removed.push(old);
                old = self.all[old].selected;
            } else {
                added.push(new);
                new = self.all[new].selected;
            }
        }
        (removed, added)
    }
}

/// What was seen, of all nodes and runs. Times are in milliseconds.
#[derive(Debug, Default)]
struct Seen {
    blocks: usize,
    heights: usize,
    reds: usize,
    merged_most: usize,
    /// Depths of reorganisations.
    depths: BTreeMap<usize, usize>,
    /// The age of the oldest block that a reorganisation removed.
    ages_ms: BTreeMap<u64, usize>,
    /// From a block's making until a chain block merges it at a node, for the first time and for good.
    merged_ms: BTreeMap<u64, usize>,
    settled_ms: BTreeMap<u64, usize>,
}

struct Node {
    known: Bits,
    best: usize,
    /// When a chain block first merged a block, and when that changed last.
    merged: BTreeMap<usize, (u64, u64)>,
}

impl Node {
    fn learn(&mut self, block: usize, now_ms: u64, blocks: &Blocks, seen: &mut Seen) {
        self.known.insert(block);
        if !blocks.all[block].is_key || blocks.order(block) <= blocks.order(self.best) {
            return;
        }
        let (removed, added) = blocks.difference(self.best, block);
        self.best = block;
        if let Some(oldest) = removed.last() {
            *seen.depths.entry(removed.len()).or_default() += 1;
            let age_ms = now_ms.saturating_sub(blocks.all[*oldest].made_ms);
            *seen.ages_ms.entry(age_ms).or_default() += 1;
        }
        // A mergeset, and the selected parent: its own payload is executed by whoever selects it.
        for key in added {
            for merged in blocks.all[key].mergeset.iter().chain([&blocks.all[key].selected]) {
                self.merged.entry(*merged).or_insert((now_ms, now_ms)).1 = now_ms;
            }
        }
    }
}

fn run(arguments: &Arguments, seed: u64, seen: &mut Seen) {
    let Arguments { nodes: count, rate, slot_ms, delay_ms, seconds, .. } = *arguments;
    let mut random = Random(seed);
    let mut blocks =
        Blocks { all: vec![Block { is_key: true, ..Block::default() }], k: arguments.k };
    let start = || {
        let mut known = Bits::default();
        known.insert(0);
        Node { known, best: 0, merged: BTreeMap::new() }
    };
    let mut nodes: Vec<Node> = (0..count).map(|_| start()).collect();
    // When a block is made or arrives: at `(time, tie)` at a node.
    let mut queue: BTreeMap<(u64, u64), (usize, usize)> = BTreeMap::new();
    let mut arrivals: Vec<Vec<u64>> = vec![vec![0; count]];
    for slot in 1..=seconds * 1_000 / slot_ms {
        for author in 0..count {
            // Winning is Poisson's: `1 - exp(-x)`, of a small x.
            let chance = rate as f64 * slot_ms as f64 / 1_000.0 / count as f64;
            let draw = random.draw();
            if draw as f64 / u64::MAX as f64 >= 1.0 - (-chance).exp() {
                continue;
            }
            let made_ms = slot * slot_ms + random.within(0, 19);
            while let Some(entry) = queue.first_entry().filter(|entry| entry.key().0 <= made_ms) {
                let ((now_ms, _), (node, block)) = (*entry.key(), entry.remove());
                nodes[node].learn(block, now_ms, &blocks, seen);
            }
            let past = blocks.past(&nodes[author].known, slot);
            let is_key = random.permille(arguments.key_permille);
            // A block waits for its parents wherever it comes.
            let mut ways_ms = vec![made_ms; count];
            for (node, at_ms) in ways_ms.iter_mut().enumerate().filter(|(node, _)| *node != author)
            {
                *at_ms += random.within(delay_ms / 5, delay_ms * 9 / 5);
                let parents = past.members().map(|parent| arrivals[parent][node]);
                *at_ms = parents.fold(*at_ms, u64::max);
            }
            arrivals.push(ways_ms);
            let block = blocks.add(Block {
                slot,
                made_ms,
                draw: random.draw(),
                is_key,
                past,
                ..Block::default()
            });
            for (node, at_ms) in arrivals[block].iter().enumerate() {
                queue.insert((*at_ms, (block * count + node) as u64), (node, block));
            }
        }
    }
    for ((now_ms, _), (node, block)) in queue {
        nodes[node].learn(block, now_ms, &blocks, seen);
    }
    let mut at = nodes[0].best;
    seen.blocks += blocks.all.len() - 1;
    seen.heights += blocks.all[at].height;
    while at != 0 {
        seen.reds += blocks.all[at].reds;
        seen.merged_most = seen.merged_most.max(blocks.all[at].mergeset.len() + 1);
        at = blocks.all[at].selected;
    }
    for (block, (first_ms, last_ms)) in
        nodes.iter().flat_map(|node| &node.merged).filter(|(block, _)| **block > 0)
    {
        let made_ms = blocks.all[*block].made_ms;
        *seen.merged_ms.entry(first_ms.saturating_sub(made_ms)).or_default() += 1;
        *seen.settled_ms.entry(last_ms.saturating_sub(made_ms)).or_default() += 1;
    }
}

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn main() {
    let arguments = Arguments::parse();
    let mut seen = Seen::default();
    (0..arguments.seeds).for_each(|seed| run(&arguments, seed, &mut seen));
    let seconds = (arguments.seconds * arguments.seeds) as f64;
    let reorgs: usize = seen.depths.values().sum();
    let most = seen.depths.keys().next_back().copied().unwrap_or_default();
    let of = |times: &BTreeMap<u64, usize>, part| percentile(times, part) as f64 / 1_000.0;
    println!(
        "blocks {:.1}/s, heights {:.2}/s, at most {} merged, {:.1} per mille red; reorgs {:.2}/s and node, depth {} / {} / {most}, oldest removed {:.1} / {:.1} s; \
         merged after {:.1} / {:.1} s, for good {:.1} / {:.1} s",
        seen.blocks as f64 / seconds,
        seen.heights as f64 / seconds,
        seen.merged_most,
        seen.reds as f64 * 1_000.0 / seen.blocks as f64,
        reorgs as f64 / seconds / arguments.nodes as f64,
        percentile(&seen.depths, 50),
        percentile(&seen.depths, 99),
        of(&seen.ages_ms, 50),
        of(&seen.ages_ms, 99),
        of(&seen.merged_ms, 50),
        of(&seen.merged_ms, 99),
        of(&seen.settled_ms, 50),
        of(&seen.settled_ms, 99),
    );
}
