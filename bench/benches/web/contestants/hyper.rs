//! hyper with nothing around it: a loop that accepts, and a `match` on the path.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::layers::{self, User, X_REQUEST_ID};

type Response = hyper::Response<Full<Bytes>>;

pub(super) async fn serve(listener: TcpListener, files: &Path) -> anyhow::Result<()> {
    let files: Arc<Path> = files.into();
    loop {
        let (stream, _) = listener.accept().await?;
        let files = Arc::clone(&files);
        let service = service_fn(move |request| answer(request, Arc::clone(&files)));
        // The timer is for hyper's own time limit, without which each silent client stays for ever.
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new());
        tokio::spawn(async move {
            if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("a connection was broken off: {error}");
            }
        });
    }
}

async fn answer(request: Request<Incoming>, files: Arc<Path>) -> Result<Response, Infallible> {
    let mut path = request.uri().path().split('/').skip(1);
    let path = (path.next(), path.next(), path.next());
    Ok(match (request.method(), path) {
        (&Method::GET, (Some(""), None, None)) => text("hello, world\n"),
        (&Method::GET, (Some("hello"), Some(name), None)) => text(format!("hello, {name}\n")),
        (&Method::GET, (Some("json"), Some(id), None)) => json(id),
        (&Method::GET, (Some("layers"), None, None)) => layers(&request),
        (&Method::GET, (Some("assets"), Some(name), None)) => file(&files, name).await,
        _ => status(StatusCode::NOT_FOUND),
    })
}

fn json(id: &str) -> Response {
    let Ok(id) = id.parse() else {
        return status(StatusCode::BAD_REQUEST);
    };
    match serde_json::to_vec(&User { id, name: "Tom" }) {
        Ok(json) => with_type(json, "application/json"),
        Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// The three layers are three lines.
fn layers(request: &Request<Incoming>) -> Response {
    let start = Instant::now();
    let mut response = match layers::is_allowed(request.headers()) {
        true => text("a secret\n"),
        false => status(StatusCode::UNAUTHORIZED),
    };
    layers::took(start.elapsed());
    response
        .headers_mut()
        .insert(X_REQUEST_ID, layers::request_id());
    response
}

/// Reads the whole file, in one hop to another thread. There is no more in it than a header for its type:
/// no `ETag`, no ranges, and links may lead anywhere.
async fn file(files: &Path, name: &str) -> Response {
    if name == ".." {
        return status(StatusCode::NOT_FOUND);
    }
    match tokio::fs::read(files.join(name)).await {
        Ok(content) => with_type(content, "text/plain; charset=utf-8"),
        Err(_) => status(StatusCode::NOT_FOUND),
    }
}

fn text(text: impl Into<Bytes>) -> Response {
    with_type(text, "text/plain; charset=utf-8")
}

fn with_type(body: impl Into<Bytes>, content_type: &'static str) -> Response {
    let mut response = Response::new(Full::new(body.into()));
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn status(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
