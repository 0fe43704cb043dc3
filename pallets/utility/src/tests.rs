//! Tests of the pallet on a small runtime.

use crate::{Config, Error, Event};
use citrate_core::{DispatchError, Weight};
use citrate_support::dispatch::{DispatchClass, GetDispatchInfo};
use citrate_support::{assert_noop, assert_ok};
use citrate_testing::TestExternalities;
use codec::Encode;

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Utility: crate = 5,
    }
);

#[citrate_support::derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {}

impl Config for Test {
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
}

fn ext() -> TestExternalities {
    citrate_testing::new_test_ext(&RuntimeGenesisConfig::default())
}

/// Succeeds for a signer.
fn good() -> RuntimeCall {
    RuntimeCall::System(pallet_system::Call::remark_with_event { remark: b"hello".to_vec() })
}

/// Succeeds for root only.
fn root_only() -> RuntimeCall {
    let items = vec![(b"k".to_vec(), b"v".to_vec())];
    RuntimeCall::System(pallet_system::Call::set_storage { items })
}

fn utility_events() -> Vec<Event> {
    System::events()
        .into_iter()
        .filter_map(|r| match r.event {
            RuntimeEvent::Utility(event) => Some(event),
            RuntimeEvent::System(_) => None,
        })
        .collect()
}

fn remarks() -> usize {
    System::events()
        .iter()
        .filter(|r| matches!(r.event, RuntimeEvent::System(pallet_system::Event::Remarked { .. })))
        .count()
}

#[test]
fn a_batch_runs_all_calls() {
    ext().execute_with(|| {
        assert_ok!(Utility::batch(RuntimeOrigin::signed(1), vec![good(), good()]));
        assert_eq!(remarks(), 2);
        assert_eq!(
            utility_events(),
            [Event::ItemCompleted, Event::ItemCompleted, Event::BatchCompleted]
        );
    });
}

#[test]
fn a_batch_stops_at_the_first_failure_and_refunds_the_rest() {
    ext().execute_with(|| {
        let calls = vec![good(), root_only(), good()];
        let announced = crate::Call::<Test>::batch { calls: calls.clone() }.get_dispatch_info();
        let info = Utility::batch(RuntimeOrigin::signed(1), calls).unwrap();
        assert_eq!(remarks(), 1);
        let error = DispatchError::BadOrigin;
        assert_eq!(
            utility_events(),
            [Event::ItemCompleted, Event::BatchInterrupted { index: 1, error }]
        );
        let used = info.actual_weight.unwrap();
        assert!(used.ref_time() < announced.call_weight.ref_time());
    });
}

#[test]
fn batch_all_is_all_or_nothing() {
    ext().execute_with(|| {
        let calls = vec![good(), root_only()];
        let result = Utility::batch_all(RuntimeOrigin::signed(1), calls);
        assert_eq!(result.unwrap_err().error, DispatchError::BadOrigin);
        assert_eq!(remarks(), 0);
        assert_eq!(utility_events(), []);
        assert_ok!(Utility::batch_all(RuntimeOrigin::signed(1), vec![good(), good()]));
        assert_eq!(remarks(), 2);
    });
}

#[test]
fn what_the_calls_of_a_batch_did_not_use_is_given_back() {
    ext().execute_with(|| {
        // The inner batch stops at its second call and gives back the weight of the third.
        let inner = || {
            RuntimeCall::Utility(crate::Call::batch { calls: vec![good(), root_only(), good()] })
        };
        let announced = |call: crate::Call<Test>| call.get_dispatch_info().call_weight;
        let unused = good().get_dispatch_info().call_weight.ref_time();
        let signed = || RuntimeOrigin::signed(1);
        let calls = vec![inner()];
        let results = [
            (
                announced(crate::Call::batch { calls: calls.clone() }),
                Utility::batch(signed(), calls.clone()),
            ),
            (
                announced(crate::Call::batch_all { calls: calls.clone() }),
                Utility::batch_all(signed(), calls.clone()),
            ),
            (
                announced(crate::Call::force_batch { calls: calls.clone() }),
                Utility::force_batch(signed(), calls),
            ),
        ];
        for (announced, result) in results {
            let used = result.unwrap().actual_weight.expect("less than was announced");
            assert!(announced.ref_time() - used.ref_time() >= unused, "{used:?} of {announced:?}");
        }
    });
}

#[test]
fn batch_all_does_not_nest() {
    ext().execute_with(|| {
        let inner = RuntimeCall::Utility(crate::Call::batch_all { calls: vec![good()] });
        let result = Utility::batch_all(RuntimeOrigin::signed(1), vec![inner]);
        assert!(result.is_err());
        assert_eq!(remarks(), 0);
    });
}

#[test]
fn force_batch_goes_on_after_failures() {
    ext().execute_with(|| {
        let calls = vec![good(), root_only(), good()];
        assert_ok!(Utility::force_batch(RuntimeOrigin::signed(1), calls));
        assert_eq!(remarks(), 2);
        assert_eq!(
            utility_events(),
            [
                Event::ItemCompleted,
                Event::ItemFailed { error: DispatchError::BadOrigin },
                Event::ItemCompleted,
                Event::BatchCompletedWithErrors
            ]
        );
    });
}

#[test]
fn a_batch_has_a_limit_and_an_origin() {
    ext().execute_with(|| {
        let limit = usize::try_from(Utility::batched_calls_limit()).unwrap();
        assert!(limit > 1_000);
        let noop = || RuntimeCall::System(pallet_system::Call::remark { remark: vec![] });
        assert_ok!(Utility::batch(RuntimeOrigin::signed(1), vec![noop(); limit]));
        let too_many = vec![noop(); limit + 1];
        let error = DispatchError::from(Error::<Test>::TooManyCalls);
        assert_noop!(Utility::batch(RuntimeOrigin::signed(1), too_many.clone()), error);
        assert_noop!(Utility::batch_all(RuntimeOrigin::signed(1), too_many.clone()), error);
        assert_noop!(Utility::force_batch(RuntimeOrigin::signed(1), too_many), error);
        assert_noop!(Utility::batch(RuntimeOrigin::none(), vec![noop()]), DispatchError::BadOrigin);
    });
}

#[test]
fn a_batch_is_operational_if_all_its_calls_are() {
    let class = |calls| crate::Call::<Test>::batch { calls }.get_dispatch_info().class;
    assert_eq!(class(vec![]), DispatchClass::Normal);
    assert_eq!(class(vec![good()]), DispatchClass::Normal);
    assert_eq!(class(vec![root_only()]), DispatchClass::Operational);
    assert_eq!(class(vec![root_only(), good()]), DispatchClass::Normal);
}

#[test]
fn derived_accounts_call_in_their_own_name() {
    ext().execute_with(|| {
        let derived = Utility::derivative_account_id(&1, 7);
        assert_ne!(derived, Utility::derivative_account_id(&1, 8));
        assert_ne!(derived, Utility::derivative_account_id(&2, 7));
        assert_ok!(Utility::as_derivative(RuntimeOrigin::signed(1), 7, Box::new(good())));
        assert!(System::events().iter().any(|r| matches!(
            r.event,
            RuntimeEvent::System(pallet_system::Event::Remarked { sender, .. })
                if sender == derived
        )));
    });
}

#[test]
fn root_dispatches_as_anybody() {
    ext().execute_with(|| {
        let as_origin = || Box::new(OriginCaller::system(pallet_system::RawOrigin::Signed(9)));
        assert_noop!(
            Utility::dispatch_as(RuntimeOrigin::signed(1), as_origin(), Box::new(good())),
            DispatchError::BadOrigin
        );
        assert_ok!(Utility::dispatch_as(RuntimeOrigin::root(), as_origin(), Box::new(good())));
        assert_eq!(utility_events(), [Event::DispatchedAs { result: Ok(()) }]);
        assert_ok!(Utility::dispatch_as(RuntimeOrigin::root(), as_origin(), Box::new(root_only())));
        assert_eq!(
            utility_events().pop(),
            Some(Event::DispatchedAs { result: Err(DispatchError::BadOrigin) })
        );
    });
}

#[test]
fn with_weight_weighs_what_it_says() {
    ext().execute_with(|| {
        let weight = Weight::from_parts(1, 2);
        let call = crate::Call::<Test>::with_weight { call: Box::new(root_only()), weight };
        assert_eq!(call.get_dispatch_info().call_weight, weight);
        assert_ok!(Utility::with_weight(RuntimeOrigin::root(), Box::new(root_only()), weight));
        assert_noop!(
            Utility::with_weight(RuntimeOrigin::signed(1), Box::new(root_only()), weight),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn call_and_event_indices_are_fixed() {
    assert_eq!(crate::Call::<Test>::batch { calls: vec![] }.encode()[0], 0);
    assert_eq!(crate::Call::<Test>::batch_all { calls: vec![] }.encode()[0], 2);
    assert_eq!(crate::Call::<Test>::force_batch { calls: vec![] }.encode()[0], 4);
    let error = DispatchError::BadOrigin;
    assert_eq!(Event::BatchInterrupted { index: 0, error }.encode()[0], 0);
    assert_eq!(Event::BatchCompleted.encode()[0], 1);
    assert_eq!(Event::BatchCompletedWithErrors.encode()[0], 2);
    assert_eq!(Event::ItemCompleted.encode()[0], 3);
    assert_eq!(Event::ItemFailed { error }.encode()[0], 4);
}
