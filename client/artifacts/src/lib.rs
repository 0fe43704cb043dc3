//! A content-addressed store of models and other large files.
//!
//! An artifact has two names. Its **content hash**, the SHA-256 of the whole file, is what the chain
//! knows models by; its **CID** is what `ipfs add --cid-version=1` prints for it, so that other
//! tools find it. [`Store`] keeps files under the first and remembers the second.
//!
//! Nothing is held in memory between calls: several processes may use one store at a time, and a
//! kill at any point leaves either the whole artifact or none of it. What is read is checked
//! against its hash.
mod error;
mod store;
mod unixfs;

pub use cid::Cid;
pub use error::StoreError;
pub use store::{Artifact, Store, StoreConfig};
pub use unixfs::CidBuilder;
