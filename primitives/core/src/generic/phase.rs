//! When in a block's execution an event was deposited.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// When in a block's execution an event was deposited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[scale_info(replace_segment("citrate_core", "frame_system"))]
pub enum Phase {
    /// While the extrinsic of this index was applied.
    ApplyExtrinsic(u32),
    /// While the block was finalised.
    Finalization,
    /// While the block was initialised.
    Initialization,
}
