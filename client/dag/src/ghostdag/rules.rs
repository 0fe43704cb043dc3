//! The limits of the DAG.

use citrate_dag_types::{DagConfiguration, Election, OTHER_PARENTS_MAX};

use super::k::{KError, k_for};

/// Share of the blocks of an honest network that may turn out red, in billionths: 1 %.
const RED_BILLIONTHS: u32 = 10_000_000;
/// How long before its own slot a block may merge others, in milliseconds (`specs/dag-pos.md` D7).
const MERGE_WINDOW_MS: u64 = 120_000;

/// The limits that every node of a chain must share. Depths are in blue score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DagRules {
    /// Most blue blocks in a blue block's anticone, see [`k_for`](crate::ghostdag::k_for).
    pub k: u16,
    /// LIMIT: parents of a block.
    pub parents_max: usize,
    /// LIMIT: blocks in a mergeset, the selected parent included.
    pub mergeset_max: usize,
    /// How deep below a block what it merges may have left the chain.
    pub merge_depth: u64,
    /// How deep below the sink everything may be forgotten.
    pub pruning_depth: u64,
    /// How many slots before its own a block may merge others, where blocks have slots.
    pub merge_slots_max: Option<u64>,
}

impl DagRules {
    /// The limits of a chain with these parameters.
    ///
    /// The rate is the lottery's. All winners of a slot are in each other's anticone, so that a slot counts
    /// as delay. Everything that a block merges is of the last two minutes; the depth is that of
    /// as many blocks as come in this time.
    ///
    /// # Errors
    /// See [`KError`]: more blocks come at once than a DAG can order.
    pub fn of(configuration: &DagConfiguration) -> Result<Self, KError> {
        let slot_ms = configuration.slot_duration_ms.max(1);
        let authors = configuration.authorities.len() as u64;
        let (per_slot_millionths, authors_in_a_slot) = match configuration.election {
            // A single author makes no blocks beside its own.
            Election::EverySlot => (authors.saturating_mul(1_000_000), authors > 1),
            Election::Lottery { rate_millionths } => (u64::from(rate_millionths), true),
        };
        let narrow = |number: u64| u32::try_from(number).map_err(|_large| KError::TooLarge);
        let rate = narrow(per_slot_millionths / slot_ms)?;
        let delay_ms = narrow(u64::from(configuration.delay_bound_ms).saturating_add(slot_ms))?;
        let k = if authors_in_a_slot { k_for(rate, delay_ms, RED_BILLIONTHS)? } else { 0 };
        let window_slots = MERGE_WINDOW_MS.div_ceil(slot_ms);
        let merge_depth = window_slots.saturating_mul(per_slot_millionths.div_ceil(1_000_000));
        let k = k.max(1);
        let mergeset_max = configuration.mergeset_max.max(1);
        let pruning_depth_min = safe_depth(k, merge_depth, u64::from(mergeset_max));
        Ok(Self {
            parents_max: OTHER_PARENTS_MAX + 1,
            mergeset_max: usize::try_from(mergeset_max).unwrap_or(usize::MAX),
            merge_slots_max: Some(window_slots),
            ..Self::derived(k, merge_depth, 0, pruning_depth_min)
        })
    }

    /// The limits that follow from `k` and three depths, as in Kaspa (`specs/ghostdag.md` section 1.5): the
    /// pruning depth is at least what bounded merging needs to be safe, or `pruning_depth_min`.
    /// Saturates.
    pub fn derived(k: u16, merge_depth: u64, finality_depth: u64, pruning_depth_min: u64) -> Self {
        let mergeset_max = (2 * usize::from(k)).clamp(180, 512);
        let needed = safe_depth(k, merge_depth, mergeset_max as u64);
        Self {
            k,
            parents_max: usize::from(k / 2).clamp(10, 16),
            mergeset_max,
            merge_depth,
            pruning_depth: finality_depth.saturating_add(needed).max(pruning_depth_min),
            merge_slots_max: None,
        }
    }
}

/// The depth below which bounded merging never reaches.
fn safe_depth(k: u16, merge_depth: u64, mergeset_max: u64) -> u64 {
    let wide = u64::from(k);
    let spread = mergeset_max.saturating_mul(4 * wide).saturating_add(2 * wide + 2);
    merge_depth.saturating_mul(2).saturating_add(spread)
}
