//! The expansion does not care what the user's types are called.

pub use pallet::{Call, Config, Pallet};

use crate::mini_system as pallet_system;

/// Every name that generated code could take from the scope means something else here.
#[::framework::pallet]
pub mod pallet {
    use super::pallet_system::{self, OriginFor};
    use ::framework::pallet_prelude::{
        BuildGenesisConfig, DispatchResult, Get, Hooks, Twox64Concat,
    };
    use ::framework::storage::types::{StorageMap, StorageValue};
    use ::framework::weights::Weight as RealWeight;

    pub struct Option;
    pub struct Result;
    pub struct Vec;
    pub struct String;
    pub struct Box;
    pub struct Weight;
    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub struct Encode;
    pub struct Decode;
    pub struct TypeInfo;
    pub struct Default;
    pub struct Clone;
    pub struct From;
    pub struct Into;
    pub struct PhantomData;
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod codec {}
    pub mod scale_info {}
    pub mod serde {}
    pub mod framework {}

    #[pallet::config]
    pub trait Config: pallet_system::Config {
        #[pallet::constant]
        type Limit: Get<u32>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    #[pallet::getter(fn one)]
    pub type One<T> = StorageValue<_, u32>;

    #[pallet::storage]
    pub type Many<T: Config> = StorageMap<Hasher = Twox64Concat, Key = u32, Value = T::AccountId>;

    #[pallet::event]
    #[pallet::generate_deposit(fn deposit_event)]
    pub enum Event<T: Config> {
        Done { who: T::AccountId },
    }

    #[pallet::error]
    pub enum Error<T> {
        Some,
        None,
    }

    #[pallet::genesis_config]
    #[derive(::framework::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        pub owner: ::core::option::Option<T::AccountId>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            if let ::core::option::Option::Some(owner) = &self.owner {
                Many::<T>::insert(0, owner);
                Pallet::<T>::deposit_event(Event::Done { who: owner.clone() });
            }
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<u32> for Pallet<T> {}

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Arguments have the names that generated code could use.
        #[pallet::call_index(0)]
        #[pallet::weight(RealWeight::from_parts(u64::from(*index), 0))]
        pub fn call(
            origin: OriginFor<T>,
            index: u32,
            info: u8,
            call: u8,
            weight: u8,
        ) -> DispatchResult {
            let _ = (origin, info, call, weight);
            One::<T>::put(index);
            ::core::result::Result::Ok(())
        }
    }
}

#[test]
fn it_works_in_a_hostile_scope() {
    use ::framework::traits::Dispatchable;
    let config = runtime::RuntimeGenesisConfig {
        hygiene: runtime::HygieneConfig { owner: Some(3) },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config).execute_with(|| {
        let call = Call::call { index: 7, info: 0, call: 0, weight: 0 };
        runtime::RuntimeCall::from(call)
            .dispatch(runtime::RuntimeOrigin::signed(1))
            .expect("nothing refuses it");
        assert_eq!(Pallet::<runtime::Runtime>::one(), Some(7));
    });
}

/// A runtime whose struct has another visibility and whose pallets are given in other ways.
mod runtime {
    use crate::{hygiene, mini_system};
    use ::framework::traits::{ConstU32, Everything};

    #[::framework::runtime]
    mod composition {
        #[runtime::runtime]
        #[runtime::derive(RuntimeCall)]
        pub struct Runtime;

        #[runtime::pallet_index(200)]
        pub type Hygiene = hygiene + Call + Storage;

        #[runtime::pallet_index(3)]
        pub type System = mini_system::Pallet<Runtime>;
    }

    impl mini_system::Config for Runtime {
        type AccountId = u64;
        type RuntimeEvent = RuntimeEvent;
        type RuntimeCall = RuntimeCall;
        type RuntimeOrigin = RuntimeOrigin;
        type PalletInfo = PalletInfo;
        type BaseCallFilter = Everything;
        type BlockHashCount = ConstU32<1>;
    }

    impl hygiene::Config for Runtime {
        type Limit = ConstU32<1>;
    }
}
