//! One schedule.

use citrate_core::{Balance, BlockNumber};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How much is locked from which block on, and how much of it each block releases.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct VestingInfo {
    /// What is locked at first.
    pub locked: Balance,
    /// What each block releases.
    pub per_block: Balance,
    /// The block after which it begins.
    pub starting_block: BlockNumber,
}

impl VestingInfo {
    /// A schedule.
    pub fn new(locked: Balance, per_block: Balance, starting_block: BlockNumber) -> Self {
        Self { locked, per_block, starting_block }
    }

    /// Whether it locks something, and releases something.
    pub fn is_valid(&self) -> bool {
        self.locked > 0 && self.per_block > 0
    }

    /// What it locks in this block.
    pub fn locked_at(&self, now: BlockNumber) -> Balance {
        let blocks = Balance::from(now.saturating_sub(self.starting_block));
        self.locked.saturating_sub(blocks.saturating_mul(self.per_block.max(1)))
    }

    /// The block in which nothing is locked any more, or the last one there can be.
    pub fn ending_block(&self) -> BlockNumber {
        let blocks = self.locked.div_ceil(self.per_block.max(1));
        self.starting_block.saturating_add(u32::try_from(blocks).unwrap_or(u32::MAX))
    }

    /// One schedule that locks what both lock in this block, and ends no earlier than the later one. One that is over is no
    /// schedule any more; of two of those nothing is left.
    pub(crate) fn merge(&self, other: &Self, now: BlockNumber) -> Option<Self> {
        match (self.locked_at(now), other.locked_at(now)) {
            (0, 0) => None,
            (_, 0) => Some(*self),
            (0, _) => Some(*other),
            (one, two) => {
                let locked = one.saturating_add(two);
                let starting_block = now.max(self.starting_block).max(other.starting_block);
                let end = self.ending_block().max(other.ending_block());
                let blocks = Balance::from(end.saturating_sub(starting_block).max(1));
                // Rounded down, so that nothing is free earlier than it would have been.
                let per_block = locked.checked_div(blocks).unwrap_or(locked).max(1);
                Some(Self { locked, per_block, starting_block })
            }
        }
    }
}
