//! Exercise 2 of day 5: so many requests for each client, and no more.
//!
//! Copy this file to `web/day5-middleware/tests/` and add to `middleware`:
//!
//! ```text
//! /// Lets `burst` requests of a client pass at once, and one more each `every`. Others are answered
//! /// with 429, and a `retry-after` in whole seconds.
//! ///
//! /// Clones share what they have counted.
//! #[derive(Clone)]
//! pub struct RateLimit { .. }
//!
//! impl RateLimit {
//!     /// `client` says whose request it is.
//!     pub fn new(
//!         burst: u32,
//!         every: Duration,
//!         client: impl Fn(&Context) -> String + Send + Sync + 'static,
//!     ) -> Self;
//!
//!     /// How many clients are remembered. One that has been away for long is no different from a new
//!     /// one, and is forgotten by the next request of anybody.
//!     pub fn clients(&self) -> usize;
//! }
//! ```
//!
//! Take the time from `tokio::time::Instant`: here it stands still until a test moves it.

use web_day5_middleware as gee;

use std::time::Duration;

use gee::http::Request;
use gee::middleware::RateLimit;
use gee::{Body, Context, Engine};
use tokio::time::advance;

const BURST: u32 = 3;
const EVERY: Duration = Duration::from_millis(1500);

fn engine() -> (Engine, RateLimit) {
    let client = |c: &Context| c.header("x-client").unwrap_or_default().to_owned();
    let limit = RateLimit::new(BURST, EVERY, client);
    let mut engine = Engine::new();
    engine.layer(limit.clone());
    engine.get("/", |_: Context| async { "fine" }).unwrap();
    (engine, limit)
}

/// The status, and after how many seconds to ask again.
async fn ask(engine: &Engine, client: &str) -> (u16, Option<u64>) {
    let request = Request::get("/").header("x-client", client);
    let response = engine.handle(request.body(Body::empty()).unwrap()).await;
    let after = response.headers().get("retry-after");
    let after = after.map(|after| after.to_str().unwrap().parse().unwrap());
    (response.status().as_u16(), after)
}

/// How many of ten requests in a row pass.
async fn passed(engine: &Engine, client: &str) -> usize {
    let mut passed = 0;
    for _ in 0..10 {
        passed += usize::from(ask(engine, client).await.0 == 200);
    }
    passed
}

#[tokio::test(start_paused = true)]
async fn a_burst_passes_and_then_one_request_each_time() {
    let (engine, _) = engine();
    assert_eq!(passed(&engine, "Tom").await, 3);
    advance(EVERY - Duration::from_millis(1)).await;
    assert_eq!(passed(&engine, "Tom").await, 0);
    advance(Duration::from_millis(1)).await;
    assert_eq!(passed(&engine, "Tom").await, 1);
    advance(EVERY * 2).await;
    assert_eq!(passed(&engine, "Tom").await, 2);
}

#[tokio::test(start_paused = true)]
async fn who_waits_long_has_one_burst_and_no_more() {
    let (engine, _) = engine();
    passed(&engine, "Tom").await;
    advance(EVERY * 1000).await;
    assert_eq!(passed(&engine, "Tom").await, 3);
}

#[tokio::test(start_paused = true)]
async fn parts_of_the_time_add_up() {
    let (engine, _) = engine();
    passed(&engine, "Tom").await;
    let mut total = 0;
    for _ in 0..30 {
        advance(EVERY / 3).await;
        total += passed(&engine, "Tom").await;
    }
    assert_eq!(total, 10);
}

#[tokio::test(start_paused = true)]
async fn each_client_has_its_own_count() {
    let (engine, limit) = engine();
    assert_eq!(passed(&engine, "Tom").await, 3);
    assert_eq!(passed(&engine, "Jerry").await, 3);
    assert_eq!(passed(&engine, "Tom").await, 0);
    assert_eq!(limit.clients(), 2);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_rounded_up_and_keeps_its_word() {
    let (engine, _) = engine();
    passed(&engine, "Tom").await;
    assert_eq!(ask(&engine, "Tom").await, (429, Some(2)));
    advance(Duration::from_millis(600)).await;
    assert_eq!(ask(&engine, "Tom").await, (429, Some(1)));
    advance(Duration::from_secs(1)).await;
    assert_eq!(ask(&engine, "Tom").await, (200, None));
}

#[tokio::test(start_paused = true)]
async fn clients_that_stay_away_are_forgotten() {
    let (engine, limit) = engine();
    for client in 0..1000 {
        ask(&engine, &client.to_string()).await;
    }
    assert_eq!(limit.clients(), 1000);
    advance(EVERY * BURST).await;
    ask(&engine, "Tom").await;
    assert_eq!(limit.clients(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_is_still_limited_is_not_forgotten() {
    let (engine, limit) = engine();
    passed(&engine, "Tom").await;
    advance(EVERY - Duration::from_millis(1)).await;
    ask(&engine, "Jerry").await;
    assert_eq!(limit.clients(), 2);
    assert_eq!(passed(&engine, "Tom").await, 0);
}
