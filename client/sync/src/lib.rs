//! Block relay and sync as a state machine: gossip, orphans, headers first, serving peers.
//!
//! [`SyncCore`] takes [`Input`]s and returns [`Action`]s. It does no I/O, reads no clock and owns no block: the
//! time comes with every input, and the chain is asked through [`SyncChain`]. Whoever drives it
//! carries bytes between it and the network, imports blocks, and calls it with [`Input::Tick`] a few times a
//! second. The same inputs give the same actions.
//!
//! # Relay (DESIGN section 4, `specs/dag-pos.md` section 2.2)
//! A gossiped block is passed on once its header and payload are valid and its parents are here. Its state
//! root need not be right, nor is it executed before. So every peer that passes a block on can
//! also serve its parents, and one that passes on an invalid block can be blamed. Of one (author, slot)
//! two blocks are passed on: they are the evidence. The rest is ignored.
//!
//! # Orphans
//! A block whose parents are missing waits, as long as its author had the right to make it. The parents are
//! asked of the peer that sent it, then of others, all that are missing at a time, for a few generations. What
//! a peer says of its tips every few seconds is followed in the same way, so that a lost message is made up for.
//!
//! # Headers first
//! When a peer is far ahead, its headers are downloaded in pages along its selected chain, each chain block after
//! what it merges, so that parents come first. Payloads come from all peers at once, and
//! are imported in order while the download goes on. The window of headers is bounded; so is what is downloaded in
//! it. A session ends when the source has no more; what it learnt meanwhile is asked for until
//! gossip alone keeps up. It starts where [`SyncChain::locator`] says: at genesis, an hour ago, or at
//! a finalised checkpoint, if that is what the chain was started from.
//!
//! # Blame
//! What only a dishonest peer does is an [`Offence`] that bans; what a bad connection does too only ends the
//! connection, so that another peer takes its place.

mod config;
mod io;
mod machine;
mod port;
#[cfg(any(test, feature = "test-utils"))]
pub mod testing;
mod walk;
mod warp;
mod wire;

pub use config::SyncConfig;
pub use io::{
    Action, Consequence, GossipId, ImportOutcome, InboundId, Input, Offence, PeerId, RequestId,
    Verdict,
};
pub use machine::{SyncCore, SyncState};
pub use port::{Check, SyncChain};
pub use walk::{locator, page, tips};
pub use warp::{
    Batch, Followed, WARP_RECORD, WarpAction, WarpChain, WarpCore, WarpState, WindowEntry,
    WindowError, check_window, state_nodes, window_of,
};
pub use wire::{
    BLOCKS_MAX, BODIES_MAX, BODY_BYTES_TARGET, BlockRef, Depth, ENTRIES_MAX, HEADER_BYTES_TARGET,
    HEADERS_MAX, HeaderPage, JUSTIFICATION_BYTES_MAX, LOCATOR_MAX, NODES_MAX, PROOF_BYTES_MAX,
    Request, Response, STEPS_MAX, Status, TIPS_MAX, WIRE_VERSION, WindowPage, Wire, WireError,
};

#[cfg(test)]
mod tests;
