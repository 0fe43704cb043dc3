//! Newtypes over fixed-size byte arrays, with one set of conversions for all of them.

/// Defines a public key or signature of `$len` bytes. In metadata it is the bare array, as in
/// Polkadot's; JSON is hex.
macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            codec::Encode, codec::Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen,
        )]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = ();
            fn try_from(bytes: &[u8]) -> Result<Self, ()> {
                bytes.try_into().map(Self).map_err(|_error| ())
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "0x{}", hex::encode(self.0))
            }
        }

        impl scale_info::TypeInfo for $name {
            type Identity = [u8; $len];
            fn type_info() -> scale_info::Type {
                <[u8; $len] as scale_info::TypeInfo>::type_info()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&alloc::format!("0x{}", hex::encode(self.0)))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::Error;
                let text = alloc::string::String::deserialize(deserializer)?;
                let mut bytes = [0; $len];
                hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes)
                    .map_err(D::Error::custom)?;
                Ok(Self(bytes))
            }
        }
    };
}

pub(crate) use fixed_bytes;
