//! The database: opening it and reading blocks.

use crate::{
    BlockRef, DbConfig, DbError, MergedBlock, Pruning, Skipped, TxRecord,
    backend::{Backend, Disk, Memory},
    bodies::{BODIES_KEY, Bodies},
    cache::NodeCache,
    columns::{ACCEPTED, BY_NUMBER, CHILDREN, HEADERS, META, NUMBERS, PAYLOADS, TRANSACTIONS},
    start::Pins,
};
use citrate_core::{BlockNumber, H256, Header, OpaqueExtrinsic};
use codec::{Decode, Encode};
use lru::LruCache;
use parking_lot::{Mutex, RwLock};
use std::{fmt, num::NonZeroUsize};

/// LIMIT: headers that are cached.
const HEADERS_CACHED: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");
/// In `META`: the `Meta`.
pub(crate) const META_KEY: &[u8] = b"chain";

/// What `ACCEPTED` holds.
type Outcome = (Vec<OpaqueExtrinsic>, Vec<Skipped>, Vec<MergedBlock>);

/// What the database knows of its chain as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Meta {
    pub(crate) genesis: H256,
    pub(crate) best: BlockRef,
    pub(crate) finalized: BlockRef,
    /// Every state below this block's is forgotten.
    pub(crate) pruned_to: BlockNumber,
    pub(crate) archive: bool,
}

/// Blocks and states of one chain. Reads run beside each other and beside one write.
pub struct Db {
    pub(crate) backend: Box<dyn Backend>,
    pub(crate) pruning: Pruning,
    pub(crate) blocks_pruning: Pruning,
    /// Held while a write is put together and done.
    pub(crate) writer: Mutex<()>,
    pub(crate) meta: RwLock<Option<Meta>>,
    pub(crate) bodies: RwLock<Bodies>,
    pub(crate) pins: Mutex<Pins>,
    pub(crate) nodes: Mutex<NodeCache>,
    pub(crate) headers: Mutex<LruCache<H256, Header>>,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("pruning", &self.pruning)
            .field("meta", &*self.meta.read())
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Opens a database, or creates it.
    ///
    /// # Errors
    /// [`DbError::Locked`], [`DbError::Corrupted`], [`DbError::WrongChain`],
    /// [`DbError::VersionMismatch`], [`DbError::PruningMismatch`] or [`DbError::Io`].
    pub fn open(config: &DbConfig) -> Result<Self, DbError> {
        let backend: Box<dyn Backend> = match &config.path {
            Some(path) => Box::new(Disk::open(path, config)?),
            None => Box::new(Memory::default()),
        };
        let db = Self {
            backend,
            pruning: config.pruning,
            blocks_pruning: config.blocks,
            writer: Mutex::new(()),
            meta: RwLock::new(None),
            bodies: RwLock::default(),
            pins: Mutex::default(),
            nodes: Mutex::new(NodeCache::new(config.cache_bytes)),
            headers: Mutex::new(LruCache::new(HEADERS_CACHED)),
        };
        let meta: Option<Meta> = db.read(META, META_KEY)?;
        if let Some(meta) = &meta {
            if config.genesis.is_some_and(|genesis| genesis != meta.genesis) {
                let expected = config.genesis.unwrap_or_default();
                return Err(DbError::WrongChain { expected, found: meta.genesis });
            }
            if meta.archive != (config.pruning == Pruning::Archive) {
                return Err(DbError::PruningMismatch);
            }
        }
        *db.meta.write() = meta;
        *db.bodies.write() = db.read(META, BODIES_KEY)?.unwrap_or_default();
        Ok(db)
    }

    /// Hash of the genesis block; `None` before it is written.
    pub fn genesis_hash(&self) -> Option<H256> {
        self.meta.read().as_ref().map(|meta| meta.genesis)
    }

    /// The tip of the selected chain; `None` before the genesis block is written.
    pub fn best(&self) -> Option<BlockRef> {
        self.meta.read().as_ref().map(|meta| meta.best)
    }

    /// The last finalised block; `None` before the genesis block is written.
    pub fn finalized(&self) -> Option<BlockRef> {
        self.meta.read().as_ref().map(|meta| meta.finalized)
    }

    /// The header of a block.
    ///
    /// # Errors
    /// When the database cannot be read; likewise below.
    pub fn header(&self, hash: &H256) -> Result<Option<Header>, DbError> {
        if let Some(header) = self.headers.lock().get(hash) {
            return Ok(Some(header.clone()));
        }
        let header: Option<Header> = self.read(HEADERS, hash.as_bytes())?;
        if let Some(header) = &header {
            self.headers.lock().put(*hash, header.clone());
        }
        Ok(header)
    }

    /// The extrinsics that the block's author proposed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn payload(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>, DbError> {
        self.read(PAYLOADS, hash.as_bytes())
    }

    /// The extrinsics that the block applied; `None` while it has not been executed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn accepted(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>, DbError> {
        Ok(self.outcome(hash)?.map(|(accepted, ..)| accepted))
    }

    /// The merged transactions that the block skipped; `None` while it has not been executed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn skipped(&self, hash: &H256) -> Result<Option<Vec<Skipped>>, DbError> {
        Ok(self.outcome(hash)?.map(|(_, skipped, _)| skipped))
    }

    /// The blocks that the block merged, in consensus order; `None` while it has not been executed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn merged(&self, hash: &H256) -> Result<Option<Vec<MergedBlock>>, DbError> {
        Ok(self.outcome(hash)?.map(|(.., merged)| merged))
    }

    /// Hash of the selected chain's block with this number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn hash_at(&self, number: BlockNumber) -> Result<Option<H256>, DbError> {
        self.read(NUMBERS, &number.to_be_bytes())
    }

    /// Blocks whose selected parent is this one, by hash.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn children(&self, hash: &H256) -> Result<Vec<H256>, DbError> {
        let mut children = Vec::new();
        self.backend.scan(CHILDREN, hash.as_bytes(), &mut |key| {
            let child = key.strip_prefix(hash.as_bytes()).filter(|child| child.len() == 32);
            children.extend(child.map(H256::from_slice));
            child.is_some()
        })?;
        Ok(children)
    }

    /// Up to `limit` blocks from this number on, executed or not, lowest number first: parents come
    /// before children.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn blocks_from(&self, number: BlockNumber, limit: usize) -> Result<Vec<BlockRef>, DbError> {
        let mut blocks = Vec::new();
        self.backend.scan(BY_NUMBER, &number.to_be_bytes(), &mut |key| {
            if let (Some((number, hash)), true) = (key.split_first_chunk(), blocks.len() < limit)
                && hash.len() == 32
            {
                let number = BlockNumber::from_be_bytes(*number);
                blocks.push(BlockRef { number, hash: H256::from_slice(hash) });
                return true;
            }
            false
        })?;
        Ok(blocks)
    }

    /// Where a transaction is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn transaction(&self, hash: &H256) -> Result<Option<TxRecord>, DbError> {
        self.read(TRANSACTIONS, hash.as_bytes())
    }

    fn outcome(&self, hash: &H256) -> Result<Option<Outcome>, DbError> {
        self.read(ACCEPTED, hash.as_bytes())
    }

    pub(crate) fn get(&self, column: u8, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        self.backend.get(column, key)
    }

    pub(crate) fn read<T: Decode>(&self, column: u8, key: &[u8]) -> Result<Option<T>, DbError> {
        match self.get(column, key)? {
            Some(value) => match T::decode(&mut &*value) {
                Ok(value) => Ok(Some(value)),
                Err(_) => Err(DbError::Corrupted(format!("value in table {column}"))),
            },
            None => Ok(None),
        }
    }
}
