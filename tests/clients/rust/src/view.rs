//! What of a node's methods subxt gets to see: it picks its backends by what `rpc_methods` lists.

use anyhow::Result;
use serde_json::{Value, value::to_raw_value};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use subxt::{
    OnlineClient, SubstrateConfig,
    rpcs::{
        Error, RpcClient, RpcClientT, UserError,
        client::{RawRpcFuture, RawRpcSubscription, RawValue},
    },
};

/// A part of a node's methods. The rest is neither listed nor answered, so that subxt cannot fall
/// back to it in silence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum View {
    /// The new groups: `archive_v1` answers queries, `chainHead_v1` follows, `transactionWatch_v1`
    /// submits.
    New,
    /// The new groups without `archive_v1`: queries go to `chainHead_v1` and its pinned blocks.
    ChainHead,
    /// The methods from before the new groups.
    Legacy,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 3] = [Self::New, Self::ChainHead, Self::Legacy];

    fn shows(self, method: &str) -> bool {
        let group = method.split('_').next().unwrap_or_default();
        let is_archive = group == "archive";
        let is_new = is_archive
            || matches!(group, "chainHead" | "chainSpec" | "transaction" | "transactionWatch");
        let is_shown = match self {
            Self::New => is_new,
            Self::ChainHead => is_new && !is_archive,
            Self::Legacy => !is_new,
        };
        is_shown || method == "rpc_methods"
    }
}

/// subxt's client over a part of a node's methods.
#[derive(Debug)]
pub struct Connection {
    /// The client.
    pub api: OnlineClient<SubstrateConfig>,
    called: Arc<Mutex<BTreeSet<String>>>,
}

impl Connection {
    pub(crate) async fn open(rpc: RpcClient, view: View, metadata: Option<u32>) -> Result<Self> {
        let called = Arc::default();
        let window = Window { rpc, view, metadata, called: Arc::clone(&called) };
        Ok(Self { api: OnlineClient::from_rpc_client(window).await?, called })
    }

    /// Whether this client has called a method.
    ///
    /// # Panics
    /// When a call panicked.
    #[must_use]
    pub fn has_called(&self, method: &str) -> bool {
        self.called.lock().expect("no call panicked").contains(method)
    }
}

/// The node, seen through a view.
struct Window {
    rpc: RpcClient,
    view: View,
    metadata: Option<u32>,
    called: Arc<Mutex<BTreeSet<String>>>,
}

impl Window {
    fn enter(&self, method: &str) -> Result<(), Error> {
        if !self.view.shows(method) {
            return Err(UserError::method_not_found().into());
        }
        self.called.lock().expect("no call panicked").insert(method.to_owned());
        Ok(())
    }
}

impl RpcClientT for Window {
    fn request_raw<'a>(
        &'a self,
        method: &'a str,
        params: Option<Box<RawValue>>,
    ) -> RawRpcFuture<'a, Box<RawValue>> {
        Box::pin(async move {
            self.enter(method)?;
            let asks_versions =
                params.as_ref().is_some_and(|p| p.get().contains("Metadata_metadata_versions"));
            if let Some(version) = self.metadata.filter(|_| asks_versions) {
                // A list of one number: its length, compact, and four bytes.
                let list = format!("0x04{}", hex::encode(version.to_le_bytes()));
                return to_raw_value(&list).map_err(Error::Deserialization);
            }
            let answer = self.rpc.request_raw(method, params).await?;
            if method != "rpc_methods" {
                return Ok(answer);
            }
            let mut answer: Value =
                serde_json::from_str(answer.get()).map_err(Error::Deserialization)?;
            if let Some(methods) = answer["methods"].as_array_mut() {
                methods.retain(|name| name.as_str().is_some_and(|name| self.view.shows(name)));
            }
            to_raw_value(&answer).map_err(Error::Deserialization)
        })
    }

    fn subscribe_raw<'a>(
        &'a self,
        sub: &'a str,
        params: Option<Box<RawValue>>,
        unsub: &'a str,
    ) -> RawRpcFuture<'a, RawRpcSubscription> {
        Box::pin(async move {
            self.enter(sub)?;
            self.rpc.subscribe_raw(sub, params, unsub).await
        })
    }
}
