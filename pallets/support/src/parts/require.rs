//! Bounds that generated code requires at the user's span, each with words for when it fails.
//!
//! The traits here hold for every type that has what they list. Without `do_not_recommend` the
//! compiler would speak of the first item of a list, and not of what it is needed for.

use crate::dispatch::{ClassifyDispatch, DispatchClass, Parameter, Pays, PaysFee, WeighData};
use citrate_core::Weight;

/// What an argument of a call must be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a call",
    label = "cannot be encoded, decoded or described",
    note = "derive `Encode, Decode, DecodeWithMemTracking, TypeInfo, Clone, PartialEq, Eq, Debug` \
            for it"
)]
pub trait Argument: Parameter {}

#[diagnostic::do_not_recommend]
impl<T: Parameter> Argument for T {}

/// What a key or value in storage must be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored",
    label = "cannot be encoded, decoded or described",
    note = "derive `Encode, Decode, MaxEncodedLen, TypeInfo` for it"
)]
pub trait Stored: codec::FullCodec + scale_info::StaticTypeInfo {}

#[diagnostic::do_not_recommend]
impl<T: codec::FullCodec + scale_info::StaticTypeInfo> Stored for T {}

/// What a stored type must be unless its item opts out.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no largest length, so it cannot be stored",
    label = "no `MaxEncodedLen`",
    note = "take a bounded type such as `BoundedVec<_, ConstU32<64>>`, derive `MaxEncodedLen`, or \
            mark the item `#[pallet::unbounded]`"
)]
pub trait Bounded: codec::MaxEncodedLen {}

#[diagnostic::do_not_recommend]
impl<T: codec::MaxEncodedLen> Bounded for T {}

/// What may be a call's weight.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no weight",
    label = "not a weight",
    note = "a weight is a `Weight`, a `u64` of picoseconds, or a tuple of one of them with a \
            `DispatchClass` and a `Pays`"
)]
pub trait CallWeight: WeighData<()> + ClassifyDispatch<()> + PaysFee<()> {}

#[diagnostic::do_not_recommend]
impl<T: WeighData<()> + ClassifyDispatch<()> + PaysFee<()>> CallWeight for T {}

/// An argument of a call.
pub const fn parameter<T: Argument>() {}
/// A result of a call.
pub const fn call_output<T: super::CallOutput>() {}
/// A value with a bound on its encoded length.
pub const fn max_encoded_len<T: Bounded>() {}
/// A field of an error.
pub const fn pallet_error<T: super::PalletError>() {}
/// What may be a call's weight.
#[expect(clippy::needless_pass_by_value, reason = "the macro hands over an expression")]
pub fn weight<W: CallWeight>(weight: W) -> (Weight, DispatchClass, Pays) {
    (weight.weigh_data(()), weight.classify_dispatch(()), weight.pays_fee(()))
}
