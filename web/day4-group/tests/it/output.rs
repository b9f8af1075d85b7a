//! What a handler answers: JSON, HTML, headers, cookies, and errors that are whole responses.

use std::collections::HashMap;

use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, SET_COOKIE};
use hyper::{Response, StatusCode};
use serde_json::json;

use crate::gee::{BoxError, Context, Cookie, Engine, Handler, Html, IntoResponse, Json, Rejection};
use crate::support::Server;

async fn answer(handler: impl Handler) -> Response<Bytes> {
    let mut engine = Engine::new();
    engine.get("/", handler).unwrap();
    Server::start(engine).await.get("/").await
}

macro_rules! answer {
    ($value:expr) => {
        answer(move |_: Context| async move { $value }).await
    };
}

#[tokio::test]
async fn json_is_sent_whole_with_its_type_and_length() {
    let response = answer!(Json(json!({"name": "Tom", "scores": [1, 2]})));
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(response.headers()[CONTENT_LENGTH], "29");
    assert_eq!(response.body(), r#"{"name":"Tom","scores":[1,2]}"#);
}

fn json_cannot() -> (&'static str, HashMap<Vec<u8>, u8>) {
    ("half", HashMap::from([(vec![1], 1)]))
}

/// JSON has no keys that are lists, and serde_json finds that out in the middle.
#[tokio::test]
async fn a_value_that_json_cannot_express_is_a_clean_500() {
    let answers = [
        answer!(Json(json_cannot())),
        answer!((StatusCode::CREATED, Json(json_cannot()))),
        answer!(Json(json_cannot()).with_status(StatusCode::CREATED)),
    ];
    for response in answers {
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(response.body(), r#"{"error":"internal server error"}"#);
    }
}

#[tokio::test]
async fn html_is_sent_as_html() {
    let response = answer!(Html("<p>naïve"));
    assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(response.body(), "<p>naïve");
}

#[tokio::test]
async fn a_header_can_be_set_before_and_after_the_status() {
    const ETAG_1: HeaderValue = HeaderValue::from_static("\"1\"");
    let before = answer!("x".with_header(ETAG, ETAG_1).with_status(StatusCode::GONE));
    let after = answer!("x".with_status(StatusCode::GONE).with_header(ETAG, ETAG_1));
    for response in [before, after] {
        assert_eq!(response.status(), 410);
        assert_eq!(response.headers()[ETAG], "\"1\"");
    }
}

#[tokio::test]
async fn a_header_that_is_set_again_is_replaced_and_a_cookie_is_added() {
    let response = answer!({
        let html = HeaderValue::from_static("text/html");
        let cookie = Cookie::build(("b", "two words")).http_only(true).build();
        let answer = "x".with_header(CONTENT_TYPE, html);
        answer
            .with_cookie(Cookie::new("a", "1"))
            .with_cookie(cookie)
    });
    assert_eq!(response.headers().get_all(CONTENT_TYPE).iter().count(), 1);
    let cookies: Vec<_> = response.headers().get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1", "b=two%20words; HttpOnly"]);
}

#[tokio::test]
async fn a_cookie_that_would_break_the_header_is_a_500_without_it() {
    let response = answer!({
        let cookie = Cookie::build(("a", "1")).path("/\r\nx-evil: 1");
        "x".with_cookie(cookie.build())
    });
    assert_eq!(response.status(), 500);
    assert_ne!(response.body(), "x");
    assert!(!response.headers().contains_key(SET_COOKIE));
    assert!(!response.headers().contains_key("x-evil"));
}

#[tokio::test]
async fn the_error_of_a_result_is_the_response() {
    let gone = |_: Context| async { Err::<&str, _>(StatusCode::GONE) };
    assert_eq!(answer(gone).await.status(), 410);
    let fine = |_: Context| async { Ok::<_, StatusCode>("fine") };
    assert_eq!(answer(fine).await.body(), "fine");
}

#[tokio::test]
async fn an_error_keeps_its_status_whatever_status_stands_around_it() {
    const FAILED: Result<&str, StatusCode> = Err(StatusCode::GONE);
    assert_eq!(answer!((StatusCode::CREATED, FAILED)).status(), 410);
    assert_eq!(
        answer!(FAILED.with_status(StatusCode::CREATED)).status(),
        410
    );
}

#[tokio::test]
async fn any_other_error_is_a_500_that_keeps_its_secrets() {
    let response = answer!(std::fs::read("/no/such/secret").map_err(BoxError::from));
    assert_eq!(response.status(), 500);
    assert_eq!(response.body(), "500 internal server error\n");
}

#[tokio::test]
async fn a_rejection_inside_another_error_type_stays_a_rejection() {
    let handler = |mut c: Context| async move {
        let number: u8 = c.json().await?;
        Ok::<_, BoxError>(number.to_string())
    };
    assert_eq!(answer(handler).await.status(), 415);
    let unsupported = Rejection::UnsupportedMediaType("a/b");
    assert_eq!(unsupported.status(), 415);
}
