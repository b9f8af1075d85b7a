//! Exercise 2 of day 7: so many requests at once, and a 503 for those above.
//!
//! Copy this file to `web/day7-panic-recover/tests/` and add to `middleware`:
//!
//! ```text
//! /// Lets `number` requests through at once. Others are answered with 503 and `retry-after: 1`,
//! /// without waiting.
//! impl AtMost {
//!     pub fn new(number: usize) -> Self
//! }
//!
//! impl Middleware for AtMost
//! ```
//!
//! A request has its place until its body has ended or was dropped, however that came about.

use web_day7_panic_recover as gee;

use std::future::pending;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use gee::http::Request;
use gee::middleware::AtMost;
use gee::{Body, BoxError, Context, Engine, Response, Streaming};
use http_body_util::BodyExt;

/// Places for two.
fn engine() -> Engine {
    try_engine().unwrap()
}

fn try_engine() -> Result<Engine, BoxError> {
    let mut engine = Engine::classic();
    engine
        .layer(AtMost::new(2))
        .get("/", |_: Context| async { "fine" })?
        .get("/panic", panics)?
        .get("/never", |_: Context| async { pending::<()>().await })?
        .get("/stream", |_: Context| async { Streaming::new(chunks()) })?
        .get("/broken", |_: Context| async { Streaming::new(broken()) })?;
    Ok(engine)
}

async fn panics(_: Context) {
    panic!("on purpose")
}

fn chunks() -> impl stream::Stream<Item = Result<&'static str, BoxError>> {
    stream::iter(["one", "two"]).map(Ok)
}

fn broken() -> impl stream::Stream<Item = Result<&'static str, BoxError>> {
    chunks().chain(stream::once(async { panic!("on purpose") }))
}

async fn ask(engine: &Engine, path: &str) -> Response {
    let request = Request::get(path).body(Body::empty());
    engine.handle(request.unwrap()).await
}

async fn status(engine: &Engine, path: &str) -> u16 {
    ask(engine, path).await.status().as_u16()
}

async fn whole(response: Response) -> Result<Bytes, BoxError> {
    Ok(response.into_body().collect().await?.to_bytes())
}

#[tokio::test]
async fn the_third_at_once_is_told_to_come_back() {
    let engine = engine();
    let held = [ask(&engine, "/stream").await, ask(&engine, "/stream").await];
    let third = ask(&engine, "/").await;
    assert_eq!(third.status(), 503);
    assert_eq!(third.headers()["retry-after"], "1");
    drop(held);
}

#[tokio::test]
async fn a_place_is_free_again_when_the_body_has_ended() {
    let engine = engine();
    let (first, second) = (ask(&engine, "/stream").await, ask(&engine, "/stream").await);
    assert_eq!(status(&engine, "/").await, 503);
    assert_eq!(whole(first).await.unwrap(), "onetwo");
    assert_eq!(status(&engine, "/").await, 200);
    assert_eq!(whole(second).await.unwrap(), "onetwo");
}

#[tokio::test]
async fn a_place_is_free_again_when_the_client_has_left() {
    let engine = engine();
    let held = [ask(&engine, "/stream").await, ask(&engine, "/stream").await];
    assert_eq!(status(&engine, "/").await, 503);
    drop(held);
    assert_eq!(status(&engine, "/").await, 200);
}

/// An answer whose body is there already holds nobody up.
#[tokio::test]
async fn a_whole_answer_gives_its_place_back_at_once() {
    let engine = engine();
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(ask(&engine, "/").await);
        assert_eq!(answers.last().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_panic_gives_its_place_back() {
    let engine = engine();
    for _ in 0..10 {
        assert_eq!(status(&engine, "/panic").await, 500);
        let broken = ask(&engine, "/broken").await;
        assert_eq!(broken.status(), 200);
        assert!(whole(broken).await.is_err());
    }
    assert_eq!(status(&engine, "/").await, 200);
}

#[tokio::test]
async fn a_handler_that_is_dropped_gives_its_place_back() {
    let engine = engine();
    for _ in 0..10 {
        assert!(ask(&engine, "/never").now_or_never().is_none());
    }
    assert_eq!(status(&engine, "/").await, 200);
}

/// `HEAD` drops the body that it does not send.
#[tokio::test]
async fn head_gives_its_place_back_at_once() {
    let engine = engine();
    let mut answers = Vec::new();
    for _ in 0..10 {
        let request = Request::head("/stream").body(Body::empty());
        answers.push(engine.handle(request.unwrap()).await);
        assert_eq!(answers.last().unwrap().status(), 200);
    }
}
