//! What a node answers when another one, or curl, asks it for a value.
//!
//! | status | means |
//! |---|---|
//! | 200 | the value, as [`wire`] writes it |
//! | 204 | to DELETE: this node has forgotten the key |
//! | 400 | neither the path nor the body of a POST to the base path names a key |
//! | 404 with the header [`wire::NO_SUCH_KEY`] | the key does not exist |
//! | 404 | no such group, or a path outside the base path |
//! | 405 | another method |
//! | 408 | the body of a POST did not come |
//! | 413 | a POST with more than any key needs |
//! | 500 | the getter failed: nothing is known about the key |
//! | 504 | the getter took longer than the asker would wait |

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use crate::path::PathError;
use crate::{BoxError, ByteView, Error, Groups, HttpPoolOptions, wire};

/// Answers a request for a value, or to forget one.
pub(crate) async fn respond(
    options: &HttpPoolOptions,
    groups: &Groups,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    match answer(options, groups, request).await {
        Ok(response) => response,
        Err(refusal) => refused(&refusal),
    }
}

/// Why there is no value to send.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Path(#[from] PathError),
    #[error("only GET, HEAD and DELETE are answered at the path of a key")]
    Method,
    #[error("the body is no GetRequest of at most {MAX_QUESTION_BYTES} bytes")]
    Body(#[source] BoxError),
    #[error("the body did not come within {0:?}")]
    SlowBody(Duration),
    #[error("there is no group {0:?}")]
    NoSuchGroup(String),
    #[error("the key does not exist")]
    NoSuchKey,
    #[error("the value did not come within {0:?}")]
    TooSlow(Duration),
    #[error(transparent)]
    Failed(#[from] Error),
}

async fn answer(
    options: &HttpPoolOptions,
    groups: &Groups,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Refusal> {
    let patience = patience(&request).map_or(options.peer_timeout, |p| p.min(options.peer_timeout));
    let is_removal = request.method() == Method::DELETE;
    let (group, key) = question(options, request).await?;
    let group = groups.get(&group).ok_or(Refusal::NoSuchGroup(group))?;
    if is_removal {
        group.remove_for_peer(&key);
        return Ok(removed());
    }
    let answer = tokio::time::timeout(patience, group.get_for_peer(&key)).await;
    let answer = answer.map_err(|_| Refusal::TooSlow(patience))?;
    answer?.map(found).ok_or(Refusal::NoSuchKey)
}

/// The group and the key that a request is about. They stand in its path, and for a POST to the base
/// path in its body.
async fn question(
    options: &HttpPoolOptions,
    request: Request<Incoming>,
) -> Result<(String, Bytes), Refusal> {
    let path = request.uri().path();
    if request.method() == Method::POST && path == options.base_path.to_string() {
        let body = Limited::new(request.into_body(), MAX_QUESTION_BYTES).collect();
        let patience = options.peer_timeout;
        let body = tokio::time::timeout(patience, body).await;
        let body = body.map_err(|_| Refusal::SlowBody(patience))?;
        let body = body.map_err(Refusal::Body)?;
        return wire::decode_request(body.to_bytes()).map_err(Refusal::Body);
    }
    let question = options.base_path.split(path)?;
    match *request.method() {
        Method::GET | Method::HEAD | Method::DELETE => Ok(question),
        _ => Err(Refusal::Method),
    }
}

/// As much as fits into the head of a GET.
const MAX_QUESTION_BYTES: usize = 64 << 10;

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

fn removed() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
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
        Refusal::Body(source) if source.is::<LengthLimitError>() => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Path(_) | Refusal::Body(_) => StatusCode::BAD_REQUEST,
        Refusal::Failed(Error::EmptyKey) => StatusCode::BAD_REQUEST,
        Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::SlowBody(_) => StatusCode::REQUEST_TIMEOUT,
        Refusal::NoSuchGroup(_) | Refusal::NoSuchKey => StatusCode::NOT_FOUND,
        Refusal::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Refusal::TooSlow(_) => StatusCode::GATEWAY_TIMEOUT,
    }
}

fn extra_header(refusal: &Refusal) -> Option<(HeaderName, HeaderValue)> {
    match refusal {
        Refusal::Method => Some((ALLOW, HeaderValue::from_static("GET, HEAD, DELETE"))),
        Refusal::NoSuchKey => Some((wire::NO_SUCH_KEY, HeaderValue::from_static("1"))),
        _ => None,
    }
}
