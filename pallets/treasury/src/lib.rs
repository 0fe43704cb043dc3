//! The chain's common money: what it takes in is spent by those whom the runtime lets decide.
//!
//! The pot is the account that the runtime names; whoever pays into it needs nothing of this pallet. Money leaves it in two
//! ways, both of which begin with [`Config::SpendOrigin`], whose answer is the most that it may spend in one call:
//! - `spend_local` puts a payment into a queue, which is paid at the end of each spend period as far as the pot lasts;
//! - `spend` approves a payment that anybody may have paid out, from a block on and until it expires.
//!
//! INVARIANT: the pot never falls below the existential deposit, so that its account lives on and takes small amounts in.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(test)]
mod tests;
mod types;

pub use pallet::*;
pub use types::{PaymentState, Proposal, SpendStatus};

/// The pallet: approved payments, and the calls that approve and pay them.
#[citrate_support::pallet]
pub mod pallet {
    use crate::types::{PaymentState, Proposal, SpendStatus};
    use citrate_core::Balance;
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::tokens::{Fortitude, Precision, Preservation};
    use citrate_support::traits::{StaticLookup, fungible};
    use pallet_system::pallet_prelude::*;
    use sp_arithmetic::Permill;

    /// How an account is named in this runtime's calls.
    type AccountIdLookupOf<T> = <<T as pallet_system::Config>::Lookup as StaticLookup>::Source;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The money.
        type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>;

        /// The account that has the pot.
        type PotAccount: Get<Self::AccountId>;

        /// Who may spend, and how much in one call.
        type SpendOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = Balance>;

        /// Who may take an approval back that was not paid yet.
        type RejectOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Blocks between two payments of the queue.
        #[pallet::constant]
        type SpendPeriod: Get<BlockNumber>;

        /// The share of what is left at the end of a spend period that is destroyed, if the whole queue was paid.
        #[pallet::constant]
        type Burn: Get<Permill>;

        /// LIMIT: payments in the queue.
        #[pallet::constant]
        type MaxApprovals: Get<u32>;

        /// Blocks from when a spend may be paid out until it expires.
        #[pallet::constant]
        type PayoutPeriod: Get<BlockNumber>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// How many payments were ever put into the queue.
    #[pallet::storage]
    pub type ProposalCount<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// What the queue's payments are.
    #[pallet::storage]
    pub type Proposals<T: Config> =
        StorageMap<_, Twox64Concat, u32, Proposal<T::AccountId>, OptionQuery>;

    /// The queue.
    #[pallet::storage]
    pub type Approvals<T: Config> = StorageValue<_, BoundedVec<u32, T::MaxApprovals>, ValueQuery>;

    /// How many spends were ever approved.
    #[pallet::storage]
    pub type SpendCount<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Approved spends, until they are paid and checked, voided, or expired and checked.
    #[pallet::storage]
    pub type Spends<T: Config> =
        StorageMap<_, Twox64Concat, u32, SpendStatus<T::AccountId>, OptionQuery>;

    /// Gives the pot the existential deposit at genesis, unless it has it, so that its first income is not too small for it.
    #[pallet::genesis_config]
    #[derive(DebugNoBound, DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Ties the configuration to a runtime.
        #[serde(skip)]
        pub runtime: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let pot = T::PotAccount::get();
            let least = <T::Currency as fungible::Inspect<_>>::minimum_balance();
            if <T::Currency as fungible::Inspect<_>>::total_balance(&pot) < least {
                <T::Currency as fungible::Mutate<_>>::mint_into(&pot, least)
                    .expect("an account takes the existential deposit");
            }
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A spend period ended, and the queue is being paid.
        Spending {
            /// What the pot has.
            budget_remaining: Balance,
        },
        /// A payment of the queue was made.
        Awarded {
            /// Its number.
            proposal_index: u32,
            /// How much.
            award: Balance,
            /// To whom.
            account: T::AccountId,
        },
        /// A part of the pot was destroyed.
        Burnt {
            /// How much.
            burnt_funds: Balance,
        },
        /// The queue was paid as far as the pot lasted.
        Rollover {
            /// What is left for the next period.
            rollover_balance: Balance,
        },
        /// A payment was put into the queue.
        #[codec(index = 5)]
        SpendApproved {
            /// Its number.
            proposal_index: u32,
            /// How much.
            amount: Balance,
            /// To whom.
            beneficiary: T::AccountId,
        },
        /// A spend was approved.
        #[codec(index = 7)]
        AssetSpendApproved {
            /// Its number.
            index: u32,
            /// Of which asset: the native one.
            asset_kind: (),
            /// How much.
            amount: Balance,
            /// To whom.
            beneficiary: T::AccountId,
            /// From which block on it may be paid out.
            valid_from: BlockNumber,
            /// From which block on it may not.
            expire_at: BlockNumber,
        },
        /// A spend was taken back.
        #[codec(index = 8)]
        AssetSpendVoided {
            /// Its number.
            index: u32,
        },
        /// A spend was paid out.
        #[codec(index = 9)]
        Paid {
            /// Its number.
            index: u32,
            /// A payment in the native asset has no number of its own.
            payment_id: (),
        },
        /// A spend is over and was removed.
        #[codec(index = 11)]
        SpendProcessed {
            /// Its number.
            index: u32,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such spend.
        InvalidIndex,
        /// The queue is full.
        TooManyApprovals,
        /// The origin may not spend so much in one call.
        InsufficientPermission,
        /// There is no such payment in the queue.
        ProposalNotApproved,
        /// The spend was not paid out in time.
        #[codec(index = 5)]
        SpendExpired,
        /// The spend may not be paid out yet.
        #[codec(index = 6)]
        EarlyPayout,
        /// The spend was paid out already.
        #[codec(index = 7)]
        AlreadyAttempted,
        /// The payment failed: the pot has less, or the account would be below the existential deposit.
        #[codec(index = 8)]
        PayoutError,
        /// The spend was not paid out yet and has not expired.
        #[codec(index = 9)]
        NotAttempted,
    }

    /// Constants that clients look for.
    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// The account that has the pot.
        #[pallet::constant_name(pot_account)]
        pub fn pot_account() -> T::AccountId {
            T::PotAccount::get()
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(n: BlockNumber) -> Weight {
            if n.checked_rem(T::SpendPeriod::get()) == Some(0) {
                Self::pay_queue()
            } else {
                Weight::zero()
            }
        }

        fn integrity_test() {
            assert!(T::SpendPeriod::get() > 0, "a spend period has blocks");
            assert!(T::PayoutPeriod::get() > 0, "there is time to pay out");
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Puts a payment into the queue that is paid at the end of the spend period.
        #[pallet::call_index(3)]
        #[pallet::weight(T::DbWeight::get().reads_writes(2, 3))]
        pub fn spend_local(
            origin: OriginFor<T>,
            #[pallet::compact] amount: Balance,
            beneficiary: AccountIdLookupOf<T>,
        ) -> DispatchResult {
            Self::ensure_may_spend(origin, amount)?;
            let beneficiary = T::Lookup::lookup(beneficiary)?;
            let proposal_index = ProposalCount::<T>::get();
            Approvals::<T>::try_append(proposal_index)
                .map_err(|()| Error::<T>::TooManyApprovals)?;
            let proposal = Proposal {
                proposer: beneficiary.clone(),
                value: amount,
                beneficiary: beneficiary.clone(),
                bond: 0,
            };
            Proposals::<T>::insert(proposal_index, proposal);
            ProposalCount::<T>::put(proposal_index.saturating_add(1));
            Self::deposit_event(Event::SpendApproved { proposal_index, amount, beneficiary });
            Ok(())
        }

        /// Takes a payment out of the queue.
        #[pallet::call_index(4)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 2))]
        pub fn remove_approval(
            origin: OriginFor<T>,
            #[pallet::compact] proposal_id: u32,
        ) -> DispatchResult {
            T::RejectOrigin::ensure_origin(origin)?;
            Approvals::<T>::try_mutate(|queue| {
                let position = queue.iter().position(|id| *id == proposal_id);
                queue.remove(position.ok_or(Error::<T>::ProposalNotApproved)?);
                Ok::<_, DispatchError>(())
            })?;
            Proposals::<T>::remove(proposal_id);
            Ok(())
        }

        /// Approves a payment that anybody may have paid out from block `valid_from` on, or now, until it expires.
        #[pallet::call_index(5)]
        #[pallet::weight(T::DbWeight::get().reads_writes(2, 2))]
        pub fn spend(
            origin: OriginFor<T>,
            asset_kind: (),
            #[pallet::compact] amount: Balance,
            beneficiary: Box<AccountIdLookupOf<T>>,
            valid_from: Option<BlockNumber>,
        ) -> DispatchResult {
            Self::ensure_may_spend(origin, amount)?;
            let beneficiary = T::Lookup::lookup(*beneficiary)?;
            let now = pallet_system::Pallet::<T>::block_number();
            let valid_from = valid_from.unwrap_or(now);
            let expire_at = valid_from.saturating_add(T::PayoutPeriod::get());
            ensure!(expire_at > now, Error::<T>::SpendExpired);
            let index = SpendCount::<T>::get();
            let spend = SpendStatus {
                asset_kind,
                amount,
                beneficiary: beneficiary.clone(),
                valid_from,
                expire_at,
                status: PaymentState::Pending,
            };
            Spends::<T>::insert(index, spend);
            SpendCount::<T>::put(index.saturating_add(1));
            Self::deposit_event(Event::AssetSpendApproved {
                index,
                asset_kind,
                amount,
                beneficiary,
                valid_from,
                expire_at,
            });
            Ok(())
        }

        /// Pays an approved spend out. Anybody may call it.
        #[pallet::call_index(6)]
        #[pallet::weight(T::DbWeight::get().reads_writes(4, 4))]
        pub fn payout(origin: OriginFor<T>, index: u32) -> DispatchResult {
            ensure_signed(origin)?;
            let mut spend = Spends::<T>::get(index).ok_or(Error::<T>::InvalidIndex)?;
            let now = pallet_system::Pallet::<T>::block_number();
            ensure!(now >= spend.valid_from, Error::<T>::EarlyPayout);
            ensure!(spend.expire_at > now, Error::<T>::SpendExpired);
            ensure!(spend.status == PaymentState::Pending, Error::<T>::AlreadyAttempted);
            Self::pay(&spend.beneficiary, spend.amount)
                .map_err(|_unpayable| Error::<T>::PayoutError)?;
            spend.status = PaymentState::Attempted { id: () };
            Spends::<T>::insert(index, spend);
            Self::deposit_event(Event::Paid { index, payment_id: () });
            Ok(())
        }

        /// Removes a spend that was paid out or has expired. Anybody may call it, and it costs nothing then.
        #[pallet::call_index(7)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn check_status(origin: OriginFor<T>, index: u32) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let spend = Spends::<T>::get(index).ok_or(Error::<T>::InvalidIndex)?;
            let expired = pallet_system::Pallet::<T>::block_number() >= spend.expire_at;
            ensure!(expired || spend.status != PaymentState::Pending, Error::<T>::NotAttempted);
            Spends::<T>::remove(index);
            Self::deposit_event(Event::SpendProcessed { index });
            Ok(Pays::No.into())
        }

        /// Takes a spend back that was not paid out.
        #[pallet::call_index(8)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn void_spend(origin: OriginFor<T>, index: u32) -> DispatchResult {
            T::RejectOrigin::ensure_origin(origin)?;
            let spend = Spends::<T>::get(index).ok_or(Error::<T>::InvalidIndex)?;
            ensure!(spend.status == PaymentState::Pending, Error::<T>::AlreadyAttempted);
            Spends::<T>::remove(index);
            Self::deposit_event(Event::AssetSpendVoided { index });
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        /// What can be spent: all that the pot has but the existential deposit.
        pub fn pot() -> Balance {
            <T::Currency as fungible::Inspect<_>>::reducible_balance(
                &T::PotAccount::get(),
                Preservation::Preserve,
                Fortitude::Polite,
            )
        }

        fn ensure_may_spend(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
            let most = T::SpendOrigin::ensure_origin(origin)?;
            ensure!(amount <= most, Error::<T>::InsufficientPermission);
            Ok(())
        }

        fn pay(beneficiary: &T::AccountId, amount: Balance) -> DispatchResult {
            let pot = T::PotAccount::get();
            <T::Currency as fungible::Mutate<_>>::transfer(
                &pot,
                beneficiary,
                amount,
                Preservation::Preserve,
            )
            .map(|_paid| ())
        }

        /// Pays the queue in its order, as far as the pot lasts; what cannot be paid stays in it.
        fn pay_queue() -> Weight {
            let queue = Approvals::<T>::get();
            let count = u64::try_from(queue.len()).unwrap_or(u64::MAX);
            Self::deposit_event(Event::Spending { budget_remaining: Self::pot() });
            let unpaid: Vec<u32> =
                queue.into_iter().filter(|id| !Self::pay_proposal(*id)).collect();
            let all_paid = unpaid.is_empty();
            // A part of the queue is no longer than the queue.
            Approvals::<T>::put(BoundedVec::truncate_from(unpaid));
            if all_paid {
                Self::burn_share();
            }
            Self::deposit_event(Event::Rollover { rollover_balance: Self::pot() });
            let db = T::DbWeight::get();
            db.reads_writes(3, 3).saturating_add(db.reads_writes(4, 4).saturating_mul(count))
        }

        /// Whether a payment needs no place in the queue any more.
        fn pay_proposal(proposal_index: u32) -> bool {
            let Some(proposal) = Proposals::<T>::get(proposal_index) else { return true };
            let Proposal { value: award, beneficiary: account, .. } = proposal;
            if Self::pay(&account, award).is_err() {
                return false;
            }
            Proposals::<T>::remove(proposal_index);
            Self::deposit_event(Event::Awarded { proposal_index, award, account });
            true
        }

        fn burn_share() {
            let share = T::Burn::get().mul_floor(Self::pot());
            if share == 0 {
                return;
            }
            let burnt = <T::Currency as fungible::Mutate<_>>::burn_from(
                &T::PotAccount::get(),
                share,
                Preservation::Preserve,
                Precision::BestEffort,
                Fortitude::Polite,
            );
            if let Ok(burnt_funds) = burnt {
                Self::deposit_event(Event::Burnt { burnt_funds });
            }
        }
    }
}
