//! What this node should have: the models that its provider keys announce to serve, and what belongs to them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use citrate_api::inference_api;
use citrate_artifacts::{Size, Store};
use citrate_chain::Chain;
use citrate_core::{AccountId32, H256, key_types};
use citrate_host::Keystore;
use citrate_inference_types::{ModelInfo, ModelStatus};
use citrate_keystore::LocalKeystore;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::Fetcher;
use crate::error::ServiceError;
use crate::inference::BestState;
use crate::tasks::{blocking, stopped};

/// How often the chain is asked what there is to serve.
const INTERVAL: Duration = Duration::from_secs(3);
/// LIMIT: keys that are looked at, as many as the runtime's worker looks at.
const KEYS_MAX: usize = 8;
/// LIMIT: models of one provider that are fetched.
const MODELS_MAX: usize = 64;
/// What an example's input or output is called in the store.
const EXAMPLE: &str = "example";

/// Looks for what this node should have and does not.
#[derive(Clone)]
pub(crate) struct Wishes {
    pub(crate) chain: Arc<Chain>,
    pub(crate) keystore: Arc<LocalKeystore>,
    pub(crate) store: Arc<Store>,
    pub(crate) fetcher: Fetcher,
}

impl Wishes {
    /// Works until the node stops.
    ///
    /// # Errors
    /// It panicked.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return Ok(()),
                _ = ticks.tick() => {}
            }
            let wishes = self.clone();
            blocking("what there is to fetch", move || wishes.look()).await?;
        }
    }

    fn look(&self) {
        let keys = self.keystore.sr25519_public_keys(key_types::PROVIDER);
        let runtime = BestState::of(&self.chain);
        let mut models = BTreeSet::new();
        for key in keys.into_iter().take(KEYS_MAX) {
            match inference_api::provider(&runtime, AccountId32::new(key.0)) {
                Ok(Some(provider)) => {
                    let served = provider.offers.into_iter().map(|offer| offer.model);
                    models.extend(served.take(MODELS_MAX));
                }
                Ok(None) => {}
                // A chain without a market.
                Err(error) => tracing::debug!(target: "artifacts", %error, "no models to serve"),
            }
        }
        for model in models {
            match inference_api::model(&runtime, model) {
                Ok(Some(info)) => {
                    let ModelInfo { card, status, .. } = info;
                    self.wish(model, card.bytes, card.name.as_str());
                    for asset in &card.assets {
                        self.wish(asset.hash, asset.bytes, asset.name.as_str());
                    }
                    // What it takes to check the model, and nothing afterwards.
                    for example in card.examples.iter().filter(|_| status == ModelStatus::Pending) {
                        self.wish(example.input, example.input_bytes.into(), EXAMPLE);
                        self.wish(example.output, example.output_bytes.into(), EXAMPLE);
                    }
                }
                Ok(None) => {}
                Err(error) => tracing::debug!(target: "artifacts", %error, ?model, "no card"),
            }
        }
    }

    fn wish(&self, hash: H256, bytes: u64, name: &str) {
        match self.store.about(&hash) {
            // Others are to leave before what is served.
            Ok(Some(_)) => self.store.touch(&hash),
            Ok(None) => {
                self.fetcher.seek(hash, Size::Exactly(bytes), name);
            }
            Err(error) => {
                tracing::warn!(target: "artifacts", ?hash, %error, "not fetched");
            }
        }
    }
}
