//! What the calls take, at their worst: accounts begin and end.

use crate::{Call, Config, Pallet, TotalIssuance};
use citrate_core::Balance;
use citrate_support::benchmarking::*;
use citrate_support::traits::{Get, StaticLookup};
use pallet_system::RawOrigin;

/// Creates an account that has so many times the existential deposit.
fn endow<T: Config>(who: &T::AccountId, deposits: Balance) {
    let amount = T::ExistentialDeposit::get().saturating_mul(deposits);
    let who = T::Lookup::unlookup(who.clone());
    let made = Pallet::<T>::force_set_balance(RawOrigin::Root.into(), who, amount);
    made.expect("root may make money");
}

/// An account that has money, and one that has not.
fn sender_and_recipient<T: Config>() -> (T::AccountId, T::AccountId) {
    let sender = whitelisted_caller();
    endow::<T>(&sender, 1_000);
    (sender, account("recipient", 0, 0))
}

fn free<T: Config>(who: &T::AccountId) -> Balance {
    Pallet::<T>::account(who).free
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// All of it goes, so that the sender's account dies.
    #[benchmark]
    fn transfer_allow_death() {
        let (sender, recipient) = sender_and_recipient::<T>();
        let amount = free::<T>(&sender);

        #[extrinsic_call]
        _(RawOrigin::Signed(sender.clone()), T::Lookup::unlookup(recipient.clone()), amount);

        assert_eq!((free::<T>(&sender), free::<T>(&recipient)), (0, amount));
    }

    #[benchmark]
    fn force_transfer() {
        let (sender, recipient) = sender_and_recipient::<T>();
        let amount = free::<T>(&sender);
        let (from, to) =
            (T::Lookup::unlookup(sender.clone()), T::Lookup::unlookup(recipient.clone()));

        #[extrinsic_call]
        _(RawOrigin::Root, from, to, amount);

        assert_eq!((free::<T>(&sender), free::<T>(&recipient)), (0, amount));
    }

    #[benchmark]
    fn transfer_keep_alive() {
        let (sender, recipient) = sender_and_recipient::<T>();
        let amount = T::ExistentialDeposit::get();

        #[extrinsic_call]
        _(RawOrigin::Signed(sender), T::Lookup::unlookup(recipient.clone()), amount);

        assert_eq!(free::<T>(&recipient), amount);
    }

    #[benchmark]
    fn transfer_all() {
        let (sender, recipient) = sender_and_recipient::<T>();
        let amount = free::<T>(&sender);

        #[extrinsic_call]
        _(RawOrigin::Signed(sender), T::Lookup::unlookup(recipient.clone()), false);

        assert_eq!(free::<T>(&recipient), amount);
    }

    #[benchmark]
    fn force_unreserve() {
        let (owner, _) = sender_and_recipient::<T>();
        let (before, amount) = (free::<T>(&owner), T::ExistentialDeposit::get());
        Pallet::<T>::reserve(&owner, amount).expect("the account has more");

        #[extrinsic_call]
        _(RawOrigin::Root, T::Lookup::unlookup(owner.clone()), amount);

        assert_eq!(free::<T>(&owner), before);
    }

    /// The account dies.
    #[benchmark]
    fn force_set_balance() {
        let (owner, _) = sender_and_recipient::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, T::Lookup::unlookup(owner.clone()), 0);

        assert_eq!(free::<T>(&owner), 0);
    }

    #[benchmark]
    fn force_adjust_total_issuance() {
        let before = TotalIssuance::<T>::get();

        #[extrinsic_call]
        _(RawOrigin::Root, crate::AdjustmentDirection::Increase, 5);

        assert_eq!(TotalIssuance::<T>::get(), before.saturating_add(5));
    }

    /// The account dies.
    #[benchmark]
    fn burn() {
        let (owner, _) = sender_and_recipient::<T>();
        let amount = free::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), amount, false);

        assert_eq!(free::<T>(&owner), 0);
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::ext(&[]), crate::tests::mock::Test);
}
