use citrate_dag::testing::{Random, for_seeds};

use super::net::{Lie, Net};
use super::{Rig, chain_of, imports, payload, random_dag, requests};
use crate::testing::{MemoryChain, TestRules};
use crate::{HeaderPage, Input, PeerId, Request, Response, SyncChain, SyncConfig, Wire};

/// Small limits, so that a small DAG reaches them.
fn tight() -> SyncConfig {
    SyncConfig {
        headers_per_request: 16,
        bodies_per_request: 4,
        window_max: 96,
        window_bytes_max: 512,
        far_blue_score: 12,
        chase_max: 3,
        imports_max: 4,
        requests_per_peer_max: 2,
        request_timeout_ms: 2_000,
        ..SyncConfig::default()
    }
}

/// What a window may hold: the limit, and the rest of the page that fills it.
fn window_max(rules: &TestRules) -> usize {
    tight().window_max + rules.dag.mergeset_max
}

#[test]
fn a_node_that_joins_late_has_everything_at_last() {
    let rules = TestRules::small();
    for_seeds(24, |random| {
        let seed = random.0;
        let mut random = Random(seed);
        let blocks = random_dag(&mut random, rules, 300);
        let mut net = Net::new(seed, rules, tight(), 4);
        net.loss = [0, 0, 20, 6][random.below(4)];
        for node in 1..4 {
            // An hour off, or since ever.
            net.give(node, &blocks);
        }
        let known = random.below(2) * random.below(blocks.len());
        net.give(0, &blocks[..known]);
        net.connect_all();
        assert!(
            net.run_until_same(&[0, 1, 2, 3], 600_000),
            "{}",
            net.nodes[0].chain.blocks().len()
        );
        assert_eq!(net.nodes[0].chain.dag().sink(), net.nodes[1].chain.dag().sink());
        let banned = net
            .offences
            .iter()
            .filter(|(_, _, offence)| offence.consequence() == crate::Consequence::Ban);
        assert_eq!(banned.count(), 0, "{:?}", net.offences);
        let state = net.nodes[0].core.state();
        assert_eq!((state.window, state.orphans, state.importing), (0, 0, 0));
        assert!(net.nodes[0].window_max <= window_max(&rules), "{}", net.nodes[0].window_max);
    });
}

#[test]
fn nodes_that_know_different_parts_come_together() {
    let rules = TestRules::small();
    for_seeds(12, |random| {
        let seed = random.0;
        let mut random = Random(seed ^ 0x55);
        let blocks = random_dag(&mut random, rules, 120);
        let mut net = Net::new(seed, rules, tight(), 3);
        net.loss = [0, 10][random.below(2)];
        for node in 0..3 {
            // In this order parents are here, or the block is not taken.
            for block in &blocks {
                if random.below(40) != 0 {
                    net.give(node, std::slice::from_ref(block));
                }
            }
        }
        net.connect_all();
        assert!(net.run_until_same(&[0, 1, 2], 900_000));
        let banned = net
            .offences
            .iter()
            .filter(|(_, _, offence)| offence.consequence() == crate::Consequence::Ban);
        assert_eq!(banned.count(), 0, "{:?}", net.offences);
    });
}

#[test]
fn gossip_alone_keeps_up_and_makes_up_for_losses() {
    let rules = TestRules::small();
    for_seeds(8, |random| {
        let seed = random.0;
        let mut net = Net::new(seed, rules, SyncConfig::default(), 5);
        net.loss = 10;
        // A ring.
        for node in 0..5 {
            net.connect(node, (node + 1) % 5);
        }
        net.run(1_000);
        let mut random = Random(seed);
        for _ in 0..60 {
            net.run(200);
            let node = random.below(5);
            let slot = net.now / rules.slot_ms;
            let author = u32::try_from(node).unwrap();
            let block = net.nodes[node].chain.build(author, slot, payload(slot));
            if let Some(block) = block {
                net.author(node, block);
            }
        }
        assert!(net.run_until_same(&[0, 1, 2, 3, 4], 120_000));
        assert_eq!(net.offences, []);
        assert!(net.nodes[0].chain.blocks().len() > 50);
        assert!(net.nodes.iter().all(|node| node.window_max == 0), "nobody needed a session");
    });
}

#[test]
fn the_target_moves_while_a_node_syncs() {
    let rules = TestRules::small();
    let mut net = Net::new(3, rules, tight(), 3);
    let blocks = chain_of(400);
    net.give(1, &blocks);
    net.give(2, &blocks);
    net.connect_all();
    for round in 0..100 {
        net.run(100);
        let slot = net.now / rules.slot_ms;
        let author = 1 + round % 2;
        let block =
            net.nodes[author].chain.build(u32::try_from(author).unwrap(), slot, payload(slot));
        if let Some(block) = block {
            net.author(author, block);
        }
    }
    assert!(net.run_until_same(&[0, 1, 2], 60_000));
    assert!(net.nodes[0].window_max > 0, "there was a session");
    assert_eq!(net.offences, []);
}

#[test]
fn payloads_come_from_all_peers() {
    let rules = TestRules::small();
    let mut net = Net::new(3, rules, tight(), 4);
    for node in 1..4 {
        net.give(node, &chain_of(200));
    }
    // One peer is too slow for words, and is not waited for.
    net.nodes[3].lie = Lie::Silence;
    net.connect_all();
    assert!(net.run_until_same(&[0, 1, 2], 60_000));
    assert!(net.offences.iter().all(|(_, peer, _)| *peer == 3), "{:?}", net.offences);
}

#[test]
fn a_source_that_goes_away_is_replaced() {
    let rules = TestRules::small();
    let mut net = Net::new(5, rules, tight(), 3);
    let blocks = chain_of(300);
    net.give(1, &blocks);
    net.give(2, &blocks);
    net.connect(0, 1);
    net.run(1_000);
    assert!(net.nodes[0].core.state().is_syncing);
    net.connect(0, 2);
    net.run(300);
    net.nodes[0].links.remove(&1);
    let chain = net.nodes[0].chain.clone();
    let now = net.now;
    net.nodes[0].core.handle(&chain, now, Input::Disconnected(PeerId(1)));
    assert!(net.run_until_same(&[0, 2], 60_000));
    assert_eq!(net.offences, []);
}

#[test]
fn the_same_seed_gives_the_same_actions() {
    let run = |seed: u64| {
        let rules = TestRules::small();
        let blocks = random_dag(&mut Random(seed), rules, 150);
        let mut net = Net::new(seed, rules, tight(), 3);
        net.loss = 12;
        net.give(1, &blocks);
        net.give(2, &blocks[..100]);
        net.connect_all();
        net.run(30_000);
        net.trace
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_peer_that_does_not_answer_rests_ever_longer_and_is_replaced() {
    let config = SyncConfig::default();
    let mut rig = Rig::new(config);
    rig.handle(Input::Connected(PeerId(1)));
    let mut failures = 0;
    let start = rig.now;
    loop {
        rig.now += 1_000;
        let actions = rig.handle(Input::Tick);
        failures += requests(&actions).count();
        match super::penalties(&actions)[..] {
            [] => assert!(rig.now < start + 1_000_000),
            [(1, crate::Offence::Stalls)] => break,
            ref other => panic!("{other:?}"),
        }
    }
    assert!(failures + 1 >= usize::try_from(config.failures_max).unwrap());
    assert_eq!(rig.core.state().peers, 0);
}

#[test]
fn a_peer_is_asked_for_few_payloads_at_a_time_and_the_next_ones_first() {
    let blocks = chain_of(40);
    let mut other = MemoryChain::new(TestRules::small());
    for block in &blocks {
        other.import(block.clone());
    }
    let mut rig = Rig::new(tight());
    let actions = rig.handle(Input::Connected(PeerId(1)));
    let actions = rig.answer_status(&actions, other.status());
    let asked = requests(&actions).next();
    let Some((_, id, Request::Headers { locator, limit: 16 })) = asked else {
        panic!("{actions:?}")
    };
    assert_eq!(locator[..], [other.status().genesis]);
    let headers: Vec<_> = blocks[..16].iter().map(|block| block.header.clone()).collect();
    let page = HeaderPage { common: Some(locator[0]), headers };
    let actions = rig.respond(id, &Response::Headers(page));
    let bodies = |actions: &[crate::Action]| {
        let body = |request: &Request| match request {
            Request::Bodies(hashes) => Some(hashes.clone()),
            _ => None,
        };
        let all = requests(actions).filter_map(|(_, id, request)| Some((id, body(request)?)));
        all.collect::<Vec<_>>()
    };
    let hashes = |from: usize| blocks[from..from + 4].iter().map(|b| b.hash()).collect::<Vec<_>>();
    let [(first, a), (_, b)] = &bodies(&actions)[..] else { panic!("{actions:?}") };
    assert_eq!((a, b), (&hashes(0), &hashes(4)));
    let next = requests(&actions).find(|(_, _, r)| matches!(r, Request::Headers { .. }));
    assert!(next.is_some(), "the next page is asked for meanwhile");
    // Half an answer: the rest is asked for again, with what follows.
    let list = vec![Some(payload(1)), Some(payload(2))];
    let actions = rig.respond(*first, &Response::Bodies(list));
    assert_eq!(imports(&actions), [blocks[0].hash()], "the second one waits for the first");
    let [(_, c)] = &bodies(&actions)[..] else { panic!("{actions:?}") };
    assert_eq!(c[..], [2, 3, 8, 9].map(|number: usize| blocks[number].hash()));
    // What comes by gossip need not be asked for.
    let (_, actions) = rig.gossip(1, &blocks[12]);
    assert_eq!(imports(&actions), []);
    assert_eq!(rig.core.state().orphans, 0);
    // An answer that comes after the time is up is not needed, and no offence.
    rig.now += tight().request_timeout_ms;
    rig.handle(Input::Tick);
    let late = Response::Bodies(vec![None; 4]).to_bytes();
    let actions = rig.handle(Input::Response { id: *first, bytes: late });
    assert!(super::penalties(&actions).is_empty(), "{actions:?}");
}

/// A rig whose session has sixteen headers of one peer and all their payloads but for a few.
fn session() -> (Rig, Vec<crate::Action>) {
    let mut other = MemoryChain::new(TestRules::small());
    for block in chain_of(40) {
        other.import(block);
    }
    let mut rig = Rig::new(tight());
    let actions = rig.handle(Input::Connected(PeerId(1)));
    let actions = rig.answer_status(&actions, other.status());
    let (_, id, _) = requests(&actions).next().expect("headers are asked for");
    let page = other.headers_after(&[other.status().genesis], 16, usize::MAX);
    let actions = rig.respond(id, &Response::Headers(page));
    let body = requests(&actions).find(|(_, _, r)| matches!(r, Request::Bodies(_)));
    let (_, id, _) = body.expect("payloads are asked for");
    let actions = rig.respond(id, &Response::Bodies((1..=4).map(|n| Some(payload(n))).collect()));
    (rig, actions)
}

#[test]
fn a_session_whose_block_is_too_old_ends_without_blame() {
    let (mut rig, actions) = session();
    let [hash] = imports(&actions)[..] else { panic!("{actions:?}") };
    let actions = rig.handle(Input::Imported { hash, outcome: crate::ImportOutcome::TooOld });
    assert!(super::penalties(&actions).is_empty());
    assert!(!rig.core.state().is_syncing);
    rig.now += tight().session_rest_ms;
    rig.handle(Input::Tick);
    assert!(!rig.core.state().is_syncing, "the same would come again");
}

fn blocks_top() -> citrate_core::H256 {
    chain_of(40)[39].hash()
}

#[test]
fn a_session_whose_import_fails_tries_again() {
    let (mut rig, actions) = session();
    let [hash] = imports(&actions)[..] else { panic!("{actions:?}") };
    rig.handle(Input::Imported { hash, outcome: crate::ImportOutcome::Failed });
    assert!(rig.core.state().is_syncing);
    rig.now += tight().rest_ms;
    // The other one has enough to do.
    let mut status = rig.chain.status();
    (status.blue_score, status.best.hash) = (100, blocks_top());
    let actions = rig.handle(Input::Connected(PeerId(2)));
    let actions = rig.answer_status(&actions, status);
    let is_again = |request: &Request| matches!(request, Request::Bodies(list) if list[0] == hash);
    assert!(requests(&actions).any(|(_, _, request)| is_again(request)), "{actions:?}");
}

#[test]
fn a_session_that_gets_nowhere_ends() {
    let (mut rig, actions) = session();
    let [hash] = imports(&actions)[..] else { panic!("{actions:?}") };
    rig.handle(Input::Imported { hash, outcome: crate::ImportOutcome::Failed });
    rig.now += tight().session_stall_max_ms;
    rig.handle(Input::Tick);
    assert!(rig.core.state().is_syncing);
    rig.now += 1;
    rig.handle(Input::Tick);
    assert!(!rig.core.state().is_syncing);
}

#[test]
fn headers_alone_do_not_keep_a_session_going() {
    let blocks = chain_of(400);
    let mut other = MemoryChain::new(TestRules::small());
    for block in blocks.clone() {
        other.import(block);
    }
    let mut rig = Rig::new(SyncConfig { window_max: 400, failures_max: u32::MAX, ..tight() });
    let actions = rig.handle(Input::Connected(PeerId(1)));
    let mut actions = rig.answer_status(&actions, other.status());
    let mut given = 0;
    // One page before each request for payloads runs out, and never a payload.
    for _ in 0..(tight().session_stall_max_ms / 1_000 + 2) {
        let pages: Vec<_> = requests(&actions)
            .filter(|(_, _, request)| matches!(request, Request::Headers { .. }))
            .map(|(_, id, _)| id)
            .collect();
        if let [id] = pages[..] {
            given += 1;
            let from = blocks[..16 * given].last().unwrap().hash();
            let at = if given == 1 {
                other.status().genesis
            } else {
                blocks[16 * (given - 1) - 1].hash()
            };
            let page = other.headers_after(&[at], 16, usize::MAX);
            assert_eq!(page.headers.last().unwrap().hash(), from);
            actions = rig.respond(id, &Response::Headers(page));
        } else {
            actions = rig.handle(Input::Tick);
        }
        rig.now += 1_000;
    }
    assert!(given > 1, "{given}");
    assert!(!rig.core.state().is_syncing, "{given} pages");
}

#[test]
fn a_page_for_an_earlier_session_is_no_offence_in_a_later_one() {
    let mut other = MemoryChain::new(TestRules::small());
    for block in chain_of(40) {
        other.import(block);
    }
    let mut rig = Rig::new(tight());
    let mut all = Vec::new();
    for peer in [1, 2] {
        all.extend(rig.handle(Input::Connected(PeerId(peer))));
        let (_, id, _) = requests(&all).last().expect("the status is asked for");
        all.extend(rig.respond(id, &Response::Status(other.status())));
    }
    let genesis = other.status().genesis;
    let last_page = |all: &[crate::Action]| {
        let is_page = |request: &Request| matches!(request, Request::Headers { .. });
        let last = requests(all).filter(|(_, _, request)| is_page(request)).last();
        last.map(|(peer, id, _)| (peer, id)).expect("a page is asked for")
    };
    // The first source serves a header whose seal is right, and whose blue score is not.
    let (liar, id) = last_page(&all);
    let mut header = chain_of(1).remove(0).header;
    let mut digest = citrate_dag_types::DagDigest::from_header(&header).unwrap();
    digest.blue_score += 5;
    header.digest.logs = vec![digest.to_item()];
    let bad = rig.chain.sealed(header, payload(1));
    let page = HeaderPage { common: Some(genesis), headers: vec![bad.header.clone()] };
    all.extend(rig.respond(id, &Response::Headers(page)));
    let (_, id) = last_page(&all);
    all.extend(rig.respond(id, &Response::Busy));
    // The other one goes on, and is asked for its second page.
    let (honest, id) = last_page(&all);
    assert_ne!(honest, liar);
    let page = other.headers_after(&[genesis], 16, usize::MAX);
    let cursor = page.headers[15].hash();
    all.extend(rig.respond(id, &Response::Headers(page)));
    let (source, late) = last_page(&all);
    assert_eq!(source, honest);
    // The payload comes, and with it the truth: everything begins anew.
    let is_bad = |request: &Request| matches!(request, Request::Bodies(l) if l[0] == bad.hash());
    let body = requests(&all).find(|(_, _, request)| is_bad(request));
    let (_, id, _) = body.expect("the payload is asked for");
    let actions = rig.respond(id, &Response::Bodies(vec![Some(payload(1))]));
    assert_eq!(super::penalties(&actions), [(liar.0, crate::Offence::InvalidHeader)]);
    rig.handle(Input::Tick);
    assert!(rig.core.state().is_syncing, "with the other one");
    let page = other.headers_after(&[cursor], 16, usize::MAX);
    let actions = rig.respond(late, &Response::Headers(page));
    assert!(super::penalties(&actions).is_empty(), "{actions:?}");
    assert_eq!(rig.core.state().window, 0);
}
