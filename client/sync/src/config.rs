//! Limits and times of the machine.

/// Limits and times of the machine. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncConfig {
    /// LIMIT: blocks that are handed out for import at a time.
    pub imports_max: usize,
    /// LIMIT: blocks that wait for being handed out.
    pub import_queue_max: usize,
    /// LIMIT: orphans.
    pub orphans_max: usize,
    /// LIMIT: bytes of all orphans.
    pub orphan_bytes_max: usize,
    /// LIMIT: orphans that one peer sent.
    pub orphans_per_peer_max: usize,
    /// How long an orphan waits.
    pub orphan_age_max_ms: u64,
    /// How often the parents of orphans are looked for again.
    pub orphan_review_ms: u64,
    /// LIMIT: blocks that are looked for at a time.
    pub wants_max: usize,
    /// How long a block that nobody has is not asked for again.
    pub given_up_ms: u64,
    /// LIMIT: generations of parents that are asked for one by one.
    pub chase_max: u32,
    /// A block or a peer whose blue score is more than this ahead is reached headers first.
    pub far_blue_score: u64,
    /// LIMIT: (author, slot) pairs whose blocks are remembered.
    pub elections_max: usize,
    /// LIMIT: blocks of future slots that are held back.
    pub early_max: usize,
    /// LIMIT: those that one peer sent.
    pub early_per_peer_max: usize,
    /// How long before its slot begins a block counts as in time.
    pub clock_drift_ms: u64,
    /// How long before that a block is held back; an earlier one is dropped.
    pub early_wait_max_ms: u64,
    /// LIMIT: payloads and blocks that one peer is asked for at a time, in requests.
    pub requests_per_peer_max: usize,
    /// After this time what a request asks for is asked of others too.
    pub request_patience_ms: u64,
    /// After this time a request has failed.
    pub request_timeout_ms: u64,
    /// How long a peer rests after a failure; doubled with each that follows.
    pub rest_ms: u64,
    /// LIMIT of that doubling.
    pub rest_max_ms: u64,
    /// After so many failures one after another the connection is ended.
    pub failures_max: u32,
    /// After so many proofs of lying that could each be bad luck, a peer is banned.
    pub strikes_max: u32,
    /// After so long without another one they are forgotten.
    pub strike_age_max_ms: u64,
    /// How often a peer is asked where it stands.
    pub status_interval_ms: u64,
    /// LIMIT: headers in a session's window.
    pub window_max: usize,
    /// LIMIT: bytes of payloads in a session's window, but for the blocks that are next.
    pub window_bytes_max: usize,
    /// LIMIT: headers asked for at a time.
    pub headers_per_request: u32,
    /// LIMIT: payloads asked for at a time.
    pub bodies_per_request: usize,
    /// How long a peer that had nothing new is no source of a session.
    pub session_rest_ms: u64,
    /// After so long without a payload or an import a session is given up; without a header, where it has no more
    /// blocks to get.
    pub session_stall_max_ms: u64,
    /// How much a peer may be served at once, in [costs](crate::Request).
    pub serve_burst: u64,
    /// How much more of that each second.
    pub serve_per_second: u64,
    /// After so many requests beyond that, one after another, the connection is ended.
    pub refusals_max: u32,
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            imports_max: 16,
            import_queue_max: 256,
            orphans_max: 1_024,
            orphan_bytes_max: 64 * 1024 * 1024,
            orphans_per_peer_max: 256,
            orphan_age_max_ms: 60_000,
            orphan_review_ms: 5_000,
            wants_max: 1_024,
            given_up_ms: 60_000,
            chase_max: 8,
            far_blue_score: 64,
            elections_max: 4_096,
            early_max: 64,
            early_per_peer_max: 16,
            clock_drift_ms: 500,
            early_wait_max_ms: 3_000,
            requests_per_peer_max: 4,
            request_patience_ms: 3_000,
            request_timeout_ms: 10_000,
            rest_ms: 500,
            rest_max_ms: 30_000,
            failures_max: 8,
            strikes_max: 3,
            strike_age_max_ms: 600_000,
            status_interval_ms: 10_000,
            window_max: 4_096,
            window_bytes_max: 64 * 1024 * 1024,
            headers_per_request: 512,
            bodies_per_request: 32,
            session_rest_ms: 2_000,
            session_stall_max_ms: 60_000,
            serve_burst: 1_024,
            serve_per_second: 512,
            refusals_max: 256,
        }
    }
}
