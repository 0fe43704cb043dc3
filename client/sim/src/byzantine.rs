//! What nodes do that do not behave.

use citrate_core::{H256, OpaqueExtrinsic};
use citrate_dag::payload_root;
use citrate_dag_types::{DagBlock, DagDigest};
use citrate_sync::testing::{MemoryChain, PAYLOAD_BYTES_MAX};
use citrate_sync::{BODIES_MAX, Response, Wire};

use citrate_dag::testing::Random;

/// A block with another claim about the state, sealed anew.
pub(crate) fn wrong_state(chain: &MemoryChain, block: DagBlock) -> DagBlock {
    let DagBlock { mut header, payload } = block;
    header.digest.pop();
    header.state_root = H256::repeat_byte(0xbb);
    chain.sealed(header, payload)
}

/// Something that nobody may pass on: bytes that are nothing, a payload that is not its header's, or one
/// that is too large.
pub(crate) fn spam(chain: &MemoryChain, block: &DagBlock, random: &mut Random) -> Vec<u8> {
    let large = || vec![OpaqueExtrinsic(vec![7; PAYLOAD_BYTES_MAX])];
    match random.within(0, 2) {
        0 => vec![0xff; 64],
        1 => DagBlock { header: block.header.clone(), payload: large() }.to_bytes(),
        _ => {
            let Ok(mut digest) = DagDigest::from_header(&block.header) else { return Vec::new() };
            digest.payload_root = payload_root(&large());
            let mut header = block.header.clone();
            header.digest.logs = vec![digest.to_item()];
            chain.sealed(header, large()).to_bytes()
        }
    }
}

/// What a lying server answers; `None` for nothing. Mostly it tells the truth, so that it is asked again.
pub(crate) fn lie(mut answer: Response, random: &mut Random) -> Option<Vec<u8>> {
    if random.permille(600) {
        return Some(answer.to_bytes());
    }
    match (&mut answer, random.within(0, 3)) {
        (_, 0) => return None,
        (Response::Status(status), 1) => status.blue_score += 10_000,
        (Response::Status(status), 2) => {
            status.best.hash = H256::repeat_byte(0xcc);
            status.blue_score += 10_000;
        }
        (Response::Headers(page), 1) => {
            page.headers.drain(..page.headers.len().min(1));
        }
        (Response::Headers(page), 2) => page.common = Some(H256::repeat_byte(0xdd)),
        (Response::Headers(page), _) => {
            for header in &mut page.headers {
                header.extrinsics_root = H256::repeat_byte(0xee);
            }
        }
        (Response::Bodies(list), 1) => list.iter_mut().for_each(|item| *item = None),
        (Response::Bodies(list), 2) => list.resize(BODIES_MAX, None),
        (Response::Bodies(list), _) => list.iter_mut().for_each(|item| *item = Some(Vec::new())),
        (Response::Blocks(list), 1 | 2) => list.iter_mut().for_each(|item| *item = None),
        (Response::Blocks(list), _) => list.reverse(),
        _ => return Some(vec![1, 0xab]),
    }
    Some(answer.to_bytes())
}
