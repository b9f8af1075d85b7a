//! Exercise 1 of day 3: which route is this?
//!
//! Copy this file to `web/day3-router/tests/` and add to `Context`:
//!
//! ```text
//! /// The pattern of the route that was found, as it was registered: `/users/:id`, whatever the id.
//! pub fn pattern(&self) -> &str
//! ```
//!
//! A log that counts requests by their path counts each user by itself. By the pattern, it counts users.
//! The text exists once for each route: no request may copy it.

use web_day3_router as gee;

use std::sync::{Arc, Mutex};

use gee::http::{HeaderName, HeaderValue, Request};
use gee::{Body, Context, Engine, IntoResponse, Response};

const ROUTE: HeaderName = HeaderName::from_static("x-route");

async fn show(c: Context) -> Response {
    let pattern = HeaderValue::try_from(c.pattern()).unwrap();
    "".with_header(ROUTE, pattern)
}

async fn pattern(engine: &Engine, method: &str, path: &str) -> Vec<u8> {
    let request = Request::builder().method(method).uri(path);
    let response = engine.handle(request.body(Body::empty()).unwrap()).await;
    response.headers()[ROUTE].as_bytes().to_owned()
}

#[tokio::test]
async fn it_is_the_route_and_not_the_path() {
    let mut engine = Engine::new();
    for route in [
        "/users/:id",
        "/users/new",
        r"/v1/a\:undo",
        "/f/*rest",
        "/café",
    ] {
        engine.get(route, show).unwrap();
    }
    let table = [
        ("/users/7", "/users/:id"),
        ("/users/8?id=9", "/users/:id"),
        ("/users/new", "/users/new"),
        ("/v1/a%3Aundo", r"/v1/a\:undo"),
        ("/f/", "/f/*rest"),
        ("/f/a/b", "/f/*rest"),
        ("/caf%C3%A9", "/café"),
    ];
    for (path, route) in table {
        assert_eq!(
            pattern(&engine, "GET", path).await,
            route.as_bytes(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn it_is_that_of_the_method_that_answers() {
    let mut engine = Engine::new();
    engine.get("/a/:b", show).unwrap();
    engine.post("/a/*rest", show).unwrap();
    engine.head("/own/:x", show).unwrap();
    engine.get("/own/x", show).unwrap();
    let table = [
        ("GET", "/a/x", "/a/:b"),
        ("HEAD", "/a/x", "/a/:b"),
        ("POST", "/a/x", "/a/*rest"),
        ("HEAD", "/own/x", "/own/:x"),
    ];
    for (method, path, route) in table {
        assert_eq!(
            pattern(&engine, method, path).await,
            route.as_bytes(),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn it_is_not_copied_for_each_request() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut engine = Engine::new();
    let keep = Arc::clone(&seen);
    let keeper = move |c: Context| {
        keep.lock().unwrap().push(c);
        async { "" }
    };
    engine.get("/users/:id", keeper).unwrap();
    for path in ["/users/1", "/users/2"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(engine.handle(request).await.status(), 200);
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].pattern().as_ptr(), seen[1].pattern().as_ptr());
}
