//! The quota: what leaves when something new comes.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use citrate_core::H256;

use super::partial::PartialAbout;
use super::{Artifact, Store, StoreConfig, sum};
use crate::StoreError;

/// What could leave.
enum Candidate {
    Whole(Artifact),
    /// Something that was being fetched, and is not at the moment.
    Part(PartialAbout),
}

impl Candidate {
    fn bytes(&self) -> u64 {
        match self {
            Self::Whole(artifact) => artifact.bytes,
            Self::Part(part) => part.claim.bytes,
        }
    }

    fn hash(&self) -> H256 {
        match self {
            Self::Whole(artifact) => artifact.hash,
            Self::Part(part) => part.hash,
        }
    }
}

impl Store {
    /// Bytes of all artifacts, and of those that are being fetched.
    pub fn bytes_used(&self) -> Result<u64, StoreError> {
        let parts = self.parts()?;
        Ok(parts.iter().fold(sum(&self.list()?), |sum, part| sum.saturating_add(part.claim.bytes)))
    }

    /// Removes what was used least recently and is not pinned until at most `bytes_max` bytes are left, and gives the
    /// artifacts that were removed.
    pub fn collect(&self, bytes_max: u64) -> Result<Vec<Artifact>, StoreError> {
        self.evict(bytes_max, self.config.count_max, None)
    }

    /// Says that an artifact is in use, so that others leave before it.
    pub fn touch(&self, hash: &H256) {
        let file = File::options().append(true).open(self.about_path(hash));
        // It may be on a disk that cannot be written: then it only leaves sooner.
        let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// An error if so many bytes do not fit even when everything has left that can.
    pub(super) fn check_room(&self, bytes: u64) -> Result<(), StoreError> {
        let StoreConfig { bytes_max, .. } = self.config;
        let pinned = self.list()?.into_iter().filter(|artifact| artifact.pinned);
        let kept = sum(&pinned.collect::<Vec<_>>());
        if bytes > bytes_max.saturating_sub(kept) {
            return Err(StoreError::Full { bytes, bytes_max });
        }
        Ok(())
    }

    /// Removes what was used least recently and is not pinned until one more artifact of so many bytes fits; nothing, if it
    /// cannot be made to. What there is of the artifact itself counts for nothing.
    pub(super) fn make_room(&self, bytes: u64, own: &H256) -> Result<(), StoreError> {
        let StoreConfig { bytes_max, count_max, .. } = self.config;
        let full = || StoreError::Full { bytes, bytes_max };
        let bytes_left = bytes_max.checked_sub(bytes).ok_or_else(full)?;
        let count_left = count_max.checked_sub(1).ok_or(StoreError::TooMany { count_max })?;
        let (fixed_bytes, fixed_count) = self.fixed(own)?;
        if fixed_bytes > bytes_left {
            return Err(full());
        }
        if fixed_count > count_left {
            return Err(StoreError::TooMany { count_max });
        }
        self.evict(bytes_left, count_left, Some(own)).map(drop)
    }

    /// Bytes and number of what cannot leave: pinned, or being fetched.
    fn fixed(&self, own: &H256) -> Result<(u64, usize), StoreError> {
        let pinned = self.list()?.into_iter().filter(|a| a.pinned && a.hash != *own);
        let mut sizes: Vec<u64> = pinned.map(|artifact| artifact.bytes).collect();
        let parts = self.parts()?;
        let held = parts.iter().filter(|part| part.hash != *own && self.is_held(&part.hash));
        sizes.extend(held.map(|part| part.claim.bytes));
        let bytes = sizes.iter().fold(0u64, |sum, bytes| sum.saturating_add(*bytes));
        Ok((bytes, sizes.len()))
    }

    fn evict(
        &self,
        bytes_max: u64,
        count_max: usize,
        own: Option<&H256>,
    ) -> Result<Vec<Artifact>, StoreError> {
        let (whole, parts) = (self.list()?, self.parts()?);
        let counted = |hash: &H256| own != Some(hash);
        let whole: Vec<_> = whole.into_iter().filter(|artifact| counted(&artifact.hash)).collect();
        let parts: Vec<_> = parts.into_iter().filter(|part| counted(&part.hash)).collect();
        let mut used =
            parts.iter().fold(sum(&whole), |sum, part| sum.saturating_add(part.claim.bytes));
        let mut count = whole.len() + parts.len();
        let unpinned = whole.into_iter().filter(|artifact| !artifact.pinned).map(Candidate::Whole);
        let idle = parts.into_iter().filter(|part| !self.is_held(&part.hash)).map(Candidate::Part);
        let mut candidates: Vec<_> = unpinned.chain(idle).collect();
        candidates
            .sort_by_cached_key(|candidate| Reverse((self.used_at(candidate), candidate.hash())));
        let mut removed = Vec::new();
        while used > bytes_max || count > count_max {
            let Some(candidate) = candidates.pop() else { break };
            used = used.saturating_sub(candidate.bytes());
            count -= 1;
            tracing::info!(artifact = ?candidate.hash(), bytes = candidate.bytes(), "removed to make room");
            match candidate {
                Candidate::Whole(artifact) => {
                    match self.remove(&artifact.hash) {
                        // Another process may have removed it, or pinned it since.
                        Ok(()) | Err(StoreError::Unknown(_)) => removed.push(artifact),
                        Err(StoreError::Pinned(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
                Candidate::Part(part) => self.discard(&part.hash)?,
            }
        }
        Ok(removed)
    }

    fn used_at(&self, candidate: &Candidate) -> SystemTime {
        let path = match candidate {
            Candidate::Whole(artifact) => self.about_path(&artifact.hash),
            Candidate::Part(part) => self.partial_path(&part.hash).join("data"),
        };
        modified(&path).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|about| about.modified()).ok()
}
