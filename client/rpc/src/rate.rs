//! The rate limit: so many calls a minute of one connection.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonrpsee::core::middleware::{Batch, Notification, Request, RpcServiceT};
use jsonrpsee::core::server::ConnectionId;
use jsonrpsee::server::MethodResponse;
use jsonrpsee::types::Id;
use lru::LruCache;
use parking_lot::Mutex;

use crate::error::rate_limited;

/// LIMIT: connections whose use is remembered; more than may be open at a time by default.
const CONNECTIONS: NonZeroUsize = NonZeroUsize::new(4096).expect("4096 is not zero");

/// Calls that a connection has left, refilled evenly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    updated: Instant,
}

impl Bucket {
    pub(crate) fn new(per_minute: u32, now: Instant) -> Self {
        Self { tokens: f64::from(per_minute), updated: now }
    }

    /// Takes `calls` if there are as many left.
    pub(crate) fn take(&mut self, calls: u32, per_minute: u32, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.updated);
        let capacity = f64::from(per_minute);
        let refill = elapsed.as_secs_f64() / Duration::from_secs(60).as_secs_f64() * capacity;
        self.tokens = (self.tokens + refill).min(capacity);
        self.updated = now;
        let enough = self.tokens >= f64::from(calls);
        if enough {
            self.tokens -= f64::from(calls);
        }
        enough
    }
}

/// The limit and who has used how much of it; shared by all connections.
#[derive(Clone, Debug)]
pub(crate) struct RateLimit {
    per_minute: Option<u32>,
    buckets: Arc<Mutex<LruCache<usize, Bucket>>>,
}

impl RateLimit {
    pub(crate) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, buckets: Arc::new(Mutex::new(LruCache::new(CONNECTIONS))) }
    }

    fn allows(&self, connection: Option<&ConnectionId>, calls: usize) -> bool {
        let Some(per_minute) = self.per_minute else { return true };
        let id = connection.map_or(usize::MAX, |id| id.0);
        let calls = u32::try_from(calls).unwrap_or(u32::MAX);
        let now = Instant::now();
        let mut buckets = self.buckets.lock();
        buckets.get_or_insert_mut(id, || Bucket::new(per_minute, now)).take(calls, per_minute, now)
    }
}

/// A connection's service behind the limit.
#[derive(Clone, Debug)]
pub(crate) struct Limited<S> {
    pub(crate) limit: RateLimit,
    pub(crate) service: S,
}

impl<S> RpcServiceT for Limited<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            BatchResponse = MethodResponse,
            NotificationResponse = MethodResponse,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    type MethodResponse = MethodResponse;
    type BatchResponse = MethodResponse;
    type NotificationResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let allowed = self.limit.allows(request.extensions().get::<ConnectionId>(), 1);
        let service = self.service.clone();
        async move {
            if allowed {
                service.call(request).await
            } else {
                MethodResponse::error(request.id, rate_limited())
            }
        }
    }

    fn batch<'a>(&self, mut batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let calls = batch.len();
        let allowed = self.limit.allows(batch.extensions().get::<ConnectionId>(), calls);
        let service = self.service.clone();
        async move {
            if allowed {
                service.batch(batch).await
            } else {
                MethodResponse::error(Id::Null, rate_limited())
            }
        }
    }

    fn notification<'a>(
        &self,
        notification: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.service.clone();
        async move { service.notification(notification).await }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_refills_evenly_and_not_above_the_limit() {
        let start = Instant::now();
        let mut bucket = Bucket::new(60, start);
        assert!(bucket.take(60, 60, start));
        assert!(!bucket.take(1, 60, start));
        assert!(bucket.take(1, 60, start + Duration::from_secs(1)));
        assert!(!bucket.take(1, 60, start + Duration::from_millis(1500)));
        let later = start + Duration::from_secs(600);
        assert!(!bucket.take(61, 60, later));
        assert!(bucket.take(60, 60, later));
    }
}
