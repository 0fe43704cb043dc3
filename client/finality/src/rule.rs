//! Which block to vote for.

use crate::{
    config::VOTE_DEPTH_MAX,
    ports::{AuthoritySet, VoterChain},
};
use citrate_core::{BlockNumber, H256};
use citrate_grandpa_types::SetId;
use lru::LruCache;
use parking_lot::Mutex;
use std::num::NonZeroUsize;

/// LIMIT: blocks whose authority set is remembered.
const SETS_CACHED: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");

/// The authority sets of blocks, remembered: the runtime tells each once.
pub(crate) struct Sets {
    ids: Mutex<LruCache<H256, SetId>>,
}

impl Default for Sets {
    fn default() -> Self {
        Self { ids: Mutex::new(LruCache::new(SETS_CACHED)) }
    }
}

impl Sets {
    /// The set in charge of the blocks above this one.
    pub(crate) fn id_after(&self, chain: &dyn VoterChain, hash: &H256) -> Result<SetId, String> {
        if let Some(id) = self.ids.lock().get(hash) {
            return Ok(*id);
        }
        let AuthoritySet { id, .. } = chain.authorities_at(hash)?;
        self.ids.lock().put(*hash, id);
        Ok(id)
    }

    /// Whether a set may vote on a block: whether the state before the block names it.
    pub(crate) fn is_in_charge(
        &self,
        chain: &dyn VoterChain,
        set_id: SetId,
        hash: &H256,
    ) -> Result<bool, String> {
        let header = chain.header(hash).ok_or("the block is not imported")?;
        Ok(self.id_after(chain, &header.parent_hash)? == set_id)
    }
}

/// The block to vote for in a round whose votes have to descend from `base`; `None` while nothing
/// above `base` (itself included) is executed.
///
/// It is the newest block on the chain of the best executed descendant of `base` that is
/// `blocks_behind` below that one, within [`VOTE_DEPTH_MAX`] of the last final block, and that
/// `set` is in charge of: a set votes up to the block whose state names the next set, never beyond.
pub(crate) fn target(
    chain: &dyn VoterChain,
    sets: &Sets,
    set: SetId,
    blocks_behind: BlockNumber,
    base: &H256,
) -> Result<Option<(H256, BlockNumber)>, String> {
    let Some((base_number, (best, best_number))) =
        chain.number(base).zip(chain.best_containing(base))
    else {
        return Ok(None);
    };
    if !chain.is_executed(&best) {
        return Ok(None);
    }
    let (_, finalized) = chain.finalized();
    let highest = best_number
        .saturating_sub(blocks_behind)
        .min(finalized.saturating_add(VOTE_DEPTH_MAX))
        .max(base_number);
    let at = |number: BlockNumber| {
        chain.ancestor_at(&best, number).ok_or_else(|| format!("no block {number} below {best:?}"))
    };
    // INVARIANT: the set may vote for `low` and, unless they meet, may not for `high`.
    let (mut low, mut high) = (base_number, highest);
    if low < high && !sets.is_in_charge(chain, set, &at(high)?)? {
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if sets.is_in_charge(chain, set, &at(middle)?)? {
                low = middle;
            } else {
                high = middle;
            }
        }
        high = low;
    }
    Ok(Some((at(high)?, high)))
}
