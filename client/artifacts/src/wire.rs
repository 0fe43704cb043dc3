//! Messages between nodes, in SCALE.

use citrate_core::H256;
use codec::{Decode, DecodeAll, Encode};

use crate::{Claim, Position};

/// LIMIT: bytes of a request.
pub(crate) const REQUEST_BYTES_MAX: usize = 64;
/// LIMIT: bytes of a response: a leaf, and what is around it.
pub(crate) const RESPONSE_BYTES_MAX: usize = 256 * 1024 + 64;

/// Bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message about artifacts")]
pub struct WireError;

/// What a node asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
    /// Whether it has the artifact with this content hash.
    Find(H256),
    /// A block of an artifact.
    ///
    /// It is named by its place and not by its hash, so that whoever has a thousand artifacts needs no index of all
    /// their blocks; whoever asks knows the hash.
    Block {
        /// Content hash of the artifact.
        artifact: H256,
        /// The block.
        at: Position,
    },
}

/// What it is told.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Response {
    /// It is not here.
    Absent,
    /// The artifact is here, whole.
    Here(Claim),
    /// The block.
    Block(Vec<u8>),
}

impl Request {
    /// LIMIT: bytes of a request.
    pub const BYTES_MAX: usize = REQUEST_BYTES_MAX;

    /// Reads a request.
    ///
    /// # Errors
    /// It is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > REQUEST_BYTES_MAX {
            return Err(WireError);
        }
        Self::decode_all(&mut &*bytes).map_err(|_codec| WireError)
    }
}

impl Response {
    /// LIMIT: bytes of a response.
    pub const BYTES_MAX: usize = RESPONSE_BYTES_MAX;

    /// Reads a response.
    ///
    /// # Errors
    /// It is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > RESPONSE_BYTES_MAX {
            return Err(WireError);
        }
        Self::decode_all(&mut &*bytes).map_err(|_codec| WireError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Layout;

    #[test]
    fn messages_are_read_as_they_were_written_and_others_are_none() {
        let at = Position { level: 2, index: u32::MAX };
        let artifact = H256([7; 32]);
        for request in [Request::Find(artifact), Request::Block { artifact, at }] {
            let bytes = request.encode();
            assert_eq!(Request::from_bytes(&bytes), Ok(request));
            assert_eq!(Request::from_bytes(&bytes[1..]), Err(WireError));
            assert_eq!(Request::from_bytes(&[&bytes[..], &[0]].concat()), Err(WireError));
        }
        let claim = Claim { root: artifact, bytes: 9 };
        for response in [Response::Absent, Response::Here(claim), Response::Block(vec![1, 2])] {
            let bytes = response.encode();
            assert_eq!(Response::from_bytes(&bytes), Ok(response));
            assert_eq!(Response::from_bytes(&[&bytes[..], &[0]].concat()), Err(WireError));
        }
        for garbage in [&[][..], &[3], &[0xff; 80], &[2, 0xff, 0xff, 0xff, 0xff, 1]] {
            assert_eq!(Request::from_bytes(garbage), Err(WireError));
            assert_eq!(Response::from_bytes(garbage), Err(WireError));
        }
    }

    #[test]
    fn a_leaf_fits_and_more_does_not() {
        let leaf = Response::Block(vec![1; Layout::IPFS.leaf_bytes]).encode();
        assert!(Response::from_bytes(&leaf).is_ok());
        let more = Response::Block(vec![1; RESPONSE_BYTES_MAX]).encode();
        assert_eq!(Response::from_bytes(&more), Err(WireError));
    }
}
