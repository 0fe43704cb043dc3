mod mock;

use crate::{
    ActiveCursor, Cursor, Error, Event, Historic, HistoricCleanupSelector, MigrationCursor,
};
use citrate_core::{DispatchError, Weight};
use citrate_support::dispatch::BadOrigin;
use citrate_support::migrations::{
    FailedMigrationHandling, MultiStepMigrator, SteppedMigration, SteppedMigrationError,
    SteppedMigrations,
};
use citrate_support::traits::{IntegrityTest, OnRuntimeUpgrade, TryState};
use citrate_support::weights::WeightMeter;
use codec::Encode;
use mock::*;

/// Begins the next block; with an upgrade if it is to. Gives what it weighed.
fn block(upgrade: bool) -> Weight {
    if upgrade {
        AllPalletsWithSystem::on_runtime_upgrade();
    }
    System::set_block_number(System::block_number() + 1);
    if Migrations::ongoing() { Migrations::step() } else { Weight::zero() }
}

/// The pallet's events since the last call.
fn events() -> Vec<Event<Test>> {
    let events = System::events().into_iter().map(|record| record.event);
    let ours = events.filter_map(|event| match event {
        RuntimeEvent::Migrations(event) => Some(event),
        RuntimeEvent::System(_) => None,
    });
    let ours = ours.collect();
    System::reset_events();
    ours
}

fn active(index: u32, inner: Option<u32>, started_at: u32) -> Option<crate::CursorOf<Test>> {
    let inner_cursor = inner.map(|at| at.encode().try_into().unwrap());
    Some(MigrationCursor::Active(ActiveCursor { index, inner_cursor, started_at }))
}

#[test]
fn migrations_go_on_from_block_to_block_and_say_how_far_they_are() {
    with_items(5, || {
        assert!(!Migrations::ongoing());
        let used = block(true);
        assert!(used.all_lte(MAX_SERVICE_WEIGHT), "{used:?}");
        // Two of the five items fit into a block.
        assert_eq!(Cursor::<Test>::get(), active(0, Some(2), 1));
        assert_eq!(
            events(),
            [
                Event::UpgradeStarted { migrations: 2 },
                Event::MigrationAdvanced { index: 0, took: 1 }
            ]
        );
        assert_eq!((wide(1), wide(2)), (Some(1), None));
        block(false);
        assert_eq!(events(), [Event::MigrationAdvanced { index: 0, took: 2 }]);
        assert!(Migrations::ongoing());
        // The last item leaves weight for the other migration, which needs one item's.
        block(false);
        assert_eq!(
            events(),
            [
                Event::MigrationCompleted { index: 0, took: 3 },
                Event::MigrationCompleted { index: 1, took: 1 },
                Event::UpgradeCompleted
            ]
        );
        assert!(!Migrations::ongoing());
        assert!((0..5).all(|item| wide(item) == Some(item.into())));
        assert_eq!((Started::take(), Completed::take()), (1, 1));
        assert_eq!(Historic::<Test>::iter().count(), 2);
    });
}

#[test]
fn a_migration_runs_once_whatever_runtimes_come() {
    with_items(1, || {
        block(true);
        assert!(events().contains(&Event::UpgradeCompleted));
        let moved = Moved::get();
        // The next upgrade has nothing to do: not even one block is closed.
        block(true);
        assert_eq!(events(), []);
        assert_eq!(Moved::get(), moved);
        // A migration that comes later runs alone.
        Extra::set(true);
        block(true);
        assert_eq!(
            events(),
            [
                Event::UpgradeStarted { migrations: 3 },
                Event::MigrationSkipped { index: 0 },
                Event::MigrationSkipped { index: 1 },
                Event::MigrationCompleted { index: 2, took: 1 },
                Event::UpgradeCompleted
            ]
        );
        assert_eq!(Moved::get(), moved);
    });
}

#[test]
fn a_failing_step_leaves_no_trace_and_ends_the_upgrade() {
    let cases = [
        (FailedMigrationHandling::ForceUnstuck, None),
        (FailedMigrationHandling::KeepStuck, Some(MigrationCursor::Stuck)),
        (FailedMigrationHandling::Ignore, active(0, Some(2), 1)),
    ];
    for (handling, left) in cases {
        with_items(5, || {
            Handling::set(Some(handling));
            block(true);
            events();
            FailAt::set(Some(3));
            block(false);
            assert_eq!(
                events(),
                [Event::MigrationFailed { index: 0, took: 2 }, Event::UpgradeFailed]
            );
            assert_eq!((wide(1), wide(2)), (Some(1), None), "item 2 was moved and is back");
            assert_eq!(Cursor::<Test>::get(), left);
            assert_eq!(FailedIndex::take(), Some(Some(0)));
            // One that is stuck does nothing more, and blocks stay closed.
            block(false);
            assert_eq!(Migrations::ongoing(), left.is_some());
            assert_eq!(events().is_empty(), handling != FailedMigrationHandling::Ignore);
        });
    }
}

#[test]
fn a_migration_that_takes_too_long_has_failed() {
    with_items(9, || {
        StepsMax::set(Some(3));
        block(true);
        block(false);
        assert_eq!(events().last(), Some(&Event::MigrationAdvanced { index: 0, took: 2 }));
        block(false);
        assert_eq!(events(), [Event::MigrationFailed { index: 0, took: 3 }, Event::UpgradeFailed]);
        assert!(!Migrations::ongoing());
    });
    // As many as it may are enough.
    with_items(8, || {
        StepsMax::set(Some(4));
        (0..5).for_each(|at| {
            block(at == 0);
        });
        assert!(!events().contains(&Event::UpgradeFailed));
    });
}

#[test]
fn a_step_that_needs_more_than_is_left_waits_for_the_next_block() {
    with_items(2, || {
        // The first takes all that the block has.
        block(true);
        assert_eq!(events().last(), Some(&Event::MigrationCompleted { index: 0, took: 1 }));
        assert_eq!(Cursor::<Test>::get(), active(1, None, 1));
        block(false);
        let expected = [Event::MigrationCompleted { index: 1, took: 2 }, Event::UpgradeCompleted];
        assert_eq!(events(), expected);
    });
    with_items(4, || {
        // What needs more than any block gives has failed at once.
        ItemWeight::set(MAX_SERVICE_WEIGHT + Weight::from_parts(1, 0));
        block(true);
        assert!(events().contains(&Event::MigrationFailed { index: 0, took: 1 }));
    });
}

#[test]
fn an_upgrade_in_the_middle_of_migrations_is_a_failure() {
    with_items(9, || {
        block(true);
        assert!(Migrations::ongoing());
        events();
        Migrations::on_runtime_upgrade();
        assert_eq!(events(), [Event::UpgradeFailed]);
        assert_eq!(FailedIndex::take(), Some(Some(0)));
    });
}

#[test]
fn root_can_mend_what_went_wrong() {
    with_items(9, || {
        let root = RuntimeOrigin::root;
        let nobody = RuntimeOrigin::signed(1);
        assert_eq!(Migrations::force_set_cursor(nobody.clone(), None), Err(BadOrigin.into()));
        assert_eq!(Migrations::force_onboard_mbms(nobody.clone()), Err(BadOrigin.into()));
        let selector = HistoricCleanupSelector::Specific(vec![]);
        assert_eq!(Migrations::clear_historic(nobody.clone(), selector), Err(BadOrigin.into()));
        assert_eq!(
            Migrations::force_set_active_cursor(nobody, 0, None, None),
            Err(BadOrigin.into())
        );

        Migrations::force_onboard_mbms(root()).unwrap();
        assert_eq!(Migrations::force_onboard_mbms(root()), Err(Error::<Test>::Ongoing.into()));
        Migrations::force_set_active_cursor(
            root(),
            0,
            Some(7_u32.encode().try_into().unwrap()),
            None,
        )
        .unwrap();
        events();
        block(false);
        assert_eq!((wide(6), wide(7)), (None, Some(7)), "it went on where it was put");
        Migrations::force_set_cursor(root(), None).unwrap();
        assert!(!Migrations::ongoing());
        Migrations::force_set_cursor(root(), active(9, None, 1)).unwrap();
        assert!(AllPalletsWithSystem::try_state(1).is_err(), "there is no migration 9");
        block(false);
        assert_eq!(events().last(), Some(&Event::UpgradeCompleted));
    });
}

#[test]
fn past_migrations_are_forgotten_a_part_at_a_time() {
    with_items(1, || {
        block(true);
        events();
        let name: crate::IdentifierOf<Test> = Widen::id().encode().try_into().unwrap();
        let root = RuntimeOrigin::root;
        let specific = HistoricCleanupSelector::Specific(vec![name.clone()]);
        Migrations::clear_historic(root(), specific).unwrap();
        assert!(!Historic::<Test>::contains_key(&name));
        assert_eq!(events(), [Event::HistoricCleared { next_cursor: None }]);
        for number in 0..3_u8 {
            Historic::<Test>::insert(
                crate::IdentifierOf::<Test>::try_from(vec![number]).unwrap(),
                (),
            );
        }
        let some = HistoricCleanupSelector::Wildcard { limit: Some(1), previous_cursor: None };
        let before = Historic::<Test>::iter().count();
        Migrations::clear_historic(root(), some).unwrap();
        assert!(Historic::<Test>::iter().count() < before);
        let all = HistoricCleanupSelector::Wildcard { limit: None, previous_cursor: None };
        Migrations::clear_historic(root(), all).unwrap();
        assert_eq!(Historic::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_trial_runs_all_steps_between_the_checks() {
    with_items(5, || {
        assert_eq!(Migrations::try_all(), Ok(3 + 1));
        assert!((0..5).all(|item| wide(item) == Some(item.into())));
        assert_eq!(Migrations::try_all(), Ok(0), "what has run does not run again");
    });
    let failing = |prepare: fn()| {
        let mut result = Ok(0);
        with_items(5, || {
            prepare();
            result = Migrations::try_all();
        });
        result
    };
    let other = |reason| Err(DispatchError::Other(reason));
    assert_eq!(failing(|| FailAt::set(Some(4))), other("a migration fails"));
    assert_eq!(
        failing(|| StepsMax::set(Some(2))),
        other("a migration takes more blocks than it may")
    );
    assert_eq!(failing(|| Lose::set(true)), other("an item is lost"));
    let heavy = || ItemWeight::set(MAX_SERVICE_WEIGHT + Weight::from_parts(1, 0));
    assert_eq!(failing(heavy), other("a migration's step weighs more than a block gives it"));
}

#[test]
fn tuples_of_migrations_count_through() {
    type Nested = (Widen, (Note, Widen), ());
    assert_eq!(Nested::len(), 3);
    let names = [Widen::id().encode(), Note::id().encode(), Widen::id().encode()];
    let found: Vec<_> = (0..4).map(Nested::nth_id).collect();
    assert_eq!(
        found,
        [Some(names[0].clone()), Some(names[1].clone()), Some(names[2].clone()), None]
    );
    assert_eq!(Nested::cursor_max_encoded_len(), 4);
    assert!(Nested::nth_max_steps(2).is_some() && Nested::nth_max_steps(3).is_none());
    let mut meter = WeightMeter::new();
    let wrong = Some(vec![1, 2]);
    let refused = Nested::nth_transactional_step(2, wrong, &mut meter);
    assert_eq!(refused, Some(Err(SteppedMigrationError::InvalidCursor)));
    assert_eq!(Nested::nth_transactional_step(3, None, &mut meter), None);
}

#[test]
fn the_configuration_is_checked() {
    AllPalletsWithSystem::integrity_test();
    let checked = |prepare: fn()| {
        prepare();
        let result = std::panic::catch_unwind(AllPalletsWithSystem::integrity_test);
        Twice::set(false);
        CursorMax::set(16);
        result.is_ok()
    };
    assert!(checked(|| {}));
    assert!(!checked(|| Twice::set(true)), "two migrations of one name");
    assert!(!checked(|| CursorMax::set(3)), "a cursor has four bytes");
}
