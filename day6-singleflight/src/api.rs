//! The front of a cluster for its users: `GET /api?key=K` answers with the value of K.
//!
//! | status | means |
//! |---|---|
//! | 200 | the value's bytes |
//! | 400 | no key, or one that is not percent-encoded well |
//! | 404 | the key does not exist, or the path is another one |
//! | 405 | neither GET nor HEAD |
//! | 500 | the value could not be loaded |

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::net::TcpListener;

use crate::server::{self, Handler, Limits};
use crate::{Group, path};

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
            Ok(body) => response(StatusCode::OK, body),
            Err(status) => {
                let text = status.canonical_reason().unwrap_or_default();
                response(status, format!("{text}\n").into())
            }
        }
    }
}

impl Front {
    async fn respond<B>(&self, request: &Request<B>) -> Result<Bytes, StatusCode> {
        if request.uri().path() != "/api" {
            return Err(StatusCode::NOT_FOUND);
        }
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        let key = key(request.uri().query().unwrap_or_default())?;
        match self.group.get(&key).await {
            Ok(Some(view)) => Ok(view.into_bytes()),
            Ok(None) => Err(StatusCode::NOT_FOUND),
            // The user learns that it failed; why is for the log.
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "no answer");
                Err(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
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
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}
