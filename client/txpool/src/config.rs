//! Limits of the pool.

/// A limit on a queue, by number of transactions and by the bytes that they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Most transactions.
    pub count: usize,
    /// Most bytes, extrinsics and tags together.
    pub bytes: usize,
}

impl Limit {
    /// Whether a queue of this size is too large.
    pub(crate) fn is_exceeded(&self, count: usize, bytes: usize) -> bool {
        count > self.count || bytes > self.bytes
    }
}

/// Limits of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolConfig {
    /// Limit on ready transactions.
    pub ready: Limit,
    /// Limit on future transactions.
    pub future: Limit,
    /// Longest extrinsic, in bytes.
    pub extrinsic_bytes_max: usize,
    /// Most tags that one transaction may require or provide.
    pub tags_max: usize,
    /// Longest tag, in bytes.
    pub tag_bytes_max: usize,
    /// For how many blocks the hash of an invalid transaction is refused.
    pub ban_blocks: u32,
    /// Most banned hashes; the oldest ban is forgotten first.
    pub bans_max: usize,
    /// Limit on transactions that the best chain excludes and that wait for finality; the oldest are given up.
    pub doubts: Limit,
    /// Most transactions validated again on one new best block, and on one that finality brings.
    pub revalidate_max: usize,
    /// After this many blocks without finality, a watcher of an included transaction is told so.
    pub finality_timeout_blocks: u32,
    /// Most transactions that are watched at a time.
    pub watchers_max: usize,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            ready: Limit { count: 8_192, bytes: 20 * 1024 * 1024 },
            future: Limit { count: 2_048, bytes: 4 * 1024 * 1024 },
            extrinsic_bytes_max: 5 * 1024 * 1024,
            tags_max: 64,
            tag_bytes_max: 1024,
            ban_blocks: 1_800,
            bans_max: 16_384,
            // More bytes than the longest extrinsic, which would take the place of all others and then not fit.
            doubts: Limit { count: 1_024, bytes: 6 * 1024 * 1024 },
            revalidate_max: 256,
            finality_timeout_blocks: 512,
            watchers_max: 16_384,
        }
    }
}
