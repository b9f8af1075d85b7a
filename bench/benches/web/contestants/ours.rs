//! The framework of this course.

use std::future::pending;
use std::path::Path;
use std::time::Instant;

use tokio::net::TcpListener;
use web_day7_panic_recover::http::StatusCode;
use web_day7_panic_recover::{
    Context, Engine, Files, IntoResponse, Json, Next, Rejection, Response,
};

use super::layers::{self, User, X_REQUEST_ID};

pub(super) async fn serve(listener: TcpListener, files: &Path) -> anyhow::Result<()> {
    let mut engine = Engine::new();
    engine
        .get("/", index)?
        .get("/hello/:name", hello)?
        .get("/json/:id", json)?
        .files("/assets", Files::new(files)?)?;
    let mut group = engine.group("/layers");
    group.layer(request_id).layer(timing).layer(login);
    group.get("", secret)?;
    engine.serve(listener, pending()).await;
    Ok(())
}

async fn index(_: Context) -> &'static str {
    "hello, world\n"
}

async fn hello(c: Context) -> String {
    format!("hello, {}\n", c.param("name").unwrap_or_default())
}

async fn json(c: Context) -> Result<Json<User>, Rejection> {
    let id = c.param_as("id")?;
    Ok(Json(User { id, name: "Tom" }))
}

async fn secret(_: Context) -> &'static str {
    "a secret\n"
}

async fn request_id(c: Context, next: Next) -> Response {
    let response = next.run(c).await;
    response.with_header(X_REQUEST_ID, layers::request_id())
}

async fn timing(c: Context, next: Next) -> Response {
    let start = Instant::now();
    let response = next.run(c).await;
    layers::took(start.elapsed());
    response
}

async fn login(c: Context, next: Next) -> Response {
    if !layers::is_allowed(c.headers()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(c).await
}
