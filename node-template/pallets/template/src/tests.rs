//! Tests of the pallet on a small runtime.

use crate::{Config, Error, Event, Something};
use citrate_support::traits::ConstU32;
use citrate_support::{assert_noop, assert_ok, construct_runtime, derive_impl};
use citrate_testing::TestExternalities;

construct_runtime!(
    pub enum Test {
        System: pallet_system,
        Template: crate,
    }
);

#[derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {}

impl Config for Test {
    type Max = ConstU32<100>;
    type WeightInfo = ();
}

pub(crate) fn ext() -> TestExternalities {
    citrate_testing::new_test_ext(&RuntimeGenesisConfig::default())
}

#[test]
fn a_number_is_stored_and_told() {
    ext().execute_with(|| {
        assert_ok!(Template::do_something(RuntimeOrigin::signed(1), 42));
        assert_eq!(Something::<Test>::get(), Some(42));
        System::assert_last_event(Event::SomethingStored { something: 42, who: 1 }.into());
    });
}

#[test]
fn a_number_above_the_limit_is_refused() {
    ext().execute_with(|| {
        let refused = Template::do_something(RuntimeOrigin::signed(1), 101);
        assert_noop!(refused, Error::<Test>::TooLarge);
    });
}

#[test]
fn only_a_number_that_is_there_can_be_raised() {
    ext().execute_with(|| {
        assert_noop!(Template::increase(RuntimeOrigin::signed(1)), Error::<Test>::NoneValue);
        assert_ok!(Template::do_something(RuntimeOrigin::signed(1), 99));
        assert_ok!(Template::increase(RuntimeOrigin::signed(2)));
        assert_eq!(Something::<Test>::get(), Some(100));
        assert_noop!(Template::increase(RuntimeOrigin::signed(2)), Error::<Test>::TooLarge);
    });
}
