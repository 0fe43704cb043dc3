//! What goes into the machine and what comes out.

use citrate_core::H256;
use citrate_dag_types::{DagBlock, EquivocationProof};

use crate::wire::{Request, Response};

/// A connected peer; the driver gives a new number to each connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

/// A request of ours; the machine numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A request of a peer; the driver numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InboundId(pub u64);

/// A gossip message that waits for a verdict; the driver numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GossipId(pub u64);

/// What became of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// The block is known now, or was before.
    Imported,
    /// It breaks a rule, whoever looks at it.
    Invalid,
    /// It can be of no use to this node any more: it is too old to be merged, or contradicts what is final.
    TooOld,
    /// It was not imported, and that is not its fault.
    Failed,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A peer is connected.
    Connected(PeerId),
    /// A peer is gone.
    Disconnected(PeerId),
    /// A peer sent a gossip message about a block. Each gets one [`Action::Judge`], maybe later.
    Gossip {
        /// Who passed it on to us.
        peer: PeerId,
        /// The message.
        id: GossipId,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A peer asks. Each gets one [`Action::Respond`] at once, or ends in a penalty.
    Request {
        /// Who asks.
        peer: PeerId,
        /// The question.
        id: InboundId,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A peer answered.
    Response {
        /// What it answers.
        id: RequestId,
        /// The bytes of the answer.
        bytes: Vec<u8>,
    },
    /// There will be no answer.
    Failed(RequestId),
    /// This node made a block and has imported it.
    Authored(DagBlock),
    /// An import that was asked for is done.
    Imported {
        /// The block.
        hash: H256,
        /// What became of it.
        outcome: ImportOutcome,
    },
    /// Time passed.
    Tick,
}

/// What gossip does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Passes it on.
    Accept,
    /// Forgets it.
    Ignore,
    /// Forgets it, and thinks worse of who sent it.
    Reject,
}

/// What a peer did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Offence {
    /// It is on another chain.
    OtherGenesis,
    /// It sent bytes that are no message.
    Undecodable,
    /// It passed on a header that breaks a rule.
    InvalidHeader,
    /// It sent a payload that is not its header's.
    InvalidPayload,
    /// It served a block that turned out to be invalid.
    InvalidBlock,
    /// It served a proof of finality that is none.
    InvalidJustification,
    /// It served a node of a state that is not part of it, or a window that contradicts its block.
    InvalidState,
    /// It served headers whose parents it did not serve.
    Unconnected,
    /// It answered what was not asked.
    Unrequested,
    /// It claimed to be further than the headers that it serves.
    FalseStatus,
    /// It does not have what it must have passed on.
    Withholds,
    /// It does not answer, or too little.
    Stalls,
    /// It asks too much.
    TooManyRequests,
}

/// What follows from an [`Offence`]. In both cases the machine takes the peer as gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The connection ends. A bad connection may be the reason.
    Disconnect,
    /// The peer is not connected to for long. An honest one does not do this.
    Ban,
}

impl Offence {
    /// What follows.
    pub fn consequence(self) -> Consequence {
        match self {
            Self::Stalls | Self::TooManyRequests | Self::OtherGenesis => Consequence::Disconnect,
            _ => Consequence::Ban,
        }
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask a peer. Ends in [`Input::Response`] or [`Input::Failed`], or the machine gives up itself.
    Request {
        /// Whom.
        peer: PeerId,
        /// The request's number.
        id: RequestId,
        /// The question.
        request: Request,
    },
    /// Answer a peer.
    Respond {
        /// What is answered.
        id: InboundId,
        /// The answer.
        response: Response,
    },
    /// Import a block whose parents are known. Ends in [`Input::Imported`].
    Import(DagBlock),
    /// Tell gossip what to do with a message.
    Judge {
        /// The message.
        id: GossipId,
        /// What to do.
        verdict: Verdict,
    },
    /// Send a block of ours to everybody.
    Announce(DagBlock),
    /// An author made two blocks of one slot; once for each (author, slot).
    Equivocation(Box<EquivocationProof>),
    /// A peer did wrong. What follows is [`Offence::consequence`].
    Penalise {
        /// Who.
        peer: PeerId,
        /// What.
        offence: Offence,
    },
}
