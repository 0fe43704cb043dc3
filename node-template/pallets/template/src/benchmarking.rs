//! What the calls take: `node-template benchmark pallet` measures it.

use crate::{Call, Config, Pallet, Something};
use citrate_support::benchmarking::*;
use citrate_support::traits::Get;
use pallet_system::RawOrigin;

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn do_something() {
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), T::Max::get());

        assert_eq!(Something::<T>::get(), Some(T::Max::get()));
    }

    #[benchmark]
    fn increase() {
        Something::<T>::put(0);
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller));

        assert_eq!(Something::<T>::get(), Some(1));
    }

    // `cargo test` runs them once each.
    impl_benchmark_test_suite!(Pallet, crate::tests::ext(), crate::tests::Test);
}
