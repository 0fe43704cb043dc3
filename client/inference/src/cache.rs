//! Loaded models, the least recently used ones leaving first.

use std::{collections::BTreeMap, sync::Arc};

use citrate_core::H256;

/// Loaded models, bounded in the bytes that they are taken to need.
#[derive(Debug)]
pub(crate) struct Cache<T> {
    models: BTreeMap<H256, Entry<T>>,
    clock: u64,
}

#[derive(Debug)]
struct Entry<T> {
    model: Arc<T>,
    bytes: u64,
    used_at: u64,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self { models: BTreeMap::new(), clock: 0 }
    }
}

impl<T> Cache<T> {
    pub(crate) fn get(&mut self, hash: &H256) -> Option<Arc<T>> {
        self.clock += 1;
        let entry = self.models.get_mut(hash)?;
        entry.used_at = self.clock;
        Some(Arc::clone(&entry.model))
    }

    /// Adds a model of this size and drops the least recently used others until all fit into `bytes_max`.
    pub(crate) fn insert(&mut self, hash: H256, model: Arc<T>, bytes: u64, bytes_max: u64) {
        self.clock += 1;
        let entry = Entry { model, bytes, used_at: self.clock };
        self.models.insert(hash, entry);
        while self.bytes() > bytes_max {
            let others = self.models.iter().filter(|(other, _)| **other != hash);
            let Some(oldest) = others.min_by_key(|(_, entry)| entry.used_at) else { return };
            let oldest = *oldest.0;
            tracing::debug!(model = ?oldest, "unloading a model");
            self.models.remove(&oldest);
        }
    }

    fn bytes(&self) -> u64 {
        self.models.values().fold(0, |sum, entry| sum.saturating_add(entry.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u8) -> H256 {
        H256([number; 32])
    }

    /// Which of the models 1 to 4 are loaded, without touching them.
    fn loaded(cache: &Cache<u8>) -> Vec<u8> {
        (1..=4).filter(|number| cache.models.contains_key(&hash(*number))).collect()
    }

    #[test]
    fn what_was_used_last_stays_and_the_bound_holds() {
        let mut cache = Cache::default();
        for number in [1, 2, 3] {
            cache.insert(hash(number), Arc::new(number), 40, 120);
        }
        assert_eq!(loaded(&cache), [1, 2, 3], "exactly the bound");
        assert_eq!(cache.get(&hash(1)).as_deref(), Some(&1));
        cache.insert(hash(4), Arc::new(4), 1, 120);
        assert_eq!(loaded(&cache), [1, 3, 4], "2 was used least recently");
        cache.insert(hash(2), Arc::new(2), 80, 120);
        assert_eq!(loaded(&cache), [2, 4], "as many go as must");
        assert_eq!(cache.get(&hash(1)), None);
        // The same model again does not count twice.
        cache.insert(hash(2), Arc::new(2), 80, 120);
        assert_eq!((loaded(&cache), cache.bytes()), (vec![2, 4], 81));
        // One that is larger than all stays alone until the next one comes.
        cache.insert(hash(3), Arc::new(3), u64::MAX, 120);
        assert_eq!(loaded(&cache), [3]);
        cache.insert(hash(1), Arc::new(1), 1, 120);
        assert_eq!(loaded(&cache), [1]);
    }
}
