//! Fetching artifacts from peers: a machine that is told the time and what arrived, and says what to do.
//!
//! A peer that has an artifact says which tree it has over it ([`Claim`]): the root's hash and the file's length. The
//! claim that most peers make is taken for the time being. Under it every block is checked against its hash as it comes,
//! and only written if it is right, so that a liar costs one block and is known by name. Whether the claim itself was right
//! shows when the whole file is hashed; if it was not, whoever made it is penalised, and another claim is tried.
//!
//! # Invariants
//! - Requests that are open, for a peer and together, are bounded; so is what is looked for.
//! - What is on disk under a claim is never fetched twice, whatever happens in between.
//! - No honest peer is penalised: a peer that is slow, busy or has lost an artifact is left alone for a while.

mod download;
mod io;

use std::collections::BTreeMap;

use citrate_core::H256;

pub use io::{
    Action, Failure, FetchConfig, FetchError, Input, Offence, PeerId, Progress, RequestId, Size,
    Want,
};

use crate::{Claim, Pin, Position, Request, Response, Store, StoreError};
use download::{Answer, Download};

/// A connected peer.
#[derive(Debug, Default)]
struct Peer {
    /// Requests to it that are not answered.
    open: usize,
    /// How often it failed since its last block.
    failures: u32,
    /// Until when it is left alone.
    rests_until_ms: u64,
}

/// A request that is not answered.
#[derive(Clone, Copy, Debug)]
struct Asked {
    peer: PeerId,
    artifact: H256,
    /// The block, and under which claim it was asked for; none if the question was whether it is there.
    block: Option<(Position, Claim)>,
    until_ms: u64,
}

/// Fetches artifacts.
#[derive(Debug)]
pub struct FetchCore {
    config: FetchConfig,
    now_ms: u64,
    next_id: u64,
    /// LIMIT: as many as the network allows.
    peers: BTreeMap<PeerId, Peer>,
    /// LIMIT: [`FetchConfig::wants_max`].
    downloads: BTreeMap<H256, Download>,
    /// LIMIT: [`FetchConfig::requests_max`].
    asked: BTreeMap<RequestId, Asked>,
    actions: Vec<Action>,
}

impl FetchCore {
    /// A machine without peers.
    pub fn new(config: FetchConfig) -> Self {
        Self {
            config,
            now_ms: 0,
            next_id: 0,
            peers: BTreeMap::new(),
            downloads: BTreeMap::new(),
            asked: BTreeMap::new(),
            actions: Vec::new(),
        }
    }

    /// How far an artifact is; none if it is not being fetched.
    pub fn progress(&self, artifact: &H256) -> Option<Progress> {
        self.downloads.get(artifact).map(Download::progress)
    }

    /// The artifacts that are being fetched.
    pub fn wanted(&self) -> impl Iterator<Item = (H256, Progress)> {
        self.downloads.iter().map(|(hash, download)| (*hash, download.progress()))
    }

    /// Takes what happened; gives what to do. What came is written before this returns.
    pub fn handle(&mut self, store: &Store, now_ms: u64, input: Input) -> Vec<Action> {
        self.now_ms = self.now_ms.max(now_ms);
        match input {
            Input::Connected(peer) => {
                self.peers.insert(peer, Peer::default());
            }
            Input::Disconnected(peer) => self.forget(peer),
            Input::Want(want) => self.want(store, want),
            Input::Response { id, bytes } => self.on_response(store, id, &bytes),
            Input::Failed { id, failure } => self.on_failed(id, failure),
            Input::Tick => self.on_tick(),
        }
        self.schedule(store);
        std::mem::take(&mut self.actions)
    }

    fn done(&mut self, hash: H256, outcome: Result<crate::Artifact, FetchError>) {
        self.downloads.remove(&hash);
        // Their answers are of no use any more; the peers have to give them all the same.
        self.actions.push(Action::Done { hash, outcome });
    }

    fn want(&mut self, store: &Store, want: Want) {
        let hash = want.hash;
        if let Some(download) = self.downloads.get_mut(&hash) {
            if want.pin == Pin::Yes {
                download.want.pin = Pin::Yes;
            }
            return;
        }
        match present(store, &want) {
            Ok(None) if self.downloads.len() < self.config.wants_max => {
                self.downloads.insert(hash, Download::new(want, self.now_ms));
            }
            Ok(None) => self.done(hash, Err(FetchError::TooMany(self.config.wants_max))),
            Ok(Some(artifact)) => self.done(hash, Ok(artifact)),
            Err(error) => self.done(hash, Err(error.into())),
        }
    }

    fn forget(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
        let lost: Vec<RequestId> =
            self.asked.iter().filter(|(_, asked)| asked.peer == peer).map(|(id, _)| *id).collect();
        for id in lost {
            self.take_asked(id);
        }
        for download in self.downloads.values_mut() {
            download.answers.remove(&peer);
        }
    }

    /// A request is over, whatever came of it.
    fn take_asked(&mut self, id: RequestId) -> Option<Asked> {
        let asked = self.asked.remove(&id)?;
        if let Some(peer) = self.peers.get_mut(&asked.peer) {
            peer.open = peer.open.saturating_sub(1);
        }
        if let Some((at, claim)) = asked.block
            && let Some(download) = self.downloads.get_mut(&asked.artifact)
        {
            download.release(at, &claim);
        }
        Some(asked)
    }

    fn on_response(&mut self, store: &Store, id: RequestId, bytes: &[u8]) {
        let Some(asked) = self.take_asked(id) else { return };
        let answer = match (asked.block, Response::from_bytes(bytes)) {
            (None, Ok(Response::Here(claim))) => {
                let allowed = self.downloads.get_mut(&asked.artifact).is_some_and(|download| {
                    download.first_answer_ms.get_or_insert(self.now_ms);
                    download.want.size.allows(claim.bytes) && !download.refuted.contains(&claim)
                });
                // Whoever said how large it is may be wrong, so that another size is no offence.
                if allowed { Answer::Here(claim) } else { Answer::Useless }
            }
            (_, Ok(Response::Absent)) => {
                Answer::Absent { until_ms: self.now_ms.saturating_add(self.config.again_ms) }
            }
            (Some((at, claim)), Ok(Response::Block(block))) => {
                return self.on_block(store, &asked, at, claim, &block);
            }
            (None, Ok(Response::Block(_))) | (Some(_), Ok(Response::Here(_))) | (_, Err(_)) => {
                return self.offend(&asked, Offence::Malformed);
            }
        };
        if let Some(download) = self.downloads.get_mut(&asked.artifact) {
            download.answers.insert(asked.peer, answer);
        }
    }

    fn on_block(&mut self, store: &Store, asked: &Asked, at: Position, claim: Claim, block: &[u8]) {
        let now_ms = self.now_ms;
        let Some(download) = self.downloads.get_mut(&asked.artifact) else { return };
        let Some(partial) = download.loading(&claim) else { return };
        match partial.put(at, block) {
            Ok(crate::Put::Taken) => {
                let is_complete = partial.is_complete();
                download.progress_ms = now_ms;
                if let Some(peer) = self.peers.get_mut(&asked.peer) {
                    peer.failures = 0;
                }
                if is_complete {
                    self.complete(store, asked.artifact);
                }
            }
            Ok(crate::Put::Known) => {}
            Ok(crate::Put::Wrong) => self.offend(asked, Offence::WrongBlock),
            Err(error) => self.done(asked.artifact, Err(error.into())),
        }
    }

    /// All blocks are here: it is what it should be, or the claim was wrong.
    fn complete(&mut self, store: &Store, artifact: H256) {
        let Some(download) = self.downloads.get_mut(&artifact) else { return };
        let Some(partial) = download.take_loading() else { return };
        let claim = partial.claim();
        let Want { name, pin, .. } = &download.want;
        match store.complete(partial, name, *pin) {
            Ok(whole) => self.done(artifact, Ok(whole)),
            Err(StoreError::Corrupted(_)) => {
                download.refuted.insert(claim);
                for (peer, answer) in &mut download.answers {
                    if *answer == Answer::Here(claim) {
                        *answer = Answer::Useless;
                        let offence = Offence::FalseClaim;
                        self.actions.push(Action::Penalise { peer: *peer, offence });
                    }
                }
            }
            Err(error) => self.done(artifact, Err(error.into())),
        }
    }

    /// A peer did what no honest one does: nothing more of this artifact is taken from it.
    fn offend(&mut self, asked: &Asked, offence: Offence) {
        if let Some(download) = self.downloads.get_mut(&asked.artifact) {
            download.answers.insert(asked.peer, Answer::Useless);
        }
        self.actions.push(Action::Penalise { peer: asked.peer, offence });
    }

    fn on_failed(&mut self, id: RequestId, failure: Failure) {
        let Some(asked) = self.take_asked(id) else { return };
        tracing::debug!(artifact = ?asked.artifact, ?failure, "a peer does not answer");
        let FetchConfig { backoff_ms_min, backoff_ms_max, .. } = self.config;
        if let Some(peer) = self.peers.get_mut(&asked.peer) {
            let factor = 1u64.checked_shl(peer.failures).unwrap_or(u64::MAX);
            peer.failures = peer.failures.saturating_add(1);
            let pause = backoff_ms_min.saturating_mul(factor).min(backoff_ms_max);
            peer.rests_until_ms = self.now_ms.saturating_add(pause);
        }
        // Whether it has it is asked again; a block is asked for somewhere else meanwhile.
        if asked.block.is_none()
            && let Some(download) = self.downloads.get_mut(&asked.artifact)
        {
            download.answers.remove(&asked.peer);
        }
    }

    fn on_tick(&mut self) {
        let now_ms = self.now_ms;
        let late: Vec<RequestId> =
            self.asked.iter().filter(|(_, a)| a.until_ms <= now_ms).map(|(id, _)| *id).collect();
        for id in late {
            self.on_failed(id, Failure::Timeout);
        }
        let patience = self.config.patience_ms;
        let given_up = self
            .downloads
            .iter()
            .filter(|(_, download)| download.progress_ms.saturating_add(patience) <= now_ms);
        let given_up: Vec<_> =
            given_up.map(|(hash, download)| (*hash, download.is_found())).collect();
        for (hash, is_found) in given_up {
            let error = if is_found { FetchError::Stalled } else { FetchError::Nowhere };
            self.done(hash, Err(error));
        }
    }

    /// Asks whatever there is to ask, within the limits.
    fn schedule(&mut self, store: &Store) {
        let artifacts: Vec<H256> = self.downloads.keys().copied().collect();
        for artifact in &artifacts {
            self.find(*artifact);
        }
        for artifact in artifacts {
            self.choose(store, artifact);
            self.load(artifact);
        }
    }

    /// Asks the peers that have not been asked whether they have it.
    fn find(&mut self, artifact: H256) {
        let peers: Vec<PeerId> = self.peers.keys().copied().collect();
        for peer in peers {
            let now_ms = self.now_ms;
            let Some(download) = self.downloads.get_mut(&artifact) else { return };
            if download.is_askable(peer, now_ms) && self.may_ask(peer) {
                self.ask(peer, artifact, None, Request::Find(artifact));
                if let Some(download) = self.downloads.get_mut(&artifact) {
                    download.answers.insert(peer, Answer::Asked);
                }
            }
        }
    }

    /// Decides on a claim, if that is due.
    fn choose(&mut self, store: &Store, artifact: H256) {
        let active = self.downloads.values().filter(|download| download.is_loading()).count();
        let (now_ms, settle_ms) = (self.now_ms, self.config.settle_ms);
        let Some(download) = self.downloads.get_mut(&artifact) else { return };
        download.drop_orphaned();
        if download.is_loading() {
            return;
        }
        if active >= self.config.active_max {
            return download.queue(now_ms);
        }
        let opened = match download.choice(store, now_ms, settle_ms) {
            Ok(None) => return,
            Ok(Some(claim)) => store.begin(&artifact, claim),
            Err(error) => Err(error),
        };
        match opened {
            Ok(partial) => {
                let is_complete = partial.is_complete();
                download.load(partial, now_ms);
                if is_complete {
                    self.complete(store, artifact);
                }
            }
            Err(error) => self.done(artifact, Err(error.into())),
        }
    }

    /// Asks for blocks.
    fn load(&mut self, artifact: H256) {
        loop {
            let Some(download) = self.downloads.get_mut(&artifact) else { return };
            let Some((claim, holders)) = download.holders() else { return };
            let holders = holders.into_iter().filter(|peer| self.may_ask(*peer));
            let load = |peer: &PeerId| self.peers.get(peer).map(|peer| (peer.open, peer.failures));
            let Some(peer) = holders.min_by_key(load) else { return };
            let Some(download) = self.downloads.get_mut(&artifact) else { return };
            let Some(at) = download.next_block() else { return };
            self.ask(peer, artifact, Some((at, claim)), Request::Block { artifact, at });
        }
    }

    fn may_ask(&self, peer: PeerId) -> bool {
        self.asked.len() < self.config.requests_max
            && self.peers.get(&peer).is_some_and(|peer| {
                peer.open < self.config.per_peer_max && peer.rests_until_ms <= self.now_ms
            })
    }

    fn ask(
        &mut self,
        peer: PeerId,
        artifact: H256,
        block: Option<(Position, Claim)>,
        request: Request,
    ) {
        self.next_id = self.next_id.wrapping_add(1);
        let id = RequestId(self.next_id);
        let until_ms = self.now_ms.saturating_add(self.config.request_ms);
        self.asked.insert(id, Asked { peer, artifact, block, until_ms });
        if let Some(peer) = self.peers.get_mut(&peer) {
            peer.open += 1;
        }
        self.actions.push(Action::Request { peer, id, request });
    }
}

/// The artifact, if it is here already.
fn present(store: &Store, want: &Want) -> Result<Option<crate::Artifact>, StoreError> {
    let Some(mut artifact) = store.about(&want.hash)? else { return Ok(None) };
    store.touch(&want.hash);
    if want.pin == Pin::Yes && !artifact.pinned {
        store.set_pinned(&want.hash, true)?;
        artifact.pinned = true;
    }
    Ok(Some(artifact))
}

#[cfg(test)]
mod tests;
