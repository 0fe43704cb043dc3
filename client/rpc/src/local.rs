//! The methods without a server, for whoever calls them in the same process.

use jsonrpsee::RpcModule;
use jsonrpsee::core::server::ConnectionId;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::RpcConfig;
use crate::context::Context;
use crate::server::{RpcDeps, methods};

/// LIMIT: notifications that wait to be read, for each subscription.
const NOTIFICATIONS_MAX: usize = 64;

/// The methods without a server: one connection that is always open.
pub struct LocalRpc {
    module: RpcModule<Context>,
}

/// What a request is answered with. A subscription ends when its answer is dropped.
#[derive(Debug)]
pub struct LocalAnswer {
    /// The JSON-RPC response.
    pub text: String,
    /// The notifications of the subscription that the request began, if it did.
    pub notifications: mpsc::Receiver<Box<RawValue>>,
}

impl std::fmt::Debug for LocalRpc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalRpc").finish_non_exhaustive()
    }
}

impl LocalRpc {
    /// The methods that a server with these settings serves. What limits connections, and the length and the number of
    /// requests, is the server's.
    pub fn new(deps: RpcDeps, config: RpcConfig) -> Self {
        let mut module = methods(deps, config);
        module.extensions_mut().insert(ConnectionId(0));
        Self { module }
    }

    /// The names of all methods.
    pub fn method_names(&self) -> Vec<&'static str> {
        self.module.method_names().collect()
    }

    /// Answers a JSON-RPC request. Called within tokio's runtime.
    ///
    /// # Errors
    /// The text is no request.
    pub async fn request(&self, text: &str) -> Result<LocalAnswer, serde_json::Error> {
        let (text, notifications) = self.module.raw_json_request(text, NOTIFICATIONS_MAX).await?;
        Ok(LocalAnswer { text: text.get().to_owned(), notifications })
    }
}
