//! The DAG consensus as a state machine: header rules, mergesets and their order.
//!
//! Nothing here does I/O or reads a clock. [`check_header`] judges a header by what stands in it,
//! its parent and the epoch's configuration. [`mergeset`] lists what a block merges, in consensus
//! order. [`Acceptance`] derives the accepted list from the mergeset's payloads, one verdict
//! at a time. [`Finality`] says which blocks can no longer be undone.
//!
//! How many parents a block may have is a parameter ([`Rules::parents_max`]), one for now: then the
//! mergeset is the parent. [`ghostdag`] colours mergesets of several parents over the index of
//! [`reachability`]; it changes what fills the list of merged blocks and nothing around it.

mod acceptance;
mod finality;
pub mod ghostdag;
mod header;
mod mergeset;
pub mod reachability;

pub use acceptance::{Acceptance, Accepted, Candidate, PASSES_MAX, SkipReason, Skipped, Step};
pub use finality::{Finality, SingleAuthority, Tip};
pub use header::{
    CheckedHeader, HeaderError, LOG_BYTES_MAX, LOGS_MAX, PAYLOAD_EXTRINSIC_BYTES_MIN, ParentInfo,
    Rules, check_header, check_payload, payload_bytes, payload_root,
};
pub use mergeset::{Mergeset, mergeset};

#[cfg(test)]
mod tests;
