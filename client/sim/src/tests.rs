use citrate_core::H256;
use citrate_dag::ghostdag::DagRules;
use citrate_dag_types::Election;
use citrate_grandpa_types::{Message, Precommit, Prevote};
use citrate_sync::ImportOutcome;
use citrate_sync::testing::{MemoryChain, TestRules};

use crate::transactions::{Ledger, Transaction};
use crate::voter::Votes;

#[test]
fn a_second_vote_in_a_phase_is_noticed_and_a_repeated_one_is_not() {
    let mut votes = Votes::default();
    let prevote =
        |byte| Message::Prevote(Prevote { target_hash: H256::repeat_byte(byte), target_number: 1 });
    let precommit = Message::Precommit(Precommit { target_hash: H256::zero(), target_number: 0 });
    votes.note(3, 1, &prevote(1));
    votes.note(3, 1, &prevote(1));
    votes.note(3, 1, &precommit);
    votes.note(3, 2, &prevote(2));
    votes.note(4, 1, &prevote(2));
    assert!(votes.twice.is_empty());
    votes.note(3, 1, &prevote(2));
    assert_eq!(votes.twice.into_iter().collect::<Vec<_>>(), [3]);
}

#[test]
fn a_transaction_is_accepted_once_in_its_place_and_in_its_time() {
    let dag = DagRules { merge_slots_max: None, ..DagRules::derived(8, 1_000, 0, 0) };
    let rules = TestRules { dag, authors: 8, election: Election::EverySlot, seed: 0, slot_ms: 100 };
    let mut chain = MemoryChain::new(rules);
    let transaction =
        |number, nonce, expires| Transaction { number, sender: 5, nonce, expires }.extrinsic();
    let (first, second) = (transaction(1, 0, 9), transaction(2, 1, 9));
    let (late, far) = (transaction(3, 2, 1), transaction(4, 7, 9));
    // Two blocks beside each other: the second transaction comes twice, and before the first in one.
    let beside = [
        chain.build(0, 1, vec![second.clone(), first.clone(), late.clone()]).unwrap(),
        chain.build(1, 1, vec![second.clone(), far.clone()]).unwrap(),
    ];
    for block in beside {
        assert_eq!(chain.import(block), ImportOutcome::Imported);
    }
    let merging = chain.build(2, 2, Vec::new()).unwrap();
    let hash = merging.hash();
    assert_eq!(chain.import(merging), ImportOutcome::Imported);
    assert_eq!(chain.dag().sink(), hash);
    let ledger = Ledger::default();
    let outcome = ledger.outcome(&chain, &hash).unwrap();
    let accepted: Vec<_> = outcome.block.accepted.iter().map(|tx| tx.extrinsic.clone()).collect();
    assert_eq!(accepted, [first, second.clone()]);
    let mut skipped = outcome.block.skipped.clone();
    let mut expected = vec![second.hash(), late.hash(), far.hash()];
    skipped.sort_unstable();
    expected.sort_unstable();
    assert_eq!(skipped, expected);
    assert_eq!(ledger.nonce(&chain, &hash, 5), 2);
}
