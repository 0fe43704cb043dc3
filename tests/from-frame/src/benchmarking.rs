//! Benchmarks in FRAME's own style, of the pallet in `template`.

use crate::template::*;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_level() {
        let value = 100u32;
        let caller: T::AccountId = whitelisted_caller();
        #[extrinsic_call]
        set_level(RawOrigin::Signed(caller), value);

        assert_eq!(Level::<T>::get(), Some(value));
    }

    #[benchmark]
    fn raise_level() {
        Level::<T>::put(99u32);
        let caller: T::AccountId = whitelisted_caller();
        #[extrinsic_call]
        raise_level(RawOrigin::Signed(caller));

        assert_eq!(Level::<T>::get(), Some(100u32));
    }

    impl_benchmark_test_suite!(
        Pallet,
        citrate_testing::new_test_ext(&crate::runtime::RuntimeGenesisConfig::default()),
        crate::runtime::Runtime
    );
}
