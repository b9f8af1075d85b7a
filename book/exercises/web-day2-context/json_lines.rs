//! Exercise 2 of day 2: a stream whose first value decides the status.
//!
//! Copy this file to `web/day2-context/tests/` and add:
//!
//! ```text
//! impl Streaming {
//!     /// Sends each value as one line of JSON, as `application/x-ndjson`.
//!     ///
//!     /// # Errors
//!     ///
//!     /// When the first value is an error, or cannot be written as JSON: nothing has been sent then.
//!     pub async fn json_lines<S, T, E>(values: S) -> Result<Self, BoxError>
//!     where
//!         S: Stream<Item = Result<T, E>> + Send + 'static,
//! }
//! ```
//!
//! It asks for one value before it returns, and for no second one.

use web_day2_context as gee;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{FutureExt, StreamExt, stream};
use gee::http::header::CONTENT_TYPE;
use gee::http::{Request, StatusCode};
use gee::{Body, BodyError, BoxError, Context, Engine, IntoResponse, Response, Streaming};
use http_body_util::BodyExt;
use serde::Serialize;

#[derive(Clone, Copy, Serialize)]
struct Score {
    of: &'static str,
    points: u32,
}

type Value = Result<Score, BoxError>;

fn score(points: u32) -> Value {
    let of = "Tom\n";
    Ok(Score { of, points })
}

fn failure() -> Value {
    Err("the disk is gone".into())
}

/// The answer of a handler that sends these values.
async fn answer<T: Serialize + Send + 'static>(
    values: impl Fn() -> Vec<Result<T, BoxError>> + Clone + Send + Sync + 'static,
) -> Response {
    let handler = move |_: Context| Streaming::json_lines(stream::iter(values()));
    let mut engine = Engine::new();
    engine.get("/", handler).unwrap();
    let request = Request::get("/").body(Body::empty()).unwrap();
    engine.handle(request).await
}

async fn body(response: Response) -> Result<String, BodyError> {
    let bytes = response.into_body().bytes(1000).await?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn each_value_is_one_line() {
    let response = answer(|| vec![score(1), score(2)]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/x-ndjson");
    let lines = r#"{"of":"Tom\n","points":1}
{"of":"Tom\n","points":2}
"#;
    assert_eq!(body(response).await.unwrap(), lines);
}

#[tokio::test]
async fn no_values_are_an_empty_200() {
    let response = answer(Vec::<Value>::new).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(body(response).await.unwrap(), "");
}

#[tokio::test]
async fn a_first_value_that_fails_is_a_whole_500() {
    let response = answer(|| vec![failure(), score(2)]).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body(response).await.unwrap(), "500 internal server error\n");
}

#[tokio::test]
async fn a_first_value_that_json_cannot_express_is_one_too() {
    let response = answer(|| vec![Ok(HashMap::from([(vec![1], 1)]))]).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body(response).await.unwrap(), "500 internal server error\n");
}

#[tokio::test]
async fn a_later_failure_leaves_the_body_incomplete() {
    let response = answer(|| vec![score(1), failure(), score(3)]).await;
    assert_eq!(response.status(), StatusCode::OK);
    let error = body(response).await.unwrap_err();
    assert!(error.to_string().contains("the disk is gone"), "{error}");
    let keys = || vec![Ok(HashMap::new()), Ok(HashMap::from([(vec![1], 1)]))];
    assert!(body(answer(keys).await).await.is_err());
}

#[tokio::test]
async fn it_waits_for_the_first_value_and_for_no_other() {
    let (send, receive) = tokio::sync::mpsc::channel::<Value>(2);
    let values = stream::unfold(receive, |mut receive| async {
        Some((receive.recv().await?, receive))
    });
    let mut answer = Box::pin(Streaming::json_lines(values));
    assert!(answer.as_mut().now_or_never().is_none(), "no value yet");
    send.send(score(1)).await.unwrap();
    assert!(answer.now_or_never().unwrap().is_ok());
}

#[tokio::test]
async fn each_value_is_made_when_it_is_asked_for() {
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let values = stream::iter([1, 2, 3]).map(move |points| {
        count.fetch_add(1, Ordering::Relaxed);
        score(points)
    });
    let streaming = Streaming::json_lines(values).await.unwrap();
    let mut body = streaming.into_response().into_body();
    for expected in [1, 2, 3] {
        let line = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(line.ends_with(b"\n"));
        assert_eq!(made.load(Ordering::Relaxed), expected);
    }
}
