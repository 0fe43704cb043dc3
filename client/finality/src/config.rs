//! Parameters and limits.

use citrate_core::BlockNumber;

/// LIMIT: blocks past the last final one that this node votes for; each vote of a round costs
/// memory for every block between it and the round's base.
pub const VOTE_DEPTH_MAX: BlockNumber = 256;
/// LIMIT: blocks past our last final one that others' votes may name. Theirs may be ahead of ours.
pub const TARGET_DEPTH_MAX: BlockNumber = 2_048;
/// LIMIT: blocks between a round's base and a vote.
pub const ANCESTRY_MAX: BlockNumber = 4_096;
/// LIMIT: rounds before the current one whose votes are still taken.
pub const ROUNDS_KEPT: u64 = 3;
/// LIMIT: votes or proposals of one voter, of one kind, in one round: two prove an equivocation.
pub const VOTES_PER_KIND_MAX: usize = 2;
/// LIMIT: votes that wait for their block.
pub const WAITING_VOTES_MAX: usize = 4_096;
/// LIMIT: commits that wait for their blocks.
pub const WAITING_COMMITS_MAX: usize = 8;
/// LIMIT: bytes of a message.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// LIMIT: bytes of a justification.
pub const JUSTIFICATION_BYTES_MAX: usize = 1 << 20;
/// LIMIT: headers in a justification.
pub const ANCESTRY_HEADERS_MAX: usize = 1_024;
/// LIMIT: headers in a finality proof.
pub const UNKNOWN_HEADERS_MAX: usize = 4_096;
/// LIMIT: peers ahead of us that we remember; more than are connected to a node, so that liars keep nobody out.
pub const PEERS_AHEAD_MAX: usize = 256;
/// LIMIT: peers whose last request we remember.
pub const PEERS_ANSWERED_MAX: usize = 256;
/// LIMIT: rounds whose votes of our own are kept.
pub const OWN_ROUNDS_MAX: usize = 8;
/// LIMIT: how often the voter is polled for one input; what is left waits for the next.
pub const POLLS_MAX: usize = 1_024;

/// How finality behaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FinalityConfig {
    /// How long a message takes to reach everybody, in milliseconds. A prevote is cast after two of
    /// these, a precommit after four.
    pub gossip_duration_ms: u64,
    /// How many blocks below the best one a vote stays, so that voters with slightly different
    /// tips agree. A sole voter needs no such distance and keeps none.
    pub blocks_behind: BlockNumber,
    /// How often a node tells its neighbours where it is, asks for what it missed and repeats its
    /// votes when a round does not move, in milliseconds.
    pub neighbour_interval_ms: u64,
    /// After an error the voter starts again so much later, in milliseconds.
    pub restart_ms: u64,
    /// A justification is kept for the first block that is made final in every so many.
    pub justification_period: BlockNumber,
}

impl Default for FinalityConfig {
    fn default() -> Self {
        Self {
            gossip_duration_ms: 200,
            blocks_behind: 1,
            neighbour_interval_ms: 1_000,
            restart_ms: 2_000,
            justification_period: 512,
        }
    }
}
