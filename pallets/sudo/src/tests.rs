//! Tests of the pallet on a small runtime.

use crate::{Config, Error, Event, Key};
use citrate_core::{DispatchError, ModuleError, Weight};
use citrate_support::dispatch::{GetDispatchInfo, Pays};
use citrate_support::{assert_noop, assert_ok};
use citrate_testing::TestExternalities;
use codec::Encode;

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Sudo: crate = 4,
    }
);

#[citrate_support::derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {}

impl Config for Test {
    type RuntimeCall = RuntimeCall;
}

/// Account 1 has the key.
fn ext() -> TestExternalities {
    let config =
        RuntimeGenesisConfig { sudo: crate::GenesisConfig { key: Some(1) }, ..Default::default() };
    citrate_testing::new_test_ext(&config)
}

fn store(key: &[u8], value: &[u8]) -> Box<RuntimeCall> {
    let items = vec![(key.to_vec(), value.to_vec())];
    Box::new(RuntimeCall::System(pallet_system::Call::set_storage { items }))
}

fn stored(key: &[u8]) -> Option<Vec<u8>> {
    citrate_support::storage::unhashed::get_raw(key)
}

fn last_event() -> RuntimeEvent {
    System::events().pop().expect("there is an event").event
}

#[test]
fn the_key_dispatches_as_root_for_free() {
    ext().execute_with(|| {
        let result = Sudo::sudo(RuntimeOrigin::signed(1), store(b"k", b"v"));
        assert_eq!(result.unwrap().pays_fee, Pays::No);
        assert_eq!(stored(b"k"), Some(b"v".to_vec()));
        assert_eq!(last_event(), RuntimeEvent::Sudo(Event::Sudid { sudo_result: Ok(()) }));
    });
}

#[test]
fn others_do_not() {
    ext().execute_with(|| {
        let error = DispatchError::from(Error::<Test>::RequireSudo);
        assert_noop!(Sudo::sudo(RuntimeOrigin::signed(2), store(b"k", b"v")), error);
        assert_noop!(Sudo::set_key(RuntimeOrigin::signed(2), 2), error);
        assert_noop!(Sudo::remove_key(RuntimeOrigin::signed(2)), error);
        assert_noop!(
            Sudo::sudo(RuntimeOrigin::none(), store(b"k", b"v")),
            DispatchError::BadOrigin
        );
        let DispatchError::Module(ModuleError { index, error, message }) = error else {
            panic!("a module error")
        };
        assert_eq!((index, error, message), (4, [0; 4], Some("RequireSudo")));
    });
}

#[test]
fn a_failing_call_is_reported_and_leaves_nothing() {
    ext().execute_with(|| {
        // Root is not an account.
        let call =
            Box::new(RuntimeCall::Sudo(crate::Call::sudo_as { who: 7, call: store(b"k", b"v") }));
        assert_ok!(Sudo::sudo(RuntimeOrigin::signed(1), call));
        assert_eq!(stored(b"k"), None);
        let events: Vec<_> = System::events().into_iter().map(|r| r.event).collect();
        assert!(events.contains(&RuntimeEvent::Sudo(Event::SudoAsDone {
            sudo_result: Err(DispatchError::BadOrigin)
        })));
    });
}

#[test]
fn the_key_changes_hands_and_goes() {
    ext().execute_with(|| {
        assert_ok!(Sudo::set_key(RuntimeOrigin::signed(1), 2));
        assert_eq!(last_event(), RuntimeEvent::Sudo(Event::KeyChanged { old: Some(1), new: 2 }));
        assert_noop!(
            Sudo::sudo(RuntimeOrigin::signed(1), store(b"k", b"v")),
            DispatchError::from(Error::<Test>::RequireSudo)
        );
        assert_ok!(Sudo::remove_key(RuntimeOrigin::signed(2)));
        assert_eq!(Key::<Test>::get(), None);
        assert_eq!(last_event(), RuntimeEvent::Sudo(Event::KeyRemoved));
    });
}

#[test]
fn sudo_as_calls_in_anothers_name() {
    ext().execute_with(|| {
        let remark = RuntimeCall::System(pallet_system::Call::remark_with_event {
            remark: b"hello".to_vec(),
        });
        assert_ok!(Sudo::sudo_as(RuntimeOrigin::signed(1), 7, Box::new(remark)));
        assert!(System::events().iter().any(|r| matches!(
            r.event,
            RuntimeEvent::System(pallet_system::Event::Remarked { sender: 7, .. })
        )));
    });
}

#[test]
fn sudo_unchecked_weight_weighs_what_it_says() {
    ext().execute_with(|| {
        let weight = Weight::from_parts(123, 45);
        let call = crate::Call::<Test>::sudo_unchecked_weight { call: store(b"k", b"v"), weight };
        assert_eq!(call.get_dispatch_info().call_weight, weight);
        assert_ok!(Sudo::sudo_unchecked_weight(
            RuntimeOrigin::signed(1),
            store(b"k", b"v"),
            weight
        ));
        assert_eq!(stored(b"k"), Some(b"v".to_vec()));
    });
}

#[test]
fn call_indices_are_fixed() {
    let indices = [
        crate::Call::<Test>::sudo { call: store(b"", b"") }.encode()[0],
        crate::Call::<Test>::sudo_unchecked_weight {
            call: store(b"", b""),
            weight: Weight::zero(),
        }
        .encode()[0],
        crate::Call::<Test>::set_key { new: 1 }.encode()[0],
        crate::Call::<Test>::sudo_as { who: 1, call: store(b"", b"") }.encode()[0],
        crate::Call::<Test>::remove_key {}.encode()[0],
    ];
    assert_eq!(indices, [0, 1, 2, 3, 4]);
}
