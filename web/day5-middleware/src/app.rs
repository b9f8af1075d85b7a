//! What the server of the day answers: a public group, one that asks for a password, and a log of both.

use std::time::Duration;

use serde_json::{Value, json};

use crate::gee::http::StatusCode;
use crate::gee::middleware::{compress, logger, request_id};
use crate::gee::{
    Context, Engine, Handler, Html, IntoResponse, Json, Next, Rejection, Response, RouteError,
    RouterGroup, TrailingSlash,
};

pub(crate) fn engine() -> Result<Engine, RouteError> {
    let mut engine = Engine::new();
    engine
        .trailing_slash(TrailingSlash::Redirect)
        .layer(request_id)
        .layer(logger)
        .layer(compress)
        .get("/", index)?;
    public(engine.group("/v1"))?;
    private(engine.group("/admin"))?;
    Ok(engine)
}

fn public(mut v1: RouterGroup<'_>) -> Result<(), RouteError> {
    v1.get("/hello/:name", hello)?;
    v1.get("/users/:id", user)?;
    v1.get("/assets/*filepath", asset.with(slow))?;
    Ok(())
}

fn private(mut admin: RouterGroup<'_>) -> Result<(), RouteError> {
    admin.layer(only_with_password);
    admin.get("/secret", secret)?;
    Ok(())
}

/// Who asks, once that is known.
#[derive(Clone)]
struct Admin(&'static str);

async fn only_with_password(mut c: Context, next: Next) -> Response {
    if c.header("authorization") != Some("Bearer opensesame") {
        return (StatusCode::UNAUTHORIZED, "401 who are you?\n").into_response();
    }
    c.set(Admin("Tom"));
    next.run(c).await
}

async fn slow(c: Context, next: Next) -> Response {
    tokio::time::sleep(Duration::from_millis(100)).await;
    next.run(c).await
}

/// Says nothing to somebody whom no layer has let in, should the layer be missing one day.
async fn secret(c: Context) -> Result<String, StatusCode> {
    let Admin(name) = c.get().ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(format!("{name}, the cake is in the oven\n"))
}

async fn index(_: Context) -> Html<&'static str> {
    Html("<h1>Hello, gee</h1>\n")
}

async fn hello(c: Context) -> String {
    let name = c.param("name").unwrap_or_default();
    format!("hello {name}, you are at {}\n", c.path())
}

async fn user(c: Context) -> Result<Json<Value>, Rejection> {
    let id: u64 = c.param_as("id")?;
    Ok(Json(json!({ "id": id })))
}

async fn asset(c: Context) -> Json<Value> {
    Json(json!({ "filepath": c.param("filepath") }))
}
