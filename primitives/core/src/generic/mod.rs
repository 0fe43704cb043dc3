//! Headers, digests, eras and extrinsics, generic where Polkadot's are.

pub mod digest;
pub mod era;
pub mod header;
mod phase;
pub mod unchecked_extrinsic;

pub use digest::{Digest, DigestItem, EngineId};
pub use era::Era;
pub use header::Header;
pub use phase::Phase;
pub use unchecked_extrinsic::{Preamble, UncheckedExtrinsic};
