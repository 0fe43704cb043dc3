//! SS58: accounts as text that humans copy (Polkadot's address format).

use crate::hashing::blake2_512;
use alloc::{string::String, vec::Vec};

/// The prefix of no chain in particular.
pub const GENERIC_PREFIX: u16 = 42;
/// Largest prefix that the format can hold.
pub const PREFIX_MAX: u16 = (1 << 14) - 1;
/// LIMIT: characters of an address; a longer text is refused unread.
const TEXT_LEN_MAX: usize = 64;
const CONTEXT: &[u8] = b"SS58PRE";
const CHECKSUM_LEN: usize = 2;

/// Why a text is not an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ss58Error {
    /// Not base58.
    BadBase58,
    /// Not the length of an account of 32 bytes.
    BadLength,
    /// The prefix is not allowed.
    InvalidPrefix,
    /// The checksum does not match: probably a typing error.
    InvalidChecksum,
}

impl core::fmt::Display for Ss58Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::BadBase58 => "address is not valid base58",
            Self::BadLength => "address has the wrong length",
            Self::InvalidPrefix => "address has an invalid network prefix",
            Self::InvalidChecksum => "address has a wrong checksum",
        })
    }
}

impl core::error::Error for Ss58Error {}

/// The address of `account` under `prefix`. Only the low 14 bits of `prefix` count.
pub fn encode(account: &[u8; 32], prefix: u16) -> String {
    let prefix = prefix & PREFIX_MAX;
    let [low, high] = prefix.to_le_bytes();
    // Two bytes: the upper six bits of the low byte, then its lower two before the high byte's.
    let mut bytes = if prefix < 64 {
        Vec::from([low])
    } else {
        Vec::from([(low >> 2) | 0b0100_0000, high | (low << 6)])
    };
    bytes.extend(account);
    let checksum = checksum(&bytes);
    bytes.extend(&checksum[..CHECKSUM_LEN]);
    bs58::encode(bytes).into_string()
}

/// The account and prefix of an address.
///
/// # Errors
/// When `text` is not an address of an account of 32 bytes, see [`Ss58Error`].
pub fn decode(text: &str) -> Result<([u8; 32], u16), Ss58Error> {
    if text.len() > TEXT_LEN_MAX {
        return Err(Ss58Error::BadLength);
    }
    let bytes = bs58::decode(text).into_vec().map_err(|_error| Ss58Error::BadBase58)?;
    let (prefix_len, prefix) = match bytes[..] {
        [first @ 0..=63, ..] => (1, u16::from(first)),
        [first @ 64..=127, second, ..] => {
            let low = (first << 2) | (second >> 6);
            (2, u16::from_le_bytes([low, second & 0b0011_1111]))
        }
        [_, ..] => return Err(Ss58Error::InvalidPrefix),
        [] => return Err(Ss58Error::BadLength),
    };
    if bytes.len() != prefix_len + 32 + CHECKSUM_LEN {
        return Err(Ss58Error::BadLength);
    }
    let (body, sum) = bytes.split_at(prefix_len + 32);
    if checksum(body)[..CHECKSUM_LEN] != *sum {
        return Err(Ss58Error::InvalidChecksum);
    }
    let account = body[prefix_len..].try_into().map_err(|_error| Ss58Error::BadLength)?;
    Ok((account, prefix))
}

fn checksum(body: &[u8]) -> [u8; 64] {
    let mut message = Vec::from(CONTEXT);
    message.extend(body);
    blake2_512(&message)
}
