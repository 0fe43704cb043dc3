//! The least system pallet that the macros can work with.

pub use pallet::*;

/// Signs calls and reads events.
#[citrate_support::pallet]
pub mod pallet {
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::{CallerTrait, Contains, OriginTrait, PalletInfo};

    #[pallet::config]
    pub trait Config: 'static + Eq + Clone {
        type AccountId: Parameter + Member + MaxEncodedLen + MaybeSerializeDeserialize;
        type RuntimeEvent: Parameter + Member + From<Event<Self>>;
        type RuntimeCall: Parameter;
        type RuntimeOrigin: OriginTrait<AccountId = Self::AccountId, PalletsOrigin: CallerTrait<Self::AccountId>>
            + Into<Result<citrate_support::dispatch::RawOrigin<Self::AccountId>, Self::RuntimeOrigin>>;
        type PalletInfo: PalletInfo;
        type BaseCallFilter: Contains<Self::RuntimeCall>;
        /// How long hashes are kept.
        #[pallet::constant]
        type BlockHashCount: Get<u32>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// All events of the block.
    #[pallet::storage]
    #[pallet::unbounded]
    pub type Events<T: Config> = StorageValue<_, Vec<T::RuntimeEvent>, ValueQuery>;

    #[pallet::event]
    pub enum Event<T: Config> {
        /// An account appeared.
        NewAccount { account: T::AccountId },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The origin's filter refuses the call.
        CallFiltered,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Does nothing.
        #[pallet::call_index(0)]
        #[pallet::weight((Weight::from_parts(7, 0), DispatchClass::Operational))]
        pub fn remark(_origin: OriginFor<T>, remark: Vec<u8>) -> DispatchResult {
            let _ = remark;
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        pub fn deposit_event(event: T::RuntimeEvent) {
            Events::<T>::append(event);
        }
    }

    pub type OriginFor<T> = <T as Config>::RuntimeOrigin;
}

/// The account that signed.
pub fn ensure_signed<O, A>(origin: O) -> Result<A, citrate_support::dispatch::DispatchError>
where
    O: Into<Result<citrate_support::dispatch::RawOrigin<A>, O>>,
{
    match origin.into() {
        Ok(citrate_support::dispatch::RawOrigin::Signed(who)) => Ok(who),
        Ok(_) | Err(_) => Err(citrate_support::dispatch::DispatchError::BadOrigin),
    }
}
