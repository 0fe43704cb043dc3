//! The server: HTTP and WebSocket on one port.

use std::net::SocketAddr;
use std::sync::Arc;

use citrate_chain::Chain;
use citrate_keystore::LocalKeystore;
use citrate_txpool::TxPool;
use jsonrpsee::RpcModule;
use jsonrpsee::core::middleware::RpcServiceBuilder;
use jsonrpsee::server::{
    BatchRequestConfig, PingConfig, RandomStringIdProvider, Server, ServerConfig, ServerHandle,
};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::backend::{Backend, NodeBackend};
use crate::config::RpcConfig;
use crate::context::Context;
use crate::deps::{ArtifactSource, ChainInfo, FinalitySource, NetworkInfo, NoNetwork};
use crate::origin::{OriginLayer, Origins};
use crate::rate::{Limited, RateLimit};
use crate::registry::Registry;
use crate::{
    archive, author, chain, chain_head, dag, grandpa, inference, order, state, system, transaction,
    weight,
};

/// Length of a subscription id; clients expect a string.
const SUBSCRIPTION_ID_LEN: usize = 16;

/// What the server serves.
pub struct RpcDeps {
    /// The chain.
    pub backend: Arc<dyn Backend>,
    /// The transaction pool.
    pub pool: Arc<TxPool>,
    /// The node's keys.
    pub keystore: Arc<LocalKeystore>,
    /// The artifact store.
    pub artifacts: Arc<dyn ArtifactSource>,
    /// The network.
    pub network: Arc<dyn NetworkInfo>,
    /// What the node says about itself.
    pub info: ChainInfo,
    /// Finality, on a node that follows it.
    pub finality: Option<Arc<dyn FinalitySource>>,
}

impl RpcDeps {
    /// What a node with this chain serves that talks to nobody, finality not among it.
    pub fn new(
        chain: Arc<Chain>,
        pool: Arc<TxPool>,
        keystore: Arc<LocalKeystore>,
        artifacts: Arc<dyn ArtifactSource>,
        info: ChainInfo,
    ) -> Self {
        let backend = Arc::new(NodeBackend::new(chain, keystore.clone()));
        let network = Arc::new(NoNetwork);
        Self { backend, pool, keystore, artifacts, network, info, finality: None }
    }
}

impl std::fmt::Debug for RpcDeps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RpcDeps").field("info", &self.info).finish_non_exhaustive()
    }
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RpcError {
    /// Somebody else listens there.
    #[error("cannot serve RPC on {0}: the port is in use; choose another with --rpc-port")]
    PortBusy(SocketAddr),
    /// The operating system refuses.
    #[error("cannot serve RPC on {address}: {source}")]
    Io {
        /// Where the server was to listen.
        address: SocketAddr,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
}

/// Starts servers.
#[derive(Debug)]
pub struct RpcServer;

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct RpcHandle {
    address: SocketAddr,
    server: ServerHandle,
}

impl RpcServer {
    /// Starts to listen and serve.
    ///
    /// # Errors
    /// When the address is taken or not to be had.
    pub async fn start(deps: RpcDeps, config: RpcConfig) -> Result<RpcHandle, RpcError> {
        let methods = methods(deps, config.clone());
        let limits = ServerConfig::builder()
            .max_request_body_size(config.request_bytes_max)
            .max_response_body_size(config.response_bytes_max)
            .max_connections(config.connections_max)
            .max_subscriptions_per_connection(config.subscriptions_max)
            .set_batch_request_config(BatchRequestConfig::Limit(config.batch_max))
            .set_message_buffer_capacity(config.buffer_messages)
            .enable_ws_ping(PingConfig::new().ping_interval(config.ping_interval))
            .set_id_provider(RandomStringIdProvider::new(SUBSCRIPTION_ID_LEN))
            .build();
        let limit = RateLimit::new(config.calls_per_minute);
        let rpc = RpcServiceBuilder::new()
            .layer_fn(move |service| Limited { limit: limit.clone(), service });
        let origins = Origins::new(&config.cors, config.listen.ip());
        let http =
            tower::ServiceBuilder::new().layer(OriginLayer(origins.clone())).layer(cors(origins));
        let failed = |source: std::io::Error| {
            if source.kind() == std::io::ErrorKind::AddrInUse {
                RpcError::PortBusy(config.listen)
            } else {
                RpcError::Io { address: config.listen, source }
            }
        };
        let server = Server::builder()
            .set_config(limits)
            .set_rpc_middleware(rpc)
            .set_http_middleware(http)
            .build(config.listen)
            .await
            .map_err(failed)?;
        let address = server.local_addr().map_err(failed)?;
        tracing::info!(target: "rpc", %address, "serving JSON-RPC over HTTP and WebSocket");
        Ok(RpcHandle { address, server: server.start(methods) })
    }
}

impl RpcHandle {
    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and every connection.
    pub async fn stop(self) {
        // An error says that it has stopped already.
        if self.server.stop().is_ok() {
            self.server.stopped().await;
        }
    }
}

/// Every method.
pub(crate) fn methods(deps: RpcDeps, config: RpcConfig) -> RpcModule<Context> {
    let context = Context::new(deps, config);
    let mut registry = Registry::new(Arc::new(context));
    author::register(&mut registry);
    chain::register(&mut registry);
    state::register(&mut registry);
    system::register(&mut registry);
    chain_head::register(&mut registry);
    transaction::register(&mut registry);
    weight::register(&mut registry);
    archive::register(&mut registry);
    dag::register(&mut registry);
    order::register(&mut registry);
    grandpa::register(&mut registry);
    inference::register(&mut registry);
    registry.finish()
}

fn cors(origins: Origins) -> CorsLayer {
    let allowed = AllowOrigin::predicate(move |origin, request| {
        origins.allow(origin, request.headers.get(http::header::HOST))
    });
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([http::Method::POST])
        .allow_headers([http::header::CONTENT_TYPE])
}
