//! How values cross between WASM and the node.
//!
//! Integers go as they are. Byte slices go as a fat pointer: the address in the low half of an
//! `i64`, the length in the high half. Arrays of a fixed length go as their address alone. Other
//! types go as a fat pointer to their SCALE encoding. What the node returns by pointer it has
//! allocated with the guest's own allocator; the guest frees it.

use alloc::{string::String, vec::Vec};
use citrate_core::{H256, KeyTypeId, StateVersion, bls, ecdsa, ed25519, sr25519};
use citrate_inference_types::{Generation, RefereeLimits, RunLimits};
use codec::{Decode, Encode};

#[cfg(feature = "std")]
mod node;
#[cfg(feature = "std")]
pub use node::{Abi, AbiResult, Received, Referent, Returned, argument, read_fat, write_fat};

/// The guest's side of a parameter.
pub trait Parameter {
    /// What the import takes.
    type Abi;
    /// What must stay alive during the call.
    type Held;
    fn hold(self) -> Self::Held;
    fn lower(held: &Self::Held) -> Self::Abi;
}

/// The guest's side of a result.
pub trait Output {
    /// What the import returns.
    type Abi;
    fn lift(abi: Self::Abi) -> Self;
}

/// A value of a fixed number of bytes, passed by address.
pub trait Fixed: Sized {
    const LEN: usize;
    fn bytes(&self) -> &[u8];
    /// `bytes` has [`Self::LEN`] bytes.
    fn from_slice(bytes: &[u8]) -> Self;
}

impl<const N: usize> Fixed for [u8; N] {
    const LEN: usize = N;
    fn bytes(&self) -> &[u8] {
        self
    }
    fn from_slice(bytes: &[u8]) -> Self {
        let mut array = [0; N];
        array.copy_from_slice(bytes);
        array
    }
}

impl Fixed for H256 {
    const LEN: usize = 32;
    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }
    fn from_slice(bytes: &[u8]) -> Self {
        Self(Fixed::from_slice(bytes))
    }
}

macro_rules! fixed {
    ($($ty:ty: $len:literal),*) => {$(
        impl Fixed for $ty {
            const LEN: usize = $len;
            fn bytes(&self) -> &[u8] {
                &self.0
            }
            fn from_slice(bytes: &[u8]) -> Self {
                Self(Fixed::from_slice(bytes))
            }
        }

        impl Output for $ty {
            type Abi = u32;
            fn lift(abi: u32) -> Self {
                lift_fixed(abi)
            }
        }
    )*};
}

fixed!(
    KeyTypeId: 4,
    bls::Public: 96,
    ecdsa::Public: 33,
    ecdsa::Signature: 65,
    ed25519::Public: 32,
    ed25519::Signature: 64,
    sr25519::Public: 32,
    sr25519::Signature: 64
);

#[expect(
    clippy::cast_possible_truncation,
    reason = "addresses have 32 bits on WASM, the only target where they are used"
)]
fn address(bytes: &[u8]) -> u32 {
    bytes.as_ptr() as usize as u32
}

#[expect(clippy::cast_possible_truncation, reason = "lengths have 32 bits on WASM")]
fn fat(bytes: &[u8]) -> u64 {
    (u64::from(bytes.len() as u32) << 32) | u64::from(address(bytes))
}

/// Takes over an allocation that the node made for us.
#[expect(unsafe_code, reason = "the node hands memory over by its address")]
#[expect(clippy::cast_possible_truncation, reason = "the halves are taken apart")]
fn take(abi: u64) -> Vec<u8> {
    let (address, len) = (abi as u32 as usize, (abi >> 32) as usize);
    if len == 0 {
        return Vec::new();
    }
    // SAFETY: the node allocated `len` bytes at `address` with our global allocator's heap, wrote
    // all of them, and keeps no reference.
    unsafe { Vec::from_raw_parts(core::ptr::with_exposed_provenance_mut(address), len, len) }
}

fn lift_fixed<T: Fixed>(abi: u32) -> T {
    let len = T::LEN as u64;
    T::from_slice(&take((len << 32) | u64::from(abi)))
}

fn lift_scale<T: Decode>(abi: u64) -> T {
    let bytes = take(abi);
    match T::decode(&mut bytes.as_slice()) {
        Ok(value) => value,
        Err(error) => decode_failed(&error),
    }
}

#[expect(clippy::panic, reason = "the node does not follow its own interface")]
#[cold]
fn decode_failed(error: &codec::Error) -> ! {
    panic!("result of a host function does not decode: {error}")
}

macro_rules! integers {
    ($($ty:ty as $abi:ty, $into:expr, $from:expr;)*) => {$(
        impl Parameter for $ty {
            type Abi = $abi;
            type Held = Self;
            fn hold(self) -> Self {
                self
            }
            fn lower(held: &Self) -> $abi {
                let into: fn(Self) -> $abi = $into;
                into(*held)
            }
        }

        impl Output for $ty {
            type Abi = $abi;
            fn lift(abi: $abi) -> Self {
                let from: fn($abi) -> Self = $from;
                from(abi)
            }
        }
    )*};
}

integers! {
    u8 as u32, u32::from, |abi| abi.to_le_bytes()[0];
    u32 as u32, |value| value, |abi| abi;
    u64 as u64, |value| value, |abi| abi;
    bool as u32, u32::from, |abi| abi != 0;
    StateVersion as u32, |value| u32::from(u8::from(value)), |abi| {
        if abi == 0 { Self::V0 } else { Self::V1 }
    };
}

impl<'a> Parameter for &'a [u8] {
    type Abi = u64;
    type Held = &'a [u8];
    fn hold(self) -> Self {
        self
    }
    fn lower(held: &Self) -> u64 {
        fat(held)
    }
}

impl<'a> Parameter for &'a mut [u8] {
    type Abi = u64;
    type Held = &'a mut [u8];
    fn hold(self) -> Self {
        self
    }
    fn lower(held: &Self) -> u64 {
        fat(held)
    }
}

impl<'a> Parameter for &'a str {
    type Abi = u64;
    type Held = &'a str;
    fn hold(self) -> Self {
        self
    }
    fn lower(held: &Self) -> u64 {
        fat(held.as_bytes())
    }
}

impl<'a, T: Fixed> Parameter for &'a T {
    type Abi = u32;
    type Held = &'a T;
    fn hold(self) -> Self {
        self
    }
    fn lower(held: &Self) -> u32 {
        address(held.bytes())
    }
}

impl Parameter for KeyTypeId {
    type Abi = u32;
    type Held = Self;
    fn hold(self) -> Self {
        self
    }
    fn lower(held: &Self) -> u32 {
        address(&held.0)
    }
}

impl Parameter for Vec<u8> {
    type Abi = u64;
    type Held = Self;
    fn hold(self) -> Self {
        self
    }
    fn lower(held: &Self) -> u64 {
        fat(held)
    }
}

macro_rules! scale_parameters {
    ($($ty:ty),*) => {$(
        impl Parameter for $ty {
            type Abi = u64;
            type Held = Vec<u8>;
            fn hold(self) -> Vec<u8> {
                self.encode()
            }
            fn lower(held: &Vec<u8>) -> u64 {
                fat(held)
            }
        }
    )*};
}

scale_parameters!(
    Option<u32>,
    Option<Vec<u8>>,
    Option<String>,
    Vec<Vec<u8>>,
    Vec<(Vec<u8>, Vec<u8>)>,
    Generation,
    RunLimits,
    RefereeLimits
);

impl Output for () {
    type Abi = ();
    fn lift((): ()) -> Self {}
}

impl<const N: usize> Output for [u8; N] {
    type Abi = u32;
    fn lift(abi: u32) -> Self {
        lift_fixed(abi)
    }
}

impl Output for H256 {
    type Abi = u32;
    fn lift(abi: u32) -> Self {
        lift_fixed(abi)
    }
}

impl Output for Vec<u8> {
    type Abi = u64;
    fn lift(abi: u64) -> Self {
        take(abi)
    }
}

impl<T: Decode> Output for Option<T> {
    type Abi = u64;
    fn lift(abi: u64) -> Self {
        lift_scale(abi)
    }
}

impl<T: Decode, E: Decode> Output for Result<T, E> {
    type Abi = u64;
    fn lift(abi: u64) -> Self {
        lift_scale(abi)
    }
}

macro_rules! scale_outputs {
    ($($ty:ty),*) => {$(
        impl Output for $ty {
            type Abi = u64;
            fn lift(abi: u64) -> Self {
                lift_scale(abi)
            }
        }
    )*};
}

scale_outputs!(
    Vec<bls::Public>,
    Vec<ecdsa::Public>,
    Vec<ed25519::Public>,
    Vec<sr25519::Public>,
    crate::KillStorageResult
);
