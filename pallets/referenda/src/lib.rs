//! Referenda: anybody proposes a call, votes weigh by money and by how long it stays locked, and what passes is root's.
//!
//! A proposal is voted on for [`Config::VotingPeriod`] blocks. It passes if more votes are for it than against it, and money
//! of at least [`Config::SupportMin`] of all there is stands behind it. Once [`Config::EnactmentPeriod`] is over as well, in
//! which who disagrees can prepare, anybody closes it, and the call is dispatched as root.
//!
//! A vote locks the money that it counts for. It can be changed and taken back until the end; then the money of those
//! whose side lost, and of those who voted without conviction, is free, and that of the others stays locked as their
//! [`Conviction`] says. One amount may stand behind votes on many referenda: what is locked is the largest of them. Money
//! that is locked can be staked, and pay for nothing else.
//!
//! There are no tracks and no delegation: one kind of referendum, for those who hold the money themselves.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(test)]
mod tests;
mod types;

pub use pallet::*;
pub use types::{Conviction, ReferendumInfo, Status, Tally, Vote, Voting};

/// The number of a referendum.
pub type ReferendumIndex = u32;

/// The pallet: referenda, and the votes of accounts.
#[citrate_support::pallet]
pub mod pallet {
    use alloc::collections::BTreeMap;

    use crate::ReferendumIndex;
    use crate::types::{Conviction, ReferendumInfo, Status, Tally, Vote, Voting};
    use citrate_core::{Balance, Permill};
    use citrate_support::dispatch::{
        GetDispatchInfo, PostDispatchInfo, RawOrigin, extract_actual_weight,
    };
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::preimages::{QueryPreimage as _, StorePreimage};
    use citrate_support::traits::tokens::{Fortitude, Precision, Restriction};
    use citrate_support::traits::{Dispatchable, TryRuntimeError};
    use pallet_balances::{Identifier, Pallet as Balances, Reasons};
    use pallet_system::pallet_prelude::*;

    /// The name of the lock, as wallets know it.
    pub(crate) const LOCK_ID: Identifier = *b"pyconvot";
    /// What hashing, storing and decoding a byte of a call weighs.
    const BYTE_WEIGHT: Weight = Weight::from_parts(3_000, 0);

    /// A referendum of this runtime.
    pub type ReferendumInfoOf<T> =
        ReferendumInfo<<T as pallet_system::Config>::AccountId, <T as Config>::RuntimeCall>;
    type StatusOf<T> = Status<<T as pallet_system::Config>::AccountId, <T as Config>::RuntimeCall>;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config:
        pallet_system::Config + pallet_balances::Config<RuntimeHoldReason: From<HoldReason>>
    {
        /// What can be proposed.
        type RuntimeCall: Parameter
            + Dispatchable<
                RuntimeOrigin = <Self as pallet_system::Config>::RuntimeOrigin,
                PostInfo = PostDispatchInfo,
            > + GetDispatchInfo;

        /// Where long calls are.
        type Preimages: StorePreimage;

        /// What a proposer has on hold until the referendum is closed.
        #[pallet::constant]
        type SubmissionDeposit: Get<Balance>;

        /// Blocks in which a referendum can be voted on.
        #[pallet::constant]
        type VotingPeriod: Get<BlockNumber>;

        /// Blocks between the end of a vote and the first in which its call is dispatched.
        #[pallet::constant]
        type EnactmentPeriod: Get<BlockNumber>;

        /// Blocks of one period for which a voter's money stays locked.
        #[pallet::constant]
        type VoteLockingPeriod: Get<BlockNumber>;

        /// The share of all money that has to stand behind a referendum that passes.
        #[pallet::constant]
        type SupportMin: Get<Permill>;

        /// LIMIT: open referenda.
        #[pallet::constant]
        type MaxOngoing: Get<u32>;

        /// LIMIT: votes of an account.
        #[pallet::constant]
        type MaxVotes: Get<u32>;

        /// LIMIT: what a proposed call may weigh.
        #[pallet::constant]
        type MaxProposalWeight: Get<Weight>;

        /// Who may end a referendum whatever its votes.
        type CancelOrigin: EnsureOrigin<<Self as pallet_system::Config>::RuntimeOrigin>;

        /// Who may end it and take the proposer's deposit.
        type KillOrigin: EnsureOrigin<<Self as pallet_system::Config>::RuntimeOrigin>;

        /// Who gets the deposit of a referendum that is killed.
        type SlashTo: Get<Self::AccountId>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For a referendum that is not closed.
        Submission,
    }

    /// How many referenda there ever were.
    #[pallet::storage]
    pub type ReferendumCount<T: Config> = StorageValue<_, ReferendumIndex, ValueQuery>;

    /// How many of them are not closed.
    #[pallet::storage]
    pub type OngoingCount<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Referenda by their numbers. Those that are closed stay, in a few bytes, since votes point to them.
    #[pallet::storage]
    pub type ReferendumInfoFor<T: Config> =
        StorageMap<_, Twox64Concat, ReferendumIndex, ReferendumInfoOf<T>, OptionQuery>;

    /// What accounts voted.
    #[pallet::storage]
    pub type VotingFor<T: Config> =
        StorageMap<_, Twox64Concat, T::AccountId, Voting<T::MaxVotes>, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A call was proposed.
        Submitted {
            /// The referendum's number.
            index: ReferendumIndex,
            /// Who proposed it.
            proposer: T::AccountId,
            /// The first block in which nobody may vote any more.
            end: BlockNumber,
        },
        /// An account voted, or changed its vote.
        Voted {
            /// Who.
            who: T::AccountId,
            /// On which referendum.
            index: ReferendumIndex,
            /// What.
            vote: Vote,
            /// The votes now.
            tally: Tally,
        },
        /// An account's vote was removed.
        VoteRemoved {
            /// Whose.
            who: T::AccountId,
            /// On which referendum.
            index: ReferendumIndex,
        },
        /// A referendum passed, and its call was dispatched.
        Approved {
            /// The referendum's number.
            index: ReferendumIndex,
            /// The votes.
            tally: Tally,
            /// What the call returned.
            result: DispatchResult,
        },
        /// A referendum did not pass.
        Rejected {
            /// The referendum's number.
            index: ReferendumIndex,
            /// The votes.
            tally: Tally,
        },
        /// A referendum was taken from the vote.
        Cancelled {
            /// The referendum's number.
            index: ReferendumIndex,
        },
        /// A referendum was taken from the vote, and its deposit with it.
        Killed {
            /// The referendum's number.
            index: ReferendumIndex,
            /// How much of the deposit was taken.
            slashed: Balance,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such referendum, or it is closed.
        NotOngoing,
        /// There are as many open referenda as there may be.
        TooManyOngoing,
        /// The vote is over.
        VotingOver,
        /// The vote, or the time until what it decided is done, is not over.
        TooEarly,
        /// The account has less money than it votes with.
        InsufficientFunds,
        /// The account has as many votes as it may have.
        MaxVotesReached,
        /// The account has no vote on this referendum.
        NotVoter,
        /// The call weighs more than was said, or than it may.
        WrongProposalWeight,
        /// The call is longer than was said.
        WrongProposalLength,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::VotingPeriod::get() > 0, "there is time to vote");
            assert!(T::MaxVotes::get() > 0, "accounts may vote");
        }

        fn try_state(_n: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::check()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Puts a call to the vote. It will be dispatched as root if it passes.
        #[pallet::call_index(0)]
        #[pallet::weight(Self::call_weight(proposal.encoded_size()))]
        pub fn submit(
            origin: OriginFor<T>,
            proposal: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResult {
            let proposer = ensure_signed(origin)?;
            let proposal = *proposal;
            let weight = proposal.get_dispatch_info().call_weight;
            ensure!(weight.all_lte(T::MaxProposalWeight::get()), Error::<T>::WrongProposalWeight);
            let ongoing = OngoingCount::<T>::get();
            ensure!(ongoing < T::MaxOngoing::get(), Error::<T>::TooManyOngoing);
            let deposit = T::SubmissionDeposit::get();
            let reason = HoldReason::Submission.into();
            Balances::<T>::do_hold(&reason, &proposer, deposit)?;
            let proposal = T::Preimages::bound(&proposal)?;
            let end = Self::now().saturating_add(T::VotingPeriod::get());
            let index = ReferendumCount::<T>::get();
            ReferendumCount::<T>::put(index.saturating_add(1));
            OngoingCount::<T>::put(ongoing.saturating_add(1));
            let tally = Tally::default();
            let status = Status { proposer: proposer.clone(), deposit, proposal, end, tally };
            ReferendumInfoFor::<T>::insert(index, ReferendumInfo::Ongoing(status));
            Self::deposit_event(Event::Submitted { index, proposer, end });
            Ok(())
        }

        /// Votes with so much of the sender's money, or changes the sender's vote.
        #[pallet::call_index(1)]
        #[pallet::weight(Self::vote_weight())]
        pub fn vote(
            origin: OriginFor<T>,
            #[pallet::compact] index: ReferendumIndex,
            aye: bool,
            conviction: Conviction,
            #[pallet::compact] balance: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let mut status = Self::ongoing(index)?;
            ensure!(Self::now() < status.end, Error::<T>::VotingOver);
            ensure!(balance <= Balances::<T>::free_balance(&who), Error::<T>::InsufficientFunds);
            let vote = Vote { aye, conviction, balance };
            let mut voting = VotingFor::<T>::get(&who);
            match voting.votes.binary_search_by_key(&index, |(index, _)| *index) {
                Ok(place) => {
                    if let Some((_, old)) = voting.votes.get_mut(place) {
                        status.tally.remove(old);
                        *old = vote;
                    }
                }
                Err(place) => voting
                    .votes
                    .try_insert(place, (index, vote))
                    .map_err(|_full| Error::<T>::MaxVotesReached)?,
            }
            status.tally.add(&vote);
            let tally = status.tally;
            ReferendumInfoFor::<T>::insert(index, ReferendumInfo::Ongoing(status));
            // What a changed vote frees, `unlock` does.
            Balances::<T>::extend_lock(LOCK_ID, &who, balance, Reasons::All)?;
            VotingFor::<T>::insert(&who, voting);
            Self::deposit_event(Event::Voted { who, index, vote, tally });
            Ok(())
        }

        /// Takes the sender's vote back, or forgets it once the vote is over; brings the lock up to date.
        #[pallet::call_index(2)]
        #[pallet::weight(Self::vote_weight())]
        pub fn remove_vote(
            origin: OriginFor<T>,
            #[pallet::compact] index: ReferendumIndex,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let mut voting = VotingFor::<T>::get(&who);
            let place = voting.votes.binary_search_by_key(&index, |(index, _)| *index);
            let place = place.map_err(|_none| Error::<T>::NotVoter)?;
            let (_, vote) = voting.votes.remove(place);
            let now = Self::now();
            match ReferendumInfoFor::<T>::get(index) {
                Some(ReferendumInfo::Ongoing(mut status)) if now < status.end => {
                    status.tally.remove(&vote);
                    ReferendumInfoFor::<T>::insert(index, ReferendumInfo::Ongoing(status));
                }
                Some(ReferendumInfo::Ongoing(status)) => {
                    Self::keep(&mut voting, &vote, Self::passes(&status.tally), status.end);
                }
                Some(ReferendumInfo::Approved { end }) => {
                    Self::keep(&mut voting, &vote, true, end);
                }
                Some(ReferendumInfo::Rejected { end }) => {
                    Self::keep(&mut voting, &vote, false, end);
                }
                Some(ReferendumInfo::Cancelled) | None => {}
            }
            Self::lock(&who, voting)?;
            Self::deposit_event(Event::VoteRemoved { who, index });
            Ok(())
        }

        /// Brings an account's lock up to date; anybody may.
        #[pallet::call_index(3)]
        #[pallet::weight(Self::vote_weight())]
        pub fn unlock(origin: OriginFor<T>, target: T::AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            let voting = VotingFor::<T>::get(&target);
            Self::lock(&target, voting)
        }

        /// Closes a referendum whose time is over; anybody may, and names at least its call's weight and length. The
        /// deposit is the proposer's again.
        #[pallet::call_index(4)]
        #[pallet::weight((
            Self::call_weight(usize::try_from(*length_bound).unwrap_or(usize::MAX))
                .saturating_add(*proposal_weight_bound),
            DispatchClass::Operational,
        ))]
        pub fn close(
            origin: OriginFor<T>,
            #[pallet::compact] index: ReferendumIndex,
            proposal_weight_bound: Weight,
            #[pallet::compact] length_bound: u32,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let status = Self::ongoing(index)?;
            let (end, tally, now) = (status.end, status.tally, Self::now());
            ensure!(now >= end, Error::<T>::TooEarly);
            let base = Self::call_weight(usize::try_from(length_bound).unwrap_or(usize::MAX));
            if !Self::passes(&tally) {
                T::Preimages::drop(&status.proposal);
                Self::finish(index, &status, ReferendumInfo::Rejected { end })?;
                Self::deposit_event(Event::Rejected { index, tally });
                return Ok(Some(base).into());
            }
            ensure!(now >= end.saturating_add(T::EnactmentPeriod::get()), Error::<T>::TooEarly);
            let length = status.proposal.len().unwrap_or(u32::MAX);
            ensure!(length <= length_bound, Error::<T>::WrongProposalLength);
            let call = T::Preimages::realize(&status.proposal)?;
            let info = call.get_dispatch_info();
            let bound = proposal_weight_bound;
            ensure!(info.call_weight.all_lte(bound), Error::<T>::WrongProposalWeight);
            // Closed first, so that the call cannot close it again.
            Self::finish(index, &status, ReferendumInfo::Approved { end })?;
            let outcome = call.dispatch(RawOrigin::Root.into());
            let weight = extract_actual_weight(&outcome, &info);
            let result = outcome.map(|_| ()).map_err(|error| error.error);
            Self::deposit_event(Event::Approved { index, tally, result });
            Ok(Some(base.saturating_add(weight)).into())
        }

        /// Takes a referendum from the vote; the deposit is the proposer's again.
        #[pallet::call_index(5)]
        #[pallet::weight((Self::call_weight(0), DispatchClass::Operational))]
        pub fn cancel(
            origin: OriginFor<T>,
            #[pallet::compact] index: ReferendumIndex,
        ) -> DispatchResult {
            T::CancelOrigin::ensure_origin(origin)?;
            let status = Self::ongoing(index)?;
            T::Preimages::drop(&status.proposal);
            Self::finish(index, &status, ReferendumInfo::Cancelled)?;
            Self::deposit_event(Event::Cancelled { index });
            Ok(())
        }

        /// Takes a referendum from the vote, and its deposit from the proposer.
        #[pallet::call_index(6)]
        #[pallet::weight((Self::call_weight(0), DispatchClass::Operational))]
        pub fn kill(
            origin: OriginFor<T>,
            #[pallet::compact] index: ReferendumIndex,
        ) -> DispatchResult {
            T::KillOrigin::ensure_origin(origin)?;
            let mut status = Self::ongoing(index)?;
            T::Preimages::drop(&status.proposal);
            let slashed = Balances::<T>::do_transfer_on_hold(
                &HoldReason::Submission.into(),
                &status.proposer,
                &T::SlashTo::get(),
                status.deposit,
                Precision::BestEffort,
                Restriction::Free,
                Fortitude::Force,
            )?;
            status.deposit = 0;
            Self::finish(index, &status, ReferendumInfo::Cancelled)?;
            Self::deposit_event(Event::Killed { index, slashed });
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        fn now() -> BlockNumber {
            pallet_system::Pallet::<T>::block_number()
        }

        fn ongoing(index: ReferendumIndex) -> Result<StatusOf<T>, DispatchError> {
            match ReferendumInfoFor::<T>::get(index) {
                Some(ReferendumInfo::Ongoing(status)) => Ok(status),
                _ => Err(Error::<T>::NotOngoing.into()),
            }
        }

        fn passes(tally: &Tally) -> bool {
            tally.passes(T::SupportMin::get(), pallet_balances::TotalIssuance::<T>::get())
        }

        /// Closes a referendum, with what its proposer has left of the deposit.
        fn finish(
            index: ReferendumIndex,
            status: &StatusOf<T>,
            info: ReferendumInfoOf<T>,
        ) -> DispatchResult {
            let reason = HoldReason::Submission.into();
            let best = Precision::BestEffort;
            Balances::<T>::do_release(&reason, &status.proposer, status.deposit, best)?;
            ReferendumInfoFor::<T>::insert(index, info);
            OngoingCount::<T>::mutate(|count| *count = count.saturating_sub(1));
            Ok(())
        }

        /// Keeps the money behind a vote locked, if its side won.
        fn keep(voting: &mut Voting<T::MaxVotes>, vote: &Vote, passed: bool, end: BlockNumber) {
            let periods = vote.conviction.lock_periods();
            if vote.aye == passed && periods > 0 {
                let blocks = T::VoteLockingPeriod::get().saturating_mul(periods);
                voting.keep(end.saturating_add(blocks), vote.balance, Self::now());
            }
        }

        /// Stores what an account voted, and locks what that demands.
        fn lock(who: &T::AccountId, mut voting: Voting<T::MaxVotes>) -> DispatchResult {
            let now = Self::now();
            voting.prior.retain(|(until, _)| *until > now);
            Balances::<T>::set_lock(LOCK_ID, who, voting.locked(now), Reasons::All)?;
            if voting.votes.is_empty() && voting.prior.is_empty() {
                VotingFor::<T>::remove(who);
            } else {
                VotingFor::<T>::insert(who, voting);
            }
            Ok(())
        }

        /// Checks that open referenda are counted, that each has the votes that accounts gave it, and that those accounts'
        /// locks are no smaller than they should be.
        fn check() -> Result<(), TryRuntimeError> {
            let now = Self::now();
            let mut open: BTreeMap<ReferendumIndex, (Tally, Tally)> =
                ReferendumInfoFor::<T>::iter()
                    .filter_map(|(index, info)| match info {
                        ReferendumInfo::Ongoing(status) if now < status.end => {
                            Some((index, (status.tally, Tally::default())))
                        }
                        _ => None,
                    })
                    .collect();
            for (who, voting) in VotingFor::<T>::iter() {
                for (index, vote) in &voting.votes {
                    if let Some((_, counted)) = open.get_mut(index) {
                        counted.add(vote);
                    }
                }
                let locks = pallet_balances::Locks::<T>::get(&who);
                let locked = locks.iter().find(|lock| lock.id == LOCK_ID).map_or(0, |l| l.amount);
                ensure!(locked >= voting.locked(now), "a voter's money is not locked");
            }
            ensure!(open.values().all(|(told, counted)| told == counted), "votes were miscounted");
            let count = ReferendumInfoFor::<T>::iter_values()
                .filter(|info| matches!(info, ReferendumInfo::Ongoing(_)))
                .count();
            let told = usize::try_from(OngoingCount::<T>::get()).ok();
            ensure!(told == Some(count), "open referenda were miscounted");
            Ok(())
        }

        /// What proposing or closing a call of this many bytes weighs, besides the call itself.
        fn call_weight(length: usize) -> Weight {
            let length = u64::try_from(length).unwrap_or(u64::MAX);
            T::DbWeight::get().reads_writes(8, 8).saturating_add(BYTE_WEIGHT.saturating_mul(length))
        }

        fn vote_weight() -> Weight {
            T::DbWeight::get().reads_writes(6, 5)
        }
    }
}
