//! Calls, their events and their errors.

use super::mock::{
    Balances, ED, RuntimeEvent, RuntimeOrigin, System, Test, assert_invariants, ext, module_error,
};
use crate::{AdjustmentDirection, Error, Event, TotalIssuance};
use citrate_core::{ArithmeticError, DispatchError, TokenError};
use citrate_support::traits::tokens::{Fortitude, Precision, Preservation, fungible::Mutate};
use citrate_support::{assert_noop, assert_ok};

fn has_event(event: Event<Test>) -> bool {
    let event = RuntimeEvent::Balances(event);
    System::events().iter().any(|record| record.event == event)
}

#[test]
fn genesis_endows_accounts_and_counts_the_issuance() {
    ext(&[(1, 100), (2, 50)]).execute_with(|| {
        assert_eq!(Balances::free_balance(&1), 100);
        assert_eq!(TotalIssuance::<Test>::get(), 150);
        assert_eq!(System::providers(&1), 1);
        assert_invariants();
    });
}

#[test]
#[should_panic(expected = "less than the existential deposit")]
fn genesis_refuses_a_balance_below_the_existential_deposit() {
    ext(&[(1, ED - 1)]).execute_with(|| {});
}

#[test]
#[should_panic(expected = "endowed twice")]
fn genesis_refuses_an_account_twice() {
    ext(&[(1, 100), (1, 100)]).execute_with(|| {});
}

#[test]
fn a_transfer_moves_balance_and_creates_the_receiver() {
    ext(&[(1, 100)]).execute_with(|| {
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(1), 2, 30));
        assert_eq!((Balances::free_balance(&1), Balances::free_balance(&2)), (70, 30));
        assert!(has_event(Event::Endowed { account: 2, free_balance: 30 }));
        assert!(has_event(Event::Transfer { from: 1, to: 2, amount: 30 }));
        assert_eq!(System::providers(&2), 1);
        assert_invariants();
    });
}

#[test]
fn transfers_that_cannot_be_change_nothing() {
    ext(&[(1, 100), (2, 100)]).execute_with(|| {
        let signed = RuntimeOrigin::signed;
        assert_noop!(
            Balances::transfer_allow_death(signed(1), 2, 101),
            TokenError::FundsUnavailable
        );
        assert_noop!(
            Balances::transfer_allow_death(signed(1), 3, ED - 1),
            TokenError::BelowMinimum
        );
        assert_noop!(Balances::transfer_keep_alive(signed(1), 2, 100), TokenError::NotExpendable);
        assert_noop!(
            Balances::transfer_allow_death(RuntimeOrigin::none(), 2, 1),
            DispatchError::BadOrigin
        );
        assert_noop!(Balances::force_transfer(signed(1), 2, 1, 1), DispatchError::BadOrigin);
        assert_ok!(Balances::force_transfer(RuntimeOrigin::root(), 2, 1, 40));
        assert_eq!(Balances::free_balance(&1), 140);
        assert_invariants();
    });
}

#[test]
fn a_transfer_to_oneself_needs_the_balance_and_moves_nothing() {
    ext(&[(1, 100)]).execute_with(|| {
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(1), 1, 100));
        assert_eq!(Balances::free_balance(&1), 100);
        assert_noop!(
            Balances::transfer_allow_death(RuntimeOrigin::signed(1), 1, 101),
            TokenError::FundsUnavailable
        );
    });
}

#[test]
fn dust_dies_with_its_account() {
    ext(&[(1, 100), (2, 100)]).execute_with(|| {
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(1), 2, 100 - ED + 1));
        assert_eq!(Balances::free_balance(&1), 0);
        assert_eq!(System::providers(&1), 0);
        assert!(!System::account_exists(&1));
        assert!(has_event(Event::DustLost { account: 1, amount: ED - 1 }));
        assert_eq!(TotalIssuance::<Test>::get(), 200 - (ED - 1));
        assert_invariants();
    });
}

#[test]
fn transfer_all_leaves_nothing_or_the_existential_deposit() {
    ext(&[(1, 100), (2, 100)]).execute_with(|| {
        assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(1), 2, true));
        assert_eq!(Balances::free_balance(&1), ED);
        assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(2), 1, false));
        assert_eq!((Balances::free_balance(&1), Balances::free_balance(&2)), (200, 0));
        assert!(!System::account_exists(&2));
        assert_invariants();
    });
}

#[test]
fn an_account_that_is_needed_does_not_die() {
    ext(&[(1, 100), (2, 100)]).execute_with(|| {
        assert_ok!(System::inc_consumers(&1));
        assert_noop!(
            Balances::transfer_allow_death(RuntimeOrigin::signed(1), 2, 100),
            TokenError::OnlyProvider
        );
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(1), 2, 100 - ED));
    });
}

#[test]
fn root_sets_balances_and_the_issuance_follows() {
    ext(&[(1, 100)]).execute_with(|| {
        let set = |who, amount| Balances::force_set_balance(RuntimeOrigin::root(), who, amount);
        assert_ok!(set(1, 500));
        assert_eq!(TotalIssuance::<Test>::get(), 500);
        assert_ok!(set(2, ED));
        assert_eq!(TotalIssuance::<Test>::get(), 500 + ED);
        assert_ok!(set(1, ED - 1));
        assert_eq!(TotalIssuance::<Test>::get(), ED);
        assert!(!System::account_exists(&1));
        assert_noop!(set(1, u128::MAX), ArithmeticError::Overflow);
        assert_noop!(
            Balances::force_set_balance(RuntimeOrigin::signed(2), 2, 1),
            DispatchError::BadOrigin
        );
        assert_invariants();
    });
}

#[test]
fn root_adjusts_the_issuance() {
    ext(&[(1, 100)]).execute_with(|| {
        let adjust = |direction, delta| {
            Balances::force_adjust_total_issuance(RuntimeOrigin::root(), direction, delta)
        };
        assert_ok!(adjust(AdjustmentDirection::Increase, 10));
        assert_ok!(adjust(AdjustmentDirection::Decrease, 30));
        assert_eq!(TotalIssuance::<Test>::get(), 80);
        assert!(has_event(Event::TotalIssuanceForced { old: 110, new: 80 }));
        assert_noop!(
            adjust(AdjustmentDirection::Increase, 0),
            module_error(Error::<Test>::DeltaZero)
        );
    });
}

#[test]
fn burning_reduces_the_issuance() {
    ext(&[(1, 100)]).execute_with(|| {
        assert_ok!(Balances::burn(RuntimeOrigin::signed(1), 40, true));
        assert_eq!(TotalIssuance::<Test>::get(), 60);
        assert!(has_event(Event::Burned { who: 1, amount: 40 }));
        assert_noop!(Balances::burn(RuntimeOrigin::signed(1), 60, true), TokenError::NotExpendable);
        assert_ok!(Balances::burn(RuntimeOrigin::signed(1), 60, false));
        assert_eq!(TotalIssuance::<Test>::get(), 0);
        assert_invariants();
    });
}

#[test]
fn minting_stops_at_the_largest_issuance() {
    ext(&[(1, u128::MAX - 10)]).execute_with(|| {
        assert_noop!(Balances::mint_into(&2, 11), ArithmeticError::Overflow);
        assert_ok!(Balances::mint_into(&2, 10));
        assert_invariants();
    });
}

#[test]
fn a_credit_is_resolved_or_burned() {
    ext(&[(1, 100), (2, 100)]).execute_with(|| {
        let withdraw = |amount| {
            Balances::withdraw(
                &1,
                amount,
                Precision::Exact,
                Preservation::Preserve,
                Fortitude::Polite,
            )
        };
        let credit = withdraw(50).unwrap();
        assert_eq!(TotalIssuance::<Test>::get(), 200);
        let (first, second) = credit.split(20);
        Balances::resolve(&2, first).unwrap();
        drop(second);
        assert_eq!(Balances::free_balance(&2), 120);
        assert_eq!(TotalIssuance::<Test>::get(), 170);
        assert_eq!(withdraw(46).unwrap_err(), TokenError::NotExpendable.into());

        // A credit too small for a new account comes back.
        let credit = withdraw(ED - 1).unwrap();
        let credit = Balances::resolve(&9, credit).unwrap_err();
        assert_eq!(credit.amount(), ED - 1);
        let merged = credit.merge(Balances::issue(3));
        assert_eq!(merged.amount(), ED + 2);
        Balances::resolve(&9, merged).unwrap();
        assert_invariants();
    });
}
