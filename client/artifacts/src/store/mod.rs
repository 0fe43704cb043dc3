//! The store on disk: `blobs/ab/<hash>` and `about/<hash>.json`.

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

use crate::{Cid, CidBuilder, StoreError};

/// A temporary file this old belongs to a process that was killed.
const ABANDONED: Duration = Duration::from_secs(3600);
/// LIMIT: longest name of an artifact.
const NAME_BYTES_MAX: usize = 128;

/// Where a store is and how large it may grow.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The folder.
    pub path: PathBuf,
    /// LIMIT: bytes of all artifacts together.
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
    /// Whether [`Store::collect`] keeps it.
    pub pinned: bool,
    /// When it was added, in seconds since 1970.
    pub added: u64,
}

/// The store.
#[derive(Debug)]
pub struct Store {
    config: StoreConfig,
    next_temporary: AtomicU64,
}

impl Store {
    /// Opens the store, making its folders, and clears away what killed processes left.
    pub fn open(config: StoreConfig) -> Result<Self, StoreError> {
        let store = Self { config, next_temporary: AtomicU64::new(0) };
        for folder in [store.folder("blobs"), store.folder("about"), store.folder("tmp")] {
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
        let StoreConfig { bytes_max, count_max, .. } = self.config;
        let full = |bytes| StoreError::Full { bytes, bytes_max };
        let present = self.list()?;
        let free = bytes_max.saturating_sub(sum(&present));
        if size > free {
            return Err(full(size));
        }
        let temporary = self.temporary();
        let _cleanup = RemoveOnDrop(&temporary);
        let mut file = File::create(&temporary).map_err(StoreError::io(&temporary))?;
        let (mut cid, mut digest, mut bytes) = (CidBuilder::default(), Sha256::new(), 0u64);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = source.read(&mut buffer).map_err(StoreError::io(""))?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            // A file that grows while it is read must not fill the disk.
            if bytes > free {
                return Err(full(bytes));
            }
            cid.update(&buffer[..read]);
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
        if present.len() >= count_max {
            return Err(StoreError::TooMany { count_max });
        }
        let blob = self.blob(&hash);
        let folder = blob.parent().unwrap_or(&self.config.path);
        fs::create_dir_all(folder).map_err(StoreError::io(folder))?;
        fs::rename(&temporary, &blob).map_err(StoreError::io(&blob))?;
        sync_folder(folder)?;
        let added = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let cid = cid.finish().to_string();
        let artifact = Artifact { hash, cid, bytes, name: clean(name), pinned: false, added };
        // The description comes last: an artifact is there once it can be listed.
        self.write_about(&artifact)?;
        Ok(artifact)
    }

    /// The content of an artifact of at most `bytes_max` bytes, checked against its hash.
    pub fn read(&self, hash: &H256, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
        if self.about(hash)?.is_none() {
            return Err(StoreError::Unknown(format!("{hash:?}")));
        }
        self.read_verified(hash, bytes_max)
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

    /// Bytes of all artifacts.
    pub fn bytes_used(&self) -> Result<u64, StoreError> {
        Ok(sum(&self.list()?))
    }

    /// Keeps an artifact from [`Store::collect`] and [`Store::remove`], or lets go of it.
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
        let path = self.blob(hash);
        fs::remove_file(&path).map_err(StoreError::io(&path))
    }

    /// Removes the oldest artifacts that are not pinned until at most `bytes_max` bytes are left,
    /// and gives those removed.
    pub fn collect(&self, bytes_max: u64) -> Result<Vec<Artifact>, StoreError> {
        let artifacts = self.list()?;
        let mut used = sum(&artifacts);
        let mut removed = Vec::new();
        for artifact in artifacts {
            if used <= bytes_max {
                break;
            }
            if !artifact.pinned {
                self.remove(&artifact.hash)?;
                used = used.saturating_sub(artifact.bytes);
                removed.push(artifact);
            }
        }
        Ok(removed)
    }

    fn write_about(&self, artifact: &Artifact) -> Result<(), StoreError> {
        let path = self.about_path(&artifact.hash);
        let temporary = self.temporary();
        let _cleanup = RemoveOnDrop(&temporary);
        let mut file = File::create(&temporary).map_err(StoreError::io(&temporary))?;
        let json = serde_json::to_vec_pretty(artifact).map_err(|source| {
            StoreError::CorruptedDescription { path: path.clone(), source: Some(source) }
        })?;
        file.write_all(&json).map_err(StoreError::io(&temporary))?;
        file.sync_all().map_err(StoreError::io(&temporary))?;
        fs::rename(&temporary, &path).map_err(StoreError::io(&path))?;
        sync_folder(&self.folder("about"))
    }

    /// Removes temporary files, and content without a description, that nobody works on any more.
    fn clear_abandoned(&self) -> Result<(), StoreError> {
        remove_abandoned(&self.folder("tmp"), |_| true)?;
        let blobs = self.folder("blobs");
        for shard in fs::read_dir(&blobs).map_err(StoreError::io(&blobs))? {
            let shard = shard.map_err(StoreError::io(&blobs))?.path();
            let is_orphan = |name: &str| {
                let hash = name.parse::<H256>();
                hash.is_ok_and(|hash| !self.about_path(&hash).exists())
            };
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
