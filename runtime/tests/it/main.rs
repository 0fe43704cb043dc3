//! The WASM blobs, as any host sees them, and what they do.

mod execution;
mod wasm;
