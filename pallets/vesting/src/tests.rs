//! Tests of the pallet on a small runtime.

use crate::{Call, Config, Error, Event, Vesting, VestingInfo};
use citrate_core::{Balance, DispatchError, TokenError};
use citrate_support::dispatch::DispatchResult;
use citrate_support::traits::tokens::Preservation;
use citrate_support::traits::{ConstU32, ConstU128, Hooks};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{assert_noop, assert_ok, parameter_types};
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
    pub type Vestings = crate;
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
    type MinVestedTransfer = ConstU128<50>;
    type MaxVestingSchedules = ConstU32<3>;
}

/// Account 9 has 1000 at genesis, of which 100 at once, and the rest over 90 blocks from block 10 on.
fn ext() -> TestExternalities {
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: vec![(1, 10_000), (2, 100), (9, 1_000)],
        },
        vestings: crate::GenesisConfig { vesting: vec![(9, 10, 90, 100)] },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn signed(who: u64) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

fn give(to: u64, locked: Balance, per_block: Balance, start: u32) -> DispatchResult {
    Vestings::vested_transfer(signed(1), to, VestingInfo::new(locked, per_block, start))
}

fn send(from: u64, amount: Balance) -> DispatchResult {
    Balances::do_transfer(&from, &3, amount, Preservation::Expendable)
}

fn lock(who: u64) -> Balance {
    pallet_balances::Locks::<Test>::get(who).iter().map(|l| l.amount).sum()
}

fn events() -> Vec<Event<Test>> {
    let events = System::events().into_iter().filter_map(|r| match r.event {
        RuntimeEvent::Vestings(event) => Some(event),
        _ => None,
    });
    events.collect()
}

#[test]
fn faults_in_the_state_are_found() {
    let faults: [(&str, fn()); 2] = [
        ("less is locked than the schedules lock", || {
            assert_ok!(Balances::remove_lock(*b"vesting ", &9));
        }),
        ("an account has no schedules, and a place for them", || {
            Vesting::<Test>::insert(2, citrate_support::BoundedVec::default());
        }),
    ];
    for (reason, fault) in faults {
        ext().execute_with(|| {
            assert_eq!(<Vestings as Hooks<u32>>::try_state(1), Ok(()));
            fault();
            assert_eq!(Vestings::check(), Err(DispatchError::Other(reason)));
        });
    }
}

#[test]
fn money_is_free_little_by_little() {
    ext().execute_with(|| {
        assert_ok!(give(2, 500, 10, 20));
        assert_eq!(Balances::free_balance(&2), 600);
        assert_noop!(send(2, 101), TokenError::Frozen);
        System::set_block_number(20);
        assert_eq!(Vestings::locked(&2), 500);
        System::set_block_number(30);
        assert_eq!((Vestings::locked(&2), lock(2)), (400, 500), "nobody asked for it yet");
        assert_noop!(send(2, 101), TokenError::Frozen);
        assert_ok!(Vestings::vest(signed(2)));
        assert_eq!(lock(2), 400);
        assert_noop!(send(2, 201), TokenError::Frozen);
        assert_ok!(send(2, 200));
        System::set_block_number(70);
        assert_ok!(Vestings::vest_other(signed(1), 2));
        assert_ok!(send(2, 400));
        assert_eq!(Vesting::<Test>::get(2), None);
        assert_noop!(Vestings::vest(signed(2)), Error::<Test>::NotVesting);
        assert_eq!(
            events(),
            [
                Event::VestingUpdated { account: 2, unvested: 500 },
                Event::VestingCreated { account: 2, schedule_index: 0 },
                Event::VestingUpdated { account: 2, unvested: 400 },
                Event::VestingCompleted { account: 2 },
            ]
        );
    });
}

#[test]
fn what_is_given_at_genesis_is_locked_as_well() {
    ext().execute_with(|| {
        assert_noop!(send(9, 101), TokenError::Frozen);
        System::set_block_number(55);
        assert_ok!(Vestings::vest(signed(9)));
        assert_eq!(lock(9), 450);
        System::set_block_number(100);
        assert_ok!(Vestings::vest(signed(9)));
        assert_ok!(send(9, 1_000));
    });
}

#[test]
fn locked_money_can_be_put_on_hold_but_not_sent() {
    ext().execute_with(|| {
        assert_ok!(give(2, 500, 10, 20));
        assert_ok!(Balances::reserve(&2, 300));
        assert_noop!(send(2, 101), TokenError::Frozen);
    });
}

#[test]
fn schedules_have_to_make_sense_and_be_paid_for() {
    ext().execute_with(|| {
        assert_noop!(give(2, 49, 1, 1), Error::<Test>::AmountLow);
        assert_noop!(give(2, 50, 0, 1), Error::<Test>::InvalidScheduleParams);
        assert_noop!(give(2, 10_001, 1, 1), TokenError::FundsUnavailable);
        // Locked money cannot be given on.
        let schedule = VestingInfo::new(500, 1, 1);
        let on = Vestings::vested_transfer(signed(9), 2, schedule);
        assert_noop!(on, TokenError::Frozen);
        let stolen = Vestings::force_vested_transfer(signed(2), 1, 2, schedule);
        assert_noop!(stolen, DispatchError::BadOrigin);
        assert_ok!(Vestings::force_vested_transfer(RuntimeOrigin::root(), 1, 2, schedule));
        assert_ok!(give(2, 50, 1, 5));
        assert_ok!(give(2, 50, 1, 5));
        assert_noop!(give(2, 50, 1, 5), Error::<Test>::AtMaxVestingSchedules);
        assert_eq!(lock(2), 600);
        // A schedule that is over makes place for another.
        System::set_block_number(60);
        assert_ok!(give(2, 50, 1, 60));
        assert_eq!(Vesting::<Test>::get(2).unwrap().len(), 2);
    });
}

#[test]
fn merged_schedules_release_nothing_early() {
    ext().execute_with(|| {
        assert_ok!(give(2, 300, 10, 10));
        assert_ok!(give(2, 100, 1, 20));
        assert_ok!(give(2, 100, 100, 5));
        System::set_block_number(25);
        // The last one is over by now.
        let before = Vestings::locked(&2);
        assert_eq!(before, 150 + 95);
        assert_noop!(
            Vestings::merge_schedules(signed(2), 0, 3),
            Error::<Test>::ScheduleIndexOutOfBounds
        );
        assert_noop!(Vestings::merge_schedules(signed(1), 0, 1), Error::<Test>::NotVesting);
        assert_ok!(Vestings::merge_schedules(signed(2), 1, 0));
        let merged = Vesting::<Test>::get(2).unwrap().to_vec();
        assert_eq!(merged, [VestingInfo::new(245, 2, 25)]);
        let apart = [VestingInfo::new(300, 10, 10), VestingInfo::new(100, 1, 20)];
        for block in 25..200 {
            let locked: Balance = apart.iter().map(|schedule| schedule.locked_at(block)).sum();
            assert!(merged[0].locked_at(block) >= locked, "in block {block}");
        }
        assert_eq!((Vestings::locked(&2), lock(2)), (245, 245));
        assert_eq!(merged[0].ending_block(), 148);
        assert_ok!(Vestings::merge_schedules(signed(2), 0, 0));
        // With one that is over, what is left is the other as it was.
        assert_ok!(give(2, 50, 50, 24));
        assert_ok!(give(2, 50, 50, 25));
        System::set_block_number(30);
        assert_ok!(Vestings::merge_schedules(signed(2), 0, 1));
        assert_eq!(Vesting::<Test>::get(2).unwrap().to_vec(), merged);
    });
}

#[test]
fn root_removes_a_schedule() {
    ext().execute_with(|| {
        assert_ok!(give(2, 300, 10, 10));
        assert_ok!(give(2, 100, 1, 10));
        let remove = |origin, index| Vestings::force_remove_vesting_schedule(origin, 2, index);
        assert_noop!(remove(signed(2), 0), DispatchError::BadOrigin);
        let error = Error::<Test>::ScheduleIndexOutOfBounds;
        assert_noop!(remove(RuntimeOrigin::root(), 2), error);
        assert_ok!(remove(RuntimeOrigin::root(), 0));
        assert_eq!(lock(2), 100);
        assert_ok!(remove(RuntimeOrigin::root(), 0));
        assert_eq!(lock(2), 0);
        assert_noop!(remove(RuntimeOrigin::root(), 0), Error::<Test>::NotVesting);
    });
}

#[test]
fn extreme_schedules_do_not_overflow() {
    let huge = VestingInfo::new(Balance::MAX, 1, u32::MAX);
    assert_eq!(huge.locked_at(u32::MAX), Balance::MAX);
    assert_eq!(huge.ending_block(), u32::MAX);
    let fast = VestingInfo::new(Balance::MAX, Balance::MAX, 0);
    assert_eq!((fast.locked_at(0), fast.locked_at(1)), (Balance::MAX, 0));
    let merged = huge.merge(&fast, 0).unwrap();
    assert_eq!(merged.locked, Balance::MAX);
    assert_eq!(VestingInfo::new(5, 0, 0).locked_at(3), 2, "as if it released one");
}

#[test]
fn what_is_done_is_within_its_weight() {
    let mut ext = ext();
    let mut run = |origin, call| assert_weighed(&mut ext, origin, RuntimeCall::Vestings(call));
    let schedule = VestingInfo::new(100, 1, 1);
    // To an account that is new, and to one that vests.
    run(signed(1), Call::vested_transfer { target: 5, schedule });
    run(RuntimeOrigin::root(), Call::force_vested_transfer { source: 1, target: 5, schedule });
    run(signed(5), Call::vest {});
    run(signed(1), Call::vest_other { target: 5 });
    run(signed(5), Call::merge_schedules { schedule1_index: 0, schedule2_index: 1 });
    let root = RuntimeOrigin::root();
    run(root, Call::force_remove_vesting_schedule { target: 5, schedule_index: 0 });
    ext.execute_with(|| assert_eq!(lock(5), 0));
}

#[test]
fn encodings_are_the_known_ones() {
    let schedule = VestingInfo::new(1, 2, 3);
    let call = Call::<Test>::vested_transfer { target: 4, schedule };
    let expected = (2_u8, 4_u64, 1_u128, 2_u128, 3_u32).encode();
    assert_eq!(call.encode(), expected);
    assert_eq!(Event::<Test>::VestingCompleted { account: 1 }.encode()[0], 2);
    assert_eq!(&crate::pallet::VESTING_ID, b"vesting ");
}
