//! A bond's parts.

use citrate_core::{AccountId32, Balance, BlockNumber, Perbill};
use citrate_support::pallet_prelude::{BoundedVec, Get};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What a bond backs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
pub enum Role {
    /// Runs inference jobs.
    Provider,
    /// Produces blocks.
    Validator,
}

/// A part of a bond on its way out.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct Unlocking {
    /// How much.
    pub amount: Balance,
    /// From which block on it can be withdrawn.
    pub at: BlockNumber,
}

/// A bond.
#[derive(
    citrate_support::CloneNoBound,
    citrate_support::PartialEqNoBound,
    citrate_support::EqNoBound,
    citrate_support::DebugNoBound,
    Encode,
    Decode,
    TypeInfo,
    MaxEncodedLen,
)]
#[scale_info(skip_type_params(Max))]
#[codec(mel_bound())]
pub struct Ledger<Max: Get<u32>> {
    /// What it backs.
    pub role: Role,
    /// What counts.
    pub active: Balance,
    /// What does not count any more, by ascending block.
    pub unlocking: BoundedVec<Unlocking, Max>,
    /// True if the owner takes no work.
    pub chilled: bool,
}

impl<Max: Get<u32>> Ledger<Max> {
    /// A new bond.
    pub(crate) fn new(role: Role, active: Balance) -> Self {
        Self { role, active, unlocking: BoundedVec::new(), chilled: false }
    }

    /// What is on hold for it.
    pub fn total(&self) -> Balance {
        self.unlocking.iter().fold(self.active, |sum, part| sum.saturating_add(part.amount))
    }

    /// Moves `amount`, which is active, to what is unbonding; false if there are too many parts.
    pub(crate) fn unbond(&mut self, amount: Balance, at: BlockNumber) -> bool {
        let stored = match self.unlocking.last_mut() {
            Some(last) if last.at == at => {
                last.amount = last.amount.saturating_add(amount);
                true
            }
            _ => self.unlocking.try_push(Unlocking { amount, at }).is_ok(),
        };
        if stored {
            self.active = self.active.saturating_sub(amount);
        }
        stored
    }

    /// Takes out what has unbonded by `now`.
    pub(crate) fn withdraw(&mut self, now: BlockNumber) -> Balance {
        let mut amount: Balance = 0;
        self.unlocking.retain(|part| {
            let stays = part.at > now;
            if !stays {
                amount = amount.saturating_add(part.amount);
            }
            stays
        });
        amount
    }

    /// Takes `amount` away: from what is active first, then from what would leave last.
    pub(crate) fn slash(&mut self, mut amount: Balance) {
        let from_active = amount.min(self.active);
        self.active = self.active.saturating_sub(from_active);
        amount = amount.saturating_sub(from_active);
        for part in self.unlocking.iter_mut().rev() {
            let taken = amount.min(part.amount);
            part.amount = part.amount.saturating_sub(taken);
            amount = amount.saturating_sub(taken);
        }
        self.unlocking.retain(|part| part.amount > 0);
    }
}

/// What other pallets ask of stakes.
pub trait Stake {
    /// What counts for `who` in this role: nothing if chilled, bonded for another or too low.
    fn active(who: &AccountId32, role: Role) -> Balance;

    /// Takes up to `amount` from the bond of `who`; gives what was taken. A reporter, if it is somebody else, gets a
    /// share of it.
    fn slash(
        who: &AccountId32,
        amount: Balance,
        reporter: Option<(&AccountId32, Perbill)>,
    ) -> Balance;
}
