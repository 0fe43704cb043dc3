//! Tests of the pallet on a small runtime.

use crate::{Call, Config, Error, Event, HoldReason, Multisigs, Timepoint};
use citrate_core::hashing::blake2_256;
use citrate_core::{Balance, DispatchError, TokenError, Weight};
use citrate_support::dispatch::{DispatchResultWithPostInfo, GetDispatchInfo};
use citrate_support::traits::{ConstU32, ConstU128, Hooks};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{assert_err_ignore_postinfo, assert_noop, assert_ok, parameter_types};
use citrate_testing::{TestExternalities, assert_weighed};
use codec::Encode;

#[citrate_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeHoldReason,
        RuntimeFreezeReason
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;

    #[runtime::pallet_index(2)]
    pub type Multisig = crate;
}

citrate_testing::system_config!(Test {
    AccountId = u64,
    AccountData = pallet_balances::AccountData,
    DbWeight = DbWeight,
});
parameter_types! {
    pub const DbWeight: RuntimeDbWeight = citrate_testing::DB_WEIGHT;
}

citrate_testing::balances_config!(Test { ExistentialDeposit = 1 });

impl Config for Test {
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type DepositBase = ConstU128<10>;
    type DepositFactor = ConstU128<1>;
    type MaxSignatories = ConstU32<3>;
}

/// Two of 1, 2 and 3 have 100.
fn ext() -> TestExternalities {
    let two_of_three = Multisig::multi_account_id(&[1, 2, 3], 2);
    let balances = vec![(1, 100), (2, 100), (3, 100), (4, 5), (two_of_three, 100)];
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn send(value: Balance) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_allow_death { dest: 9, value })
}

fn weight(call: &RuntimeCall) -> Weight {
    call.get_dispatch_info().call_weight
}

/// `who` of 1, 2 and 3, of whom two have to approve, does.
fn as_multi(who: u64, when: Option<Timepoint>, call: RuntimeCall) -> DispatchResultWithPostInfo {
    let weight = weight(&call);
    Multisig::as_multi(RuntimeOrigin::signed(who), 2, others(who), when, Box::new(call), weight)
}

fn approve(who: u64, when: Option<Timepoint>, call: &RuntimeCall) -> DispatchResultWithPostInfo {
    let hash = call.using_encoded(blake2_256);
    let origin = RuntimeOrigin::signed(who);
    Multisig::approve_as_multi(origin, 2, others(who), when, hash, Weight::zero())
}

fn others(who: u64) -> Vec<u64> {
    (1..=3).filter(|other| *other != who).collect()
}

fn now() -> Option<Timepoint> {
    Some(Multisig::timepoint())
}

fn free(who: u64) -> Balance {
    Balances::free_balance(&who)
}

fn held(who: u64) -> Balance {
    Balances::on_hold(&HoldReason::Operation.into(), &who)
}

fn events() -> Vec<Event<Test>> {
    let events = System::events().into_iter().filter_map(|r| match r.event {
        RuntimeEvent::Multisig(event) => Some(event),
        _ => None,
    });
    events.collect()
}

#[test]
fn faults_in_the_state_are_found() {
    fn change(fault: impl Fn(&mut crate::Multisig<u64, ConstU32<3>>)) {
        let open: Vec<_> = Multisigs::<Test>::iter().collect();
        for (account, hash, mut operation) in open {
            fault(&mut operation);
            Multisigs::<Test>::insert(account, hash, operation);
        }
    }
    let faults: [(&str, fn()); 4] = [
        ("an operation is open that nobody approved", || change(|it| it.approvals.clear())),
        ("approvals are not in the order of their accounts", || {
            change(|it| it.approvals.try_push(1).expect("there is room"));
        }),
        ("what is on hold is not what was written down", || change(|it| it.deposit += 1)),
        ("something is on hold for an account that is not there", || {
            let mut other = Multisigs::<Test>::iter_values().next().expect("there is one");
            other.depositor = 77;
            Multisigs::<Test>::insert(5, [0; 32], other);
        }),
    ];
    for (reason, fault) in faults {
        ext().execute_with(|| {
            assert_ok!(as_multi(1, None, send(40)));
            assert_eq!(<super::Pallet<Test> as Hooks<u32>>::try_state(1), Ok(()));
            fault();
            assert_eq!(super::Pallet::<Test>::check(), Err(DispatchError::Other(reason)));
        });
    }
}

#[test]
fn two_of_three_spend_together_and_one_does_not() {
    ext().execute_with(|| {
        let call = send(40);
        let call_hash = call.using_encoded(blake2_256);
        let multisig = Multisig::multi_account_id(&[1, 2, 3], 2);
        assert_ok!(as_multi(1, None, call.clone()));
        assert_eq!((free(9), held(1)), (0, 12));
        // The same one again is not a second one.
        assert_noop!(as_multi(1, now(), call.clone()), Error::<Test>::AlreadyApproved);
        assert_noop!(approve(1, now(), &call), Error::<Test>::AlreadyApproved);
        let timepoint = Multisig::timepoint();
        System::set_block_number(5);
        assert_ok!(as_multi(3, Some(timepoint), call));
        assert_eq!((free(9), free(multisig), held(1)), (40, 60, 0));
        assert_eq!(
            events(),
            [
                Event::NewMultisig { approving: 1, multisig, call_hash },
                Event::MultisigExecuted {
                    approving: 3,
                    timepoint,
                    multisig,
                    call_hash,
                    result: Ok(())
                },
            ]
        );
        assert_eq!(Multisigs::<Test>::iter().count(), 0);
    });
}

#[test]
fn approvals_are_for_one_dispatch_of_one_call() {
    ext().execute_with(|| {
        assert_ok!(as_multi(1, None, send(40)));
        let first = now();
        // Another call is another operation.
        assert_noop!(as_multi(2, first, send(41)), Error::<Test>::UnexpectedTimepoint);
        assert_ok!(as_multi(2, first, send(40)));
        // The approvals are used up: the next one begins anew, and not with the old time.
        assert_noop!(as_multi(2, first, send(40)), Error::<Test>::UnexpectedTimepoint);
        System::set_block_number(2);
        assert_ok!(as_multi(2, None, send(40)));
        assert_noop!(as_multi(1, None, send(40)), Error::<Test>::NoTimepoint);
        assert_noop!(as_multi(1, first, send(40)), Error::<Test>::WrongTimepoint);
        assert_eq!(free(9), 40);
        assert_ok!(as_multi(1, now(), send(40)));
        assert_eq!(free(9), 80);
    });
}

#[test]
fn other_people_and_other_thresholds_are_other_accounts() {
    ext().execute_with(|| {
        assert_ok!(as_multi(1, None, send(40)));
        let call = || Box::new(send(40));
        let by = |who, threshold, others: &[u64], when| {
            let origin = RuntimeOrigin::signed(who);
            Multisig::as_multi(origin, threshold, others.to_vec(), when, call(), weight(&send(40)))
        };
        // Account 4 is none of them, nor is two of three three of three.
        assert_noop!(by(4, 2, &[1, 2], now()), Error::<Test>::UnexpectedTimepoint);
        assert_noop!(by(2, 3, &[1, 3], now()), Error::<Test>::UnexpectedTimepoint);
        assert_noop!(by(2, 0, &[1, 3], now()), Error::<Test>::MinimumThreshold);
        assert_noop!(by(2, 1, &[1, 3], now()), Error::<Test>::MinimumThreshold);
        assert_noop!(by(2, 2, &[], now()), Error::<Test>::TooFewSignatories);
        assert_noop!(by(2, 2, &[1, 3, 4], now()), Error::<Test>::TooManySignatories);
        assert_noop!(by(2, 2, &[3, 1], now()), Error::<Test>::SignatoriesOutOfOrder);
        assert_noop!(by(2, 2, &[1, 1], now()), Error::<Test>::SignatoriesOutOfOrder);
        assert_noop!(by(2, 2, &[1, 2], now()), Error::<Test>::SenderInSignatories);
        let nobody = Multisig::as_multi_threshold_1(RuntimeOrigin::none(), vec![1], call());
        assert_noop!(nobody, DispatchError::BadOrigin);
        assert_eq!(free(9), 0);
    });
}

#[test]
fn the_call_may_come_last() {
    ext().execute_with(|| {
        let call = send(40);
        assert_ok!(approve(1, None, &call));
        assert_ok!(approve(2, now(), &call));
        assert_eq!(free(9), 0);
        // There are enough approvals; what is missing is the call, which any of them may bring.
        assert_noop!(approve(3, now(), &call), Error::<Test>::AlreadyApproved);
        let light = Multisig::as_multi(
            RuntimeOrigin::signed(1),
            2,
            others(1),
            now(),
            Box::new(call.clone()),
            Weight::zero(),
        );
        assert_err_ignore_postinfo!(light, Error::<Test>::MaxWeightTooLow);
        assert_ok!(as_multi(1, now(), call));
        assert_eq!(free(9), 40);
    });
}

#[test]
fn a_call_that_fails_is_used_up_all_the_same() {
    ext().execute_with(|| {
        assert_ok!(as_multi(1, None, send(1_000)));
        assert_ok!(as_multi(2, now(), send(1_000)));
        let result = Err(TokenError::FundsUnavailable.into());
        assert!(matches!(
            events().last(),
            Some(Event::MultisigExecuted { result: found, .. }) if *found == result
        ));
        assert_eq!((held(1), Multisigs::<Test>::iter().count()), (0, 0));
    });
}

#[test]
fn only_who_opened_cancels() {
    ext().execute_with(|| {
        let call = send(40);
        let call_hash = call.using_encoded(blake2_256);
        assert_ok!(as_multi(1, None, call.clone()));
        let timepoint = Multisig::timepoint();
        let cancel = |who, timepoint| {
            let origin = RuntimeOrigin::signed(who);
            Multisig::cancel_as_multi(origin, 2, others(who), timepoint, call_hash)
        };
        assert_noop!(cancel(2, timepoint), Error::<Test>::NotOwner);
        let other = Timepoint { height: 1, index: 7 };
        assert_noop!(cancel(1, other), Error::<Test>::WrongTimepoint);
        assert_ok!(cancel(1, timepoint));
        assert_eq!(held(1), 0);
        assert_noop!(cancel(1, timepoint), Error::<Test>::NotFound);
        assert_noop!(as_multi(2, Some(timepoint), call), Error::<Test>::UnexpectedTimepoint);
    });
}

#[test]
fn opening_needs_a_deposit() {
    ext().execute_with(|| {
        let call = Box::new(send(1));
        let poor = Multisig::as_multi(
            RuntimeOrigin::signed(4),
            2,
            vec![1, 2],
            None,
            call,
            weight(&send(1)),
        );
        assert_err_ignore_postinfo!(poor, TokenError::FundsUnavailable);
        assert_eq!(Multisigs::<Test>::iter().count(), 0);
    });
}

#[test]
fn one_of_several_acts_alone_if_that_is_the_threshold() {
    ext().execute_with(|| {
        let account = Multisig::multi_account_id(&[1, 2], 1);
        let fund = pallet_balances::Call::<Test>::transfer_allow_death { dest: account, value: 50 };
        assert_ok!(citrate_support::traits::UnfilteredDispatchable::dispatch_bypass_filter(
            fund,
            RuntimeOrigin::signed(3)
        ));
        let alone = |who, other| {
            let origin = RuntimeOrigin::signed(who);
            Multisig::as_multi_threshold_1(origin, vec![other], Box::new(send(20)))
        };
        assert_ok!(alone(1, 2));
        assert_ok!(alone(2, 1));
        assert_err_ignore_postinfo!(alone(4, 1), TokenError::FundsUnavailable);
        assert_eq!((free(9), held(1)), (40, 0));
    });
}

#[test]
fn what_is_done_is_within_its_weight() {
    let mut ext = ext();
    let mut run = |who, call| {
        assert_weighed(&mut ext, RuntimeOrigin::signed(who), RuntimeCall::Multisig(call));
    };
    let call = || Box::new(send(10));
    let (call_hash, threshold) = (send(10).using_encoded(blake2_256), 2);
    let (when, max_weight) = (Timepoint { height: 1, index: 0 }, weight(&send(10)));
    let as_multi = |who, maybe_timepoint| Call::as_multi {
        threshold,
        other_signatories: others(who),
        maybe_timepoint,
        call: call(),
        max_weight,
    };
    let approve = |who, maybe_timepoint| Call::approve_as_multi {
        threshold,
        other_signatories: others(who),
        maybe_timepoint,
        call_hash,
        max_weight,
    };
    let cancel = Call::cancel_as_multi {
        threshold,
        other_signatories: others(1),
        timepoint: when,
        call_hash,
    };
    run(1, approve(1, None));
    run(1, cancel);
    run(1, approve(1, None));
    run(2, approve(2, Some(when)));
    run(3, as_multi(3, Some(when)));
    run(1, as_multi(1, None));
    run(2, as_multi(2, Some(when)));
    let remark = RuntimeCall::System(pallet_system::Call::remark { remark: vec![] });
    run(1, Call::as_multi_threshold_1 { other_signatories: vec![2], call: Box::new(remark) });
    ext.execute_with(|| assert_eq!(free(9), 20));
}

#[test]
fn encodings_are_the_known_ones() {
    let call = Call::<Test>::approve_as_multi {
        threshold: 2,
        other_signatories: vec![7],
        maybe_timepoint: Some(Timepoint { height: 1, index: 2 }),
        call_hash: [9; 32],
        max_weight: Weight::from_parts(1, 2),
    };
    let expected =
        [&[2, 2, 0, 4, 7, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 2, 0, 0, 0][..], &[9; 32], &[4, 8]];
    assert_eq!(call.encode(), expected.concat());
    let timepoint = Timepoint::default();
    let event = Event::<Test>::MultisigCancelled {
        cancelling: 1,
        timepoint,
        multisig: 2,
        call_hash: [0; 32],
    };
    assert_eq!(event.encode()[0], 3);
}
