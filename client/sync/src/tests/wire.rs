use citrate_core::{Digest, DigestItem, H256, Header, OpaqueExtrinsic};
use citrate_dag::{LOG_BYTES_MAX, PAYLOAD_BYTES_MAX};
use citrate_dag_types::DagBlock;
use codec::Encode;

use super::{chain_of, payload};
use crate::{
    BLOCKS_MAX, BODIES_MAX, BlockRef, HEADERS_MAX, HeaderPage, JUSTIFICATION_BYTES_MAX,
    LOCATOR_MAX, Request, Response, Status, TIPS_MAX, Wire, WireError,
};

fn hashes(count: usize) -> Vec<H256> {
    vec![H256::repeat_byte(3); count]
}

fn header() -> Header {
    chain_of(1).remove(0).header
}

fn status(tips: usize) -> Response {
    let reference = BlockRef { number: 7, hash: H256::repeat_byte(2) };
    let genesis = H256::repeat_byte(1);
    let tips = hashes(tips);
    Response::Status(Status {
        genesis,
        finalised: reference,
        best: reference,
        oldest: 1,
        blue_score: 9,
        tips,
    })
}

fn page(count: usize) -> Response {
    Response::Headers(HeaderPage { common: Some(H256::zero()), headers: vec![header(); count] })
}

fn headers(count: usize) -> Request {
    Request::Headers { locator: hashes(count), limit: u32::MAX }
}

#[test]
fn every_message_at_its_limit_survives_the_wire() {
    let requests = [
        Request::Status,
        headers(LOCATOR_MAX),
        Request::Bodies(hashes(BODIES_MAX)),
        Request::Blocks(hashes(BLOCKS_MAX)),
        Request::Justification(5),
    ];
    for request in requests {
        assert_eq!(Request::from_bytes(&request.to_bytes()), Ok(request));
    }
    let block = chain_of(1).remove(0);
    let responses = [
        status(TIPS_MAX),
        page(HEADERS_MAX),
        Response::Bodies(vec![Some(payload(1)); BODIES_MAX]),
        Response::Blocks(vec![Some(block.clone()); BLOCKS_MAX]),
        Response::Justification(Some(vec![1; JUSTIFICATION_BYTES_MAX])),
        Response::Busy,
    ];
    for response in responses {
        assert_eq!(Response::from_bytes(&response.to_bytes()), Ok(response));
    }
    assert_eq!(DagBlock::from_bytes(&block.to_bytes()), Ok(block));
}

#[test]
fn one_past_each_limit_is_refused() {
    let requests = [
        headers(LOCATOR_MAX + 1),
        Request::Bodies(hashes(BODIES_MAX + 1)),
        Request::Blocks(hashes(BLOCKS_MAX + 1)),
    ];
    for request in requests {
        let result = Request::from_bytes(&request.to_bytes());
        assert!(matches!(result, Err(WireError::TooMany { .. })), "{request:?}: {result:?}");
    }
    let responses = [
        status(TIPS_MAX + 1),
        page(HEADERS_MAX + 1),
        Response::Bodies(vec![None; BODIES_MAX + 1]),
        Response::Blocks(vec![None; BLOCKS_MAX + 1]),
        Response::Justification(Some(vec![1; JUSTIFICATION_BYTES_MAX + 1])),
    ];
    for response in responses {
        let result = Response::from_bytes(&response.to_bytes());
        assert!(matches!(result, Err(WireError::TooMany { .. })), "{result:?}");
    }
}

#[test]
fn a_message_is_not_longer_than_its_kind_allows() {
    let block = |bytes: usize| {
        let mut block = chain_of(1).remove(0);
        block.payload = vec![OpaqueExtrinsic(vec![0; bytes])];
        block
    };
    // The length prefix of a long extrinsic counts.
    let mut full = block(PAYLOAD_BYTES_MAX - 4);
    let rest = LOG_BYTES_MAX - full.header.digest.encoded_size() - 4;
    full.header.digest.logs.push(DigestItem::Other(vec![0; rest]));
    let got = full.header.digest.encoded_size();
    assert!(got > LOG_BYTES_MAX - 4 && got <= LOG_BYTES_MAX, "{got}");
    assert_eq!(DagBlock::from_bytes(&full.to_bytes()), Ok(full.clone()), "the largest there is");
    let too_large = block(PAYLOAD_BYTES_MAX - 3);
    let refused =
        |result| matches!(result, Err(WireError::TooMany { got, max, .. }) if got == max + 1);
    assert!(refused(DagBlock::from_bytes(&too_large.to_bytes()).map(drop)));
    let blocks = Response::Blocks(vec![Some(too_large.clone())]);
    assert!(refused(Response::from_bytes(&blocks.to_bytes()).map(drop)));
    let bodies = Response::Bodies(vec![None, Some(too_large.payload)]);
    assert!(refused(Response::from_bytes(&bodies.to_bytes()).map(drop)));
    full.header.digest.logs.push(DigestItem::Other(vec![0; 8]));
    let page = Response::Headers(HeaderPage { common: None, headers: vec![full.header] });
    assert!(matches!(Response::from_bytes(&page.to_bytes()), Err(WireError::TooMany { .. })));
    let result = DagBlock::from_bytes(&vec![2; DagBlock::BYTES_MAX + 1]);
    assert!(matches!(result, Err(WireError::TooLong { .. })));
    let result = Request::from_bytes(&vec![1; Request::BYTES_MAX + 1]);
    assert!(matches!(result, Err(WireError::TooLong { .. })));
    let result = Response::from_bytes(&vec![1; Response::BYTES_MAX + 1]);
    assert!(matches!(result, Err(WireError::TooLong { .. })));
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    assert_eq!(Request::from_bytes(&[]), Err(WireError::Version));
    assert_eq!(Request::from_bytes(&[3, 0]), Err(WireError::Version));
    assert!(matches!(Request::from_bytes(&[2, 99]), Err(WireError::Malformed(_))));
    let long = [Request::Status.to_bytes(), vec![0]].concat();
    assert!(matches!(Request::from_bytes(&long), Err(WireError::Malformed(_))));
    let bytes = page(3).to_bytes();
    for cut in 1..bytes.len() {
        assert!(Response::from_bytes(&bytes[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn decoding_takes_memory_in_proportion_to_the_bytes() {
    // Half a million items of one byte each, which would take 24 times as much in memory.
    let bodies = Response::Bodies(vec![Some(vec![OpaqueExtrinsic(vec![]); 500_000])]);
    assert!(matches!(Response::from_bytes(&bodies.to_bytes()), Err(WireError::Malformed(_))));
    // A header with as many digest items as a chain allows passes.
    let mut header = header();
    header.digest = Digest { logs: vec![DigestItem::Other(vec![]); citrate_dag::LOGS_MAX] };
    let page = Response::Headers(HeaderPage { common: None, headers: vec![header; 1_000] });
    assert_eq!(Response::from_bytes(&page.to_bytes()), Ok(page));
}
