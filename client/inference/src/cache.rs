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

    /// Drops the least recently used models until one more of this size fits; `false` if those that are being run are in
    /// the way. One that is larger than all together may stay alone.
    pub(crate) fn make_room(&mut self, bytes: u64, bytes_max: u64) -> bool {
        while !self.models.is_empty() && self.bytes().saturating_add(bytes) > bytes_max {
            // A model that is dropped while it runs would go on taking memory that nobody counts.
            let idle = self.models.iter().filter(|(_, entry)| Arc::strong_count(&entry.model) == 1);
            let Some(oldest) = idle.min_by_key(|(_, entry)| entry.used_at) else { return false };
            let oldest = *oldest.0;
            tracing::debug!(model = ?oldest, "unloading a model");
            self.models.remove(&oldest);
        }
        true
    }

    /// Adds a model of this size, for which there is room.
    pub(crate) fn insert(&mut self, hash: H256, model: Arc<T>, bytes: u64) {
        self.clock += 1;
        let entry = Entry { model, bytes, used_at: self.clock };
        self.models.insert(hash, entry);
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

    fn insert(cache: &mut Cache<u8>, number: u8, bytes: u64, bytes_max: u64) {
        assert!(cache.make_room(bytes, bytes_max));
        cache.insert(hash(number), Arc::new(number), bytes);
    }

    #[test]
    fn what_is_in_use_stays_and_nothing_new_comes_in_its_way() {
        let mut cache = Cache::default();
        for number in [1, 2, 3] {
            insert(&mut cache, number, 40, 120);
        }
        let used = [cache.get(&hash(1)).unwrap(), cache.get(&hash(3)).unwrap()];
        assert!(!cache.make_room(41, 120), "one byte too many beside what is in use");
        assert_eq!(loaded(&cache), [1, 3], "what could go has gone");
        assert!(cache.make_room(40, 120));
        drop(used);
        assert!(cache.make_room(41, 120));
        assert_eq!(loaded(&cache), [3]);
    }

    #[test]
    fn what_was_used_last_stays_and_the_bound_holds() {
        let mut cache = Cache::default();
        for number in [1, 2, 3] {
            insert(&mut cache, number, 40, 120);
        }
        assert_eq!(loaded(&cache), [1, 2, 3], "exactly the bound");
        assert_eq!(cache.get(&hash(1)).as_deref(), Some(&1));
        insert(&mut cache, 4, 1, 120);
        assert_eq!(loaded(&cache), [1, 3, 4], "2 was used least recently");
        insert(&mut cache, 2, 80, 120);
        assert_eq!(loaded(&cache), [2, 4], "as many go as must");
        assert_eq!(cache.get(&hash(1)), None);
        assert_eq!(cache.bytes(), 81);
        // One that is larger than all stays alone until the next one comes.
        insert(&mut cache, 3, u64::MAX, 120);
        assert_eq!(loaded(&cache), [3]);
        insert(&mut cache, 1, 1, 120);
        assert_eq!(loaded(&cache), [1]);
    }
}
