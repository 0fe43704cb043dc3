//! A block of the DAG.

use alloc::vec::Vec;
use citrate_core::{H256, Header, OpaqueExtrinsic};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// A block of the DAG: a header, and the extrinsics that its author proposes.
///
/// The payload is executed by the block that merges this one, not by this one (deferred
/// execution); `extrinsics_root` and `state_root` of the header speak of the accepted list.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct DagBlock {
    /// The header, sealed.
    pub header: Header,
    /// What the author proposes; the digest's `payload_root` commits to it.
    pub payload: Vec<OpaqueExtrinsic>,
}

impl DagBlock {
    /// The header's hash.
    pub fn hash(&self) -> H256 {
        self.header.hash()
    }
}
