//! Stand-ins for the parts that a pallet does not have.

use codec::{Decode, DecodeWithMemTracking, Encode, EncodeLike, Input, MaxEncodedLen, Output};
use core::{
    cmp::Ordering,
    convert::Infallible,
    fmt::{Debug, Formatter},
    marker::PhantomData,
};
use scale_info::{Path, Type, TypeInfo, build::Variants};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};

/// No value is of this type.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Never {}

/// A part that the pallet `P` does not have: no value is of this type, except as a genesis config,
/// where it is empty (see [`AbsentGenesis`]).
pub enum Absent<P> {
    #[doc(hidden)]
    __Never(Infallible, PhantomData<fn() -> P>),
}

impl<P> Absent<P> {
    fn never(&self) -> ! {
        let Self::__Never(never, _) = self;
        match *never {}
    }
}

impl<P> Clone for Absent<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Absent<P> {}

impl<P> PartialEq for Absent<P> {
    fn eq(&self, _: &Self) -> bool {
        self.never()
    }
}

impl<P> Eq for Absent<P> {}

impl<P> PartialOrd for Absent<P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> Ord for Absent<P> {
    fn cmp(&self, _: &Self) -> Ordering {
        self.never()
    }
}

impl<P> Debug for Absent<P> {
    fn fmt(&self, _: &mut Formatter<'_>) -> core::fmt::Result {
        self.never()
    }
}

impl<P> Encode for Absent<P> {
    fn encode_to<O: Output + ?Sized>(&self, _: &mut O) {
        self.never()
    }
}

impl<P> EncodeLike for Absent<P> {}

impl<P> Decode for Absent<P> {
    fn decode<I: Input>(_: &mut I) -> Result<Self, codec::Error> {
        Err("the pallet has no such part".into())
    }
}

impl<P> DecodeWithMemTracking for Absent<P> {}

impl<P> MaxEncodedLen for Absent<P> {
    fn max_encoded_len() -> usize {
        0
    }
}

impl<P: 'static> TypeInfo for Absent<P> {
    type Identity = Never;
    fn type_info() -> Type {
        Type::builder().path(Path::new("Absent", "citrate_support")).variant(Variants::new())
    }
}

impl<P> crate::traits::VariantCount for Absent<P> {
    const VARIANT_COUNT: u32 = 0;
}

/// The genesis config of the pallet `P`, which has none: an empty object.
pub struct AbsentGenesis<P>(PhantomData<fn() -> P>);

impl<P> Default for AbsentGenesis<P> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<P> Debug for AbsentGenesis<P> {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        f.write_str("AbsentGenesis")
    }
}

impl<P> Serialize for AbsentGenesis<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_struct("AbsentGenesis", 0)?.end()
    }
}

impl<'de, P> Deserialize<'de> for AbsentGenesis<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Empty {}
        Empty::deserialize(deserializer).map(|Empty {}| Self::default())
    }
}

impl<P> crate::traits::BuildGenesisConfig for AbsentGenesis<P> {
    fn build(&self) {}
}
