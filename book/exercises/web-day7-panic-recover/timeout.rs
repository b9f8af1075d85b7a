//! Exercise 1 of day 7: a handler that takes too long is a 503.
//!
//! Copy this file to `web/day7-panic-recover/tests/` and add to `middleware`:
//!
//! ```text
//! /// Answers 503 in place of a handler that takes longer than `time`.
//! impl Timeout {
//!     pub fn new(time: Duration) -> Self
//! }
//!
//! impl Middleware for Timeout
//! ```

use web_day7_panic_recover as gee;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use gee::http::Request;
use gee::middleware::Timeout;
use gee::{Body, BoxError, Context, Engine, Response, Streaming};
use http_body_util::BodyExt;
use tokio::time::Instant;

const TIME: Duration = Duration::from_secs(2);

fn engine() -> Engine {
    let mut engine = Engine::classic();
    engine.layer(Timeout::new(TIME));
    engine
}

async fn panics(_: Context) {
    panic!("on purpose")
}

async fn ask(engine: &Engine) -> Response {
    let request = Request::get("/").body(Body::empty());
    engine.handle(request.unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_too_long_is_a_503_when_its_time_is_over() {
    let mut engine = engine();
    engine
        .get("/", |_: Context| async { pending::<()>().await })
        .unwrap();
    let start = Instant::now();
    assert_eq!(ask(&engine).await.status(), 503);
    assert_eq!(start.elapsed().as_secs(), TIME.as_secs());
}

#[tokio::test(start_paused = true)]
async fn its_work_is_dropped() {
    let work = Arc::new(());
    let held = Arc::clone(&work);
    let handler = move |_: Context| {
        let held = Arc::clone(&held);
        async move {
            pending::<()>().await;
            drop(held);
        }
    };
    let mut engine = engine();
    engine.get("/", handler).unwrap();
    ask(&engine).await;
    assert_eq!(Arc::strong_count(&work), 2, "the handler itself has one");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_in_time_answers_for_itself() {
    let mut engine = engine();
    let nearly = |_: Context| async {
        tokio::time::sleep(TIME / 2).await;
        "in time"
    };
    engine.get("/", nearly).unwrap();
    let response = ask(&engine).await;
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "in time");
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_500_all_the_same() {
    let mut engine = engine();
    engine.get("/", panics).unwrap();
    assert_eq!(ask(&engine).await.status(), 500);
}

/// The head is there in time, and nobody has promised when the body ends.
#[tokio::test(start_paused = true)]
async fn a_body_that_takes_longer_is_whole() {
    let slow = |_: Context| async {
        Streaming::new(stream::once(async {
            tokio::time::sleep(3 * TIME).await;
            Ok::<_, BoxError>("late")
        }))
    };
    let mut engine = engine();
    engine.get("/", slow).unwrap();
    let body = ask(&engine).await.into_body();
    assert_eq!(body.collect().await.unwrap().to_bytes(), "late");
}
