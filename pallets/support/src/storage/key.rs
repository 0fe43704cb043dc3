//! Keys of maps with any number of key parts.

use super::{ReversibleStorageHasher, StorageHasher};
use alloc::{vec, vec::Vec};
use codec::{Encode, EncodeLike, FullCodec};
use core::marker::PhantomData;
use scale_info::StaticTypeInfo;
use sp_metadata_ir::StorageHasherIR;

/// One part of an n-map's key: its hasher and its type.
#[derive(Debug)]
pub struct NMapKey<Hasher, KeyType>(PhantomData<(Hasher, KeyType)>);

/// FRAME's other name of [`NMapKey`].
pub type Key<Hasher, KeyType> = NMapKey<Hasher, KeyType>;

/// The shape of an n-map's key: a tuple of [`NMapKey`].
pub trait KeyGenerator {
    /// The plain key: a tuple of the parts' types (the type itself for one part).
    type Key: FullCodec + 'static;
    /// The hashers, in order.
    fn hashers() -> Vec<StorageHasherIR>;
    /// Hashes encoded parts one after the other; fewer parts give a prefix.
    fn hash_parts(parts: &[Vec<u8>], out: &mut Vec<u8>);
}

/// A key shape whose keys can be read back from storage keys.
pub trait ReversibleKeyGenerator: KeyGenerator {
    /// The plain key inside the tail of a storage key.
    ///
    /// # Errors
    /// The bytes do not hold such a key.
    fn decode_key(tail: &[u8]) -> Result<Self::Key, codec::Error>;
}

/// A tuple whose members encode like those of `T`.
pub trait EncodeLikeTuple<T> {}

/// A tuple, member by member in encoded form.
pub trait TupleToEncodedIter {
    /// The encoded members.
    fn to_encoded_parts(&self) -> Vec<Vec<u8>>;
}

/// A key shape that has keys starting with `Prefix`.
pub trait HasKeyPrefix<Prefix>: KeyGenerator {
    /// What is left of the key.
    type Suffix;
}

/// A key shape whose keys' ends can be read back.
pub trait HasReversibleKeyPrefix<Prefix>: ReversibleKeyGenerator + HasKeyPrefix<Prefix> {
    /// The rest of a key after `Prefix`.
    ///
    /// # Errors
    /// The bytes do not hold such a key.
    fn decode_partial_key(tail: &[u8]) -> Result<Self::Suffix, codec::Error>;
}

impl<H: StorageHasher, K: FullCodec + StaticTypeInfo> KeyGenerator for NMapKey<H, K> {
    type Key = K;
    fn hashers() -> Vec<StorageHasherIR> {
        vec![H::METADATA]
    }
    fn hash_parts(parts: &[Vec<u8>], out: &mut Vec<u8>) {
        if let Some(part) = parts.first() {
            out.extend_from_slice(H::hash(part).as_ref());
        }
    }
}

impl<H: ReversibleStorageHasher, K: FullCodec + StaticTypeInfo> ReversibleKeyGenerator
    for NMapKey<H, K>
{
    fn decode_key(tail: &[u8]) -> Result<K, codec::Error> {
        K::decode(&mut H::reverse(tail))
    }
}

impl<K, A: EncodeLike<K>> EncodeLikeTuple<K> for (A,) where K: Encode {}

macro_rules! key_tuple {
    ($($h:ident $k:ident $a:ident $n:tt),+) => {
        impl<$($h: StorageHasher, $k: FullCodec + StaticTypeInfo),+> KeyGenerator
            for ($(NMapKey<$h, $k>,)+)
        {
            type Key = ($($k,)+);
            fn hashers() -> Vec<StorageHasherIR> {
                vec![$($h::METADATA),+]
            }
            fn hash_parts(parts: &[Vec<u8>], out: &mut Vec<u8>) {
                $(if let Some(part) = parts.get($n) {
                    out.extend_from_slice($h::hash(part).as_ref());
                })+
            }
        }

        impl<$($h: ReversibleStorageHasher, $k: FullCodec + StaticTypeInfo),+>
            ReversibleKeyGenerator for ($(NMapKey<$h, $k>,)+)
        {
            fn decode_key(tail: &[u8]) -> Result<Self::Key, codec::Error> {
                let mut rest = tail;
                Ok(($({
                    rest = $h::reverse(rest);
                    $k::decode(&mut rest)?
                },)+))
            }
        }

        impl<$($a: Encode),+> TupleToEncodedIter for ($($a,)+) {
            fn to_encoded_parts(&self) -> Vec<Vec<u8>> {
                vec![$(self.$n.encode()),+]
            }
        }
    };
}

macro_rules! encode_like_tuple {
    ($($k:ident $a:ident),+) => {
        impl<$($k: Encode, $a: EncodeLike<$k>),+> EncodeLikeTuple<($($k,)+)> for ($($a,)+) {}
    };
}

macro_rules! key_prefix {
    ($([$($ph:ident $pk:ident),+] [$($sh:ident $sk:ident),+] $suffix:ty),+ $(,)?) => {$(
        impl<$($ph: StorageHasher, $pk: FullCodec + StaticTypeInfo,)+
            $($sh: StorageHasher, $sk: FullCodec + StaticTypeInfo),+>
            HasKeyPrefix<($($pk,)+)> for ($(NMapKey<$ph, $pk>,)+ $(NMapKey<$sh, $sk>,)+)
        {
            type Suffix = $suffix;
        }

        impl<$($ph: ReversibleStorageHasher, $pk: FullCodec + StaticTypeInfo,)+
            $($sh: ReversibleStorageHasher, $sk: FullCodec + StaticTypeInfo),+>
            HasReversibleKeyPrefix<($($pk,)+)>
            for ($(NMapKey<$ph, $pk>,)+ $(NMapKey<$sh, $sk>,)+)
        {
            fn decode_partial_key(tail: &[u8]) -> Result<Self::Suffix, codec::Error> {
                let mut rest = tail;
                $(
                    rest = $sh::reverse(rest);
                    #[expect(non_snake_case, reason = "named after its type")]
                    let $sk = $sk::decode(&mut rest)?;
                )+
                Ok(suffix!($($sk),+))
            }
        }
    )+};
}

macro_rules! suffix {
    ($one:ident) => { $one };
    ($($many:ident),+) => { ($($many),+) };
}

key_tuple!(HA KA AA 0);
key_tuple!(HA KA AA 0, HB KB AB 1);
key_tuple!(HA KA AA 0, HB KB AB 1, HC KC AC 2);
key_tuple!(HA KA AA 0, HB KB AB 1, HC KC AC 2, HD KD AD 3);
key_tuple!(HA KA AA 0, HB KB AB 1, HC KC AC 2, HD KD AD 3, HE KE AE 4);
encode_like_tuple!(KA AA, KB AB);
encode_like_tuple!(KA AA, KB AB, KC AC);
encode_like_tuple!(KA AA, KB AB, KC AC, KD AD);
encode_like_tuple!(KA AA, KB AB, KC AC, KD AD, KE AE);
key_prefix!(
    [HA KA] [HB KB] KB,
    [HA KA] [HB KB, HC KC] (KB, KC),
    [HA KA, HB KB] [HC KC] KC,
    [HA KA] [HB KB, HC KC, HD KD] (KB, KC, KD),
    [HA KA, HB KB] [HC KC, HD KD] (KC, KD),
    [HA KA, HB KB, HC KC] [HD KD] KD,
);
