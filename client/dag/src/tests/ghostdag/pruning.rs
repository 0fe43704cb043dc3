use citrate_core::{H256, U256};
use codec::{DecodeAll, Encode};

use super::{chain, dag, hash, hashes, insert, unlimited};
use crate::ghostdag::{
    Claims, Dag, DagError, DagRules, Marks, NewBlock, Producer, PruneError, RestoreError, Status,
    Step, StoredBlock, Verdict,
};
use crate::testing::{Random, for_seeds};

fn settle(dag: &mut Dag) {
    loop {
        match dag.next_step() {
            Step::Execute(block) => dag.report(&block, Verdict::Matches).unwrap(),
            Step::Moved(_) => {}
            Step::Idle => break,
            Step::FinalisedFails(block) => panic!("{block:?}"),
        }
    }
}

#[test]
fn only_a_deep_final_block_of_the_chain_is_pruned_to() {
    let mut dag = dag(DagRules { pruning_depth: 5, ..unlimited(10) });
    chain(&mut dag, 0, 1..11);
    insert(&mut dag, 20, &[2]).unwrap();
    insert(&mut dag, 21, &[7]).unwrap();
    insert(&mut dag, 22, &[9, 21]).unwrap();
    insert(&mut dag, 11, &[10]).unwrap();
    for number in (1..11).chain([20, 21, 22, 11]) {
        dag.add_payload(&hash(number));
    }
    settle(&mut dag);
    assert_eq!(dag.prune(&hash(3)), Err(PruneError::NotFinal(hash(3))));
    dag.finalise(&hash(8)).unwrap();
    assert_eq!(dag.prune(&hash(9)), Err(PruneError::NotFinal(hash(9))));
    assert_eq!(dag.prune(&hash(20)), Err(PruneError::NotFinal(hash(20))));
    assert_eq!(dag.prune(&hash(99)), Err(PruneError::NotFinal(hash(99))));
    assert_eq!(dag.prune(&hash(7)), Err(PruneError::NotDeep { depth: 4, needed: 5 }));
    // Block 20 is beside the chain, and the sink has not merged it.
    let mut gone = dag.prune(&hash(6)).unwrap();
    gone.sort_unstable();
    let mut expected = hashes(&[0, 1, 2, 3, 4, 5, 20]);
    expected.sort_unstable();
    assert_eq!(gone, expected);
    assert_eq!(dag.len(), 8);
    assert_eq!(dag.pruning_point(), hash(6));
    assert_eq!(dag.chain_block(5), None);
    assert_eq!(dag.chain_block(6), Some(hash(6)));
    assert_eq!(dag.tips().len(), 2);
    assert_eq!(dag.block(&hash(6)).unwrap().parents, []);
    dag.reachability().validate().unwrap();
    assert_eq!(insert(&mut dag, 30, &[5]), Err(DagError::UnknownParent(hash(5))));
    insert(&mut dag, 31, &[11, 22]).unwrap();
    assert_eq!(dag.block(&hash(31)).unwrap().blue_score, 14);
}

/// A network in small: each block sees what is older than some delay, and the ends of what it sees
/// are its parents. Now and then an author repeats an election or withholds his block.
#[derive(Default)]
struct Network {
    /// Blocks so far, refused ones included.
    count: usize,
    /// Those that were accepted, with the slot from which they are seen.
    made: Vec<(NewBlock, usize)>,
}

impl Network {
    fn next(&mut self, random: &mut Random) -> NewBlock {
        self.count += 1;
        let slot = self.slot();
        let recent = self.made.iter().rev().take(36);
        let sees: Vec<&NewBlock> =
            recent.filter(|(_, from)| *from < slot).map(|(block, _)| block).collect();
        let named: Vec<H256> = sees.iter().flat_map(|block| block.parents.clone()).collect();
        let mut parents: Vec<H256> = sees.iter().map(|block| block.hash).collect();
        parents.retain(|parent| !named.contains(parent));
        if parents.is_empty() {
            parents.push(hash(0));
        }
        let authors = if random.one_in(50) { 3 } else { 200 };
        let author = u8::try_from(random.below(authors)).unwrap();
        let producer = Some(Producer { slot: slot as u64, author: [author; 32] });
        let (hash, weight, claims) = (hash(self.count), U256::one(), Claims::default());
        let tie_break = super::hash(random.below(1 << 30)).0;
        NewBlock { hash, parents, tie_break, weight, producer, claims }
    }

    /// The same block with the newest of its parents only, which merges nothing.
    fn humbler(&mut self, block: &NewBlock) -> NewBlock {
        self.count += 1;
        let parents = block.parents[..1].to_vec();
        NewBlock { hash: hash(self.count), parents, ..block.clone() }
    }

    fn accept(&mut self, random: &mut Random, block: NewBlock) {
        let delay = if random.one_in(40) { 6 } else { random.below(2) };
        self.made.push((block, self.slot() + delay));
    }

    fn slot(&self) -> usize {
        self.made.len() / 3 + 1
    }
}

/// The same DAG after a restart.
fn restarted(dag: &Dag) -> Dag {
    let stored: Vec<StoredBlock> = dag.all_stored().collect();
    let bytes = (&stored, dag.marks()).encode();
    let (read, marks) = <(Vec<StoredBlock>, Marks)>::decode_all(&mut bytes.as_slice()).unwrap();
    let restored = Dag::restore(*dag.rules(), read, marks).unwrap();
    restored.reachability().validate().unwrap();
    assert!(restored.all_stored().eq(stored));
    assert_eq!(restored.marks(), dag.marks());
    assert_eq!(restored.tips(), dag.tips());
    assert_eq!(restored.best_header(), dag.best_header());
    for a in dag.tips() {
        for b in stored_hashes(dag) {
            assert_eq!(restored.is_ancestor(&b, &a), dag.is_ancestor(&b, &a));
            assert_eq!(restored.is_chain_ancestor(&b, &a), dag.is_chain_ancestor(&b, &a));
        }
    }
    restored
}

fn stored_hashes(dag: &Dag) -> Vec<H256> {
    dag.all_stored().map(|block| block.hash).collect()
}

#[test]
fn a_disk_that_contradicts_itself_is_corrupted() {
    let mut dag = dag(unlimited(3));
    chain(&mut dag, 0, 1..5);
    for number in 1..5 {
        dag.add_payload(&hash(number));
    }
    settle(&mut dag);
    dag.finalise(&hash(2)).unwrap();
    let restore = |blocks: Vec<StoredBlock>, marks| {
        Dag::restore(unlimited(3), blocks, marks).map(|dag| dag.len())
    };
    let (blocks, marks): (Vec<StoredBlock>, Marks) = (dag.all_stored().collect(), dag.marks());
    assert_eq!(restore(blocks.clone(), marks), Ok(5));
    assert_eq!(dag.stored(&hash(3)), Some(blocks[3].clone()));
    let sink = RestoreError::Missing(hash(4));
    assert_eq!(restore(blocks[..4].to_vec(), marks), Err(sink));
    let mut twice = blocks.clone();
    twice.push(blocks[1].clone());
    assert_eq!(restore(twice, marks), Err(RestoreError::Twice(hash(1))));
    let mut swapped = blocks.clone();
    swapped.swap(2, 3);
    assert_eq!(restore(swapped, marks), Err(RestoreError::OutOfOrder(hash(2))));
    let mut unverified = blocks.clone();
    unverified[3].status = Status::Unverified;
    assert_eq!(restore(unverified, marks), Err(RestoreError::OffChain(hash(3))));
    let upside_down = Marks { pruning_point: marks.finalised, finalised: hash(1), ..marks };
    assert_eq!(restore(blocks, upside_down), Err(RestoreError::OffChain(hash(1))));
}

/// A DAG that is pruned all the time and restarts now and then says of new blocks what one says that knows everything, and stays
/// as small as its pruning depth demands.
#[test]
fn pruning_changes_nothing_for_new_blocks_and_bounds_memory() {
    for_seeds(6, |random| {
        let rules = DagRules {
            k: 3,
            parents_max: 16,
            mergeset_max: 30,
            merge_depth: 20,
            ..DagRules::derived(3, 20, 10, 0)
        };
        // What bounded merging needs, with the mergeset limit of this test.
        let rules = DagRules { pruning_depth: 10 + 40 + 4 * 30 * 3 + 8, ..rules };
        let (mut whole, mut pruned) = (dag(rules), dag(rules));
        let mut removed = 0;
        let mut largest = 0;
        let (mut reds, mut refused) = (0, 0);
        let mut network = Network::default();
        for _ in 0..2_400 {
            let mut new = network.next(random);
            let mut expected = whole.insert(&new);
            let mut got = pruned.insert(&new);
            if let Err(error) = expected {
                assert_eq!(got, Err(error));
                refused += 1;
                new = network.humbler(&new);
                (expected, got) = (whole.insert(&new), pruned.insert(&new));
            }
            network.accept(random, new.clone());
            assert_eq!(expected, Ok(()));
            assert_eq!(got, Ok(()));
            let (mut a, b) = (whole.block(&new.hash).unwrap(), pruned.block(&new.hash).unwrap());
            a.status = b.status;
            assert_eq!(a, b);
            reds += a.reds.len();
            pruned.add_payload(&new.hash);
            settle(&mut pruned);
            if let Some(deep) = pruned.chain_block_at_depth(30) {
                pruned.finalise(&deep).unwrap();
            }
            if let Some(point) = pruned.chain_block_at_depth(rules.pruning_depth)
                && point != pruned.pruning_point()
            {
                removed += pruned.prune(&point).unwrap().len();
            }
            largest = largest.max(pruned.len());
            if random.one_in(150) {
                pruned = restarted(&pruned);
            }
            let places = pruned.reachability().places();
            assert!(places < 1_500, "{places} places for {} blocks", pruned.len());
        }
        pruned.reachability().validate().unwrap();
        assert!(removed > 800, "{removed} removed, {refused} refused");
        assert!(largest < 1_300, "{largest} blocks at once");
        assert!(reds > 50, "{reds} reds");
        assert!(refused < 1_000, "{refused} refused");
        for block in pruned.tips() {
            assert!(whole.contains(&block));
        }
    });
}
