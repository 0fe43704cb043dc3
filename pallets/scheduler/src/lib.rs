//! Calls that are dispatched at a later block, once or repeatedly, as far as each block's share of weight goes.
//!
//! Each block has an agenda of bounded length. At a block's beginning its tasks are dispatched, those of the lowest priority
//! number first, while [`Config::MaximumWeight`] lasts. What did not fit stays where it is, and later blocks begin with the
//! oldest agenda that is not done ([`IncompleteSince`]). A call that would not fit into an empty block either is dropped, with
//! an event. Long calls are in the preimage store, and a task counts as a request for its call there.
//!
//! Periodic tasks are placed anew after each run. There are no retries: a call that may fail and has to be tried again
//! schedules itself.

#![cfg_attr(not(feature = "std"), no_std)]

mod agenda;
mod service;
#[cfg(test)]
mod tests;

pub use agenda::{Period, Scheduled, TaskAddress, TaskName};
pub use pallet::*;

/// The pallet: agendas, and calls that change them.
#[citrate_support::pallet]
pub mod pallet {
    use crate::agenda::{Period, Scheduled, TaskAddress, TaskName, When};
    use citrate_support::dispatch::{GetDispatchInfo, PostDispatchInfo};
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::preimages::StorePreimage;
    use citrate_support::traits::{CallerTrait, Dispatchable, OriginTrait};
    use pallet_system::pallet_prelude::*;

    /// What hashing and storing a byte of a call weighs.
    const BYTE_WEIGHT: Weight = Weight::from_parts(3_000, 0);

    /// A task of this runtime.
    pub type ScheduledOf<T> = Scheduled<<T as Config>::RuntimeCall, <T as Config>::PalletsOrigin>;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config:
        pallet_system::Config<RuntimeOrigin: OriginTrait<PalletsOrigin = Self::PalletsOrigin>>
    {
        /// The runtime's composed origins, with which calls are dispatched.
        type PalletsOrigin: Parameter
            + MaxEncodedLen
            + Into<<Self as pallet_system::Config>::RuntimeOrigin>
            + CallerTrait<Self::AccountId>;

        /// What can be scheduled.
        type RuntimeCall: Parameter
            + Dispatchable<
                RuntimeOrigin = <Self as pallet_system::Config>::RuntimeOrigin,
                PostInfo = PostDispatchInfo,
            > + GetDispatchInfo;

        /// What scheduled calls may weigh in one block.
        #[pallet::constant]
        type MaximumWeight: Get<Weight>;

        /// Who may schedule, and cancel what it scheduled. Root may cancel everything.
        type ScheduleOrigin: EnsureOrigin<<Self as pallet_system::Config>::RuntimeOrigin, Success = ()>;

        /// LIMIT: tasks of one block.
        #[pallet::constant]
        type MaxScheduledPerBlock: Get<u32>;

        /// Where long calls are.
        type Preimages: StorePreimage;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The oldest block whose agenda is not done.
    #[pallet::storage]
    pub type IncompleteSince<T: Config> = StorageValue<_, BlockNumber, OptionQuery>;

    /// The tasks of a block; a task that is gone leaves its place to others.
    #[pallet::storage]
    pub type Agenda<T: Config> = StorageMap<
        _,
        Twox64Concat,
        BlockNumber,
        BoundedVec<Option<ScheduledOf<T>>, T::MaxScheduledPerBlock>,
        ValueQuery,
    >;

    /// Where named tasks are.
    #[pallet::storage]
    pub type Lookup<T: Config> = StorageMap<_, Twox64Concat, TaskName, TaskAddress, OptionQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A task was placed.
        Scheduled {
            /// In which block's agenda.
            when: BlockNumber,
            /// At which place there.
            index: u32,
        },
        /// A task was cancelled.
        Canceled {
            /// In which block's agenda it was.
            when: BlockNumber,
            /// At which place there.
            index: u32,
        },
        /// A task's call was dispatched.
        Dispatched {
            /// Where the task was.
            task: TaskAddress,
            /// Its name.
            id: Option<TaskName>,
            /// What the call returned.
            result: DispatchResult,
        },
        /// A task's call is not in the preimage store; the task is gone.
        #[codec(index = 5)]
        CallUnavailable {
            /// Where the task was.
            task: TaskAddress,
            /// Its name.
            id: Option<TaskName>,
        },
        /// The agenda of a periodic task's next block is full; the task is gone.
        #[codec(index = 6)]
        PeriodicFailed {
            /// Where the task was.
            task: TaskAddress,
            /// Its name.
            id: Option<TaskName>,
        },
        /// A task's call weighs more than all of a block's share; the task is gone.
        #[codec(index = 8)]
        PermanentlyOverweight {
            /// Where the task was.
            task: TaskAddress,
            /// Its name.
            id: Option<TaskName>,
        },
        /// Not all of an agenda could be dispatched in this block.
        #[codec(index = 9)]
        AgendaIncomplete {
            /// Whose agenda it is.
            when: BlockNumber,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The agenda is full, or the name is taken.
        FailedToSchedule,
        /// There is no such task.
        NotFound,
        /// The block is not in the future.
        TargetBlockNumberInPast,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumber) -> Weight {
            Self::service(now)
        }

        fn integrity_test() {
            assert!(T::MaxScheduledPerBlock::get() > 0, "an agenda has places");
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Schedules a call for a block, and to be repeated: `(every so many blocks, so often altogether)`.
        #[pallet::call_index(0)]
        #[pallet::weight(Self::schedule_weight(call.encoded_size()))]
        pub fn schedule(
            origin: OriginFor<T>,
            when: BlockNumber,
            maybe_periodic: Option<Period>,
            priority: u8,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResult {
            Self::do_schedule(origin, None, When::At(when), maybe_periodic, priority, &call)
        }

        /// Cancels a task by its place.
        #[pallet::call_index(1)]
        #[pallet::weight(Self::cancel_weight())]
        pub fn cancel(origin: OriginFor<T>, when: BlockNumber, index: u32) -> DispatchResult {
            T::ScheduleOrigin::ensure_origin(origin.clone())?;
            Self::do_cancel(&origin, (when, index))
        }

        /// Schedules a call under a name.
        #[pallet::call_index(2)]
        #[pallet::weight(Self::schedule_weight(call.encoded_size()))]
        pub fn schedule_named(
            origin: OriginFor<T>,
            id: TaskName,
            when: BlockNumber,
            maybe_periodic: Option<Period>,
            priority: u8,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResult {
            Self::do_schedule(origin, Some(id), When::At(when), maybe_periodic, priority, &call)
        }

        /// Cancels the task of this name.
        #[pallet::call_index(3)]
        #[pallet::weight(Self::cancel_weight())]
        pub fn cancel_named(origin: OriginFor<T>, id: TaskName) -> DispatchResult {
            T::ScheduleOrigin::ensure_origin(origin.clone())?;
            let address = Lookup::<T>::get(id).ok_or(Error::<T>::NotFound)?;
            Self::do_cancel(&origin, address)
        }

        /// Schedules a call for when so many blocks lie between.
        #[pallet::call_index(4)]
        #[pallet::weight(Self::schedule_weight(call.encoded_size()))]
        pub fn schedule_after(
            origin: OriginFor<T>,
            after: BlockNumber,
            maybe_periodic: Option<Period>,
            priority: u8,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResult {
            Self::do_schedule(origin, None, When::After(after), maybe_periodic, priority, &call)
        }

        /// Schedules a call under a name for when so many blocks lie between.
        #[pallet::call_index(5)]
        #[pallet::weight(Self::schedule_weight(call.encoded_size()))]
        pub fn schedule_named_after(
            origin: OriginFor<T>,
            id: TaskName,
            after: BlockNumber,
            maybe_periodic: Option<Period>,
            priority: u8,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResult {
            Self::do_schedule(origin, Some(id), When::After(after), maybe_periodic, priority, &call)
        }
    }

    impl<T: Config> Pallet<T> {
        fn schedule_weight(len: usize) -> Weight {
            let len = u64::try_from(len).unwrap_or(u64::MAX);
            T::DbWeight::get().reads_writes(4, 4).saturating_add(BYTE_WEIGHT.saturating_mul(len))
        }

        fn cancel_weight() -> Weight {
            T::DbWeight::get().reads_writes(4, 4)
        }
    }
}
