//! The one pool of memory that all models of the process work in.
#![expect(unsafe_code, reason = "ort has no safe way to bound ONNX Runtime's memory")]

use std::{ffi::CStr, ptr};

use ort::{AsPointer, environment::Environment, sys};

/// The pool grows by what is asked for, not by powers of two.
const SAME_AS_REQUESTED: usize = 1;

/// Bounds what all sessions of the process that use the environment's allocators may take together: a run that
/// wants more fails with [`EXHAUSTED`] in its message, before any of it is touched.
pub(crate) fn bound(environment: &Environment, bytes_max: u64) -> Result<(), String> {
    let api = ort::api();
    let bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    let keys: [&CStr; 2] = [c"max_mem", c"arena_extend_strategy"];
    let keys = keys.map(CStr::as_ptr);
    let values = [bytes_max, SAME_AS_REQUESTED];
    let mut config = ptr::null_mut();
    let mut memory = ptr::null_mut();
    // SAFETY: the arrays have as many elements as is said and live longer than the call; the pointers that are
    // written are owned here, used while the environment lives, and released once, which takes null too.
    unsafe {
        let status =
            (api.CreateArenaCfgV2)(keys.as_ptr(), values.as_ptr(), keys.len(), &mut config);
        let result = checked(api, status)
            .and_then(|()| {
                let arena = sys::OrtAllocatorType::OrtArenaAllocator;
                let kind = sys::OrtMemType::OrtMemTypeDefault;
                checked(api, (api.CreateCpuMemoryInfo)(arena, kind, &mut memory))
            })
            .and_then(|()| {
                let environment = environment.ptr().cast_mut();
                checked(api, (api.CreateAndRegisterAllocator)(environment, memory, config))
            });
        (api.ReleaseMemoryInfo)(memory);
        (api.ReleaseArenaCfg)(config);
        result
    }
}

/// In the message of a run that the pool has no room for.
pub(crate) const EXHAUSTED: &str = "Available memory of";

/// The error of a call, whose status is released.
fn checked(api: &sys::OrtApi, status: sys::OrtStatusPtr) -> Result<(), String> {
    if status.0.is_null() {
        return Ok(());
    }
    // SAFETY: a status that is not null is valid until it is released, and its message with it.
    unsafe {
        let message =
            CStr::from_ptr((api.GetErrorMessage)(status.0)).to_string_lossy().into_owned();
        (api.ReleaseStatus)(status.0);
        Err(message)
    }
}
