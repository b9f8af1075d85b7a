//! What the server of the day answers: two versions of an interface, each in a group.

use serde_json::{Value, json};

use crate::gee::http::StatusCode;
use crate::gee::{Context, Engine, Html, Json, Rejection, RouteError, RouterGroup, TrailingSlash};

pub(crate) fn engine() -> Result<Engine, RouteError> {
    let mut engine = Engine::new();
    engine
        .trailing_slash(TrailingSlash::Redirect)
        .get("/", index)?;
    first_version(engine.group("/v1"))?;
    second_version(engine.group("/v2"))?;
    Ok(engine)
}

fn first_version(mut v1: RouterGroup<'_>) -> Result<(), RouteError> {
    v1.get("/hello", hello)?;
    Ok(())
}

fn second_version(mut v2: RouterGroup<'_>) -> Result<(), RouteError> {
    v2.get("/hello/:name", hello_name)?;
    let mut users = v2.group("/users");
    users
        .get("/:id", user)?
        .delete("/:id", |_: Context| async { StatusCode::NO_CONTENT })?;
    v2.get("/assets/*filepath", asset)?;
    Ok(())
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
