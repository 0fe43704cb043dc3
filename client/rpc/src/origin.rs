//! Which web pages may call, over HTTP and over WebSocket.
//!
//! Browsers apply CORS to HTTP answers only. A page of any site could otherwise open a WebSocket to
//! a node on the visitor's machine and call it as if it were a local program. Programs that are no
//! browsers send no origin, or one that they make up from the node's own address.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::HeaderValue;
use jsonrpsee::server::{HttpBody, HttpRequest, HttpResponse};
use tower::{Layer, Service};

use crate::config::Cors;

/// The origins that may call.
#[derive(Clone, Debug)]
pub(crate) enum Origins {
    /// Any.
    Any,
    /// Pages of this machine, and those listed.
    Listed {
        listed: Arc<[String]>,
        /// Whether a page of the node's own address may call too. Not of a loopback address:
        /// whoever makes a name lead there (DNS rebinding) would have the node's address.
        own: bool,
    },
}

impl Origins {
    pub(crate) fn new(cors: &Cors, listen: IpAddr) -> Self {
        let own = !listen.is_loopback();
        match cors {
            Cors::Any => Self::Any,
            Cors::Origins(origins) => Self::Listed { listed: origins.clone().into(), own },
            Cors::None => Self::Listed { listed: Arc::from([]), own },
        }
    }

    /// Whether a page of `origin` may call the node at `host`.
    pub(crate) fn allow(&self, origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
        let (listed, own) = match self {
            Self::Any => return true,
            Self::Listed { listed, own } => (listed, *own),
        };
        if listed.iter().any(|listed| listed.as_bytes() == origin.as_bytes()) {
            return true;
        }
        let Some(authority) = origin.to_str().ok().and_then(authority) else { return false };
        is_this_machine(authority)
            || (own && host.is_some_and(|host| host.as_bytes() == authority.as_bytes()))
    }
}

/// Host and port of an origin.
fn authority(origin: &str) -> Option<&str> {
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
}

fn is_this_machine(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Puts [`OriginCheck`] before a service.
#[derive(Clone, Debug)]
pub(crate) struct OriginLayer(pub(crate) Origins);

impl<S> Layer<S> for OriginLayer {
    type Service = OriginCheck<S>;

    fn layer(&self, inner: S) -> OriginCheck<S> {
        OriginCheck { inner, origins: self.0.clone() }
    }
}

/// Answers 403 to a request of an origin that is not allowed.
#[derive(Clone, Debug)]
pub(crate) struct OriginCheck<S> {
    inner: S,
    origins: Origins,
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
        let headers = request.headers();
        let origin = headers.get(http::header::ORIGIN);
        let host = headers.get(http::header::HOST);
        if origin.is_none_or(|origin| self.origins.allow(origin, host)) {
            return Box::pin(self.inner.call(request));
        }
        let mut response = HttpResponse::new(HttpBody::from("origin not allowed\n"));
        *response.status_mut() = http::StatusCode::FORBIDDEN;
        Box::pin(std::future::ready(Ok(response)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(cors: &Cors, listen: &str, origin: &'static str, host: &'static str) -> bool {
        let (origin, host) = (HeaderValue::from_static(origin), HeaderValue::from_static(host));
        Origins::new(cors, listen.parse().unwrap()).allow(&origin, Some(&host))
    }

    #[test]
    fn this_machine_and_listed_origins_are_allowed() {
        let listed = Cors::Origins(vec!["https://good.example".to_owned()]);
        let local = "127.0.0.1";
        for origin in [
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:9944",
            "https://[::1]:80",
        ] {
            assert!(allows(&Cors::None, local, origin, "127.0.0.1:9944"), "{origin}");
        }
        assert!(allows(&listed, local, "https://good.example", "localhost"));
        for origin in [
            "http://good.example",
            "https://good.example.evil.example",
            "http://localhost.evil.example",
            "http://localhost:3000.evil.example",
            "http://127.0.0.1.evil.example:80",
            "null",
            "",
        ] {
            assert!(!allows(&listed, local, origin, "127.0.0.1:9944"), "{origin}");
            assert!(allows(&Cors::Any, local, origin, "127.0.0.1:9944"), "{origin}");
        }
    }

    #[test]
    fn the_own_address_is_allowed_unless_it_is_loopback() {
        let origin = "http://node.example:9944";
        assert!(allows(&Cors::None, "0.0.0.0", origin, "node.example:9944"));
        assert!(!allows(&Cors::None, "0.0.0.0", origin, "other.example:9944"));
        assert!(!allows(&Cors::None, "127.0.0.1", origin, "node.example:9944"), "rebinding");
    }
}
