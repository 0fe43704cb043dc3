//! What the network tells its consumer.

use libp2p::gossipsub::MessageId;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::oneshot;

use crate::peers::Direction;
use crate::protocol::{Channel, Topic};

/// What the network tells its consumer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// This node listens on an address.
    Listening(Multiaddr),
    /// A peer of our chain is connected. The first event of a peer; never dropped.
    PeerConnected {
        /// Who.
        peer: PeerId,
        /// Who dialled.
        direction: Direction,
    },
    /// A peer is gone. The last event of a peer; never dropped.
    PeerDisconnected {
        /// Who.
        peer: PeerId,
    },
    /// A peer forwarded a message. It goes no further before [`crate::Network::verdict`] says so, which has
    /// to be soon: after about 8 seconds it is forgotten.
    Gossip {
        /// What it is about.
        topic: Topic,
        /// Who forwarded it. Who wrote it is not known.
        from: PeerId,
        /// For the verdict.
        id: GossipId,
        /// The message.
        data: Vec<u8>,
    },
    /// A peer asks.
    Request {
        /// Who.
        peer: PeerId,
        /// About what.
        channel: Channel,
        /// The request.
        data: Vec<u8>,
        /// Takes the answer.
        respond: Responder,
    },
}

/// Names a gossip message until there is a verdict on it.
#[derive(Debug)]
#[must_use = "a message without a verdict is not forwarded"]
pub struct GossipId {
    pub(crate) message: MessageId,
    pub(crate) from: PeerId,
}

/// What the consumer says of a gossip message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is valid, and is forwarded.
    Accept,
    /// It is not forwarded; that is nobody's fault.
    Ignore,
    /// It is not forwarded, and whoever sent it is penalised ([`crate::Penalty::InvalidGossip`]).
    Reject,
}

/// Takes the answer to a request. Dropping it refuses the request.
#[derive(Debug)]
pub struct Responder {
    pub(crate) sender: oneshot::Sender<Vec<u8>>,
    pub(crate) bytes_max: usize,
}

impl Responder {
    /// Answers. A response longer than the limit is not sent, and the request is refused; `false` then, or if
    /// nobody waits any more.
    pub fn send(self, response: Vec<u8>) -> bool {
        response.len() <= self.bytes_max && self.sender.send(response).is_ok()
    }

    /// LIMIT: bytes of the response.
    pub fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Whether the request is still waiting for its response.
    pub fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }
}
