//! Any calls, by anybody, in any order: whatever they do, what always holds must hold.

use crate::{Choices, TestExternalities, Values};
use citrate_core::BlockNumber;
use citrate_support::{
    dispatch::{DispatchInfo, Dispatchable, GetDispatchInfo, PostDispatchInfo},
    storage::{storage_prefix, unhashed},
    traits::TryState,
};
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use std::{fmt::Debug, marker::PhantomData};

/// LIMIT: how many calls one input makes.
const CALLS_MAX: usize = 64;

/// Makes calls of a runtime from bytes, and checks the runtime's state after each.
///
/// The bytes are a fuzzer's input, or a property test's. The same ones make the same calls:
///
/// ```
/// use citrate_support::{construct_runtime, derive_impl};
/// use citrate_testing::{CallFuzzer, new_test_ext};
///
/// construct_runtime!(pub enum Test { System: pallet_system });
///
/// #[derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
/// impl pallet_system::Config for Test {}
///
/// fn fuzz(bytes: &[u8]) {
///     let origins = [RuntimeOrigin::root(), RuntimeOrigin::signed(1), RuntimeOrigin::none()];
///     CallFuzzer::<RuntimeCall, AllPalletsWithSystem>::new(&origins)
///         .prefer::<u64>(&[1, 2, 3])
///         .after_each(|| System::run_to_block::<AllPalletsWithSystem>(System::block_number() + 1))
///         .run(&mut new_test_ext(&RuntimeGenesisConfig::default()), bytes);
/// }
///
/// // A property test: `proptest!(|(bytes in vec(any::<u8>(), 0..512))| fuzz(&bytes))`.
/// // A fuzz target: `fuzz_target!(|bytes: &[u8]| fuzz(bytes))`.
/// fuzz(&[0, 7, 200, 3]);
/// ```
#[derive(Debug)]
pub struct CallFuzzer<Call: Dispatchable, Pallets> {
    calls: Values<Call>,
    origins: Vec<Call::RuntimeOrigin>,
    after_each: fn(),
    pallets: PhantomData<fn() -> Pallets>,
}

/// What an input did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fuzzed {
    /// How many calls it made.
    pub calls: usize,
    /// How many of them did not fail.
    pub succeeded: usize,
}

impl<Call, Pallets> CallFuzzer<Call, Pallets>
where
    Call: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>
        + GetDispatchInfo
        + Decode
        + TypeInfo
        + Clone
        + Debug
        + 'static,
    Call::RuntimeOrigin: Clone,
    Pallets: TryState<BlockNumber>,
{
    /// Calls by these origins.
    pub fn new(origins: &[Call::RuntimeOrigin]) -> Self {
        Self {
            calls: Values::new(),
            origins: origins.to_vec(),
            after_each: || {},
            pallets: PhantomData,
        }
    }

    /// See [`Values::prefer`].
    #[must_use]
    pub fn prefer<X: Encode + TypeInfo + 'static>(mut self, values: &[X]) -> Self {
        self.calls = self.calls.prefer(values);
        self
    }

    /// What happens after each call, such as the next block.
    #[must_use]
    pub fn after_each(mut self, f: fn()) -> Self {
        self.after_each = f;
        self
    }

    /// Makes calls until the bytes are used up.
    ///
    /// # Panics
    /// A call panics, uses more weight than it announced, or leaves a state that `try_state`
    /// refuses; the message names all calls up to it.
    pub fn run(&self, ext: &mut TestExternalities, bytes: &[u8]) -> Fuzzed {
        let mut choices = Choices::new(bytes);
        let mut done = Fuzzed::default();
        let mut made = Vec::new();
        ext.execute_with(|| {
            while !choices.is_empty() && done.calls < CALLS_MAX {
                let Some(origin) = self.origins.get(choices.below(self.origins.len())) else {
                    break;
                };
                let Some(call) = self.calls.value(&mut choices) else { continue };
                made.push((origin.clone(), call.clone()));
                let announced = call.get_dispatch_info().call_weight;
                let result = call.dispatch(origin.clone());
                let post = match &result {
                    Ok(post) => post,
                    Err(error) => &error.post_info,
                };
                let used = post.actual_weight.unwrap_or(announced);
                assert!(used.all_lte(announced), "{used:?} used of {announced:?}: {made:#?}");
                done.calls += 1;
                done.succeeded += usize::from(result.is_ok());
                check::<Pallets>(&made);
                (self.after_each)();
                check::<Pallets>(&made);
            }
        });
        done
    }
}

#[track_caller]
fn check<Pallets: TryState<BlockNumber>>(made: &impl Debug) {
    let number = unhashed::get_or_default(&storage_prefix(b"System", b"Number"));
    let state = Pallets::try_state(number);
    assert!(state.is_ok(), "{state:?} in block {number}, after {made:#?}");
}
