//! The machine that relays and downloads blocks, between an honest peer and liars.
//!
//! Whatever liars do, in whatever order and time: limits hold, each message gets one answer, blocks are handed out
//! after their parents, the honest peer is not banned, and once the liars are gone the node has what the honest peer has.

mod node;

use std::sync::OnceLock;

use citrate_core::{H256, OpaqueExtrinsic};
use citrate_dag_types::DagBlock;
use citrate_sync::testing::{MemoryChain, TestRules};
use citrate_sync::{
    BlockRef, GossipId, HeaderPage, ImportOutcome, InboundId, Input, PeerId, Request, RequestId,
    Response, Status, SyncChain, SyncConfig, WindowPage, Wire,
};
use citrate_testing::Choices;

use crate::Outcome;
use node::Node;

/// LIMIT: what one input does.
const STEPS_MAX: usize = 64;
/// Who tells no lies.
const HONEST: PeerId = PeerId(0);
const LIARS: usize = 3;
/// Long after every slot.
const NOW_MS: u64 = 1_000_000_000;
/// How long the node may take to have everything, in steps of half a second.
const PATIENCE: usize = 1_200;

/// Small limits, which a small DAG reaches.
fn config() -> SyncConfig {
    SyncConfig {
        imports_max: 2,
        import_queue_max: 8,
        orphans_max: 8,
        orphans_per_peer_max: 4,
        orphan_bytes_max: 4_096,
        wants_max: 8,
        elections_max: 64,
        early_max: 4,
        early_per_peer_max: 2,
        far_blue_score: 8,
        chase_max: 3,
        requests_per_peer_max: 2,
        request_timeout_ms: 2_000,
        window_max: 24,
        window_bytes_max: 512,
        headers_per_request: 8,
        bodies_per_request: 4,
        ..SyncConfig::default()
    }
}

/// What the honest peer has, parents first: blocks of three authors that did not always know of each other's.
fn blocks() -> &'static [DagBlock] {
    static BLOCKS: OnceLock<Vec<DagBlock>> = OnceLock::new();
    BLOCKS.get_or_init(|| {
        let mut views = vec![MemoryChain::new(TestRules::small()); 3];
        let mut blocks: Vec<DagBlock> = Vec::new();
        for slot in 1..40u64 {
            let author = u32::try_from(slot * 7 % 3).unwrap_or_default();
            let view = usize::try_from(author).unwrap_or_default();
            let payload = vec![OpaqueExtrinsic(slot.to_le_bytes().to_vec())];
            let Some(block) = views.get(view).and_then(|view| view.build(author, slot, payload))
            else {
                continue;
            };
            blocks.push(block);
            // The others hear of it now, or at the next block of theirs that nobody misses.
            for (index, view) in views.iter_mut().enumerate() {
                if u64::try_from(index).unwrap_or_default() == u64::from(author) || slot % 4 == 0 {
                    for block in &blocks {
                        view.import(block.clone());
                    }
                }
            }
        }
        blocks
    })
}

pub(crate) fn run(bytes: &[u8]) -> Outcome {
    let mut choices = Choices::new(bytes);
    let mut node = Node::new(config(), blocks(), choices.below(8));
    node.connect(HONEST);
    for _ in 0..STEPS_MAX {
        if choices.is_empty() {
            break;
        }
        step(&mut node, &mut choices);
    }
    node.leave_alone();
    let mut patience = PATIENCE;
    while !node.has_all() {
        assert!(patience > 0, "it does not get what an honest peer has: {:?}", node.core.state());
        patience -= 1;
        node.honest_answers();
        node.import_all(None);
        node.pass(500);
    }
    Outcome::taken(node.offences == 0)
}

fn step(node: &mut Node, choices: &mut Choices<'_>) {
    let liar = PeerId(u64::try_from(1 + choices.below(LIARS)).unwrap_or(1));
    match choices.below(14) {
        0 => node.connect(liar),
        1 => node.handle(Input::Disconnected(liar)),
        2 | 3 => {
            let bytes = some_block(node, choices).to_bytes();
            node.gossip(liar, bytes);
        }
        4 => {
            let bytes = some_bytes(choices);
            node.gossip(liar, bytes);
        }
        5 => {
            let request = some_request(node, choices);
            node.ask(liar, request.to_bytes());
        }
        6 => {
            let bytes = some_bytes(choices);
            node.ask(liar, bytes);
        }
        7 | 8 => {
            let at = choices.below(node.asked.len().max(1));
            if let Some((peer, id, request)) = node.take_asked(at) {
                answer(node, peer, id, &request, choices);
            }
        }
        9 => node.honest_answers(),
        10 => {
            let outcome = [None, None, Some(ImportOutcome::Failed), Some(ImportOutcome::TooOld)];
            node.import_all(outcome[choices.below(4)]);
        }
        11 => node.pass(10 << choices.below(12)),
        12 => {
            let block = blocks().get(choices.below(blocks().len()));
            let bytes = block.map(DagBlock::to_bytes).unwrap_or_default();
            node.gossip(HONEST, bytes);
        }
        _ => {
            // An answer to whatever was asked, or was not; but nobody answers for the honest peer.
            let id = RequestId(choices.byte().into());
            if !node.asked.iter().any(|(peer, asked, _)| (*peer, *asked) == (HONEST, id)) {
                node.handle(Input::Response { id, bytes: Vec::new() });
            }
        }
    }
}

fn answer(
    node: &mut Node,
    peer: PeerId,
    id: RequestId,
    request: &Request,
    choices: &mut Choices<'_>,
) {
    if peer == HONEST {
        return node.honest_answer(id, request);
    }
    let bytes = match choices.below(4) {
        0 => return node.handle(Input::Failed(id)),
        1 => node.honest_response(request).to_bytes(),
        2 => some_bytes(choices),
        _ => {
            let truth = node.honest_response(request);
            lie(node, truth, choices).to_bytes()
        }
    };
    node.handle(Input::Response { id, bytes });
}

/// An answer that is nearly the true one.
fn lie(node: &Node, truth: Response, choices: &mut Choices<'_>) -> Response {
    match truth {
        Response::Status(mut status) => {
            match choices.below(5) {
                0 => status.blue_score = status.blue_score.saturating_add(1 << choices.below(64)),
                1 => status.best = some_reference(choices),
                2 => status.tips = vec![some_hash(choices); choices.below(70)],
                3 => status.genesis = some_hash(choices),
                _ => status.oldest = u32::MAX >> choices.below(32),
            }
            Response::Status(status)
        }
        Response::Headers(mut page) => {
            match choices.below(5) {
                0 => page.headers.reverse(),
                1 => drop(page.headers.drain(..page.headers.len().min(choices.below(3)))),
                2 => page.common = Some(some_hash(choices)),
                3 => page.headers.push(some_block(node, choices).header),
                _ => page.headers.truncate(choices.below(3)),
            }
            Response::Headers(page)
        }
        Response::Bodies(mut bodies) => {
            let payload = some_block(node, choices).payload;
            match choices.below(3) {
                0 => bodies.push(Some(payload)),
                1 => bodies.iter_mut().for_each(|body| *body = Some(payload.clone())),
                _ => bodies.iter_mut().for_each(|body| *body = None),
            }
            Response::Bodies(bodies)
        }
        Response::Blocks(mut blocks) => {
            let block = some_block(node, choices);
            match choices.below(3) {
                0 => blocks.push(Some(block)),
                1 => blocks.iter_mut().for_each(|old| *old = Some(block.clone())),
                _ => blocks.iter_mut().for_each(|old| *old = None),
            }
            Response::Blocks(blocks)
        }
        _ => some_response(node, choices),
    }
}

fn some_response(node: &Node, choices: &mut Choices<'_>) -> Response {
    let block = some_block(node, choices);
    match choices.below(8) {
        0 => Response::Busy,
        1 => Response::Justification(Some(vec![choices.byte(); 9])),
        2 => Response::Window(Some(WindowPage { total: 9, entries: vec![vec![choices.byte()]] })),
        3 => Response::State(Some(vec![vec![choices.byte()]])),
        4 => Response::Blocks(vec![Some(block)]),
        5 => Response::Bodies(vec![Some(block.payload)]),
        6 => Response::Headers(HeaderPage { common: None, headers: vec![block.header] }),
        _ => {
            let at = some_reference(choices);
            let genesis = node.chain.status().genesis;
            let tips = vec![some_hash(choices)];
            let status =
                Status { genesis, finalised: at, best: at, oldest: 1, blue_score: 99, tips };
            Response::Status(status)
        }
    }
}

fn some_reference(choices: &mut Choices<'_>) -> BlockRef {
    BlockRef { number: choices.byte().into(), hash: some_hash(choices) }
}

fn some_hash(choices: &mut Choices<'_>) -> H256 {
    match choices.below(blocks().len() + 2) {
        0 => H256::repeat_byte(choices.byte()),
        index => blocks().get(index - 1).map_or_else(H256::zero, DagBlock::hash),
    }
}

/// A block that the honest peer has, or one that is new: sealed by its author, changed after that, or in the future.
fn some_block(node: &Node, choices: &mut Choices<'_>) -> DagBlock {
    let mut block = blocks()[choices.below(blocks().len())].clone();
    let author = u32::from(choices.byte() % 10);
    let payload = vec![OpaqueExtrinsic(vec![choices.byte(); choices.below(200)])];
    match choices.below(8) {
        0 => block.header.state_root = some_hash(choices),
        1 => block.header.parent_hash = some_hash(choices),
        2 => block.payload = payload,
        3 => {
            // A second block of the same slot and author, or of another author.
            let header = &block.header;
            let slot = citrate_dag_types::DagDigest::from_header(header).map_or(9, |it| it.slot.0);
            let made =
                node.honest_chain().build_on(vec![header.parent_hash], author, slot, payload);
            block = made.unwrap_or(block);
        }
        4 => {
            let slot = NOW_MS / 100 + u64::from(choices.byte());
            block = node.chain.build(author, slot, payload).unwrap_or(block);
        }
        _ => {}
    }
    block
}

fn some_request(node: &Node, choices: &mut Choices<'_>) -> Request {
    let hashes = |choices: &mut Choices<'_>| vec![some_hash(choices); choices.below(40)];
    match choices.below(8) {
        0 => Request::Status,
        1 => Request::Headers { locator: node.chain.locator(), limit: choices.byte().into() },
        2 => Request::Headers { locator: hashes(choices), limit: u32::MAX },
        3 => Request::Bodies(hashes(choices)),
        4 => Request::Blocks(hashes(choices)),
        5 => Request::Justification(choices.byte().into()),
        6 => Request::Window { block: some_hash(choices), from: choices.byte().into() },
        _ => Request::Proof(choices.byte().into()),
    }
}

fn some_bytes(choices: &mut Choices<'_>) -> Vec<u8> {
    let length = choices.below(40);
    (0..length).map(|_| choices.byte()).collect()
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = vec![
        ("ok-alone".to_owned(), vec![0]),
        ("ok-answers".to_owned(), [9, 0, 9, 0, 10, 0, 11, 6, 0].repeat(8)),
    ];
    for liar in 0..24u8 {
        let steps: Vec<u8> =
            (0..220u8).map(|i| i.wrapping_mul(liar * 2 + 1).wrapping_add(i >> 3) ^ liar).collect();
        seeds.push((format!("liars-{liar}"), [vec![liar % 8, 0, 0], steps].concat()));
    }
    seeds.push(("none".to_owned(), Vec::new()));
    seeds
}

/// The numbers of messages of peers.
#[derive(Default)]
struct Numbers(u64);

impl Numbers {
    fn gossip(&mut self) -> GossipId {
        self.0 += 1;
        GossipId(self.0)
    }

    fn inbound(&mut self) -> InboundId {
        self.0 += 1;
        InboundId(self.0)
    }
}
