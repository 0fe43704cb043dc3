//! A content-addressed store of models and other large files.
//!
//! An artifact has two names. Its **content hash**, the SHA-256 of the whole file, is what the chain
//! knows models by; its **CID** is what `ipfs add --cid-version=1` prints for it, so that other
//! tools find it. [`Store`] keeps files under the first and remembers the second.
//!
//! Nothing is held in memory between calls: several processes may use one store at a time, and a
//! kill at any point leaves either the whole artifact or none of it. What is read is checked
//! against its hash.
//!
//! What is not here is fetched from other nodes: [`FetchCore`] decides what to ask whom and judges what comes, [`Serve`] answers
//! others. Both do no I/O but the store's; whoever drives them carries their messages.
mod error;
mod fetch;
mod serve;
mod store;
mod tree;
mod unixfs;
mod wire;

pub use cid::Cid;
pub use error::StoreError;
pub use fetch::{
    Action, Failure, FetchConfig, FetchCore, FetchError, Input, Offence, PeerId, Progress,
    RequestId, Size, Want,
};
pub use serve::Serve;
pub use store::{Artifact, Claim, Partial, Pin, Put, Store, StoreConfig};
pub use tree::Position;
pub use wire::{Request, Response, WireError};
