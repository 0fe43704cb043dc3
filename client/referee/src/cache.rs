//! Compiled modules by hash.

use std::{
    num::NonZeroUsize,
    sync::{Arc, OnceLock},
};

use citrate_core::H256;
use lru::LruCache;
use parking_lot::Mutex;

use crate::{Referee, RefereeError};

type Slot = Arc<OnceLock<Result<Arc<Referee>, RefereeError>>>;

/// LIMIT: modules kept: the one on chain, and the one before it while its disputes last.
const MODULES_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// Compiled modules by hash.
#[derive(Debug)]
pub struct Referees {
    modules: Mutex<LruCache<H256, Slot>>,
}

impl Default for Referees {
    fn default() -> Self {
        Self { modules: Mutex::new(LruCache::new(MODULES_MAX)) }
    }
}

impl Referees {
    /// The referee of this hash, compiled from what `fetch` gives unless it is here. Two calls at once compile once.
    ///
    /// # Errors
    /// When there are no bytes, they have another hash or are no referee. The next call tries again.
    pub fn get(
        &self,
        hash: H256,
        fetch: impl FnOnce() -> Option<Vec<u8>>,
    ) -> Result<Arc<Referee>, RefereeError> {
        let slot = self.modules.lock().get_or_insert(hash, Slot::default).clone();
        let result = slot.get_or_init(|| {
            let module = fetch().ok_or_else(|| RefereeError::Module("it is not here".into()))?;
            let found = Referee::hash_of(&module);
            if found != hash {
                return Err(RefereeError::WrongModule { expected: hash, found });
            }
            Referee::new(&module).map(Arc::new)
        });
        if result.is_err() {
            let mut modules = self.modules.lock();
            // Another call may have begun anew meanwhile.
            if modules.peek(&hash).is_some_and(|present| Arc::ptr_eq(present, &slot)) {
                modules.pop(&hash);
            }
        }
        result.clone()
    }
}
