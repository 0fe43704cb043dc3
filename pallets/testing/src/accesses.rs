//! Counts what a piece of code reads and writes, to compare it with its weight.

use citrate_support::benchmarking::{
    BenchmarkError, Benchmarking, extremes, is_free, run_measured,
};
use citrate_support::dispatch::{
    DispatchResultWithPostInfo, GetDispatchInfo, PostDispatchInfo, extract_actual_weight,
};
use citrate_support::traits::Dispatchable;
use citrate_support::weights::{RuntimeDbWeight, Weight};
use std::collections::BTreeSet;
use std::fmt::Debug;

use crate::TestExternalities;

/// What a read and a write weigh where [`Accesses::assert_within`] can tell them from all else in a weight: what is
/// weighed by the byte has to stay below a read.
pub const DB_WEIGHT: RuntimeDbWeight =
    RuntimeDbWeight { read: 1_000_000_000, write: 1_000_000_000_000 };

/// The keys that were read and written, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accesses(pub(crate) citrate_host::Accesses);

impl Accesses {
    /// How many keys were read.
    pub fn reads(&self) -> u64 {
        count(&self.0.reads)
    }

    /// How many keys were written.
    pub fn writes(&self) -> u64 {
        count(&self.0.writes)
    }
}

impl Accesses {
    /// Checks that a weight, in a runtime with [`DB_WEIGHT`], has as many reads and writes as there were.
    ///
    /// # Panics
    /// It has fewer.
    pub fn assert_within(&self, weight: Weight, what: &str) {
        self.assert_within_of(DB_WEIGHT, weight, what);
    }

    /// As [`Self::assert_within`], where a write weighs more than all reads together.
    fn assert_within_of(&self, db: RuntimeDbWeight, weight: Weight, what: &str) {
        let RuntimeDbWeight { read, write } = db;
        let (writes, reads) = (weight.ref_time() / write, weight.ref_time() % write / read);
        assert!(
            self.reads() <= reads && self.writes() <= writes,
            "{what} weighs {reads} reads and {writes} writes and did {} and {}: {self:#?}",
            self.reads(),
            self.writes()
        );
    }
}

/// Dispatches a call, and checks that what it reads and writes is within what it says that it weighed.
///
/// # Panics
/// It fails, or weighs too little.
pub fn assert_weighed<C>(ext: &mut TestExternalities, origin: C::RuntimeOrigin, call: C)
where
    C: GetDispatchInfo + Dispatchable<PostInfo = PostDispatchInfo> + Debug,
{
    let what = format!("{call:?}");
    let info = call.get_dispatch_info();
    let (result, accesses): (DispatchResultWithPostInfo, _) =
        ext.accesses(|| call.dispatch(origin));
    assert!(result.is_ok(), "{what}: {result:?}");
    accesses.assert_within(extract_actual_weight(&result, &info), &what);
}

fn count(keys: &BTreeSet<Vec<u8>>) -> u64 {
    keys.iter().filter(|key| !is_free(key)).count() as u64
}

/// Runs all benchmarks of a pallet with the least and the most of each component, and compares the keys that each call
/// touches with what it says that it weighs. In the runtime's `db`, a write must weigh more than all reads of a call.
///
/// # Panics
/// A call weighs too little, or a benchmark cannot be run.
pub fn assert_benchmarks_weighed<P: Benchmarking>(
    db: RuntimeDbWeight,
    new_state: impl Fn() -> TestExternalities,
) {
    for benchmark in P::benchmarks() {
        for components in extremes(&benchmark.components) {
            let what = format!("{} at {components:?}", benchmark.name);
            let (weight, accesses) =
                new_state().measure(|| run_measured::<P>(&benchmark.name, &components));
            let problem = weight.as_ref().err().map(BenchmarkError::message);
            assert_eq!(problem, None, "{what}");
            let accesses = accesses.expect("a benchmark that ran was measured");
            if let Ok(Some(weight)) = weight {
                accesses.assert_within_of(db, weight, &what);
            }
        }
    }
}
