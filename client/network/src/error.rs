//! What can go wrong.

use libp2p::Multiaddr;

/// Why a network does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The configuration makes no sense.
    #[error("network configuration: {0}")]
    Config(&'static str),
    /// The node's secret key is not a key.
    #[error("the node's key is invalid")]
    Key(#[source] libp2p::identity::DecodingError),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: Multiaddr,
        /// Why not.
        #[source]
        source: libp2p::TransportError<std::io::Error>,
    },
    /// A protocol of libp2p refused its configuration.
    #[error("cannot set up {protocol}: {problem}")]
    Setup {
        /// Which protocol.
        protocol: &'static str,
        /// What it said.
        problem: String,
    },
}

/// Why a message is not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// It is longer than its topic allows.
    #[error("the message has {bytes} bytes; the limit is {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// Too many messages wait to be sent.
    #[error("too many messages wait to be sent")]
    Busy,
    /// The network is shut down.
    #[error("the network is shut down")]
    Shutdown,
}

/// Why a request has no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The peer is not connected.
    #[error("the peer is not connected")]
    NotConnected,
    /// The request is longer than the limit.
    #[error("the request has {bytes} bytes; the limit is {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// As many requests are open as the limits allow, for the peer or for all.
    #[error("too many requests are open")]
    Busy,
    /// The peer does not answer this request, or not now.
    #[error("the peer refused the request")]
    Refused,
    /// No response came in time.
    #[error("no response came in time")]
    Timeout,
    /// The connection was lost before the response came.
    #[error("the connection was lost")]
    ConnectionLost,
    /// What came is not a response, or longer than the limit. The peer has been penalised.
    #[error("the response breaks the protocol")]
    InvalidResponse,
    /// The network is shut down.
    #[error("the network is shut down")]
    Shutdown,
}
