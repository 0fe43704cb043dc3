//! A council: members propose calls, vote on them, and enough of them together are an origin.
//!
//! A proposal names how many votes it needs. It is closed, by anybody, once that many are for it, or so many against it
//! that they cannot be reached, or its time is over; members that did not vote then count as the prime member voted, and
//! against it where there is none. An approved call is dispatched as [`RawOrigin::Members`]: what it may do is up to the
//! pallets that check that origin, with [`EnsureProportionAtLeast`] for example, and never what only root may.

#![cfg_attr(not(feature = "std"), no_std)]

mod origin;
#[cfg(test)]
mod tests;
mod vote;

pub use origin::{
    EnsureMember, EnsureMembers, EnsureProportionAtLeast, EnsureProportionMoreThan, RawOrigin,
};
pub use pallet::*;
pub use vote::Votes;

/// How many members, or votes.
pub type MemberCount = u32;
/// The number of a proposal.
pub type ProposalIndex = u32;

/// The pallet: members, proposals and votes.
#[citrate_support::pallet]
pub mod pallet {
    use crate::vote::Votes;
    use crate::{MemberCount, ProposalIndex, RawOrigin};
    use citrate_support::dispatch::{GetDispatchInfo, PostDispatchInfo, extract_actual_weight};
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::{BlakeTwo256, Dispatchable, Hash};
    use pallet_system::pallet_prelude::*;

    /// What decoding and hashing a byte of a proposal weighs.
    const BYTE_WEIGHT: Weight = Weight::from_parts(2_000, 0);

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The runtime's origins, of which this pallet's are some.
        type RuntimeOrigin: From<RawOrigin<Self::AccountId>>;

        /// What can be proposed.
        type Proposal: Parameter
            + Dispatchable<
                RuntimeOrigin = <Self as Config>::RuntimeOrigin,
                PostInfo = PostDispatchInfo,
            > + GetDispatchInfo;

        /// Blocks in which a proposal can be voted on.
        #[pallet::constant]
        type MotionDuration: Get<BlockNumber>;

        /// LIMIT: open proposals.
        #[pallet::constant]
        type MaxProposals: Get<u32>;

        /// LIMIT: members.
        #[pallet::constant]
        type MaxMembers: Get<MemberCount>;

        /// LIMIT: what a proposed call may weigh.
        #[pallet::constant]
        type MaxProposalWeight: Get<Weight>;

        /// Who appoints the members.
        type SetMembersOrigin: EnsureOrigin<<Self as pallet_system::Config>::RuntimeOrigin>;

        /// Who may end a proposal whatever its votes.
        type DisapproveOrigin: EnsureOrigin<<Self as pallet_system::Config>::RuntimeOrigin>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The origin of what members decide.
    #[pallet::origin]
    pub type Origin<T> = RawOrigin<<T as pallet_system::Config>::AccountId>;

    /// The hashes of the open proposals.
    #[pallet::storage]
    pub type Proposals<T: Config> = StorageValue<_, BoundedVec<H256, T::MaxProposals>, ValueQuery>;

    /// The calls of the open proposals by their hashes. A call is no longer than the transaction that brought it.
    #[pallet::storage]
    #[pallet::unbounded]
    pub type ProposalOf<T: Config> =
        StorageMap<_, Identity, H256, <T as Config>::Proposal, OptionQuery>;

    /// The votes on open proposals.
    #[pallet::storage]
    pub type Voting<T: Config> =
        StorageMap<_, Identity, H256, Votes<T::AccountId, T::MaxMembers>, OptionQuery>;

    /// How many proposals there ever were.
    #[pallet::storage]
    pub type ProposalCount<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The members, in the order of their accounts.
    #[pallet::storage]
    pub type Members<T: Config> =
        StorageValue<_, BoundedVec<T::AccountId, T::MaxMembers>, ValueQuery>;

    /// The member whose vote is also that of those who do not vote.
    #[pallet::storage]
    pub type Prime<T: Config> = StorageValue<_, T::AccountId, OptionQuery>;

    /// The members at genesis.
    #[pallet::genesis_config]
    #[derive(DebugNoBound, DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The members, each once.
        pub members: Vec<T::AccountId>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let mut members = self.members.clone();
            members.sort();
            members.dedup();
            assert!(members.len() == self.members.len(), "a member is appointed twice at genesis");
            let members = BoundedVec::try_from(members);
            Members::<T>::put(members.expect("there are no more members than there may be"));
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A member proposed a call.
        Proposed {
            /// Who.
            account: T::AccountId,
            /// The proposal's number.
            proposal_index: ProposalIndex,
            /// The call's hash.
            proposal_hash: H256,
            /// How many votes it needs.
            threshold: MemberCount,
        },
        /// A member voted.
        Voted {
            /// Who.
            account: T::AccountId,
            /// The call's hash.
            proposal_hash: H256,
            /// For it, or against it.
            voted: bool,
            /// How many are for it now.
            yes: MemberCount,
            /// How many are against it now.
            no: MemberCount,
        },
        /// A proposal was approved.
        Approved {
            /// The call's hash.
            proposal_hash: H256,
        },
        /// A proposal was not approved.
        Disapproved {
            /// The call's hash.
            proposal_hash: H256,
        },
        /// An approved call was dispatched.
        Executed {
            /// The call's hash.
            proposal_hash: H256,
            /// What it returned.
            result: DispatchResult,
        },
        /// A call was dispatched in the name of a single member.
        MemberExecuted {
            /// The call's hash.
            proposal_hash: H256,
            /// What it returned.
            result: DispatchResult,
        },
        /// A proposal was closed.
        Closed {
            /// The call's hash.
            proposal_hash: H256,
            /// How many were for it.
            yes: MemberCount,
            /// How many were against it.
            no: MemberCount,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The account is no member.
        NotMember,
        /// The call is proposed already.
        DuplicateProposal,
        /// There is no such proposal.
        ProposalMissing,
        /// The proposal has another number.
        WrongIndex,
        /// The member voted so already.
        DuplicateVote,
        /// The proposal can still be voted on.
        #[codec(index = 6)]
        TooEarly,
        /// There are as many open proposals as there may be.
        #[codec(index = 7)]
        TooManyProposals,
        /// The call weighs more than was said, or than it may.
        #[codec(index = 8)]
        WrongProposalWeight,
        /// The call is longer than was said.
        #[codec(index = 9)]
        WrongProposalLength,
        /// The prime is no member.
        #[codec(index = 10)]
        PrimeAccountNotMember,
        /// More members than there may be.
        #[codec(index = 12)]
        TooManyMembers,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MotionDuration::get() > 0, "there is time to vote");
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Appoints the members and the prime; votes of those who are none any more are gone. `old_count` is only there
        /// for those who know this call from elsewhere.
        #[pallet::call_index(0)]
        #[pallet::weight((Self::set_members_weight(), DispatchClass::Operational))]
        pub fn set_members(
            origin: OriginFor<T>,
            new_members: Vec<T::AccountId>,
            prime: Option<T::AccountId>,
            old_count: MemberCount,
        ) -> DispatchResult {
            T::SetMembersOrigin::ensure_origin(origin)?;
            let _ = old_count;
            let mut members = new_members;
            members.sort();
            members.dedup();
            let members: BoundedVec<_, T::MaxMembers> =
                members.try_into().map_err(|_too_many| Error::<T>::TooManyMembers)?;
            if let Some(prime) = &prime {
                ensure!(members.contains(prime), Error::<T>::PrimeAccountNotMember);
            }
            for hash in Proposals::<T>::get() {
                Voting::<T>::mutate(hash, |votes| {
                    if let Some(votes) = votes {
                        votes.keep(&members);
                    }
                });
            }
            Members::<T>::put(members);
            Prime::<T>::set(prime);
            Ok(())
        }

        /// Dispatches a call as [`RawOrigin::Member`].
        #[pallet::call_index(1)]
        #[pallet::weight((
            Self::call_weight(*length_bound).saturating_add(proposal.get_dispatch_info().call_weight),
            DispatchClass::Operational,
        ))]
        pub fn execute(
            origin: OriginFor<T>,
            proposal: Box<<T as Config>::Proposal>,
            #[pallet::compact] length_bound: u32,
        ) -> DispatchResultWithPostInfo {
            let who = Self::ensure_member(origin)?;
            Self::ensure_length(&proposal, length_bound)?;
            let proposal_hash = BlakeTwo256::hash_of(&proposal);
            let (weight, result) = Self::dispatch(*proposal, RawOrigin::Member(who));
            Self::deposit_event(Event::MemberExecuted { proposal_hash, result });
            Ok(Some(Self::call_weight(length_bound).saturating_add(weight)).into())
        }

        /// Proposes a call that needs `threshold` votes; the proposer's own has to be cast as all others. A call that
        /// needs one vote or none is dispatched at once.
        #[pallet::call_index(2)]
        #[pallet::weight((
            if *threshold < 2 {
                Self::call_weight(*length_bound)
                    .saturating_add(proposal.get_dispatch_info().call_weight)
            } else {
                Self::call_weight(*length_bound)
            },
            DispatchClass::Operational,
        ))]
        pub fn propose(
            origin: OriginFor<T>,
            #[pallet::compact] threshold: MemberCount,
            proposal: Box<<T as Config>::Proposal>,
            #[pallet::compact] length_bound: u32,
        ) -> DispatchResultWithPostInfo {
            let who = Self::ensure_member(origin)?;
            Self::ensure_length(&proposal, length_bound)?;
            let weight = proposal.get_dispatch_info().call_weight;
            ensure!(weight.all_lte(T::MaxProposalWeight::get()), Error::<T>::WrongProposalWeight);
            let proposal_hash = BlakeTwo256::hash_of(&proposal);
            ensure!(!ProposalOf::<T>::contains_key(proposal_hash), Error::<T>::DuplicateProposal);
            if threshold < 2 {
                let (weight, result) =
                    Self::dispatch(*proposal, RawOrigin::Members(1, Self::seats()));
                Self::deposit_event(Event::Executed { proposal_hash, result });
                return Ok(Some(Self::call_weight(length_bound).saturating_add(weight)).into());
            }
            Self::open(who, threshold, *proposal, proposal_hash)?;
            Ok(Some(Self::call_weight(length_bound)).into())
        }

        /// Votes for or against a proposal. A member's first vote on it costs nothing.
        #[pallet::call_index(3)]
        #[pallet::weight((T::DbWeight::get().reads_writes(2, 1), DispatchClass::Operational))]
        pub fn vote(
            origin: OriginFor<T>,
            proposal: H256,
            #[pallet::compact] index: ProposalIndex,
            approve: bool,
        ) -> DispatchResultWithPostInfo {
            let who = Self::ensure_member(origin)?;
            let mut votes = Voting::<T>::get(proposal).ok_or(Error::<T>::ProposalMissing)?;
            ensure!(votes.index == index, Error::<T>::WrongIndex);
            let first = votes.of(&who).is_none();
            ensure!(votes.of(&who) != Some(approve), Error::<T>::DuplicateVote);
            // Only members vote, so that there is room.
            votes.cast(who.clone(), approve).map_err(|()| Error::<T>::NotMember)?;
            let (yes, no) = votes.count();
            Voting::<T>::insert(proposal, votes);
            Self::deposit_event(Event::Voted {
                account: who,
                proposal_hash: proposal,
                voted: approve,
                yes,
                no,
            });
            Ok(if first { Pays::No } else { Pays::Yes }.into())
        }

        /// Ends a proposal whatever its votes.
        #[pallet::call_index(5)]
        #[pallet::weight(T::DbWeight::get().reads_writes(2, 3))]
        pub fn disapprove_proposal(origin: OriginFor<T>, proposal_hash: H256) -> DispatchResult {
            T::DisapproveOrigin::ensure_origin(origin)?;
            ensure!(ProposalOf::<T>::contains_key(proposal_hash), Error::<T>::ProposalMissing);
            Self::deposit_event(Event::Disapproved { proposal_hash });
            Self::remove(&proposal_hash);
            Ok(())
        }

        /// Closes a proposal that is decided, or whose time is over; anybody may, and names at least its call's weight
        /// and length. An approved call is dispatched.
        #[pallet::call_index(6)]
        #[pallet::weight((
            Self::call_weight(*length_bound).saturating_add(*proposal_weight_bound),
            DispatchClass::Operational,
        ))]
        pub fn close(
            origin: OriginFor<T>,
            proposal_hash: H256,
            #[pallet::compact] index: ProposalIndex,
            proposal_weight_bound: Weight,
            #[pallet::compact] length_bound: u32,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let votes = Voting::<T>::get(proposal_hash).ok_or(Error::<T>::ProposalMissing)?;
            ensure!(votes.index == index, Error::<T>::WrongIndex);
            let seats = Self::seats();
            let (mut yes, mut no) = votes.count();
            let decided = yes >= votes.threshold || seats.saturating_sub(no) < votes.threshold;
            if !decided {
                let now = pallet_system::Pallet::<T>::block_number();
                ensure!(now >= votes.end, Error::<T>::TooEarly);
                let silent = seats.saturating_sub(yes.saturating_add(no));
                let by_default = Prime::<T>::get().and_then(|prime| votes.of(&prime));
                let side = if by_default == Some(true) { &mut yes } else { &mut no };
                *side = side.saturating_add(silent);
            }
            let approved = yes >= votes.threshold;
            if approved {
                Self::ensure_bounds(&proposal_hash, proposal_weight_bound, length_bound)?;
            }
            Self::deposit_event(Event::Closed { proposal_hash, yes, no });
            let weight = Self::finish(proposal_hash, approved.then_some((yes, seats)));
            let weight = Self::call_weight(length_bound).saturating_add(weight);
            let pays = if decided && !approved { Pays::No } else { Pays::Yes };
            Ok((Some(weight), pays).into())
        }
    }

    impl<T: Config> Pallet<T> {
        /// Whether an account is a member.
        pub fn is_member(who: &T::AccountId) -> bool {
            Members::<T>::get().binary_search(who).is_ok()
        }

        fn seats() -> MemberCount {
            MemberCount::try_from(Members::<T>::get().len()).unwrap_or(MemberCount::MAX)
        }

        fn ensure_member(
            origin: <T as pallet_system::Config>::RuntimeOrigin,
        ) -> Result<T::AccountId, DispatchError> {
            let who = ensure_signed(origin)?;
            ensure!(Self::is_member(&who), Error::<T>::NotMember);
            Ok(who)
        }

        fn ensure_length(proposal: &<T as Config>::Proposal, bound: u32) -> DispatchResult {
            let length = u32::try_from(proposal.encoded_size()).unwrap_or(u32::MAX);
            ensure!(length <= bound, Error::<T>::WrongProposalLength);
            Ok(())
        }

        fn ensure_bounds(hash: &H256, weight: Weight, length: u32) -> DispatchResult {
            let proposal = ProposalOf::<T>::get(hash).ok_or(Error::<T>::ProposalMissing)?;
            Self::ensure_length(&proposal, length)?;
            let needed = proposal.get_dispatch_info().call_weight;
            ensure!(needed.all_lte(weight), Error::<T>::WrongProposalWeight);
            Ok(())
        }

        /// Puts a proposal to the vote.
        fn open(
            account: T::AccountId,
            threshold: MemberCount,
            proposal: <T as Config>::Proposal,
            proposal_hash: H256,
        ) -> DispatchResult {
            Proposals::<T>::try_append(proposal_hash).map_err(|()| Error::<T>::TooManyProposals)?;
            let proposal_index = ProposalCount::<T>::get();
            ProposalCount::<T>::put(proposal_index.saturating_add(1));
            ProposalOf::<T>::insert(proposal_hash, proposal);
            let end =
                pallet_system::Pallet::<T>::block_number().saturating_add(T::MotionDuration::get());
            Voting::<T>::insert(proposal_hash, Votes::new(proposal_index, threshold, end));
            Self::deposit_event(Event::Proposed {
                account,
                proposal_index,
                proposal_hash,
                threshold,
            });
            Ok(())
        }

        /// Removes a proposal, and dispatches its call if this many of the seats were for it; says what it weighed.
        fn finish(proposal_hash: H256, approved: Option<(MemberCount, MemberCount)>) -> Weight {
            // Removed first, so that the call may propose itself anew.
            let proposal = Self::remove(&proposal_hash);
            let (Some((yes, seats)), Some(proposal)) = (approved, proposal) else {
                Self::deposit_event(Event::Disapproved { proposal_hash });
                return Weight::zero();
            };
            Self::deposit_event(Event::Approved { proposal_hash });
            let (weight, result) = Self::dispatch(proposal, RawOrigin::Members(yes, seats));
            Self::deposit_event(Event::Executed { proposal_hash, result });
            weight
        }

        fn remove(proposal_hash: &H256) -> Option<<T as Config>::Proposal> {
            Voting::<T>::remove(proposal_hash);
            Proposals::<T>::mutate(|open| open.retain(|hash| hash != proposal_hash));
            ProposalOf::<T>::take(proposal_hash)
        }

        fn dispatch(
            proposal: <T as Config>::Proposal,
            origin: RawOrigin<T::AccountId>,
        ) -> (Weight, DispatchResult) {
            let info = proposal.get_dispatch_info();
            let result = proposal.dispatch(origin.into());
            let weight = extract_actual_weight(&result, &info);
            (weight, result.map(|_| ()).map_err(|e| e.error))
        }

        /// What a call of the pallet weighs besides the proposal itself.
        fn call_weight(length: u32) -> Weight {
            T::DbWeight::get()
                .reads_writes(6, 4)
                .saturating_add(BYTE_WEIGHT.saturating_mul(u64::from(length)))
        }

        fn set_members_weight() -> Weight {
            let proposals = u64::from(T::MaxProposals::get());
            T::DbWeight::get()
                .reads_writes(proposals.saturating_add(1), proposals.saturating_add(2))
        }
    }
}
