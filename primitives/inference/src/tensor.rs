//! Tensors and their canonical encoding.

use alloc::{string::String, vec::Vec};
use core::fmt;

use codec::{Decode, DecodeWithMemTracking, Encode, Error, Input};
use scale_info::TypeInfo;

/// Most dimensions a tensor may have.
pub const RANK_MAX: usize = 8;
/// Most tensors in one set.
pub const TENSORS_MAX: usize = 128;
/// Longest name of a tensor, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// Most bytes of data in one tensor.
pub const TENSOR_BYTES_MAX: u64 = 1 << 30;

/// The type of a tensor's elements.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    codec::MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
#[expect(missing_docs, reason = "the names say it")]
pub enum DType {
    F32,
    F64,
    F16,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Bool,
}

impl DType {
    /// Whether its numbers are in floating point.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F16 | Self::F32 | Self::F64)
    }

    /// Bytes of one element.
    pub const fn size(self) -> u64 {
        match self {
            Self::I8 | Self::U8 | Self::Bool => 1,
            Self::F16 | Self::I16 | Self::U16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }
}

/// Why bytes are not a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorError {
    /// More than [`RANK_MAX`] dimensions.
    Rank,
    /// The shape needs more than [`TENSOR_BYTES_MAX`] bytes.
    TooLarge,
    /// The data's length is not what shape and type need.
    Length {
        /// What they need.
        expected: u64,
        /// What there is.
        found: u64,
    },
    /// A `bool` element that is neither 0 nor 1.
    Bool,
    /// A name that is empty, over [`NAME_BYTES_MAX`] bytes or not UTF-8.
    Name,
    /// Two tensors of one name.
    DuplicateName,
    /// More than [`TENSORS_MAX`] tensors.
    TooMany,
}

impl fmt::Display for TensorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rank => write!(f, "more than {RANK_MAX} dimensions"),
            Self::TooLarge => write!(f, "more than {TENSOR_BYTES_MAX} bytes in one tensor"),
            Self::Length { expected, found } => {
                write!(f, "{found} bytes of data where the shape needs {expected}")
            }
            Self::Bool => f.write_str("a bool that is neither 0 nor 1"),
            Self::Name => write!(f, "a tensor's name is empty, not UTF-8 or too long"),
            Self::DuplicateName => f.write_str("two tensors of one name"),
            Self::TooMany => write!(f, "more than {TENSORS_MAX} tensors"),
        }
    }
}

impl core::error::Error for TensorError {}

/// A dense tensor: type, shape and little-endian data in row-major order.
///
/// INVARIANT: the data's length is the product of the shape times the element's size.
#[derive(Clone, PartialEq, Eq, Encode, TypeInfo)]
pub struct Tensor {
    dtype: DType,
    shape: Vec<u32>,
    data: Vec<u8>,
}

impl Tensor {
    /// A tensor of checked parts.
    pub fn try_new(dtype: DType, shape: Vec<u32>, data: Vec<u8>) -> Result<Self, TensorError> {
        let expected = byte_length(dtype, &shape)?;
        let found = data.len() as u64;
        if expected != found {
            return Err(TensorError::Length { expected, found });
        }
        if dtype == DType::Bool && data.iter().any(|byte| *byte > 1) {
            return Err(TensorError::Bool);
        }
        Ok(Self { dtype, shape, data })
    }

    /// The elements' type.
    pub const fn dtype(&self) -> DType {
        self.dtype
    }

    /// The shape; empty for a scalar.
    pub fn shape(&self) -> &[u32] {
        &self.shape
    }

    /// The elements as little-endian bytes.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The elements' bytes, taken out.
    pub fn into_data(self) -> Vec<u8> {
        self.data
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{:?} ({} bytes)", self.dtype, self.shape, self.data.len())
    }
}

/// Bytes that a tensor of this type and shape takes.
pub(crate) fn byte_length(dtype: DType, shape: &[u32]) -> Result<u64, TensorError> {
    if shape.len() > RANK_MAX {
        return Err(TensorError::Rank);
    }
    // A zero anywhere makes the tensor empty, but the other dimensions must still be sane.
    let mut product = dtype.size();
    let mut empty = false;
    for dim in shape {
        if *dim == 0 {
            empty = true;
            continue;
        }
        product = product
            .checked_mul(u64::from(*dim))
            .filter(|bytes| *bytes <= TENSOR_BYTES_MAX)
            .ok_or(TensorError::TooLarge)?;
    }
    Ok(if empty { 0 } else { product })
}

impl Decode for Tensor {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let dtype = DType::decode(input)?;
        let rank = codec::Compact::<u32>::decode(input)?.0 as usize;
        if rank > RANK_MAX {
            return Err(Error::from("tensor of too many dimensions"));
        }
        let mut shape = Vec::with_capacity(rank);
        for _ in 0..rank {
            shape.push(u32::decode(input)?);
        }
        let expected =
            byte_length(dtype, &shape).map_err(|_error| Error::from("tensor too large"))?;
        // Compared before the data is read: a wrong length costs no memory.
        let length = u64::from(codec::Compact::<u32>::decode(input)?.0);
        if length != expected {
            return Err(Error::from("tensor data does not fit its shape"));
        }
        if input.remaining_len()?.is_some_and(|left| (left as u64) < length) {
            return Err(Error::from("tensor data cut short"));
        }
        let length = usize::try_from(length).map_err(|_error| Error::from("tensor too large"))?;
        let mut data = alloc::vec![0; length];
        input.read(&mut data)?;
        Self::try_new(dtype, shape, data).map_err(|_error| Error::from("tensor of a wrong bool"))
    }
}

impl DecodeWithMemTracking for Tensor {}

/// A tensor with the name that the model gives it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, TypeInfo)]
pub struct NamedTensor {
    /// The input's or output's name.
    pub name: String,
    /// The value.
    pub tensor: Tensor,
}

impl Decode for NamedTensor {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let length = codec::Compact::<u32>::decode(input)?.0 as usize;
        if length == 0 || length > NAME_BYTES_MAX {
            return Err(Error::from("tensor name of a wrong length"));
        }
        let mut name = alloc::vec![0; length];
        input.read(&mut name)?;
        let name =
            String::from_utf8(name).map_err(|_error| Error::from("tensor name is not UTF-8"))?;
        Ok(Self { name, tensor: Tensor::decode(input)? })
    }
}

impl DecodeWithMemTracking for NamedTensor {}

/// A set of named tensors: a model's inputs or its outputs.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, TypeInfo)]
pub struct Tensors(Vec<NamedTensor>);

impl Tensors {
    /// A set of tensors with distinct names.
    pub fn try_new(tensors: Vec<NamedTensor>) -> Result<Self, TensorError> {
        if tensors.len() > TENSORS_MAX {
            return Err(TensorError::TooMany);
        }
        for (position, entry) in tensors.iter().enumerate() {
            if entry.name.is_empty() || entry.name.len() > NAME_BYTES_MAX {
                return Err(TensorError::Name);
            }
            if tensors.iter().take(position).any(|other| other.name == entry.name) {
                return Err(TensorError::DuplicateName);
            }
        }
        Ok(Self(tensors))
    }

    /// A set of one tensor.
    pub fn single(name: &str, tensor: Tensor) -> Result<Self, TensorError> {
        Self::try_new(alloc::vec![NamedTensor { name: name.into(), tensor }])
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.0.iter().find(|entry| entry.name == name).map(|entry| &entry.tensor)
    }

    /// The tensors in their order.
    pub fn iter(&self) -> impl Iterator<Item = &NamedTensor> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tensors, taken out.
    pub fn into_inner(self) -> Vec<NamedTensor> {
        self.0
    }

    /// Decodes the whole of `bytes`, refusing anything left over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut input = bytes;
        let tensors = Self::decode(&mut input)?;
        if input.is_empty() { Ok(tensors) } else { Err(Error::from("bytes after the tensors")) }
    }
}

impl Decode for Tensors {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let count = codec::Compact::<u32>::decode(input)?.0 as usize;
        if count > TENSORS_MAX {
            return Err(Error::from("too many tensors"));
        }
        let mut tensors = Vec::new();
        for _ in 0..count {
            tensors.push(NamedTensor::decode(input)?);
        }
        Self::try_new(tensors).map_err(|_error| Error::from("tensors with wrong names"))
    }
}

impl DecodeWithMemTracking for Tensors {}
