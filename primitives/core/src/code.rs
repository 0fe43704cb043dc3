//! Compressed runtime code: zstd behind Substrate's 8-byte magic.

use std::{borrow::Cow, io::Read};

/// Bytes that a compressed blob starts with.
pub const ZSTD_MAGIC: [u8; 8] = [0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05];
/// LIMIT: bytes that a blob may have once decompressed.
pub const CODE_BYTES_MAX: usize = 50 * 1024 * 1024;

/// Why a blob does not decompress.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// It would be larger than allowed.
    #[error("code is larger than {CODE_BYTES_MAX} bytes when decompressed")]
    TooLarge,
    /// It is not valid zstd.
    #[error("code is not valid zstd: {0}")]
    Invalid(#[from] std::io::Error),
}

/// The code itself, decompressed when it starts with [`ZSTD_MAGIC`].
///
/// # Errors
/// When the blob is not valid zstd or larger than [`CODE_BYTES_MAX`].
pub fn decompress(blob: &[u8]) -> Result<Cow<'_, [u8]>, CodeError> {
    let Some(compressed) = blob.strip_prefix(&ZSTD_MAGIC) else {
        return if blob.len() > CODE_BYTES_MAX {
            Err(CodeError::TooLarge)
        } else {
            Ok(Cow::Borrowed(blob))
        };
    };
    let mut code = Vec::new();
    let limit = CODE_BYTES_MAX as u64 + 1;
    zstd::stream::read::Decoder::new(compressed)?.take(limit).read_to_end(&mut code)?;
    if code.len() > CODE_BYTES_MAX { Err(CodeError::TooLarge) } else { Ok(Cow::Owned(code)) }
}

/// `code` compressed, behind [`ZSTD_MAGIC`].
///
/// # Errors
/// When `code` is larger than [`CODE_BYTES_MAX`].
pub fn compress(code: &[u8]) -> Result<Vec<u8>, CodeError> {
    const LEVEL: i32 = 19;
    if code.len() > CODE_BYTES_MAX {
        return Err(CodeError::TooLarge);
    }
    let mut blob = ZSTD_MAGIC.to_vec();
    zstd::stream::copy_encode(code, &mut blob, LEVEL)?;
    Ok(blob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_plain() {
        let code = vec![7; 100_000];
        let blob = compress(&code).unwrap();
        assert!(blob.len() < 1000 && blob.starts_with(&ZSTD_MAGIC));
        assert_eq!(decompress(&blob).unwrap(), code);
        assert_eq!(decompress(b"\0asm").unwrap(), &b"\0asm"[..]);
    }

    #[test]
    fn a_bomb_and_garbage_are_refused() {
        let mut bomb = ZSTD_MAGIC.to_vec();
        zstd::stream::copy_encode(std::io::repeat(0).take(CODE_BYTES_MAX as u64 + 1), &mut bomb, 1)
            .unwrap();
        assert!(matches!(decompress(&bomb), Err(CodeError::TooLarge)));
        let mut garbage = ZSTD_MAGIC.to_vec();
        garbage.extend([1, 2, 3]);
        assert!(matches!(decompress(&garbage), Err(CodeError::Invalid(_))));
    }
}
