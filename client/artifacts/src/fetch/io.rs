//! What goes into the machine and what comes out.

use citrate_core::H256;

use crate::{Artifact, Pin, Request, StoreError};

/// A connected peer; the driver gives a new number to each connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

/// A request of ours; the machine numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// How large an artifact is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// So many bytes: somebody has to be right about it, such as a model's card.
    Exactly(u64),
    /// LIMIT: bytes of one whose size is not known.
    AtMost(u64),
}

impl Size {
    pub(super) fn allows(self, bytes: u64) -> bool {
        match self {
            Self::Exactly(exact) => bytes == exact,
            Self::AtMost(most) => bytes <= most,
        }
    }
}

/// An artifact to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// SHA-256 of the file.
    pub hash: H256,
    /// How large it is.
    pub size: Size,
    /// What to call it; may be empty.
    pub name: String,
    /// Whether it is to stay when there is no room for others.
    pub pin: Pin,
}

/// Why a request has no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The peer, or our own network, has too much to do.
    Refused,
    /// There was no response in time.
    Timeout,
    /// The connection ended, or something else went wrong.
    Lost,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A peer is connected.
    Connected(PeerId),
    /// A peer is gone.
    Disconnected(PeerId),
    /// An artifact is needed.
    Want(Want),
    /// A peer answered.
    Response {
        /// What it answers.
        id: RequestId,
        /// The bytes of the answer.
        bytes: Vec<u8>,
    },
    /// There will be no answer.
    Failed {
        /// What it would have answered.
        id: RequestId,
        /// Why.
        failure: Failure,
    },
    /// Time has passed.
    Tick,
}

/// What a peer did that no honest one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offence {
    /// Its answer is none to the request.
    Malformed,
    /// It sent a block that is another than the one asked for.
    WrongBlock,
    /// It named a root for an artifact, and the file below that root is another.
    FalseClaim,
}

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Ask a peer. Each ends with [`Input::Response`] or [`Input::Failed`], or the end of the connection.
    Request {
        /// Whom.
        peer: PeerId,
        /// Names it.
        id: RequestId,
        /// What.
        request: Request,
    },
    /// A peer is faulty or worse.
    Penalise {
        /// Which.
        peer: PeerId,
        /// What it did.
        offence: Offence,
    },
    /// The end of a [`Input::Want`].
    Done {
        /// The artifact's hash.
        hash: H256,
        /// What became of it.
        outcome: Result<Artifact, FetchError>,
    },
}

/// Why an artifact was not fetched. What was fetched of it stays on disk, and the next attempt goes on there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No connected peer has it, or those that say so have another size.
    #[error("no peer has it")]
    Nowhere,
    /// Those that have it send nothing more.
    #[error("the peers that have it send nothing more")]
    Stalled,
    /// Too many are looked for already.
    #[error("at most {0} artifacts are looked for at a time")]
    TooMany(usize),
    /// It cannot be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes that are here and are right.
    pub bytes: u64,
    /// Bytes of all of it, if a peer has said so.
    pub bytes_total: Option<u64>,
}

/// Limits and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchConfig {
    /// LIMIT: artifacts that are looked for or fetched.
    pub wants_max: usize,
    /// LIMIT: artifacts that are fetched at a time.
    pub active_max: usize,
    /// LIMIT: requests to one peer that are not answered.
    pub per_peer_max: usize,
    /// LIMIT: requests that are not answered. Each answer takes 256 KiB until it is written.
    pub requests_max: usize,
    /// How long a peer may take to answer before another is asked.
    pub request_ms: u64,
    /// How long the answers of others are waited for when the first peer says that it has something.
    pub settle_ms: u64,
    /// When a peer that does not have something is asked again.
    pub again_ms: u64,
    /// Pause after a peer's first failure; it doubles with each further one.
    pub backoff_ms_min: u64,
    /// Longest pause.
    pub backoff_ms_max: u64,
    /// After how long without a block an artifact is given up.
    pub patience_ms: u64,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            wants_max: 64,
            active_max: 4,
            per_peer_max: 4,
            requests_max: 16,
            request_ms: 15_000,
            settle_ms: 1_000,
            again_ms: 5_000,
            backoff_ms_min: 500,
            backoff_ms_max: 30_000,
            patience_ms: 120_000,
        }
    }
}
