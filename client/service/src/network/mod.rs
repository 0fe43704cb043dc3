//! The node among others: relay and sync of blocks, transactions, votes.
//!
//! The network carries bytes; the machines of `citrate-sync` and `citrate-finality` know what they mean and
//! do no I/O. Here each of the two has a thread of its own, and so have imports, because all of them
//! wait for the runtime and the disk. [`run`] hands each event of the network to the thread
//! that it is for.

mod imports;
mod info;
mod options;
mod report;
mod rounds;
mod sole;
mod sync;
mod transactions;
mod voter;
mod votes;
pub(crate) mod warp;

use std::sync::Arc;
use std::time::Duration;

use citrate_artifacts::Store;
use citrate_chain::{Chain, ChainEvent};
use citrate_finality::FinalityConfig;
use citrate_keystore::LocalKeystore;
use citrate_network::{Channel, Event, Network, Penalty, Topic};
use citrate_txpool::TxPool;
use tokio::runtime::Handle;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::artifacts::{FetchJob, FetchLoop, Fetcher, Upload, Uploads};
use crate::error::ServiceError;
use crate::tasks::stopped;

pub(crate) use info::Peers;
pub use options::NetworkOptions;
use report::Reporter;
pub(crate) use rounds::Rounds;
use sole::SoleVoter;
pub(crate) use sync::SyncJob;
use sync::SyncLoop;
use transactions::Transactions;
use votes::{VoteJob, VoteLoop};

/// LIMIT: what waits for the thread of relay and sync.
const SYNC_JOBS_MAX: usize = 1_024;
/// LIMIT: what waits for the thread of finality.
const VOTE_JOBS_MAX: usize = 1_024;
/// The first byte of a request that is for sync.
const TO_SYNC: u8 = 0;
/// The first byte of a request that carries a message of finality; its answer is empty.
const TO_VOTES: u8 = 1;
/// How long the threads may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the network needs of the node.
pub(crate) struct Needs {
    pub(crate) chain: Arc<Chain>,
    pub(crate) pool: Arc<TxPool>,
    pub(crate) keystore: Arc<LocalKeystore>,
    pub(crate) artifacts: Arc<Store>,
    /// LIMIT: bytes of artifacts that are sent, a second.
    pub(crate) upload_per_second: u64,
}

/// A network that is open, and not used yet.
pub(crate) struct Opened {
    pub(crate) network: Network,
    pub(crate) events: mpsc::Receiver<Event>,
    /// Takes blocks that this node made.
    pub(crate) jobs: mpsc::Sender<SyncJob>,
    received: mpsc::Receiver<SyncJob>,
    pub(crate) fetcher: Fetcher,
    fetches: mpsc::Receiver<FetchJob>,
    pub(crate) peers: Arc<Peers>,
    pub(crate) rounds: Arc<Rounds>,
}

/// Opens the sockets.
///
/// # Errors
/// An address is taken or cannot be listened on.
pub(crate) fn open(
    options: &NetworkOptions,
    chain: &Arc<Chain>,
    protocol_id: &str,
    node_key: [u8; 32],
) -> Result<Opened, ServiceError> {
    chain.decide_finality(SoleVoter::new(chain));
    let config = options.config(chain.genesis_hash(), protocol_id, node_key);
    let (network, events) = Network::start(config, &Handle::current())?;
    let (jobs, received) = mpsc::channel(SYNC_JOBS_MAX);
    warp::serve_proofs(chain);
    let peers = Arc::new(Peers::new(network.clone(), chain, options));
    let rounds = Arc::new(Rounds::new(chain, FinalityConfig::default()));
    let (fetcher, fetches) = Fetcher::new();
    Ok(Opened { network, events, jobs, received, fetcher, fetches, peers, rounds })
}

/// Carries events between the network and the machines until the node stops.
///
/// # Errors
/// The network ended by itself, or a thread panicked.
pub(crate) async fn run(
    needs: Needs,
    opened: Opened,
    mut stop: watch::Receiver<bool>,
) -> Result<(), ServiceError> {
    let Opened { network, mut events, jobs, received, fetcher, fetches, peers, rounds } = opened;
    let Needs { chain, pool, keystore, artifacts, upload_per_second } = needs;
    let runtime = Handle::current();
    let (imports, import_thread) = imports::start(Arc::clone(&chain), jobs.clone());
    let (votes, vote_jobs) = mpsc::channel(VOTE_JOBS_MAX);
    let voted = Arc::clone(&chain);
    let reporter = Reporter::new(&chain, &pool);
    let voter = VoteLoop::new(voted, keystore, network.clone(), rounds, reporter);
    let vote_thread = {
        let runtime = runtime.clone();
        tokio::task::spawn_blocking(move || voter.run(&runtime, vote_jobs))
    };
    let core = SyncLoop {
        chain: Arc::clone(&chain),
        pool: Arc::clone(&pool),
        network: network.clone(),
        imports,
        jobs: jobs.clone(),
        peers,
    };
    let (uploads, upload_loop) =
        Uploads::new(Arc::clone(&artifacts), network.clone(), upload_per_second);
    let fetch_loop =
        FetchLoop { store: artifacts, network: network.clone(), fetcher: fetcher.clone() };
    let (fetch_runtime, fetch_jobs) = (runtime.clone(), fetcher.jobs().clone());
    let fetch_thread = tokio::task::spawn_blocking(move || fetch_loop.run(&fetch_runtime, fetches));
    let upload_thread = tokio::task::spawn_blocking(move || upload_loop.run());
    let sync_thread = tokio::task::spawn_blocking(move || core.run(&runtime, received));
    let transactions = Transactions::new(pool, network.clone());
    let ways = Ways { jobs: jobs.clone(), votes: votes.clone(), fetch: fetch_jobs, uploads };
    let mut ready = transactions.subscribe();
    let mut blocks = chain.subscribe();
    let ended = loop {
        tokio::select! {
            biased;
            () = stopped(&mut stop) => break Ok(()),
            event = events.recv() => match event {
                Some(event) => ways.route(event, &network, &transactions).await,
                None => break Err(ServiceError::failed("the network", "it ended by itself")),
            },
            event = blocks.recv() => match event {
                // What is behind is looked at when something new comes.
                Ok(ChainEvent::Imported { .. } | ChainEvent::NewBest { .. }) | Err(RecvError::Lagged(_)) => {
                    let _ = votes.try_send(VoteJob::Advance);
                }
                Ok(_) => {}
                Err(RecvError::Closed) => break Ok(()),
            },
            hash = ready.recv() => {
                if let Ok(hash) = hash {
                    transactions.publish(&hash);
                }
            }
        }
    };
    network.shutdown().await;
    // Each thread ends when nobody can send to it any more. What is in the way of that is dropped first.
    let _ = jobs.send(SyncJob::Stop).await;
    let _ = votes.send(VoteJob::Stop).await;
    let _ = ways.fetch.send(FetchJob::Stop).await;
    drop((events, jobs, votes, ways));
    let threads = all_end([sync_thread, vote_thread, import_thread, fetch_thread, upload_thread]);
    match tokio::time::timeout(PATIENCE, threads).await {
        Ok(true) => ended,
        Ok(_) => Err(ServiceError::failed("the network", "a thread of it panicked")),
        Err(_) => Err(ServiceError::failed("the network", "a thread of it does not stop")),
    }
}

/// Whether all of these end without a panic.
async fn all_end<const N: usize>(threads: [JoinHandle<()>; N]) -> bool {
    let mut all = true;
    for thread in threads {
        all &= thread.await.is_ok();
    }
    all
}

/// The ways to the threads.
struct Ways {
    jobs: mpsc::Sender<SyncJob>,
    votes: mpsc::Sender<VoteJob>,
    fetch: mpsc::Sender<FetchJob>,
    uploads: mpsc::Sender<Upload>,
}

impl Ways {
    /// Hands an event of the network to whom it is for.
    async fn route(&self, event: Event, network: &Network, transactions: &Transactions) {
        let Self { jobs, votes, fetch, uploads } = self;
        // A thread that is gone has failed, which the end of the loop reports.
        match event {
            Event::Listening(address) => {
                tracing::info!(target: "network", %address, peer = %network.local_peer_id(), "listening");
            }
            Event::PeerConnected { peer, .. } => {
                let _ = jobs.send(SyncJob::Connected(peer)).await;
                let _ = fetch.send(FetchJob::Connected(peer)).await;
            }
            Event::PeerDisconnected { peer } => {
                let _ = jobs.send(SyncJob::Disconnected(peer)).await;
                let _ = fetch.send(FetchJob::Disconnected(peer)).await;
                let _ = votes.send(VoteJob::Disconnected(peer)).await;
            }
            Event::Gossip { topic: Topic::Blocks, from, id, data } => {
                let _ = jobs.send(SyncJob::Gossip { from, id, data }).await;
            }
            Event::Gossip { topic: Topic::Votes, from, id, data } => {
                let _ = votes.send(VoteJob::Gossip { from, id, data }).await;
            }
            Event::Gossip { topic: Topic::Transactions, id, data, .. } => {
                transactions.take(id, &data);
            }
            // Refused if too many wait: who asks tries again later.
            Event::Request { peer, channel: Channel::Artifacts, data, respond } => {
                let _ = uploads.try_send(Upload { peer, data, respond });
            }
            Event::Request { peer, channel: Channel::Sync, mut data, respond } => {
                match data.first() {
                    Some(&TO_SYNC) => {
                        let bytes = data.split_off(1);
                        let _ = jobs.send(SyncJob::Request { peer, bytes, respond }).await;
                    }
                    Some(&TO_VOTES) => {
                        let data = data.split_off(1);
                        let _ = votes.send(VoteJob::Direct { from: peer, data }).await;
                        respond.send(Vec::new());
                    }
                    _ => network.report(&peer, Penalty::InvalidRequest),
                }
            }
            _ => {}
        }
    }
}
