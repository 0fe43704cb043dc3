//! Moves opaque bytes between peers, with limits, scores and bans.
//!
//! [`Network::start`] opens the sockets and yields a cheap handle, [`Network`], and one bounded
//! stream of [`Event`]s. What the bytes mean is the consumer's business: it says of each gossiped
//! message whether it is valid ([`Network::verdict`]), answers requests through their [`Responder`],
//! and names what a peer did wrong ([`Network::report`]). This is the only crate that depends on
//! libp2p; what others need of it is re-exported.
//!
//! # On the wire
//! TCP with Noise and Yamux, and QUIC. Every protocol name carries the genesis hash and the version of the messages
//! ([`NetworkConfig::version`]):
//! - `/citrate/<genesis>/meshsub/<version>/...`: gossipsub. Messages are anonymous, and their id is the hash of
//!   topic and data. The topics are `/citrate/<genesis>/{blocks,transactions,votes}/<version>`.
//! - `/citrate/<genesis>/{sync,artifacts}/<version>`: requests, each kind with its own limits. A request is its length (4 bytes, little-endian) and its bytes; a
//!   response is a status byte (0 answered, 1 refused), and after a 0 length and bytes.
//! - `/citrate/<genesis>/kad/<version>`: Kademlia, for finding peers only; it stores no records.
//! - `/ipfs/id/1.0.0`: identify, with `/citrate/<protocol id>/<genesis>/<version>` as protocol version. A peer on
//!   another chain is disconnected and banned; one that differs in the version alone is disconnected, and welcome again
//!   once it is updated.
//!
//! # Inside
//! `peers` is the sans-IO core: slots, token buckets, scores, bans, and when to dial whom. Time and random
//! numbers are its inputs. `gate` asks it before libp2p opens or accepts a connection; `worker` is the
//! task that carries its decisions out.
//!
//! # Invariants
//! - Only what the consumer accepted is forwarded to other peers.
//! - A peer's first event is [`Event::PeerConnected`] and its last one [`Event::PeerDisconnected`]; neither
//!   is ever dropped.
//! - Every queue is bounded. A consumer that does not keep up loses gossip, which is counted
//!   ([`NetworkState`]), and requests are refused; memory does not grow.
//! - Who finds all slots taken may still ask for other peers, and is sent away after 10 seconds.
//! - A reserved peer always has a slot and is not banned for its score; proven misbehaviour bans it too.

mod address;
mod behaviour;
mod check;
mod codec;
mod config;
mod error;
mod event;
mod gate;
mod network;
mod outbox;
mod peers;
mod pending;
mod protocol;
mod resolve;
mod state;
#[cfg(feature = "test-utils")]
pub mod testing;
mod worker;

pub use address::{AddressError, MultiaddrWithPeerId};
pub use config::{
    BanConfig, DialConfig, GossipConfig, NetworkConfig, NodeKey, Rate, RequestConfig, ReservedOnly,
    Scope,
};
pub use error::{NetworkError, PublishError, RequestError};
pub use event::{Event, GossipId, Responder, Verdict};
pub use libp2p::{Multiaddr, PeerId};
pub use network::Network;
pub use peers::{Direction, PeerInfo, Penalty};
pub use protocol::{Channel, Topic};
pub use state::NetworkState;
