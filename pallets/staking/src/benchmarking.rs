//! What the calls take, at their worst: a validator's, whose index changes too.

use crate::{Call, Config, Ledgers, Pallet, Role, Validators};
use citrate_core::{AccountId32, Balance};
use citrate_support::benchmarking::*;
use citrate_support::traits::{Get, StaticLookup, fungible, fungible::Mutate as _};
use pallet_system::RawOrigin;

/// A validator's bond.
fn bond<T: Config>() -> Balance {
    T::ValidatorBondMin::get().max(T::ProviderBondMin::get()).max(1_000)
}

/// Somebody who has much more than a bond.
fn rich<T: Config>() -> AccountId32
where
    T::Currency: fungible::Mutate<AccountId32>,
{
    let who: AccountId32 = whitelisted_caller();
    T::Currency::set_balance(&who, bond::<T>().saturating_mul(100));
    who
}

/// A validator.
fn validator<T: Config>() -> AccountId32
where
    T::Currency: fungible::Mutate<AccountId32>,
{
    let who = rich::<T>();
    let amount = bond::<T>().saturating_mul(50);
    let origin = RawOrigin::Signed(who.clone()).into();
    Pallet::<T>::bond(origin, Role::Validator, amount).expect("there is the money, and room");
    who
}

fn active<T: Config>(who: &AccountId32) -> Balance {
    Ledgers::<T>::get(who).map_or(0, |ledger| ledger.active)
}

#[benchmarks(where T::Currency: fungible::Mutate<AccountId32>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn bond() {
        let (who, amount) = (rich::<T>(), bond::<T>());

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), Role::Validator, amount);

        assert_eq!(active::<T>(&who), amount);
    }

    #[benchmark]
    fn bond_extra() {
        let who = validator::<T>();
        let before = active::<T>(&who);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), 1);

        assert_eq!(active::<T>(&who), before + 1);
    }

    /// All of it: it is no validator any more.
    #[benchmark]
    fn unbond() {
        let who = validator::<T>();
        let amount = active::<T>(&who);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), amount);

        assert!(!Validators::<T>::contains_key(&who));
    }

    /// The ledger ends, after it was unbonded in as many parts as may be.
    #[benchmark]
    fn withdraw_unbonded(n: Linear<1, { T::UnlockingMax::get() }>) {
        let who = validator::<T>();
        let origin = || RawOrigin::Signed(who.clone()).into();
        for part in 1..=n {
            // Parts of one block would be one.
            pallet_system::Pallet::<T>::set_block_number(part);
            let amount = if part == n { active::<T>(&who) } else { 1 };
            Pallet::<T>::unbond(origin(), amount).expect("there is so much");
        }
        let last = n.saturating_add(T::UnbondingDelay::get());
        pallet_system::Pallet::<T>::set_block_number(last);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(!Ledgers::<T>::contains_key(&who));
    }

    #[benchmark]
    fn chill() {
        let who = validator::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(!Validators::<T>::contains_key(&who));
    }

    #[benchmark]
    fn activate() {
        let who = validator::<T>();
        let chilled = Pallet::<T>::chill(RawOrigin::Signed(who.clone()).into());
        chilled.expect("it is a validator");

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(Validators::<T>::contains_key(&who));
    }

    #[benchmark]
    fn slash() {
        let who = validator::<T>();
        let amount = active::<T>(&who);

        #[extrinsic_call]
        _(RawOrigin::Root, T::Lookup::unlookup(who.clone()), amount);

        assert_eq!(active::<T>(&who), 0);
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::ext(), crate::tests::Test);
}
