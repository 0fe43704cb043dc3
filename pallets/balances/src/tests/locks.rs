//! Locks and freezes.

use super::mock::{
    Balances, ED, RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin, System, Test, TestFreeze,
    TestHold, assert_invariants, ext, module_error,
};
use crate::{Error, Reasons};
use citrate_core::TokenError;
use citrate_support::traits::tokens::fungible::{Inspect, InspectFreeze, MutateFreeze, MutateHold};
use citrate_support::traits::tokens::{Fortitude, Preservation};
use citrate_support::{assert_noop, assert_ok};

const VOTE: RuntimeFreezeReason = TestFreeze::Vote.outer();
const ESCROW: RuntimeHoldReason = TestHold::Escrow.outer();

fn reducible(force: Fortitude) -> u128 {
    Balances::reducible_balance(&1, Preservation::Expendable, force)
}

#[test]
fn locks_overlap_and_the_largest_counts() {
    ext(&[(1, 100)]).execute_with(|| {
        assert_ok!(Balances::set_lock(*b"aaaaaaaa", &1, 60, Reasons::All));
        assert_ok!(Balances::set_lock(*b"bbbbbbbb", &1, 30, Reasons::Misc));
        assert_eq!(reducible(Fortitude::Polite), 40);
        assert_eq!(System::consumers(&1), 1);
        assert_noop!(
            Balances::transfer_allow_death(RuntimeOrigin::signed(1), 2, 41),
            TokenError::Frozen
        );
        assert_ok!(Balances::remove_lock(*b"aaaaaaaa", &1));
        assert_eq!(reducible(Fortitude::Polite), 70);
        assert_ok!(Balances::extend_lock(*b"bbbbbbbb", &1, 20, Reasons::Fee));
        assert_eq!(reducible(Fortitude::Polite), 70);
        assert_ok!(Balances::remove_lock(*b"bbbbbbbb", &1));
        assert_eq!(System::consumers(&1), 0);
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(1), 2, 100));
        assert_invariants();
    });
}

#[test]
fn an_account_has_no_more_locks_than_the_limit() {
    ext(&[(1, 100)]).execute_with(|| {
        for id in 0..3u8 {
            assert_ok!(Balances::set_lock([id; 8], &1, 10, Reasons::All));
        }
        assert_noop!(
            Balances::set_lock([9; 8], &1, 10, Reasons::All),
            module_error(Error::<Test>::TooManyLocks)
        );
        assert_noop!(
            Balances::set_lock([9; 8], &7, 10, Reasons::All),
            module_error(Error::<Test>::DeadAccount)
        );
    });
}

#[test]
fn what_is_on_hold_counts_towards_what_is_frozen() {
    ext(&[(1, 100)]).execute_with(|| {
        assert_ok!(Balances::set_freeze(&VOTE, &1, 50));
        assert_eq!(Balances::balance_frozen(&VOTE, &1), 50);
        assert_eq!(reducible(Fortitude::Polite), 50);
        assert_ok!(Balances::hold(&ESCROW, &1, 30));
        // 70 free, 20 of which the freeze still needs.
        assert_eq!(reducible(Fortitude::Polite), 50);
        assert_eq!(reducible(Fortitude::Force), 70 - ED);
        assert_ok!(Balances::extend_freeze(&VOTE, &1, 20));
        assert_eq!(Balances::balance_frozen(&VOTE, &1), 50);
        assert_ok!(Balances::thaw(&VOTE, &1));
        assert_eq!(Balances::account(&1).frozen, 0);
        assert_invariants();
    });
}
