//! Exercise 1 of day 1: a route for every method.
//!
//! Copy this file to `web/day1-http-base/tests/` and add to `Engine`:
//!
//! ```text
//! /// Answers `path` with `handler`, whatever the method, unless the path has a route of that method.
//! /// HEAD goes to the route of GET where there is one.
//! ///
//! /// # Errors
//! ///
//! /// As `route`.
//! pub fn any(&mut self, path: &str, handler: impl Handler) -> Result<&mut Self, RouteError>
//! ```
//!
//! A `RouteError` has a method. Decide what it is here.

use web_day1_http_base as gee;

use bytes::Bytes;
use gee::http::{Request, StatusCode};
use gee::{Body, Context, Engine};
use http_body_util::BodyExt;

/// `/any` answers with the method; GET has a route of its own there. `/get` has GET alone.
fn engine() -> Engine {
    let mut engine = Engine::new();
    engine
        .any("/any", |c: Context| async move { c.method().to_string() })
        .and_then(|engine| engine.get("/any", |_: Context| async { "its own" }))
        .and_then(|engine| engine.get("/get", |_: Context| async { "got" }))
        .unwrap();
    engine
}

async fn ask(engine: &Engine, method: &str, path: &str) -> (StatusCode, Bytes) {
    let request = Request::builder().method(method).uri(path);
    let response = engine.handle(request.body(Body::empty()).unwrap()).await;
    let status = response.status();
    (
        status,
        response.into_body().collect().await.unwrap().to_bytes(),
    )
}

#[tokio::test]
async fn it_answers_each_method_that_has_no_route_of_its_own() {
    let engine = engine();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PURGE"] {
        let (status, body) = ask(&engine, method, "/any").await;
        assert_eq!((status, &body[..]), (StatusCode::OK, method.as_bytes()));
    }
}

#[tokio::test]
async fn a_route_with_a_method_comes_before_it_in_either_order() {
    assert_eq!(ask(&engine(), "GET", "/any").await.1, "its own");
    let mut engine = Engine::new();
    engine
        .get("/any", |_: Context| async { "its own" })
        .and_then(|engine| engine.any("/any", |_: Context| async { "any" }))
        .unwrap();
    assert_eq!(ask(&engine, "GET", "/any").await.1, "its own");
    assert_eq!(ask(&engine, "POST", "/any").await.1, "any");
}

#[tokio::test]
async fn head_goes_to_get_where_there_is_one_and_never_has_a_body() {
    let mut engine = engine();
    engine
        .any("/gone", |_: Context| async { (StatusCode::GONE, "gone") })
        .unwrap();
    assert_eq!(
        ask(&engine, "HEAD", "/any").await,
        (StatusCode::OK, Bytes::new())
    );
    let gone = ask(&engine, "HEAD", "/gone").await;
    assert_eq!(gone, (StatusCode::GONE, Bytes::new()));
}

#[tokio::test]
async fn it_is_for_its_path_alone() {
    let engine = engine();
    assert_eq!(ask(&engine, "POST", "/any/").await.0, StatusCode::NOT_FOUND);
    let other = ask(&engine, "POST", "/get").await.0;
    assert_eq!(other, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_second_one_for_a_path_is_refused_and_the_first_stays() {
    let mut engine = engine();
    let error = engine.any("/any", |_: Context| async { "second" });
    assert_eq!(error.err().unwrap().path(), "/any");
    assert_eq!(ask(&engine, "POST", "/any").await.1, "POST");
    assert!(engine.any("any", |_: Context| async {}).is_err());
}
