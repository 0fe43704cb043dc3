//! What the calls take that do not install a runtime.

use crate::{AuthorizedUpgrade, Call, Config, Pallet, RawOrigin};
use alloc::{vec, vec::Vec};
use citrate_core::H256;
use citrate_support::benchmarking::*;
use citrate_support::storage::unhashed;
use codec::Encode;

/// LIMIT: bytes of a remark that is measured.
const BYTES_MAX: u32 = 1024 * 1024;
/// LIMIT: keys of one call that is measured.
const KEYS_MAX: u32 = 1_000;

/// So many keys under one prefix.
fn keys(count: u32) -> Vec<Vec<u8>> {
    (0..count).map(|number| (b"benchmark", number).encode()).collect()
}

/// Stores something under each key.
fn fill(keys: &[Vec<u8>]) {
    keys.iter().for_each(|key| unhashed::put_raw(key, &[1; 32]));
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn remark(b: Linear<0, BYTES_MAX>) {
        let remark = vec![1; usize::try_from(b).unwrap_or_default()];

        #[extrinsic_call]
        _(RawOrigin::Signed(whitelisted_caller::<T::AccountId>()), remark);
    }

    #[benchmark]
    fn remark_with_event(b: Linear<0, BYTES_MAX>) {
        let remark = vec![1; usize::try_from(b).unwrap_or_default()];
        let events = Pallet::<T>::event_count();

        #[extrinsic_call]
        _(RawOrigin::Signed(whitelisted_caller::<T::AccountId>()), remark);

        assert_eq!(Pallet::<T>::event_count(), events + 1);
    }

    #[benchmark]
    fn set_heap_pages() {
        #[extrinsic_call]
        _(RawOrigin::Root, 2_048);

        assert!(unhashed::exists(citrate_core::well_known_keys::HEAP_PAGES));
    }

    #[benchmark]
    fn set_storage(i: Linear<0, KEYS_MAX>) {
        let keys = keys(i);
        let items = keys.iter().map(|key| (key.clone(), vec![1; 32])).collect();

        #[extrinsic_call]
        _(RawOrigin::Root, items);

        assert!(keys.iter().all(|key| unhashed::exists(key)));
    }

    #[benchmark]
    fn kill_storage(i: Linear<0, KEYS_MAX>) {
        let keys = keys(i);
        fill(&keys);

        #[extrinsic_call]
        _(RawOrigin::Root, keys.clone());

        assert!(!keys.iter().any(|key| unhashed::exists(key)));
    }

    #[benchmark]
    fn kill_prefix(p: Linear<0, KEYS_MAX>) {
        let keys = keys(p);
        fill(&keys);

        #[extrinsic_call]
        _(RawOrigin::Root, b"benchmark".encode(), p);

        assert!(!keys.iter().any(|key| unhashed::exists(key)));
    }

    #[benchmark]
    fn authorize_upgrade() {
        #[extrinsic_call]
        _(RawOrigin::Root, H256::zero());

        assert!(AuthorizedUpgrade::<T>::exists());
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::ext(), crate::tests::mock::Test);
}
