//! What an operator may set.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::log::LogFilter;

/// Which methods are served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MethodPolicy {
    /// Unsafe ones too if the server listens on a loopback address.
    #[default]
    Auto,
    /// Safe ones.
    Safe,
    /// All.
    Unsafe,
}

/// Which web pages may call, besides those of this machine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Cors {
    /// Any.
    Any,
    /// Those of these origins.
    Origins(Vec<String>),
    /// No others; programs that are no browsers may.
    #[default]
    None,
}

/// Settings of the server. Every limit answers with an error of its own when it is passed.
#[derive(Clone, Debug)]
pub struct RpcConfig {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Which methods are served.
    pub methods: MethodPolicy,
    /// Which web pages may call, besides those of this machine.
    pub cors: Cors,
    /// Bytes of a request.
    pub request_bytes_max: u32,
    /// Bytes of a response.
    pub response_bytes_max: u32,
    /// Connections at a time.
    pub connections_max: u32,
    /// Subscriptions of one connection.
    pub subscriptions_max: u32,
    /// Calls in one batch.
    pub batch_max: u32,
    /// Calls a minute of one connection; no limit if absent.
    pub calls_per_minute: Option<u32>,
    /// Messages that wait to be sent on one connection.
    pub buffer_messages: u32,
    /// How long a full buffer may stay full before the subscription is dropped.
    pub slow_subscriber: Duration,
    /// Calls that run at a time, over all connections.
    pub running_calls_max: usize,
    /// Interval of WebSocket pings; PAPI drops a connection after 40 silent seconds.
    pub ping_interval: Duration,
    /// Limits of `chainHead_v1`.
    pub chain_head: ChainHeadLimits,
    /// What is logged, if it may be changed.
    pub log: Option<LogFilter>,
}

impl Default for RpcConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9944),
            methods: MethodPolicy::Auto,
            cors: Cors::None,
            request_bytes_max: 15 * 1024 * 1024,
            response_bytes_max: 15 * 1024 * 1024,
            connections_max: 100,
            subscriptions_max: 1024,
            batch_max: 1024,
            calls_per_minute: None,
            buffer_messages: 64,
            slow_subscriber: Duration::from_secs(30),
            running_calls_max: 64,
            ping_interval: Duration::from_secs(20),
            chain_head: ChainHeadLimits::default(),
            log: None,
        }
    }
}

/// Limits of one `chainHead_v1_follow`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainHeadLimits {
    /// Pinned blocks. At two blocks a second this is 17 minutes without an unpin.
    pub pinned_max: usize,
    /// Operations at a time.
    pub operations_max: usize,
    /// Subscriptions of one connection.
    pub follows_max: usize,
    /// Final blocks that `initialized` reports.
    pub finalized_initial: usize,
    /// Blocks between the best and the last final one.
    pub lag_max: u32,
}

impl Default for ChainHeadLimits {
    fn default() -> Self {
        Self {
            pinned_max: 2048,
            operations_max: 16,
            follows_max: 4,
            finalized_initial: 16,
            lag_max: 1024,
        }
    }
}

impl RpcConfig {
    /// Whether unsafe methods are served.
    pub fn serves_unsafe(&self) -> bool {
        match self.methods {
            MethodPolicy::Auto => self.listen.ip().is_loopback(),
            MethodPolicy::Safe => false,
            MethodPolicy::Unsafe => true,
        }
    }
}
