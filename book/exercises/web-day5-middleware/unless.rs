//! Exercise 1 of day 5: a layer with exceptions.
//!
//! Copy this file to `web/day5-middleware/tests/` and add to `middleware`:
//!
//! ```text
//! /// A layer that lets some requests pass as if it were not there.
//! ///
//! /// `skip` is asked once for each request.
//! pub fn unless(
//!     skip: impl Fn(&Context) -> bool + Send + Sync + 'static,
//!     middleware: impl Middleware,
//! ) -> impl Middleware
//! ```

use web_day5_middleware as gee;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use gee::http::{Method, Request, StatusCode};
use gee::middleware::unless;
use gee::{Context, Engine, Handler, Next};
use http_body_util::BodyExt;

async fn guard(_: Context, _: Next) -> (StatusCode, &'static str) {
    (StatusCode::UNAUTHORIZED, "who are you?")
}

fn is_health(c: &Context) -> bool {
    c.path() == "/healthz"
}

async fn ask(engine: &Engine, method: Method, path: &str) -> (StatusCode, Bytes) {
    let request = Request::builder().method(method).uri(path);
    let response = engine.handle(request.body("tea".into()).unwrap()).await;
    let status = response.status();
    let body = response.into_body().collect().await.unwrap();
    (status, body.to_bytes())
}

async fn get(engine: &Engine, path: &str) -> StatusCode {
    ask(engine, Method::GET, path).await.0
}

async fn fine(_: Context) -> &'static str {
    "fine"
}

#[tokio::test]
async fn what_is_skipped_reaches_the_handler_and_the_rest_reaches_the_layer() {
    let mut engine = Engine::new();
    engine.layer(unless(is_health, guard));
    engine
        .get("/healthz", fine)
        .unwrap()
        .get("/", fine)
        .unwrap();
    assert_eq!(get(&engine, "/healthz").await, StatusCode::OK);
    assert_eq!(get(&engine, "/").await, StatusCode::UNAUTHORIZED);
    assert_eq!(get(&engine, "/nope").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_layers_around_it_and_in_it_are_asked_all_the_same() {
    fn count(count: &Arc<AtomicUsize>) -> impl gee::Middleware + use<> {
        let count = Arc::clone(count);
        move |c: Context, next: Next| {
            count.fetch_add(1, Ordering::Relaxed);
            next.run(c)
        }
    }
    let (outer, inner) = (Arc::default(), Arc::default());
    let mut engine = Engine::new();
    engine
        .layer(count(&outer))
        .layer(unless(is_health, guard))
        .layer(count(&inner));
    engine
        .get("/healthz", fine)
        .unwrap()
        .get("/", fine)
        .unwrap();
    get(&engine, "/healthz").await;
    get(&engine, "/").await;
    assert_eq!(outer.load(Ordering::Relaxed), 2);
    assert_eq!(inner.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_question_is_asked_once_and_before_the_layer_changes_anything() {
    async fn mark(mut c: Context, next: Next) -> gee::Response {
        c.set("marked");
        next.run(c).await
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let skip = move |c: &Context| {
        counter.fetch_add(1, Ordering::Relaxed);
        c.get::<&str>().is_some()
    };
    let mut engine = Engine::new();
    engine.layer(unless(skip, mark));
    let show = |c: Context| async move { c.get::<&str>().copied().unwrap_or("plain") };
    engine.get("/", show).unwrap();
    assert_eq!(ask(&engine, Method::GET, "/").await.1, "marked");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn it_may_be_in_itself_and_around_one_route() {
    let twice = unless(|c| c.method() == Method::GET, unless(is_health, guard));
    let mut engine = Engine::new();
    let echo = |mut c: Context| async move { c.bytes().await };
    engine.post("/healthz", echo).unwrap();
    engine.get("/", fine.with(twice)).unwrap();
    engine
        .post("/", fine.with(unless(is_health, guard)))
        .unwrap();
    assert_eq!(ask(&engine, Method::POST, "/healthz").await.1, "tea");
    assert_eq!(get(&engine, "/").await, StatusCode::OK);
    assert_eq!(
        ask(&engine, Method::POST, "/").await.0,
        StatusCode::UNAUTHORIZED
    );
}
