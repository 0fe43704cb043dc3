//! Answers of peers.

use crate::io::{Offence, RequestId};
use crate::machine::SyncCore;
use crate::machine::requests::Kind;
use crate::port::SyncChain;
use crate::wire::{Response, Wire};

impl SyncCore {
    pub(super) fn response(&mut self, chain: &dyn SyncChain, id: RequestId, bytes: &[u8]) {
        // Nothing, if the request took too long and was given up.
        let Some(waiting) = self.take_request(id) else { return };
        let peer = waiting.peer;
        // What the answer does not give can be asked for again.
        self.release(id, &waiting.kind);
        let Ok(response) = Response::from_bytes(bytes) else {
            return self.penalise(peer, Offence::Undecodable);
        };
        let is_empty = match &response {
            Response::Busy => true,
            Response::Bodies(list) => list.is_empty(),
            Response::Blocks(list) => list.is_empty(),
            Response::Status(_)
            | Response::Headers(_)
            | Response::Justification(_)
            | Response::Proof(_)
            | Response::Window(_)
            | Response::State(_) => false,
        };
        if is_empty {
            if let (Kind::Page(_), Some(session)) = (&waiting.kind, &mut self.session) {
                session.is_source_tired = true;
            }
            return self.note_failure(peer, &waiting.kind);
        }
        if let Some(state) = self.peers.get_mut(&peer) {
            state.served(&waiting.kind);
        }
        match (waiting.kind, response) {
            (Kind::Status, Response::Status(status)) => self.status(chain, peer, status),
            (Kind::Page(locator), Response::Headers(page)) => {
                self.page(chain, peer, id, &locator, page);
            }
            (Kind::Bodies(hashes), Response::Bodies(list)) => {
                self.bodies(chain, peer, &hashes, list);
            }
            (Kind::Blocks(hashes), Response::Blocks(list)) => {
                self.blocks(chain, peer, &hashes, list);
            }
            _ => self.penalise(peer, Offence::Unrequested),
        }
    }
}
