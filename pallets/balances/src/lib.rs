//! Accounts' money: transfers, holds, locks, reserves and the existential deposit.
//!
//! Balances live in `System.Account`. INVARIANT: the total issuance is the sum of `free + reserved` of all accounts
//! plus the credits in flight; an account that exists has at least the existential deposit free. What another
//! pallet keeps from an account is on *hold* for a reason that the runtime names (`RuntimeHoldReason`); holds add up.
//! What may not leave an account is *frozen*, by freezes and locks; those overlap, and holds count towards them.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod account;
#[cfg(any(test, feature = "runtime-benchmarks"))]
mod benchmarking;
mod check;
pub mod config_preludes;
mod currency;
mod fungible;
mod holds;
mod imbalance;
mod locks;
mod reserves;
mod types;
mod weights;

#[cfg(test)]
mod tests;

pub use currency::Debt;
pub use imbalance::Credit;
pub use pallet::*;
pub use types::{
    AccountData, AdjustmentDirection, BalanceLock, BalanceStatus, ExtraFlags, IdAmount, Identifier,
    Reasons, ReserveData,
};
pub use weights::WeightInfo;

/// The pallet: storage, calls and events.
#[citrate_support::pallet]
pub mod pallet {
    use crate::types::{
        AccountData, AdjustmentDirection, BalanceLock, BalanceStatus, IdAmount, ReserveData,
    };
    use crate::weights::WeightInfo;
    use alloc::collections::BTreeSet;
    use citrate_core::{ArithmeticError, Balance};
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::tokens::{Fortitude, Precision, Preservation};
    use citrate_support::traits::{
        StaticLookup, StoredMap, TryRuntimeError, VariantCount, VariantCountOf,
    };
    use pallet_system::pallet_prelude::*;

    /// How an account is named in this runtime's calls.
    type AccountIdLookupOf<T> = <<T as pallet_system::Config>::Lookup as StaticLookup>::Source;

    /// What the pallet needs from the runtime.
    #[pallet::config(with_default)]
    pub trait Config: pallet_system::Config {
        /// The runtime's reasons for a hold.
        #[pallet::no_default_bounds]
        type RuntimeHoldReason: Parameter + MaxEncodedLen + Copy + VariantCount + 'static;

        /// The runtime's reasons for a freeze.
        #[pallet::no_default_bounds]
        type RuntimeFreezeReason: Parameter + MaxEncodedLen + Copy + VariantCount + 'static;

        /// Where accounts are stored.
        #[pallet::no_default]
        type AccountStore: StoredMap<Self::AccountId, AccountData>;

        /// Where dust goes: what is left in an account that dies. `()` burns it.
        type DustRemoval: OnDust<Self>;

        /// The least that an account may have; it dies below that. Must not be zero.
        #[pallet::constant]
        type ExistentialDeposit: Get<Balance>;

        /// LIMIT: how many locks an account may have.
        #[pallet::constant]
        type MaxLocks: Get<u32>;

        /// LIMIT: how many named reserves an account may have.
        #[pallet::constant]
        type MaxReserves: Get<u32>;

        /// LIMIT: how many freezes an account may have.
        #[pallet::constant]
        type MaxFreezes: Get<u32>;

        /// What the calls weigh.
        type WeightInfo: WeightInfo;
    }

    /// Takes what is left in an account that dies.
    pub trait OnDust<T: Config> {
        /// `credit` burns when it is dropped.
        fn on_dust(credit: crate::Credit<T>);
    }

    impl<T: Config> OnDust<T> for () {
        fn on_dust(_credit: crate::Credit<T>) {}
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// All the money there is.
    #[pallet::storage]
    pub type TotalIssuance<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// How much of the issuance counts as out of use.
    #[pallet::storage]
    pub type InactiveIssuance<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// Balances of accounts in a runtime that does not keep them in `System.Account`; empty in ours.
    #[pallet::storage]
    pub type Account<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, AccountData, ValueQuery>;

    /// Locks by account.
    #[pallet::storage]
    pub type Locks<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        BoundedVec<BalanceLock, T::MaxLocks>,
        ValueQuery,
    >;

    /// Named reserves by account, in the order of their names.
    #[pallet::storage]
    pub type Reserves<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        BoundedVec<ReserveData, T::MaxReserves>,
        ValueQuery,
    >;

    /// Holds by account.
    #[pallet::storage]
    pub type Holds<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        BoundedVec<IdAmount<T::RuntimeHoldReason>, VariantCountOf<T::RuntimeHoldReason>>,
        ValueQuery,
    >;

    /// Freezes by account.
    #[pallet::storage]
    pub type Freezes<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        BoundedVec<IdAmount<T::RuntimeFreezeReason>, T::MaxFreezes>,
        ValueQuery,
    >;

    /// Who has what at genesis.
    #[pallet::genesis_config]
    #[derive(DebugNoBound, DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Accounts and their free balances: each account once, none below the existential deposit.
        pub balances: Vec<(T::AccountId, Balance)>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let distinct: BTreeSet<_> = self.balances.iter().map(|(who, _)| who).collect();
            assert!(
                distinct.len() == self.balances.len(),
                "an account is endowed twice at genesis"
            );
            let mut total: Balance = 0;
            for (who, free) in &self.balances {
                assert!(
                    *free >= T::ExistentialDeposit::get(),
                    "an account has less than the existential deposit at genesis"
                );
                total = total.checked_add(*free).expect("the genesis issuance fits in a u128");
                pallet_system::Pallet::<T>::inc_providers(who);
                let data = AccountData { free: *free, ..Default::default() };
                T::AccountStore::insert(who, data).expect("a genesis account is stored");
            }
            TotalIssuance::<T>::put(total);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account was created with some free balance.
        Endowed {
            /// The account.
            account: T::AccountId,
            /// What it has.
            free_balance: Balance,
        },
        /// An account died and what was left in it was removed.
        DustLost {
            /// The account.
            account: T::AccountId,
            /// What was left.
            amount: Balance,
        },
        /// A transfer succeeded.
        Transfer {
            /// The sender.
            from: T::AccountId,
            /// The receiver.
            to: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Root set a balance.
        BalanceSet {
            /// The account.
            who: T::AccountId,
            /// Its free balance now.
            free: Balance,
        },
        /// Some balance was reserved.
        Reserved {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance was unreserved.
        Unreserved {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance went from one account's reserve to another account.
        ReserveRepatriated {
            /// The account that had it.
            from: T::AccountId,
            /// The account that has it.
            to: T::AccountId,
            /// How much.
            amount: Balance,
            /// Whether it is free or reserved there.
            destination_status: BalanceStatus,
        },
        /// A credit was put into an account.
        Deposit {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// A credit was taken from an account, for example to pay a fee.
        Withdraw {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance was taken as a punishment.
        Slashed {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance was created in an account.
        Minted {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance of an account was destroyed.
        Burned {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance of an account was suspended: it can be restored later.
        Suspended {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance was restored to an account.
        Restored {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// An account was brought to the newest accounting rules.
        Upgraded {
            /// The account.
            who: T::AccountId,
        },
        /// The total issuance grew by a credit in flight.
        Issued {
            /// How much.
            amount: Balance,
        },
        /// The total issuance shrank by a debt in flight.
        Rescinded {
            /// How much.
            amount: Balance,
        },
        /// Some balance was locked.
        Locked {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance was unlocked.
        Unlocked {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance was frozen.
        Frozen {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance was thawed.
        Thawed {
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Root changed the total issuance.
        TotalIssuanceForced {
            /// Before.
            old: Balance,
            /// Now.
            new: Balance,
        },
        /// Some balance was put on hold.
        Held {
            /// Why.
            reason: T::RuntimeHoldReason,
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance on hold was destroyed.
        BurnedHeld {
            /// Why it was on hold.
            reason: T::RuntimeHoldReason,
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance on hold went to another account.
        TransferOnHold {
            /// Why it was on hold.
            reason: T::RuntimeHoldReason,
            /// The account that had it.
            source: T::AccountId,
            /// The account that has it.
            dest: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Some balance was released from hold.
        Released {
            /// Why it was on hold.
            reason: T::RuntimeHoldReason,
            /// The account.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// Too much of the balance is vesting.
        VestingBalance,
        /// The balance is frozen or locked.
        LiquidityRestrictions,
        /// The balance is too low.
        InsufficientBalance,
        /// The account would have less than the existential deposit.
        ExistentialDeposit,
        /// The account would die.
        Expendability,
        /// There is a vesting schedule already.
        ExistingVestingSchedule,
        /// The account does not exist.
        DeadAccount,
        /// More named reserves than an account may have.
        TooManyReserves,
        /// More holds than an account may have.
        TooManyHolds,
        /// More freezes than an account may have.
        TooManyFreezes,
        /// The issuance would be less than what is out of use.
        IssuanceDeactivated,
        /// The difference is zero.
        DeltaZero,
        /// More locks than an account may have.
        TooManyLocks,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::ExistentialDeposit::get() > 0, "the existential deposit must not be zero");
        }

        fn try_state(_n: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::check()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Transfers free balance; the sender's account may die of it.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::transfer_allow_death())]
        pub fn transfer_allow_death(
            origin: OriginFor<T>,
            dest: AccountIdLookupOf<T>,
            #[pallet::compact] value: Balance,
        ) -> DispatchResult {
            let source = ensure_signed(origin)?;
            let dest = T::Lookup::lookup(dest)?;
            Self::do_transfer(&source, &dest, value, Preservation::Expendable)
        }

        /// Transfers from any account. Root only.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::force_transfer())]
        pub fn force_transfer(
            origin: OriginFor<T>,
            source: AccountIdLookupOf<T>,
            dest: AccountIdLookupOf<T>,
            #[pallet::compact] value: Balance,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let source = T::Lookup::lookup(source)?;
            let dest = T::Lookup::lookup(dest)?;
            Self::do_transfer(&source, &dest, value, Preservation::Expendable)
        }

        /// Transfers free balance; fails rather than let the sender's account die.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::transfer_keep_alive())]
        pub fn transfer_keep_alive(
            origin: OriginFor<T>,
            dest: AccountIdLookupOf<T>,
            #[pallet::compact] value: Balance,
        ) -> DispatchResult {
            let source = ensure_signed(origin)?;
            let dest = T::Lookup::lookup(dest)?;
            Self::do_transfer(&source, &dest, value, Preservation::Preserve)
        }

        /// Transfers all that the sender can transfer; with `keep_alive`, all but the existential deposit.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::transfer_all())]
        pub fn transfer_all(
            origin: OriginFor<T>,
            dest: AccountIdLookupOf<T>,
            keep_alive: bool,
        ) -> DispatchResult {
            let source = ensure_signed(origin)?;
            let dest = T::Lookup::lookup(dest)?;
            let preservation = preservation(keep_alive);
            let value = Self::reducible(&source, preservation, Fortitude::Polite);
            Self::do_transfer(&source, &dest, value, preservation)
        }

        /// Unreserves some balance of an account. Root only.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::force_unreserve())]
        pub fn force_unreserve(
            origin: OriginFor<T>,
            who: AccountIdLookupOf<T>,
            amount: Balance,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let who = T::Lookup::lookup(who)?;
            // What is not reserved cannot be unreserved.
            let _missing = Self::unreserve(&who, amount);
            Ok(())
        }

        /// Sets the free balance of an account, creating or destroying money; below the existential deposit the
        /// account dies. Root only.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::force_set_balance())]
        pub fn force_set_balance(
            origin: OriginFor<T>,
            who: AccountIdLookupOf<T>,
            #[pallet::compact] new_free: Balance,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let who = T::Lookup::lookup(who)?;
            let new_free = if new_free < T::ExistentialDeposit::get() { 0 } else { new_free };
            let old_free = Self::account(&who).free;
            let issuance = TotalIssuance::<T>::get();
            let issuance = if new_free > old_free {
                issuance.checked_add(new_free.saturating_sub(old_free))
            } else {
                issuance.checked_sub(old_free.saturating_sub(new_free))
            }
            .ok_or(ArithmeticError::Overflow)?;
            Self::mutate_account(&who, |account| {
                account.free = new_free;
                Ok::<_, DispatchError>(())
            })?;
            TotalIssuance::<T>::put(issuance);
            Self::deposit_event(Event::BalanceSet { who, free: new_free });
            Ok(())
        }

        /// Changes the total issuance without changing any account. Root only.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::force_adjust_total_issuance())]
        pub fn force_adjust_total_issuance(
            origin: OriginFor<T>,
            direction: AdjustmentDirection,
            #[pallet::compact] delta: Balance,
        ) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(delta > 0, Error::<T>::DeltaZero);
            let old = TotalIssuance::<T>::get();
            let new = match direction {
                AdjustmentDirection::Increase => old.saturating_add(delta),
                AdjustmentDirection::Decrease => old.saturating_sub(delta),
            };
            ensure!(InactiveIssuance::<T>::get() <= new, Error::<T>::IssuanceDeactivated);
            TotalIssuance::<T>::put(new);
            Self::deposit_event(Event::TotalIssuanceForced { old, new });
            Ok(())
        }

        /// Destroys some of the sender's free balance.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::burn())]
        pub fn burn(
            origin: OriginFor<T>,
            #[pallet::compact] value: Balance,
            keep_alive: bool,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let kept = preservation(keep_alive);
            Self::do_burn(&who, value, kept, Precision::Exact, Fortitude::Polite)?;
            Ok(())
        }
    }

    fn preservation(keep_alive: bool) -> Preservation {
        if keep_alive { Preservation::Preserve } else { Preservation::Expendable }
    }
}
