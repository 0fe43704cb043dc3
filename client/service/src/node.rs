//! The node: what is started in which order, and stopped in which.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use citrate_artifacts::Store;
use citrate_authoring::Author;
use citrate_chain::{Chain, GenesisState, Machine};
use citrate_keystore::LocalKeystore;
use citrate_provider::Provider;
use citrate_rpc::{RpcDeps, RpcHandle, RpcServer};
use citrate_txpool::TxPool;
use tokio::sync::{mpsc, watch};

use crate::artifacts::{Fetcher, Wishes};
use crate::authoring::{self, Authoring, Authors};
use crate::config::{NodeConfig, SyncMode};
use crate::error::ServiceError;
use crate::folders::{Folders, Places};
use crate::identity::Identity;
use crate::inference::ProviderParts;
use crate::network::{NetworkOptions, SyncJob};
use crate::pool::Maintenance;
use crate::tasks::{Failure, Task, blocking};
use crate::{chain, identity, inference, informant, keys, network, rpc};

/// How long one part may take to stop. A block or a runtime call takes less; a model may take
/// more, and its job is done again after the next start.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often to look whether the database is closed.
const CLOSE_POLL: Duration = Duration::from_millis(5);

/// A running node. Dropping it ends its tasks at once; [`Node::stop`] ends them in order.
pub struct Node {
    parts: Parts,
    maintenance: Task,
    informant: Task,
    rpc: RpcHandle,
    provider: Option<Provider>,
    authoring: Option<Task>,
    network: Option<Task>,
    wishes: Option<Task>,
    failure: Failure,
}

/// What is open while the node runs.
#[derive(Clone)]
struct Parts {
    places: Arc<Places>,
    keystore: Arc<LocalKeystore>,
    artifacts: Arc<Store>,
    chain: Arc<Chain>,
    pool: Arc<TxPool>,
    maintenance: Arc<Maintenance>,
    is_authority: bool,
    identity: Arc<Identity>,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("rpc", &self.rpc.address())
            .field("genesis", &self.parts.chain.genesis_hash())
            .finish_non_exhaustive()
    }
}

impl Node {
    /// Opens everything and starts to work. The first start compiles the runtime, which takes
    /// seconds.
    ///
    /// # Errors
    /// See [`ServiceError`]; nothing runs then.
    pub async fn start(config: NodeConfig) -> Result<Self, ServiceError> {
        let compile = move || {
            let (machine, genesis) = chain::machine(&config)?;
            Ok::<_, ServiceError>((config, machine, genesis))
        };
        let (config, machine, genesis) = blocking("the executor", compile).await??;
        Self::start_on(config, machine, genesis).await
    }

    /// As [`Self::start`], on any machine and genesis state.
    pub(crate) async fn start_on(
        config: NodeConfig,
        machine: Arc<dyn Machine>,
        genesis: GenesisState,
    ) -> Result<Self, ServiceError> {
        let ground = Ground::open(&config, machine, genesis).await?;
        let open = move || {
            let parts = Parts::open(&config, ground)?;
            Ok::<_, ServiceError>((config, parts))
        };
        let (config, parts) = blocking("the node", open).await??;
        let events = parts.chain.subscribe();
        let opened = parts.open_network(&config)?;
        let told = opened.as_ref().map(|o| (Arc::clone(&o.peers), Arc::clone(&o.rounds)));
        let announce = opened.as_ref().map(|o| (o.jobs.clone(), Arc::clone(&o.peers)));
        let fetcher = opened.as_ref().map(|opened| opened.fetcher.clone());
        let deps = parts.rpc_deps(&config, told, fetcher.clone());
        let server = RpcServer::start(deps, config.rpc.clone()).await?;
        let (failure, _) = watch::channel(None);
        let provide = {
            let (parts, config) = (parts.clone(), config.inference.clone());
            let fetcher = fetcher.clone();
            move || parts.provider(&config, fetcher)
        };
        let provider = blocking("the provider", provide).await??;
        let maintenance = Arc::clone(&parts.maintenance);
        let maintenance =
            Task::spawn("pool maintenance", &failure, |stop| maintenance.run(events, stop));
        let (observed, pool) = (Arc::clone(&parts.chain), Arc::clone(&parts.pool));
        let informant =
            Task::spawn("the informant", &failure, |stop| informant::run(observed, pool, stop));
        let authoring = match config.authoring {
            Authoring::On => {
                let authors = parts.authors(announce);
                Some(Task::spawn("authoring", &failure, |stop| authoring::run(authors, stop)))
            }
            Authoring::Off => None,
        };
        let network = opened.map(|opened| {
            let needs = parts.network_needs(&config);
            Task::spawn("the network", &failure, |stop| network::run(needs, opened, stop))
        });
        let wishes = fetcher.filter(|_| config.inference.enabled).map(|fetcher| {
            let wishes = parts.wishes(fetcher);
            Task::spawn("what there is to fetch", &failure, |stop| wishes.run(stop))
        });
        let rpc = server;
        Ok(Self {
            parts,
            maintenance,
            informant,
            rpc,
            provider,
            authoring,
            network,
            wishes,
            failure,
        })
    }

    /// Where RPC is served.
    pub fn rpc_address(&self) -> SocketAddr {
        self.rpc.address()
    }

    /// The chain.
    pub fn chain(&self) -> &Arc<Chain> {
        &self.parts.chain
    }

    /// The transaction pool.
    pub fn pool(&self) -> &Arc<TxPool> {
        &self.parts.pool
    }

    /// The node's keys.
    pub fn keystore(&self) -> &Arc<LocalKeystore> {
        &self.parts.keystore
    }

    /// The artifact store.
    pub fn artifacts(&self) -> &Arc<Store> {
        &self.parts.artifacts
    }

    /// Where the node keeps its data; `None` if it forgets them.
    pub fn folders(&self) -> Option<&Folders> {
        self.parts.places.folders.as_ref()
    }

    /// Runs until `shutdown` resolves or an essential part fails, then stops.
    ///
    /// # Errors
    /// [`ServiceError::Failed`] with the part that failed.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> Result<(), ServiceError> {
        let mut failures = self.failure.subscribe();
        let failed = tokio::select! {
            () = shutdown => None,
            failed = failures.wait_for(Option::is_some) => failed.ok().and_then(|f| f.clone()),
        };
        if let Some((part, reason)) = &failed {
            tracing::error!(part, reason, "stopping, because an essential part has failed");
        } else {
            tracing::info!("stopping");
        }
        self.stop().await;
        match failed {
            Some((part, reason)) => Err(ServiceError::Failed { part, reason }),
            None => Ok(()),
        }
    }

    /// Stops: no new blocks, no new jobs, no new requests, then the pool, then the database. Each
    /// part is given a bounded time.
    pub async fn stop(self) {
        let Self {
            parts,
            maintenance,
            informant,
            rpc,
            provider,
            authoring,
            network,
            wishes,
            failure,
        } = self;
        if let Some(wishes) = wishes {
            wishes.stop(PATIENCE).await;
        }
        if let Some(authoring) = authoring {
            authoring.stop(PATIENCE).await;
        }
        if let Some(network) = network {
            network.stop(PATIENCE).await;
        }
        if let Some(provider) = provider {
            let stopping = blocking("the provider", move || provider.stop());
            bounded("the provider", stopping).await;
        }
        bounded("the RPC server", rpc.stop()).await;
        maintenance.stop(PATIENCE).await;
        informant.stop(PATIENCE).await;
        drop(failure);
        parts.close().await;
    }
}

impl Parts {
    fn open(config: &NodeConfig, ground: Ground) -> Result<Self, ServiceError> {
        let Ground { places, chain, identity } = ground;
        let folders = places.folders.as_ref();
        let database = folders.map(Folders::database);
        let keystore = keys::open(folders.map(Folders::keystore).as_deref(), &config.keys)?;
        let artifacts = inference::artifacts(&places.artifacts, &config.inference)?;
        let pool = TxPool::new(Arc::<Chain>::clone(&chain), config.pool);
        let failed = ServiceError::Chain;
        let maintenance =
            Maintenance::new(Arc::clone(&chain), Arc::clone(&pool)).map_err(failed)?;
        let best = chain.best();
        let configuration = chain.dag_configuration(&best.hash).map_err(failed)?;
        let is_authority =
            config.authoring == Authoring::On && keys::is_authority(&keystore, &configuration);
        tracing::info!(
            target: "node",
            chain = config.chain_spec.name,
            genesis = ?chain.genesis_hash(),
            best = best.number,
            finalized = chain.finalized().number,
            database = ?database,
            authority = is_authority,
            "opened"
        );
        let maintenance = Arc::new(maintenance);
        let places = Arc::new(places);
        Ok(Self { places, keystore, artifacts, chain, pool, maintenance, is_authority, identity })
    }

    /// Opens the sockets, if the node is to have any. On a chain of several voters it is they who make
    /// blocks final.
    fn open_network(&self, config: &NodeConfig) -> Result<Option<network::Opened>, ServiceError> {
        let Some(options) = network_options(config)? else { return Ok(None) };
        network::open(&options, &self.chain, protocol_id(config), *self.identity.secret).map(Some)
    }

    fn network_needs(&self, config: &NodeConfig) -> network::Needs {
        network::Needs {
            chain: Arc::clone(&self.chain),
            pool: Arc::clone(&self.pool),
            keystore: Arc::clone(&self.keystore),
            artifacts: Arc::clone(&self.artifacts),
            upload_per_second: config.inference.artifacts_upload_per_second,
        }
    }

    fn wishes(&self, fetcher: Fetcher) -> Wishes {
        Wishes {
            chain: Arc::clone(&self.chain),
            keystore: Arc::clone(&self.keystore),
            store: Arc::clone(&self.artifacts),
            fetcher,
        }
    }

    fn rpc_deps(
        &self,
        config: &NodeConfig,
        told: Option<(Arc<network::Peers>, Arc<network::Rounds>)>,
        fetcher: Option<Fetcher>,
    ) -> RpcDeps {
        let info = rpc::info(config, self.is_authority, self.identity.peer_id.clone());
        let store = Arc::clone(&self.artifacts);
        let artifacts = Arc::new(inference::RpcArtifacts { store, fetcher });
        let (chain, pool) = (Arc::clone(&self.chain), Arc::clone(&self.pool));
        let mut deps = RpcDeps::new(chain, pool, Arc::clone(&self.keystore), artifacts, info);
        if let Some((peers, rounds)) = told {
            deps.network = peers;
            deps.finality = Some(rounds);
        }
        deps
    }

    fn provider(
        &self,
        config: &crate::InferenceConfig,
        fetcher: Option<Fetcher>,
    ) -> Result<Option<Provider>, ServiceError> {
        let Self { chain, pool, keystore, artifacts, is_authority: is_validator, .. } = self;
        let is_validator = *is_validator;
        let parts = ProviderParts { chain, pool, keystore, artifacts, fetcher, is_validator };
        inference::provider(parts, config)
    }

    fn authors(&self, network: Option<(mpsc::Sender<SyncJob>, Arc<network::Peers>)>) -> Authors {
        let (announce, peers) = network.unzip();
        let keystore: Arc<LocalKeystore> = Arc::clone(&self.keystore);
        let (chain, pool) = (Arc::clone(&self.chain), Arc::clone(&self.pool));
        Authors {
            author: Author::new(chain, pool, keystore.clone()),
            keystore,
            maintenance: Arc::clone(&self.maintenance),
            announce,
            peers,
        }
    }

    /// Lets go of everything and waits until the database is closed, so that the data may be opened
    /// again, or copied, as soon as this returns.
    async fn close(self) {
        let db = Arc::clone(self.chain.db());
        drop(self);
        // Whoever drops the last reference closes the database: that is to be us.
        let begun = Instant::now();
        while Arc::strong_count(&db) > 1 {
            if begun.elapsed() > PATIENCE {
                tracing::warn!(
                    "the database is still read; its journal is replayed at the next start"
                );
                return;
            }
            tokio::time::sleep(CLOSE_POLL).await;
        }
        // This writes to the disk.
        if let Err(error) = blocking("the database", move || drop(db)).await {
            tracing::error!(%error, "its journal is replayed at the next start");
        }
        tracing::info!(target: "node", "stopped");
    }
}

/// What the rest of the node stands on.
struct Ground {
    places: Places,
    chain: Arc<Chain>,
    identity: Arc<Identity>,
}

impl Ground {
    /// Opens the database and the chain in it. An empty one starts where the configuration says, which
    /// may take as long as a state takes to download.
    async fn open(
        config: &NodeConfig,
        machine: Arc<dyn Machine>,
        genesis: GenesisState,
    ) -> Result<Self, ServiceError> {
        let open = {
            let (config, machine, genesis) =
                (config.clone(), Arc::clone(&machine), genesis.clone());
            move || Self::open_database(&config, machine, &genesis)
        };
        let mut ground = blocking("the database", open).await??;
        if !network::warp::is_needed(&ground.chain) {
            return Ok(ground);
        }
        let SyncMode::Warp(trusted) = config.sync else {
            if network::warp::is_begun(&ground.chain) {
                tracing::warn!("what an unfinished warp sync downloaded stays in the database");
            }
            return Ok(ground);
        };
        if config.database.pruning == citrate_db::Pruning::Archive {
            return Err(ServiceError::failed("warp sync", "an archive starts at the first block"));
        }
        let options = network_options(config)?
            .ok_or_else(|| ServiceError::failed("warp sync", "there is no network"))?;
        let (chain, secret) = (Arc::clone(&ground.chain), *ground.identity.secret);
        network::warp::run(chain, &options, trusted, protocol_id(config), secret).await?;
        let db = Arc::clone(ground.chain.db());
        let path = ground.places.folders.as_ref().map(Folders::database);
        let reopen = move || chain::open_in(db, path.as_deref(), machine, &genesis);
        ground.chain = blocking("the database", reopen).await??;
        Ok(ground)
    }

    fn open_database(
        config: &NodeConfig,
        machine: Arc<dyn Machine>,
        genesis: &GenesisState,
    ) -> Result<Self, ServiceError> {
        let base = config.base_path.as_deref();
        let artifacts = config.inference.artifacts.as_deref();
        let places = Places::new(base, &config.chain_spec.id, artifacts)?;
        let folders = places.folders.as_ref();
        let database = folders.map(Folders::database);
        let chain = chain::open(database.as_deref(), config.database, machine, genesis)?;
        let identity = Arc::new(identity::identity(folders.map(Folders::network).as_deref())?);
        Ok(Self { places, chain, identity })
    }
}

/// How the node takes part in the network, if it does.
fn network_options(config: &NodeConfig) -> Result<Option<NetworkOptions>, ServiceError> {
    let Some(mut options) = config.network.clone() else { return Ok(None) };
    for address in &config.chain_spec.boot_nodes {
        options.bootnodes.push(address.parse().map_err(|error| {
            ServiceError::failed("the network", format!("bootnode {address}: {error}"))
        })?);
    }
    Ok(Some(options))
}

fn protocol_id(config: &NodeConfig) -> &str {
    let spec = &config.chain_spec;
    spec.protocol_id.as_deref().unwrap_or(&spec.id)
}

/// Waits for a part to stop, but not for ever.
async fn bounded<T>(part: &'static str, stopping: impl Future<Output = T>) {
    if tokio::time::timeout(PATIENCE, stopping).await.is_err() {
        tracing::warn!(part, "does not stop in time and is abandoned");
    }
}
