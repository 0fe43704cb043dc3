//! Answers to nodes that fetch artifacts from this one.

use std::sync::Arc;

use codec::Encode;

use crate::store::BlockReader;
use crate::{Request, Response, Store, StoreError, WireError};

/// Answers requests from a store. What they cost is bounded: a read of one block, and the first time for each artifact a
/// look at its list of hashes.
#[derive(Debug)]
pub struct Serve {
    store: Arc<Store>,
    reader: BlockReader,
}

impl Serve {
    /// Answers from this store.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store, reader: BlockReader::default() }
    }

    /// The answer to a request. What cannot be read, or has gone bad on disk, is not here.
    ///
    /// # Errors
    /// The bytes are no request.
    pub fn answer(&mut self, request: &[u8]) -> Result<Vec<u8>, WireError> {
        let request = Request::from_bytes(request)?;
        let found = match request {
            Request::Find(artifact) => {
                self.reader.claim(&self.store, &artifact).map(|found| found.map(Response::Here))
            }
            Request::Block { artifact, at } => {
                let found = self.reader.block(&self.store, &artifact, at);
                found.map(|found| found.map(Response::Block))
            }
        };
        let response = found.unwrap_or_else(|error| {
            complain(&request, &error);
            None
        });
        Ok(response.unwrap_or(Response::Absent).encode())
    }
}

fn complain(request: &Request, error: &StoreError) {
    tracing::warn!(?request, %error, "an artifact is not given to a peer");
}
