//! Networks of a few nodes over real sockets on the loopback interface.

mod abuse;
mod connect;
mod discovery;
mod gossip;
mod node;
mod requests;
