//! Which blocks of an (author, slot) were seen.

use std::collections::BTreeMap;

use citrate_core::{H256, Header};
use citrate_dag_types::{AuthorityIndex, DagDigest, EquivocationProof, Slot};

use crate::io::Action;
use crate::machine::SyncCore;

/// Whether one more block of an (author, slot) may be passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// It is one of the first two.
    Open,
    /// Two others were seen, or so many of later slots that this one is not remembered.
    Closed,
}

/// The first two blocks of each (author, slot). The lowest slot is forgotten first.
#[derive(Debug)]
pub(super) struct Elections {
    max: usize,
    seen: BTreeMap<(Slot, AuthorityIndex), Seen>,
}

#[derive(Debug)]
struct Seen {
    first: (H256, Header),
    second: Option<H256>,
}

impl Elections {
    pub(super) fn new(max: usize) -> Self {
        Self { max, seen: BTreeMap::new() }
    }

    pub(super) fn room(&self, digest: &DagDigest, hash: &H256) -> Room {
        let key = (digest.slot, digest.author);
        let is_open = match self.seen.get(&key) {
            Some(seen) => {
                seen.second.is_none() || seen.first.0 == *hash || seen.second == Some(*hash)
            }
            None if self.seen.len() < self.max => true,
            None => self.seen.first_key_value().is_some_and(|(lowest, _)| *lowest < key),
        };
        if is_open { Room::Open } else { Room::Closed }
    }

    /// Notes a block whose seal is its author's. Returns the proof, if this is the second.
    fn note(
        &mut self,
        digest: &DagDigest,
        header: &Header,
        hash: H256,
    ) -> Option<EquivocationProof> {
        if self.room(digest, &hash) == Room::Closed {
            return None;
        }
        let key = (digest.slot, digest.author);
        let Some(seen) = self.seen.get_mut(&key) else {
            self.seen.insert(key, Seen { first: (hash, header.clone()), second: None });
            if self.seen.len() > self.max {
                self.seen.pop_first();
            }
            return None;
        };
        if seen.first.0 == hash || seen.second.is_some() {
            return None;
        }
        let proof = EquivocationProof { first: seen.first.1.clone(), second: header.clone() };
        seen.second = Some(hash);
        proof.claim().ok().flatten().map(|_| proof)
    }
}

impl SyncCore {
    /// Notes a block whose seal is its author's, and reports the second one of an (author, slot).
    pub(super) fn note_election(&mut self, header: &Header, hash: H256) {
        let Ok(digest) = DagDigest::from_header(header) else { return };
        let proof = self.elections.note(&digest, header, hash);
        self.out.extend(proof.map(|proof| Action::Equivocation(Box::new(proof))));
    }
}
