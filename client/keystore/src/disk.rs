//! Key files: one per key, named by the hex of key type and public key.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use citrate_core::KeyTypeId;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::KeystoreError;
use crate::sealed::{Sealed, Sealer};

/// LIMIT: bytes of one key file.
const FILE_BYTES_MAX: u64 = 16 * 1024;
/// LIMIT: bytes of a public key in a file name: those of the longest, BLS's.
const PUBLIC_BYTES_MAX: usize = 96;

/// What a key file holds.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Content {
    Plain(String),
    Sealed(Sealed),
}

/// A folder of key files.
pub(crate) struct Disk {
    path: PathBuf,
    sealer: Option<Sealer>,
}

/// A key as a file gives it.
pub(crate) struct Stored {
    pub(crate) key_type: KeyTypeId,
    pub(crate) public: Vec<u8>,
    pub(crate) suri: Zeroizing<String>,
    pub(crate) path: PathBuf,
}

impl Disk {
    pub(crate) fn open(path: &Path, password: Option<&str>) -> Result<Self, KeystoreError> {
        fs::create_dir_all(path).map_err(io(path))?;
        restrict(path, 0o700)?;
        Ok(Self { path: path.to_owned(), sealer: password.map(Sealer::new) })
    }

    /// Every key in the folder; files whose name is not a key's are left alone.
    pub(crate) fn load(&mut self) -> Result<Vec<Stored>, KeystoreError> {
        let mut keys = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(io(&self.path))? {
            let path = entry.map_err(io(&self.path))?.path();
            let Some((key_type, public)) =
                path.file_name().and_then(|name| name.to_str()).and_then(parse_name)
            else {
                continue;
            };
            let suri = self.read(&path)?;
            keys.push(Stored { key_type, public, suri, path });
        }
        Ok(keys)
    }

    fn read(&mut self, path: &Path) -> Result<Zeroizing<String>, KeystoreError> {
        let corrupted = |reason| KeystoreError::Corrupted { path: path.to_owned(), reason };
        let length = fs::metadata(path).map_err(io(path))?.len();
        if length > FILE_BYTES_MAX {
            return Err(corrupted("the file is too long"));
        }
        let text = Zeroizing::new(fs::read(path).map_err(io(path))?);
        match serde_json::from_slice(&text) {
            Ok(Content::Plain(suri)) => Ok(Zeroizing::new(suri)),
            Ok(Content::Sealed(sealed)) => match &mut self.sealer {
                Some(sealer) => sealer.open(path, &sealed),
                None => Err(KeystoreError::Locked { path: path.to_owned() }),
            },
            Err(_) => Err(corrupted("not a JSON string or an encrypted secret")),
        }
    }

    pub(crate) fn write(
        &mut self,
        key_type: KeyTypeId,
        public: &[u8],
        suri: &str,
    ) -> Result<(), KeystoreError> {
        let path = self.path.join(name(key_type, public));
        let content = match &mut self.sealer {
            Some(sealer) => Content::Sealed(sealer.seal(suri)?),
            None => Content::Plain(suri.to_owned()),
        };
        let text = Zeroizing::new(serde_json::to_vec(&content).map_err(|error| {
            KeystoreError::Io { path: path.clone(), source: std::io::Error::other(error) }
        })?);
        // Made by `tempfile` with mode 0600, so that the secret is never readable by others.
        let mut file = tempfile::NamedTempFile::new_in(&self.path).map_err(io(&self.path))?;
        file.write_all(&text).map_err(io(&path))?;
        file.as_file().sync_all().map_err(io(&path))?;
        file.persist(&path)
            .map_err(|error| KeystoreError::Io { path: path.clone(), source: error.error })?;
        restrict(&path, 0o600)?;
        fs::File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(io(&self.path))
    }

    pub(crate) fn remove(&self, key_type: KeyTypeId, public: &[u8]) -> Result<(), KeystoreError> {
        let path = self.path.join(name(key_type, public));
        fs::remove_file(&path).map_err(io(&path))
    }
}

fn name(key_type: KeyTypeId, public: &[u8]) -> String {
    format!("{}{}", hex::encode(key_type.0), hex::encode(public))
}

fn parse_name(name: &str) -> Option<(KeyTypeId, Vec<u8>)> {
    let bytes = hex::decode(name).ok()?;
    let (key_type, public) = bytes.split_first_chunk::<4>()?;
    let is_key = !public.is_empty() && public.len() <= PUBLIC_BYTES_MAX;
    is_key.then(|| (KeyTypeId(*key_type), public.to_vec()))
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> KeystoreError + use<> {
    let path = path.to_owned();
    move |source| KeystoreError::Io { path, source }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<(), KeystoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(io(path))
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> Result<(), KeystoreError> {
    Ok(())
}
