//! What the pallet asks of the rest of the runtime, and tells it.

use alloc::vec::Vec;
use citrate_core::{AccountId32, Balance, Perbill, Weight, sr25519};
use citrate_dag_types::Authority;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// An authority and the account that answers for it: gets its rewards, and loses stake for its offences.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Member {
    /// The account.
    pub account: AccountId32,
    /// Its key and weight.
    pub authority: Authority,
}

/// Somebody who may become an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The account with the stake.
    pub account: AccountId32,
    /// The key that it registered, and proved to own; no two candidates have the same.
    pub key: sr25519::Public,
    /// What it has at stake.
    pub stake: Balance,
}

/// Where stake and keys are kept.
pub trait Validators {
    /// All that may become authorities now, in any order. LIMIT: the number is the implementation's to
    /// bound; it is asked at the first block of each epoch.
    fn candidates() -> Vec<Candidate>;

    /// The account that registered this key.
    fn owner(key: &sr25519::Public) -> Option<AccountId32>;

    /// Takes `slash` of all that `who` has at stake as a validator, what is unbonding included, and
    /// makes it no candidate until it asks to be one again. `reporter` gets its part of what is taken.
    /// Gives what was taken.
    fn punish(
        who: &AccountId32,
        slash: Perbill,
        reporter: Option<(&AccountId32, Perbill)>,
    ) -> Balance;
}

/// A chain without stake: its authorities are those of its genesis, or root's.
impl Validators for () {
    fn candidates() -> Vec<Candidate> {
        Vec::new()
    }

    fn owner(_key: &sr25519::Public) -> Option<AccountId32> {
        None
    }

    fn punish(
        _who: &AccountId32,
        _slash: Perbill,
        _reporter: Option<(&AccountId32, Perbill)>,
    ) -> Balance {
        0
    }
}

/// Hears of each epoch's authorities, as the finality gadget's pallet has to.
pub trait OnNewValidators {
    /// `epoch` begins, and these are its authorities. Called once per epoch, at its first block, also
    /// when they are those of the epoch before. Gives what it weighs.
    fn on_new_validators(epoch: u64, validators: &[Member]) -> Weight;
}

impl OnNewValidators for () {
    fn on_new_validators(_epoch: u64, _validators: &[Member]) -> Weight {
        Weight::zero()
    }
}

impl<A: OnNewValidators, B: OnNewValidators> OnNewValidators for (A, B) {
    fn on_new_validators(epoch: u64, validators: &[Member]) -> Weight {
        A::on_new_validators(epoch, validators)
            .saturating_add(B::on_new_validators(epoch, validators))
    }
}

/// Lottery weights in proportion to stakes: every stake is shifted right by the same number of bits, the
/// least by which the sum fits 63 bits, and none weighs nothing.
pub(crate) fn weights(stakes: impl Iterator<Item = Balance> + Clone) -> Vec<u64> {
    let total = stakes.clone().fold(0, Balance::saturating_add);
    let shift = (Balance::BITS - total.leading_zeros()).saturating_sub(63);
    stakes.map(|stake| u64::try_from(stake >> shift).unwrap_or(u64::MAX).max(1)).collect()
}
