//! What goes into the machine of [`WarpCore`](crate::WarpCore) and what comes out.

use citrate_core::{BlockNumber, H256, Header, OpaqueExtrinsic};

use crate::io::{Offence, PeerId, RequestId};
use crate::warp::WindowEntry;
use crate::wire::Request;

/// What is written in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Nodes, each as often as it was found.
    pub nodes: Vec<(H256, Vec<u8>)>,
    /// Nodes that were found in a state that is not needed any more, each as often as it was found.
    pub released: Vec<H256>,
    /// Records, to be set or removed.
    pub records: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// What came of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// The next page is needed.
    More,
    /// It leads to a block, which is final. Its state is to be downloaded.
    Target(Header),
    /// It leads to the present, and no block is offered just now.
    Nothing,
    /// It proves nothing.
    Invalid,
    /// It could not be judged, or not be written down.
    Failed(String),
}

/// The node, as far as it is there before it has a chain.
pub trait WarpChain {
    /// The first block.
    fn genesis(&self) -> H256;

    /// The block that the operator trusts, if he names one: then there is no proof.
    fn trusted(&self) -> Option<H256>;

    /// The set whose end is to be proven next.
    fn set_id(&self) -> u64;

    /// Follows a proof as far as it goes.
    fn follow(&mut self, proof: &[u8]) -> Followed;

    /// The root of the state after a block.
    fn state_root(&self, header: &Header) -> H256 {
        header.state_root
    }

    /// Whether this is the window of a block; see [`check_window`](crate::check_window).
    fn check_window(&self, target: &Header, entries: &[WindowEntry]) -> bool;

    /// A node of any state that is here.
    fn node(&self, hash: &H256) -> Option<Vec<u8>>;

    /// A record.
    fn record(&self, key: &[u8]) -> Option<Vec<u8>>;

    /// Writes all or nothing, and so that it survives the process.
    ///
    /// # Errors
    /// The disk failed.
    fn write(&mut self, batch: Batch) -> Result<(), String>;

    /// Makes a block, whose state is here whole, the best and last final one, and removes these records.
    ///
    /// # Errors
    /// The disk failed, or what is on it is not what was written.
    fn begin_at(
        &mut self,
        target: &Header,
        payload: Vec<OpaqueExtrinsic>,
        entries: Vec<WindowEntry>,
        records: Vec<Vec<u8>>,
    ) -> Result<(), String>;
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WarpAction {
    /// Ask a peer.
    Request {
        /// Whom.
        peer: PeerId,
        /// The request's number.
        id: RequestId,
        /// The question.
        request: Request,
    },
    /// A peer did wrong. What follows is [`Offence::consequence`].
    Penalise {
        /// Who.
        peer: PeerId,
        /// What.
        offence: Offence,
    },
    /// The chain begins at the target now.
    Done,
    /// This node cannot go on; its own side failed.
    Failed(String),
}

/// How far it is, for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WarpState {
    /// The block that is to be begun at.
    pub target: Option<BlockNumber>,
    /// Whether all of its window is here.
    pub has_window: bool,
    /// Nodes of its state that are here.
    pub nodes: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of the nodes were downloaded.
    pub downloaded: u64,
    /// How many targets were given up, because nobody had their states any more.
    pub given_up: u32,
    /// Peers.
    pub peers: usize,
}
