//! What the server of the day answers: paths with parameters, and what they say.

use serde_json::{Value, json};

use crate::gee::http::StatusCode;
use crate::gee::{Context, Engine, Html, Json, Rejection, RouteError, TrailingSlash};

pub(crate) fn engine() -> Result<Engine, RouteError> {
    let mut engine = Engine::new();
    engine
        .trailing_slash(TrailingSlash::Redirect)
        .get("/", index)?
        .get("/hello", hello)?
        .get("/hello/:name", hello_name)?
        .get("/hello/gee", |_: Context| async { "that is me\n" })?
        .get("/users/:id", user)?
        .delete("/users/:id", |_: Context| async { StatusCode::NO_CONTENT })?
        .get("/assets/*filepath", asset)?;
    Ok(engine)
}

async fn index(_: Context) -> Html<&'static str> {
    Html("<h1>Hello, gee</h1>\n")
}

async fn hello(c: Context) -> String {
    let name = c.default_query("name", "stranger");
    format!("hello {name}, you are at {}\n", c.path())
}

async fn hello_name(c: Context) -> String {
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
