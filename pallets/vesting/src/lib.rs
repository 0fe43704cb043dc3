//! Money that is given now and may be moved little by little.
//!
//! A schedule locks an amount in an account, of which a part is released with each block from some block on. The account's
//! lock (`vesting `, as wallets know it) is the sum of what its schedules still lock; it is lowered when somebody asks for it,
//! by `vest` or `vest_other`. Money that is locked can be staked, and pay for nothing else.
//!
//! INVARIANT: the lock is never below what the schedules lock now, except after [`Pallet::force_remove_vesting_schedule`].

#![cfg_attr(not(feature = "std"), no_std)]

mod check;
mod schedule;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use schedule::VestingInfo;

/// The pallet: schedules, and calls.
#[citrate_support::pallet]
pub mod pallet {
    use crate::schedule::VestingInfo;
    use citrate_core::Balance;
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::StaticLookup;
    use citrate_support::traits::TryRuntimeError;
    use citrate_support::traits::tokens::Preservation;
    use pallet_balances::{Identifier, Pallet as Balances, Reasons};
    use pallet_system::pallet_prelude::*;

    /// The name of the lock.
    pub(crate) const VESTING_ID: Identifier = *b"vesting ";
    /// What reading and computing a schedule weighs.
    const SCHEDULE_WEIGHT: Weight = Weight::from_parts(300_000, 0);

    /// How an account is named in this runtime's calls.
    type AccountIdLookupOf<T> = <<T as pallet_system::Config>::Lookup as StaticLookup>::Source;
    /// The schedules of an account.
    type Schedules<T> = BoundedVec<VestingInfo, <T as Config>::MaxVestingSchedules>;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config + pallet_balances::Config {
        /// The least that a new schedule locks, so that nobody fills another's places for nothing.
        #[pallet::constant]
        type MinVestedTransfer: Get<Balance>;

        /// LIMIT: schedules of an account.
        #[pallet::constant]
        type MaxVestingSchedules: Get<u32>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The schedules of an account that lock something, in the order in which they came.
    #[pallet::storage]
    pub type Vesting<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        BoundedVec<VestingInfo, T::MaxVestingSchedules>,
        OptionQuery,
    >;

    /// Schedules at genesis.
    #[pallet::genesis_config]
    #[derive(DebugNoBound, DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Whose balance at genesis is released from which block on in how many blocks, and how much of it is free at
        /// once.
        pub vesting: Vec<(T::AccountId, BlockNumber, BlockNumber, Balance)>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (who, begin, length, liquid) in &self.vesting {
                let locked = Balances::<T>::free_balance(who).saturating_sub(*liquid);
                let per_block = locked.checked_div(Balance::from(*length)).unwrap_or(locked);
                let schedule = VestingInfo::new(locked, per_block.max(1), *begin);
                assert!(schedule.is_valid(), "a schedule at genesis locks something");
                Pallet::<T>::add(who, schedule).expect("an account at genesis has a place for it");
            }
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account has a schedule more.
        VestingCreated {
            /// The account.
            account: T::AccountId,
            /// The schedule's place.
            schedule_index: u32,
        },
        /// What is locked was brought up to date.
        VestingUpdated {
            /// In whose account.
            account: T::AccountId,
            /// How much is still locked.
            unvested: Balance,
        },
        /// Nothing is locked any more.
        VestingCompleted {
            /// In whose account.
            account: T::AccountId,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The account has no schedule.
        NotVesting,
        /// The account has as many schedules as it may have.
        AtMaxVestingSchedules,
        /// Less than a schedule has to lock.
        AmountLow,
        /// There is no schedule at this place.
        ScheduleIndexOutOfBounds,
        /// The schedule locks nothing, or releases nothing.
        InvalidScheduleParams,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::check()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Releases what the sender's schedules have released by now.
        #[pallet::call_index(0)]
        #[pallet::weight(Self::update_weight())]
        pub fn vest(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_vest(&who)
        }

        /// Releases what another account's schedules have released by now.
        #[pallet::call_index(1)]
        #[pallet::weight(Self::update_weight())]
        pub fn vest_other(origin: OriginFor<T>, target: AccountIdLookupOf<T>) -> DispatchResult {
            ensure_signed(origin)?;
            let who = T::Lookup::lookup(target)?;
            Self::do_vest(&who)
        }

        /// Gives another account money that it may move as the schedule says.
        #[pallet::call_index(2)]
        #[pallet::weight(Self::transfer_weight())]
        pub fn vested_transfer(
            origin: OriginFor<T>,
            target: AccountIdLookupOf<T>,
            schedule: VestingInfo,
        ) -> DispatchResult {
            let source = ensure_signed(origin)?;
            Self::do_vested_transfer(&source, target, schedule)
        }

        /// Gives an account money of another one. Root only.
        #[pallet::call_index(3)]
        #[pallet::weight(Self::transfer_weight())]
        pub fn force_vested_transfer(
            origin: OriginFor<T>,
            source: AccountIdLookupOf<T>,
            target: AccountIdLookupOf<T>,
            schedule: VestingInfo,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let source = T::Lookup::lookup(source)?;
            Self::do_vested_transfer(&source, target, schedule)
        }

        /// Makes one of two schedules, which ends no earlier than the later one of them.
        #[pallet::call_index(4)]
        #[pallet::weight(Self::update_weight())]
        pub fn merge_schedules(
            origin: OriginFor<T>,
            schedule1_index: u32,
            schedule2_index: u32,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            if schedule1_index == schedule2_index {
                return Ok(());
            }
            let mut schedules = Vesting::<T>::get(&who).ok_or(Error::<T>::NotVesting)?;
            // The later one first, so that the other's place stays what it is.
            let last = Self::take(&mut schedules, schedule1_index.max(schedule2_index))?;
            let first = Self::take(&mut schedules, schedule1_index.min(schedule2_index))?;
            let now = pallet_system::Pallet::<T>::block_number();
            if let Some(merged) = first.merge(&last, now) {
                schedules.try_push(merged).map_err(|_full| Error::<T>::AtMaxVestingSchedules)?;
            }
            Self::store(&who, schedules)
        }

        /// Removes a schedule with all that it locks. Root only.
        #[pallet::call_index(5)]
        #[pallet::weight(Self::update_weight())]
        pub fn force_remove_vesting_schedule(
            origin: OriginFor<T>,
            target: AccountIdLookupOf<T>,
            schedule_index: u32,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let who = T::Lookup::lookup(target)?;
            let mut schedules = Vesting::<T>::get(&who).ok_or(Error::<T>::NotVesting)?;
            Self::take(&mut schedules, schedule_index)?;
            Self::store(&who, schedules)
        }
    }

    impl<T: Config> Pallet<T> {
        /// What the schedules of an account lock now; its lock may be higher until somebody brings it up to date.
        pub fn locked(who: &T::AccountId) -> Balance {
            let now = pallet_system::Pallet::<T>::block_number();
            let schedules = Vesting::<T>::get(who).unwrap_or_default();
            schedules.iter().fold(0, |sum, s| sum.saturating_add(s.locked_at(now)))
        }

        fn do_vest(who: &T::AccountId) -> DispatchResult {
            let schedules = Vesting::<T>::get(who).ok_or(Error::<T>::NotVesting)?;
            Self::store(who, schedules)
        }

        fn do_vested_transfer(
            source: &T::AccountId,
            target: AccountIdLookupOf<T>,
            schedule: VestingInfo,
        ) -> DispatchResult {
            let target = T::Lookup::lookup(target)?;
            ensure!(schedule.locked >= T::MinVestedTransfer::get(), Error::<T>::AmountLow);
            ensure!(schedule.is_valid(), Error::<T>::InvalidScheduleParams);
            Balances::<T>::do_transfer(source, &target, schedule.locked, Preservation::Expendable)?;
            let schedule_index = Self::add(&target, schedule)?;
            Self::deposit_event(Event::VestingCreated { account: target, schedule_index });
            Ok(())
        }

        /// Adds a schedule to an account that has the money; says its place.
        fn add(who: &T::AccountId, schedule: VestingInfo) -> Result<u32, DispatchError> {
            let mut schedules = Vesting::<T>::get(who).unwrap_or_default();
            let now = pallet_system::Pallet::<T>::block_number();
            schedules.retain(|schedule| schedule.locked_at(now) > 0);
            schedules.try_push(schedule).map_err(|_full| Error::<T>::AtMaxVestingSchedules)?;
            Self::store(who, schedules)?;
            let count = Vesting::<T>::decode_len(who).unwrap_or_default();
            Ok(u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX))
        }

        fn take(schedules: &mut Schedules<T>, index: u32) -> Result<VestingInfo, DispatchError> {
            let place = usize::try_from(index).unwrap_or(usize::MAX);
            ensure!(place < schedules.len(), Error::<T>::ScheduleIndexOutOfBounds);
            Ok(schedules.remove(place))
        }

        /// Stores the schedules that still lock something, and locks what they do.
        fn store(who: &T::AccountId, mut schedules: Schedules<T>) -> DispatchResult {
            let now = pallet_system::Pallet::<T>::block_number();
            schedules.retain(|schedule| schedule.locked_at(now) > 0);
            let unvested =
                schedules.iter().fold(0, |sum: Balance, s| sum.saturating_add(s.locked_at(now)));
            if unvested == 0 {
                Vesting::<T>::remove(who);
                Balances::<T>::remove_lock(VESTING_ID, who)?;
                Self::deposit_event(Event::VestingCompleted { account: who.clone() });
                return Ok(());
            }
            Vesting::<T>::insert(who, schedules);
            Balances::<T>::set_lock(VESTING_ID, who, unvested, Reasons::Misc)?;
            Self::deposit_event(Event::VestingUpdated { account: who.clone(), unvested });
            Ok(())
        }

        fn update_weight() -> Weight {
            // Account, locks, freezes and schedules, and some arithmetic for each schedule.
            T::DbWeight::get().reads_writes(4, 3).saturating_add(
                SCHEDULE_WEIGHT.saturating_mul(T::MaxVestingSchedules::get().into()),
            )
        }

        fn transfer_weight() -> Weight {
            Self::update_weight().saturating_add(T::DbWeight::get().reads_writes(2, 2))
        }
    }
}
