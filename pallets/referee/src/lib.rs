//! Disputed results: a committee of validators runs the model again, and its majority decides.
//!
//! It runs in deterministic WebAssembly (`specs/verified-inference.md` section 5, `docs/design/market.md`).
//!
//! A *case* is about something that another pallet knows, its [`Docket`]: anybody may [dispute](Pallet::dispute) it with a
//! bond, or the docket [opens](Referee::open) it itself. A later block, whose randomness nobody knew, draws the committee by
//! stake. Each member runs the referee's module, [commits](Pallet::commit_unsigned) to what it answered, and
//! [reveals](Pallet::reveal_unsigned) it once all have committed. All honest members have the same bits: what more than
//! half of the committee answered is the verdict, and another answer is slashed.
//!
//! INVARIANT: every case ends, with a verdict or without, within a bounded number of blocks, and its bond is then
//! free or paid out. Work per block is bounded; what does not fit waits.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod case;
mod committee;
mod docket;
mod verdict;

#[cfg(test)]
mod tests;

pub use case::{Answer, Case, Member, SEATS_MAX, Stage, Vote};
pub use docket::{Committee, Docket, Judge, Outcome, Question, Referee};
pub use pallet::*;

/// The pallet.
#[citrate_support::pallet]
pub mod pallet {
    use crate::case::{Answer, Case, Vote};
    use crate::docket::{Committee, Docket};
    use alloc::vec::Vec;
    use citrate_core::{AccountId32, Balance, H256, sr25519};
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::{Randomness, fungible};
    use pallet_staking::Stake;
    use pallet_system::pallet_prelude::*;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config<AccountId = AccountId32> {
        /// The money.
        type Currency: fungible::hold::Mutate<AccountId32, Reason = Self::RuntimeHoldReason, Balance = Balance>
            + fungible::Mutate<AccountId32, Balance = Balance>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// What is disputed.
        type Docket: Docket;

        /// Who may be drawn.
        type Committee: Committee;

        /// The stakes of those who may be drawn.
        type Stake: Stake;

        /// Randomness of the present block, unknown to anybody when the block before was made.
        type Randomness: Randomness<H256, BlockNumberFor<Self>>;

        /// Pays the committee, and gets the bonds that nobody else gets.
        type Treasury: Get<AccountId32>;

        /// What a challenger loses if the result was right.
        #[pallet::constant]
        type Bond: Get<Balance>;

        /// What a member whose answer is the verdict is paid, as far as the treasury has it.
        #[pallet::constant]
        type Reward: Get<Balance>;

        /// What a member loses whose answer is another one than the verdict, or who does not own up to one.
        #[pallet::constant]
        type Penalty: Get<Balance>;

        /// How many members a committee has; fewer if there are not so many. Odd, and at most [`SEATS_MAX`](crate::SEATS_MAX).
        #[pallet::constant]
        type Seats: Get<u32>;

        /// Blocks to run the model and to commit.
        #[pallet::constant]
        type CommitBlocks: Get<u32>;

        /// Blocks to reveal.
        #[pallet::constant]
        type RevealBlocks: Get<u32>;

        /// How many committees are drawn for a case before it ends without a verdict.
        #[pallet::constant]
        type RoundsMax: Get<u32>;

        /// LIMIT: how many cases may be open.
        #[pallet::constant]
        type CasesMax: Get<u32>;

        /// LIMIT: how many cases a block looks at.
        #[pallet::constant]
        type CasesPerBlockMax: Get<u32>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// A challenger's bond.
        Dispute,
    }

    /// Content hash of the referee's module; without one nothing can be disputed.
    #[pallet::storage]
    pub type Module<T: Config> = StorageValue<_, H256>;

    /// The open cases.
    #[pallet::storage]
    pub type Cases<T: Config> = CountedStorageMap<_, Identity, H256, Case>;

    /// The cases that a block must look at.
    #[pallet::storage]
    pub type Due<T: Config> = StorageMap<
        _,
        Twox64Concat,
        BlockNumberFor<T>,
        BoundedVec<(H256, u32), T::CasesPerBlockMax>,
        ValueQuery,
    >;

    /// The answers that were revealed, by case and verdict hash.
    #[pallet::storage]
    pub type Answers<T: Config> = StorageDoubleMap<_, Identity, H256, Identity, H256, Answer>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// There is another referee.
        ModuleSet {
            /// Content hash of its module.
            module: Option<H256>,
        },
        /// A result is to be judged.
        CaseOpened {
            /// Which.
            case: H256,
            /// Who disputes it; none if it is a check.
            challenger: Option<AccountId32>,
        },
        /// Who judges it.
        CommitteeDrawn {
            /// Which.
            case: H256,
            /// They.
            members: Vec<AccountId32>,
            /// The last block for their commitments.
            due: BlockNumberFor<T>,
        },
        /// A member did not answer as the others, or did not own up to its answer.
        MemberFailed {
            /// Which case.
            case: H256,
            /// Who.
            member: AccountId32,
            /// What it lost.
            slashed: Balance,
        },
        /// A case is decided.
        CaseDecided {
            /// Which.
            case: H256,
            /// What more than half of the committee found; none if there is no such answer.
            verdict: Option<H256>,
            /// How many members found it.
            votes: u32,
        },
        /// A challenger was wrong.
        BondLost {
            /// Which case.
            case: H256,
            /// Who.
            challenger: AccountId32,
            /// Who got the bond.
            to: AccountId32,
            /// What.
            amount: Balance,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The chain has no referee.
        NoReferee,
        /// As many cases are open as may.
        TooManyCases,
        /// The result is disputed already.
        AlreadyOpen,
        /// There is no such case, or it is not at this stage.
        UnknownCase,
        /// The account is no member of the committee, or has done this.
        NotMember,
        /// The time has passed.
        TooLate,
        /// The answer is not what the member has committed to.
        WrongCommitment,
        /// The member's key has not signed this.
        WrongSignature,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            Self::look_after_cases(now)
        }

        fn integrity_test() {
            Self::check_parameters();
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the referee's module for the cases to come. Root only.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().reads_writes(0, 1))]
        pub fn set_module(origin: OriginFor<T>, module: Option<H256>) -> DispatchResult {
            ensure_root(origin)?;
            Module::<T>::set(module);
            Self::deposit_event(Event::ModuleSet { module });
            Ok(())
        }

        /// Disputes a result: [`Config::Bond`] is on hold until the case is decided, and lost if the result was right.
        #[pallet::call_index(1)]
        #[pallet::weight(Self::opening_weight().saturating_add(T::DbWeight::get().reads(1)))]
        pub fn dispute(origin: OriginFor<T>, case: H256) -> DispatchResult {
            let challenger = ensure_signed(origin)?;
            Self::do_dispute(challenger, case)
        }

        /// Fixes a member's answer without making it known. Free: the member's session key signs the vote.
        #[pallet::call_index(2)]
        #[pallet::weight((
            T::DbWeight::get().reads_writes(3, 4).saturating_add(crate::verdict::VOTE_WEIGHT),
            DispatchClass::Operational,
        ))]
        pub fn commit_unsigned(
            origin: OriginFor<T>,
            vote: Vote,
            commitment: H256,
            signature: sr25519::Signature,
        ) -> DispatchResult {
            ensure_none(origin)?;
            Self::do_commit(&vote, commitment, &signature)
        }

        /// Makes a member's answer known. The last one decides the case.
        #[pallet::call_index(3)]
        #[pallet::weight((Self::reveal_weight(), DispatchClass::Operational))]
        pub fn reveal_unsigned(
            origin: OriginFor<T>,
            vote: Vote,
            answer: Answer,
            salt: H256,
            signature: sr25519::Signature,
        ) -> DispatchResult {
            ensure_none(origin)?;
            Self::do_reveal(&vote, answer, &salt, &signature)
        }
    }

    #[pallet::validate_unsigned]
    impl<T: Config> ValidateUnsigned for Pallet<T> {
        type Call = Call<T>;

        fn validate_unsigned(_source: TransactionSource, call: &Call<T>) -> TransactionValidity {
            Self::validate_vote(call)
        }
    }
}
