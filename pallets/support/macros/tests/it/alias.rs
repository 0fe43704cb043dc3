//! `#[storage_alias]`: the same keys as the pallet's own items, and those of items that are gone.

use crate::{
    demo,
    runtime::{Demo, Runtime},
};
use framework::{
    pallet_prelude::*,
    parameter_types,
    storage::{StorageInstance, StoragePrefixedMap, unhashed},
    storage_alias,
};

#[storage_alias]
type Number<T: demo::Config> = StorageValue<demo::Pallet<T>, u32, ValueQuery>;

#[storage_alias]
type Gone = StorageMap<Elsewhere, Twox64Concat, u32, u8>;

#[storage_alias(verbatim)]
type Counted<T: codec::FullCodec + 'static> = CountedStorageMap<Elsewhere, Identity, u8, T>;

#[storage_alias(pallet_name)]
type Moved = StorageNMap<Demo, (NMapKey<Identity, u8>, NMapKey<Identity, u8>), u16>;

#[storage_alias(dynamic)]
type Given<P: Get<&'static str>> = StorageDoubleMap<P, Identity, u8, Identity, u8, u32>;

parameter_types! {
    const Named: &'static str = "Given name";
}

#[test]
fn an_alias_is_the_pallets_own_item() {
    citrate_testing::TestExternalities::new().execute_with(|| {
        demo::Number::<Runtime>::put(7);
        assert_eq!(Number::<Runtime>::get(), 7);
        Number::<Runtime>::mutate(|number| *number += 1);
        assert_eq!(demo::Number::<Runtime>::get(), 8);
        assert_eq!(Number::<Runtime>::hashed_key(), demo::Number::<Runtime>::hashed_key());
    });
}

#[test]
fn names_are_taken_as_they_are_given() {
    let prefix = |pallet: &str, item: &str| {
        framework::storage::storage_prefix(pallet.as_bytes(), item.as_bytes())
    };
    citrate_testing::TestExternalities::new().execute_with(|| {
        Gone::insert(1, 2);
        assert_eq!(Gone::final_prefix(), prefix("Elsewhere", "Gone"));
        assert_eq!(Gone::iter().collect::<Vec<_>>(), [(1, 2)]);

        Counted::<u64>::insert(3, 4);
        assert_eq!((Counted::<u64>::count(), Counted::<u64>::get(3)), (1, Some(4)));
        let counter = prefix("Elsewhere", "CounterForCounted");
        assert_eq!(unhashed::get::<u32>(&counter), Some(1));

        Moved::insert((5, 6), 7);
        let key = [&prefix("Demo", "Moved")[..], &[5, 6]].concat();
        assert_eq!(unhashed::get::<u16>(&key), Some(7));

        Given::<Named>::insert(8, 9, 10);
        let key = [&prefix("Given name", "Given")[..], &[8, 9]].concat();
        assert_eq!(unhashed::get::<u32>(&key), Some(10));
        assert_eq!(_GeneratedPrefixForStorageAliasGiven::<Named>::STORAGE_PREFIX, "Given");
    });
}
