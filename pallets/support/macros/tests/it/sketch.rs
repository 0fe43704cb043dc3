//! A pallet in `dev_mode`: what it leaves out has defaults.

use crate::mini_system;
use codec::Encode;
use framework::{
    Blake2_128Concat, StorageHasher, construct_runtime,
    dispatch::GetDispatchInfo,
    traits::{ConstU32, Everything},
    weights::Weight,
};

#[framework::pallet(dev_mode)]
pub mod pallet {
    use crate::mini_system::{self as pallet_system, OriginFor};
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub type Texts<T> = StorageMap<_, _, u32, Vec<u8>>;

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        pub fn first(_origin: OriginFor<T>, key: u32, text: Vec<u8>) -> DispatchResult {
            Texts::<T>::insert(key, text);
            Ok(())
        }

        #[pallet::call_index(5)]
        #[pallet::weight(7)]
        pub fn second(_origin: OriginFor<T>) -> DispatchResult {
            Ok(())
        }

        pub fn third(_origin: OriginFor<T>) -> DispatchResult {
            Ok(())
        }
    }
}

construct_runtime!(
    pub enum Sketchbook {
        System: mini_system,
        Sketch: pallet = 3,
    }
);

impl mini_system::Config for Sketchbook {
    type AccountId = u64;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletInfo = PalletInfo;
    type BaseCallFilter = Everything;
    type BlockHashCount = ConstU32<4096>;
}

impl pallet::Config for Sketchbook {}

#[test]
fn indices_weights_hashers_and_bounds_may_be_left_out() {
    let first = RuntimeCall::Sketch(pallet::Call::first { key: 1, text: vec![9] });
    let second = RuntimeCall::Sketch(pallet::Call::second {});
    let third = RuntimeCall::Sketch(pallet::Call::third {});
    assert_eq!(first.encode(), [3, 0, 1, 0, 0, 0, 4, 9]);
    assert_eq!((second.encode(), third.encode()), (vec![3, 5], vec![3, 6]));
    assert_eq!(first.get_dispatch_info().call_weight, Weight::zero());
    assert_eq!(second.get_dispatch_info().call_weight, Weight::from_parts(7, 0));
    citrate_testing::TestExternalities::new().execute_with(|| {
        let key = pallet::Texts::<Sketchbook>::hashed_key_for(1);
        assert!(key.ends_with(&Blake2_128Concat::hash(&1_u32.to_le_bytes())));
    });
}
