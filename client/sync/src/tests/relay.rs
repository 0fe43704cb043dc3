use citrate_core::H256;
use citrate_dag_types::{DagBlock, DagDigest};

use super::{NOW, Rig, chain_of, imports, payload, penalties, verdict};
use crate::testing::TestRules;
use crate::{Action, GossipId, ImportOutcome, Input, Offence, PeerId, SyncConfig, Verdict, Wire};

/// The first slot that begins after the rig's time.
fn next_slot() -> u64 {
    NOW / TestRules::small().slot_ms
}

#[test]
fn a_valid_block_is_passed_on_before_it_is_imported_and_then_known() {
    let mut rig = Rig::new(SyncConfig::default());
    rig.connect(1);
    let blocks = chain_of(1);
    let (id, actions) = rig.gossip(1, &blocks[0]);
    assert_eq!(verdict(&actions, id), Some(Verdict::Accept));
    assert_eq!(imports(&actions), [blocks[0].hash()]);
    let (again, second) = rig.gossip(1, &blocks[0]);
    assert_eq!(verdict(&second, again), Some(Verdict::Ignore), "on its way");
    assert!(rig.import_all(&actions).is_empty());
    assert_eq!(rig.judged(1, &blocks[0]), Verdict::Ignore, "known");
}

#[test]
fn what_breaks_a_rule_is_rejected_and_its_sender_banned() {
    let chain = Rig::new(SyncConfig::default()).chain;
    let good = chain_of(1).remove(0);
    let change = |change: &dyn Fn(&mut DagDigest, &mut DagBlock)| {
        let mut block = good.clone();
        let mut digest = DagDigest::from_header(&block.header).unwrap();
        change(&mut digest, &mut block);
        let mut header = block.header;
        header.digest.logs = vec![digest.to_item()];
        chain.sealed(header, block.payload)
    };
    let unsealed = {
        let mut block = good.clone();
        block.header.state_root = H256::repeat_byte(9);
        block
    };
    let cases: [(&str, DagBlock, Offence); 6] = [
        ("seal", unsealed, Offence::InvalidHeader),
        ("score", change(&|digest, _| digest.blue_score += 1), Offence::InvalidHeader),
        ("author", change(&|digest, _| digest.author = 99), Offence::InvalidHeader),
        ("number", change(&|_, block| block.header.number = 7), Offence::InvalidHeader),
        ("payload", change(&|_, block| block.payload = payload(9)), Offence::InvalidPayload),
        (
            "no digest",
            DagBlock { header: no_digest(&good), payload: vec![] },
            Offence::InvalidHeader,
        ),
    ];
    for (desc, block, offence) in cases {
        let mut rig = Rig::new(SyncConfig::default());
        rig.connect(1);
        let (id, actions) = rig.gossip(1, &block);
        assert_eq!(verdict(&actions, id), Some(Verdict::Reject), "{desc}");
        assert_eq!(penalties(&actions), [(1, offence)], "{desc}");
        assert_eq!(imports(&actions), [], "{desc}");
        assert_eq!(rig.core.state().peers, 0, "{desc}");
        assert_eq!(rig.judged(1, &good), Verdict::Ignore, "{desc}: the peer is gone for us");
    }
    let mut rig = Rig::new(SyncConfig::default());
    rig.connect(1);
    let garbage = Input::Gossip { peer: PeerId(1), id: GossipId(0), bytes: vec![1, 2, 3] };
    let actions = rig.handle(garbage);
    assert_eq!(verdict(&actions, GossipId(0)), Some(Verdict::Reject));
    assert_eq!(penalties(&actions), [(1, Offence::Undecodable)]);
}

/// A network that was split for epochs: the other part's blocks have authors of their own.
#[test]
fn an_author_that_the_best_chain_does_not_know_is_judged_by_the_parents() {
    let mut rig = Rig::new(SyncConfig::default());
    rig.connect(1);
    let blocks = chain_of(2);
    for block in &blocks {
        rig.chain.doubt_author(block.hash());
    }
    assert_eq!(
        rig.judged(1, &blocks[1]),
        Verdict::Ignore,
        "nobody can say, and nobody is to blame"
    );
    assert_eq!(rig.core.state().peers, 1);
    let (id, actions) = rig.gossip(1, &blocks[0]);
    assert_eq!(verdict(&actions, id), Some(Verdict::Accept), "its parent is known");
    assert_eq!(imports(&actions), [blocks[0].hash()]);
    // Who breaks another rule is to blame as ever.
    let mut header = blocks[0].header.clone();
    header.number = 7;
    header.digest.pop();
    let wrong = rig.chain.sealed(header, vec![]);
    rig.chain.doubt_author(wrong.hash());
    let (id, actions) = rig.gossip(1, &wrong);
    assert_eq!(verdict(&actions, id), Some(Verdict::Reject));
    assert_eq!(penalties(&actions), [(1, Offence::InvalidHeader)]);
}

fn no_digest(block: &DagBlock) -> citrate_core::Header {
    let mut header = block.header.clone();
    header.digest.logs.clear();
    header
}

#[test]
fn a_wrong_state_root_is_no_reason_not_to_pass_a_block_on() {
    let mut rig = Rig::new(SyncConfig::default());
    rig.connect(1);
    let mut header = chain_of(1).remove(0).header;
    header.digest.pop();
    header.state_root = H256::repeat_byte(1);
    let block = rig.chain.sealed(header, payload(1));
    let (id, actions) = rig.gossip(1, &block);
    assert_eq!(verdict(&actions, id), Some(Verdict::Accept));
    rig.import_all(&actions);
    assert_ne!(rig.chain.dag().sink(), block.hash(), "but nobody builds on it");
    assert!(rig.chain.dag().contains(&block.hash()));
}

#[test]
fn a_block_of_a_slot_that_begins_soon_waits_for_it() {
    let config = SyncConfig::default();
    let mut rig = Rig::new(config);
    rig.connect(1);
    let drift = config.clock_drift_ms / TestRules::small().slot_ms;
    let in_time = rig.chain.build(0, next_slot() + drift, payload(1)).unwrap();
    assert_eq!(rig.judged(1, &in_time), Verdict::Accept, "within the drift of clocks");
    let soon = rig.chain.build(0, next_slot() + drift + 1, payload(1)).unwrap();
    let (id, actions) = rig.gossip(1, &soon);
    assert_eq!((verdict(&actions, id), imports(&actions)), (None, vec![]));
    assert_eq!(rig.judged(1, &soon), Verdict::Ignore, "held already");
    rig.now += 99;
    assert_eq!(rig.handle(Input::Tick), []);
    rig.now += 1;
    let actions = rig.handle(Input::Tick);
    assert_eq!(verdict(&actions, id), Some(Verdict::Accept));
    assert_eq!(imports(&actions), [soon.hash()]);
    let waits = (config.clock_drift_ms + config.early_wait_max_ms) / TestRules::small().slot_ms;
    let last = rig.chain.build(0, next_slot() + 1 + waits, payload(1)).unwrap();
    let (id, actions) = rig.gossip(1, &last);
    assert_eq!(verdict(&actions, id), None, "the last slot that is waited for");
    let far = rig.chain.build(0, next_slot() + 2 + waits, payload(1)).unwrap();
    assert_eq!(rig.judged(1, &far), Verdict::Ignore);
    assert_eq!(rig.core.state().peers, 1, "clocks differ: no offence");
}

#[test]
fn few_early_blocks_are_held_back() {
    let config = SyncConfig { early_max: 3, early_per_peer_max: 2, ..SyncConfig::default() };
    let mut rig = Rig::new(config);
    for peer in 1..=3 {
        rig.connect(peer);
    }
    let mut send = |peer: u64, author: u32| {
        let block = rig.chain.build(author, next_slot() + 10, payload(1)).unwrap();
        let (id, actions) = rig.gossip(peer, &block);
        verdict(&actions, id)
    };
    assert_eq!(send(1, 0), None);
    assert_eq!(send(1, 1), None);
    assert_eq!(send(1, 2), Some(Verdict::Ignore), "too many of one peer");
    assert_eq!(send(2, 3), None);
    assert_eq!(send(3, 4), Some(Verdict::Ignore), "too many in all");
}

#[test]
fn a_block_of_our_own_is_announced_and_not_taken_back() {
    let mut rig = Rig::new(SyncConfig::default());
    rig.connect(1);
    let block = chain_of(1).remove(0);
    rig.chain.import(block.clone());
    assert_eq!(rig.handle(Input::Authored(block.clone())), [Action::Announce(block.clone())]);
    assert_eq!(rig.judged(1, &block), Verdict::Ignore);
}

#[test]
fn imports_are_few_at_a_time_and_the_queue_is_bounded() {
    let config = SyncConfig { imports_max: 2, import_queue_max: 2, ..SyncConfig::default() };
    let mut rig = Rig::new(config);
    rig.connect(1);
    // All on genesis.
    let blocks: Vec<_> =
        (0..6).map(|author| rig.chain.build(author, 3, payload(1)).unwrap()).collect();
    let verdicts: Vec<_> = blocks.iter().map(|block| rig.gossip(1, block)).collect();
    let handed: usize = verdicts.iter().map(|(_, actions)| imports(actions).len()).sum();
    assert_eq!(handed, 2);
    let accepted = verdicts.iter().filter(|(id, a)| verdict(a, *id) == Some(Verdict::Accept));
    assert_eq!(accepted.count(), 4, "two handed out and two that wait");
    assert_eq!(rig.core.state().importing, 4);
    let hash = blocks[0].hash();
    let actions = rig.handle(Input::Imported { hash, outcome: ImportOutcome::Imported });
    assert_eq!(imports(&actions), [blocks[2].hash()], "the next one in order");
}

#[test]
fn an_import_that_turns_out_invalid_bans_the_sender_and_one_that_fails_does_not() {
    for (outcome, expected) in [
        (ImportOutcome::Invalid, vec![(1, Offence::InvalidBlock)]),
        (ImportOutcome::Failed, vec![]),
        (ImportOutcome::TooOld, vec![]),
    ] {
        let mut rig = Rig::new(SyncConfig::default());
        rig.connect(1);
        let blocks = chain_of(2);
        rig.gossip(1, &blocks[0]);
        let (child, actions) = rig.gossip(1, &blocks[1]);
        assert_eq!(verdict(&actions, child), None, "waits for the import of its parent");
        let hash = blocks[0].hash();
        let actions = rig.handle(Input::Imported { hash, outcome });
        assert_eq!(penalties(&actions), expected);
        assert_eq!(verdict(&actions, child), Some(Verdict::Ignore));
        assert_eq!(rig.core.state().orphans, 0);
    }
}

#[test]
fn every_gossiped_bit_flip_is_survived() {
    let block = chain_of(2).remove(1).to_bytes();
    for position in 0..block.len() {
        let mut rig = Rig::new(SyncConfig::default());
        rig.connect(1);
        let mut bytes = block.clone();
        bytes[position] ^= 0x40;
        rig.handle(Input::Gossip { peer: PeerId(1), id: GossipId(0), bytes });
    }
}
