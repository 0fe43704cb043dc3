//! The limits of the DAG.

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
    /// The limits that follow from `k` and three depths, as in Kaspa (`specs/ghostdag.md` section 1.5): the
    /// pruning depth is at least what bounded merging needs to be safe, or `pruning_depth_min`.
    /// Saturates.
    pub fn derived(k: u16, merge_depth: u64, finality_depth: u64, pruning_depth_min: u64) -> Self {
        let mergeset_max = (2 * usize::from(k)).clamp(180, 512);
        let (wide, merged) = (u64::from(k), mergeset_max as u64);
        let spread = 4 * merged * wide + 2 * wide + 2;
        let needed = merge_depth.saturating_mul(2).saturating_add(spread);
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
