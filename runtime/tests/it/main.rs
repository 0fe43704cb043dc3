//! The WASM blobs, as any host sees them, and what they do.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod execution;
mod wasm;
