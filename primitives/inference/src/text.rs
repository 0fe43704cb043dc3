//! Bounded UTF-8 text: bytes on chain, a string in JSON.

use alloc::vec::Vec;
use core::fmt;

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, Error, Input, MaxEncodedLen};
use scale_info::{Type, TypeInfo};

/// UTF-8 text of at most `MAX` bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Encode, MaxEncodedLen)]
pub struct Text<const MAX: u32>(BoundedVec<u8, ConstU32<MAX>>);

impl<const MAX: u32> Text<MAX> {
    /// The text, or `None` if it is longer than `MAX` bytes.
    pub fn try_new(text: &str) -> Option<Self> {
        BoundedVec::try_from(text.as_bytes().to_vec()).ok().map(Self)
    }

    /// As much of the text as fits, cut at a character boundary.
    pub fn truncated(text: &str) -> Self {
        let max = usize::try_from(MAX).unwrap_or(usize::MAX);
        let mut end = text.len().min(max);
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        Self::try_new(text.get(..end).unwrap_or_default()).unwrap_or_default()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// True if there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const MAX: u32> Decode for Text<MAX> {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let bytes = BoundedVec::<u8, ConstU32<MAX>>::decode(input)?;
        core::str::from_utf8(&bytes).map_err(|_error| Error::from("text is not UTF-8"))?;
        Ok(Self(bytes))
    }
}

impl<const MAX: u32> DecodeWithMemTracking for Text<MAX> {}

// The same type as `Vec<u8>` in metadata, which every client shows as bytes or text.
impl<const MAX: u32> TypeInfo for Text<MAX> {
    type Identity = <Vec<u8> as TypeInfo>::Identity;

    fn type_info() -> Type {
        <Vec<u8> as TypeInfo>::type_info()
    }
}

impl<const MAX: u32> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const MAX: u32> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "std")]
impl<const MAX: u32> serde::Serialize for Text<MAX> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "std")]
impl<'de, const MAX: u32> serde::Deserialize<'de> for Text<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::try_new(&text)
            .ok_or_else(|| serde::de::Error::custom(alloc::format!("text over {MAX} bytes")))
    }
}
