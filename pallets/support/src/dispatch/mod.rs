//! Calls: what they cost, who may make them, and what they return.

mod class;
mod info;
mod origin;
mod weigh;

#[cfg(test)]
mod tests;

pub use self::{
    class::{DispatchClass, OneOrMany, Pays, PerDispatchClass},
    info::{
        DispatchErrorWithPostInfo, DispatchInfo, DispatchResultWithInfo,
        DispatchResultWithPostInfo, GetDispatchInfo, PostDispatchInfo, WithPostDispatchInfo,
        extract_actual_pays_fee, extract_actual_weight,
    },
    origin::{BadOrigin, LookupError, RawOrigin},
    weigh::{ClassifyDispatch, PaysFee, WeighData},
};
pub use citrate_core::{DispatchError, DispatchResult};

use alloc::vec::Vec;
use codec::Codec;
use core::fmt::Debug;

/// A type that can be an argument of a call.
pub trait Parameter:
    Codec
    + codec::DecodeWithMemTracking
    + codec::EncodeLike
    + Clone
    + Eq
    + Debug
    + scale_info::TypeInfo
    + 'static
{
}

impl<T> Parameter for T where
    T: Codec
        + codec::DecodeWithMemTracking
        + codec::EncodeLike
        + Clone
        + Eq
        + Debug
        + scale_info::TypeInfo
        + 'static
{
}

/// A call that runs without asking the origin's filter.
pub trait UnfilteredDispatchable {
    /// Who makes the call.
    type RuntimeOrigin;
    /// Runs the call.
    ///
    /// # Errors
    /// Those of the call.
    fn dispatch_bypass_filter(self, origin: Self::RuntimeOrigin) -> DispatchResultWithPostInfo;
}

/// A call of the whole runtime, which the origin's filter may refuse.
pub trait Dispatchable {
    /// Who makes the call.
    type RuntimeOrigin: Debug;
    /// What is known before the call.
    type Info;
    /// What is known after the call.
    type PostInfo: Eq
        + PartialEq
        + Clone
        + Copy
        + codec::Encode
        + codec::Decode
        + Default
        + Debug
        + scale_info::TypeInfo;
    /// Runs the call.
    ///
    /// # Errors
    /// Those of the call, or that the filter refuses it.
    fn dispatch(self, origin: Self::RuntimeOrigin) -> DispatchResultWithInfo<Self::PostInfo>;
}

/// Finds the call type of a pallet.
pub trait Callable<T> {
    /// The pallet's call enum.
    type RuntimeCall: UnfilteredDispatchable + Codec + Clone + PartialEq + Eq;
}

/// The call enum of pallet `A` in runtime `R`.
pub type CallableCallFor<A, R> = <A as Callable<R>>::RuntimeCall;

/// The names of a pallet's calls.
pub trait GetCallName {
    /// All names, in the order of the call indices.
    fn get_call_names() -> &'static [&'static str];
    /// The name of this call.
    fn get_call_name(&self) -> &'static str;
}

/// The indices of a pallet's calls.
pub trait GetCallIndex {
    /// All indices.
    fn get_call_indices() -> &'static [u8];
    /// The index of this call.
    fn get_call_index(&self) -> u8;
}

/// Where a call comes from, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallMetadata {
    /// The call's name.
    pub function_name: &'static str,
    /// The pallet's name in the runtime.
    pub pallet_name: &'static str,
}

/// The names of all calls of a runtime.
pub trait GetCallMetadata {
    /// All pallets that have calls.
    fn get_module_names() -> &'static [&'static str];
    /// All calls of a pallet.
    fn get_call_names(module: &str) -> &'static [&'static str];
    /// The names of this call.
    fn get_call_metadata(&self) -> CallMetadata;
}

/// Views: read-only functions of pallets that clients call by id.
pub trait DispatchViewFunction {
    /// Runs the view function with this id on encoded arguments.
    ///
    /// # Errors
    /// There is no such function, or the arguments do not decode.
    fn dispatch_view_function<O: codec::Output>(
        id: &ViewFunctionId,
        input: &mut &[u8],
        output: &mut O,
    ) -> Result<(), ViewFunctionDispatchError>;
}

/// Answers the runtime API `RuntimeViewFunction_execute_view_function` for a runtime.
///
/// # Errors
/// There is no such function, or the arguments do not decode.
pub fn execute_view_function<R: DispatchViewFunction>(
    id: citrate_api::ViewFunctionId,
    input: &[u8],
) -> Result<Vec<u8>, citrate_api::ViewFunctionDispatchError> {
    use citrate_api::ViewFunctionDispatchError as Error;
    let named = ViewFunctionId { prefix: id.prefix, suffix: id.suffix };
    let mut output = Vec::new();
    match R::dispatch_view_function(&named, &mut &*input, &mut output) {
        Ok(()) => Ok(output),
        Err(ViewFunctionDispatchError::NotImplemented) => Err(Error::NotImplemented),
        Err(ViewFunctionDispatchError::NotFound(_)) => Err(Error::NotFound(id)),
        Err(ViewFunctionDispatchError::Codec) => Err(Error::Codec),
    }
}

/// Identifies a view function: the pallet's hash and the function's.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    codec::Encode,
    codec::Decode,
    codec::DecodeWithMemTracking,
    scale_info::TypeInfo,
)]
pub struct ViewFunctionId {
    /// The pallet's part.
    pub prefix: [u8; 16],
    /// The function's part.
    pub suffix: [u8; 16],
}

/// Why a view function did not run.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    codec::Encode,
    codec::Decode,
    codec::DecodeWithMemTracking,
    scale_info::TypeInfo,
)]
pub enum ViewFunctionDispatchError {
    /// No view functions here.
    NotImplemented,
    /// No function with this id.
    NotFound(ViewFunctionId),
    /// The arguments do not decode.
    Codec,
}

impl From<codec::Error> for ViewFunctionDispatchError {
    fn from(_: codec::Error) -> Self {
        Self::Codec
    }
}
