//! What the calls take, at their worst: accounts begin and end.

use crate::{Account, Approvals, Asset, AssetStatus, Call, Config, Metadata, Pallet};
use citrate_core::Balance;
use citrate_support::benchmarking::*;
use citrate_support::pallet_prelude::*;
use citrate_support::traits::{
    StaticLookup, fungible, fungible::Inspect as _, fungible::Mutate as _,
};
use pallet_system::RawOrigin;

/// The token.
const ID: u32 = 1_000_000;
/// What its first holder has.
const ISSUED: Balance = 1_000_000_000;

type LookupOf<T> = <<T as pallet_system::Config>::Lookup as StaticLookup>::Source;

fn lookup<T: Config>(who: &T::AccountId) -> LookupOf<T> {
    T::Lookup::unlookup(who.clone())
}

/// An account with native money for deposits and references.
fn rich<T: Config>(name: &'static str, index: u32) -> T::AccountId
where
    T::Currency: fungible::Mutate<T::AccountId>,
{
    let who: T::AccountId = account(name, index, 0);
    let deposits = [
        T::AssetDeposit::get(),
        T::MetadataDepositBase::get(),
        T::ApprovalDeposit::get(),
        T::AssetAccountDeposit::get(),
    ];
    let name =
        T::MetadataDepositPerByte::get().saturating_mul(Balance::from(T::StringLimit::get()));
    let all = deposits.iter().fold(name.saturating_mul(2), |sum, more| sum.saturating_add(*more));
    let least = T::Currency::minimum_balance();
    T::Currency::set_balance(&who, all.saturating_add(least).saturating_mul(10));
    who
}

/// Creates the token; its owner is its whole team.
fn create<T: Config>() -> T::AccountId
where
    T::Currency: fungible::Mutate<T::AccountId>,
{
    let owner = rich::<T>("owner", 0);
    let admin = lookup::<T>(&owner);
    Pallet::<T>::create(RawOrigin::Signed(owner.clone()).into(), ID, admin, 1)
        .expect("the number is free");
    owner
}

/// Creates the token, and its first holder.
fn held<T: Config>() -> (T::AccountId, T::AccountId)
where
    T::Currency: fungible::Mutate<T::AccountId>,
{
    let (owner, holder) = (create::<T>(), rich::<T>("holder", 0));
    mint::<T>(&owner, &holder);
    (owner, holder)
}

fn mint<T: Config>(owner: &T::AccountId, to: &T::AccountId) {
    let origin = RawOrigin::Signed(owner.clone()).into();
    Pallet::<T>::mint(origin, ID, lookup::<T>(to), ISSUED).expect("the owner issues");
}

fn approve<T: Config>(holder: &T::AccountId, delegate: &T::AccountId) {
    let origin = RawOrigin::Signed(holder.clone()).into();
    Pallet::<T>::approve_transfer(origin, ID, lookup::<T>(delegate), ISSUED)
        .expect("there is a deposit");
}

/// Begins the token's end.
fn end<T: Config>(owner: &T::AccountId) {
    Pallet::<T>::start_destroy(RawOrigin::Signed(owner.clone()).into(), ID).expect("the owner may");
}

fn balance<T: Config>(who: &T::AccountId) -> Balance {
    Account::<T>::get(ID, who).map_or(0, |account| account.balance)
}

fn status<T: Config>() -> Option<AssetStatus> {
    Asset::<T>::get(ID).map(|asset| asset.status)
}

#[benchmarks(where T::Currency: fungible::Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn create() {
        let owner = rich::<T>("owner", 0);
        let admin = lookup::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID, admin, 1);

        assert_eq!(status::<T>(), Some(AssetStatus::Live));
    }

    #[benchmark]
    fn force_create() -> Result<(), BenchmarkError> {
        let owner = lookup::<T>(&rich::<T>("owner", 0));
        // Where root may not, nobody can say who may.
        T::ForceOrigin::ensure_origin(RawOrigin::Root.into())
            .map_err(|_origin| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(RawOrigin::Root, ID, owner, true, 1);

        assert_eq!(status::<T>(), Some(AssetStatus::Live));
        Ok(())
    }

    #[benchmark]
    fn start_destroy() {
        let owner = create::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID);

        assert_eq!(status::<T>(), Some(AssetStatus::Destroying));
    }

    #[benchmark]
    fn destroy_accounts(n: Linear<0, { T::RemoveItemsLimit::get() }>) {
        let owner = create::<T>();
        for index in 0..n {
            mint::<T>(&owner, &rich::<T>("holder", index));
        }
        end::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID);

        assert_eq!(Asset::<T>::get(ID).map(|asset| asset.accounts), Some(0));
    }

    #[benchmark]
    fn destroy_approvals(n: Linear<0, { T::RemoveItemsLimit::get() }>) {
        let owner = create::<T>();
        for index in 0..n {
            let holder = rich::<T>("holder", index);
            mint::<T>(&owner, &holder);
            approve::<T>(&holder, &owner);
        }
        end::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID);

        assert_eq!(Asset::<T>::get(ID).map(|asset| asset.approvals), Some(0));
    }

    #[benchmark]
    fn finish_destroy() {
        let owner = create::<T>();
        end::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID);

        assert_eq!(status::<T>(), None);
    }

    #[benchmark]
    fn mint() {
        let (owner, holder) = (create::<T>(), rich::<T>("holder", 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID, lookup::<T>(&holder), ISSUED);

        assert_eq!(balance::<T>(&holder), ISSUED);
    }

    #[benchmark]
    fn burn() {
        let (owner, holder) = held::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID, lookup::<T>(&holder), ISSUED);

        assert_eq!(balance::<T>(&holder), 0);
    }

    #[benchmark]
    fn transfer() {
        let ((_, holder), to) = (held::<T>(), rich::<T>("recipient", 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(holder), ID, lookup::<T>(&to), ISSUED);

        assert_eq!(balance::<T>(&to), ISSUED);
    }

    #[benchmark]
    fn transfer_keep_alive() {
        let ((_, holder), to) = (held::<T>(), rich::<T>("recipient", 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(holder), ID, lookup::<T>(&to), ISSUED - 1);

        assert_eq!(balance::<T>(&to), ISSUED - 1);
    }

    #[benchmark]
    fn force_transfer() {
        let ((owner, holder), to) = (held::<T>(), rich::<T>("recipient", 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID, lookup::<T>(&holder), lookup::<T>(&to), ISSUED);

        assert_eq!(balance::<T>(&to), ISSUED);
    }

    #[benchmark]
    fn freeze() {
        let (owner, holder) = held::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID, lookup::<T>(&holder));

        assert!(Account::<T>::get(ID, &holder).is_some());
    }

    #[benchmark]
    fn thaw() {
        let (owner, holder) = held::<T>();
        let origin = RawOrigin::Signed(owner.clone()).into();
        Pallet::<T>::freeze(origin, ID, lookup::<T>(&holder)).expect("the owner freezes");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID, lookup::<T>(&holder));

        assert!(Account::<T>::get(ID, &holder).is_some());
    }

    #[benchmark]
    fn freeze_asset() {
        let owner = create::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID);

        assert_eq!(status::<T>(), Some(AssetStatus::Frozen));
    }

    #[benchmark]
    fn thaw_asset() {
        let owner = create::<T>();
        let origin = RawOrigin::Signed(owner.clone()).into();
        Pallet::<T>::freeze_asset(origin, ID).expect("the owner freezes");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID);

        assert_eq!(status::<T>(), Some(AssetStatus::Live));
    }

    #[benchmark]
    fn transfer_ownership() {
        let (owner, new) = (create::<T>(), rich::<T>("new", 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID, lookup::<T>(&new));

        assert_eq!(Asset::<T>::get(ID).map(|asset| asset.owner), Some(new));
    }

    #[benchmark]
    fn set_team() {
        let (owner, new) = (create::<T>(), rich::<T>("new", 0));
        let (issuer, admin, freezer) = (lookup::<T>(&new), lookup::<T>(&new), lookup::<T>(&new));

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID, issuer, admin, freezer);

        assert_eq!(Asset::<T>::get(ID).map(|asset| asset.issuer), Some(new));
    }

    #[benchmark]
    fn set_metadata(n: Linear<0, { T::StringLimit::get().saturating_mul(2) }>) {
        let owner = create::<T>();
        let bytes = |length: u32| vec![b'x'; usize::try_from(length).unwrap_or_default()];
        let half = n / 2;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID, bytes(half), bytes(n - half), 12);

        assert!(Metadata::<T>::contains_key(ID));
    }

    #[benchmark]
    fn clear_metadata() {
        let owner = create::<T>();
        let origin = RawOrigin::Signed(owner.clone()).into();
        Pallet::<T>::set_metadata(origin, ID, vec![b'x'], vec![b'x'], 12).expect("it is short");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), ID);

        assert!(!Metadata::<T>::contains_key(ID));
    }

    #[benchmark]
    fn approve_transfer() {
        let ((_, holder), delegate) = (held::<T>(), rich::<T>("delegate", 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), ID, lookup::<T>(&delegate), ISSUED);

        assert!(Approvals::<T>::contains_key((ID, holder, delegate)));
    }

    #[benchmark]
    fn cancel_approval() {
        let ((_, holder), delegate) = (held::<T>(), rich::<T>("delegate", 0));
        approve::<T>(&holder, &delegate);

        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), ID, lookup::<T>(&delegate));

        assert!(!Approvals::<T>::contains_key((ID, holder, delegate)));
    }

    #[benchmark]
    fn transfer_approved() {
        let ((_, holder), delegate) = (held::<T>(), rich::<T>("delegate", 0));
        let to = rich::<T>("recipient", 0);
        approve::<T>(&holder, &delegate);

        #[extrinsic_call]
        _(RawOrigin::Signed(delegate), ID, lookup::<T>(&holder), lookup::<T>(&to), ISSUED);

        assert_eq!(balance::<T>(&to), ISSUED);
    }

    #[benchmark]
    fn touch() {
        let (_, holder) = (create::<T>(), rich::<T>("holder", 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), ID);

        assert!(Account::<T>::contains_key(ID, holder));
    }

    #[benchmark]
    fn refund() {
        let (owner, holder) = (create::<T>(), rich::<T>("holder", 0));
        Pallet::<T>::touch(RawOrigin::Signed(holder.clone()).into(), ID).expect("it can pay");
        mint::<T>(&owner, &holder);

        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), ID, true);

        assert!(!Account::<T>::contains_key(ID, holder));
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::new(), crate::tests::Test);
}
