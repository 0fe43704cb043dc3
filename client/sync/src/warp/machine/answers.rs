//! Answers of peers.

use citrate_core::{H256, Header, OpaqueExtrinsic};
use citrate_dag_types::DagBlock;
use citrate_trie::Step;
use codec::DecodeAll;

use crate::io::{Offence, PeerId, RequestId};
use crate::warp::io::{Followed, WarpChain};
use crate::warp::machine::progress::Target;
use crate::warp::machine::{Asked, WarpCore, is_payload};
use crate::warp::window::{WINDOW_BLOCKS_MAX, WindowEntry};
use crate::wire::{Depth, Request, Response, WindowPage, Wire};

/// LIMIT: bytes of a window.
const WINDOW_BYTES_MAX: usize = 512 << 20;

impl WarpCore {
    pub(super) fn response(&mut self, chain: &mut dyn WarpChain, id: RequestId, bytes: &[u8]) {
        if let Some((peer, _)) = self.statuses.remove(&id) {
            return match Response::from_bytes(bytes) {
                Ok(Response::Status(status)) => self.claimed(chain, peer, status),
                Ok(Response::Busy) => {}
                _ => self.penalise(peer, Offence::Undecodable),
            };
        }
        // What took too long is asked of others, and what told a peer to keep a state needs no answer.
        let Some(Asked { peer, request, .. }) = self.asked.take_if(|asked| asked.id == id) else {
            return;
        };
        let Ok(response) = Response::from_bytes(bytes) else {
            return self.penalise(peer, Offence::Undecodable);
        };
        if let Err(reason) = self.answer(chain, peer, request, response) {
            self.give_up(reason);
        }
    }

    fn answer(
        &mut self,
        chain: &mut dyn WarpChain,
        peer: PeerId,
        request: Request,
        response: Response,
    ) -> Result<(), String> {
        match (request, response) {
            (_, Response::Busy) => self.note_failure(peer),
            (Request::Proof(_), Response::Proof(Some(proof))) => {
                return self.proof(chain, peer, &proof);
            }
            // It follows no votes, or began after the set that is asked for.
            (Request::Proof(_), Response::Proof(None)) => self.rest(peer),
            (Request::Blocks(hashes), Response::Blocks(blocks)) => {
                return self.trusted_block(chain, peer, &hashes, blocks);
            }
            (Request::Window { from, .. }, Response::Window(Some(page))) => {
                return self.page(chain, peer, from, &page);
            }
            (Request::State { steps, depth, .. }, Response::State(Some(nodes))) => {
                return self.nodes(chain, peer, &steps, depth, nodes);
            }
            (Request::Window { .. }, Response::Window(None))
            | (Request::State { .. }, Response::State(None)) => {
                self.lacking.insert(peer);
                self.window_source.take_if(|source| *source == peer);
            }
            (Request::Bodies(_), Response::Bodies(list)) => {
                return self.payload(chain, peer, list.into_iter().next().flatten());
            }
            _ => self.penalise(peer, Offence::Unrequested),
        }
        Ok(())
    }

    fn proof(
        &mut self,
        chain: &mut dyn WarpChain,
        peer: PeerId,
        proof: &[u8],
    ) -> Result<(), String> {
        match chain.follow(proof) {
            Followed::More => self.served(peer),
            Followed::Nothing => self.rest(peer),
            Followed::Invalid => self.penalise(peer, Offence::InvalidJustification),
            Followed::Failed(reason) => return Err(reason),
            Followed::Target(header) => {
                self.served(peer);
                return self.begin_target(chain, header, None);
            }
        }
        Ok(())
    }

    fn begin_target(
        &mut self,
        chain: &mut dyn WarpChain,
        header: Header,
        payload: Option<Vec<OpaqueExtrinsic>>,
    ) -> Result<(), String> {
        let root = chain.state_root(&header);
        let block = header.hash();
        let batch = self.progress.begin(Target::new(header, payload), root);
        self.lacking.clear();
        chain.write(batch)?;
        let steps = vec![Step::root(root)];
        self.tell_keepers(&Request::State { block, steps, depth: Depth::Named });
        Ok(())
    }

    /// The block that the operator trusts.
    fn trusted_block(
        &mut self,
        chain: &mut dyn WarpChain,
        peer: PeerId,
        asked: &[H256],
        blocks: Vec<Option<DagBlock>>,
    ) -> Result<(), String> {
        let Some(DagBlock { header, payload }) = blocks.into_iter().next().flatten() else {
            self.lacking.insert(peer);
            self.rest(peer);
            return Ok(());
        };
        if asked.first() != Some(&header.hash()) || !is_payload(&header, &payload) {
            self.penalise(peer, Offence::Unrequested);
            return Ok(());
        }
        self.served(peer);
        self.begin_target(chain, header, Some(payload))
    }

    /// A page of the window. The whole is judged when it is whole: all of it is of one peer.
    fn page(
        &mut self,
        chain: &mut dyn WarpChain,
        peer: PeerId,
        from: u32,
        page: &WindowPage,
    ) -> Result<(), String> {
        let Some(target) = &self.progress.target else { return Ok(()) };
        let count = u32::try_from(page.entries.len()).unwrap_or(u32::MAX);
        let have = from.saturating_add(count);
        let before = if from == 0 { 0 } else { self.window_bytes };
        let bytes = page.entries.iter().map(Vec::len).sum::<usize>().saturating_add(before);
        let fits = page.total <= WINDOW_BLOCKS_MAX && have <= page.total && count > 0;
        if !fits || target.entries != from || bytes > WINDOW_BYTES_MAX {
            self.penalise(peer, Offence::InvalidState);
            return Ok(());
        }
        let decodes = |entry: &Vec<u8>| WindowEntry::decode_all(&mut &**entry).is_ok();
        if !page.entries.iter().all(decodes) {
            self.penalise(peer, Offence::Undecodable);
            return Ok(());
        }
        self.served(peer);
        self.window_bytes = bytes;
        chain.write(self.progress.add_page(&page.entries, false))?;
        if have < page.total {
            return Ok(());
        }
        let unreadable = "the window that was just written cannot be read";
        let entries = self.progress.window(chain).ok_or(unreadable)?;
        let header = self.progress.target.as_ref().map(|target| target.header.clone());
        let is_its = header.is_some_and(|header| chain.check_window(&header, &entries));
        let mut batch = crate::warp::io::Batch::default();
        if is_its {
            if let Some(target) = &mut self.progress.target {
                target.has_window = true;
            }
        } else {
            batch.records = self.progress.drop_window();
            self.penalise(peer, Offence::InvalidState);
        }
        batch.records.push(self.progress.record());
        chain.write(batch)
    }

    /// The target's payload.
    fn payload(
        &mut self,
        chain: &mut dyn WarpChain,
        peer: PeerId,
        payload: Option<Vec<OpaqueExtrinsic>>,
    ) -> Result<(), String> {
        let Some(target) = &mut self.progress.target else { return Ok(()) };
        let Some(payload) = payload else {
            self.lacking.insert(peer);
            return Ok(());
        };
        if !is_payload(&target.header, &payload) {
            self.penalise(peer, Offence::InvalidPayload);
            return Ok(());
        }
        target.payload = Some(payload);
        self.served(peer);
        let records = vec![self.progress.record()];
        chain.write(crate::warp::io::Batch { records, ..Default::default() })
    }

    fn nodes(
        &mut self,
        chain: &mut dyn WarpChain,
        peer: PeerId,
        steps: &[Step],
        depth: Depth,
        nodes: Vec<Vec<u8>>,
    ) -> Result<(), String> {
        if nodes.is_empty() {
            self.note_failure(peer);
            return Ok(());
        }
        self.served(peer);
        self.chunk(chain, peer, steps, depth, nodes)
    }
}
