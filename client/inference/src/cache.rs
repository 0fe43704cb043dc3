//! Loaded models, the least recently used ones leaving first.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use citrate_core::H256;
use ort::session::Session;

/// A loaded model. One run at a time: a session is not shared between runs.
pub(crate) struct Model {
    pub(crate) session: Mutex<Session>,
    /// What it is taken to need.
    pub(crate) bytes: u64,
}

/// Loaded models, bounded in bytes.
#[derive(Default)]
pub(crate) struct Cache {
    models: BTreeMap<H256, (Arc<Model>, u64)>,
    clock: u64,
}

impl Cache {
    pub(crate) fn get(&mut self, hash: &H256) -> Option<Arc<Model>> {
        self.clock += 1;
        let (model, used) = self.models.get_mut(hash)?;
        *used = self.clock;
        Some(Arc::clone(model))
    }

    /// Adds a model and drops the least recently used others until all fit into `bytes_max`.
    pub(crate) fn insert(&mut self, hash: H256, model: Arc<Model>, bytes_max: u64) {
        self.clock += 1;
        let mut used = model.bytes;
        self.models.remove(&hash);
        let mut by_age: Vec<(u64, H256, u64)> =
            self.models.iter().map(|(hash, (model, at))| (*at, *hash, model.bytes)).collect();
        by_age.sort_unstable_by(|a, b| b.cmp(a));
        for (_, hash, bytes) in by_age {
            used = used.saturating_add(bytes);
            if used > bytes_max {
                tracing::debug!(model = ?hash, "unloading a model");
                self.models.remove(&hash);
            }
        }
        self.models.insert(hash, (model, self.clock));
    }
}
