//! Calls from bytes, on a runtime whose books balance and on one whose books do not.

use citrate_support::{construct_runtime, derive_impl};
use citrate_testing::{CallFuzzer, Choices, Fuzzed, Values, new_test_ext};
use codec::{Compact, Decode, Encode};
use proptest::{collection::vec, prelude::any, proptest};
use scale_info::TypeInfo;
use std::collections::BTreeSet;

/// A pallet that forgets to subtract when it takes from itself.
#[citrate_support::pallet]
mod leaky {
    use citrate_support::{pallet_prelude::*, traits::TryRuntimeError};
    use pallet_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub(crate) type Jars<T> = StorageMap<_, Twox64Concat, u8, u32, ValueQuery>;

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            let sum: u32 = Jars::<T>::iter().map(|(_, jam)| jam).sum();
            ensure!(sum <= 1, "there is more jam than there was");
            Ok(())
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Takes jam from one jar to another.
        #[pallet::call_index(0)]
        #[pallet::weight(Weight::zero())]
        pub fn pour(origin: OriginFor<T>, from: u8, to: u8) -> DispatchResult {
            ensure_signed(origin)?;
            let (left, right) = (Jars::<T>::get(from), Jars::<T>::get(to));
            ensure!(left > 0, "the jar is empty");
            Jars::<T>::insert(from, left - 1);
            // Wrong when both are one jar: what was read above is old.
            Jars::<T>::insert(to, right + 1);
            Ok(())
        }
    }
}

construct_runtime!(
    pub enum Test {
        System: pallet_system,
        Balances: pallet_balances,
        Utility: pallet_utility,
        Leaky: crate::leaky,
    }
);

#[derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {
    type AccountData = pallet_balances::AccountData;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

impl pallet_utility::Config for Test {
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
}

impl leaky::Config for Test {}

/// Runs calls; with jam, the leaky pallet can be made to break its promise.
fn fuzz(bytes: &[u8], jam: u32) -> Fuzzed {
    let balances = vec![(1, 1_000), (2, 50), (3, 1)];
    let genesis = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    let mut ext = new_test_ext(&genesis);
    ext.execute_with(|| leaky::Jars::<Test>::insert(0, jam));
    let signed = RuntimeOrigin::signed;
    CallFuzzer::<RuntimeCall, AllPalletsWithSystem>::new(&[signed(1), signed(2), signed(3)])
        .prefer::<u64>(&[1, 2, 3])
        .after_each(|| System::run_to_block::<AllPalletsWithSystem>(System::block_number() + 1))
        .run(&mut ext, bytes)
}

proptest! {
    #[test]
    fn no_calls_of_anybody_break_the_books(bytes in vec(any::<u8>(), 0..400)) {
        let done = fuzz(&bytes, 0);
        assert!(done.succeeded <= done.calls);
    }

    #[test]
    fn any_bytes_are_some_value(bytes in vec(any::<u8>(), 0..200)) {
        let values = Values::<Everything>::new();
        let first = values.value(&mut Choices::new(&bytes)).expect("it nests no deeper than it is");
        assert_eq!(values.value(&mut Choices::new(&bytes)), Some(first), "the same again");
    }
}

/// One of each kind of type.
#[derive(Debug, PartialEq, Encode, Decode, TypeInfo)]
enum Everything {
    Nothing,
    Numbers(u8, i16, u32, i64, u128, bool),
    Lists { texts: Vec<String>, array: [u16; 3], pair: (u8, Option<bool>) },
    Compact(#[codec(compact)] u64, Compact<u128>, Compact<()>),
    Again(Box<Self>),
}

#[test]
fn calls_of_every_pallet_are_made_and_some_succeed() {
    let mut seen = BTreeSet::new();
    let (mut calls, mut succeeded) = (0, 0);
    let values = Values::<RuntimeCall>::new();
    for seed in 0..=255_u8 {
        let bytes: Vec<u8> = (0..200_u32).map(|i| seed.wrapping_mul(31) ^ (i * i) as u8).collect();
        let done = fuzz(&bytes, 0);
        calls += done.calls;
        succeeded += done.succeeded;
        seen.extend(values.value(&mut Choices::new(&[seed, seed / 4])).map(|c| c.encode()[0]));
    }
    assert_eq!(seen, BTreeSet::from([0, 1, 2, 3]), "calls of all pallets");
    assert!(succeeded > 100 && calls > 2 * succeeded, "{succeeded} of {calls}");
}

#[test]
fn what_is_preferred_is_taken() {
    let values = Values::<u64>::new().prefer::<u64>(&[77, 78]);
    assert_eq!(values.value(&mut Choices::new(&[0, 1])), Some(78));
    assert_eq!(values.value(&mut Choices::new(&[1, 5])), Some(5), "the other half of the times");
}

#[test]
#[should_panic(expected = "there is more jam than there was")]
fn a_broken_promise_is_found() {
    for seed in 0..=u16::MAX {
        let [a, b] = seed.to_le_bytes();
        fuzz(&[0, 3, 0, a, 0, b], 1);
    }
}
