//! One bonded ledger whose stake backs a role: provider or validator.
//!
//! A bond is on hold in the owner's account. INVARIANT: what is on hold for [`HoldReason::Bond`] is the
//! ledger's active part plus everything that is unbonding. What unbonds can be slashed until it is
//! withdrawn, so nobody escapes by leaving.
//!
//! Validators whose stake counts are in an index of their own, whose size is limited. INVARIANT: it has exactly those
//! accounts for which [`Stake::active`] is not 0 in the role of a validator.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(any(test, feature = "runtime-benchmarks"))]
mod benchmarking;
mod check;
mod ledger;
mod slash;
#[cfg(test)]
mod tests;

pub use ledger::{Ledger, Role, Stake, Unlocking};
pub use pallet::*;

/// The pallet.
#[citrate_support::pallet]
pub mod pallet {
    use crate::ledger::{Ledger, Role, Stake};
    use citrate_core::{AccountId32, Balance, Perbill};
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::TryRuntimeError;
    use citrate_support::traits::fungible::hold::Mutate as _;
    use citrate_support::traits::tokens::Precision;
    use citrate_support::traits::{StaticLookup, fungible};
    use pallet_system::pallet_prelude::*;

    /// A bond's ledger.
    pub(crate) type LedgerOf<T> = Ledger<<T as Config>::UnlockingMax>;
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

        /// LIMIT: how many validators there may be at a time.
        #[pallet::constant]
        type ValidatorsMax: Get<u32>;

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

    /// The validators whose stake counts.
    #[pallet::storage]
    pub type Validators<T: Config> =
        CountedStorageMap<_, Blake2_128Concat, AccountId32, (), OptionQuery>;

    /// Bonds at genesis.
    #[pallet::genesis_config]
    #[derive(DebugNoBound, DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Who bonds how much as a validator.
        pub validators: Vec<(AccountId32, u64)>,
        /// Ties the configuration to a runtime.
        #[serde(skip)]
        pub runtime: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (who, amount) in &self.validators {
                Pallet::<T>::do_bond(who, Role::Validator, Balance::from(*amount))
                    .expect("a validator at genesis has what it bonds, and bonds enough, once");
            }
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
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
        /// There are as many validators as there may be.
        TooManyValidators,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::check()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Bonds `amount` for a role.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().reads_writes(6, 6))]
        pub fn bond(
            origin: OriginFor<T>,
            role: Role,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_bond(&who, role, amount)?;
            Self::deposit_event(Event::Bonded { who, role, amount });
            Ok(())
        }

        /// Adds `amount` to the bond.
        #[pallet::call_index(1)]
        #[pallet::weight(T::DbWeight::get().reads_writes(6, 6))]
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
            Self::store(&who, ledger)?;
            Self::deposit_event(Event::Bonded { who, role, amount });
            Ok(())
        }

        /// Lets `amount` of the bond go: all of it, or so little that the role's least bond stays.
        #[pallet::call_index(2)]
        #[pallet::weight(T::DbWeight::get().reads_writes(3, 3))]
        pub fn unbond(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(amount > 0, Error::<T>::ZeroAmount);
            let mut ledger = Ledgers::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
            let left = ledger.active.checked_sub(amount).ok_or(Error::<T>::MoreThanActive)?;
            ensure!(left == 0 || left >= Self::bond_min(ledger.role), Error::<T>::BondTooLow);
            let now = pallet_system::Pallet::<T>::block_number();
            let at = now.saturating_add(T::UnbondingDelay::get());
            ensure!(ledger.unbond(amount, at), Error::<T>::TooManyUnlocking);
            Self::store(&who, ledger)?;
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
        #[pallet::weight(T::DbWeight::get().reads_writes(3, 3))]
        pub fn chill(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::set_chilled(&who, true)?;
            Self::deposit_event(Event::Chilled { who });
            Ok(())
        }

        /// Takes work again.
        #[pallet::call_index(5)]
        #[pallet::weight(T::DbWeight::get().reads_writes(3, 3))]
        pub fn activate(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::set_chilled(&who, false)?;
            Self::deposit_event(Event::Activated { who });
            Ok(())
        }

        /// Takes up to `amount` from a bond. Only root.
        #[pallet::call_index(6)]
        #[pallet::weight(T::DbWeight::get().reads_writes(7, 7))]
        pub fn slash(
            origin: OriginFor<T>,
            who: AccountIdLookupOf<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let who = T::Lookup::lookup(who)?;
            ensure!(Ledgers::<T>::contains_key(&who), Error::<T>::NotBonded);
            <Self as Stake>::slash(&who, amount, None);
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

        /// The validators whose stake counts, with it, in the order of storage.
        pub fn validators() -> Vec<(AccountId32, Balance)> {
            // Few enough to be collected: `ValidatorsMax` at most.
            Validators::<T>::iter_keys()
                .map(|who| {
                    let stake = Self::active(&who, Role::Validator);
                    (who, stake)
                })
                .collect()
        }

        fn do_bond(who: &AccountId32, role: Role, amount: Balance) -> DispatchResult {
            ensure!(!Ledgers::<T>::contains_key(who), Error::<T>::AlreadyBonded);
            ensure!(amount >= Self::bond_min(role), Error::<T>::BondTooLow);
            Self::hold(who, amount)?;
            Self::store(who, Ledger::new(role, amount))
        }

        fn counts(ledger: &LedgerOf<T>, role: Role) -> bool {
            ledger.role == role && !ledger.chilled && ledger.active >= Self::bond_min(role)
        }

        /// Writes a ledger, and the index of validators.
        fn store(who: &AccountId32, ledger: LedgerOf<T>) -> DispatchResult {
            if Self::counts(&ledger, Role::Validator) && !Validators::<T>::contains_key(who) {
                let is_full = Validators::<T>::count() >= T::ValidatorsMax::get();
                ensure!(!is_full, Error::<T>::TooManyValidators);
                Validators::<T>::insert(who, ());
            }
            Self::store_shrunk(who, ledger);
            Ok(())
        }

        /// Writes a ledger that counts for no more than before.
        pub(crate) fn store_shrunk(who: &AccountId32, ledger: LedgerOf<T>) {
            if !Self::counts(&ledger, Role::Validator) && Validators::<T>::contains_key(who) {
                Validators::<T>::remove(who);
            }
            Ledgers::<T>::insert(who, ledger);
        }

        fn hold(who: &AccountId32, amount: Balance) -> DispatchResult {
            T::Currency::hold(&HoldReason::Bond.into(), who, amount)?;
            TotalBonded::<T>::mutate(|total| *total = total.saturating_add(amount));
            Ok(())
        }

        fn set_chilled(who: &AccountId32, chilled: bool) -> DispatchResult {
            let mut ledger = Ledgers::<T>::get(who).ok_or(Error::<T>::NotBonded)?;
            ensure!(ledger.chilled != chilled, Error::<T>::NoChange);
            ledger.chilled = chilled;
            Self::store(who, ledger)
        }
    }

    impl<T: Config> Stake for Pallet<T> {
        fn active(who: &AccountId32, role: Role) -> Balance {
            match Ledgers::<T>::get(who) {
                Some(ledger) if Self::counts(&ledger, role) => ledger.active,
                _ => 0,
            }
        }

        fn slash(
            who: &AccountId32,
            amount: Balance,
            reporter: Option<(&AccountId32, Perbill)>,
        ) -> Balance {
            Self::do_slash(who, amount, reporter)
        }
    }
}
