//! An artifact of which only some blocks are here.
//!
//! `partial/<hash>` holds `about.json` (whose root is taken to be right until the whole file proves it), `nodes` (the blocks
//! that are no leaves, each once its parent is here) and `data` (the file, with holes). Which leaves are here is written
//! nowhere: on opening, each is compared with its hash. So no order of writes, and no sync, has to be right for a kill or a
//! power cut to cost nothing but what had not reached the disk.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use citrate_core::H256;
use codec::{Decode, Encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Artifact, Pin, Store, sync_folder};
use crate::StoreError;
use crate::tree::{Position, Shape, hash};
use crate::unixfs::CidBuilder;

/// What somebody says of an artifact.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
pub struct Claim {
    /// Hash of the tree's root.
    pub root: H256,
    /// Bytes of the file.
    pub bytes: u64,
}

/// What is written down of an artifact that is being fetched.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PartialAbout {
    pub(super) hash: H256,
    pub(super) claim: Claim,
}

/// What became of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is on disk.
    Taken,
    /// It was here before.
    Known,
    /// It is not the one that belongs there.
    Wrong,
}

/// An artifact of which only some blocks are here. Nobody else can open it meanwhile.
#[derive(Debug)]
pub struct Partial {
    about: PartialAbout,
    folder: PathBuf,
    shape: Shape,
    data: File,
    nodes: File,
    /// The hash of each block, by level, as far as its parent is here.
    hashes: Vec<Vec<Option<H256>>>,
    /// The blocks whose hash is known and that are not here, those first on which others depend.
    open: BTreeSet<(Reverse<u8>, u32)>,
    /// Bytes of the leaves that are here.
    verified: u64,
}

impl Partial {
    /// What was claimed of it.
    pub fn claim(&self) -> Claim {
        self.about.claim
    }

    /// Bytes of the file that are here and are right.
    pub fn bytes_verified(&self) -> u64 {
        self.verified
    }

    /// Whether every block is here.
    pub fn is_complete(&self) -> bool {
        // Its root's hash is known from the start, and each node's children once it is here.
        self.open.is_empty()
    }

    /// The blocks that are not here and whose hash is known, those first on which others depend.
    pub fn wanted(&self) -> impl Iterator<Item = Position> {
        self.open.iter().map(|(level, index)| Position { level: level.0, index: *index })
    }

    /// Writes a block, if it is the right one.
    pub fn put(&mut self, at: Position, block: &[u8]) -> Result<Put, StoreError> {
        match self.place(at, block) {
            Placed::Node => {
                let record = (at, block).encode();
                let path = self.folder.join("nodes");
                self.nodes.write_all(&record).map_err(StoreError::io(path))?;
                Ok(Put::Taken)
            }
            Placed::Leaf { offset } => {
                let path = self.folder.join("data");
                let written = self
                    .data
                    .seek(SeekFrom::Start(offset))
                    .and_then(|_| self.data.write_all(block));
                if let Err(error) = written {
                    self.open.insert((Reverse(at.level), at.index));
                    self.verified -= block.len() as u64;
                    return Err(StoreError::io(path)(error));
                }
                Ok(Put::Taken)
            }
            Placed::Known => Ok(Put::Known),
            Placed::Wrong => Ok(Put::Wrong),
        }
    }

    /// Notes that a block is here.
    fn place(&mut self, at: Position, block: &[u8]) -> Placed {
        let (level, index) =
            (usize::from(at.level), usize::try_from(at.index).unwrap_or(usize::MAX));
        let hashes = self.hashes.get(level);
        let Some(Some(expected)) = hashes.and_then(|hashes| hashes.get(index)) else {
            return Placed::Wrong;
        };
        let key = (Reverse(at.level), at.index);
        if !self.open.contains(&key) {
            return Placed::Known;
        }
        if hash(block) != *expected {
            return Placed::Wrong;
        }
        let placed = if level == 0 {
            let (offset, length) = self.shape.leaf(index);
            if block.len() != length {
                return Placed::Wrong;
            }
            self.verified += length as u64;
            Placed::Leaf { offset }
        } else {
            let Some(links) = self.shape.links(at, block) else { return Placed::Wrong };
            for (child, link) in self.shape.children(at).zip(links) {
                self.hashes[level - 1][child] = Some(link);
                self.open.insert((Reverse(at.level - 1), u32::try_from(child).unwrap_or(u32::MAX)));
            }
            Placed::Node
        };
        self.open.remove(&key);
        placed
    }

    /// Takes up what is on disk. What is damaged there counts as missing.
    fn resume(&mut self) -> Result<(), StoreError> {
        let path = self.folder.join("nodes");
        let mut records = Vec::new();
        self.nodes.read_to_end(&mut records).map_err(StoreError::io(&path))?;
        let mut rest = &records[..];
        let mut sound = 0;
        while let Ok((at, block)) = <(Position, Vec<u8>)>::decode(&mut rest) {
            if at.level == 0 || matches!(self.place(at, &block), Placed::Wrong) {
                break;
            }
            sound = records.len() - rest.len();
        }
        // What a kill cut off would hide all that is written behind it.
        self.nodes.set_len(sound as u64).map_err(StoreError::io(&path))?;
        self.nodes.seek(SeekFrom::End(0)).map_err(StoreError::io(&path))?;
        let path = self.folder.join("data");
        let mut block = Vec::new();
        for leaf in 0..self.hashes[0].len() {
            if self.hashes[0][leaf].is_none() {
                continue;
            }
            let (offset, length) = self.shape.leaf(leaf);
            block.resize(length, 0);
            let read = self
                .data
                .seek(SeekFrom::Start(offset))
                .and_then(|_| self.data.read_exact(&mut block));
            match read {
                Ok(()) => {
                    let index = u32::try_from(leaf).unwrap_or(u32::MAX);
                    self.place(Position { level: 0, index }, &block);
                }
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
                Err(error) => return Err(StoreError::io(path)(error)),
            }
        }
        Ok(())
    }
}

/// What a block is for.
enum Placed {
    Node,
    Leaf { offset: u64 },
    Known,
    Wrong,
}

impl Store {
    /// Begins to fetch an artifact, or goes on where it was; what is on disk of another claim is given up. Its whole size is
    /// reserved, for which others leave.
    ///
    /// # Errors
    /// There is no room for it, or another process fetches it.
    pub fn begin(&self, artifact: &H256, claim: Claim) -> Result<Partial, StoreError> {
        let too_large = StoreError::TooLarge { bytes: claim.bytes, bytes_max: 1 << 40 };
        let shape = Shape::new(self.layout, claim.bytes).ok_or(too_large)?;
        let folder = self.partial_path(artifact);
        if self.partial_claim(artifact)? != Some(claim) {
            self.discard(artifact)?;
        }
        self.make_room(claim.bytes, artifact)?;
        fs::create_dir_all(&folder).map_err(StoreError::io(&folder))?;
        let open = |name: &str| {
            let path = folder.join(name);
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(false);
            options.open(&path).map_err(StoreError::io(path))
        };
        let (data, nodes) = (open("data")?, open("nodes")?);
        match data.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Held(*artifact)),
            Err(TryLockError::Error(error)) => return Err(StoreError::io(&folder)(error)),
        }
        let about = PartialAbout { hash: *artifact, claim };
        self.write_json(&folder.join("about.json"), &about)?;
        let hashes: Vec<_> = shape.counts().map(|count| vec![None; count]).collect();
        let root = shape.root();
        let open = BTreeSet::from([(Reverse(root.level), root.index)]);
        let mut partial = Partial { about, folder, shape, data, nodes, hashes, open, verified: 0 };
        if let Some(root) = partial.hashes.last_mut().and_then(|top| top.first_mut()) {
            *root = Some(claim.root);
        }
        partial.resume()?;
        Ok(partial)
    }

    /// What was claimed of an artifact that was being fetched.
    pub fn partial_claim(&self, artifact: &H256) -> Result<Option<Claim>, StoreError> {
        let path = self.partial_path(artifact).join("about.json");
        match fs::read(&path) {
            Ok(json) => Ok(serde_json::from_slice::<PartialAbout>(&json)
                .ok()
                .filter(|about| about.hash == *artifact)
                .map(|about| about.claim)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io(path)(error)),
        }
    }

    /// Makes an artifact of one whose blocks are all here.
    ///
    /// # Errors
    /// [`StoreError::Corrupted`] if it is another file: then the claim was wrong, and it is removed.
    pub fn complete(&self, partial: Partial, name: &str, pin: Pin) -> Result<Artifact, StoreError> {
        let artifact = partial.about.hash;
        let (path, folder) = (partial.folder.join("data"), partial.folder.clone());
        let mut data = partial.data;
        let io = || StoreError::io(&path);
        let (mut digest, mut builder) = (Sha256::new(), CidBuilder::new(self.layout));
        data.seek(SeekFrom::Start(0)).map_err(io())?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = data.read(&mut buffer).map_err(io())?;
            if read == 0 {
                break;
            }
            digest.update(&buffer[..read]);
            builder.update(&buffer[..read]);
        }
        if digest.finalize().as_slice() != artifact.as_bytes() {
            drop(data);
            self.discard(&artifact)?;
            return Err(StoreError::Corrupted(artifact));
        }
        data.sync_all().map_err(io())?;
        let whole = self.install(&path, artifact, builder, name, pin)?;
        fs::remove_dir_all(&folder).map_err(StoreError::io(folder))?;
        sync_folder(&self.folder("partial"))?;
        Ok(whole)
    }

    /// Removes what is here of an artifact that was being fetched.
    pub fn discard(&self, artifact: &H256) -> Result<(), StoreError> {
        let folder = self.partial_path(artifact);
        if self.is_held(artifact) {
            return Err(StoreError::Held(*artifact));
        }
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::io(folder)(error)),
            _ => Ok(()),
        }
    }

    /// Whether somebody fetches it now.
    pub(super) fn is_held(&self, artifact: &H256) -> bool {
        let file = File::open(self.partial_path(artifact).join("data"));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// What is being fetched, or was.
    pub(super) fn parts(&self) -> Result<Vec<PartialAbout>, StoreError> {
        let folder = self.folder("partial");
        let mut parts = Vec::new();
        for entry in fs::read_dir(&folder).map_err(StoreError::io(&folder))? {
            let entry = entry.map_err(StoreError::io(&folder))?;
            let Some(hash) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            if let Some(claim) = self.partial_claim(&hash)? {
                parts.push(PartialAbout { hash, claim });
            }
        }
        Ok(parts)
    }

    pub(super) fn partial_path(&self, artifact: &H256) -> PathBuf {
        self.folder("partial").join(format!("{artifact:x}"))
    }
}
