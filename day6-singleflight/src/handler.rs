//! What a node answers when another one, or curl, asks it for a value.
//!
//! | status | means |
//! |---|---|
//! | 200 | the value, as [`wire`] writes it |
//! | 400 | the path names no key |
//! | 404 with the header [`wire::NO_SUCH_KEY`] | the key does not exist |
//! | 404 | no such group, or a path outside the base path |
//! | 405 | neither GET nor HEAD |
//! | 500 | the getter failed: nothing is known about the key |
//! | 504 | the getter took longer than the asker would wait |

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use crate::path::PathError;
use crate::{ByteView, Error, Groups, HttpPoolOptions, wire};

/// Answers a request for a value.
pub(crate) async fn respond<B>(
    options: &HttpPoolOptions,
    groups: &Groups,
    request: &Request<B>,
) -> Response<Full<Bytes>> {
    match find(options, groups, request).await {
        Ok(view) => found(view),
        Err(refusal) => refused(&refusal),
    }
}

/// Why there is no value to send.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Path(#[from] PathError),
    #[error("only GET and HEAD are answered here")]
    Method,
    #[error("there is no group {0:?}")]
    NoSuchGroup(String),
    #[error("the key does not exist")]
    NoSuchKey,
    #[error("the value did not come within {0:?}")]
    TooSlow(Duration),
    #[error(transparent)]
    Failed(#[from] Error),
}

async fn find<B>(
    options: &HttpPoolOptions,
    groups: &Groups,
    request: &Request<B>,
) -> Result<ByteView, Refusal> {
    let (group, key) = options.base_path.split(request.uri().path())?;
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return Err(Refusal::Method);
    }
    let group = groups.get(&group).ok_or(Refusal::NoSuchGroup(group))?;
    let patience = patience(request).map_or(options.peer_timeout, |p| p.min(options.peer_timeout));
    let answer = tokio::time::timeout(patience, group.get_for_peer(&key)).await;
    let answer = answer.map_err(|_| Refusal::TooSlow(patience))?;
    answer?.ok_or(Refusal::NoSuchKey)
}

/// How long the asker says it will wait.
fn patience<B>(request: &Request<B>) -> Option<Duration> {
    let milliseconds = request.headers().get(wire::TIMEOUT_MS)?.to_str().ok()?;
    Some(Duration::from_millis(milliseconds.parse().ok()?))
}

/// The body is for HEAD as well: hyper takes its length for the header and sends none of it.
fn found(view: ByteView) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(wire::encode(view)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, wire::CONTENT_TYPE);
    response
}

fn refused(refusal: &Refusal) -> Response<Full<Bytes>> {
    if let Refusal::Failed(error) = refusal {
        tracing::warn!(%error, source = error.source(), "a peer gets no answer");
    }
    let mut response = Response::new(Full::new(format!("{refusal}\n").into()));
    *response.status_mut() = status(refusal);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    if let Some((name, value)) = extra_header(refusal) {
        headers.insert(name, value);
    }
    response
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Path(PathError::Elsewhere) => StatusCode::NOT_FOUND,
        Refusal::Path(_) | Refusal::Failed(Error::EmptyKey) => StatusCode::BAD_REQUEST,
        Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::NoSuchGroup(_) | Refusal::NoSuchKey => StatusCode::NOT_FOUND,
        Refusal::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Refusal::TooSlow(_) => StatusCode::GATEWAY_TIMEOUT,
    }
}

fn extra_header(refusal: &Refusal) -> Option<(HeaderName, HeaderValue)> {
    match refusal {
        Refusal::Method => Some((ALLOW, HeaderValue::from_static("GET, HEAD"))),
        Refusal::NoSuchKey => Some((wire::NO_SUCH_KEY, HeaderValue::from_static("1"))),
        _ => None,
    }
}
