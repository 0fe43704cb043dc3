//! One bonded ledger whose stake backs a role: provider or validator.
//!
//! A bond is on hold in the owner's account. INVARIANT: what is on hold for [`HoldReason::Bond`] is the
//! ledger's active part plus everything that is unbonding. What unbonds can be slashed until it is
//! withdrawn, so nobody escapes by leaving.

#![cfg_attr(not(feature = "std"), no_std)]

mod ledger;
#[cfg(test)]
mod tests;

pub use ledger::{Ledger, Role, Stake, Unlocking};
pub use pallet::*;

/// The pallet.
#[citrate_support::pallet]
pub mod pallet {
    use crate::ledger::{Ledger, Role, Stake};
    use citrate_core::{AccountId32, Balance};
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::fungible::hold::{Inspect as _, Mutate as _};
    use citrate_support::traits::tokens::{Fortitude, Precision, Restriction};
    use citrate_support::traits::{StaticLookup, fungible};
    use pallet_system::pallet_prelude::*;

    type AccountIdLookupOf<T> = <<T as pallet_system::Config>::Lookup as StaticLookup>::Source;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config<AccountId = AccountId32> {
        /// The money.
        type Currency: fungible::hold::Mutate<AccountId32, Reason = Self::RuntimeHoldReason, Balance = Balance>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// The least that a provider has at stake.
        #[pallet::constant]
        type ProviderBondMin: Get<Balance>;

        /// The least that a validator has at stake.
        #[pallet::constant]
        type ValidatorBondMin: Get<Balance>;

        /// Blocks from unbonding to withdrawal.
        #[pallet::constant]
        type UnbondingDelay: Get<u32>;

        /// LIMIT: how many parts of a bond may be unbonding at a time.
        #[pallet::constant]
        type UnlockingMax: Get<u32>;

        /// Who gets what is slashed.
        type SlashBeneficiary: Get<AccountId32>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The bond.
        Bond,
    }

    /// Bonds by owner.
    #[pallet::storage]
    pub type Ledgers<T: Config> =
        StorageMap<_, Blake2_128Concat, AccountId32, Ledger<T::UnlockingMax>>;

    /// All that is bonded, active or unbonding.
    #[pallet::storage]
    pub type TotalBonded<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Money was bonded.
        Bonded {
            /// Whose.
            who: AccountId32,
            /// For what.
            role: Role,
            /// How much was added.
            amount: Balance,
        },
        /// A part of a bond stopped counting and can be withdrawn later.
        Unbonding {
            /// Whose.
            who: AccountId32,
            /// How much.
            amount: Balance,
            /// From which block on.
            at: u32,
        },
        /// Unbonded money was released.
        Withdrawn {
            /// Whose.
            who: AccountId32,
            /// How much.
            amount: Balance,
        },
        /// The owner takes no more work; the bond stays.
        Chilled {
            /// Who.
            who: AccountId32,
        },
        /// The owner takes work again.
        Activated {
            /// Who.
            who: AccountId32,
        },
        /// A part of a bond was taken away.
        Slashed {
            /// Whose.
            who: AccountId32,
            /// How much.
            amount: Balance,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The account has a bond already; add to it with `bond_extra`.
        AlreadyBonded,
        /// The account has no bond.
        NotBonded,
        /// Less than the role's least bond.
        BondTooLow,
        /// More than is active.
        MoreThanActive,
        /// Too many parts are unbonding; withdraw first.
        TooManyUnlocking,
        /// Nothing can be withdrawn yet.
        NothingToWithdraw,
        /// Nothing at all was asked for.
        ZeroAmount,
        /// It is so already.
        NoChange,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Bonds `amount` for a role.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().reads_writes(4, 4))]
        pub fn bond(
            origin: OriginFor<T>,
            role: Role,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(!Ledgers::<T>::contains_key(&who), Error::<T>::AlreadyBonded);
            ensure!(amount >= Self::bond_min(role), Error::<T>::BondTooLow);
            Self::hold(&who, amount)?;
            Ledgers::<T>::insert(&who, Ledger::new(role, amount));
            Self::deposit_event(Event::Bonded { who, role, amount });
            Ok(())
        }

        /// Adds `amount` to the bond.
        #[pallet::call_index(1)]
        #[pallet::weight(T::DbWeight::get().reads_writes(4, 4))]
        pub fn bond_extra(
            origin: OriginFor<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(amount > 0, Error::<T>::ZeroAmount);
            let mut ledger = Ledgers::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
            let active =
                ledger.active.checked_add(amount).ok_or(citrate_core::ArithmeticError::Overflow)?;
            ensure!(active >= Self::bond_min(ledger.role), Error::<T>::BondTooLow);
            Self::hold(&who, amount)?;
            ledger.active = active;
            let role = ledger.role;
            Ledgers::<T>::insert(&who, ledger);
            Self::deposit_event(Event::Bonded { who, role, amount });
            Ok(())
        }

        /// Lets `amount` of the bond go: all of it, or so little that the role's least bond stays.
        #[pallet::call_index(2)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn unbond(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(amount > 0, Error::<T>::ZeroAmount);
            let mut ledger = Ledgers::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
            let left = ledger.active.checked_sub(amount).ok_or(Error::<T>::MoreThanActive)?;
            ensure!(left == 0 || left >= Self::bond_min(ledger.role), Error::<T>::BondTooLow);
            let now = pallet_system::Pallet::<T>::block_number();
            let at = now.saturating_add(T::UnbondingDelay::get());
            ensure!(ledger.unbond(amount, at), Error::<T>::TooManyUnlocking);
            Ledgers::<T>::insert(&who, ledger);
            Self::deposit_event(Event::Unbonding { who, amount, at });
            Ok(())
        }

        /// Releases what has been unbonding for long enough.
        #[pallet::call_index(3)]
        #[pallet::weight(T::DbWeight::get().reads_writes(4, 4))]
        pub fn withdraw_unbonded(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let mut ledger = Ledgers::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
            let amount = ledger.withdraw(pallet_system::Pallet::<T>::block_number());
            // A bond that was slashed to nothing leaves a ledger without money, which goes here.
            ensure!(amount > 0 || ledger.total() == 0, Error::<T>::NothingToWithdraw);
            T::Currency::release(&HoldReason::Bond.into(), &who, amount, Precision::Exact)?;
            TotalBonded::<T>::mutate(|total| *total = total.saturating_sub(amount));
            if ledger.total() == 0 {
                Ledgers::<T>::remove(&who);
            } else {
                Ledgers::<T>::insert(&who, ledger);
            }
            Self::deposit_event(Event::Withdrawn { who, amount });
            Ok(())
        }

        /// Takes no more work, and keeps the bond.
        #[pallet::call_index(4)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn chill(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::set_chilled(&who, true)?;
            Self::deposit_event(Event::Chilled { who });
            Ok(())
        }

        /// Takes work again.
        #[pallet::call_index(5)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn activate(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::set_chilled(&who, false)?;
            Self::deposit_event(Event::Activated { who });
            Ok(())
        }

        /// Takes up to `amount` from a bond. Only root.
        #[pallet::call_index(6)]
        #[pallet::weight(T::DbWeight::get().reads_writes(5, 5))]
        pub fn slash(
            origin: OriginFor<T>,
            who: AccountIdLookupOf<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let who = T::Lookup::lookup(who)?;
            ensure!(Ledgers::<T>::contains_key(&who), Error::<T>::NotBonded);
            <Self as Stake>::slash(&who, amount);
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        /// The least bond of a role.
        pub fn bond_min(role: Role) -> Balance {
            match role {
                Role::Provider => T::ProviderBondMin::get(),
                Role::Validator => T::ValidatorBondMin::get(),
            }
        }

        fn hold(who: &AccountId32, amount: Balance) -> DispatchResult {
            T::Currency::hold(&HoldReason::Bond.into(), who, amount)?;
            TotalBonded::<T>::mutate(|total| *total = total.saturating_add(amount));
            Ok(())
        }

        fn set_chilled(who: &AccountId32, chilled: bool) -> DispatchResult {
            Ledgers::<T>::try_mutate(who, |ledger| {
                let ledger = ledger.as_mut().ok_or(Error::<T>::NotBonded)?;
                ensure!(ledger.chilled != chilled, Error::<T>::NoChange);
                ledger.chilled = chilled;
                Ok(())
            })
        }

        /// Moves what is slashed to the beneficiary, or destroys it where that account cannot take it.
        fn take(who: &AccountId32, amount: Balance) -> Balance {
            let reason = HoldReason::Bond.into();
            let before = T::Currency::balance_on_hold(&reason, who);
            let moved = T::Currency::transfer_on_hold(
                &reason,
                who,
                &T::SlashBeneficiary::get(),
                amount,
                Precision::BestEffort,
                Restriction::Free,
                Fortitude::Force,
            );
            if moved.is_err() {
                // What cannot be burnt either stays on hold, as the difference below shows.
                let _ = T::Currency::burn_held(
                    &reason,
                    who,
                    amount,
                    Precision::BestEffort,
                    Fortitude::Force,
                );
            }
            before.saturating_sub(T::Currency::balance_on_hold(&reason, who))
        }
    }

    impl<T: Config> Stake for Pallet<T> {
        fn active(who: &AccountId32, role: Role) -> Balance {
            match Ledgers::<T>::get(who) {
                Some(ledger)
                    if ledger.role == role
                        && !ledger.chilled
                        && ledger.active >= Self::bond_min(role) =>
                {
                    ledger.active
                }
                _ => 0,
            }
        }

        fn slash(who: &AccountId32, amount: Balance) -> Balance {
            let Some(mut ledger) = Ledgers::<T>::get(who) else { return 0 };
            let taken = Self::take(who, amount.min(ledger.total()));
            if taken == 0 {
                return 0;
            }
            ledger.slash(taken);
            Ledgers::<T>::insert(who, ledger);
            TotalBonded::<T>::mutate(|total| *total = total.saturating_sub(taken));
            Self::deposit_event(Event::Slashed { who: who.clone(), amount: taken });
            taken
        }
    }
}
