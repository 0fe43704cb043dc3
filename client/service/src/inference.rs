//! Artifacts, the engine that runs models, and the provider that serves jobs.

use std::path::Path;
use std::sync::Arc;

use citrate_api::{RuntimeCaller, inference_api};
use citrate_artifacts::{Artifact, Pin, Size, Store, StoreConfig, StoreError};
use citrate_chain::{Chain, ChainError};
use citrate_core::H256;
use citrate_inference::{Engine, ModelSource, Sought as ModelSought};
use citrate_inference_types::ModelCard;
use citrate_keystore::LocalKeystore;
use citrate_provider::{Provider, ProviderConfig, ProviderDeps};
use citrate_referee::Referees;
use citrate_rpc::{ArtifactError, ArtifactSource, ArtifactState};
use citrate_txpool::TxPool;

use crate::artifacts::{Fetcher, Sought};
use crate::config::InferenceConfig;
use crate::error::ServiceError;
use crate::judging::Inference;

/// Opens the artifact store.
pub(crate) fn artifacts(path: &Path, config: &InferenceConfig) -> Result<Arc<Store>, ServiceError> {
    let config =
        StoreConfig { bytes_max: config.artifacts_bytes_max, ..StoreConfig::new(path.to_owned()) };
    Ok(Arc::new(Store::open(config)?))
}

/// The runtime after the best block.
pub(crate) struct BestState<'a> {
    chain: &'a Chain,
    at: H256,
}

impl<'a> BestState<'a> {
    pub(crate) fn of(chain: &'a Chain) -> Self {
        Self { at: chain.best().hash, chain }
    }
}

impl RuntimeCaller for BestState<'_> {
    type Error = ChainError;

    fn call(&self, method: &str, data: &[u8]) -> Result<Vec<u8>, ChainError> {
        self.chain.call(&self.at, method, data)
    }
}

/// What the provider works with.
pub(crate) struct ProviderParts<'a> {
    pub(crate) chain: &'a Arc<Chain>,
    pub(crate) pool: &'a Arc<TxPool>,
    pub(crate) keystore: &'a Arc<LocalKeystore>,
    pub(crate) artifacts: &'a Arc<Store>,
    /// None without a network.
    pub(crate) fetcher: Option<Fetcher>,
    pub(crate) is_validator: bool,
}

/// Loads ONNX Runtime and starts the provider. Without the library the engine warns, saying how to
/// get it, and the provider declines the jobs that come.
pub(crate) fn provider(
    parts: ProviderParts<'_>,
    config: &InferenceConfig,
) -> Result<Option<Provider>, ServiceError> {
    if !config.enabled {
        return Ok(None);
    }
    let ProviderParts { chain, pool, keystore, artifacts, fetcher, is_validator } = parts;
    let source: Arc<dyn ModelSource> = Arc::new(ChainModels { chain: Arc::clone(chain), fetcher });
    let (engine, store) = (config.engine.clone(), Arc::clone(artifacts));
    let engine = Engine::with_source(engine, store, Arc::clone(&source));
    let artifacts = Arc::clone(artifacts);
    let inference = Inference { engine, artifacts, source, referees: Referees::default() };
    let deps = ProviderDeps {
        chain: Arc::clone(chain),
        pool: Arc::clone(pool),
        keystore: Arc::<LocalKeystore>::clone(keystore),
        engine: Arc::new(inference),
    };
    let config = ProviderConfig { calls_max: config.calls_max, is_validator };
    let thread = |source| ServiceError::Thread { what: "the provider", source };
    Provider::start(deps, config).map(Some).map_err(thread)
}

/// The models of the chain, fetched from its nodes.
struct ChainModels {
    chain: Arc<Chain>,
    fetcher: Option<Fetcher>,
}

impl ModelSource for ChainModels {
    fn card(&self, model: &H256) -> Option<ModelCard> {
        match inference_api::model(&BestState::of(&self.chain), *model) {
            Ok(found) => found.map(|info| info.card),
            Err(error) => {
                tracing::warn!(?model, %error, "the chain does not say what it knows of a model");
                None
            }
        }
    }

    fn seek(&self, model: &H256, bytes_max: u64) -> ModelSought {
        let Some(fetcher) = &self.fetcher else { return ModelSought::Nowhere };
        // The card costs a call of the runtime, and is not needed while it is being fetched.
        let sought = fetcher.state(model).unwrap_or_else(|| {
            let card = self.card(model);
            let size =
                card.as_ref().map_or(Size::AtMost(bytes_max), |card| Size::Exactly(card.bytes));
            let name = card.as_ref().map_or("", |card| card.name.as_str());
            fetcher.fetch(*model, size, name, Pin::No)
        });
        match sought {
            // It is fetched on all the same: another job may find it.
            Sought::Coming(_) if fetcher.is_soon(model) => ModelSought::Coming,
            Sought::Coming(_) | Sought::Failed(_) => ModelSought::Nowhere,
        }
    }
}

/// The store as the RPC server reads and fills it.
pub(crate) struct RpcArtifacts {
    pub(crate) store: Arc<Store>,
    /// None without a network.
    pub(crate) fetcher: Option<Fetcher>,
}

impl RpcArtifacts {
    fn stored(&self, hash: &H256) -> Result<Option<Artifact>, ArtifactError> {
        self.store.about(hash).map_err(failed)
    }
}

impl ArtifactSource for RpcArtifacts {
    fn get(&self, hash: &H256, bytes_max: usize) -> Result<Option<Vec<u8>>, ArtifactError> {
        match self.store.read(hash, u64::try_from(bytes_max).unwrap_or(u64::MAX)) {
            Ok(content) => Ok(Some(content)),
            Err(StoreError::Unknown(_)) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn put(&self, content: &[u8]) -> Result<H256, ArtifactError> {
        let hash = self.store.add_bytes(content, "").map_err(failed)?.hash;
        // The operator's own, and maybe there is no other copy.
        self.store.set_pinned(&hash, true).map_err(failed)?;
        Ok(hash)
    }

    fn fetch(&self, hash: &H256, bytes_max: u64) -> Result<(), ArtifactError> {
        if self.stored(hash)?.is_some() {
            return self.store.set_pinned(hash, true).map_err(failed);
        }
        let Some(fetcher) = &self.fetcher else {
            return Err(ArtifactError("this node has no network".to_owned()));
        };
        match fetcher.fetch(*hash, Size::AtMost(bytes_max), "", Pin::Yes) {
            Sought::Coming(_) => Ok(()),
            Sought::Failed(reason) => Err(ArtifactError(reason)),
        }
    }

    fn state(&self, hash: &H256) -> Result<ArtifactState, ArtifactError> {
        if let Some(artifact) = self.stored(hash)? {
            return Ok(ArtifactState::Stored { bytes: artifact.bytes });
        }
        let sought = self.fetcher.as_ref().and_then(|fetcher| fetcher.state(hash));
        Ok(match sought {
            None => ArtifactState::Absent,
            Some(Sought::Failed(reason)) => ArtifactState::Failed { reason },
            Some(Sought::Coming(progress)) => {
                ArtifactState::Fetching { bytes: progress.bytes, bytes_total: progress.bytes_total }
            }
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "errors are passed so")]
fn failed(error: StoreError) -> ArtifactError {
    ArtifactError(error.to_string())
}
