//! The older interface keeps the same books.

use super::mock::{Balances, ED, Test, assert_invariants, ext};
use citrate_support::traits::{
    BalanceStatus, Currency as _, ExistenceRequirement, Imbalance, WithdrawReasons,
};
use citrate_support::{assert_noop, assert_ok};

type Currency = Balances;

fn issuance() -> u128 {
    crate::TotalIssuance::<Test>::get()
}

#[test]
fn money_in_flight_changes_the_issuance_when_it_is_dropped() {
    ext(&[(1, 100)]).execute_with(|| {
        let debt = Currency::deposit_creating(&2, 40);
        assert_eq!((debt.peek(), issuance()), (40, 100), "not part of it yet");
        let (first, rest) = debt.split(15);
        drop(first);
        assert_eq!(issuance(), 115);
        drop(rest.merge(Imbalance::zero()));
        assert_eq!((issuance(), Currency::free_balance(&2)), (140, 40));
        let (slashed, missing) = Currency::slash(&2, 50);
        assert_eq!((slashed.peek(), missing), (40, 10));
        assert_eq!(issuance(), 140, "still part of it");
        let back = Currency::resolve_into_existing(&2, slashed).expect_err("2 died");
        Currency::resolve_creating(&3, back);
        assert_eq!((Currency::free_balance(&3), issuance()), (40, 140));
        let fee = <Currency as citrate_support::traits::Currency<u64>>::withdraw(
            &1,
            30,
            WithdrawReasons::FEE,
            ExistenceRequirement::KeepAlive,
        );
        let fee = fee.expect("1 has 100").drop_zero().expect_err("it is something");
        drop(fee);
        assert_eq!(issuance(), 110);
        assert_invariants();
    });
}

#[test]
fn nobody_is_made_of_too_little() {
    ext(&[(1, 100)]).execute_with(|| {
        assert_eq!(Currency::deposit_creating(&2, ED - 1).peek(), 0);
        assert_eq!((Currency::total_balance(&2), issuance()), (0, 100));
        assert!(Currency::deposit_into_existing(&2, ED).is_err(), "2 is not there");
        drop(Currency::deposit_into_existing(&1, 1).expect("1 is"));
        assert_eq!(issuance(), 101);
        let keep = ExistenceRequirement::KeepAlive;
        assert!(Currency::transfer(&1, &2, 101 - ED + 1, keep).is_err());
        assert_ok!(Currency::transfer(&1, &2, 101 - ED, keep));
        assert_ok!(Currency::transfer(&1, &2, ED, ExistenceRequirement::AllowDeath));
        assert_eq!(Currency::total_balance(&1), 0);
        assert_invariants();
    });
}

#[test]
fn what_is_reserved_can_be_given_to_another() {
    ext(&[(1, 100), (2, 10)]).execute_with(|| {
        use citrate_support::traits::ReservableCurrency as Reservable;
        assert!(Currency::can_reserve(&1, 100 - ED) && !Currency::can_reserve(&1, 100));
        assert_noop!(
            <Currency as Reservable<u64>>::reserve(&1, 101),
            crate::Error::<Test>::InsufficientBalance
        );
        assert_ok!(<Currency as Reservable<u64>>::reserve(&1, 60));
        let left =
            <Currency as Reservable<u64>>::repatriate_reserved(&1, &2, 70, BalanceStatus::Free);
        assert_eq!(left, Ok(10), "only 60 were there");
        assert_eq!((Currency::free_balance(&1), Currency::free_balance(&2)), (40, 70));
        assert_invariants();
    });
}
