//! Values that are too large to carry around, by their hash.

use crate::{CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound, dispatch::DispatchError};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use citrate_core::H256;
use codec::{Decode, DecodeLimit, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use scale_info::TypeInfo;

/// LIMIT: how deep a value from a preimage may nest: as deep as an extrinsic may (`EXTRINSIC_DEPTH_MAX` of the
/// executive), since calls come from extrinsics, and the stack is the same.
const DEPTH_MAX: u32 = 64;

/// A short encoding.
pub type BoundedInline = BoundedVec<u8, ConstU32<128>>;

/// A value of type `T`: its encoding if that is short, else its hash.
#[derive(
    CloneNoBound,
    DebugNoBound,
    EqNoBound,
    PartialEqNoBound,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[codec(encode_bound())]
#[codec(decode_bound())]
#[codec(decode_with_mem_tracking_bound())]
#[codec(mel_bound())]
#[scale_info(skip_type_params(T), replace_segment("citrate_support", "frame_support"))]
pub enum Bounded<T: 'static> {
    /// The hash alone; whoever stores the value knows how long it is.
    Legacy {
        /// Of the encoding.
        hash: H256,
        /// Names the type.
        dummy: PhantomData<fn() -> T>,
    },
    /// The encoding.
    Inline(BoundedInline),
    /// The hash.
    Lookup {
        /// Of the encoding.
        hash: H256,
        /// Length of the encoding in bytes.
        len: u32,
    },
}

impl<T> Bounded<T> {
    /// The hash of a value that is stored elsewhere.
    pub fn lookup_hash(&self) -> Option<H256> {
        match self {
            Self::Inline(_) => None,
            Self::Legacy { hash, .. } | Self::Lookup { hash, .. } => Some(*hash),
        }
    }

    /// How long the encoding is, if that is known from here.
    pub fn len(&self) -> Option<u32> {
        match self {
            Self::Legacy { .. } => None,
            Self::Inline(bytes) => u32::try_from(bytes.len()).ok(),
            Self::Lookup { len, .. } => Some(*len),
        }
    }

    /// Whether the encoding is known to have no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
}

/// Reads values by their hashes. A request keeps a value, or has it kept once somebody brings it.
pub trait QueryPreimage {
    /// How long a value is, if it is there.
    fn len(hash: &H256) -> Option<u32>;

    /// The bytes of a value; who knows their length says so and spares a lookup.
    ///
    /// # Errors
    /// It is not there.
    fn fetch(hash: &H256, len: Option<u32>) -> Result<Vec<u8>, DispatchError>;

    /// Whether somebody requests the value.
    fn is_requested(hash: &H256) -> bool;

    /// Requests the value once more.
    fn request(hash: &H256);

    /// Takes one request back.
    fn unrequest(hash: &H256);

    /// Requests a value that is not inline.
    fn hold<T>(bounded: &Bounded<T>) {
        if let Some(hash) = bounded.lookup_hash() {
            Self::request(&hash);
        }
    }

    /// Takes the request of a value back that is not inline.
    fn drop<T>(bounded: &Bounded<T>) {
        if let Some(hash) = bounded.lookup_hash() {
            Self::unrequest(&hash);
        }
    }

    /// The value.
    ///
    /// # Errors
    /// It is not there, or its bytes are no `T`.
    fn peek<T: Decode>(bounded: &Bounded<T>) -> Result<T, DispatchError> {
        let decode = |bytes: &[u8]| {
            T::decode_all_with_depth_limit(DEPTH_MAX, &mut &*bytes)
                .map_err(|_malformed| DispatchError::Corruption)
        };
        match bounded {
            Bounded::Inline(bytes) => decode(bytes),
            Bounded::Legacy { hash, .. } => decode(&Self::fetch(hash, None)?),
            Bounded::Lookup { hash, len } => decode(&Self::fetch(hash, Some(*len))?),
        }
    }

    /// The value, whose request is taken back.
    ///
    /// # Errors
    /// Those of [`Self::peek`]; the request stands then.
    fn realize<T: Decode>(bounded: &Bounded<T>) -> Result<T, DispatchError> {
        let value = Self::peek(bounded)?;
        Self::drop(bounded);
        Ok(value)
    }
}

/// Stores values for the chain itself, which pays nothing for them.
pub trait StorePreimage: QueryPreimage {
    /// LIMIT: bytes of a value.
    const MAX_LENGTH: usize;

    /// Stores bytes and requests them.
    ///
    /// # Errors
    /// They are too many.
    fn note(bytes: Vec<u8>) -> Result<H256, DispatchError>;

    /// Stores a value unless it is short, and requests it.
    ///
    /// # Errors
    /// It is too long.
    fn bound<T: Encode>(value: &T) -> Result<Bounded<T>, DispatchError> {
        match BoundedInline::try_from(value.encode()) {
            Ok(short) => Ok(Bounded::Inline(short)),
            Err(long) => {
                let len = u32::try_from(long.len()).unwrap_or(u32::MAX);
                Ok(Bounded::Lookup { hash: Self::note(long)?, len })
            }
        }
    }
}
