//! How methods are registered: one name and its aliases, safe or unsafe.

use std::future::Future;
use std::sync::Arc;

use jsonrpsee::core::server::{ConnectionId, PendingSubscriptionSink};
use jsonrpsee::core::server::{IntoResponse, MethodResponseFuture, ResponsePayload};
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::{Extensions, RpcModule};
use serde_json::Value;

use crate::context::Context;
use crate::error::{Answer, internal, unsafe_method};
use crate::feed::Ended;
use crate::params::Args;

/// Whether a method may be called by anybody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Policy {
    Safe,
    Unsafe,
}

/// An answer, and perhaps somebody who waits for it to be sent.
#[derive(Debug)]
pub(crate) struct Reply(ResponsePayload<'static, Value>);

impl Reply {
    /// An answer and the future of its having been sent.
    pub(crate) fn notifying(value: Value) -> (Self, MethodResponseFuture) {
        let (payload, sent) = ResponsePayload::success(value).notify_on_completion();
        (Self(payload), sent)
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        match answer {
            Ok(value) => Self(ResponsePayload::success(value)),
            Err(error) => Self(ResponsePayload::error(error)),
        }
    }
}

impl From<ErrorObjectOwned> for Reply {
    fn from(error: ErrorObjectOwned) -> Self {
        Self(ResponsePayload::error(error))
    }
}

impl IntoResponse for Reply {
    type Output = Value;

    fn into_response(self) -> ResponsePayload<'static, Value> {
        self.0
    }
}

/// The methods so far.
pub(crate) struct Registry {
    module: RpcModule<Context>,
    serves_unsafe: bool,
}

/// Two methods of one name are our own mistake, found by every test that starts a server.
const UNIQUE: &str = "every method name is registered once";

impl Registry {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        let serves_unsafe = context.config.serves_unsafe();
        Self { module: RpcModule::from_arc(context), serves_unsafe }
    }

    fn denied(&self, policy: Policy) -> bool {
        policy == Policy::Unsafe && !self.serves_unsafe
    }

    fn aliases(&mut self, names: &[&'static str]) {
        let Some((name, aliases)) = names.split_first() else { return };
        for alias in aliases {
            self.module.register_alias(alias, name).expect(UNIQUE);
        }
    }

    /// A method that may block: it runs on the blocking pool.
    pub(crate) fn method(
        &mut self,
        names: &[&'static str],
        policy: Policy,
        method: fn(&Context, &Args) -> Answer,
    ) {
        let denied = self.denied(policy);
        let register =
            self.module.register_async_method(names[0], move |params, context, _| async move {
                if denied {
                    return Err(unsafe_method());
                }
                let args = Args::parse(&params)?;
                context.run(move |context| method(context, &args)).await?
            });
        register.expect(UNIQUE);
        self.aliases(names);
    }

    /// A safe method that needs to know the connection; it must not block.
    pub(crate) fn connected<F, Fut>(&mut self, name: &'static str, method: F)
    where
        F: Fn(Arc<Context>, ConnectionId, Args) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Reply> + Send + 'static,
    {
        let register =
            self.module.register_async_method(name, move |params, context, extensions| {
                let method = method.clone();
                async move {
                    let prepared =
                        Args::parse(&params).and_then(|args| Ok((connection(&extensions)?, args)));
                    match prepared {
                        Ok((id, args)) => method(context, id, args).await,
                        Err(error) => Reply::from(error),
                    }
                }
            });
        register.expect(UNIQUE);
    }

    /// A subscription. The names of both methods may have aliases.
    pub(crate) fn subscription<F, Fut>(
        &mut self,
        subscribe: &[&'static str],
        notification: &'static str,
        unsubscribe: &[&'static str],
        policy: Policy,
        method: F,
    ) where
        F: Fn(Arc<Context>, Args, PendingSubscriptionSink) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Ended>> + Send + 'static,
    {
        let denied = self.denied(policy);
        let register = self.module.register_subscription(
            subscribe[0],
            notification,
            unsubscribe[0],
            move |params, pending, context, _| {
                let method = method.clone();
                async move {
                    if denied {
                        pending.reject(unsafe_method()).await;
                        return Ok(());
                    }
                    match Args::parse(&params) {
                        Ok(args) => {
                            method(context, args, pending).await.or_else(Ended::into_response)
                        }
                        Err(error) => {
                            pending.reject(error).await;
                            Ok(())
                        }
                    }
                }
            },
        );
        register.expect(UNIQUE);
        self.aliases(subscribe);
        self.aliases(unsubscribe);
    }

    /// All methods, and `rpc_methods`, which lists them.
    pub(crate) fn finish(mut self) -> RpcModule<Context> {
        let own = "rpc_methods";
        let mut names: Vec<&str> = self.module.method_names().chain([own]).collect();
        names.sort_unstable();
        let answer = serde_json::json!({ "methods": names });
        self.module.register_method(own, move |_, _, _| answer.clone()).expect(UNIQUE);
        self.module
    }
}

fn connection(extensions: &Extensions) -> Result<ConnectionId, ErrorObjectOwned> {
    extensions.get::<ConnectionId>().copied().ok_or_else(|| internal("unknown connection"))
}
