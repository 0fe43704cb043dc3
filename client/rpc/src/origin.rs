//! Refuses web pages of other origins before they open a WebSocket.
//!
//! Browsers apply CORS to HTTP answers only. A page of any site could otherwise open a WebSocket to
//! a node on the visitor's machine and call it as if it were a local program.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use jsonrpsee::server::{HttpBody, HttpRequest, HttpResponse};
use tower::{Layer, Service};

use crate::config::Cors;

/// Puts [`OriginCheck`] before a service.
#[derive(Clone, Debug)]
pub(crate) struct OriginLayer {
    allowed: Option<Arc<[String]>>,
}

impl OriginLayer {
    pub(crate) fn new(cors: &Cors) -> Self {
        let allowed = match cors {
            Cors::Any => None,
            Cors::Origins(origins) => Some(origins.clone().into()),
            Cors::None => Some(Arc::from([])),
        };
        Self { allowed }
    }
}

impl<S> Layer<S> for OriginLayer {
    type Service = OriginCheck<S>;

    fn layer(&self, inner: S) -> OriginCheck<S> {
        OriginCheck { inner, allowed: self.allowed.clone() }
    }
}

/// Answers 403 to a request that names an origin which is not allowed.
#[derive(Clone, Debug)]
pub(crate) struct OriginCheck<S> {
    inner: S,
    allowed: Option<Arc<[String]>>,
}

impl<S> OriginCheck<S> {
    fn allows<B>(&self, request: &HttpRequest<B>) -> bool {
        let Some(allowed) = &self.allowed else { return true };
        let Some(origin) = request.headers().get("origin") else { return true };
        allowed.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())
    }
}

impl<S, B> Service<HttpRequest<B>> for OriginCheck<S>
where
    S: Service<HttpRequest<B>, Response = HttpResponse>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = HttpResponse;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: HttpRequest<B>) -> Self::Future {
        if self.allows(&request) {
            return Box::pin(self.inner.call(request));
        }
        let mut response = HttpResponse::new(HttpBody::from("origin not allowed\n"));
        *response.status_mut() = http::StatusCode::FORBIDDEN;
        Box::pin(std::future::ready(Ok(response)))
    }
}
