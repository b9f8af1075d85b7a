//! axum, with its own features as they are by default, and tower-http for files.

use std::path::Path as FilePath;
use std::time::Instant;

use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use super::layers::{self, User, X_REQUEST_ID};

pub(super) async fn serve(listener: TcpListener, files: &FilePath) -> anyhow::Result<()> {
    // The layer that is added last is the outermost.
    let layers = Router::new()
        .route("/layers", get(async || "a secret\n"))
        .layer(from_fn(login))
        .layer(from_fn(timing))
        .layer(from_fn(request_id));
    let router = Router::new()
        .route("/", get(async || "hello, world\n"))
        .route("/hello/{name}", get(hello))
        .route("/json/{id}", get(json))
        .nest_service("/assets", ServeDir::new(files))
        .merge(layers);
    // A body of ServeDir follows its head in a packet of its own, and that would wait for the client to
    // confirm the first: 40 ms on Linux.
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a TCP socket"));
    Ok(axum::serve(listener, router).await?)
}

async fn hello(Path(name): Path<String>) -> String {
    format!("hello, {name}\n")
}

async fn json(Path(id): Path<u64>) -> Json<User> {
    Json(User { id, name: "Tom" })
}

async fn request_id(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(X_REQUEST_ID, layers::request_id());
    response
}

async fn timing(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let response = next.run(request).await;
    layers::took(start.elapsed());
    response
}

async fn login(request: Request, next: Next) -> Response {
    if !layers::is_allowed(request.headers()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(request).await
}
