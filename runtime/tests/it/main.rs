//! The WASM blobs, as any host sees them.

mod wasm;
