//! The database: opening it and reading blocks.

use crate::{
    BlockRef, DbConfig, DbError, MergedBlock, Pruning, Skipped, TxRecord,
    backend::{Backend, Disk, Memory},
    bodies::{BODIES_KEY, Bodies},
    cache::NodeCache,
    columns::{ACCEPTED, BY_NUMBER, HEADERS, META, NUMBERS, PAYLOADS, TRANSACTIONS},
    row::Row,
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

    /// The extrinsics that the block's author proposed; `None` if they are not here, or not any more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn payload(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>, DbError> {
        if let Some(payload) = self.read(PAYLOADS, hash.as_bytes())? {
            return Ok(Some(payload));
        }
        let is_empty = self.row(hash)?.is_some_and(|row| !row.has_payload);
        Ok(is_empty.then(Vec::new))
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
        let Some(header) = self.header(hash)? else { return Ok(Vec::new()) };
        let candidates = self.hashes_at(header.number.saturating_add(1))?;
        let of_parent = |child: &H256| -> Result<bool, DbError> {
            Ok(self.header(child)?.is_some_and(|header| header.parent_hash == *hash))
        };
        let found = candidates.into_iter().map(|child| Ok(of_parent(&child)?.then_some(child)));
        found.filter_map(Result::transpose).collect()
    }

    /// Up to `limit` blocks from this number on, executed or not, lowest number first: parents come
    /// before children. Ends at the first number that no block has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn blocks_from(&self, number: BlockNumber, limit: usize) -> Result<Vec<BlockRef>, DbError> {
        let mut blocks = Vec::new();
        for number in number..=BlockNumber::MAX {
            let hashes = self.hashes_at(number)?;
            let room = limit.saturating_sub(blocks.len());
            if hashes.is_empty() || room == 0 {
                break;
            }
            blocks.extend(hashes.into_iter().take(room).map(|hash| BlockRef { number, hash }));
        }
        Ok(blocks)
    }

    /// All blocks with this number, by hash.
    pub(crate) fn hashes_at(&self, number: BlockNumber) -> Result<Vec<H256>, DbError> {
        Ok(self.read(BY_NUMBER, &number.to_be_bytes())?.unwrap_or_default())
    }

    pub(crate) fn row(&self, hash: &H256) -> Result<Option<Row>, DbError> {
        self.read(HEADERS, hash.as_bytes())
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
