//! What generated code calls.

pub use alloc::{vec, vec::Vec};
pub use citrate_core::{ApiId, RuntimeVersion};
pub use sp_metadata_ir::RuntimeApiMetadataIR;

pub use crate::version_section::{encode_version, version_len};

use codec::{Decode, DecodeLimit};

/// LIMIT: how deep calls in arguments may be nested.
const DEPTH_MAX: u32 = 256;

/// The arguments of `method`, all of `data`.
#[expect(
    clippy::panic,
    reason = "a call with wrong arguments traps, as in every Substrate runtime"
)]
pub fn arguments<T: Decode>(method: &str, data: &[u8]) -> T {
    match T::decode_all_with_depth_limit(DEPTH_MAX, &mut &data[..]) {
        Ok(arguments) => arguments,
        Err(error) => panic!("Bad input data provided to {method}: {error}"),
    }
}

/// The body of an export: runs `run` on the arguments and hands its result to the node.
///
/// # Safety
/// `address` must be that of `len` bytes that nobody changes meanwhile.
#[expect(unsafe_code, reason = "the node passes an address")]
#[expect(clippy::cast_possible_truncation, reason = "addresses and lengths have 32 bits on WASM")]
pub unsafe fn entry(
    address: *const u8,
    len: usize,
    run: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> u64 {
    let data = if len == 0 {
        &[]
    } else {
        // SAFETY: the caller vouches for the bytes.
        unsafe { core::slice::from_raw_parts(address, len) }
    };
    let output = run(data).unwrap_or_default();
    if output.is_empty() {
        return 0;
    }
    let output = output.leak();
    (u64::from(output.len() as u32) << 32) | u64::from(output.as_ptr() as usize as u32)
}

/// A record of the custom section `runtime_apis`.
#[must_use]
pub const fn api_record(id: ApiId, version: u32) -> [u8; 12] {
    let version = version.to_le_bytes();
    let mut record = [0; 12];
    let mut index = 0;
    while index < 12 {
        record[index] = if index < 8 { id[index] } else { version[index - 8] };
        index += 1;
    }
    record
}
