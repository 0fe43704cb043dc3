// The least system pallet, shared by the cases.
pub use pallet::*;

#[framework::pallet]
pub mod pallet {
    use framework::{
        pallet_prelude::*,
        traits::{Contains, OriginTrait, PalletInfo},
    };

    #[pallet::config]
    pub trait Config: 'static + Eq + Clone {
        type AccountId: Parameter + Member + MaxEncodedLen + MaybeSerializeDeserialize;
        type RuntimeEvent: Parameter + Member;
        type RuntimeCall: Parameter;
        type RuntimeOrigin: OriginTrait<AccountId = Self::AccountId>;
        type PalletInfo: PalletInfo;
        type BaseCallFilter: Contains<Self::RuntimeCall>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::error]
    pub enum Error<T> {
        CallFiltered,
    }

    impl<T: Config> Pallet<T> {
        pub fn deposit_event(_event: T::RuntimeEvent) {}
    }

    pub type OriginFor<T> = <T as Config>::RuntimeOrigin;
}
