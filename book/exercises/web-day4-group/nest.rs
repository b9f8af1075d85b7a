//! Exercise 2 of day 4: an engine within an engine, all of it or nothing.
//!
//! Copy this file to `web/day4-group/tests/` and add to `Engine` and to `RouterGroup`:
//!
//! ```text
//! /// Takes over the routes of another engine, in their order, under a prefix. Its settings, as the
//! /// limit for bodies, are not taken over.
//! ///
//! /// # Errors
//! ///
//! /// When one of the routes cannot be registered. Then none is.
//! pub fn nest(&mut self, prefix: &str, other: Engine) -> Result<&mut Self, RouteError>
//! ```

use web_day4_group as gee;

use bytes::Bytes;
use gee::http::{Request, StatusCode};
use gee::{Body, Context, Engine, Handler};
use http_body_util::BodyExt;

fn show(name: &'static str) -> impl Handler {
    move |c: Context| async move { format!("{name} {:?} {:?}", c.param("id"), c.param("post")) }
}

fn paths(engine: &Engine) -> Vec<String> {
    let routes = engine.routes();
    routes
        .map(|(method, path)| format!("{method} {path}"))
        .collect()
}

async fn ask(engine: &Engine, method: &str, path: &str) -> (StatusCode, Bytes) {
    let request = Request::builder().method(method).uri(path);
    let response = engine.handle(request.body(Body::empty()).unwrap()).await;
    let status = response.status();
    let body = response.into_body().collect().await.unwrap();
    (status, body.to_bytes())
}

/// What somebody else has written, and tests by itself.
fn posts() -> Engine {
    let mut engine = Engine::new();
    engine
        .get("/", show("all"))
        .and_then(|engine| engine.post("/", show("new")))
        .and_then(|engine| engine.get("/:post", show("one")))
        .and_then(|engine| engine.get("/\\:post", show("colon")))
        .and_then(|engine| engine.delete("/:post", show("gone")))
        .unwrap();
    engine
}

#[tokio::test]
async fn its_routes_are_found_under_the_prefix_and_each_has_its_own_handler() {
    let mut engine = Engine::new();
    engine
        .nest("/users/:id/posts", posts())
        .and_then(|engine| engine.get("/", show("root")))
        .unwrap();
    let table = [
        ("GET", "/users/7/posts/", r#"all Some("7") None"#),
        ("POST", "/users/7/posts/", r#"new Some("7") None"#),
        ("GET", "/users/7/posts/3", r#"one Some("7") Some("3")"#),
        ("GET", "/users/7/posts/:post", r#"colon Some("7") None"#),
        ("DELETE", "/users/7/posts/3", r#"gone Some("7") Some("3")"#),
        ("GET", "/", "root None None"),
    ];
    for (method, path, expected) in table {
        let (status, body) = ask(&engine, method, path).await;
        assert_eq!((status, &body[..]), (StatusCode::OK, expected.as_bytes()));
    }
    assert_eq!(ask(&engine, "GET", "/3").await.0, StatusCode::NOT_FOUND);
}

#[test]
fn they_are_listed_in_their_order_with_whole_paths() {
    let mut engine = Engine::new();
    let mut v1 = engine.group("/v1");
    v1.get("/first", show("first")).unwrap();
    v1.group("/blog").nest("", posts()).unwrap();
    v1.get("/last", show("last")).unwrap();
    let expected = [
        "GET /v1/first",
        "GET /v1/blog/",
        "POST /v1/blog/",
        "GET /v1/blog/:post",
        "GET /v1/blog/\\:post",
        "DELETE /v1/blog/:post",
        "GET /v1/last",
    ];
    assert_eq!(paths(&engine), expected);
}

#[tokio::test]
async fn if_one_is_refused_the_error_names_both_and_nothing_is_taken_over() {
    let mut engine = Engine::new();
    engine.delete("/blog/:id", show("mine")).unwrap();
    let error = engine.nest("/blog", posts()).err().unwrap().to_string();
    assert!(error.contains("DELETE /blog/:post"), "{error}");
    assert!(error.contains("/blog/:id"), "{error}");
    assert_eq!(paths(&engine), ["DELETE /blog/:id"]);
    let (status, _) = ask(&engine, "GET", "/blog/").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    engine.get("/blog/", show("mine")).unwrap();
    assert_eq!(
        ask(&engine, "DELETE", "/blog/3").await.1,
        r#"mine Some("3") None"#
    );
}

#[test]
fn a_name_in_the_prefix_and_in_a_route_is_refused() {
    let mut engine = Engine::new();
    let mut group = engine.group("/:post");
    let refused = group.nest("/x", posts());
    assert_eq!(refused.err().unwrap().path(), "/:post/x/:post");
    assert_eq!(engine.routes().count(), 0);
}

#[test]
fn an_engine_without_routes_adds_none_whatever_the_prefix() {
    let mut engine = Engine::new();
    engine.nest("nonsense", Engine::new()).unwrap();
    assert_eq!(engine.routes().count(), 0);
}
