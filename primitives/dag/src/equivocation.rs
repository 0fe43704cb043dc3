//! Evidence that an author sealed two blocks for one slot.

use crate::{AuthorityIndex, DagDigest, DigestError, Slot, split_seal};
use citrate_core::Header;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Two headers of one author for one slot.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct EquivocationProof {
    /// One header, sealed.
    pub first: Header,
    /// The other.
    pub second: Header,
}

impl EquivocationProof {
    /// The author and slot that both headers claim, when they differ and agree on those. Whether
    /// the seals are the author's is for the caller to check.
    ///
    /// # Errors
    /// When a header has no DAG digest or seal.
    pub fn claim(&self) -> Result<Option<(AuthorityIndex, Slot)>, DigestError> {
        let (first, second) =
            (DagDigest::from_header(&self.first)?, DagDigest::from_header(&self.second)?);
        let differ = split_seal(&self.first)?.0 != split_seal(&self.second)?.0;
        let agree = (first.author, first.slot) == (second.author, second.slot);
        Ok((differ && agree).then_some((first.author, first.slot)))
    }
}
