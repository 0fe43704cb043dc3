//! The least system pallet that the macros can work with.

pub use pallet::*;

/// Signs calls and reads events.
#[framework::pallet]
pub mod pallet {
    use framework::pallet_prelude::*;
    use framework::traits::{CallerTrait, Contains, OriginTrait, PalletInfo};

    #[pallet::config]
    pub trait Config: 'static + Eq + Clone {
        type AccountId: Parameter + Member + MaxEncodedLen + MaybeSerializeDeserialize;
        type RuntimeEvent: Parameter + Member + From<Event<Self>>;
        type RuntimeCall: Parameter;
        type RuntimeOrigin: OriginTrait<AccountId = Self::AccountId, PalletsOrigin: CallerTrait<Self::AccountId>>
            + Into<Result<framework::dispatch::RawOrigin<Self::AccountId>, Self::RuntimeOrigin>>;
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
pub fn ensure_signed<O, A>(origin: O) -> Result<A, framework::dispatch::DispatchError>
where
    O: Into<Result<framework::dispatch::RawOrigin<A>, O>>,
{
    match origin.into() {
        Ok(framework::dispatch::RawOrigin::Signed(who)) => Ok(who),
        Ok(_) | Err(_) => Err(framework::dispatch::DispatchError::BadOrigin),
    }
}
