//! Votes, what they weigh, and what keeps money locked.

use citrate_core::{Balance, BlockNumber, Permill};
use citrate_support::pallet_prelude::*;
use citrate_support::traits::preimages::Bounded;

/// How much longer than the vote the money of a voter who wins stays locked, and how much more the vote counts for it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Conviction {
    /// A tenth of a vote; locked until the end.
    None,
    /// One vote; locked for one period.
    Locked1x,
    /// Two votes; locked for two periods.
    Locked2x,
    /// Three votes; locked for four periods.
    Locked3x,
    /// Four votes; locked for eight periods.
    Locked4x,
    /// Five votes; locked for sixteen periods.
    Locked5x,
    /// Six votes; locked for thirty-two periods.
    Locked6x,
}

impl Conviction {
    /// Periods for which the money of a voter who wins stays locked after the end.
    pub fn lock_periods(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Locked1x => 1,
            Self::Locked2x => 2,
            Self::Locked3x => 4,
            Self::Locked4x => 8,
            Self::Locked5x => 16,
            Self::Locked6x => 32,
        }
    }

    /// How many votes this much money has, in units of the smallest amount.
    pub fn votes(self, capital: Balance) -> Balance {
        let times = match self {
            Self::None => return capital.checked_div(10).unwrap_or(0),
            Self::Locked1x => 1,
            Self::Locked2x => 2,
            Self::Locked3x => 3,
            Self::Locked4x => 4,
            Self::Locked5x => 5,
            Self::Locked6x => 6,
        };
        capital.saturating_mul(times)
    }
}

/// A vote of an account.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Vote {
    /// For it, or against it.
    pub aye: bool,
    /// What it weighs.
    pub conviction: Conviction,
    /// With how much money.
    pub balance: Balance,
}

/// The votes on a referendum.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Tally {
    /// Votes for it.
    pub ayes: Balance,
    /// Votes against it.
    pub nays: Balance,
    /// The money behind the votes for it, without conviction.
    pub support: Balance,
}

impl Tally {
    pub(crate) fn add(&mut self, vote: &Vote) {
        let votes = vote.conviction.votes(vote.balance);
        if vote.aye {
            self.ayes = self.ayes.saturating_add(votes);
            self.support = self.support.saturating_add(vote.balance);
        } else {
            self.nays = self.nays.saturating_add(votes);
        }
    }

    pub(crate) fn remove(&mut self, vote: &Vote) {
        let votes = vote.conviction.votes(vote.balance);
        if vote.aye {
            self.ayes = self.ayes.saturating_sub(votes);
            self.support = self.support.saturating_sub(vote.balance);
        } else {
            self.nays = self.nays.saturating_sub(votes);
        }
    }

    /// Whether more votes are for it than against it, and at least this share of all money is behind them.
    pub(crate) fn passes(&self, support_min: Permill, issuance: Balance) -> bool {
        self.ayes > self.nays && self.support >= support_min.mul_ceil(issuance)
    }
}

/// A referendum that is not closed.
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
#[codec(encode_bound(AccountId: Encode))]
#[codec(decode_bound(AccountId: Decode))]
#[codec(decode_with_mem_tracking_bound(AccountId: DecodeWithMemTracking))]
#[codec(mel_bound(AccountId: MaxEncodedLen))]
#[scale_info(skip_type_params(Call))]
pub struct Status<AccountId, Call>
where
    AccountId: Clone + Eq + core::fmt::Debug,
    Call: 'static,
{
    /// Whose proposal it is.
    pub proposer: AccountId,
    /// What the proposer has on hold for it.
    pub deposit: Balance,
    /// The call, or its hash.
    pub proposal: Bounded<Call>,
    /// The first block in which nobody may vote any more.
    pub end: BlockNumber,
    /// The votes.
    pub tally: Tally,
}

/// What became of a referendum.
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
#[codec(encode_bound(AccountId: Encode))]
#[codec(decode_bound(AccountId: Decode))]
#[codec(decode_with_mem_tracking_bound(AccountId: DecodeWithMemTracking))]
#[codec(mel_bound(AccountId: MaxEncodedLen))]
#[scale_info(skip_type_params(Call))]
pub enum ReferendumInfo<AccountId, Call>
where
    AccountId: Clone + Eq + core::fmt::Debug,
    Call: 'static,
{
    /// It is being voted on, or waits to be closed.
    Ongoing(Status<AccountId, Call>),
    /// It passed, and its call was dispatched.
    Approved {
        /// When the vote ended.
        end: BlockNumber,
    },
    /// It did not pass.
    Rejected {
        /// When the vote ended.
        end: BlockNumber,
    },
    /// It was taken from the vote.
    Cancelled,
}

/// What an account has voted, and what stays locked of earlier votes.
#[derive(
    CloneNoBound,
    PartialEqNoBound,
    EqNoBound,
    DebugNoBound,
    DefaultNoBound,
    Encode,
    Decode,
    MaxEncodedLen,
    TypeInfo,
)]
#[codec(encode_bound())]
#[codec(decode_bound())]
#[codec(mel_bound())]
#[scale_info(skip_type_params(MaxVotes))]
pub struct Voting<MaxVotes: Get<u32>> {
    /// Its votes, in the order of the referenda's numbers.
    pub votes: BoundedVec<(u32, Vote), MaxVotes>,
    /// What stays locked of votes that were removed, each until a block. Of two amounts the earlier one is the larger.
    pub prior: BoundedVec<(BlockNumber, Balance), MaxVotes>,
}

impl<MaxVotes: Get<u32>> Voting<MaxVotes> {
    /// What has to be locked in a block: the largest amount of all, since one amount can stand behind many votes.
    pub fn locked(&self, now: BlockNumber) -> Balance {
        let prior = self.prior.iter().filter(|(until, _)| *until > now).map(|(_, amount)| *amount);
        self.votes.iter().map(|(_, vote)| vote.balance).chain(prior).max().unwrap_or(0)
    }

    /// Keeps an amount locked until a block, besides what is locked already.
    pub(crate) fn keep(&mut self, until: BlockNumber, amount: Balance, now: BlockNumber) {
        let mut all: Vec<_> = self.prior.iter().copied().filter(|(end, _)| *end > now).collect();
        all.push((until, amount));
        // From the last one back, an amount counts where no later one is as large.
        all.sort_unstable_by(|a, b| b.cmp(a));
        let mut largest = 0;
        all.retain(|(_, amount)| {
            let counts = *amount > largest;
            largest = largest.max(*amount);
            counts
        });
        all.reverse();
        // Where there are too many, the first ones are joined to those that last longer.
        let places = usize::try_from(MaxVotes::get()).unwrap_or(usize::MAX);
        while all.len() > places {
            let (_, first) = all.remove(0);
            if let Some((_, next)) = all.first_mut() {
                *next = first.max(*next);
            }
        }
        self.prior = BoundedVec::truncate_from(all);
    }
}
