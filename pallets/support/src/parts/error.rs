//! The size of pallets' errors.

use citrate_core::MAX_MODULE_ERROR_BYTES;
use core::marker::PhantomData;

/// A value that may stand in a pallet's error: its encoding is short.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a pallet's error",
    note = "fields are integers, `bool`, or enums and structs with an `impl PalletError`"
)]
pub trait PalletError: codec::Encode + codec::Decode {
    /// The most bytes that a value takes when encoded.
    const MAX_ENCODED_SIZE: usize;
}

macro_rules! sizes {
    ($($size:literal: $($ty:ty),*;)*) => {
        $($(impl PalletError for $ty {
            const MAX_ENCODED_SIZE: usize = $size;
        })*)*
    };
}

sizes! {
    0: ();
    1: bool, u8, i8, super::Never, crate::dispatch::DispatchClass;
    2: u16, i16;
    4: u32, i32;
    8: u64, i64;
    16: u128, i128;
    1: citrate_core::TokenError, citrate_core::ArithmeticError;
}

impl<T> PalletError for PhantomData<T> {
    const MAX_ENCODED_SIZE: usize = 0;
}

impl<T: PalletError> PalletError for Option<T> {
    const MAX_ENCODED_SIZE: usize = 1 + T::MAX_ENCODED_SIZE;
}

impl<T: PalletError, const N: usize> PalletError for [T; N] {
    const MAX_ENCODED_SIZE: usize = N * T::MAX_ENCODED_SIZE;
}

impl<A: PalletError, B: PalletError> PalletError for (A, B) {
    const MAX_ENCODED_SIZE: usize = A::MAX_ENCODED_SIZE + B::MAX_ENCODED_SIZE;
}

/// Refuses to compile for an error that does not fit into a dispatch error.
pub const fn ensure_error_fits<E: PalletError>() {
    const {
        assert!(
            E::MAX_ENCODED_SIZE <= MAX_MODULE_ERROR_BYTES,
            "the pallet's error is longer than 4 bytes when encoded"
        );
    }
}
