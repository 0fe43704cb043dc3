//! The hash functions of the Polkadot Host, in pure Rust.

use blake2::{
    Blake2b, Digest as _,
    digest::consts::{U16, U32, U64},
};
use core::hash::Hasher;
use twox_hash::XxHash64;

/// Blake2b with 128 bits of output.
pub fn blake2_128(data: &[u8]) -> [u8; 16] {
    Blake2b::<U16>::digest(data).into()
}

/// Blake2b with 256 bits of output.
pub fn blake2_256(data: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(data).into()
}

/// Blake2b with 512 bits of output.
pub fn blake2_512(data: &[u8]) -> [u8; 64] {
    Blake2b::<U64>::digest(data).into()
}

/// Keccak with 256 bits of output.
pub fn keccak_256(data: &[u8]) -> [u8; 32] {
    sha3::Keccak256::digest(data).into()
}

/// Keccak with 512 bits of output.
pub fn keccak_512(data: &[u8]) -> [u8; 64] {
    sha3::Keccak512::digest(data).into()
}

/// SHA-2 with 256 bits of output.
pub fn sha2_256(data: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(data).into()
}

/// XxHash64 with seed 0. Not cryptographic.
pub fn twox_64(data: &[u8]) -> [u8; 8] {
    twox(data)
}

/// XxHash64 with seeds 0 and 1. Not cryptographic.
pub fn twox_128(data: &[u8]) -> [u8; 16] {
    twox(data)
}

/// XxHash64 with seeds 0 to 3. Not cryptographic.
pub fn twox_256(data: &[u8]) -> [u8; 32] {
    twox(data)
}

fn twox<const N: usize>(data: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    for (seed, chunk) in (0u64..).zip(out.chunks_exact_mut(8)) {
        let mut hasher = XxHash64::with_seed(seed);
        hasher.write(data);
        chunk.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Storage prefixes that every Substrate chain shares, and the digests of the empty input.
    #[test]
    fn known_answers() {
        let cases: [(&str, Vec<u8>, &str); 6] = [
            ("twox_128", twox_128(b"System").into(), "26aa394eea5630e07c48ae0c9558cef7"),
            ("twox_128", twox_128(b"Account").into(), "b99d880ec681799c0cf30e8886371da9"),
            (
                "blake2_256",
                blake2_256(b"").into(),
                "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
            ),
            (
                "keccak_256",
                keccak_256(b"").into(),
                "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
            ),
            (
                "sha2_256",
                sha2_256(b"").into(),
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            ("twox_64", twox_64(b"").into(), "99e9d85137db46ef"),
        ];
        for (desc, got, expected) in cases {
            assert_eq!(hex::encode(got), expected, "{desc}");
        }
    }
}
