//! The node's identity in the network.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use citrate_core::ed25519;
use zeroize::Zeroizing;

use crate::error::ServiceError;

/// The file with the secret, as Substrate's nodes name it.
const FILE: &str = "secret_ed25519";
/// Hexadecimal digits of the secret.
const DIGITS: usize = 64;
/// A libp2p peer id is a multihash: `identity`, then the length of what it hashes, which is a
/// protobuf message with the key's type (Ed25519) and the key.
const PEER_ID_PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// The node's identity.
pub(crate) struct Identity {
    /// What others know it by.
    pub(crate) peer_id: String,
    /// The Ed25519 key's secret.
    pub(crate) secret: Zeroizing<[u8; 32]>,
}

/// The identity of the key in `folder`, which is made if it is missing; a new one without a folder.
pub(crate) fn identity(folder: Option<&Path>) -> Result<Identity, ServiceError> {
    let digits = match folder {
        Some(folder) => stored(folder)?,
        None => new_key(),
    };
    let path = || folder.unwrap_or(Path::new("")).join(FILE);
    let mut secret = Zeroizing::new([0; 32]);
    for (byte, pair) in secret.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let text = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(text, 16)
            .map_err(|_odd| ServiceError::NetworkKey { path: path() })?;
    }
    let suri = Zeroizing::new(format!("0x{}", digits.as_str()));
    let pair = ed25519::Pair::from_suri(&suri, None);
    let public = pair.map_err(|_error| ServiceError::NetworkKey { path: path() })?.public();
    let peer_id = bs58::encode([&PEER_ID_PREFIX[..], &public.0].concat()).into_string();
    Ok(Identity { peer_id, secret })
}

/// The secret in the folder, made if it is missing.
fn stored(folder: &Path) -> Result<Zeroizing<String>, ServiceError> {
    let path = folder.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => {
            let text = Zeroizing::new(text);
            let digits = text.trim();
            if digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                Ok(Zeroizing::new(digits.to_owned()))
            } else {
                Err(ServiceError::NetworkKey { path })
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let digits = new_key();
            fs::create_dir_all(folder).map_err(ServiceError::folder(folder))?;
            write(&path, &digits).map_err(ServiceError::folder(&path))?;
            Ok(digits)
        }
        Err(error) => Err(ServiceError::folder(&path)(error)),
    }
}

/// A new secret.
fn new_key() -> Zeroizing<String> {
    let seed = Zeroizing::new(rand::random::<[u8; 32]>());
    let mut digits = Zeroizing::new(String::with_capacity(DIGITS));
    for byte in seed.iter() {
        for digit in [byte >> 4, byte & 15] {
            digits.extend(char::from_digit(digit.into(), 16));
        }
    }
    digits
}

/// Written beside and renamed, so that a kill leaves a whole file or none.
fn write(path: &Path, digits: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // The temporary file is readable by its owner only, and so is what it becomes.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(digits.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
