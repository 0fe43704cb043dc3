//! Networks of a few nodes over real sockets on the loopback interface.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod abuse;
mod connect;
mod discovery;
mod gossip;
mod identity;
mod node;
mod requests;
