//! Sending to a subscriber, who may be slow or gone.

use std::sync::Arc;
use std::time::Duration;

use jsonrpsee::core::SubscriptionError;
use jsonrpsee::core::server::{PendingSubscriptionSink, SendTimeoutError, SubscriptionSink};
use jsonrpsee::types::ErrorObjectOwned;
use serde::Serialize;
use tokio::sync::broadcast;

use crate::context::Context;
use citrate_chain::ChainEvent;

/// Why a subscription ends.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The subscriber left.
    Closed,
    /// The subscriber does not read; it is told so and dropped, since what waits for it is bounded.
    Slow,
    /// The node could not go on.
    Failed(ErrorObjectOwned),
}

impl Ended {
    pub(crate) fn into_response(self) -> Result<(), SubscriptionError> {
        match self {
            Self::Closed => Ok(()),
            Self::Slow => Err("the subscriber is too slow and was dropped".into()),
            Self::Failed(error) => Err(error.message().into()),
        }
    }
}

impl From<ErrorObjectOwned> for Ended {
    fn from(error: ErrorObjectOwned) -> Self {
        Self::Failed(error)
    }
}

/// A subscriber.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    sink: SubscriptionSink,
    patience: Duration,
}

impl Feed {
    pub(crate) async fn accept(
        pending: PendingSubscriptionSink,
        context: &Arc<Context>,
    ) -> Result<Self, Ended> {
        match pending.accept().await {
            Ok(sink) => Ok(Self { sink, patience: context.config.slow_subscriber }),
            Err(_) => Err(Ended::Closed),
        }
    }

    pub(crate) async fn send(&self, item: &impl Serialize) -> Result<(), Ended> {
        let message = serde_json::value::to_raw_value(item)
            .map_err(|error| Ended::Failed(crate::error::internal(error)))?;
        match self.sink.send_timeout(message, self.patience).await {
            Ok(()) => Ok(()),
            Err(SendTimeoutError::Closed(_)) => Err(Ended::Closed),
            Err(SendTimeoutError::Timeout(_)) => Err(Ended::Slow),
        }
    }

    pub(crate) async fn closed(&self) {
        self.sink.closed().await;
    }

    /// The next event of the chain, unless the subscriber leaves first.
    pub(crate) async fn next_event(
        &self,
        events: &mut broadcast::Receiver<ChainEvent>,
    ) -> Result<ChainEvent, Ended> {
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => Ok(event),
                Err(broadcast::error::RecvError::Lagged(_)) => Err(Ended::Slow),
                Err(broadcast::error::RecvError::Closed) => Err(Ended::Closed),
            },
            () = self.closed() => Err(Ended::Closed),
        }
    }
}
