//! Tests of the pallet on a small runtime.

use crate::{Agenda, Config, Error, Event, IncompleteSince, Lookup};
use citrate_core::{BlockNumber, DispatchError, Weight};
use citrate_support::dispatch::{DispatchResult, GetDispatchInfo};
use citrate_support::traits::preimages::{Bounded, StorePreimage as _};
use citrate_support::traits::{
    BlakeTwo256, ConstU32, ConstU128, EitherOf, EnsureWithSuccess, Hash, OnInitialize,
    SortedMembers,
};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{assert_noop, assert_ok, parameter_types};
use citrate_testing::{TestExternalities, assert_weighed};
use codec::Encode;
use pallet_preimage::{PreimageFor, RequestStatusFor};
use pallet_system::{EnsureRoot, EnsureSignedBy};

/// Notes who called, and weighs what it is told.
#[citrate_support::pallet]
mod notes {
    use citrate_support::pallet_prelude::*;
    use pallet_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What was noted, in its order: the block and the number.
    #[pallet::storage]
    #[pallet::unbounded]
    pub(super) type Noted<T: Config> = StorageValue<_, Vec<(u32, u32)>, ValueQuery>;

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// For root only; `padding` makes the call long.
        #[pallet::call_index(0)]
        #[pallet::weight(*weight)]
        pub fn note(
            origin: OriginFor<T>,
            number: u32,
            weight: Weight,
            padding: Vec<u8>,
        ) -> DispatchResult {
            let _ = (weight, padding);
            ensure_root(origin)?;
            Noted::<T>::append((pallet_system::Pallet::<T>::block_number(), number));
            Ok(())
        }
    }
}

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
    pub type Preimage = pallet_preimage;

    #[runtime::pallet_index(3)]
    pub type Scheduler = crate;

    #[runtime::pallet_index(4)]
    pub type Notes = super::notes;
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

impl pallet_preimage::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ManagerOrigin = EnsureRoot<u64>;
    type BaseDeposit = ConstU128<1>;
    type ByteDeposit = ConstU128<1>;
}

/// Who may schedule besides root.
const PLANNERS: [u64; 2] = [7, 8];

#[derive(Debug)]
pub struct Planners;

impl SortedMembers<u64> for Planners {
    fn sorted_members() -> Vec<u64> {
        PLANNERS.to_vec()
    }
}

/// A block's share.
const SHARE: u64 = 1_000_000_000_000_000;

/// A part of it.
const TENTH: u64 = SHARE / 10;

parameter_types! {
    pub const Share: Weight = Weight::from_parts(SHARE, u64::MAX);
    pub const Nothing: () = ();
}

impl notes::Config for Test {}

impl Config for Test {
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = Share;
    type ScheduleOrigin =
        EitherOf<EnsureRoot<u64>, EnsureWithSuccess<EnsureSignedBy<Planners, u64>, Nothing>>;
    type MaxScheduledPerBlock = ConstU32<4>;
    type Preimages = Preimage;
}

fn ext() -> TestExternalities {
    citrate_testing::new_test_ext(&RuntimeGenesisConfig::default())
}

fn note(number: u32, weight: u64) -> RuntimeCall {
    let weight = Weight::from_parts(weight, 0);
    RuntimeCall::Notes(notes::Call::note { number, weight, padding: vec![] })
}

fn long(number: u32, weight: u64) -> RuntimeCall {
    let weight = Weight::from_parts(weight, 0);
    RuntimeCall::Notes(notes::Call::note { number, weight, padding: vec![0; 200] })
}

fn schedule(when: BlockNumber, priority: u8, call: RuntimeCall) -> DispatchResult {
    Scheduler::schedule(RuntimeOrigin::root(), when, None, priority, Box::new(call))
}

/// Runs blocks up to this one; says what the last one weighed.
fn run_to(block: BlockNumber) -> Weight {
    // Finding out that nothing is due is not part of it.
    let base = citrate_testing::DB_WEIGHT.reads_writes(1, 1);
    let mut weight = Weight::zero();
    while System::block_number() < block {
        let now = System::block_number() + 1;
        System::set_block_number(now);
        weight = <Scheduler as OnInitialize<BlockNumber>>::on_initialize(now);
        assert!(weight.saturating_sub(base).ref_time() <= SHARE, "{weight:?} in block {now}");
    }
    weight
}

fn noted() -> Vec<(u32, u32)> {
    notes::Noted::<Test>::get()
}

fn events() -> Vec<Event<Test>> {
    let events = System::events().into_iter().filter_map(|r| match r.event {
        RuntimeEvent::Scheduler(event) => Some(event),
        _ => None,
    });
    events.collect()
}

#[test]
fn a_call_is_dispatched_at_its_block_with_its_origin() {
    ext().execute_with(|| {
        assert_ok!(schedule(4, 0, note(1, 10)));
        let after =
            Scheduler::schedule_after(RuntimeOrigin::root(), 1, None, 0, note(2, 10).into());
        assert_ok!(after);
        let planner = RuntimeOrigin::signed(7);
        assert_ok!(Scheduler::schedule(planner, 4, None, 1, Box::new(note(3, 10))));
        run_to(3);
        assert_eq!(noted(), [(3, 2)]);
        run_to(6);
        // Account 7 may schedule, and is not root all the same.
        assert_eq!(noted(), [(3, 2), (4, 1)]);
        assert_eq!(
            events()[3..],
            [
                Event::Dispatched { task: (3, 0), id: None, result: Ok(()) },
                Event::Dispatched { task: (4, 0), id: None, result: Ok(()) },
                Event::Dispatched { task: (4, 1), id: None, result: Err(DispatchError::BadOrigin) },
            ]
        );
        assert_eq!(Agenda::<Test>::iter().count(), 0);
        assert_eq!(IncompleteSince::<Test>::get(), None);
    });
}

#[test]
fn who_may_not_schedule_or_cancel_is_refused() {
    ext().execute_with(|| {
        for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
            let scheduled = Scheduler::schedule(origin.clone(), 4, None, 0, note(1, 1).into());
            assert_noop!(scheduled, DispatchError::BadOrigin);
            assert_noop!(Scheduler::cancel(origin.clone(), 4, 0), DispatchError::BadOrigin);
            assert_noop!(Scheduler::cancel_named(origin, [0; 32]), DispatchError::BadOrigin);
        }
        let planner = |who| RuntimeOrigin::signed(who);
        assert_ok!(Scheduler::schedule(planner(7), 4, None, 0, note(1, 1).into()));
        assert_ok!(schedule(4, 0, note(2, 1)));
        // Not what is root's, nor what is another planner's.
        assert_noop!(Scheduler::cancel(planner(7), 4, 1), DispatchError::BadOrigin);
        assert_noop!(Scheduler::cancel(planner(8), 4, 0), DispatchError::BadOrigin);
        assert_ok!(Scheduler::cancel(planner(7), 4, 0));
        assert_noop!(Scheduler::cancel(planner(7), 4, 0), Error::<Test>::NotFound);
        assert_noop!(Scheduler::cancel(planner(7), 4, 9), Error::<Test>::NotFound);
        assert_ok!(Scheduler::cancel(RuntimeOrigin::root(), 4, 1));
        assert_eq!(Agenda::<Test>::iter().count(), 0);
        run_to(5);
        assert_eq!(noted(), []);
    });
}

#[test]
fn the_past_cannot_be_planned_and_agendas_have_a_limit() {
    ext().execute_with(|| {
        System::set_block_number(5);
        for when in [0, 4, 5] {
            let error = Error::<Test>::TargetBlockNumberInPast;
            assert_noop!(schedule(when, 0, note(1, 1)), error);
        }
        for number in 0..4 {
            assert_ok!(schedule(6, 0, note(number, 1)));
        }
        assert_noop!(schedule(6, 0, note(4, 1)), Error::<Test>::FailedToSchedule);
        // Long calls that find no place leave no preimage behind.
        assert_noop!(schedule(6, 0, long(4, 1)), Error::<Test>::FailedToSchedule);
        // The place of a cancelled one is taken.
        assert_ok!(Scheduler::cancel(RuntimeOrigin::root(), 6, 1));
        assert_ok!(schedule(6, 0, note(9, 1)));
        assert_eq!(events().last(), Some(&Event::Scheduled { when: 6, index: 1 }));
        run_to(6);
        assert_eq!(noted().iter().map(|n| n.1).collect::<Vec<_>>(), [0, 9, 2, 3]);
    });
}

#[test]
fn what_does_not_fit_waits_and_the_important_goes_first() {
    ext().execute_with(|| {
        assert_ok!(schedule(2, 9, note(1, 6 * TENTH)));
        assert_ok!(schedule(2, 1, note(2, 6 * TENTH)));
        assert_ok!(schedule(2, 5, note(3, 3 * TENTH)));
        assert_ok!(schedule(3, 0, note(4, 6 * TENTH)));
        run_to(2);
        assert_eq!(noted(), [(2, 2), (2, 3)]);
        assert_eq!(IncompleteSince::<Test>::get(), Some(2));
        assert!(events().contains(&Event::AgendaIncomplete { when: 2 }));
        // The older agenda has the first word, whatever the priorities.
        run_to(3);
        assert_eq!(noted()[2..], [(3, 1)]);
        run_to(4);
        assert_eq!(noted()[3..], [(4, 4)]);
        assert_eq!(IncompleteSince::<Test>::get(), None);
        assert_eq!(Agenda::<Test>::iter().count(), 0);
    });
}

#[test]
fn calls_wait_while_blocks_take_no_transactions() {
    ext().execute_with(|| {
        assert_ok!(schedule(2, 0, note(1, TENTH)));
        assert_ok!(schedule(3, 0, note(2, TENTH)));
        for number in 2..=4 {
            System::set_block_number(number);
            System::note_closed_block();
            Scheduler::on_initialize(number);
        }
        assert_eq!(noted(), []);
        assert_eq!(IncompleteSince::<Test>::get(), Some(2));
        run_to(5);
        assert_eq!(noted(), [(5, 1), (5, 2)]);
        assert_eq!(IncompleteSince::<Test>::get(), None);
    });
}

#[test]
fn a_task_that_waits_can_be_cancelled() {
    ext().execute_with(|| {
        assert_ok!(schedule(2, 0, note(1, 6 * TENTH)));
        assert_ok!(schedule(2, 1, note(2, 6 * TENTH)));
        run_to(2);
        assert_ok!(Scheduler::cancel(RuntimeOrigin::root(), 2, 1));
        run_to(4);
        assert_eq!(noted(), [(2, 1)]);
    });
}

#[test]
fn what_is_being_dispatched_cannot_be_cancelled() {
    ext().execute_with(|| {
        let cancel = crate::Call::<Test>::cancel { when: 2, index: 1 };
        assert_ok!(schedule(2, 0, RuntimeCall::Scheduler(cancel)));
        assert_ok!(schedule(2, 1, long(2, 10)));
        run_to(3);
        let result = Err(Error::<Test>::NotFound.into());
        assert!(events().contains(&Event::Dispatched { task: (2, 0), id: None, result }));
        assert_eq!(noted(), [(2, 2)]);
        assert_eq!(Agenda::<Test>::iter().count(), 0);
    });
}

#[test]
fn what_can_never_fit_is_dropped_and_holds_nobody_up() {
    ext().execute_with(|| {
        let name = [3; 32];
        let call = Box::new(long(1, SHARE + 1));
        assert_ok!(Scheduler::schedule_named(RuntimeOrigin::root(), name, 2, None, 0, call));
        assert_ok!(schedule(2, 1, note(2, 5 * TENTH)));
        run_to(2);
        assert_eq!(noted(), [(2, 2)]);
        let dropped = Event::PermanentlyOverweight { task: (2, 0), id: Some(name) };
        assert!(events().contains(&dropped));
        assert_eq!(IncompleteSince::<Test>::get(), None);
        assert_eq!(Lookup::<Test>::iter().count(), 0);
        assert_eq!(PreimageFor::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_periodic_task_comes_as_often_as_it_says() {
    ext().execute_with(|| {
        let name = [1; 32];
        let root = RuntimeOrigin::root;
        let call = Box::new(long(7, 10));
        assert_ok!(Scheduler::schedule_named(root(), name, 2, Some((3, 3)), 0, call.clone()));
        let again = Scheduler::schedule_named(root(), name, 9, None, 0, call.clone());
        assert_noop!(again, Error::<Test>::FailedToSchedule);
        run_to(4);
        assert_eq!(Lookup::<Test>::get(name), Some((5, 0)));
        assert_eq!(PreimageFor::<Test>::iter().count(), 1, "needed for the next time");
        run_to(20);
        assert_eq!(noted(), [(2, 7), (5, 7), (8, 7)]);
        assert_eq!(Lookup::<Test>::get(name), None);
        assert_eq!(PreimageFor::<Test>::iter().count(), 0);
        // Named ones are cancelled by name, between two times as well.
        let periodic = Some((5, 100));
        assert_ok!(Scheduler::schedule_named_after(root(), name, 0, periodic, 0, call));
        run_to(22);
        let (when, index) = Lookup::<Test>::get(name).unwrap();
        assert_ok!(Scheduler::cancel(root(), when, index));
        assert_noop!(Scheduler::cancel_named(root(), name), Error::<Test>::NotFound);
        run_to(40);
        assert_eq!(noted()[3..], [(21, 7)]);
        assert_ok!(Scheduler::schedule_named(root(), name, 50, None, 0, Box::new(long(8, 10))));
        assert_ok!(Scheduler::cancel_named(root(), name));
        assert_eq!(RequestStatusFor::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_periodic_task_that_finds_no_place_ends() {
    ext().execute_with(|| {
        let periodic = Some((1, 5));
        let call = Box::new(long(7, 10));
        assert_ok!(Scheduler::schedule(RuntimeOrigin::root(), 2, periodic, 0, call));
        for number in 0..4 {
            assert_ok!(schedule(3, 0, note(number, 1)));
        }
        run_to(5);
        assert_eq!(noted()[0], (2, 7));
        assert!(!noted()[1..].iter().any(|(_, number)| *number == 7));
        assert!(events().contains(&Event::PeriodicFailed { task: (2, 0), id: None }));
        assert_eq!(RequestStatusFor::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_call_without_its_preimage_is_told() {
    ext().execute_with(|| {
        assert_ok!(schedule(2, 0, long(1, 10)));
        let hash = BlakeTwo256::hash_of(&long(1, 10));
        assert_ok!(Preimage::unrequest_preimage(RuntimeOrigin::root(), hash));
        run_to(3);
        assert_eq!(noted(), []);
        assert!(events().contains(&Event::CallUnavailable { task: (2, 0), id: None }));
        assert_eq!(Agenda::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_long_pause_is_made_up_for_in_bounded_steps() {
    ext().execute_with(|| {
        assert_ok!(schedule(2, 0, note(1, 6 * TENTH)));
        assert_ok!(schedule(2, 0, note(2, 6 * TENTH)));
        assert_ok!(schedule(100, 0, note(3, 1)));
        run_to(2);
        // As if blocks had been skipped: the agendas between are looked at, four a block.
        System::set_block_number(99);
        run_to(100);
        assert_eq!(noted(), [(2, 1), (100, 2)]);
        assert_eq!(IncompleteSince::<Test>::get(), Some(6));
        run_to(135);
        assert_eq!(noted().last().map(|n| n.1), Some(3));
        assert_eq!(IncompleteSince::<Test>::get(), None);
    });
}

#[test]
fn weights_count_what_was_done() {
    ext().execute_with(|| {
        let idle = run_to(2);
        assert_ok!(schedule(3, 0, note(1, 5_000)));
        let busy = run_to(3);
        assert!(busy.ref_time() >= idle.ref_time() + 5_000, "{busy:?} after {idle:?}");
        let weigh = |call: RuntimeCall| {
            let call = Box::new(call);
            let call =
                crate::Call::<Test>::schedule { when: 1, maybe_periodic: None, priority: 0, call };
            call.get_dispatch_info().call_weight.ref_time()
        };
        assert_eq!(weigh(long(1, 1)) - weigh(note(1, 1)), 201 * 3_000);
    });
}

#[test]
fn what_is_done_is_within_its_weight() {
    let mut ext = ext();
    let root = || RuntimeOrigin::root();
    let (id, maybe_periodic, priority) = ([1; 32], Some((3, 2)), 0);
    let mut run = |call| assert_weighed(&mut ext, root(), RuntimeCall::Scheduler(call));
    let call = || Box::new(long(1, citrate_testing::DB_WEIGHT.reads_writes(1, 1).ref_time()));
    run(crate::Call::schedule { when: 2, maybe_periodic, priority, call: call() });
    run(crate::Call::schedule_named { id, when: 2, maybe_periodic, priority, call: call() });
    run(crate::Call::schedule_after { after: 2, maybe_periodic: None, priority, call: call() });
    let id = [2; 32];
    run(crate::Call::schedule_named_after { id, after: 2, maybe_periodic, priority, call: call() });
    run(crate::Call::cancel { when: 4, index: 0 });
    run(crate::Call::cancel_named { id });
    for block in 2..7 {
        let (weight, accesses) = ext.accesses(|| {
            System::set_block_number(block);
            <Scheduler as OnInitialize<BlockNumber>>::on_initialize(block)
        });
        accesses.assert_within(weight, &format!("block {block}"));
    }
    ext.execute_with(|| assert_eq!(noted().len(), 4));
}

#[test]
fn encodings_are_the_known_ones() {
    ext().execute_with(|| {
        let call = note(1, 1);
        let Ok(Bounded::Inline(bytes)) = Preimage::bound(&call) else { panic!("short") };
        assert_ok!(schedule(4, 3, call));
        let task = Agenda::<Test>::get(4)[0].clone();
        let expected = (
            None::<u8>,
            3_u8,
            1_u8,
            bytes,
            None::<u8>,
            OriginCaller::system(pallet_system::RawOrigin::Root),
        );
        assert_eq!(
            task.encode(),
            Some(()).map(|()| [&[1][..], &expected.encode()].concat()).unwrap()
        );
        assert_eq!(Event::<Test>::CallUnavailable { task: (0, 0), id: None }.encode()[0], 5);
        assert_eq!(Event::<Test>::PermanentlyOverweight { task: (0, 0), id: None }.encode()[0], 8);
        assert_eq!(crate::Call::<Test>::cancel { when: 1, index: 0 }.encode()[0], 1);
    });
}
