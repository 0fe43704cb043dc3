use super::*;
use crate::traits::{ConstU32, Get};
use bounded_collections::BoundedVec;
use citrate_core::{DispatchError, TransactionalError};
use citrate_host::{StateExt, with_externalities};
use citrate_trie::StateView;
use proptest::{collection::vec, prelude::*};
use sp_metadata_ir::{
    ItemDeprecationInfoIR, StorageEntryModifierIR, StorageEntryTypeIR, StorageHasherIR,
};
use std::collections::BTreeMap;

macro_rules! place {
    ($name:ident, $item:literal) => {
        struct $name;
        impl StorageInstance for $name {
            const STORAGE_PREFIX: &'static str = $item;
            fn pallet_prefix() -> &'static str {
                "Test"
            }
        }
    };
}
place!(ValuePlace, "Value");
place!(MapPlace, "Map");
place!(DoublePlace, "Double");
place!(ManyPlace, "Many");
place!(CountedPlace, "Counted");
place!(CounterPlace, "CounterForCounted");
impl CountedStorageMapInstance for CountedPlace {
    type CounterPrefix = CounterPlace;
}

struct Five;
impl Get<u32> for Five {
    fn get() -> u32 {
        5
    }
}

struct Missing;
impl Get<Result<u32, &'static str>> for Missing {
    fn get() -> Result<u32, &'static str> {
        Err("missing")
    }
}

type Value = StorageValue<ValuePlace, u32, ValueQuery, Five>;
type Fallible = StorageValue<ValuePlace, u32, ResultQuery<&'static str>, Missing>;
type List = StorageValue<ValuePlace, BoundedVec<u16, ConstU32<3>>, ValueQuery>;
type Map = StorageMap<MapPlace, Blake2_128Concat, u8, u32>;
type Double = StorageDoubleMap<DoublePlace, Twox64Concat, u8, Blake2_128Concat, u16, u32>;
type Many = StorageNMap<
    ManyPlace,
    (NMapKey<Identity, u8>, NMapKey<Twox64Concat, u16>, NMapKey<Blake2_128Concat, u8>),
    u32,
>;
type CountedMany =
    CountedStorageNMap<CountedPlace, (NMapKey<Identity, u8>, NMapKey<Twox64Concat, u16>), u32>;
type Counted = CountedStorageMap<CountedPlace, Twox64Concat, u8, u32>;

fn run<R>(f: impl FnOnce() -> R) -> R {
    with_externalities(&mut StateExt::new(StateView::empty()), f)
}

#[test]
fn hashers_give_the_known_bytes() {
    let key = 7_u32.to_le_bytes();
    let cases: [(&str, Vec<u8>, usize); 7] = [
        ("Identity", Identity::hash(&key), 4),
        ("Twox64Concat", Twox64Concat::hash(&key), 12),
        ("Blake2_128Concat", Blake2_128Concat::hash(&key), 20),
        ("Twox128", Twox128::hash(&key).to_vec(), 16),
        ("Twox256", Twox256::hash(&key).to_vec(), 32),
        ("Blake2_128", Blake2_128::hash(&key).to_vec(), 16),
        ("Blake2_256", Blake2_256::hash(&key).to_vec(), 32),
    ];
    for (name, hashed, len) in cases {
        assert_eq!(hashed.len(), len, "{name}");
    }
    assert_eq!(Twox64Concat::reverse(&Twox64Concat::hash(&key)), key);
    assert_eq!(Blake2_128Concat::reverse(&Blake2_128Concat::hash(&key)), key);
    assert!(Blake2_128Concat::reverse(&[1, 2, 3]).is_empty(), "too short to hold a key");
}

#[test]
fn well_known_keys_of_clients() {
    let cases = [
        ("System", "Events", "26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7"),
        ("System", "Account", "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"),
        ("System", "Number", "26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac"),
        ("Timestamp", "Now", "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb"),
    ];
    for (pallet, item, key) in cases {
        assert_eq!(hex::encode(storage_prefix(pallet.as_bytes(), item.as_bytes())), key, "{item}");
    }
}

#[test]
fn query_kinds_say_what_nothing_means() {
    run(|| {
        assert_eq!(Value::get(), 5);
        assert_eq!(Value::try_get(), Err(()));
        assert_eq!(Fallible::get(), Err("missing"));
        assert_eq!(Map::get(1), None);
        Value::mutate(|v| *v += 1);
        assert_eq!((Value::get(), Fallible::get()), (6, Ok(6)));
        assert_eq!(
            Value::try_mutate(|v| {
                *v = 9;
                Err::<(), _>("no")
            }),
            Err("no")
        );
        assert_eq!(Value::take(), 6);
        assert!(!Value::exists());
        unhashed::put(&Value::hashed_key(), &1_u8);
        assert_eq!(Value::get(), 5, "bytes that do not decode count as nothing");
    });
}

#[test]
fn bounded_lists_take_no_more_than_their_bound() {
    run(|| {
        for n in 0..3_u16 {
            assert_eq!(List::try_append(n), Ok(()));
        }
        assert_eq!(List::try_append(3_u16), Err(()));
        assert_eq!(List::decode_len(), Some(3));
        assert_eq!(List::get().into_inner(), vec![0, 1, 2]);
    });
}

#[test]
fn clearing_goes_on_where_it_stopped() {
    run(|| {
        for n in 0..10_u8 {
            Map::insert(n, u32::from(n));
        }
        Value::put(1);
        let first = Map::clear(4, None);
        assert_eq!((first.unique, first.maybe_cursor.is_some()), (4, true));
        assert_eq!(Map::iter().count(), 6);
        let rest = Map::clear(100, first.maybe_cursor.as_deref());
        assert_eq!((rest.unique, rest.maybe_cursor), (6, None));
        assert_eq!(Map::iter().count(), 0);
        assert!(Value::exists(), "other items stay");
        assert_eq!(Map::clear(0, None).loops, 0);
    });
}

#[test]
fn layers_keep_or_forget() {
    run(|| {
        Value::put(1);
        let failed: Result<(), DispatchError> = with_storage_layer(|| {
            Value::put(2);
            assert!(is_transactional());
            let inner: Result<(), DispatchError> = with_storage_layer(|| {
                Value::put(3);
                Ok(())
            });
            assert_eq!((inner, Value::get()), (Ok(()), 3));
            Err(DispatchError::BadOrigin)
        });
        assert_eq!((failed, Value::get()), (Err(DispatchError::BadOrigin), 1));
        assert!(!is_transactional());
        assert!(!unhashed::exists(b":transaction_level:"), "no trace in the state");
    });
}

#[test]
fn layers_have_a_limit() {
    fn nest(depth: u32) -> Result<(), DispatchError> {
        with_storage_layer(|| if depth == 1 { Ok(()) } else { nest(depth - 1) })
    }
    run(|| {
        assert_eq!(nest(TRANSACTIONAL_LIMIT), Ok(()));
        assert_eq!(nest(TRANSACTIONAL_LIMIT + 1), Err(TransactionalError::LimitReached.into()));
    });
}

#[test]
fn values_translate_to_a_new_type() {
    run(|| {
        for n in 0..4_u8 {
            unhashed::put(&Map::hashed_key_for(n), &u64::from(n));
        }
        Map::translate::<u64, _>(|key, old| (key != 2).then(|| u32::try_from(old).unwrap() * 10));
        let mut all: Vec<_> = Map::iter().collect();
        all.sort_unstable();
        assert_eq!(all, vec![(0, 0), (1, 10), (3, 30)]);
    });
}

#[test]
fn metadata_describes_entries() {
    let mut entries = Vec::new();
    let not = ItemDeprecationInfoIR::NotDeprecated;
    Value::build_metadata(not.clone(), vec!["doc"], &mut entries);
    Map::build_metadata(not.clone(), vec![], &mut entries);
    Many::build_metadata(not.clone(), vec![], &mut entries);
    Counted::build_metadata(not, vec![], &mut entries);
    let names: Vec<_> = entries.iter().map(|e| e.name).collect();
    assert_eq!(names, ["Value", "Map", "Many", "Counted", "CounterForCounted"]);
    assert_eq!(entries[0].modifier, StorageEntryModifierIR::Default);
    assert_eq!(entries[0].default, vec![5, 0, 0, 0]);
    assert_eq!(entries[1].modifier, StorageEntryModifierIR::Optional);
    assert_eq!(entries[1].default, vec![0]);
    let StorageEntryTypeIR::Map { hashers, .. } = &entries[2].ty else { panic!("a map") };
    let expected = [
        StorageHasherIR::Identity,
        StorageHasherIR::Twox64Concat,
        StorageHasherIR::Blake2_128Concat,
    ];
    assert_eq!(hashers.as_slice(), expected);
}

#[derive(Debug, Clone)]
enum Op {
    Insert(u8, u16, u32),
    Remove(u8, u16),
    Take(u8, u16),
    Mutate(u8, u16),
    Exists(u8, u16, bool),
    Fail(u8, u16),
    ClearPrefix(u8),
}

fn op() -> impl Strategy<Value = Op> {
    let keys = || (0_u8..4, 0_u16..4);
    prop_oneof![
        (keys(), any::<u32>()).prop_map(|((a, b), v)| Op::Insert(a, b, v)),
        keys().prop_map(|(a, b)| Op::Remove(a, b)),
        keys().prop_map(|(a, b)| Op::Take(a, b)),
        keys().prop_map(|(a, b)| Op::Mutate(a, b)),
        (keys(), any::<bool>()).prop_map(|((a, b), keep)| Op::Exists(a, b, keep)),
        keys().prop_map(|(a, b)| Op::Fail(a, b)),
        (0_u8..4).prop_map(Op::ClearPrefix),
    ]
}

fn check(op: Op, model: &mut BTreeMap<(u8, u16), u32>) {
    match op {
        Op::Insert(a, b, v) => {
            Double::insert(a, b, v);
            Many::insert((a, b, 1_u8), v);
            model.insert((a, b), v);
        }
        Op::Remove(a, b) => {
            Double::remove(a, b);
            Many::remove((a, b, 1_u8));
            model.remove(&(a, b));
        }
        Op::Take(a, b) => {
            let expected = model.remove(&(a, b));
            assert_eq!(Double::take(a, b), expected);
            assert_eq!(Many::take((a, b, 1_u8)), expected);
        }
        Op::Mutate(a, b) => {
            let change = |v: &mut Option<u32>| *v = v.map(|v| v.wrapping_add(1));
            Double::mutate(a, b, change);
            Many::mutate((a, b, 1_u8), change);
            model.entry((a, b)).and_modify(|v| *v = v.wrapping_add(1));
        }
        Op::Exists(a, b, keep) => {
            let change = |v: &mut Option<u32>| *v = keep.then_some(1);
            Double::mutate_exists(a, b, change);
            Many::mutate_exists((a, b, 1_u8), change);
            if keep {
                model.insert((a, b), 1);
            } else {
                model.remove(&(a, b));
            }
        }
        Op::Fail(a, b) => {
            let change = |v: &mut Option<u32>| {
                *v = Some(99);
                Err::<(), _>(())
            };
            assert_eq!(Double::try_mutate(a, b, change), Err(()));
            assert_eq!(Many::try_mutate_exists((a, b, 1_u8), change), Err(()));
        }
        Op::ClearPrefix(a) => {
            let count = model.keys().filter(|key| key.0 == a).count();
            assert_eq!(Double::contains_prefix(a), count > 0);
            assert_eq!(Double::clear_prefix(a, u32::MAX, None).unique as usize, count);
            assert_eq!(Many::drain_prefix((a,)).count(), count);
            model.retain(|key, _| key.0 != a);
        }
    }
}

proptest! {
    #[test]
    fn maps_agree_with_a_model(ops in vec(op(), 0..60)) {
        run(|| {
            let mut model = BTreeMap::new();
            for op in ops {
                check(op, &mut model);
            }
            let mut double: Vec<_> = Double::iter().map(|(a, b, v)| ((a, b), v)).collect();
            double.sort_unstable();
            let mut many: Vec<_> = Many::iter().map(|((a, b, _), v)| ((a, b), v)).collect();
            many.sort_unstable();
            let expected: Vec<_> = model.clone().into_iter().collect();
            assert_eq!(double, expected);
            assert_eq!(many, expected);
            for a in 0..4_u8 {
                let mut of_prefix: Vec<_> = Double::iter_prefix(a).collect();
                of_prefix.sort_unstable();
                let expected: Vec<_> = model
                    .iter()
                    .filter(|(key, _)| key.0 == a)
                    .map(|(key, v)| (key.1, *v))
                    .collect();
                assert_eq!(of_prefix, expected);
                let mut suffixes: Vec<_> =
                    Many::iter_prefix((a,)).map(|((b, _), v)| (b, v)).collect();
                suffixes.sort_unstable();
                assert_eq!(suffixes, expected);
            }
            let drained = Double::drain().count();
            assert_eq!((drained, Double::iter_keys().count()), (model.len(), 0));
        });
    }

    #[test]
    fn counters_count(ops in vec((0_u8..6, 0_u8..6, any::<u32>()), 0..60)) {
        run(|| {
            let mut model = BTreeMap::new();
            for (kind, key, value) in ops {
                match kind {
                    0 | 1 => {
                        Counted::insert(key, value);
                        model.insert(key, value);
                    }
                    2 => {
                        Counted::remove(key);
                        model.remove(&key);
                    }
                    3 => assert_eq!(Counted::take(key), model.remove(&key)),
                    4 => {
                        Counted::mutate(key, |v| *v = Some(value));
                        model.insert(key, value);
                    }
                    _ => {
                        let failed = Counted::try_mutate_exists(key, |v| {
                            *v = None;
                            Err::<(), ()>(())
                        });
                        assert!(failed.is_err());
                    }
                }
                assert_eq!(Counted::count() as usize, model.len());
            }
            let mut all: Vec<_> = Counted::iter().collect();
            all.sort_unstable();
            assert_eq!(all, model.into_iter().collect::<Vec<_>>());
        });
    }

    #[test]
    fn counters_of_tuples_count(ops in vec((0_u8..8, 0_u8..3, 0_u16..3, any::<u32>()), 0..60)) {
        run(|| {
            let mut model = BTreeMap::new();
            for (kind, a, b, value) in ops {
                let key = (a, b);
                match kind {
                    0 | 1 => {
                        CountedMany::insert(key, value);
                        model.insert(key, value);
                    }
                    2 => {
                        CountedMany::remove(key);
                        model.remove(&key);
                    }
                    3 => assert_eq!(CountedMany::take(key), model.remove(&key)),
                    4 => {
                        CountedMany::mutate(key, |v| *v = Some(value));
                        model.insert(key, value);
                    }
                    5 => {
                        CountedMany::set(key, None);
                        model.remove(&key);
                    }
                    6 => {
                        let _ = CountedMany::clear_prefix((a,), u32::MAX, None);
                        model.retain(|key, _| key.0 != a);
                    }
                    _ => {
                        let failed = CountedMany::try_mutate(key, |v| {
                            *v = None;
                            Err::<(), ()>(())
                        });
                        assert!(failed.is_err());
                    }
                }
                assert_eq!(CountedMany::count() as usize, model.len());
                assert_eq!(CountedMany::get(key), model.get(&key).copied());
                assert_eq!(CountedMany::contains_prefix((a,)), model.keys().any(|k| k.0 == a));
            }
            assert_eq!(CountedMany::initialize_counter() as usize, model.len());
            let mut all: Vec<_> = CountedMany::drain().collect();
            all.sort_unstable();
            assert_eq!(all, model.into_iter().collect::<Vec<_>>());
            assert_eq!(CountedMany::count(), 0);
        });
    }
}
