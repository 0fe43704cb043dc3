//! Answering peers.

use citrate_core::H256;
use citrate_dag_types::DagBlock;
use codec::Encode;

use crate::io::{Action, InboundId, Offence, PeerId};
use crate::machine::SyncCore;
use crate::port::SyncChain;
use crate::wire::{
    BODY_BYTES_TARGET, ENTRIES_MAX, HEADER_BYTES_TARGET, HEADERS_MAX, JUSTIFICATION_BYTES_MAX,
    NODES_MAX, PROOF_BYTES_MAX, Request, Response, TIPS_MAX, Wire,
};

/// What answering costs: one for the request, and one for each this many blocks or headers.
const BLOCKS_PER_COST: usize = 8;
const HEADERS_PER_COST: usize = 32;
const LARGE_COST: usize = 31;

fn cost(request: &Request) -> u64 {
    let items = match request {
        Request::Status | Request::Justification(_) => 0,
        Request::Headers { limit, .. } => {
            usize::try_from(*limit).unwrap_or(HEADERS_MAX).min(HEADERS_MAX) / HEADERS_PER_COST
        }
        Request::Bodies(hashes) | Request::Blocks(hashes) => hashes.len() / BLOCKS_PER_COST,
        // As much as 2 MiB of payloads.
        Request::Proof(_) | Request::Window { .. } | Request::State { .. } => LARGE_COST,
    };
    1 + u64::try_from(items).unwrap_or(u64::MAX)
}

/// Looks up one after the other until the answer is long enough. At least one is looked up.
fn gather<T: Encode>(hashes: &[H256], find: impl Fn(&H256) -> Option<T>) -> Vec<Option<T>> {
    let mut list = Vec::new();
    let mut bytes = 0usize;
    for hash in hashes {
        let item = find(hash);
        bytes = bytes.saturating_add(item.encoded_size());
        list.push(item);
        if bytes >= BODY_BYTES_TARGET {
            break;
        }
    }
    list
}

impl SyncCore {
    /// Answers a peer, if it has not asked too much already.
    pub(super) fn serve(
        &mut self,
        chain: &dyn SyncChain,
        peer: PeerId,
        id: InboundId,
        bytes: &[u8],
    ) {
        let (now_ms, config) = (self.now_ms, self.config);
        let Some(state) = self.peers.get_mut(&peer) else {
            return self.out.push(Action::Respond { id, response: Response::Busy });
        };
        let Ok(request) = Request::from_bytes(bytes) else {
            return self.penalise(peer, Offence::Undecodable);
        };
        if !state.afford(cost(&request), now_ms, &config) {
            if state.refusals() > config.refusals_max {
                return self.penalise(peer, Offence::TooManyRequests);
            }
            return self.out.push(Action::Respond { id, response: Response::Busy });
        }
        let response = answer(chain, &request);
        self.out.push(Action::Respond { id, response });
    }
}

fn answer(chain: &dyn SyncChain, request: &Request) -> Response {
    match request {
        Request::Status => {
            let mut status = chain.status();
            status.tips.truncate(TIPS_MAX);
            Response::Status(status)
        }
        Request::Headers { locator, limit } => {
            let count = usize::try_from(*limit).unwrap_or(HEADERS_MAX).clamp(1, HEADERS_MAX);
            let mut page = chain.headers_after(locator, count, HEADER_BYTES_TARGET);
            // Whatever the chain gives, the asker would take a longer page for an attack.
            page.headers.truncate(HEADERS_MAX);
            Response::Headers(page)
        }
        Request::Bodies(hashes) => Response::Bodies(gather(hashes, |hash| chain.payload(hash))),
        Request::Blocks(hashes) => Response::Blocks(gather(hashes, |hash| {
            Some(DagBlock { header: chain.header(hash)?, payload: chain.payload(hash)? })
        })),
        Request::Justification(number) => {
            let proof = chain.justification(*number);
            Response::Justification(proof.filter(|p| p.len() <= JUSTIFICATION_BYTES_MAX))
        }
        Request::Proof(set) => {
            Response::Proof(chain.proof(*set).filter(|proof| proof.len() <= PROOF_BYTES_MAX))
        }
        Request::Window { block, from } => {
            let from = usize::try_from(*from).unwrap_or(usize::MAX);
            let mut page = chain.window(block, from, BODY_BYTES_TARGET);
            page.iter_mut().for_each(|page| page.entries.truncate(ENTRIES_MAX));
            Response::Window(page)
        }
        Request::State { block, steps, depth } => {
            let mut nodes = chain.state(block, steps, *depth, BODY_BYTES_TARGET);
            nodes.iter_mut().for_each(|nodes| nodes.truncate(NODES_MAX));
            Response::State(nodes)
        }
    }
}
