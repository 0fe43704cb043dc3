//! The DAG consensus as a state machine: header rules, mergesets and their order.
//!
//! Nothing here does I/O or reads a clock. [`check_header`] judges a header by what stands in it,
//! its parent and the epoch's configuration. [`ghostdag::Dag`] colours mergesets of several parents
//! over the index of [`reachability`], finds the tip of the selected chain and forgets what is final.
//! [`Mergeset`] lists what a block merges, in consensus order. [`Acceptance`] derives the accepted list
//! from the mergeset's payloads, one verdict at a time. [`Finality`] says which blocks can no
//! longer be undone.
//!
//! The rules come from the PHANTOM GHOSTDAG paper (eprint 2018/104), from Kaspa (`specs/ghostdag.md`)
//! and from DESIGN section 4; [`ghostdag`] has their text.
//!
//! The program `dag-replay` checks files of Kaspa's test data against it.

mod acceptance;
mod arena;
mod finality;
pub mod ghostdag;
mod header;
mod mergeset;
pub mod reachability;
#[cfg(any(test, feature = "test-utils"))]
pub mod testing;

pub use acceptance::{Acceptance, Accepted, Candidate, PASSES_MAX, SkipReason, Skipped, Step};
pub use finality::{Finality, SingleAuthority, Tip};
pub use header::{
    CheckedHeader, HeaderError, LOG_BYTES_MAX, LOGS_MAX, PAYLOAD_BYTES_MAX,
    PAYLOAD_EXTRINSIC_BYTES_MIN, ParentInfo, Rules, check_header, check_payload, payload_bytes,
    payload_bytes_max, payload_root,
};
pub use mergeset::Mergeset;

#[cfg(test)]
mod tests;
