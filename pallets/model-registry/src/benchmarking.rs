//! What the owner's calls take.

use crate::{Call, Config, Granted, Pallet, Registered};
use citrate_core::{AccountId32, Balance, H256, Permill};
use citrate_inference_types::{
    Access, DType, Dim, EngineSettings, Examples, Labels, ModelCard, ModelLimits,
    OptimisationLevel, Postprocess, Preprocess, Refereeable, Task, TensorSpec, Text,
};
use citrate_support::benchmarking::*;
use citrate_support::pallet_prelude::*;
use citrate_support::traits::{
    StaticLookup, fungible, fungible::Inspect as _, fungible::Mutate as _,
};
use pallet_system::RawOrigin;

/// The model.
const MODEL: H256 = H256([7; 32]);
/// LIMIT: bytes of labels in a card.
const LABELS_MAX: u32 = 4_096;

/// A card with so many bytes of labels.
fn card(labels: u32) -> ModelCard {
    let text = "x".repeat(usize::try_from(labels).unwrap_or_default());
    let tensor = |name: &str| TensorSpec {
        name: Text::truncated(name),
        dtype: DType::F32,
        shape: BoundedVec::truncate_from(vec![Dim::Fixed(1), Dim::Fixed(256)]),
    };
    ModelCard {
        name: Text::truncated("model"),
        version: Text::truncated("1.0"),
        task: Task::Classification,
        licence: Text::truncated("Apache-2.0"),
        bytes: 1_000_000,
        inputs: BoundedVec::truncate_from(vec![tensor("input")]),
        outputs: BoundedVec::truncate_from(vec![tensor("output")]),
        preprocess: Preprocess::Tensors,
        postprocess: Postprocess::Classify(Labels::Inline(Text::truncated(&text))),
        tolerance: BoundedVec::new(),
        engine: EngineSettings { opset: 17, optimisation: OptimisationLevel::All },
        limits: ModelLimits {
            input_bytes_max: 16_384,
            output_bytes_max: 16_384,
            time_ms_max: 1_000,
            memory_bytes_max: 1 << 28,
        },
        assets: BoundedVec::new(),
        referee: Refereeable::No,
        examples: Examples::default(),
    }
}

/// Somebody with money for all deposits.
fn rich<T: Config>(name: &'static str) -> AccountId32
where
    T::Currency: fungible::Mutate<AccountId32>,
{
    let who: AccountId32 = account(name, 0, 0);
    let bytes = T::DepositPerByte::get().saturating_mul(Balance::from(4 * LABELS_MAX));
    let deposit = T::DepositBase::get().saturating_add(bytes);
    let amount = deposit.saturating_add(T::Currency::minimum_balance()).saturating_mul(10);
    T::Currency::set_balance(&who, amount);
    who
}

/// The owner of a registered model with the longest card.
fn owner<T: Config>() -> AccountId32
where
    T::Currency: fungible::Mutate<AccountId32>,
{
    let owner = rich::<T>("owner");
    let origin = RawOrigin::Signed(owner.clone()).into();
    Pallet::<T>::register(origin, MODEL, card(LABELS_MAX), 1).expect("the card is sound");
    owner
}

fn deprecate<T: Config>(owner: &AccountId32) {
    let done = Pallet::<T>::deprecate(RawOrigin::Signed(owner.clone()).into(), MODEL);
    done.expect("it is the owner's");
}

#[benchmarks(where T::Currency: fungible::Mutate<AccountId32>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register(n: Linear<0, LABELS_MAX>) {
        let owner = rich::<T>("owner");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), MODEL, card(n), 1);

        assert!(Registered::<T>::contains_key(MODEL));
    }

    #[benchmark]
    fn set_price() {
        let owner = owner::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), MODEL, 2);

        assert_eq!(Registered::<T>::get(MODEL).map(|model| model.price), Some(2));
    }

    #[benchmark]
    fn transfer() {
        let (owner, to) = (owner::<T>(), rich::<T>("new"));

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), MODEL, T::Lookup::unlookup(to.clone()));

        assert_eq!(Registered::<T>::get(MODEL).map(|model| model.owner), Some(to));
    }

    #[benchmark]
    fn deprecate() {
        let owner = owner::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), MODEL);
    }

    #[benchmark]
    fn remove() {
        let owner = owner::<T>();
        deprecate::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), MODEL);

        assert!(!Registered::<T>::contains_key(MODEL));
    }

    #[benchmark]
    fn set_access() {
        let owner = owner::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), MODEL, Access::List);

        assert_eq!(Registered::<T>::get(MODEL).map(|model| model.access), Some(Access::List));
    }

    #[benchmark]
    fn grant() {
        let (owner, friend) = (owner::<T>(), rich::<T>("friend"));

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), MODEL, T::Lookup::unlookup(friend.clone()));

        assert!(Granted::<T>::get(MODEL).contains(&friend));
    }

    #[benchmark]
    fn revoke() {
        let (owner, friend) = (owner::<T>(), rich::<T>("friend"));
        let lookup = || T::Lookup::unlookup(friend.clone());
        let origin = RawOrigin::Signed(owner.clone()).into();
        Pallet::<T>::grant(origin, MODEL, lookup()).expect("there is room");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), MODEL, lookup());

        assert!(Granted::<T>::get(MODEL).is_empty());
    }

    #[benchmark]
    fn set_share() {
        let owner = owner::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), MODEL, Permill::zero());

        assert_eq!(Registered::<T>::get(MODEL).map(|model| model.share), Some(Permill::zero()));
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::ext(), crate::tests::Test);
}
