//! The node's side: arguments out of the guest's memory, results into it.

use super::{Fixed, Output};
use crate::{HostCaller, HostError, KillStorageResult, Value, ValueType};
use citrate_core::{H256, KeyTypeId, StateVersion, bls, ecdsa, ed25519, sr25519};
use citrate_inference_types::{Generation, RefereeLimits, RunLimits};
use codec::{DecodeAll, Encode};

/// A WASM number.
pub trait Abi: Sized {
    const TYPE: ValueType;
    fn from_value(value: Value) -> Option<Self>;
}

impl Abi for u32 {
    const TYPE: ValueType = ValueType::I32;
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::I32(value) => Some(value),
            Value::I64(_) => None,
        }
    }
}

impl Abi for u64 {
    const TYPE: ValueType = ValueType::I64;
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::I64(value) => Some(value),
            Value::I32(_) => None,
        }
    }
}

/// A WASM number, or none.
pub trait AbiResult {
    const TYPE: Option<ValueType>;
    fn into_value(self) -> Option<Value>;
}

impl AbiResult for () {
    const TYPE: Option<ValueType> = None;
    fn into_value(self) -> Option<Value> {
        None
    }
}

impl AbiResult for u32 {
    const TYPE: Option<ValueType> = Some(ValueType::I32);
    fn into_value(self) -> Option<Value> {
        Some(Value::I32(self))
    }
}

impl AbiResult for u64 {
    const TYPE: Option<ValueType> = Some(ValueType::I64);
    fn into_value(self) -> Option<Value> {
        Some(Value::I64(self))
    }
}

/// Argument `index` of a call.
pub fn argument<A: Abi>(arguments: &[Value], index: usize) -> Result<A, HostError> {
    arguments.get(index).copied().and_then(A::from_value).ok_or(HostError::Signature)
}

/// The two halves of a fat pointer: address and length.
#[expect(clippy::cast_possible_truncation, reason = "the halves are taken apart")]
fn split(fat: u64) -> (u32, u32) {
    (fat as u32, (fat >> 32) as u32)
}

/// The bytes behind a fat pointer.
pub fn read_fat(caller: &dyn HostCaller, fat: u64) -> Result<Vec<u8>, HostError> {
    let (address, len) = split(fat);
    caller.read_memory(address, len)
}

/// Overwrites the bytes behind a fat pointer.
pub fn write_fat(caller: &mut dyn HostCaller, fat: u64, bytes: &[u8]) -> Result<(), HostError> {
    let (address, len) = split(fat);
    if bytes.len() != len as usize {
        return Err(HostError::Signature);
    }
    caller.write_memory(address, bytes)
}

fn read_fixed<T: Fixed>(caller: &dyn HostCaller, address: u32) -> Result<T, HostError> {
    let Ok(len) = u32::try_from(T::LEN) else { return Err(HostError::Signature) };
    Ok(T::from_slice(&caller.read_memory(address, len)?))
}

/// Copies `bytes` into memory allocated for the guest.
fn give(caller: &mut dyn HostCaller, bytes: &[u8]) -> Result<(u32, u32), HostError> {
    let Ok(len) = u32::try_from(bytes.len()) else {
        return Err(HostError::ResultTooLarge(bytes.len()));
    };
    if len == 0 {
        return Ok((0, 0));
    }
    let address = caller.allocate(len)?;
    caller.write_memory(address, bytes)?;
    Ok((address, len))
}

fn give_fat(caller: &mut dyn HostCaller, bytes: &[u8]) -> Result<u64, HostError> {
    let (address, len) = give(caller, bytes)?;
    Ok((u64::from(len) << 32) | u64::from(address))
}

/// What a parameter of a reference type refers to.
pub trait Referent {
    type Abi;
    type Owned;
    fn read(caller: &dyn HostCaller, abi: Self::Abi) -> Result<Self::Owned, HostError>;
}

impl Referent for [u8] {
    type Abi = u64;
    type Owned = Vec<u8>;
    fn read(caller: &dyn HostCaller, abi: u64) -> Result<Vec<u8>, HostError> {
        read_fat(caller, abi)
    }
}

impl Referent for str {
    type Abi = u64;
    type Owned = String;
    fn read(caller: &dyn HostCaller, abi: u64) -> Result<String, HostError> {
        Ok(String::from_utf8_lossy(&read_fat(caller, abi)?).into_owned())
    }
}

impl<T: Fixed> Referent for T {
    type Abi = u32;
    type Owned = T;
    fn read(caller: &dyn HostCaller, abi: u32) -> Result<T, HostError> {
        read_fixed(caller, abi)
    }
}

/// A parameter that is passed by value.
pub trait Received: Sized {
    type Abi;
    fn read(caller: &dyn HostCaller, abi: Self::Abi) -> Result<Self, HostError>;
}

macro_rules! received_integers {
    ($($ty:ty),*) => {$(
        impl Received for $ty {
            type Abi = <Self as Output>::Abi;
            fn read(_: &dyn HostCaller, abi: Self::Abi) -> Result<Self, HostError> {
                Ok(<Self as Output>::lift(abi))
            }
        }
    )*};
}

received_integers!(u8, u32, u64, bool);

impl Received for StateVersion {
    type Abi = u32;
    fn read(_: &dyn HostCaller, abi: u32) -> Result<Self, HostError> {
        u8::try_from(abi).ok().and_then(|v| Self::try_from(v).ok()).ok_or(HostError::StateVersion)
    }
}

impl Received for KeyTypeId {
    type Abi = u32;
    fn read(caller: &dyn HostCaller, abi: u32) -> Result<Self, HostError> {
        read_fixed(caller, abi)
    }
}

impl Received for Vec<u8> {
    type Abi = u64;
    fn read(caller: &dyn HostCaller, abi: u64) -> Result<Self, HostError> {
        read_fat(caller, abi)
    }
}

macro_rules! received_scale {
    ($($ty:ty),*) => {$(
        impl Received for $ty {
            type Abi = u64;
            fn read(caller: &dyn HostCaller, abi: u64) -> Result<Self, HostError> {
                let bytes = read_fat(caller, abi)?;
                Self::decode_all(&mut bytes.as_slice()).map_err(HostError::Argument)
            }
        }
    )*};
}

received_scale!(
    Option<u32>,
    Option<Vec<u8>>,
    Option<String>,
    Vec<Vec<u8>>,
    Vec<(Vec<u8>, Vec<u8>)>,
    Generation,
    RunLimits,
    RefereeLimits
);

/// A result on its way to the guest.
pub trait Returned: Output {
    fn write(self, caller: &mut dyn HostCaller) -> Result<Self::Abi, HostError>;
}

macro_rules! returned_integers {
    ($($ty:ty),*) => {$(
        impl Returned for $ty {
            fn write(self, _: &mut dyn HostCaller) -> Result<Self::Abi, HostError> {
                Ok(self.into())
            }
        }
    )*};
}

returned_integers!(u32, u64, bool);

impl Returned for () {
    fn write(self, _: &mut dyn HostCaller) -> Result<(), HostError> {
        Ok(())
    }
}

impl<const N: usize> Returned for [u8; N] {
    fn write(self, caller: &mut dyn HostCaller) -> Result<u32, HostError> {
        Ok(give(caller, &self)?.0)
    }
}

macro_rules! returned_fixed {
    ($($ty:ty),*) => {$(
        impl Returned for $ty {
            fn write(self, caller: &mut dyn HostCaller) -> Result<u32, HostError> {
                Ok(give(caller, self.bytes())?.0)
            }
        }
    )*};
}

returned_fixed!(H256, bls::Public, ecdsa::Public, ed25519::Public, sr25519::Public);

impl Returned for Vec<u8> {
    fn write(self, caller: &mut dyn HostCaller) -> Result<u64, HostError> {
        give_fat(caller, &self)
    }
}

impl<T: codec::Codec> Returned for Option<T> {
    fn write(self, caller: &mut dyn HostCaller) -> Result<u64, HostError> {
        give_fat(caller, &self.encode())
    }
}

impl<T: codec::Codec, E: codec::Codec> Returned for Result<T, E> {
    fn write(self, caller: &mut dyn HostCaller) -> Result<u64, HostError> {
        give_fat(caller, &self.encode())
    }
}

macro_rules! returned_scale {
    ($($ty:ty),*) => {$(
        impl Returned for $ty {
            fn write(self, caller: &mut dyn HostCaller) -> Result<u64, HostError> {
                give_fat(caller, &self.encode())
            }
        }
    )*};
}

returned_scale!(
    Vec<bls::Public>,
    Vec<ecdsa::Public>,
    Vec<ed25519::Public>,
    Vec<sr25519::Public>,
    KillStorageResult
);
