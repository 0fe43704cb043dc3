use citrate_dag_types::DagBlock;

use super::{Rig, payload, verdict};
use crate::testing::{MemoryChain, TestRules};
use crate::{Action, SyncConfig, Verdict};

fn versions(slot: u64, count: u64) -> Vec<DagBlock> {
    let chain = MemoryChain::new(TestRules::small());
    (0..count).map(|n| chain.build(1, slot, payload(n)).unwrap()).collect()
}

fn proofs(actions: &[Action]) -> usize {
    actions.iter().filter(|action| matches!(action, Action::Equivocation(_))).count()
}

#[test]
fn two_blocks_of_an_election_are_passed_on_and_are_evidence() {
    let mut rig = Rig::new(SyncConfig::default());
    rig.connect(1);
    let blocks = versions(5, 4);
    let (id, actions) = rig.gossip(1, &blocks[0]);
    assert_eq!((verdict(&actions, id), proofs(&actions)), (Some(Verdict::Accept), 0));
    let (id, actions) = rig.gossip(1, &blocks[1]);
    assert_eq!((verdict(&actions, id), proofs(&actions)), (Some(Verdict::Accept), 1));
    let proof = actions.iter().find_map(|action| match action {
        Action::Equivocation(proof) => Some(proof.claim()),
        _ => None,
    });
    assert_eq!(proof, Some(Ok(Some((1, citrate_dag_types::Slot(5))))));
    for block in &blocks[2..] {
        let (id, actions) = rig.gossip(1, block);
        assert_eq!((verdict(&actions, id), proofs(&actions)), (Some(Verdict::Ignore), 0));
        assert_eq!(actions.len(), 1, "neither imported nor anything else: {actions:?}");
    }
}

#[test]
fn the_lowest_slots_are_forgotten_first_and_then_closed() {
    let mut rig = Rig::new(SyncConfig { elections_max: 3, ..SyncConfig::default() });
    rig.connect(1);
    for slot in [10, 11, 12, 13] {
        assert_eq!(rig.judged(1, &versions(slot, 1)[0]), Verdict::Accept);
    }
    assert_eq!(rig.judged(1, &versions(9, 1)[0]), Verdict::Ignore, "too old to be remembered");
    assert_eq!(rig.judged(1, &versions(10, 2)[1]), Verdict::Ignore, "forgotten, and too old");
    assert_eq!(rig.judged(1, &versions(11, 2)[1]), Verdict::Accept, "the second of one known");
    assert_eq!(rig.judged(1, &versions(11, 3)[2]), Verdict::Ignore, "the third");
}
