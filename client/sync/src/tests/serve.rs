use citrate_core::{H256, OpaqueExtrinsic};

use super::{Rig, chain_of, payload, penalties};
use crate::testing::{MemoryChain, TestRules};
use crate::{
    Action, BODY_BYTES_TARGET, HEADERS_MAX, InboundId, Input, Offence, PeerId, Request, Response,
    SyncChain, SyncConfig, TIPS_MAX,
};

fn response(actions: &[Action]) -> Response {
    let [Action::Respond { response, .. }] = actions else { panic!("{actions:?}") };
    response.clone()
}

fn rig_with(blocks: &[citrate_dag_types::DagBlock]) -> Rig {
    let mut rig = Rig::new(SyncConfig::default());
    for block in blocks {
        rig.chain.import(block.clone());
    }
    rig.connect(1);
    rig
}

#[test]
fn every_question_has_its_answer() {
    let blocks = chain_of(3);
    let mut rig = rig_with(&blocks);
    let unknown = H256::repeat_byte(1);
    let status = Response::Status(rig.chain.status());
    assert_eq!(response(&rig.ask(1, &Request::Status)), status);
    let bodies = Request::Bodies(vec![blocks[1].hash(), unknown, blocks[0].hash()]);
    let expected = vec![Some(payload(2)), None, Some(payload(1))];
    assert_eq!(response(&rig.ask(1, &bodies)), Response::Bodies(expected));
    let whole = Request::Blocks(vec![unknown, blocks[2].hash()]);
    let expected = vec![None, Some(blocks[2].clone())];
    assert_eq!(response(&rig.ask(1, &whole)), Response::Blocks(expected));
    let proof = rig.chain.justification(0);
    assert!(proof.is_some());
    assert_eq!(response(&rig.ask(1, &Request::Justification(0))), Response::Justification(proof));
    assert_eq!(response(&rig.ask(1, &Request::Justification(9))), Response::Justification(None));
}

#[test]
fn headers_follow_on_the_first_block_of_the_locator_that_is_on_the_chain() {
    let blocks = chain_of(6);
    let mut rig = rig_with(&blocks);
    let genesis = rig.chain.status().genesis;
    let mut ask = |locator: Vec<H256>, limit: u32| match response(
        &rig.ask(1, &Request::Headers { locator, limit }),
    ) {
        Response::Headers(page) => {
            (page.common, page.headers.iter().map(|h| h.number).collect::<Vec<_>>())
        }
        other => panic!("{other:?}"),
    };
    let unknown = H256::repeat_byte(1);
    assert_eq!(
        ask(vec![unknown, blocks[3].hash(), genesis], 9),
        (Some(blocks[3].hash()), vec![5, 6])
    );
    assert_eq!(ask(vec![genesis], 2), (Some(genesis), vec![1, 2]));
    assert_eq!(ask(vec![genesis], 0), (Some(genesis), vec![1]), "one chain block at least");
    assert_eq!(ask(vec![blocks[5].hash()], 9), (Some(blocks[5].hash()), vec![]));
    assert_eq!(ask(vec![unknown], 9), (None, vec![]));
    assert_eq!(ask(vec![], 9), (None, vec![]));
}

#[test]
fn a_page_lists_what_is_merged_before_the_chain_block() {
    let mut chain = MemoryChain::new(TestRules::small());
    let side: Vec<_> = (0..4).map(|author| chain.build(author, 1, payload(1)).unwrap()).collect();
    for block in side {
        chain.import(block);
    }
    let top = chain.build(5, 2, payload(2)).unwrap();
    chain.import(top.clone());
    let locator = [chain.status().genesis];
    let page = chain.headers_after(&locator, 2, usize::MAX);
    assert_eq!(page.headers.len(), 1, "three merged blocks and the next one are more than 2");
    let cursor = page.headers[0].hash();
    let page = chain.headers_after(&[cursor], 2, usize::MAX);
    assert_eq!(page.headers.len(), 4, "but one chain block is never split");
    assert_eq!(page.headers[3].hash(), top.hash());
    let page = chain.headers_after(&locator, HEADERS_MAX, 1);
    assert_eq!(page.headers.len(), 1, "the first one is more than a byte long");
}

#[test]
fn a_locator_thins_out_and_ends_at_the_lowest_block() {
    let mut chain = MemoryChain::new(TestRules::small());
    for block in chain_of(1_000) {
        chain.import(block);
    }
    let numbers: Vec<u32> =
        chain.locator().iter().map(|hash| chain.header(hash).unwrap().number).collect();
    assert_eq!(numbers[..10], [1000, 999, 998, 997, 996, 995, 994, 993, 992, 990]);
    assert_eq!(numbers.last(), Some(&0));
    assert!(numbers.len() < 20, "{numbers:?}");
    assert_eq!(MemoryChain::new(TestRules::small()).locator().len(), 1);
}

#[test]
fn an_answer_ends_when_it_is_long_enough() {
    let mut rig = Rig::new(SyncConfig::default());
    // The chain's limit on a payload is far below an answer's.
    let size = 60 * 1024;
    let fits = BODY_BYTES_TARGET / size + 1;
    let mut hashes = Vec::new();
    for slot in 1..=(fits + 2) as u64 {
        let block = rig.chain.build(0, slot, vec![OpaqueExtrinsic(vec![1; size])]).unwrap();
        hashes.push(block.hash());
        rig.chain.import(block);
    }
    rig.connect(1);
    match response(&rig.ask(1, &Request::Bodies(hashes))) {
        Response::Bodies(list) => assert_eq!(list.len(), fits),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_peer_that_asks_too_much_waits_and_is_disconnected_at_last() {
    let config = SyncConfig {
        serve_burst: 10,
        serve_per_second: 5,
        refusals_max: 3,
        ..SyncConfig::default()
    };
    let mut rig = Rig::new(config);
    rig.connect(1);
    rig.connect(2);
    let costly = Request::Headers { locator: vec![], limit: 64 };
    for _ in 0..3 {
        assert_ne!(response(&rig.ask(1, &costly)), Response::Busy, "3 each");
    }
    assert_ne!(response(&rig.ask(1, &Request::Status)), Response::Busy);
    assert_eq!(response(&rig.ask(1, &Request::Status)), Response::Busy);
    assert_ne!(response(&rig.ask(2, &Request::Status)), Response::Busy, "others do not suffer");
    rig.now += 200;
    assert_ne!(response(&rig.ask(1, &Request::Status)), Response::Busy);
    for _ in 0..config.refusals_max {
        assert_eq!(response(&rig.ask(1, &Request::Status)), Response::Busy);
    }
    let actions = rig.ask(1, &Request::Status);
    assert_eq!(penalties(&actions), [(1, Offence::TooManyRequests)]);
    assert_eq!(response(&rig.ask(1, &Request::Status)), Response::Busy, "it is gone for us");
}

#[test]
fn a_question_that_does_not_decode_bans() {
    let mut rig = rig_with(&[]);
    let actions =
        rig.handle(Input::Request { peer: PeerId(1), id: InboundId(9), bytes: vec![1, 77] });
    assert_eq!(penalties(&actions), [(1, Offence::Undecodable)]);
    assert_eq!(actions.len(), 1);
}

#[test]
fn a_status_names_the_greatest_tips() {
    let mut rules = TestRules::small();
    rules.authors = 100;
    let mut chain = MemoryChain::new(rules);
    let parents = vec![chain.status().genesis];
    for author in 0..=TIPS_MAX {
        let author = u32::try_from(author).unwrap();
        let block = chain.build_on(parents.clone(), author, 1, payload(1)).unwrap();
        chain.import(block);
    }
    let tips = chain.status().tips;
    assert_eq!(tips.len(), TIPS_MAX);
    let lowest = chain.dag().tips().into_iter().find(|tip| !tips.contains(tip)).unwrap();
    assert!(tips.iter().all(|tip| chain.dag().order(tip) > chain.dag().order(&lowest)));
    assert_eq!(tips[0], chain.dag().sink());
}
