use citrate_db::{DbConfig, TxStatus};

use super::{NOW_MS, chain, extend, status};
use crate::testing::{balance, block, block_by, open, open_of, transfer};
use crate::{BlockStatus, Chain, ChainEvent};

#[test]
fn the_longer_branch_takes_over_with_its_transactions() {
    let chain = chain();
    let genesis = chain.genesis_hash();
    // Two blocks on genesis: the same author, other slots. Which one is better is up to the VRF.
    let (left_tx, right_tx) = (transfer(0, 1, 0, 10), transfer(0, 2, 0, 20));
    let left = block(&chain, genesis, 10, vec![left_tx.clone()]).unwrap();
    let right = block(&chain, genesis, 11, vec![right_tx.clone()]).unwrap();
    chain.import_at(left.clone(), NOW_MS).unwrap();
    let status_of_right = chain.import_at(right.clone(), NOW_MS).unwrap().status;
    let (best, other) = match status_of_right {
        BlockStatus::Best => (right.hash(), left.hash()),
        BlockStatus::Side => (left.hash(), right.hash()),
        BlockStatus::Disqualified(_) => panic!("both are good"),
    };
    assert_eq!(chain.best().hash, best);
    assert_eq!(chain.with_dag(|dag| dag.tips().len()), 2);
    let mut events = chain.subscribe();
    // The other branch becomes longer.
    let tip = {
        // Its author has not heard of the better one.
        let elsewhere = open(&DbConfig::in_memory()).unwrap();
        let known = if other == left.hash() { &left } else { &right };
        elsewhere.import_at(known.clone(), NOW_MS).unwrap();
        block(&elsewhere, other, 12, vec![]).unwrap()
    };
    assert_eq!(chain.import_at(tip.clone(), NOW_MS).unwrap().status, BlockStatus::Best);
    assert_eq!(events.try_recv().unwrap(), ChainEvent::Added { hash: tip.hash() });
    let mut event = events.try_recv();
    // The branch that was behind is executed only now, unless it was ahead for a while.
    while let Ok(ChainEvent::Imported { hash, .. }) = event {
        assert!(hash == other || hash == tip.hash());
        event = events.try_recv();
    }
    let Ok(ChainEvent::NewBest { retracted, enacted, .. }) = event else {
        panic!("no new best block")
    };
    assert_eq!((retracted, enacted), (vec![best], vec![other, tip.hash()]));
    let Ok(ChainEvent::Finalized { blocks, pruned }) = events.try_recv() else {
        panic!("nothing final")
    };
    assert_eq!((blocks, pruned), (vec![other], vec![best]));
    let (accepted, lost) =
        if other == left.hash() { (left_tx, right_tx) } else { (right_tx, left_tx) };
    assert_eq!(status(&chain, &accepted), Some(TxStatus::Accepted));
    assert_eq!(status(&chain, &lost), Some(TxStatus::Pending));
    assert_eq!(balance(&chain, &tip.hash(), 3), 1_000);
    // Nobody goes back behind what is final: a block there is only merged.
    let late = block(&chain, genesis, 13, vec![]).unwrap();
    assert_eq!(chain.import_at(late, NOW_MS).unwrap().status, BlockStatus::Side);
    assert_eq!(chain.best().hash, tip.hash());
}

#[test]
fn what_a_retracted_block_skipped_stays_where_it_is_accepted() {
    let [chain, elsewhere] = [(); 2].map(|()| open_of(2, &DbConfig::in_memory()).unwrap());
    let twice = transfer(0, 1, 0, 10);
    let take = |chain: &Chain, author, parent, slot, payload| {
        let block = block_by(author, chain, vec![parent], slot, payload).unwrap();
        chain.import_at(block.clone(), NOW_MS).unwrap();
        block
    };
    let first = take(&chain, 0, chain.genesis_hash(), 10, vec![twice.clone()]);
    let accepting = take(&chain, 0, first.hash(), 11, vec![twice.clone()]);
    let skipping = take(&chain, 0, accepting.hash(), 12, vec![]);
    assert_eq!(chain.db().skipped(&skipping.hash()).unwrap().unwrap().len(), 1);
    for block in [first, accepting.clone()] {
        elsewhere.import_at(block, NOW_MS).unwrap();
    }
    let other = take(&elsewhere, 1, accepting.hash(), 12, vec![]);
    let tip = take(&elsewhere, 1, other.hash(), 13, vec![]);
    for block in [other, tip.clone()] {
        chain.import_at(block, NOW_MS).unwrap();
    }
    assert_eq!(chain.best().hash, tip.hash());
    for chain in [chain, elsewhere] {
        let record = chain.transaction(&twice.hash()).unwrap().unwrap();
        assert_eq!(record.status, TxStatus::Accepted);
        assert_eq!(record.accepting_block, Some(accepting.hash()));
    }
}

#[test]
fn a_node_that_built_nothing_derives_the_same() {
    let (author, follower) = (chain(), open(&DbConfig::in_memory()).unwrap());
    let payload = vec![transfer(0, 1, 1, 5), transfer(0, 1, 0, 5), transfer(9, 0, 0, 1)];
    for payload in [vec![], payload, vec![transfer(1, 0, 0, 3)], vec![]] {
        let hash = extend(&author, payload);
        let header = author.header(&hash).unwrap().unwrap();
        let payload = author.payload(&hash).unwrap().unwrap();
        let block = citrate_dag_types::DagBlock { header, payload };
        assert_eq!(follower.import_at(block, NOW_MS).unwrap().status, BlockStatus::Best);
    }
    assert_eq!(author.best(), follower.best());
    assert_eq!(author.finalized(), follower.finalized());
    assert_eq!(balance(&follower, &follower.best().hash, 1), 1_006);
}
