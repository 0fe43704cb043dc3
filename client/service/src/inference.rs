//! Artifacts, the engine that runs models, and the provider that serves jobs.

use std::path::Path;
use std::sync::Arc;

use citrate_artifacts::{Store, StoreConfig, StoreError};
use citrate_chain::Chain;
use citrate_core::H256;
use citrate_inference::Engine;
use citrate_keystore::LocalKeystore;
use citrate_provider::{Provider, ProviderConfig, ProviderDeps};
use citrate_rpc::{ArtifactError, ArtifactSource};
use citrate_txpool::TxPool;

use crate::config::InferenceConfig;
use crate::error::ServiceError;

/// Opens the artifact store.
pub(crate) fn artifacts(path: &Path, config: &InferenceConfig) -> Result<Arc<Store>, ServiceError> {
    let config =
        StoreConfig { bytes_max: config.artifacts_bytes_max, ..StoreConfig::new(path.to_owned()) };
    Ok(Arc::new(Store::open(config)?))
}

/// Loads ONNX Runtime and starts the provider. Without the library the engine warns, saying how to
/// get it, and the provider declines the jobs that come.
pub(crate) fn provider(
    chain: &Arc<Chain>,
    pool: &Arc<TxPool>,
    keystore: &Arc<LocalKeystore>,
    artifacts: &Arc<Store>,
    config: &InferenceConfig,
    is_validator: bool,
) -> Result<Option<Provider>, ServiceError> {
    if !config.enabled {
        return Ok(None);
    }
    let engine = Engine::new(config.engine.clone(), Arc::clone(artifacts));
    let deps = ProviderDeps {
        chain: Arc::clone(chain),
        pool: Arc::clone(pool),
        keystore: Arc::<LocalKeystore>::clone(keystore),
        engine: Arc::new(engine),
    };
    let config = ProviderConfig { calls_max: config.calls_max, is_validator };
    let thread = |source| ServiceError::Thread { what: "the provider", source };
    Provider::start(deps, config).map(Some).map_err(thread)
}

/// The store as the RPC server reads and fills it.
pub(crate) struct RpcArtifacts(pub(crate) Arc<Store>);

impl ArtifactSource for RpcArtifacts {
    fn get(&self, hash: &H256, bytes_max: usize) -> Result<Option<Vec<u8>>, ArtifactError> {
        match self.0.read(hash, u64::try_from(bytes_max).unwrap_or(u64::MAX)) {
            Ok(content) => Ok(Some(content)),
            Err(StoreError::Unknown(_)) => Ok(None),
            Err(error) => Err(ArtifactError(error.to_string())),
        }
    }

    fn put(&self, content: &[u8]) -> Result<H256, ArtifactError> {
        let added = self.0.add_bytes(content, "");
        added.map(|artifact| artifact.hash).map_err(|error| ArtifactError(error.to_string()))
    }
}
