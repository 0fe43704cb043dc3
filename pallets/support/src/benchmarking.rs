//! Benchmarks: what a pallet's calls take, measured to make weights of them.
//!
//! `use citrate_support::benchmarking::*;` is what `frame_benchmarking::v2::*` is in FRAME.
//!
//! ```ignore
//! #[benchmarks]
//! mod benchmarks {
//!     use super::*;
//!
//!     #[benchmark]
//!     fn store(n: Linear<0, 1_024>) {
//!         let caller: T::AccountId = whitelisted_caller();
//!
//!         #[extrinsic_call]
//!         _(RawOrigin::Signed(caller), vec![0; n as usize]);
//!
//!         assert!(Stored::<T>::exists());
//!     }
//!
//!     impl_benchmark_test_suite!(Pallet, crate::tests::ext(), crate::tests::Test);
//! }
//! ```
//!
//! A function takes numbers that the work grows with, prepares a state, makes the call (or runs the block that is marked
//! `#[block]`), and checks what it left. The command `citrate benchmark pallet` runs it in WebAssembly on a database; tests
//! run it natively with the least and the most of each number.

pub use crate::{
    benchmark, benchmarks, define_benchmarks, impl_benchmark_test_suite, instance_benchmarks,
};
pub use citrate_api::{BenchmarkComponent, BenchmarkInfo, BenchmarkMetadata, PalletBenchmarks};

use crate::dispatch::{
    DispatchError, DispatchErrorWithPostInfo, GetDispatchInfo, UnfilteredDispatchable,
    extract_actual_weight,
};
use crate::storage::{storage_prefix, unhashed};
use crate::weights::Weight;
use alloc::{format, string::String, vec::Vec};
use citrate_host::hashing;
use codec::{Decode, Encode};

/// The items of the system pallet that every block keeps in memory anyway: no weight is asked for them.
const FREE: [&str; 7] =
    ["Number", "ExecutionPhase", "EventCount", "Events", "BlockWeight", "Digest", "ExtrinsicCount"];

/// Prefixes of keys that weigh nothing: those of [`is_free`].
pub fn free_prefixes() -> Vec<Vec<u8>> {
    let items = FREE.iter().map(|item| storage_prefix(b"System", item.as_bytes()).to_vec());
    // Keys such as `:transaction_level:` are the runtime's own bookkeeping.
    items.chain([b":".to_vec()]).collect()
}

/// Whether access to a key weighs nothing.
pub fn is_free(key: &[u8]) -> bool {
    free_prefixes().iter().any(|prefix| key.starts_with(prefix))
}

/// A component of a benchmark: an argument of this type takes all numbers from `MIN` to `MAX`, and the weight is linear in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear<const MIN: u32, const MAX: u32>;

/// Why a benchmark could not be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BenchmarkError {
    /// It stopped with this reason.
    Stop(&'static str),
    /// A call failed.
    Dispatch(DispatchError),
    /// The runtime's configuration makes the call impossible: it weighs nothing.
    Weightless,
    /// There is no such benchmark, or it takes other components.
    Unknown,
    /// It measures nothing, or more than once: it needs one `#[extrinsic_call]` or `#[block]`.
    NotMeasured,
}

impl BenchmarkError {
    /// The reason in words.
    pub fn message(&self) -> String {
        match self {
            Self::Stop(reason) => (*reason).into(),
            Self::Dispatch(error) => format!("a call failed: {error:?}"),
            Self::Weightless => "the runtime's configuration makes the call impossible".into(),
            Self::Unknown => "there is no such benchmark, or it takes other components".into(),
            Self::NotMeasured => "nothing was measured, or more than once".into(),
        }
    }
}

impl From<&'static str> for BenchmarkError {
    fn from(reason: &'static str) -> Self {
        Self::Stop(reason)
    }
}

impl From<DispatchError> for BenchmarkError {
    fn from(error: DispatchError) -> Self {
        Self::Dispatch(error)
    }
}

impl<Info> From<DispatchErrorWithPostInfo<Info>> for BenchmarkError {
    fn from(error: DispatchErrorWithPostInfo<Info>) -> Self {
        Self::Dispatch(error.error)
    }
}

/// The benchmarks of a pallet; `#[benchmarks]` implements it.
pub trait Benchmarking {
    /// What can be measured.
    fn benchmarks() -> Vec<BenchmarkInfo>;
    /// Runs a benchmark, given a number for each component.
    ///
    /// # Errors
    /// There is no such benchmark, or it cannot be run.
    fn run(
        name: &str,
        components: &[u32],
        recording: &mut Recording<'_>,
    ) -> Result<(), BenchmarkError>;
}

/// Who is told where the measured part begins and ends.
pub struct Recording<'a> {
    begin: &'a mut dyn FnMut(),
    end: &'a mut dyn FnMut(),
    measured: u32,
    weight: Option<Weight>,
}

impl core::fmt::Debug for Recording<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Recording({} times, {:?})", self.measured, self.weight)
    }
}

impl<'a> Recording<'a> {
    /// Calls `begin` right before, and `end` right after what is measured.
    pub fn new(begin: &'a mut dyn FnMut(), end: &'a mut dyn FnMut()) -> Self {
        Self { begin, end, measured: 0, weight: None }
    }

    /// What is measured begins.
    pub fn begin(&mut self) {
        (self.begin)();
    }

    /// What is measured ends.
    pub fn end(&mut self) {
        (self.end)();
        self.measured = self.measured.saturating_add(1);
    }

    /// Measures a call, from its bytes on, and notes what it says that it weighs.
    ///
    /// # Errors
    /// The call fails.
    pub fn measure_call<C>(
        &mut self,
        call: &C,
        origin: C::RuntimeOrigin,
    ) -> Result<(), BenchmarkError>
    where
        C: UnfilteredDispatchable + GetDispatchInfo + Encode + Decode,
    {
        let info = call.get_dispatch_info();
        let bytes = call.encode();
        self.begin();
        let result = C::decode(&mut &bytes[..]).map(|call| call.dispatch_bypass_filter(origin));
        self.end();
        let result = result.map_err(|_error| "the call does not decode")?;
        self.weight = Some(extract_actual_weight(&result, &info));
        result.map(|_| ()).map_err(Into::into)
    }

    /// What the measured call says that it weighed.
    ///
    /// # Errors
    /// It was not one thing that was measured.
    fn finish(self) -> Result<Option<Weight>, BenchmarkError> {
        if self.measured == 1 { Ok(self.weight) } else { Err(BenchmarkError::NotMeasured) }
    }
}

/// Runs a benchmark of a pallet between the host's marks, in block 1 if there is no block yet: genesis deposits no events.
///
/// # Errors
/// There is no such benchmark, or it cannot be run.
pub fn run_measured<P: Benchmarking>(
    name: &str,
    components: &[u32],
) -> Result<Option<Weight>, BenchmarkError> {
    run::<P>(
        name,
        components,
        &mut citrate_host::benchmarking::begin,
        &mut citrate_host::benchmarking::end,
    )
}

fn run<P: Benchmarking>(
    name: &str,
    components: &[u32],
    begin: &mut dyn FnMut(),
    end: &mut dyn FnMut(),
) -> Result<Option<Weight>, BenchmarkError> {
    let number = storage_prefix(b"System", b"Number");
    if unhashed::get::<u32>(&number).unwrap_or_default() == 0 {
        unhashed::put(&number, &1_u32);
    }
    let mut recording = Recording::new(begin, end);
    P::run(name, components, &mut recording)?;
    recording.finish()
}

/// The components at which tests run a benchmark: each at its least and at its most, the others at their most.
pub fn extremes(components: &[BenchmarkComponent]) -> Vec<Vec<u32>> {
    let most: Vec<u32> = components.iter().map(|component| component.max).collect();
    let mut all = Vec::new();
    for (position, component) in components.iter().enumerate() {
        let mut values = most.clone();
        if let Some(value) = values.get_mut(position) {
            *value = component.min;
        }
        all.push(values);
    }
    all.push(most);
    all
}

/// Runs all benchmarks of a pallet at their [`extremes`], each in a state of its own; what goes wrong, in words.
pub fn test_all<P: Benchmarking>(in_new_state: impl Fn(&mut dyn FnMut())) -> Vec<String> {
    let mut problems = Vec::new();
    for benchmark in P::benchmarks() {
        for components in extremes(&benchmark.components) {
            in_new_state(&mut || {
                let result = run::<P>(&benchmark.name, &components, &mut || (), &mut || ());
                if let Err(error) = result.or_else(weightless) {
                    let reason = error.message();
                    problems.push(format!("{} at {components:?}: {reason}", benchmark.name));
                }
            });
        }
    }
    problems
}

/// A call that the configuration makes impossible is no mistake of its benchmark.
fn weightless(error: BenchmarkError) -> Result<Option<Weight>, BenchmarkError> {
    if error == BenchmarkError::Weightless { Ok(None) } else { Err(error) }
}

/// An account that is the same each time, and different for each name and pair of numbers.
///
/// # Panics
/// The runtime's accounts are of a type that 32 bytes do not decode to.
pub fn account<AccountId: Decode>(name: &'static str, index: u32, seed: u32) -> AccountId {
    let entropy = hashing::blake2_256(&(name, index, seed).encode());
    AccountId::decode(&mut &entropy[..])
        .expect("an account is of at most 32 bytes, all of which are valid")
}

/// The account that makes the calls of a benchmark. Access to it is counted, unlike in FRAME.
///
/// # Panics
/// As [`account`].
pub fn whitelisted_caller<AccountId: Decode>() -> AccountId {
    account("whitelisted_caller", 0, 0)
}

/// Makes the tests of a pallet's benchmarks: each runs natively with the least and the most of each component.
///
/// Given are the pallet, an expression that makes a state to run on, and the runtime of the tests:
/// `impl_benchmark_test_suite!(Pallet, crate::tests::ext(), crate::tests::Test);`
#[macro_export]
macro_rules! impl_benchmark_test_suite {
    ($pallet:ident, $ext:expr, $test:path $(, $option:ident = $value:expr)* $(,)?) => {
        #[cfg(test)]
        mod __benchmark_tests {
            use super::*;

            #[test]
            fn all_benchmarks_run_at_their_extremes() {
                let problems = $crate::benchmarking::test_all::<$pallet<$test>>(|run| {
                    ($ext).execute_with(|| run());
                });
                assert!(problems.is_empty(), "{problems:#?}");
            }
        }
    };
}

/// Names the pallets of a runtime that have benchmarks, each with its crate: `define_benchmarks!([pallet_balances, Balances])`.
///
/// It makes `benchmark_metadata` and `dispatch_benchmark`, which are what the runtime answers through the API `Benchmark`.
/// The pallets, by their names in the runtime, must be in scope.
#[macro_export]
macro_rules! define_benchmarks {
    ($([$krate:ident, $pallet:ident])*) => {
        /// What can be measured.
        pub fn benchmark_metadata() -> $crate::benchmarking::BenchmarkMetadata {
            $crate::benchmarking::BenchmarkMetadata {
                pallets: $crate::__private::vec![$(
                    $crate::benchmarking::PalletBenchmarks {
                        krate: ::core::stringify!($krate).into(),
                        pallet: ::core::stringify!($pallet).into(),
                        benchmarks: <$pallet as $crate::benchmarking::Benchmarking>::benchmarks(),
                    },
                )*],
                free: $crate::benchmarking::free_prefixes(),
            }
        }

        /// Runs a benchmark.
        ///
        /// # Errors
        /// There is no such benchmark, or it cannot be run.
        pub fn dispatch_benchmark(
            pallet: &str,
            benchmark: &str,
            components: &[u32],
        ) -> Result<Option<$crate::weights::Weight>, $crate::__private::String> {
            match pallet {
                $(::core::stringify!($pallet) => {
                    $crate::benchmarking::run_measured::<$pallet>(benchmark, components)
                        .map_err(|error| error.message())
                })*
                _ => Err("the runtime lists no benchmarks of this pallet".into()),
            }
        }
    };
}
