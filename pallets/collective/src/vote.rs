//! The votes on one proposal.

use crate::{MemberCount, ProposalIndex};
use citrate_core::BlockNumber;
use citrate_support::traits::Get;
use citrate_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt::Debug;
use scale_info::TypeInfo;

/// The votes on a proposal. INVARIANT: nobody is on both sides, or twice on one.
#[derive(
    CloneNoBound,
    PartialEqNoBound,
    EqNoBound,
    DebugNoBound,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[codec(mel_bound(AccountId: MaxEncodedLen))]
#[scale_info(skip_type_params(Max))]
pub struct Votes<AccountId, Max>
where
    AccountId: Clone + Eq + Debug,
    Max: Get<u32>,
{
    /// The proposal's number.
    pub index: ProposalIndex,
    /// How many votes it needs.
    pub threshold: MemberCount,
    /// Who is for it.
    pub ayes: BoundedVec<AccountId, Max>,
    /// Who is against it.
    pub nays: BoundedVec<AccountId, Max>,
    /// From which block on it can be closed undecided.
    pub end: BlockNumber,
}

impl<AccountId: Clone + Eq + Debug, Max: Get<u32>> Votes<AccountId, Max> {
    /// None yet.
    pub(crate) fn new(index: ProposalIndex, threshold: MemberCount, end: BlockNumber) -> Self {
        Self { index, threshold, ayes: BoundedVec::new(), nays: BoundedVec::new(), end }
    }

    /// How somebody voted.
    pub fn of(&self, who: &AccountId) -> Option<bool> {
        if self.ayes.contains(who) { Some(true) } else { self.nays.contains(who).then_some(false) }
    }

    /// How many are for it, and how many against it.
    pub fn count(&self) -> (MemberCount, MemberCount) {
        let count = |votes: &BoundedVec<AccountId, Max>| {
            MemberCount::try_from(votes.len()).unwrap_or(MemberCount::MAX)
        };
        (count(&self.ayes), count(&self.nays))
    }

    /// Casts or changes a vote; fails when there are more votes than members.
    pub(crate) fn cast(&mut self, who: AccountId, approve: bool) -> Result<(), ()> {
        self.ayes.retain(|other| *other != who);
        self.nays.retain(|other| *other != who);
        let side = if approve { &mut self.ayes } else { &mut self.nays };
        side.try_push(who).map_err(|_full| ())
    }

    /// Forgets the votes of all others.
    pub(crate) fn keep(&mut self, members: &[AccountId]) {
        self.ayes.retain(|who| members.contains(who));
        self.nays.retain(|who| members.contains(who));
    }
}
