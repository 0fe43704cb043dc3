//! The DAG digest, slots, the election lottery and equivocation proofs.
//!
//! These are the types that the header's digest and the consensus pallet share with the node
//! (design section 4). The rules that use them are in `client/dag`; nothing here decides.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod block;
mod configuration;
mod digest;
mod equivocation;
pub mod lottery;
mod slot;

pub use block::DagBlock;
pub use configuration::{Authority, DagConfiguration, Election};
pub use digest::{
    Colour, DagDigest, DigestError, Merged, MergedBlock, VrfSignature, seal_item, split_seal,
    vrf_message,
};
pub use equivocation::{EVIDENCE_HEADER_BYTES_MAX, EquivocationProof};
pub use slot::Slot;

use citrate_core::{EngineId, InherentIdentifier};

/// The engine under which DAG digests and seals stand in a header.
pub const ENGINE_ID: EngineId = *b"gdag";
/// Inherent data of the block's time: `u64` milliseconds, the slot's number times its duration.
pub const TIMESTAMP_INHERENT: InherentIdentifier = *b"timstap0";
/// LIMIT: parents of a block besides the selected one.
pub const OTHER_PARENTS_MAX: usize = 15;
/// LIMIT: merged blocks that a digest lists; a longer list is given by its hash.
pub const MERGED_LISTED_MAX: usize = 64;
/// Position of an authority in the epoch's list.
pub type AuthorityIndex = u32;
