//! Starting at a finalised block instead of the first one.
//!
//! [`WarpCore`] runs before there is a chain to speak of: it asks peers for the proof that leads from
//! the first block's voters to a final block, for what the DAG has to know around that block, and for the state
//! after it, node by node. Then the node begins at this block ([`WarpChain::begin_at`]), and
//! [`SyncCore`](crate::SyncCore) goes on from there.
//!
//! # The state
//! It is walked depth first ([`citrate_trie::Walk`]). A chunk is a run of nodes; each has to be the one whose
//! hash stands in a node before it, down from the state root in the proven header. So a chunk is verified
//! before it is written, whoever sent it, and nothing of it but the walk's next steps is kept in
//! memory. These steps are written with the nodes: after a restart, or with another peer, the
//! download goes on where it was.
//!
//! # When the target is gone
//! Peers forget old states. If none has the target's any more, a newer one is proven, and its state walked
//! anew: nodes that are here, which are most of them, are read from the disk, and only the others
//! are asked for, one by one. When the new state is whole the old one's nodes are counted off again.
//!
//! # Blame
//! As in sync: a node or a window that is not the block's bans the peer, silence only
//! ends the connection.

mod io;
mod machine;
mod serve;
mod window;

pub use io::{Batch, Followed, WarpAction, WarpChain, WarpState};
pub use machine::{WARP_RECORD, WarpCore};
pub use serve::state_nodes;
pub use window::{WindowEntry, WindowError, check_window, window_of};
