//! Tests of the pallet on a small runtime.

use crate::{Config, DidUpdate, INHERENT_IDENTIFIER, InherentError, Now};
use citrate_core::{DispatchError, InherentData};
use citrate_support::dispatch::{DispatchClass, GetDispatchInfo};
use citrate_support::traits::{ConstU64, Hooks, IsFatalError, ProvideInherent, UnixTime};
use citrate_support::{assert_noop, assert_ok};
use citrate_testing::TestExternalities;
use codec::Encode;
use std::cell::Cell;

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system,
        Timestamp: crate,
    }
);

#[citrate_support::derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {}

thread_local! {
    static TOLD: Cell<u64> = const { Cell::new(0) };
}

/// Remembers what it is told.
#[derive(Debug)]
pub struct Told;

impl citrate_support::traits::OnTimestampSet<u64> for Told {
    fn on_timestamp_set(moment: u64) {
        TOLD.with(|told| told.set(moment));
    }
}

impl Config for Test {
    type OnTimestampSet = Told;
    type MinimumPeriod = ConstU64<250>;
}

fn ext() -> TestExternalities {
    citrate_testing::new_test_ext(&RuntimeGenesisConfig::default())
}

fn data(now: u64) -> InherentData {
    let mut data = InherentData::new();
    data.put(INHERENT_IDENTIFIER, &now);
    data
}

#[test]
fn the_time_is_set_once_per_block() {
    ext().execute_with(|| {
        assert_ok!(Timestamp::set(RuntimeOrigin::none(), 1_000));
        assert_eq!((Now::<Test>::get(), DidUpdate::<Test>::get()), (1_000, true));
        assert_eq!(TOLD.with(Cell::get), 1_000);
        assert_eq!(<Timestamp as UnixTime>::now().as_millis(), 1_000);
        assert_noop!(
            Timestamp::set(RuntimeOrigin::none(), 2_000),
            DispatchError::Other("timestamp set twice in a block")
        );
        Timestamp::on_finalize(1);
        assert!(!DidUpdate::<Test>::exists());
        assert_ok!(Timestamp::set(RuntimeOrigin::none(), 1_250));
    });
}

#[test]
fn the_time_moves_forward_by_the_minimum_period() {
    ext().execute_with(|| {
        // The first block may have any time.
        assert_ok!(Timestamp::set(RuntimeOrigin::none(), 100));
        Timestamp::on_finalize(1);
        assert_noop!(
            Timestamp::set(RuntimeOrigin::none(), 349),
            DispatchError::Other("timestamp does not increase by the minimum period")
        );
        assert_ok!(Timestamp::set(RuntimeOrigin::none(), 350));
    });
}

#[test]
fn nobody_signs_the_time() {
    ext().execute_with(|| {
        assert_noop!(Timestamp::set(RuntimeOrigin::signed(1), 1), DispatchError::BadOrigin);
        assert_noop!(Timestamp::set(RuntimeOrigin::root(), 1), DispatchError::BadOrigin);
        let call = crate::Call::<Test>::set { now: 1 };
        assert_eq!(call.get_dispatch_info().class, DispatchClass::Mandatory);
        assert_eq!(call.encode(), [0, 4]);
    });
}

#[test]
fn the_inherent_comes_from_the_nodes_data() {
    ext().execute_with(|| {
        assert_eq!(Timestamp::create_inherent(&InherentData::new()), None);
        let call = Timestamp::create_inherent(&data(5_000)).expect("there is data");
        assert_eq!(call, crate::Call::set { now: 5_000 });
        assert!(Timestamp::is_inherent(&call));
        assert_ok!(Timestamp::set(RuntimeOrigin::none(), 5_000));
        // A stale clock still makes a valid block.
        let call = Timestamp::create_inherent(&data(5_001)).expect("there is data");
        assert_eq!(call, crate::Call::set { now: 5_250 });
    });
}

#[test]
fn a_wrong_time_is_found() {
    ext().execute_with(|| {
        assert_ok!(Timestamp::set(RuntimeOrigin::none(), 5_000));
        let check = |now| Timestamp::check_inherent(&crate::Call::set { now }, &data(6_000));
        assert_eq!(check(6_000), Ok(()));
        assert_eq!(check(5_249), Err(InherentError::TooEarly));
        assert_eq!(check(6_001), Err(InherentError::TooFarInFuture));
        assert!(InherentError::TooEarly.is_fatal_error());
        assert!(!InherentError::TooFarInFuture.is_fatal_error());
    });
}

#[test]
fn the_storage_key_is_the_known_one() {
    let key: String = Now::<Test>::hashed_key().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(key, "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb");
}
