//! The chain and what can be read of it.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

use citrate_core::{BlockNumber, H256, Header, OpaqueExtrinsic};
use citrate_dag::ghostdag::Dag;
use citrate_dag::{Finality, Rules, SingleAuthority};
use citrate_dag_types::DagConfiguration;
use citrate_db::{BlockRef, Db, TxRecord};
use citrate_trie::StateView;
use lru::LruCache;
use parking_lot::{Mutex, RwLock};
use tokio::sync::broadcast;

use crate::calls;
use crate::code::CodeCache;
use crate::dag;
use crate::error::{BuildError, ChainError, ImportError};
use crate::event::ChainEvent;
use crate::execute::Derived;
use crate::genesis::{self, GenesisState};
use crate::machine::Machine;
use crate::warp::ServedWindow;

/// LIMIT: events that wait for a slow subscriber, who then misses the oldest.
const EVENTS_MAX: usize = 4_096;
/// LIMIT: epoch configurations that are kept, by block.
const CONFIGURATIONS_CACHED: NonZeroUsize = NonZeroUsize::new(64).expect("not zero");
/// LIMIT: blocks of which it is known whether their children take transactions.
const OPEN_CACHED: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");
/// LIMIT: unfinalised blocks that are listed.
const UNFINALIZED_MAX: usize = 16_384;

/// LIMIT: blocks below the best one whose transactions' records are written again at the start.
const RECORDS_REWRITTEN_MAX: u32 = 1_024;

/// How the chain is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainConfig {
    /// Header rules that are not the runtime's.
    pub rules: Rules,
}

/// The imported chain. Share it in an `Arc`.
pub struct Chain {
    pub(crate) db: Arc<Db>,
    pub(crate) machine: Arc<dyn Machine>,
    pub(crate) codes: CodeCache,
    pub(crate) config: ChainConfig,
    pub(crate) genesis: H256,
    pub(crate) configurations: Mutex<LruCache<H256, Arc<DagConfiguration>>>,
    /// Those of a later epoch than the block's, by block and epoch.
    pub(crate) next_configurations: Mutex<LruCache<(H256, u64), Arc<DagConfiguration>>>,
    /// Whether children of a block take transactions, for those that were executed or asked about.
    pub(crate) open: Mutex<LruCache<H256, bool>>,
    /// What was built last, so that importing it need not execute it again.
    pub(crate) built: Mutex<Option<(H256, Derived)>>,
    /// Held while a block is imported or finalised.
    pub(crate) importing: Mutex<Importing>,
    /// Locked for moments only, never while a block is executed.
    pub(crate) dag: RwLock<Dag>,
    pub(crate) events: broadcast::Sender<ChainEvent>,
    justifications: OnceLock<Justifications>,
    pub(crate) proofs: OnceLock<Proofs>,
    pub(crate) served_window: Mutex<ServedWindow>,
}

/// Gives the proof that the block of a number, or one above it, is final.
type Justifications = Box<dyn Fn(BlockNumber) -> Option<Vec<u8>> + Send + Sync>;

/// Proves how the voters changed, from the end of a set on.
type Proofs = Box<dyn Fn(u64) -> Option<Vec<u8>> + Send + Sync>;

/// What only an import changes.
pub(crate) struct Importing {
    pub(crate) finality: Box<dyn Finality>,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("genesis", &self.genesis).finish_non_exhaustive()
    }
}

impl Chain {
    /// Begins a chain, or goes on with the one in the database.
    ///
    /// # Errors
    /// [`ChainError::OtherGenesis`] when the database holds another chain, and what the
    /// database or the genesis code cause.
    pub fn open(
        db: Arc<Db>,
        machine: Arc<dyn Machine>,
        genesis: &GenesisState,
        config: ChainConfig,
    ) -> Result<Arc<Self>, ChainError> {
        let genesis = genesis::ensure(&db, machine.as_ref(), genesis)?;
        let codes = CodeCache::new();
        let dag = dag::open(&db, genesis, || {
            calls::configuration(&db, machine.as_ref(), &codes, &genesis).map(Arc::new)
        })?;
        let chain = Self {
            db,
            machine,
            codes,
            config,
            genesis,
            configurations: Mutex::new(LruCache::new(CONFIGURATIONS_CACHED)),
            next_configurations: Mutex::new(LruCache::new(CONFIGURATIONS_CACHED)),
            open: Mutex::new(LruCache::new(OPEN_CACHED)),
            built: Mutex::new(None),
            importing: Mutex::new(Importing { finality: Box::new(SingleAuthority) }),
            dag: RwLock::new(dag),
            events: broadcast::channel(EVENTS_MAX).0,
            justifications: OnceLock::new(),
            proofs: OnceLock::new(),
            served_window: Mutex::default(),
        };
        chain.catch_up()?;
        Ok(Arc::new(chain))
    }

    /// Does what the process did not come to before it ended.
    fn catch_up(&self) -> Result<(), ChainError> {
        let mut enacted = Vec::new();
        let best = self.best().number;
        let lowest = best.saturating_sub(RECORDS_REWRITTEN_MAX).max(self.finalized().number);
        for number in lowest.saturating_add(1)..=best {
            enacted.extend(self.db.hash_at(number)?);
        }
        self.enact_records(&enacted)?;
        match self.advance(&mut self.importing.lock()) {
            Ok(_) => Ok(()),
            Err(ImportError::Build(BuildError::Chain(error))) => Err(error),
            Err(other) => {
                // Like any import that fails on our side, it is tried again with the next one.
                tracing::error!(target: "chain", error = %other, "a stored block is not executed");
                Ok(())
            }
        }
    }

    /// Hash of block 0.
    pub fn genesis_hash(&self) -> H256 {
        self.genesis
    }

    /// The tip of the selected chain.
    pub fn best(&self) -> BlockRef {
        self.db.best().unwrap_or(BlockRef { number: 0, hash: self.genesis })
    }

    /// The last finalised block.
    pub fn finalized(&self) -> BlockRef {
        self.db.finalized().unwrap_or(BlockRef { number: 0, hash: self.genesis })
    }

    /// The header of a block.
    ///
    /// # Errors
    /// The database failed; likewise below.
    pub fn header(&self, hash: &H256) -> Result<Option<Header>, ChainError> {
        Ok(self.db.header(hash)?)
    }

    /// The extrinsics that a block executed: what clients call its body.
    ///
    /// # Errors
    /// The database failed.
    pub fn accepted(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>, ChainError> {
        Ok(self.db.accepted(hash)?)
    }

    /// The extrinsics that a block's author proposed.
    ///
    /// # Errors
    /// The database failed.
    pub fn payload(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>, ChainError> {
        Ok(self.db.payload(hash)?)
    }

    /// The selected chain's block of this number.
    ///
    /// # Errors
    /// The database failed.
    pub fn hash_at(&self, number: BlockNumber) -> Result<Option<H256>, ChainError> {
        Ok(self.db.hash_at(number)?)
    }

    /// Blocks whose selected parent is this one.
    ///
    /// # Errors
    /// The database failed.
    pub fn children(&self, hash: &H256) -> Result<Vec<H256>, ChainError> {
        Ok(self.db.children(hash)?)
    }

    /// Executed blocks above the finalised one, parents first.
    ///
    /// # Errors
    /// The database failed.
    pub fn unfinalized(&self) -> Result<Vec<BlockRef>, ChainError> {
        let from = self.finalized().number.saturating_add(1);
        let mut executed = Vec::new();
        for block in self.db.blocks_from(from, UNFINALIZED_MAX)? {
            if self.db.has_state(&block.hash)? {
                executed.push(block);
            }
        }
        Ok(executed)
    }

    /// Executed blocks that no executed block builds on; the finalised one if there is none above.
    ///
    /// # Errors
    /// The database failed.
    pub fn leaves(&self) -> Result<Vec<BlockRef>, ChainError> {
        let mut leaves = vec![self.finalized()];
        for block in self.unfinalized()? {
            if let Some(header) = self.db.header(&block.hash)? {
                leaves.retain(|leaf| leaf.hash != header.parent_hash);
            }
            leaves.push(block);
        }
        Ok(leaves)
    }

    /// The state after a block.
    ///
    /// # Errors
    /// The block is unknown, not executed, or its state is pruned.
    pub fn state_at(&self, hash: &H256) -> Result<StateView, ChainError> {
        Ok(self.db.state_at(hash)?)
    }

    /// From now on this decides what is final without votes; at first it is [`SingleAuthority`]. It is
    /// asked while a block is imported, so it may read the chain but not import or finalise.
    pub fn decide_finality(&self, finality: impl Finality + 'static) {
        self.importing.lock().finality = Box::new(finality);
    }

    /// Names who has the proofs of finality; the first one named stays.
    pub fn serve_justifications(
        &self,
        source: impl Fn(BlockNumber) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) {
        // Who comes second is of the same node.
        let _ = self.justifications.set(Box::new(source));
    }

    /// The proof that the block of this number, or one above it, is final.
    pub fn justification(&self, number: BlockNumber) -> Option<Vec<u8>> {
        self.justifications.get().and_then(|source| source(number))
    }

    /// Where a transaction is.
    ///
    /// # Errors
    /// The database failed.
    pub fn transaction(&self, hash: &H256) -> Result<Option<TxRecord>, ChainError> {
        Ok(self.db.transaction(hash)?)
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<ChainEvent> {
        self.events.subscribe()
    }

    /// The database, for off-chain storage and records of other parts of the node.
    pub fn db(&self) -> &Arc<Db> {
        &self.db
    }

    /// A value of the off-chain storage.
    ///
    /// # Errors
    /// The database failed.
    pub fn offchain_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ChainError> {
        Ok(self.db.offchain_get(key)?)
    }

    /// Sets or removes a value of the off-chain storage.
    ///
    /// # Errors
    /// The database failed.
    pub fn offchain_set(&self, key: &[u8], value: Option<&[u8]>) -> Result<(), ChainError> {
        Ok(self.db.offchain_set(key, value)?)
    }

    pub(crate) fn send(&self, event: ChainEvent) {
        // Nobody may be subscribed; that is no error.
        let _ = self.events.send(event);
    }
}
