//! What every method can reach.

use std::sync::Arc;

use citrate_api::RuntimeCaller;
use citrate_core::H256;
use citrate_keystore::LocalKeystore;
use citrate_trie::StateView;
use citrate_txpool::TxPool;
use jsonrpsee::types::ErrorObjectOwned;
use tokio::sync::Semaphore;

use crate::backend::{Backend, BackendError};
use crate::chain_head::Follows;
use crate::config::RpcConfig;
use crate::deps::{ArtifactSource, ChainInfo, FinalitySource, NetworkInfo};
use crate::error::internal;
use crate::server::RpcDeps;
use crate::transaction::Broadcasts;

/// The runtime after a block, for typed calls.
#[derive(Clone, Copy)]
pub(crate) struct RuntimeAt<'a> {
    backend: &'a dyn Backend,
    at: H256,
}

impl RuntimeCaller for RuntimeAt<'_> {
    type Error = BackendError;

    fn call(&self, method: &str, data: &[u8]) -> Result<Vec<u8>, BackendError> {
        self.backend.call(&self.at, method, data)
    }
}

/// What every method can reach.
pub(crate) struct Context {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) pool: Arc<TxPool>,
    pub(crate) keystore: Arc<LocalKeystore>,
    pub(crate) artifacts: Arc<dyn ArtifactSource>,
    pub(crate) network: Arc<dyn NetworkInfo>,
    pub(crate) info: ChainInfo,
    pub(crate) finality: Option<Arc<dyn FinalitySource>>,
    pub(crate) config: RpcConfig,
    pub(crate) follows: Follows,
    pub(crate) broadcasts: Broadcasts,
    running: Arc<Semaphore>,
}

impl Context {
    pub(crate) fn new(deps: RpcDeps, config: RpcConfig) -> Self {
        let RpcDeps { backend, pool, keystore, artifacts, network, info, finality } = deps;
        let running = Arc::new(Semaphore::new(config.running_calls_max.max(1)));
        let (follows, broadcasts) = (Follows::default(), Broadcasts::default());
        Self {
            backend,
            pool,
            keystore,
            artifacts,
            network,
            info,
            finality,
            config,
            follows,
            broadcasts,
            running,
        }
    }

    /// Runs what may block where it may, as soon as fewer than the limit of such jobs run.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, ErrorObjectOwned> {
        let permit = self.running.clone().acquire_owned().await.map_err(internal)?;
        let this = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let result = job(&this);
            drop(permit);
            result
        });
        task.await.map_err(|error| {
            tracing::error!(target: "rpc", %error, "a call panicked");
            internal("the call failed")
        })
    }

    /// `at`, or the best block.
    pub(crate) fn block_or_best(&self, at: Option<H256>) -> H256 {
        at.unwrap_or_else(|| self.backend.best().hash)
    }

    /// The runtime after `at`, or after the best block.
    pub(crate) fn runtime(&self, at: Option<H256>) -> RuntimeAt<'_> {
        RuntimeAt { backend: self.backend.as_ref(), at: self.block_or_best(at) }
    }

    /// The state after `at`, or after the best block.
    pub(crate) fn state(&self, at: Option<H256>) -> Result<StateView, ErrorObjectOwned> {
        Ok(self.backend.state_at(&self.block_or_best(at))?)
    }
}
