//! Another node as seen from this one: a base URL, pooled connections, a deadline and its health.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;

use crate::health::Health;
use crate::{Answer, BasePath, BoxError, ByteView, PeerGetter, PeerUrl, wire};

/// The client that all peers of a pool share; it keeps connections to each of them open.
pub(crate) type HttpClient = Client<HttpConnector, Empty<Bytes>>;

/// What asking a peer may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerLimits {
    pub(crate) timeout: Duration,
    pub(crate) max_body_bytes: usize,
}

/// A peer that is asked over HTTP.
pub(crate) struct Peer {
    url: PeerUrl,
    base_path: BasePath,
    client: HttpClient,
    limits: PeerLimits,
    health: Arc<Health>,
}

/// Why a peer gave no answer.
#[derive(Debug, thiserror::Error)]
enum PeerError {
    #[error("{url} is down and left alone for a while")]
    Down { url: PeerUrl },
    #[error("{url} did not answer within {timeout:?}")]
    Deadline { url: PeerUrl, timeout: Duration },
    #[error("the connection to {url} failed")]
    Connection { url: PeerUrl, source: BoxError },
    #[error("{url} answered {status}")]
    Status { url: PeerUrl, status: StatusCode },
    #[error("{url} sent a body that is no value")]
    Body { url: PeerUrl, source: BoxError },
}

impl Peer {
    pub(crate) fn new(
        url: PeerUrl,
        base_path: BasePath,
        client: HttpClient,
        limits: PeerLimits,
    ) -> Self {
        let health = Health::new({
            let (url, client) = (url.join(&base_path.to_string()), client.clone());
            Box::new(move || answers(client.clone(), url.clone(), limits.timeout).boxed())
        });
        Self {
            url,
            base_path,
            client,
            limits,
            health,
        }
    }

    /// Has an exchange with the peer unless it is down, and draws the conclusions for its health.
    async fn ask<T>(
        &self,
        exchange: impl Future<Output = Result<T, PeerError>>,
    ) -> Result<T, PeerError> {
        let url = || self.url.clone();
        if self.health.is_down() {
            return Err(PeerError::Down { url: url() });
        }
        let timeout = self.limits.timeout;
        let answer = tokio::time::timeout(timeout, exchange).await;
        let answer = answer.unwrap_or_else(|_| {
            Err(PeerError::Deadline {
                url: url(),
                timeout,
            })
        });
        match &answer {
            Err(error @ (PeerError::Deadline { .. } | PeerError::Connection { .. })) => {
                if self.health.failed() {
                    tracing::warn!(%error, "peer is down");
                }
            }
            // A status says something about the request; that there is one, that the peer lives.
            _ => self.health.succeeded(),
        }
        answer
    }

    async fn fetch(&self, group: &str, key: &[u8]) -> Result<Option<ByteView>, PeerError> {
        let response = self.send(Method::GET, group, key).await?;
        match response.status() {
            StatusCode::OK => Ok(Some(self.value(response).await?)),
            StatusCode::NOT_FOUND if response.headers().contains_key(wire::NO_SUCH_KEY) => Ok(None),
            status => Err(self.refused(status)),
        }
    }

    /// A node that does not know how to remove may answer a DELETE as if it were a GET: only 204 means
    /// that it has understood.
    async fn delete(&self, group: &str, key: &[u8]) -> Result<(), PeerError> {
        match self.send(Method::DELETE, group, key).await?.status() {
            StatusCode::NO_CONTENT => Ok(()),
            status => Err(self.refused(status)),
        }
    }

    async fn send(
        &self,
        method: Method,
        group: &str,
        key: &[u8],
    ) -> Result<Response<Incoming>, PeerError> {
        let request = self.request(method, &self.base_path.join(group, key))?;
        let response = self.client.request(request).await;
        response.map_err(|source| self.broken(source))
    }

    /// The peer is given a tenth less time than this node will wait: so a value that is slow to load
    /// comes back as a status, and only a peer that hangs misses the deadline.
    fn request(&self, method: Method, path: &str) -> Result<Request<Empty<Bytes>>, PeerError> {
        let patience = self.limits.timeout.mul_f64(0.9).as_millis();
        let request = Request::builder()
            .method(method)
            .uri(self.url.join(path))
            .header(wire::TIMEOUT_MS, patience.to_string())
            .body(Empty::new());
        request.map_err(|source| self.broken(source))
    }

    async fn value(&self, response: Response<Incoming>) -> Result<ByteView, PeerError> {
        let body = Limited::new(response.into_body(), self.limits.max_body_bytes);
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(self.no_value(error)),
            Err(error) => return Err(self.broken(error)),
        };
        wire::decode(body).map_err(|error| self.no_value(error))
    }

    fn refused(&self, status: StatusCode) -> PeerError {
        PeerError::Status {
            url: self.url.clone(),
            status,
        }
    }

    fn broken(&self, source: impl Into<BoxError>) -> PeerError {
        PeerError::Connection {
            url: self.url.clone(),
            source: source.into(),
        }
    }

    fn no_value(&self, source: BoxError) -> PeerError {
        PeerError::Body {
            url: self.url.clone(),
            source,
        }
    }
}

impl PeerGetter for Peer {
    fn get<'a>(&'a self, group: &'a str, key: &'a [u8]) -> BoxFuture<'a, Answer> {
        Box::pin(async move { Ok(self.ask(self.fetch(group, key)).await?) })
    }

    fn remove<'a>(&'a self, group: &'a str, key: &'a [u8]) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move { Ok(self.ask(self.delete(group, key)).await?) })
    }
}

/// Whether anything at all comes back within the deadline. The base path alone names no key, so the
/// peer refuses without work.
async fn answers(client: HttpClient, url: String, timeout: Duration) -> bool {
    let Ok(request) = Request::head(url).body(Empty::new()) else {
        return false;
    };
    let answer = tokio::time::timeout(timeout, client.request(request)).await;
    matches!(answer, Ok(Ok(_)))
}
