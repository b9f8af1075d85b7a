//! What the server of the day answers: a page, a greeting, a login, a user, a stream.

use std::time::Duration;

use futures_util::stream;
use serde::{Deserialize, Serialize};

use crate::gee::http::{HeaderValue, StatusCode};
use crate::gee::{
    BoxError, Context, Cookie, Engine, Html, IntoResponse, Json, Rejection, Response, RouteError,
    Streaming,
};

pub(crate) fn engine() -> Result<Engine, RouteError> {
    let mut engine = Engine::new();
    engine
        .get("/", index)?
        .get("/hello", hello)?
        .post("/login", login)?
        .post("/users", create)?
        .get("/countdown", countdown)?;
    Ok(engine)
}

async fn index(_: Context) -> Html<&'static str> {
    Html("<h1>Hello, gee</h1>\n")
}

async fn hello(c: Context) -> String {
    let name = c.default_query("name", "stranger");
    format!("hello {name}, you are at {}\n", c.path())
}

#[derive(Deserialize)]
struct Login {
    user: String,
    password: String,
}

async fn login(mut c: Context) -> Result<Response, Rejection> {
    let login: Login = c.form().await?;
    let known = login.password == "opensesame";
    Ok(match known {
        true => "welcome\n".with_cookie(Cookie::new("user", login.user)),
        false => "no\n".with_status(StatusCode::UNAUTHORIZED),
    })
}

#[derive(Deserialize, Serialize)]
struct User {
    name: String,
    age: u8,
}

async fn create(mut c: Context) -> Result<(StatusCode, Json<User>), Rejection> {
    let user = c.json().await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// A line every 200 ms.
async fn countdown(_: Context) -> Streaming {
    let lines = stream::unfold(3, |n: u32| async move {
        let next = n.checked_sub(1)?;
        tokio::time::sleep(Duration::from_millis(200)).await;
        Some((Ok::<_, BoxError>(format!("{n}\n")), next))
    });
    Streaming::new(lines).content_type(HeaderValue::from_static("text/plain"))
}
