//! The front of a cluster for its users: `GET /api?key=K` answers with the value of K, and `DELETE`
//! makes all nodes forget it.
//!
//! | status | means |
//! |---|---|
//! | 200 | the value's bytes |
//! | 204 | to DELETE: every node has forgotten the key |
//! | 400 | no key, or one that is not percent-encoded well |
//! | 404 | the key does not exist, or the path is another one |
//! | 405 | another method |
//! | 500 | the value could not be loaded, or not all nodes could be told to forget it |

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::net::TcpListener;

use crate::server::{self, Handler, Limits};
use crate::{ByteView, Error, Group, path};

/// Serves `group` on `listener` until `shutdown` ends; then lets running requests finish.
///
/// # Errors
///
/// When the listener can accept no more.
pub async fn serve(
    listener: TcpListener,
    group: Group,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let limits = Limits {
        max_connections: 1024,
        header_timeout: Duration::from_secs(30),
        write_timeout: Duration::from_secs(30),
        max_header_bytes: 64 << 10,
        shutdown_grace: Duration::from_secs(10),
    };
    server::serve(listener, limits, shutdown, Front { group }).await
}

#[derive(Clone)]
struct Front {
    group: Group,
}

impl Handler for Front {
    async fn call(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        match self.respond(&request).await {
            Ok(Some(body)) => response(StatusCode::OK, body),
            Ok(None) => response(StatusCode::NO_CONTENT, Bytes::new()),
            Err(status) => {
                let text = status.canonical_reason().unwrap_or_default();
                response(status, format!("{text}\n").into())
            }
        }
    }
}

impl Front {
    async fn respond<B>(&self, request: &Request<B>) -> Result<Option<Bytes>, StatusCode> {
        if request.uri().path() != "/api" {
            return Err(StatusCode::NOT_FOUND);
        }
        let key = || key(request.uri().query().unwrap_or_default());
        match *request.method() {
            Method::GET | Method::HEAD => self.get(&key()?).await.map(Some),
            Method::DELETE => self.remove(&key()?).await.map(|()| None),
            _ => Err(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    async fn get(&self, key: &[u8]) -> Result<Bytes, StatusCode> {
        let view = self.group.get(key).await.map_err(|error| failure(&error))?;
        view.map(ByteView::into_bytes).ok_or(StatusCode::NOT_FOUND)
    }

    async fn remove(&self, key: &[u8]) -> Result<(), StatusCode> {
        self.group
            .remove(key)
            .await
            .map_err(|error| failure(&error))
    }
}

/// The user learns that it failed; why is for the log.
fn failure(error: &Error) -> StatusCode {
    tracing::error!(error = error as &dyn std::error::Error, "no answer");
    StatusCode::INTERNAL_SERVER_ERROR
}

/// The first `key=` of a query, in which a plus is a space, as browsers write it.
fn key(query: &str) -> Result<Bytes, StatusCode> {
    let encoded = query.split('&').find_map(|pair| pair.strip_prefix("key="));
    let spaced = encoded.unwrap_or_default().replace('+', " ");
    match path::decode(&spaced) {
        Ok(key) if !key.is_empty() => Ok(key.into()),
        _ => Err(StatusCode::BAD_REQUEST),
    }
}

fn response(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let content_type = match status {
        StatusCode::OK => "application/octet-stream",
        _ => "text/plain",
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD, DELETE"));
    }
    response
}
