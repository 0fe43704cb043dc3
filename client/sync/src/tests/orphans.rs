use super::{Rig, chain_of, imports, payload, penalties, requests, verdict};
use crate::{Input, Offence, PeerId, Request, Response, SyncChain, SyncConfig, Verdict};

fn asked(actions: &[crate::Action]) -> Vec<(u64, crate::RequestId, Request)> {
    let blocks = requests(actions).filter(|(_, _, request)| matches!(request, Request::Blocks(_)));
    blocks.map(|(peer, id, request)| (peer.0, id, request.clone())).collect()
}

#[test]
fn missing_parents_are_asked_of_the_sender_and_then_all_are_released_in_order() {
    let mut rig = Rig::new(SyncConfig::default());
    rig.connect(1);
    rig.connect(2);
    let blocks = chain_of(4);
    let (id, actions) = rig.gossip(1, &blocks[3]);
    assert_eq!(verdict(&actions, id), None, "not passed on before its parents are here");
    let mut requests = asked(&actions);
    for parent in [2, 1, 0] {
        let [(1, request, Request::Blocks(hashes))] = &requests[..] else { panic!("{requests:?}") };
        assert_eq!(hashes[..], [blocks[parent].hash()]);
        let answer = Response::Blocks(vec![Some(blocks[parent].clone())]);
        let actions = rig.respond(*request, &answer);
        requests = asked(&actions);
        if parent == 0 {
            assert_eq!(imports(&actions), [blocks[0].hash()]);
            let actions = rig.import_all(&actions);
            let rest: Vec<_> = blocks[1..].iter().map(|block| block.hash()).collect();
            assert_eq!(imports(&actions), rest);
            assert_eq!(verdict(&actions, id), Some(Verdict::Accept));
        }
    }
    assert_eq!(rig.chain.dag().sink(), blocks[3].hash());
    assert_eq!((rig.core.state().orphans, rig.core.state().wanted), (0, 0));
}

#[test]
fn a_header_with_another_payload_does_not_take_the_place_of_the_block() {
    let config = SyncConfig::default();
    let rules = crate::testing::TestRules::small();
    let slot = (crate::tests::NOW + config.clock_drift_ms) / rules.slot_ms + 1;
    let early = crate::testing::MemoryChain::new(rules).build(1, slot, payload(1)).unwrap();
    for block in [chain_of(2).remove(1), early] {
        let mut rig = Rig::new(config);
        rig.connect(1);
        rig.connect(2);
        let forged = citrate_dag_types::DagBlock { payload: payload(77), ..block.clone() };
        let (id, actions) = rig.gossip(1, &forged);
        assert_eq!(verdict(&actions, id), Some(Verdict::Reject));
        assert_eq!(penalties(&actions), [(1, Offence::InvalidPayload)]);
        let (id, actions) = rig.gossip(2, &block);
        assert_eq!(verdict(&actions, id), None, "it waits");
        assert_eq!(penalties(&actions), []);
    }
}

#[test]
fn others_are_asked_when_the_sender_has_no_parent_and_it_is_banned_at_last() {
    let config = SyncConfig::default();
    let mut rig = Rig::new(config);
    let blocks = chain_of(2);
    rig.connect(1);
    rig.connect(2);
    let (_, actions) = rig.gossip(1, &blocks[1]);
    let [(1, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
    let actions = rig.respond(id, &Response::Blocks(vec![None]));
    let [(2, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
    let actions = rig.respond(id, &Response::Blocks(vec![Some(blocks[0].clone())]));
    assert_eq!(imports(&actions), [blocks[0].hash()]);
    rig.import_all(&actions);
    // The rest of its chances, with blocks on parents that do not exist.
    let mut other = crate::testing::MemoryChain::new(crate::testing::TestRules::small());
    for slot in 10..(9 + u64::from(config.strikes_max)) {
        let parent = other.build(3, slot, payload(slot)).unwrap();
        other.import(parent);
        let child = other.build(4, slot + 100, payload(slot)).unwrap();
        let (gossip, actions) = rig.gossip(1, &child);
        let [(1, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
        let actions = rig.respond(id, &Response::Blocks(vec![None]));
        let is_last = slot == 8 + u64::from(config.strikes_max);
        let expected = if is_last { vec![(1, Offence::Withholds)] } else { vec![] };
        assert_eq!(penalties(&actions), expected, "slot {slot}");
        let [(2, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
        let actions = rig.respond(id, &Response::Blocks(vec![None]));
        assert_eq!(verdict(&actions, gossip), Some(Verdict::Ignore), "nobody has it");
        assert_eq!(penalties(&actions), [], "who did not show it need not have it");
        assert_eq!(rig.core.state().orphans, 0);
    }
}

#[test]
fn a_block_that_nobody_has_is_not_asked_for_again_for_a_while() {
    let base = SyncConfig::default();
    let config = SyncConfig { strikes_max: 9, orphan_age_max_ms: u64::MAX, ..base };
    let mut rig = Rig::new(config);
    let blocks = chain_of(2);
    rig.connect(1);
    let (_, actions) = rig.gossip(1, &blocks[1]);
    let [(1, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
    rig.respond(id, &Response::Blocks(vec![None]));
    let (_, actions) = rig.gossip(1, &blocks[1]);
    assert_eq!(asked(&actions), []);
    rig.now += config.given_up_ms - 1;
    assert_eq!(asked(&rig.handle(Input::Tick)), []);
    rig.now += config.orphan_review_ms;
    let actions = rig.handle(Input::Tick);
    assert_eq!(asked(&actions).len(), 1, "{actions:?}");
}

#[test]
fn what_was_not_asked_for_bans() {
    let blocks = chain_of(3);
    let some = |number: usize| Some(blocks[number].clone());
    let answers = [vec![some(0)], vec![some(1), some(1)], vec![None, None]];
    for answer in answers {
        let mut rig = Rig::new(SyncConfig::default());
        rig.connect(1);
        let (_, actions) = rig.gossip(1, &blocks[2]);
        let [(1, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
        let actions = rig.respond(id, &Response::Blocks(answer));
        assert_eq!(penalties(&actions), [(1, Offence::Unrequested)]);
    }
}

#[test]
fn a_parent_that_breaks_a_rule_bans_who_serves_it() {
    let mut rig = Rig::new(SyncConfig::default());
    let mut parent = chain_of(1).remove(0);
    parent.payload = payload(77);
    let child = chain_of(2).remove(1);
    rig.connect(1);
    let (_, actions) = rig.gossip(1, &child);
    let [(1, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
    let actions = rig.respond(id, &Response::Blocks(vec![Some(parent)]));
    assert_eq!(penalties(&actions), [(1, Offence::InvalidPayload)]);
}

/// Blocks with different parents that do not exist here.
fn strays(count: u64) -> Vec<citrate_dag_types::DagBlock> {
    let rules = crate::testing::TestRules::small();
    let stray = |n: u64| {
        let mut chain = crate::testing::MemoryChain::new(rules);
        let parent = chain.build(1, 1 + n, payload(n)).unwrap();
        chain.import(parent);
        chain.build(2, 1_000 + n, payload(n)).unwrap()
    };
    (0..count).map(stray).collect()
}

#[test]
fn the_pool_is_bounded_and_the_stalest_goes_first() {
    let blocks = strays(5);
    let bytes: usize = blocks.iter().take(3).map(codec::Encode::encoded_size).sum();
    let base = SyncConfig::default();
    let configs = [
        ("count", SyncConfig { orphans_max: 3, ..base }),
        ("bytes", SyncConfig { orphan_bytes_max: bytes, ..base }),
        ("per peer", SyncConfig { orphans_per_peer_max: 3, ..base }),
    ];
    for (desc, config) in configs {
        let mut rig = Rig::new(config);
        rig.connect(1);
        let sent: Vec<_> = blocks[..4].iter().map(|block| rig.gossip(1, block)).collect();
        assert!(sent[..3].iter().all(|(id, actions)| verdict(actions, *id).is_none()), "{desc}");
        let evicted = verdict(&sent[3].1, sent[0].0);
        assert_eq!(evicted, Some(Verdict::Ignore), "{desc}: the lowest slot");
        assert_eq!(rig.core.state().orphans, 3, "{desc}");
        if desc == "per peer" {
            rig.connect(2);
            let (id, actions) = rig.gossip(2, &blocks[4]);
            assert_eq!(verdict(&actions, id), None, "another peer has its own places");
            assert_eq!(rig.core.state().orphans, 4);
        }
    }
}

#[test]
fn an_orphan_waits_for_a_time() {
    let config = SyncConfig::default();
    let mut rig = Rig::new(config);
    rig.connect(1);
    let (id, _) = rig.gossip(1, &strays(1)[0]);
    rig.now += config.orphan_age_max_ms;
    let actions = rig.handle(Input::Tick);
    assert_eq!(verdict(&actions, id), None);
    rig.now += 1;
    let actions = rig.handle(Input::Tick);
    assert_eq!(verdict(&actions, id), Some(Verdict::Ignore));
    assert_eq!((rig.core.state().orphans, rig.core.state().wanted), (0, 0));
}

#[test]
fn few_blocks_are_looked_for_at_a_time() {
    let config = SyncConfig { wants_max: 3, ..SyncConfig::default() };
    let mut rig = Rig::new(config);
    rig.connect(1);
    for block in strays(4) {
        rig.gossip(1, &block);
    }
    assert_eq!(rig.core.state().wanted, 3);
    assert_eq!(rig.core.state().orphans, 4);
}

#[test]
fn too_many_generations_end_in_headers_first() {
    let config = SyncConfig { chase_max: 3, ..SyncConfig::default() };
    let blocks = chain_of(20);
    for (desc, start, chased) in [("generations", 19, 3), ("near", 3, 3)] {
        let mut rig = Rig::new(config);
        rig.connect(1);
        let (_, mut actions) = rig.gossip(1, &blocks[start]);
        for parent in (start - chased..start).rev() {
            let [(1, id, _)] = asked(&actions)[..] else { panic!("{desc}: {actions:?}") };
            actions = rig.respond(id, &Response::Blocks(vec![Some(blocks[parent].clone())]));
        }
        let is_headers =
            |(_, _, request): (PeerId, _, &Request)| matches!(request, Request::Headers { .. });
        let is_session = requests(&actions).any(is_headers);
        assert_eq!(is_session, start > chased, "{desc}: {actions:?}");
        assert_eq!(rig.core.state().is_syncing, is_session);
    }
}

#[test]
fn a_block_that_is_far_ahead_ends_in_headers_first_at_once() {
    let config = SyncConfig { far_blue_score: 10, ..SyncConfig::default() };
    let blocks = chain_of(20);
    for (number, is_far) in [(10, false), (11, true)] {
        let mut rig = Rig::new(config);
        rig.connect(1);
        // The blue score of a chain's block is one less than its number, and genesis counts.
        let (_, actions) = rig.gossip(1, &blocks[number - 1]);
        assert_eq!(rig.core.state().is_syncing, is_far, "{number}");
        assert_eq!(asked(&actions).is_empty(), is_far, "{number}");
    }
}

#[test]
fn unknown_tips_of_a_peer_are_looked_for() {
    let mut rig = Rig::new(SyncConfig::default());
    let blocks = chain_of(2);
    let mut other = crate::testing::MemoryChain::new(crate::testing::TestRules::small());
    for block in &blocks {
        other.import(block.clone());
    }
    let actions = rig.handle(Input::Connected(PeerId(1)));
    let actions = rig.answer_status(&actions, other.status());
    let [(1, id, Request::Blocks(hashes))] = &asked(&actions)[..] else { panic!("{actions:?}") };
    assert_eq!(hashes[..], [blocks[1].hash()]);
    let actions = rig.respond(*id, &Response::Blocks(vec![Some(blocks[1].clone())]));
    assert_eq!(asked(&actions).len(), 1, "its parent");
}

#[test]
fn who_shows_a_block_that_was_given_up_is_asked() {
    let blocks = chain_of(3);
    let mut rig = Rig::new(SyncConfig::default());
    rig.connect(1);
    let (_, actions) = rig.gossip(1, &blocks[1]);
    let [(1, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
    rig.respond(id, &Response::Blocks(vec![None]));
    assert_eq!(rig.core.state().wanted, 0);
    rig.connect(2);
    let (_, actions) = rig.gossip(2, &blocks[1]);
    let [(2, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
    let actions = rig.respond(id, &Response::Blocks(vec![Some(blocks[0].clone())]));
    // But what is too old is of no use, whoever shows it.
    let outcome = crate::ImportOutcome::TooOld;
    assert_eq!(imports(&actions), [blocks[0].hash()]);
    rig.handle(Input::Imported { hash: blocks[0].hash(), outcome });
    rig.connect(3);
    let (_, actions) = rig.gossip(3, &blocks[1]);
    assert_eq!(asked(&actions), []);
}

#[test]
fn a_slow_peer_is_not_waited_for_and_its_late_answer_is_welcome() {
    let config = SyncConfig::default();
    let blocks = chain_of(2);
    let mut rig = Rig::new(config);
    rig.connect(1);
    let (_, actions) = rig.gossip(1, &blocks[1]);
    let [(1, first, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
    rig.connect(2);
    rig.now += config.request_patience_ms - 1;
    assert_eq!(asked(&rig.handle(Input::Tick)), []);
    rig.now += 1;
    let actions = rig.handle(Input::Tick);
    let [(1, _, _)] = asked(&actions)[..] else { panic!("only one must have it: {actions:?}") };
    let actions = rig.respond(first, &Response::Blocks(vec![Some(blocks[0].clone())]));
    assert_eq!(imports(&actions), [blocks[0].hash()]);
    assert_eq!((rig.core.state().peers, rig.core.state().wanted), (2, 0));
}

#[test]
fn an_orphan_whose_ancestors_arrive_waits_anew() {
    let config = SyncConfig::default();
    let blocks = chain_of(4);
    let mut rig = Rig::new(config);
    rig.connect(1);
    let (gossip, mut actions) = rig.gossip(1, &blocks[3]);
    for parent in [2, 1] {
        let [(1, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
        rig.now += config.request_patience_ms - 1;
        actions = rig.respond(id, &Response::Blocks(vec![Some(blocks[parent].clone())]));
    }
    rig.now += config.orphan_age_max_ms;
    let actions = rig.handle(Input::Tick);
    assert_eq!(verdict(&actions, gossip), None);
    assert_eq!(rig.core.state().orphans, 3);
    rig.now += 1;
    let actions = rig.handle(Input::Tick);
    assert_eq!(verdict(&actions, gossip), Some(Verdict::Ignore));
}

#[test]
fn an_old_strike_does_not_count() {
    let config = SyncConfig { strikes_max: 2, ..SyncConfig::default() };
    for (wait_ms, expected) in [
        (config.strike_age_max_ms, vec![(1, Offence::Withholds)]),
        (config.strike_age_max_ms + 1, vec![]),
    ] {
        let mut rig = Rig::new(config);
        rig.connect(1);
        let mut last = Vec::new();
        for (number, block) in strays(2).iter().enumerate() {
            rig.now += u64::try_from(number).unwrap() * wait_ms;
            let (_, actions) = rig.gossip(1, block);
            let [(1, id, _)] = asked(&actions)[..] else { panic!("{actions:?}") };
            last = rig.respond(id, &Response::Blocks(vec![None]));
        }
        assert_eq!(penalties(&last), expected);
    }
}
