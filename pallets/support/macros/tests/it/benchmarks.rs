//! Benchmarks: what is listed, run and measured.

use crate::mini_system;
use core::cell::RefCell;
use framework::{
    benchmarking::{BenchmarkError, Benchmarking, Recording, extremes, test_all},
    construct_runtime,
    storage::unhashed,
    traits::{ConstU32, Everything},
    weights::Weight,
};

#[framework::pallet(dev_mode)]
pub mod pallet {
    use crate::mini_system::{self as pallet_system, OriginFor};
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {
        type Max: Get<u32>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub type Numbers<T> = StorageValue<_, Vec<u32>, ValueQuery>;

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        #[pallet::weight(u64::from(*count))]
        pub fn push(_origin: OriginFor<T>, count: u32) -> DispatchResult {
            ensure!(count < 1_000, DispatchError::Other("too many"));
            Numbers::<T>::mutate(|numbers| numbers.extend(0..count));
            Ok(())
        }
    }
}

mod benchmarking {
    use super::pallet::*;
    use super::{MORE, note};
    use framework::benchmarking::*;
    use framework::dispatch::RawOrigin;
    use framework::traits::Get;

    #[benchmarks(where T::RuntimeOrigin: From<RawOrigin<T::AccountId>>)]
    mod benchmarks {
        use super::*;

        #[benchmark]
        fn push(n: Linear<1, { T::Max::get() }>, m: Linear<0, MORE>) {
            note(format!("prepared {n} {m}"));

            #[extrinsic_call]
            _(RawOrigin::Root, n + m);

            note(format!("checked {}", Numbers::<T>::get().len()));
        }

        /// The name of the call stands there, and the origin's type.
        #[benchmark(extra)]
        fn by_another_name() -> Result<(), BenchmarkError> {
            let origin = T::RuntimeOrigin::from(RawOrigin::Root);

            #[extrinsic_call]
            push(origin as T::RuntimeOrigin, 3);

            Ok(())
        }

        #[benchmark]
        fn code(n: Linear<5, 5>) {
            let sum: u32;

            #[block]
            {
                note(String::from("measured"));
                sum = (0..n).sum();
            }

            assert_eq!(sum, 10);
        }

        #[benchmark]
        fn fails() {
            #[extrinsic_call]
            push(RawOrigin::Root, 5_000);
        }

        #[benchmark]
        fn stops() -> Result<(), BenchmarkError> {
            if T::Max::get() > 0 {
                return Err(BenchmarkError::Stop("as it was told"));
            }
            #[block]
            {}
            Ok(())
        }

        #[cfg(any())]
        #[benchmark]
        fn is_not_there() {
            #[block]
            {
                nothing();
            }
        }
    }
}

/// A bound that is named.
const MORE: u32 = 4;

thread_local! {
    static NOTES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Writes down what happens, in order.
fn note(what: String) {
    NOTES.with_borrow_mut(|notes| notes.push(what));
}

construct_runtime!(
    pub enum Bench {
        System: mini_system,
        Measured: pallet = 3,
    }
);

impl mini_system::Config for Bench {
    type AccountId = u64;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletInfo = PalletInfo;
    type BaseCallFilter = Everything;
    type BlockHashCount = ConstU32<4096>;
}

impl pallet::Config for Bench {
    type Max = ConstU32<9>;
}

fn run(name: &str, components: &[u32]) -> (Result<(), BenchmarkError>, String, Vec<String>) {
    NOTES.take();
    let (mut begin, mut end) = (|| note("begin".into()), || note("end".into()));
    let mut recording = Recording::new(&mut begin, &mut end);
    let result = citrate_testing::TestExternalities::new()
        .execute_with(|| Measured::run(name, components, &mut recording));
    (result, format!("{recording:?}"), NOTES.take())
}

#[test]
fn benchmarks_are_listed_with_their_components() {
    let found = Measured::benchmarks();
    let names: Vec<&str> = found.iter().map(|info| &info.name[..]).collect();
    assert_eq!(names, ["push", "by_another_name", "code", "fails", "stops"]);
    let components: Vec<_> =
        found[0].components.iter().map(|c| (&c.name[..], c.min, c.max)).collect();
    assert_eq!(components, [("n", 1, 9), ("m", 0, MORE)]);
    assert_eq!(extremes(&found[0].components), [vec![1, 4], vec![9, 0], vec![9, 4]]);
    assert_eq!(extremes(&[]), [Vec::<u32>::new()]);
    assert!(found[1].is_extra && !found[0].is_extra);
}

#[test]
fn only_the_call_is_measured_and_its_weight_is_noted() {
    let (result, recording, notes) = run("push", &[6, 2]);
    assert_eq!(result, Ok(()));
    assert_eq!(notes, ["prepared 6 2", "begin", "end", "checked 8"]);
    assert!(recording.contains(&format!("{:?}", Weight::from_parts(8, 0))), "{recording}");
    assert_eq!(run("by_another_name", &[]).2, ["begin", "end"]);
    let (result, recording, notes) = run("code", &[5]);
    assert_eq!((result, notes), (Ok(()), vec!["begin".into(), "measured".into(), "end".into()]));
    assert!(recording.contains("None"), "a block says nothing of its weight: {recording}");
}

#[test]
fn what_cannot_be_run_is_an_error() {
    let error = |name, components| run(name, components).0.unwrap_err();
    assert_eq!(error("nothing", &[]), BenchmarkError::Unknown);
    assert_eq!(error("is_not_there", &[]), BenchmarkError::Unknown);
    assert_eq!(error("push", &[1]), BenchmarkError::Unknown);
    assert_eq!(error("fails", &[]).message(), "a call failed: Other(\"too many\")");
    assert_eq!(error("stops", &[]).message(), "as it was told");
}

#[test]
fn the_suite_runs_all_and_names_what_goes_wrong() {
    NOTES.take();
    let problems = test_all::<Measured>(|run| {
        citrate_testing::TestExternalities::new().execute_with(|| {
            run();
            // Events are deposited from block 1 on.
            let number = framework::storage::storage_prefix(b"System", b"Number");
            assert_eq!(unhashed::get::<u32>(&number), Some(1));
        });
    });
    assert_eq!(
        problems,
        [
            "fails at []: a call failed: Other(\"too many\")".to_owned(),
            "stops at []: as it was told".to_owned()
        ]
    );
    let prepared: Vec<String> =
        NOTES.take().into_iter().filter(|note| note.starts_with("prepared")).collect();
    assert_eq!(prepared, ["prepared 1 4", "prepared 9 0", "prepared 9 4"]);
}
