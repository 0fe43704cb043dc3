//! Several authors: blocks beside each other, merged and executed by later ones.

use std::sync::Arc;

use citrate_core::H256;
use citrate_dag::HeaderError;
use citrate_dag::ghostdag::{DagError, Status};
use citrate_dag_types::{Colour, DagBlock, DagDigest, Merged, MergedBlock, Slot, split_seal};
use citrate_db::{DbConfig, TxStatus};
use proptest::prelude::*;

use super::{NOW_MS, status};
use crate::testing::{TestCall, balance, block_by, configuration, open_of, seal_by, transfer};
use crate::{BlockStatus, BuildError, Chain, ImportError, Mismatch};

fn chain(authors: u8) -> Arc<Chain> {
    open_of(authors, &DbConfig::in_memory()).unwrap()
}

fn take(chain: &Chain, block: &DagBlock) -> BlockStatus {
    chain.import_at(block.clone(), NOW_MS).unwrap().status
}

/// What a block merged, and what of it was executed.
fn merged(chain: &Chain, block: &H256) -> Vec<(H256, bool)> {
    let merged = chain.db().merged(block).unwrap().unwrap();
    merged.iter().map(|block| (block.hash, block.is_executed)).collect()
}

#[test]
fn blocks_of_one_slot_are_merged_and_all_their_payloads_executed() {
    let chain = chain(3);
    let genesis = chain.genesis_hash();
    let (first, second) = (transfer(0, 3, 0, 10), transfer(1, 3, 0, 20));
    let both = transfer(2, 3, 0, 30);
    let payloads = [vec![first.clone(), both.clone()], vec![both.clone(), second.clone()]];
    let blocks: Vec<DagBlock> = (0..)
        .zip(payloads)
        .map(|(author, payload)| block_by(author, &chain, vec![genesis], 10, payload).unwrap())
        .collect();
    let hashes: Vec<H256> = blocks.iter().map(DagBlock::hash).collect();
    for block in &blocks {
        take(&chain, block);
        assert_eq!(chain.best().number, 1);
    }
    assert_eq!(status(&chain, &second), Some(TxStatus::Pending));
    let best = chain.best().hash;
    let other = *hashes.iter().find(|hash| **hash != best).unwrap();
    let place = chain.place_for(Slot(11), &crate::testing::author_of(2).public()).unwrap().unwrap();
    assert_eq!((place.parents, place.merges), (vec![best, other], vec![best, other]));
    // Whoever names them in another order gets the same selected parent.
    let merger = block_by(2, &chain, vec![other, best], 11, vec![]).unwrap();
    assert_eq!(merger.header.parent_hash, best);
    let digest = DagDigest::from_header(&merger.header).unwrap();
    assert_eq!((digest.other_parents, digest.blue_score), (vec![other], 3));
    let author = u32::from(other == hashes[1]);
    let pre_output = chain.digest(&other).unwrap().vrf.pre_output;
    let listed = MergedBlock { author, slot: Slot(10), colour: Colour::Blue, pre_output };
    assert_eq!(digest.merged, Merged::List(vec![listed]));
    assert_eq!(take(&chain, &merger), BlockStatus::Best);
    let merger = merger.hash();
    assert_eq!(balance(&chain, &merger, 3), 1_060);
    for transaction in [&first, &second, &both] {
        assert_eq!(status(&chain, transaction), Some(TxStatus::Accepted));
    }
    let transactions = chain.block_transactions(&merger).unwrap().unwrap();
    assert_eq!(transactions.accepted.len(), 3, "what came twice is executed once");
    let carrier = |tx: &citrate_core::OpaqueExtrinsic| {
        let found = transactions.accepted.iter().find(|accepted| accepted.hash == tx.hash());
        found.unwrap().payload_block
    };
    assert_eq!((carrier(&first), carrier(&second)), (hashes[0], hashes[1]));
    assert_eq!(carrier(&both), best, "the first in consensus order counts");
    assert_eq!(merged(&chain, &merger), [(best, true), (other, true)]);
}

#[test]
fn a_second_block_for_a_slot_is_not_executed() {
    let chain = chain(2);
    let genesis = chain.genesis_hash();
    let honest = transfer(0, 3, 0, 1);
    let pair = [transfer(1, 3, 0, 10), transfer(1, 2, 0, 20)];
    let first = block_by(0, &chain, vec![genesis], 10, vec![honest.clone()]).unwrap();
    let twice = pair.clone().map(|tx| block_by(1, &chain, vec![genesis], 10, vec![tx]).unwrap());
    take(&chain, &first);
    for block in &twice {
        take(&chain, block);
    }
    // Whichever way they came, also after a restart: it is in the DAG.
    assert_eq!(chain.equivocation(&first.hash()).unwrap(), None);
    let proof = chain.equivocation(&twice[1].hash()).unwrap().unwrap();
    assert_eq!((&proof.first, &proof.second), (&twice[0].header, &twice[1].header));
    assert_eq!(proof.claim(), Ok(Some((1, Slot(10)))));
    let parents = [&first, &twice[0], &twice[1]].map(DagBlock::hash).to_vec();
    let merger = block_by(0, &chain, parents, 11, vec![]).unwrap();
    assert_eq!(take(&chain, &merger), BlockStatus::Best);
    let repeated = chain.with_dag(|dag| dag.block(&merger.hash()).unwrap().repeated);
    assert_eq!(repeated.len(), 1);
    let merged = merged(&chain, &merger.hash());
    assert_eq!(merged.len(), 3);
    assert!(merged.contains(&(repeated[0].block, false)));
    assert!(merged.contains(&(repeated[0].first, true)));
    let counts = usize::from(repeated[0].first == twice[1].hash());
    assert_eq!(status(&chain, &pair[counts]), Some(TxStatus::Accepted));
    assert_eq!(status(&chain, &pair[1 - counts]), Some(TxStatus::Pending));
    assert_eq!(status(&chain, &honest), Some(TxStatus::Accepted));
    // Nobody makes a second block of a slot because the first one is not on the selected chain.
    let author = crate::testing::author_of(0).public();
    let place = |slot| chain.place_for(Slot(slot), &author).unwrap();
    assert!(place(12).is_some());
    let side = block_by(0, &chain, vec![genesis], 12, vec![]).unwrap();
    assert_eq!(take(&chain, &side), BlockStatus::Side);
    assert!(place(12).is_none());
    assert!(place(13).is_some());
}

#[test]
fn a_header_has_to_say_what_the_dag_gives() {
    let chain = chain(3);
    let genesis = chain.genesis_hash();
    let left = block_by(0, &chain, vec![genesis], 10, vec![]).unwrap();
    let right = block_by(1, &chain, vec![genesis], 10, vec![]).unwrap();
    take(&chain, &left);
    take(&chain, &right);
    let best = chain.best().hash;
    let other = if best == left.hash() { right.hash() } else { left.hash() };
    let good = block_by(2, &chain, vec![best, other], 11, vec![]).unwrap();
    let with = |change: &dyn Fn(&mut DagDigest, &mut H256)| {
        let (mut header, _) = split_seal(&good.header).unwrap();
        let mut digest = DagDigest::from_header(&header).unwrap();
        change(&mut digest, &mut header.parent_hash);
        header.digest.logs[0] = digest.to_item();
        chain.import_at(seal_by(2, header, vec![]), NOW_MS).unwrap_err()
    };
    let error = with(&|digest, _| digest.blue_score = 4);
    let score = DagError::BlueScore { expected: 3, got: 4 };
    assert!(matches!(error, ImportError::Dag(found) if found == score), "{error}");
    let error = with(&|digest, _| digest.merged = Merged::new(vec![]));
    assert!(matches!(error, ImportError::Header(HeaderError::Merged)), "{error}");
    assert!(error.is_invalid());
    let error = with(&|digest, parent| {
        digest.other_parents = vec![best];
        *parent = other;
    });
    assert!(matches!(error, ImportError::Dag(DagError::SelectedParent { .. })), "{error}");
    let error = with(&|digest, _| digest.other_parents.push(H256::repeat_byte(7)));
    assert!(matches!(error, ImportError::UnknownParent(_)), "{error}");
    assert!(!error.is_invalid(), "it may become valid");
    let error = with(&|digest, _| digest.other_parents.push(other));
    assert!(matches!(error, ImportError::Dag(DagError::RelatedParents(_))), "{error}");
    let error = with(&|digest, _| digest.other_parents.push(genesis));
    assert!(matches!(error, ImportError::Dag(DagError::RelatedParents(_))), "{error}");
    assert_eq!(take(&chain, &good), BlockStatus::Best);
    // And whoever builds is held to the same rules.
    let late = block_by(0, &chain, vec![good.hash()], 11, vec![]);
    assert!(matches!(late, Err(BuildError::Dag(DagError::SlotNotAfterParent { .. }))));
    let nobody = block_by(3, &chain, vec![good.hash()], 12, vec![]);
    assert!(matches!(nobody, Err(BuildError::UnknownAuthority(3))));
}

/// Who joins late does not know which epoch the first one was, nor the authors of any later one: it
/// must not blame those who pass their blocks on.
#[test]
fn at_genesis_only_the_first_block_s_author_is_known() {
    let (there, here) = (chain(1), chain(1));
    let first = block_by(0, &there, vec![there.genesis_hash()], 10, vec![]).unwrap();
    take(&there, &first);
    let second = block_by(0, &there, vec![first.hash()], 1_500, vec![]).unwrap();
    here.judge_author(&first.header).unwrap();
    let unknown = here.judge_author(&second.header).unwrap_err();
    assert!(matches!(unknown, ImportError::UnknownParent(_)) && !unknown.is_invalid(), "{unknown}");
    take(&here, &first);
    here.judge_author(&second.header).unwrap();
}

#[test]
fn a_disqualified_block_is_merged_all_the_same() {
    let chain = chain(2);
    let genesis = chain.genesis_hash();
    let tx = transfer(0, 1, 0, 10);
    let wrong = {
        let block = block_by(0, &chain, vec![genesis], 10, vec![tx.clone()]).unwrap();
        let (mut header, _) = split_seal(&block.header).unwrap();
        header.state_root = H256::zero();
        seal_by(0, header, block.payload)
    };
    let disqualified = take(&chain, &wrong);
    assert!(matches!(disqualified, BlockStatus::Disqualified(Mismatch::StateRoot { .. })));
    let good = block_by(1, &chain, vec![genesis], 11, vec![]).unwrap();
    assert_eq!(take(&chain, &good), BlockStatus::Best);
    // Its order decides whether it can be merged: the selected parent must be the good one.
    let place = chain.place_for(Slot(12), &crate::testing::author_of(1).public()).unwrap().unwrap();
    let next = block_by(1, &chain, place.parents.clone(), 12, vec![]).unwrap();
    assert_eq!(take(&chain, &next), BlockStatus::Best);
    let place = chain.place_for(Slot(13), &crate::testing::author_of(1).public()).unwrap().unwrap();
    let last = block_by(1, &chain, place.parents, 13, vec![]).unwrap();
    assert_eq!(take(&chain, &last), BlockStatus::Best);
    assert_eq!(status(&chain, &tx), Some(TxStatus::Accepted));
    assert_eq!(chain.with_dag(|dag| dag.status(&wrong.hash())), Some(Status::Disqualified));
}

#[test]
fn as_many_blocks_of_one_height_as_a_block_may_merge_are_taken_and_executed() {
    let count = u8::try_from(configuration().mergeset_max).unwrap();
    let chain = chain(count);
    let genesis = chain.genesis_hash();
    let payload = |author| vec![transfer(author % 4, 200, 0, u64::from(author) + 1)];
    let siblings: Vec<DagBlock> = (0..count)
        .map(|author| block_by(author, &chain, vec![genesis], 10, payload(author)).unwrap())
        .collect();
    for block in &siblings {
        take(&chain, block);
    }
    assert_eq!(chain.children(&genesis).unwrap().len(), usize::from(count));
    // Each has a state of its own, best or not.
    for block in &siblings {
        assert!(chain.execute(&block.hash()).unwrap());
        let root = chain.state_at(&block.hash()).unwrap().root;
        assert_eq!(root, block.header.state_root);
    }
    // A header names fewer parents than that, so that it takes some blocks to merge them all.
    let mut slot = 11;
    let waits = |chain: &Chain| chain.with_dag(|dag| dag.tips().len()) > 1;
    while waits(&chain) {
        let author = crate::testing::author_of(0).public();
        let place = chain.place_for(Slot(slot), &author).unwrap().unwrap();
        let block = block_by(0, &chain, place.parents, slot, vec![]).unwrap();
        assert_eq!(take(&chain, &block), BlockStatus::Best);
        slot += 1;
        assert!(slot < 11 + u64::from(count), "each block merges some");
    }
    let best = chain.best();
    let mut executed: Vec<H256> = Vec::new();
    for number in 2..=best.number {
        let block = chain.hash_at(number).unwrap().unwrap();
        executed
            .extend(merged(&chain, &block).into_iter().filter(|(_, is)| *is).map(|(hash, _)| hash));
    }
    assert!(siblings.iter().all(|block| executed.contains(&block.hash())));
    // Of each sender's transfers the first in consensus order applied, the others came with a used nonce.
    let senders = (0..4).filter(|sender| balance(&chain, &best.hash, *sender) < 1_000).count();
    assert_eq!(senders, 4);
}

/// What one author does in a slot: whether it hears of everything, and what it proposes.
#[derive(Clone, Debug)]
struct Turn {
    author: u8,
    hears: bool,
    payload: Vec<(u8, u8, u32, u64)>,
}

fn turn() -> impl Strategy<Value = Turn> {
    let call = (0u8..4, 0u8..4, 0u32..4, 0u64..300);
    (0u8..3, any::<bool>(), prop::collection::vec(call, 0..4))
        .prop_map(|(author, hears, payload)| Turn { author, hears, payload })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Whoever hears of the same blocks has the same chain, in whatever order they came, and so has
    /// who is restarted in between.
    #[test]
    fn all_nodes_agree(turns in prop::collection::vec(turn(), 1..24), order in any::<u64>()) {
        let authors: Vec<Arc<Chain>> = (0..3).map(|_| chain(3)).collect();
        let mut blocks: Vec<DagBlock> = Vec::new();
        for (slot, turn) in (10u64..).zip(&turns) {
            let node = &authors[usize::from(turn.author)];
            if turn.hears {
                for block in &blocks {
                    let _ = node.import_at(block.clone(), NOW_MS);
                }
            }
            let key = crate::testing::author_of(turn.author).public();
            let place = node.place_for(Slot(slot), &key).unwrap().unwrap();
            let calls = turn.payload.iter().map(|(from, to, nonce, amount)| transfer(*from, *to, *nonce, *amount));
            let payload = calls.chain([TestCall::Trap.extrinsic()]).collect();
            let block = block_by(turn.author, node, place.parents, slot, payload).unwrap();
            node.import_at(block.clone(), NOW_MS).unwrap();
            blocks.push(block);
        }
        let folder = tempfile::tempdir().unwrap();
        let config = DbConfig::on_disk(folder.path());
        let mut follower = open_of(3, &config).unwrap();
        // Any order in which parents come first: what is refused for a missing parent comes again.
        let mut waiting: Vec<DagBlock> = blocks.clone();
        let mut random = order | 1;
        while !waiting.is_empty() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let next = waiting.swap_remove(usize::try_from(random >> 33).unwrap() % waiting.len());
            match follower.import_at(next.clone(), NOW_MS) {
                Ok(_) => {}
                Err(ImportError::UnknownParent(_)) => waiting.push(next),
                Err(other) => panic!("{other}"),
            }
            if random >> 61 == 0 {
                drop(follower);
                follower = open_of(3, &config).unwrap();
            }
        }
        for node in &authors {
            for block in &blocks {
                let _ = node.import_at(block.clone(), NOW_MS);
            }
            prop_assert_eq!(node.best(), follower.best());
            for number in 0..=follower.best().number {
                prop_assert_eq!(node.hash_at(number).unwrap(), follower.hash_at(number).unwrap());
            }
            for block in &blocks {
                for extrinsic in &block.payload {
                    let of = |chain: &Chain| chain.transaction(&extrinsic.hash()).unwrap().map(|r| (r.accepting_block, r.index, r.status));
                    prop_assert_eq!(of(node), of(&follower));
                }
            }
        }
        let best = follower.best().hash;
        let fees: u64 = (1..=follower.best().number)
            .map(|number| follower.hash_at(number).unwrap().unwrap())
            .map(|hash| follower.block_transactions(&hash).unwrap().unwrap().accepted.len() as u64)
            .sum();
        let total: u64 = (0..4).map(|account| balance(&follower, &best, account)).sum();
        prop_assert_eq!(total + fees, 4_000);
    }
}
