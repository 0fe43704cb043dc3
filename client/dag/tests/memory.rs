//! What a block of the DAG takes in memory, counted by the allocator, and that pruning gives it back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use citrate_core::{H256, U256};
use citrate_dag::ghostdag::{Claims, Dag, DagRules, NewBlock, Producer, Root, Step, Verdict};

/// What was allocated and not freed.
static LIVE: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[expect(unsafe_code, reason = "an allocator is unsafe to write")]
// SAFETY: the system's allocator does everything; only a number is kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Blocks side by side.
const WIDTH: usize = 5;
/// What a block may take on average, in bytes, when the lists that grow by doubling have just done so.
const BLOCK_BYTES_MAX: usize = 1_280;
/// How far below the sink blocks are final here, in blue score.
const FINAL_DEPTH: u64 = 40;
const PRUNE_EVERY: u64 = 256;
const BLOCKS: usize = 50_000;

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn hash(block: usize) -> H256 {
    let mut state = block as u64;
    let words: Vec<u8> = (0..4).flat_map(|_| next(&mut state).to_le_bytes()).collect();
    H256::from_slice(&words)
}

/// A DAG of blocks that name all tips but those among the last few.
struct Grower {
    dag: Dag,
    random: u64,
    /// Who named a block first.
    first_child: Vec<usize>,
}

impl Grower {
    fn new(rules: DagRules) -> Self {
        let dag = Dag::new(Root::genesis(hash(0), U256::one()), rules);
        Self { dag, random: 1, first_child: vec![usize::MAX] }
    }

    fn grow(&mut self) {
        let block = self.first_child.len();
        let unseen =
            usize::try_from(next(&mut self.random) % (2 * WIDTH as u64 - 1)).expect("small");
        let seen = block.saturating_sub(unseen).max(1);
        let nearest = seen.saturating_sub(32 * WIDTH)..seen;
        let named: Vec<usize> = nearest.filter(|at| self.first_child[*at] >= seen).collect();
        for parent in &named {
            self.first_child[*parent] = self.first_child[*parent].min(block);
        }
        self.first_child.push(usize::MAX);
        let author = [u8::try_from(block % 8).expect("below 8"); 32];
        let new = NewBlock {
            hash: hash(block),
            parents: named.into_iter().map(hash).collect(),
            tie_break: hash(block).0,
            weight: U256::one(),
            producer: Some(Producer { slot: block as u64, author }),
            claims: Claims::default(),
        };
        self.dag.insert(&new).expect("it breaks no rule");
        assert!(self.dag.add_payload(&new.hash));
        loop {
            match self.dag.next_step() {
                Step::Execute(hash) => {
                    self.dag.report(&hash, Verdict::Matches).expect("it was asked for");
                }
                Step::Moved(_) => {}
                Step::Idle => break,
                Step::FinalisedFails(hash) => unreachable!("all are valid: {hash:?}"),
            }
        }
    }

    /// As the node does: what is deep is final, and what is deeper is forgotten.
    fn prune(&mut self) {
        let Some(last) = self.dag.chain_block_at_depth(FINAL_DEPTH) else { return };
        self.dag.finalise(&last).expect("it is on the selected chain");
        let Some(point) = self.dag.chain_block_at_depth(self.dag.rules().pruning_depth) else {
            return;
        };
        let score = |hash: H256| self.dag.block(&hash).expect("not pruned").blue_score;
        if score(point) >= score(self.dag.pruning_point()) + PRUNE_EVERY {
            self.dag.prune(&point).expect("it is final and deep");
        }
    }
}

#[test]
fn memory_is_bounded_by_the_blocks_above_the_pruning_point() {
    let rules = DagRules { parents_max: 64, ..DagRules::derived(18, 480, 0, 0) };
    let mut first_child = Vec::with_capacity(BLOCKS + 1);
    first_child.push(usize::MAX);
    let before = LIVE.load(Ordering::Relaxed);
    let mut grower = Grower { first_child, ..Grower::new(rules) };
    let mut worst = 0;
    let mut most = 0;
    for block in 1..BLOCKS {
        grower.grow();
        grower.prune();
        let (live, blocks) =
            (LIVE.load(Ordering::Relaxed).saturating_sub(before), grower.dag.len());
        most = most.max(blocks);
        if block > 1_000 {
            worst = worst.max(live / blocks);
            assert!(
                live < blocks * BLOCK_BYTES_MAX,
                "{live} bytes for {blocks} blocks after {block}"
            );
        }
    }
    // Blocks and not only blue ones are counted, and pruning waits for some.
    let bound = usize::try_from(rules.pruning_depth + 2 * PRUNE_EVERY).unwrap();
    assert!(most < bound, "{most} blocks were in memory at once; {bound} are expected at most");
    assert!(most > BLOCKS / 4 && grower.dag.len() < BLOCKS / 2, "it was pruned");
    assert!(worst > 200, "{worst} bytes for a block: something is not counted");
}
