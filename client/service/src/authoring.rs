//! Making blocks, slot by slot.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use citrate_authoring::{Author, AuthoringError, SlotClock, Tick};
use citrate_chain::{BuildError, ChainError, ImportError};
use citrate_core::key_types;
use citrate_dag_types::Slot;
use citrate_db::DbError;
use citrate_keystore::{LocalKeystore, Scheme};
use tokio::sync::{mpsc, watch};

use crate::error::ServiceError;
use crate::network::{Peers, SyncJob};
use crate::pool::Maintenance;
use crate::tasks::{blocking, stopped};

/// Whether blocks are made when the keystore has an authority's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Authoring {
    /// They are.
    #[default]
    On,
    /// This node only follows.
    Off,
}

/// What authoring works with.
#[derive(Clone)]
pub(crate) struct Authors {
    pub(crate) author: Author,
    pub(crate) keystore: Arc<LocalKeystore>,
    pub(crate) maintenance: Arc<Maintenance>,
    /// Who tells others of new blocks; `None` if nobody does.
    pub(crate) announce: Option<mpsc::Sender<SyncJob>>,
    /// Who knows where the others stand.
    pub(crate) peers: Option<Arc<Peers>>,
}

/// Makes a block in every slot that this node wins, until the node stops.
///
/// # Errors
/// The database does not take blocks any more.
pub(crate) async fn run(
    authors: Authors,
    mut stop: watch::Receiver<bool>,
) -> Result<(), ServiceError> {
    let mut clock = SlotClock::new();
    loop {
        let author = authors.author.clone();
        let duration = blocking(PART, move || author.slot_duration_ms()).await?;
        let duration_ms = duration.map_err(ServiceError::Chain)?;
        match clock.next(now_ms(), duration_ms) {
            Tick::Due(slot) => {
                if *stop.borrow() {
                    return Ok(());
                }
                let authors = authors.clone();
                blocking(PART, move || authors.step(slot)).await??;
            }
            Tick::Wait(wait) => tokio::select! {
                biased;
                () = stopped(&mut stop) => return Ok(()),
                () = tokio::time::sleep(wait.min(WAIT_MAX)) => {}
            },
        }
    }
}

const PART: &str = "authoring";
/// LIMIT: how long the clock is not looked at. It may be set while we wait for a slot.
const WAIT_MAX: Duration = Duration::from_secs(1);

impl Authors {
    fn step(&self, slot: Slot) -> Result<(), ServiceError> {
        // Asked in every slot, because a key may be inserted while the node runs.
        if self.keystore.public_keys(key_types::DAG, Scheme::Sr25519).is_empty() {
            return Ok(());
        }
        if self.peers.as_ref().is_some_and(|peers| !peers.is_in_step(now_ms())) {
            tracing::debug!(target: "authoring", slot = slot.0, "others are ahead");
            return Ok(());
        }
        // The pool must know the best block, or it proposes what is stale or in flight.
        if let Err(error) = self.maintenance.catch_up() {
            tracing::warn!(target: "authoring", %error, "the pool does not follow the chain");
        }
        match self.author.author_block(slot) {
            Ok(authored) => {
                if let (Some(hash), Some(announce)) = (authored, &self.announce) {
                    // A network that is gone has ended the node.
                    let _ = announce.blocking_send(SyncJob::Authored(hash));
                }
                Ok(())
            }
            Err(error) if ends_the_node(&error) => {
                Err(ServiceError::Failed { part: PART, reason: error.to_string() })
            }
            Err(error) => {
                tracing::error!(target: "authoring", slot = slot.0, %error, "no block in this slot");
                Ok(())
            }
        }
    }
}

/// Whether no later block could be stored either.
fn ends_the_node(error: &AuthoringError) -> bool {
    let (AuthoringError::Chain(chain)
    | AuthoringError::Build(BuildError::Chain(chain))
    | AuthoringError::Import(ImportError::Build(BuildError::Chain(chain)))) = error
    else {
        return false;
    };
    matches!(chain, ChainError::Db(DbError::Closed | DbError::Io(_) | DbError::Corrupted(_)))
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
