//! What nodes say to each other.

use citrate_core::{BlockNumber, H256, Header, OpaqueExtrinsic};
use citrate_dag::{LOG_BYTES_MAX, LOGS_MAX, PAYLOAD_BYTES_MAX, payload_bytes};
use citrate_dag_types::DagBlock;
use citrate_trie::Step;
use codec::{Decode, DecodeWithMemLimit, DecodeWithMemTracking, Encode};

/// The first byte of every message. Another one whenever nodes would misunderstand each other, also about votes,
/// transactions and artifacts: nodes of different versions do not talk.
pub const WIRE_VERSION: u8 = 2;
/// LIMIT: bytes of a header with the largest digest, of the message's version, and of the payload's length.
const HEADER_BYTES_MAX: usize = LOG_BYTES_MAX + 1024;
/// LIMIT: hashes in a locator.
pub const LOCATOR_MAX: usize = 64;
/// LIMIT: headers in a page. More than one block merges with itself.
pub const HEADERS_MAX: usize = 1024;
/// LIMIT: payloads asked for at a time.
pub const BODIES_MAX: usize = 128;
/// LIMIT: whole blocks asked for at a time.
pub const BLOCKS_MAX: usize = 32;
/// LIMIT: nodes of a state that are named in a request.
pub const STEPS_MAX: usize = 64;
/// LIMIT: entries of a window in an answer.
pub const ENTRIES_MAX: usize = 4_096;
/// LIMIT: nodes of a state in an answer.
pub const NODES_MAX: usize = 16_384;
/// LIMIT: bytes of a page of a proof.
pub const PROOF_BYTES_MAX: usize = 8 * 1024 * 1024;
/// LIMIT: tips in a status.
pub const TIPS_MAX: usize = 64;
/// LIMIT: bytes of a justification.
pub const JUSTIFICATION_BYTES_MAX: usize = 1024 * 1024;
/// A page of headers ends after the chain block that brings it over this many bytes.
pub const HEADER_BYTES_TARGET: usize = 1024 * 1024;
/// An answer with payloads ends after the one that brings it over this many bytes.
pub const BODY_BYTES_TARGET: usize = 2 * 1024 * 1024;
/// LIMIT: memory that decoding takes, per byte of the message; a digest item of 2 bytes takes 40.
const MEMORY_PER_BYTE: usize = 8;
/// LIMIT: memory that decoding takes in any case.
const MEMORY_MIN: usize = 64 * 1024;

/// Why bytes are not a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// It is longer than a message of its kind may be.
    #[error("the message has {got} bytes; the limit is {max}")]
    TooLong {
        /// Its length.
        got: usize,
        /// The limit.
        max: usize,
    },
    /// It is of a version that is not known here.
    #[error("the message is of an unknown version")]
    Version,
    /// It does not decode, or takes too much memory.
    #[error("the message does not decode: {0}")]
    Malformed(codec::Error),
    /// A list in it is too long.
    #[error("the message has {got} {what}; the limit is {max}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        got: usize,
        /// The limit.
        max: usize,
    },
}

/// A message: a version byte, then its SCALE encoding.
pub trait Wire: Encode + DecodeWithMemTracking {
    /// LIMIT: bytes of a message of this kind.
    const BYTES_MAX: usize;

    /// Whether every list in it is within its limit.
    ///
    /// # Errors
    /// [`WireError::TooMany`].
    fn check(&self) -> Result<(), WireError>;

    /// The bytes to send.
    fn to_bytes(&self) -> Vec<u8> {
        (WIRE_VERSION, self).encode()
    }

    /// What the bytes say.
    ///
    /// # Errors
    /// See [`WireError`].
    fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let (got, max) = (bytes.len(), Self::BYTES_MAX);
        if got > max {
            return Err(WireError::TooLong { got, max });
        }
        let Some((&WIRE_VERSION, mut rest)) = bytes.split_first() else {
            return Err(WireError::Version);
        };
        let memory = rest.len().saturating_mul(MEMORY_PER_BYTE).saturating_add(MEMORY_MIN);
        let message =
            Self::decode_with_mem_limit(&mut rest, memory).map_err(WireError::Malformed)?;
        if !rest.is_empty() {
            return Err(WireError::Malformed("bytes after the end".into()));
        }
        message.check()?;
        Ok(message)
    }
}

/// A header and a payload that are each within their own limit, so that whoever is sent the block can send it on.
fn within_block(block: &DagBlock) -> Result<(), WireError> {
    within_header(&block.header)?;
    within("bytes of a payload", payload_bytes(&block.payload), PAYLOAD_BYTES_MAX)
}

fn within_header(header: &Header) -> Result<(), WireError> {
    within("items of a digest", header.digest.logs.len(), LOGS_MAX)?;
    within("bytes of a digest", header.digest.encoded_size(), LOG_BYTES_MAX)
}

fn within(what: &'static str, got: usize, max: usize) -> Result<(), WireError> {
    if got > max { Err(WireError::TooMany { what, got, max }) } else { Ok(()) }
}

/// The gossip message: a new block. The chain's own limits on headers and payloads come on top.
impl Wire for DagBlock {
    const BYTES_MAX: usize = PAYLOAD_BYTES_MAX + HEADER_BYTES_MAX;

    fn check(&self) -> Result<(), WireError> {
        within_block(self)
    }
}

/// A question to a peer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Request {
    /// Where do you stand?
    #[codec(index = 0)]
    Status,
    /// Which headers follow in your DAG on the first of these that is on your selected chain?
    #[codec(index = 1)]
    Headers {
        /// Blocks of the asker's selected chain: the tip, then ever fewer, the lowest block last.
        locator: Vec<H256>,
        /// How many headers at most. One chain block with what it merges is always sent whole.
        limit: u32,
    },
    /// What is in these blocks' payloads?
    #[codec(index = 2)]
    Bodies(Vec<H256>),
    /// What are these blocks?
    #[codec(index = 3)]
    Blocks(Vec<H256>),
    /// Which votes made the block of this number final?
    #[codec(index = 4)]
    Justification(BlockNumber),
    /// How did the voters change from the end of this set on, and which block is final now?
    #[codec(index = 5)]
    Proof(u64),
    /// What does the DAG know of the blocks that may still matter above this final one?
    #[codec(index = 6)]
    Window {
        /// The block.
        block: H256,
        /// How many entries the asker has: the answer goes on there.
        from: u32,
    },
    /// Which nodes has the state after this final block?
    #[codec(index = 7)]
    State {
        /// The block.
        block: H256,
        /// What is asked for.
        steps: Vec<Step>,
        /// Whether what hangs below each of them is asked for too.
        depth: Depth,
    },
}

/// How much of a state a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Depth {
    /// The nodes that are named.
    #[codec(index = 0)]
    Named,
    /// Each of them followed by what hangs below it, depth first.
    #[codec(index = 1)]
    Below,
}

impl Wire for Request {
    const BYTES_MAX: usize = 8 * 1024;

    fn check(&self) -> Result<(), WireError> {
        match self {
            Self::Status | Self::Justification(_) | Self::Proof(_) | Self::Window { .. } => Ok(()),
            Self::State { steps, .. } => within("steps", steps.len(), STEPS_MAX),
            Self::Headers { locator, .. } => within("hashes", locator.len(), LOCATOR_MAX),
            Self::Bodies(hashes) => within("hashes", hashes.len(), BODIES_MAX),
            Self::Blocks(hashes) => within("hashes", hashes.len(), BLOCKS_MAX),
        }
    }
}

/// A block by number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct BlockRef {
    /// The number.
    pub number: BlockNumber,
    /// The hash.
    pub hash: H256,
}

/// Where a node stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Status {
    /// The first block of its chain.
    pub genesis: H256,
    /// The last final block.
    pub finalised: BlockRef,
    /// The tip of its selected chain.
    pub best: BlockRef,
    /// The lowest block of its selected chain that it serves whole, with what that merged and all
    /// payloads. Of what is below it serves nothing.
    pub oldest: BlockNumber,
    /// Blue blocks in the past of the best block.
    pub blue_score: u64,
    /// Blocks that no other of its blocks names as a parent, at most [`TIPS_MAX`].
    pub tips: Vec<H256>,
}

/// Headers in an order in which parents come first. The last one is of the server's selected
/// chain: the next page continues there.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct HeaderPage {
    /// The locator's block that they follow on; `None` when none is on the server's selected chain.
    pub common: Option<H256>,
    /// The headers; none when nothing follows.
    pub headers: Vec<Header>,
}

/// Part of what the DAG knows of the blocks around a final one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct WindowPage {
    /// How many entries there are in all.
    pub total: u32,
    /// [Entries](crate::WindowEntry), encoded, each after those of its past.
    pub entries: Vec<Vec<u8>>,
}

/// An answer. Lists answer the hashes of the request in its order; a list that is shorter than the request
/// leaves the rest to another one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Response {
    /// To [`Request::Status`].
    #[codec(index = 0)]
    Status(Status),
    /// To [`Request::Headers`].
    #[codec(index = 1)]
    Headers(HeaderPage),
    /// To [`Request::Bodies`].
    #[codec(index = 2)]
    Bodies(Vec<Option<Vec<OpaqueExtrinsic>>>),
    /// To [`Request::Blocks`].
    #[codec(index = 3)]
    Blocks(Vec<Option<DagBlock>>),
    /// To [`Request::Justification`].
    #[codec(index = 4)]
    Justification(Option<Vec<u8>>),
    /// To [`Request::Proof`]; `None` if this node cannot say.
    #[codec(index = 5)]
    Proof(Option<Vec<u8>>),
    /// To [`Request::Window`]; `None` if it is not kept, or the block not known to be final.
    #[codec(index = 6)]
    Window(Option<WindowPage>),
    /// To [`Request::State`], in its order; `None` if the state is not kept.
    #[codec(index = 7)]
    State(Option<Vec<Vec<u8>>>),
    /// To any: ask again later.
    #[codec(index = 255)]
    Busy,
}

impl Wire for Response {
    const BYTES_MAX: usize = 16 * 1024 * 1024;

    fn check(&self) -> Result<(), WireError> {
        match self {
            Self::Status(status) => within("tips", status.tips.len(), TIPS_MAX),
            Self::Headers(page) => {
                within("headers", page.headers.len(), HEADERS_MAX)?;
                page.headers.iter().try_for_each(within_header)
            }
            Self::Bodies(list) => {
                within("payloads", list.len(), BODIES_MAX)?;
                let bytes = |payload: &Vec<OpaqueExtrinsic>| payload_bytes(payload);
                let largest = list.iter().flatten().map(bytes).max().unwrap_or(0);
                within("bytes of a payload", largest, PAYLOAD_BYTES_MAX)
            }
            Self::Blocks(list) => {
                within("blocks", list.len(), BLOCKS_MAX)?;
                list.iter().flatten().try_for_each(within_block)
            }
            Self::Justification(proof) => {
                let got = proof.as_ref().map_or(0, Vec::len);
                within("bytes of a justification", got, JUSTIFICATION_BYTES_MAX)
            }
            Self::Proof(proof) => {
                let got = proof.as_ref().map_or(0, Vec::len);
                within("bytes of a proof", got, PROOF_BYTES_MAX)
            }
            Self::Window(page) => {
                let got = page.as_ref().map_or(0, |page| page.entries.len());
                within("entries of a window", got, ENTRIES_MAX)
            }
            Self::State(nodes) => {
                within("nodes of a state", nodes.as_ref().map_or(0, Vec::len), NODES_MAX)
            }
            Self::Busy => Ok(()),
        }
    }
}
