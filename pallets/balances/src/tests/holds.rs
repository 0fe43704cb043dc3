//! Holds and reserves.

use super::mock::{
    Balances, ED, RuntimeHoldReason, RuntimeOrigin, System, Test, TestHold, assert_invariants, ext,
    module_error,
};
use crate::{BalanceStatus, Error, TotalIssuance};
use citrate_core::TokenError;
use citrate_support::traits::tokens::fungible::{InspectHold, MutateHold};
use citrate_support::traits::tokens::{Fortitude, Precision, Restriction};
use citrate_support::{assert_noop, assert_ok};

const ESCROW: RuntimeHoldReason = TestHold::Escrow.outer();
const BOND: RuntimeHoldReason = TestHold::Bond.outer();

#[test]
fn a_hold_keeps_the_existential_deposit_free() {
    ext(&[(1, 100)]).execute_with(|| {
        assert!(!Balances::can_hold(&ESCROW, &1, 100 - ED + 1));
        assert_noop!(Balances::hold(&ESCROW, &1, 100 - ED + 1), TokenError::FundsUnavailable);
        assert_ok!(Balances::hold(&ESCROW, &1, 100 - ED));
        assert_eq!(Balances::free_balance(&1), ED);
        assert_eq!(Balances::balance_on_hold(&ESCROW, &1), 100 - ED);
        assert_eq!(System::consumers(&1), 1);
        // What is on hold keeps the account alive.
        assert_noop!(
            Balances::transfer_allow_death(RuntimeOrigin::signed(1), 2, ED),
            TokenError::OnlyProvider
        );
        assert_invariants();
    });
}

#[test]
fn holds_are_released_exactly_and_by_reason() {
    ext(&[(1, 100)]).execute_with(|| {
        assert_ok!(Balances::hold(&ESCROW, &1, 30));
        assert_ok!(Balances::hold(&BOND, &1, 20));
        assert_noop!(
            Balances::release(&BOND, &1, 21, Precision::Exact),
            TokenError::FundsUnavailable
        );
        assert_ok!(Balances::release(&BOND, &1, 21, Precision::BestEffort), 20);
        assert_eq!(Balances::balance_on_hold(&ESCROW, &1), 30);
        assert_eq!(Balances::free_balance(&1), 70);
        assert_ok!(Balances::release_all(&ESCROW, &1, Precision::Exact), 30);
        assert_eq!(System::consumers(&1), 0);
        assert_eq!(crate::Holds::<Test>::iter().count(), 0);
        assert_invariants();
    });
}

#[test]
fn what_is_on_hold_pays_another_account() {
    ext(&[(1, 100), (2, 100)]).execute_with(|| {
        assert_ok!(Balances::hold(&ESCROW, &1, 60));
        let pay = |dest, amount, restriction| {
            Balances::transfer_on_hold(
                &ESCROW,
                &1,
                &dest,
                amount,
                Precision::Exact,
                restriction,
                Fortitude::Force,
            )
        };
        assert_ok!(pay(2, 20, Restriction::Free), 20);
        assert_eq!(Balances::free_balance(&2), 120);
        assert_ok!(pay(2, 10, Restriction::OnHold), 10);
        assert_eq!(Balances::balance_on_hold(&ESCROW, &2), 10);
        // A new account can be paid, but not put on hold.
        assert_noop!(pay(3, 10, Restriction::OnHold), TokenError::CannotCreateHold);
        assert_noop!(pay(3, ED - 1, Restriction::Free), TokenError::BelowMinimum);
        assert_ok!(pay(3, ED, Restriction::Free), ED);
        assert_ok!(pay(1, 5, Restriction::Free), 5);
        assert_eq!(Balances::balance_on_hold(&ESCROW, &1), 60 - 20 - 10 - ED - 5);
        assert_invariants();
    });
}

#[test]
fn what_is_on_hold_can_be_burned_and_slashed() {
    ext(&[(1, 100)]).execute_with(|| {
        assert_ok!(Balances::hold(&BOND, &1, 60));
        assert_ok!(Balances::burn_held(&BOND, &1, 10, Precision::Exact, Fortitude::Force), 10);
        assert_eq!(TotalIssuance::<Test>::get(), 90);
        let (credit, missing) = Balances::slash_held(&BOND, &1, 70);
        assert_eq!((credit.amount(), missing), (50, 20));
        assert_eq!(TotalIssuance::<Test>::get(), 90);
        drop(credit);
        assert_eq!(TotalIssuance::<Test>::get(), 40);
        assert_eq!(Balances::reserved_balance(&1), 0);
        assert_invariants();
    });
}

#[test]
fn reserves_leave_holds_alone() {
    ext(&[(1, 100), (2, 100)]).execute_with(|| {
        assert_ok!(Balances::hold(&ESCROW, &1, 30));
        assert_ok!(Balances::reserve(&1, 20));
        assert_noop!(Balances::reserve(&1, 51), module_error(Error::<Test>::InsufficientBalance));
        assert_noop!(Balances::reserve(&1, 50), module_error(Error::<Test>::Expendability));
        // Only 20 are reserved anonymously.
        assert_eq!(Balances::unreserve(&1, 25), 5);
        assert_eq!(Balances::reserved_balance(&1), 30);
        assert_ok!(Balances::reserve(&1, 20));
        assert_ok!(Balances::repatriate_reserved(&1, &2, 12, BalanceStatus::Reserved), 0);
        assert_ok!(Balances::repatriate_reserved(&1, &2, 3, BalanceStatus::Free), 0);
        assert_eq!((Balances::free_balance(&2), Balances::reserved_balance(&2)), (103, 12));
        assert_noop!(
            Balances::repatriate_reserved(&1, &3, 3, BalanceStatus::Free),
            module_error(Error::<Test>::DeadAccount)
        );
        let (credit, missing) = Balances::slash_reserved(&1, 100);
        assert_eq!((credit.amount(), missing), (5, 95));
        drop(credit);
        assert_ok!(Balances::force_unreserve(RuntimeOrigin::root(), 2, 100));
        assert_eq!(Balances::reserved_balance(&2), 0);
        assert_eq!(Balances::balance_on_hold(&ESCROW, &1), 30);
        assert_invariants();
    });
}

#[test]
fn named_reserves_are_counted_by_name() {
    ext(&[(1, 1_000)]).execute_with(|| {
        assert_ok!(Balances::reserve_named(b"aaaaaaaa", &1, 10));
        assert_ok!(Balances::reserve_named(b"bbbbbbbb", &1, 20));
        assert_ok!(Balances::reserve_named(b"aaaaaaaa", &1, 5));
        assert_eq!(Balances::reserved_balance_named(b"aaaaaaaa", &1), 15);
        assert_noop!(
            Balances::reserve_named(b"cccccccc", &1, 1),
            module_error(Error::<Test>::TooManyReserves)
        );
        assert_eq!(Balances::unreserve(&1, 100), 100);
        assert_eq!(Balances::unreserve_named(b"aaaaaaaa", &1, 20), 5);
        assert_eq!(Balances::unreserve_named(b"bbbbbbbb", &1, 20), 0);
        assert_eq!(Balances::reserved_balance(&1), 0);
        assert_eq!(crate::Reserves::<Test>::iter().count(), 0);
        assert_invariants();
    });
}
