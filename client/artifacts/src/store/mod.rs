//! The store on disk: `blobs/ab/<hash>`, `trees/<hash>`, `about/<hash>.json`, and `partial/<hash>` for what is being
//! fetched.

mod blocks;
mod partial;
mod room;

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use citrate_core::H256;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::tree::{Layout, Tree};
use crate::unixfs::CidBuilder;
use crate::{Cid, StoreError};

pub(crate) use blocks::BlockReader;
pub use partial::{Claim, Partial, Put};

/// A temporary file this old belongs to a process that was killed.
const ABANDONED: Duration = Duration::from_secs(3600);
/// LIMIT: longest name of an artifact.
const NAME_BYTES_MAX: usize = 128;

/// Where a store is and how large it may grow.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The folder.
    pub path: PathBuf,
    /// LIMIT: bytes of all artifacts together, those included that are being fetched. What was used least recently leaves
    /// for what is new, unless it is pinned.
    pub bytes_max: u64,
    /// LIMIT: how many artifacts there may be.
    pub count_max: usize,
}

impl StoreConfig {
    /// A store of at most 64 GiB in 65,536 artifacts.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), bytes_max: 64 << 30, count_max: 1 << 16 }
    }
}

/// One artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// SHA-256 of the file.
    pub hash: H256,
    /// What IPFS calls it.
    pub cid: String,
    /// Its size.
    pub bytes: u64,
    /// What its owner calls it; may be empty.
    pub name: String,
    /// Whether it stays when there is no room for others.
    pub pinned: bool,
    /// When it was added, in seconds since 1970.
    pub added: u64,
}

/// The store.
#[derive(Debug)]
pub struct Store {
    config: StoreConfig,
    layout: Layout,
    next_temporary: AtomicU64,
}

impl Store {
    /// Opens the store, making its folders, and clears away what killed processes left.
    pub fn open(config: StoreConfig) -> Result<Self, StoreError> {
        Self::open_with(config, Layout::IPFS)
    }

    /// As [`Self::open`], with files cut in another way.
    pub(crate) fn open_with(config: StoreConfig, layout: Layout) -> Result<Self, StoreError> {
        let store = Self { config, layout, next_temporary: AtomicU64::new(0) };
        for folder in ["blobs", "trees", "about", "partial", "tmp"].map(|name| store.folder(name)) {
            fs::create_dir_all(&folder).map_err(StoreError::io(&folder))?;
        }
        store.clear_abandoned()?;
        Ok(store)
    }

    /// Adds a file's content.
    pub fn add_file(&self, file: &Path, name: &str) -> Result<Artifact, StoreError> {
        let mut source = File::open(file).map_err(StoreError::io(file))?;
        let bytes = source.metadata().map_err(StoreError::io(file))?.len();
        self.add(&mut source, bytes, name).map_err(|error| match error {
            // The reader's errors are about the source, which `add` does not know.
            StoreError::Io { path, source } if path.as_os_str().is_empty() => {
                StoreError::Io { path: file.to_owned(), source }
            }
            other => other,
        })
    }

    /// Adds bytes.
    pub fn add_bytes(&self, bytes: &[u8], name: &str) -> Result<Artifact, StoreError> {
        self.add(&mut &*bytes, bytes.len() as u64, name)
    }

    fn add(&self, source: &mut dyn Read, size: u64, name: &str) -> Result<Artifact, StoreError> {
        self.check_room(size)?;
        let temporary = self.temporary();
        let _cleanup = RemoveOnDrop(&temporary);
        let mut file = File::create(&temporary).map_err(StoreError::io(&temporary))?;
        let (mut builder, mut digest) = (CidBuilder::new(self.layout), Sha256::new());
        let (mut buffer, mut bytes) = (vec![0; 64 * 1024], 0u64);
        loop {
            let read = source.read(&mut buffer).map_err(StoreError::io(""))?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            // A file that grows while it is read must not fill the disk.
            if bytes > size {
                self.check_room(bytes)?;
            }
            builder.update(&buffer[..read]);
            digest.update(&buffer[..read]);
            file.write_all(&buffer[..read]).map_err(StoreError::io(&temporary))?;
        }
        file.sync_all().map_err(StoreError::io(&temporary))?;
        let hash = H256(digest.finalize().into());
        // A damaged description is written anew, and damaged content with it.
        if let Ok(Some(mut known)) = self.about(&hash)
            && self.read_verified(&hash, u64::MAX).is_ok()
        {
            if known.name.is_empty() && !name.is_empty() {
                known.name = clean(name);
                self.write_about(&known)?;
            }
            return Ok(known);
        }
        self.make_room(bytes, &hash)?;
        self.install(&temporary, hash, builder, name, Pin::No)
    }

    /// Puts a whole file, which is on disk under another name, in its place.
    fn install(
        &self,
        file: &Path,
        hash: H256,
        builder: CidBuilder,
        name: &str,
        pin: Pin,
    ) -> Result<Artifact, StoreError> {
        let tree = builder.tree();
        let tree = tree.ok_or(StoreError::TooLarge { bytes: u64::MAX, bytes_max: 1 << 40 })?;
        let blob = self.blob(&hash);
        let folder = blob.parent().unwrap_or(&self.config.path);
        fs::create_dir_all(folder).map_err(StoreError::io(folder))?;
        fs::rename(file, &blob).map_err(StoreError::io(&blob))?;
        sync_folder(folder)?;
        self.write_tree(&hash, &tree)?;
        let added = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (cid, bytes) = (tree.cid().to_string(), tree.shape().bytes());
        let pinned = pin == Pin::Yes;
        let artifact = Artifact { hash, cid, bytes, name: clean(name), pinned, added };
        // The description comes last: an artifact is there once it can be listed.
        self.write_about(&artifact)?;
        Ok(artifact)
    }

    /// The content of an artifact of at most `bytes_max` bytes, checked against its hash.
    pub fn read(&self, hash: &H256, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
        if self.about(hash)?.is_none() {
            return Err(StoreError::Unknown(format!("{hash:?}")));
        }
        let content = self.read_verified(hash, bytes_max)?;
        self.touch(hash);
        Ok(content)
    }

    fn read_verified(&self, hash: &H256, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
        let path = self.blob(hash);
        let file = File::open(&path).map_err(StoreError::io(&path))?;
        let bytes = file.metadata().map_err(StoreError::io(&path))?.len();
        if bytes > bytes_max {
            return Err(StoreError::TooLarge { bytes, bytes_max });
        }
        let mut content = Vec::new();
        file.take(bytes).read_to_end(&mut content).map_err(StoreError::io(&path))?;
        if Sha256::digest(&content).as_slice() == hash.as_bytes() {
            Ok(content)
        } else {
            Err(StoreError::Corrupted(*hash))
        }
    }

    /// What is known of the artifact with this hash.
    pub fn about(&self, hash: &H256) -> Result<Option<Artifact>, StoreError> {
        let path = self.about_path(hash);
        match fs::read(&path) {
            Ok(json) => match serde_json::from_slice::<Artifact>(&json) {
                Ok(artifact) if artifact.hash == *hash => Ok(Some(artifact)),
                Ok(_) => Err(StoreError::CorruptedDescription { path, source: None }),
                Err(source) => Err(StoreError::CorruptedDescription { path, source: Some(source) }),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io(path)(error)),
        }
    }

    /// The artifact with this content hash in hex, CID or name.
    pub fn find(&self, text: &str) -> Result<Artifact, StoreError> {
        if let Ok(hash) = text.parse::<H256>()
            && let Some(artifact) = self.about(&hash)?
        {
            return Ok(artifact);
        }
        // Normalised, because a CID may be written in several bases.
        let cid = Cid::try_from(text).map(|cid| cid.to_string()).ok();
        let mut found = self.list()?;
        found.retain(|artifact| artifact.name == text || Some(&artifact.cid) == cid.as_ref());
        match found.len() {
            0 => Err(StoreError::Unknown(text.to_owned())),
            1 => Ok(found.swap_remove(0)),
            _ => Err(StoreError::Ambiguous(text.to_owned())),
        }
    }

    /// All artifacts, oldest first. One whose description is damaged is left out, with a warning in the log.
    pub fn list(&self) -> Result<Vec<Artifact>, StoreError> {
        let folder = self.folder("about");
        let mut artifacts = Vec::new();
        for entry in fs::read_dir(&folder).map_err(StoreError::io(&folder))? {
            let entry = entry.map_err(StoreError::io(&folder))?;
            let name = entry.file_name();
            let Some(hash) = name.to_str().and_then(|name| name.strip_suffix(".json")) else {
                continue;
            };
            let Ok(hash) = hash.parse::<H256>() else { continue };
            match self.about(&hash) {
                // Another process may have removed it since.
                Ok(artifact) => artifacts.extend(artifact),
                Err(error @ StoreError::CorruptedDescription { .. }) => {
                    tracing::warn!(%error, "an artifact is left out");
                }
                Err(error) => return Err(error),
            }
        }
        artifacts.sort_by_key(|artifact| (artifact.added, artifact.hash));
        Ok(artifacts)
    }

    /// Keeps an artifact from being removed, by [`Store::remove`] or to make room for others, or lets go of it.
    pub fn set_pinned(&self, hash: &H256, pinned: bool) -> Result<(), StoreError> {
        let mut artifact =
            self.about(hash)?.ok_or_else(|| StoreError::Unknown(format!("{hash:?}")))?;
        artifact.pinned = pinned;
        self.write_about(&artifact)
    }

    /// Removes an artifact that is not pinned.
    pub fn remove(&self, hash: &H256) -> Result<(), StoreError> {
        let artifact = self.about(hash)?.ok_or_else(|| StoreError::Unknown(format!("{hash:?}")))?;
        if artifact.pinned {
            return Err(StoreError::Pinned(*hash));
        }
        // The description goes first: what is listed is there.
        let path = self.about_path(hash);
        fs::remove_file(&path).map_err(StoreError::io(&path))?;
        let tree = self.tree_path(hash);
        for path in [self.blob(hash), tree] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::io(path)(error));
                }
                // A file of one block has no tree.
                _ => {}
            }
        }
        Ok(())
    }

    fn write_about(&self, artifact: &Artifact) -> Result<(), StoreError> {
        let path = self.about_path(&artifact.hash);
        self.write_json(&path, artifact)
    }

    /// Writes a description, so that after a kill or a power cut the old or the new one is there.
    fn write_json(&self, path: &Path, value: &impl Serialize) -> Result<(), StoreError> {
        let json = serde_json::to_vec_pretty(value).map_err(|source| {
            StoreError::CorruptedDescription { path: path.to_owned(), source: Some(source) }
        })?;
        self.write_whole(path, &json)
    }

    fn write_whole(&self, path: &Path, content: &[u8]) -> Result<(), StoreError> {
        let temporary = self.temporary();
        let _cleanup = RemoveOnDrop(&temporary);
        let mut file = File::create(&temporary).map_err(StoreError::io(&temporary))?;
        file.write_all(content).map_err(StoreError::io(&temporary))?;
        file.sync_all().map_err(StoreError::io(&temporary))?;
        fs::rename(&temporary, path).map_err(StoreError::io(path))?;
        sync_folder(path.parent().unwrap_or(&self.config.path))
    }

    /// Remembers the hashes of a file's leaves, so that its blocks can be served without reading all of it.
    fn write_tree(&self, hash: &H256, tree: &Tree) -> Result<(), StoreError> {
        if tree.leaves().len() == 1 {
            return Ok(());
        }
        let leaves: Vec<u8> = tree.leaves().iter().flat_map(|leaf| leaf.0).collect();
        self.write_whole(&self.tree_path(hash), &leaves)
    }

    /// Removes temporary files, and content without a description, that nobody works on any more.
    fn clear_abandoned(&self) -> Result<(), StoreError> {
        remove_abandoned(&self.folder("tmp"), |_| true)?;
        let is_orphan = |name: &str| {
            let hash = name.parse::<H256>();
            hash.is_ok_and(|hash| !self.about_path(&hash).exists())
        };
        remove_abandoned(&self.folder("trees"), is_orphan)?;
        let blobs = self.folder("blobs");
        for shard in fs::read_dir(&blobs).map_err(StoreError::io(&blobs))? {
            let shard = shard.map_err(StoreError::io(&blobs))?.path();
            if shard.is_dir() {
                remove_abandoned(&shard, is_orphan)?;
            }
        }
        Ok(())
    }

    fn temporary(&self) -> PathBuf {
        let number = self.next_temporary.fetch_add(1, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        self.folder("tmp").join(format!("{}-{now}-{number}", process::id()))
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.config.path.join(name)
    }

    fn blob(&self, hash: &H256) -> PathBuf {
        let hex = format!("{hash:x}");
        self.folder("blobs").join(&hex[..2]).join(hex)
    }

    fn about_path(&self, hash: &H256) -> PathBuf {
        self.folder("about").join(format!("{hash:x}.json"))
    }

    fn tree_path(&self, hash: &H256) -> PathBuf {
        self.folder("trees").join(format!("{hash:x}"))
    }
}

/// Whether an artifact stays when there is no room for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// It does.
    Yes,
    /// It does not, and may be fetched again.
    No,
}

/// Bytes of these artifacts.
fn sum(artifacts: &[Artifact]) -> u64 {
    artifacts.iter().fold(0, |sum, artifact| sum.saturating_add(artifact.bytes))
}

/// Removes the old files of a folder whose name is one of those meant.
fn remove_abandoned(folder: &Path, is_meant: impl Fn(&str) -> bool) -> Result<(), StoreError> {
    for entry in fs::read_dir(folder).map_err(StoreError::io(folder))? {
        let entry = entry.map_err(StoreError::io(folder))?;
        let modified = entry.metadata().and_then(|about| about.modified());
        let age = modified.ok().and_then(|then| then.elapsed().ok());
        if age.is_some_and(|age| age > ABANDONED)
            && entry.file_name().to_str().is_some_and(&is_meant)
        {
            tracing::debug!(path = ?entry.path(), "removing an abandoned file");
            // Another process may be clearing at the same time.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// A name on one line and of a bounded length.
fn clean(name: &str) -> String {
    let mut clean = String::new();
    for character in name.chars().filter(|character| !character.is_control()) {
        if clean.len() + character.len_utf8() > NAME_BYTES_MAX {
            break;
        }
        clean.push(character);
    }
    clean
}

/// Makes a rename in this folder survive a power cut.
fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::io(folder))
}

struct RemoveOnDrop<'a>(&'a Path);

impl Drop for RemoveOnDrop<'_> {
    fn drop(&mut self) {
        // Gone already where the file was put in its place.
        let _ = fs::remove_file(self.0);
    }
}

#[cfg(test)]
mod tests;
