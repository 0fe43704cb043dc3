//! The keystore: key pairs in memory, mirrored to a folder if there is one.

use std::collections::BTreeMap;
use std::path::Path;

use citrate_core::{KeyTypeId, bls, crypto::suri, ecdsa, ed25519, key_types, sr25519};
use parking_lot::RwLock;

use crate::disk::Disk;
use crate::error::KeystoreError;
use crate::pair::{self, KeyPair, Scheme};

/// LIMIT: keys in one store.
const KEYS_MAX: usize = 1024;

/// Session keys, by what they are for.
pub struct LocalKeystore {
    inner: RwLock<Inner>,
}

struct Inner {
    pairs: BTreeMap<(KeyTypeId, Vec<u8>), KeyPair>,
    disk: Option<Disk>,
}

/// What may be told about a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyInfo {
    /// What it is for.
    pub key_type: KeyTypeId,
    /// Its signature scheme.
    pub scheme: Scheme,
    /// Its public key.
    pub public: Vec<u8>,
}

impl std::fmt::Debug for LocalKeystore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalKeystore").field("keys", &self.keys()).finish()
    }
}

impl LocalKeystore {
    /// A keystore that is gone when the process is.
    pub fn in_memory() -> Self {
        Self { inner: RwLock::new(Inner { pairs: BTreeMap::new(), disk: None }) }
    }

    /// The keystore in folder `path`, made if it is missing. Plain files are read with or without
    /// a password; with one, new keys are encrypted.
    ///
    /// # Errors
    /// When a file cannot be read, is encrypted with another password, or holds another key than
    /// its name says.
    pub fn open(path: &Path, password: Option<&str>) -> Result<Self, KeystoreError> {
        let mut disk = Disk::open(path, password)?;
        let mut pairs = BTreeMap::new();
        let mut providers = Vec::new();
        for key in disk.load()? {
            let found = pair::matching(&key.suri, &key.public)?;
            let Some(pair) = found else {
                let reason = "the secret does not belong to the public key in the file's name";
                return Err(KeystoreError::Corrupted { path: key.path, reason });
            };
            if pairs.len() >= KEYS_MAX {
                return Err(KeystoreError::Full(KEYS_MAX));
            }
            if needs_companion(key.key_type, &pair) {
                providers.push(key.suri);
            }
            pairs.insert((key.key_type, key.public), pair);
        }
        let store = Self { inner: RwLock::new(Inner { pairs, disk: Some(disk) }) };
        // Keys that were stored before there were any of BLS, or by another tool.
        for suri in providers {
            store.add_companion(&suri)?;
        }
        Ok(store)
    }

    /// Adds the key of a secret URI, which must yield `public` under one of the schemes.
    ///
    /// # Errors
    /// When it yields another key, or cannot be written.
    pub fn insert(
        &self,
        key_type: KeyTypeId,
        suri: &str,
        public: &[u8],
    ) -> Result<(), KeystoreError> {
        let found = pair::matching(suri, public)?;
        let pair = found.ok_or_else(|| KeystoreError::PublicMismatch(public.to_vec()))?;
        self.add(key_type, suri, pair)
    }

    /// Adds the key that a secret URI yields under `scheme`; returns its public key.
    ///
    /// # Errors
    /// When the text is no secret, or the key cannot be written.
    pub fn insert_suri(
        &self,
        key_type: KeyTypeId,
        scheme: Scheme,
        suri: &str,
    ) -> Result<Vec<u8>, KeystoreError> {
        let pair = KeyPair::from_suri(scheme, suri)?;
        let public = pair.public();
        self.add(key_type, suri, pair)?;
        Ok(public)
    }

    /// Makes a new key from a fresh phrase, or from `seed`; returns its public key.
    ///
    /// # Errors
    /// When the seed is no secret, or the key cannot be written.
    pub fn generate(
        &self,
        key_type: KeyTypeId,
        scheme: Scheme,
        seed: Option<&str>,
    ) -> Result<Vec<u8>, KeystoreError> {
        let phrase = seed.map_or_else(suri::generate_phrase, ToOwned::to_owned);
        self.insert_suri(key_type, scheme, &phrase)
    }

    fn add(&self, key_type: KeyTypeId, suri: &str, pair: KeyPair) -> Result<(), KeystoreError> {
        let with_companion = needs_companion(key_type, &pair);
        self.add_one(key_type, suri, pair)?;
        if with_companion { self.add_companion(suri) } else { Ok(()) }
    }

    /// Adds the BLS key of a provider's secret. A provider whose key is derived softly has none of its own secret.
    fn add_companion(&self, suri: &str) -> Result<(), KeystoreError> {
        match KeyPair::from_suri(Scheme::Bls, suri) {
            Ok(pair) => self.add_one(key_types::PROVIDER_BLS, suri, pair),
            Err(suri::SuriError::SoftDerivation) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn add_one(&self, key_type: KeyTypeId, suri: &str, pair: KeyPair) -> Result<(), KeystoreError> {
        let public = pair.public();
        let mut inner = self.inner.write();
        let id = (key_type, public);
        if inner.pairs.contains_key(&id) {
            return Ok(());
        }
        if inner.pairs.len() >= KEYS_MAX {
            return Err(KeystoreError::Full(KEYS_MAX));
        }
        if let Some(disk) = &mut inner.disk {
            disk.write(key_type, &id.1, suri)?;
        }
        inner.pairs.insert(id, pair);
        Ok(())
    }

    /// Forgets a key, on disk too.
    ///
    /// # Errors
    /// When there is no such key, or its file cannot be removed.
    pub fn remove(&self, key_type: KeyTypeId, public: &[u8]) -> Result<(), KeystoreError> {
        let mut inner = self.inner.write();
        let id = (key_type, public.to_vec());
        if !inner.pairs.contains_key(&id) {
            return Err(KeystoreError::NotFound { key_type, public: id.1 });
        }
        if let Some(disk) = &inner.disk {
            disk.remove(key_type, public)?;
        }
        inner.pairs.remove(&id);
        Ok(())
    }

    /// Every key.
    pub fn keys(&self) -> Vec<KeyInfo> {
        let inner = self.inner.read();
        let info = |((key_type, public), pair): (&(KeyTypeId, Vec<u8>), &KeyPair)| KeyInfo {
            key_type: *key_type,
            scheme: pair.scheme(),
            public: public.clone(),
        };
        inner.pairs.iter().map(info).collect()
    }

    /// Whether the secret of `public` is here for `key_type`.
    pub fn has(&self, key_type: KeyTypeId, public: &[u8]) -> bool {
        self.inner.read().pairs.contains_key(&(key_type, public.to_vec()))
    }

    /// Public keys of one type and scheme, in order.
    pub fn public_keys(&self, key_type: KeyTypeId, scheme: Scheme) -> Vec<Vec<u8>> {
        let keys = self.keys().into_iter();
        keys.filter(|key| key.key_type == key_type && key.scheme == scheme)
            .map(|key| key.public)
            .collect()
    }

    /// The pair of `public`, if it is here for `key_type`.
    pub fn pair(&self, key_type: KeyTypeId, public: &[u8]) -> Option<KeyPair> {
        self.inner.read().pairs.get(&(key_type, public.to_vec())).cloned()
    }

    /// The sr25519 pair of `public`.
    pub fn sr25519_pair(
        &self,
        key_type: KeyTypeId,
        public: &sr25519::Public,
    ) -> Option<sr25519::Pair> {
        match self.pair(key_type, &public.0)? {
            KeyPair::Sr25519(pair) => Some(pair),
            KeyPair::Ed25519(_) | KeyPair::Ecdsa(_) | KeyPair::Bls(_) => None,
        }
    }

    /// The ed25519 pair of `public`.
    pub fn ed25519_pair(
        &self,
        key_type: KeyTypeId,
        public: &ed25519::Public,
    ) -> Option<ed25519::Pair> {
        match self.pair(key_type, &public.0)? {
            KeyPair::Ed25519(pair) => Some(pair),
            KeyPair::Sr25519(_) | KeyPair::Ecdsa(_) | KeyPair::Bls(_) => None,
        }
    }

    /// The ECDSA pair of `public`.
    pub fn ecdsa_pair(&self, key_type: KeyTypeId, public: &ecdsa::Public) -> Option<ecdsa::Pair> {
        match self.pair(key_type, &public.0)? {
            KeyPair::Ecdsa(pair) => Some(pair),
            KeyPair::Sr25519(_) | KeyPair::Ed25519(_) | KeyPair::Bls(_) => None,
        }
    }

    /// The BLS secret of `public`.
    pub fn bls_secret(
        &self,
        key_type: KeyTypeId,
        public: &bls::Public,
    ) -> Option<citrate_bls::Secret> {
        match self.pair(key_type, &public.0)? {
            KeyPair::Bls(secret) => Some(secret),
            KeyPair::Sr25519(_) | KeyPair::Ed25519(_) | KeyPair::Ecdsa(_) => None,
        }
    }

    /// Evaluates the VRF of an sr25519 key on `message`.
    pub fn vrf_sign(
        &self,
        key_type: KeyTypeId,
        public: &sr25519::Public,
        message: &[u8],
    ) -> Option<sr25519::VrfOutput> {
        self.sr25519_pair(key_type, public).map(|pair| pair.vrf_sign(message))
    }
}

/// Whether a key comes with one of BLS, made of the same secret: a provider signs its receipts with the first, and attests
/// results with the second.
fn needs_companion(key_type: KeyTypeId, pair: &KeyPair) -> bool {
    key_type == key_types::PROVIDER && pair.scheme() == Scheme::Sr25519
}
