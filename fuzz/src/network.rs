//! Messages of every protocol between nodes: what is read is within its limits, and is written as it came.

use citrate_artifacts as artifacts;
use citrate_chain::testing;
use citrate_core::{H256, Header, OpaqueExtrinsic, ed25519};
use citrate_dag_types::DagBlock;
use citrate_finality::{verify_justification, wire::GossipMessage};
use citrate_grandpa_types::{
    AuthorityList, Commit, GrandpaJustification, Precommit, SignedPrecommit,
};
use citrate_network::testing as frames;
use citrate_sync::{
    BLOCKS_MAX, BODIES_MAX, BlockRef, ENTRIES_MAX, HEADERS_MAX, HeaderPage, LOCATOR_MAX, NODES_MAX,
    Request, Response, STEPS_MAX, Status, TIPS_MAX, WindowPage, Wire,
};
use codec::{DecodeAll, Encode};

use crate::Outcome;

/// LIMIT: bytes of a frame's content.
const FRAME_BYTES_MAX: usize = 1024;

/// The first byte names the protocol.
pub(crate) fn run(bytes: &[u8]) -> Outcome {
    let Some((protocol, rest)) = bytes.split_first() else { return Outcome::Refused };
    Outcome::taken(match protocol % 8 {
        0 => wire::<DagBlock>(rest, |_| true),
        1 => wire::<Request>(rest, request_fits),
        2 => wire::<Response>(rest, response_fits),
        3 => vote(rest),
        4 => artifacts::Request::from_bytes(rest)
            .inspect(|request| assert_eq!(request.encode(), rest, "{request:?}"))
            .is_ok(),
        5 => artifacts::Response::from_bytes(rest)
            .inspect(|response| assert_eq!(response.encode(), rest, "{response:?}"))
            .is_ok(),
        6 => OpaqueExtrinsic::decode_all(&mut &*rest)
            .inspect(|extrinsic| assert_eq!(extrinsic.encode(), rest, "{extrinsic:?}"))
            .is_ok(),
        _ => frame(rest),
    })
}

fn wire<T: Wire + std::fmt::Debug>(bytes: &[u8], fits: fn(&T) -> bool) -> bool {
    let Ok(message) = T::from_bytes(bytes) else { return false };
    assert_eq!(message.to_bytes(), bytes, "{message:?} has two encodings");
    assert!(fits(&message), "{message:?} is longer than it may be");
    assert_eq!(message.check(), Ok(()));
    true
}

fn request_fits(request: &Request) -> bool {
    match request {
        Request::Headers { locator, .. } => locator.len() <= LOCATOR_MAX,
        Request::Bodies(hashes) => hashes.len() <= BODIES_MAX,
        Request::Blocks(hashes) => hashes.len() <= BLOCKS_MAX,
        Request::State { steps, .. } => steps.len() <= STEPS_MAX,
        _ => true,
    }
}

fn response_fits(response: &Response) -> bool {
    match response {
        Response::Status(status) => status.tips.len() <= TIPS_MAX,
        Response::Headers(page) => page.headers.len() <= HEADERS_MAX,
        Response::Bodies(bodies) => bodies.len() <= BODIES_MAX,
        Response::Blocks(blocks) => blocks.len() <= BLOCKS_MAX,
        Response::Window(Some(page)) => page.entries.len() <= ENTRIES_MAX,
        Response::State(Some(nodes)) => nodes.len() <= NODES_MAX,
        _ => true,
    }
}

/// Who votes in the seeds: nobody else has the keys.
fn voters() -> Vec<ed25519::Pair> {
    let seed = |index: u8| format!("0x{}", format!("{index:02x}").repeat(32));
    let pair = |index| ed25519::Pair::from_suri(&seed(index), None).expect("any seed is a key");
    (1..=4).map(pair).collect()
}

/// A block that they made final in the seeds.
fn final_block() -> (H256, u32) {
    (H256::repeat_byte(7), 9)
}

fn vote(bytes: &[u8]) -> bool {
    let Some(message) = GossipMessage::from_bytes(bytes) else { return false };
    assert_eq!(message.encode(), bytes, "{message:?} has two encodings");
    if let GossipMessage::Justification(proof) = &message {
        let authorities: AuthorityList = voters().iter().map(|pair| (pair.public(), 1)).collect();
        if let Ok(verified) = verify_justification(proof, 0, &authorities) {
            assert_eq!((verified.hash, verified.number), final_block(), "nobody voted for it");
        }
    }
    true
}

/// What one side writes to a stream and the other reads.
fn frame(bytes: &[u8]) -> bool {
    let request = frames::read_request(bytes, FRAME_BYTES_MAX);
    if let Ok(Some(data)) = &request {
        assert!(data.len() <= FRAME_BYTES_MAX, "{} bytes", data.len());
        assert_eq!(bytes.get(4..4 + data.len()), Some(data.as_slice()));
    }
    let response = frames::read_response(bytes, FRAME_BYTES_MAX);
    if let Ok(Some(data)) = &response {
        assert!(data.len() <= FRAME_BYTES_MAX, "{} bytes", data.len());
    }
    matches!(request, Ok(Some(_))) || response.is_ok()
}

fn justification() -> GrandpaJustification {
    let (target_hash, target_number) = final_block();
    let precommit = Precommit { target_hash, target_number };
    let message = citrate_grandpa_types::Message::Precommit(precommit.clone());
    let payload = citrate_grandpa_types::localized_payload(3, 0, &message);
    let precommits = voters()
        .iter()
        .map(|pair| SignedPrecommit {
            precommit: precommit.clone(),
            signature: pair.sign(&payload),
            id: pair.public(),
        })
        .collect();
    let commit = Commit { target_hash, target_number, precommits };
    GrandpaJustification { round: 3, commit, votes_ancestries: Vec::new() }
}

fn block() -> DagBlock {
    let chain = testing::open(&citrate_db::DbConfig::in_memory()).expect("a chain in memory");
    let payload = vec![testing::transfer(0, 1, 0, 5)];
    testing::block(&chain, chain.genesis_hash(), 7, payload).expect("a block on genesis")
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let block = block();
    let header: Header = block.header.clone();
    let hash = block.hash();
    let at = BlockRef { number: 1, hash };
    let mut seeds = Vec::new();
    let mut add = |protocol: u8, name: &str, bytes: Vec<u8>| {
        seeds.push((name.to_owned(), [vec![protocol], bytes].concat()));
    };
    add(0, "ok-block", block.to_bytes());
    add(0, "long-block", [block.to_bytes(), vec![0]].concat());
    for (name, request) in [
        ("status", Request::Status),
        ("headers", Request::Headers { locator: vec![hash, H256::zero()], limit: 9 }),
        ("bodies", Request::Bodies(vec![hash])),
        ("blocks", Request::Blocks(vec![hash])),
        ("justification", Request::Justification(7)),
        ("proof", Request::Proof(0)),
        ("window", Request::Window { block: hash, from: 3 }),
        (
            "state",
            Request::State {
                block: hash,
                steps: vec![citrate_trie::Step::root(hash)],
                depth: citrate_sync::Depth::Below,
            },
        ),
    ] {
        add(1, &format!("ok-ask-{name}"), request.to_bytes());
    }
    let status = Status {
        genesis: hash,
        finalised: at,
        best: at,
        oldest: 1,
        blue_score: 2,
        tips: vec![hash],
    };
    let proof = justification().encode();
    for (name, response) in [
        ("status", Response::Status(status)),
        ("headers", Response::Headers(HeaderPage { common: None, headers: vec![header; 2] })),
        ("bodies", Response::Bodies(vec![Some(block.payload.clone()), None])),
        ("blocks", Response::Blocks(vec![Some(block)])),
        ("justification", Response::Justification(Some(proof.clone()))),
        ("proof", Response::Proof(Some(vec![1, 2]))),
        ("window", Response::Window(Some(WindowPage { total: 2, entries: vec![vec![1]] }))),
        ("state", Response::State(Some(vec![vec![0], vec![1, 2]]))),
        ("busy", Response::Busy),
    ] {
        add(2, &format!("ok-tell-{name}"), response.to_bytes());
    }
    let at = citrate_finality::wire::Neighbour { set_id: 0, round: 3, finalized: 9 };
    add(3, "ok-neighbour", GossipMessage::Neighbour(at, 0).encode());
    add(3, "ok-catch-up", GossipMessage::CatchUpRequest(at).encode());
    add(3, "ok-proof-of-finality", GossipMessage::Justification(proof).encode());
    add(4, "ok-find", artifacts::Request::Find(hash).encode());
    add(5, "ok-absent", artifacts::Response::Absent.encode());
    add(5, "ok-leaf", artifacts::Response::Block(vec![1; 40]).encode());
    add(6, "ok-transaction", testing::transfer(0, 1, 0, 5).encode());
    add(7, "ok-frame", vec![3, 0, 0, 0, 1, 2, 3]);
    add(7, "long-frame", vec![255; 12]);
    seeds
}
