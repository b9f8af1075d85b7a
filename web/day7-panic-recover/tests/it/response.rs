//! What a handler may return, and what is sent then.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};

use crate::gee::{Body, Context, Engine, Handler, IntoResponse, Response};
use crate::support::Server;

async fn answer(handler: impl Handler) -> hyper::Response<Bytes> {
    let mut engine = Engine::new();
    engine.get("/", handler).unwrap();
    Server::start(engine).await.get("/").await
}

macro_rules! answer {
    ($value:expr) => {
        answer(|_: Context| async { $value }).await
    };
}

#[tokio::test]
async fn text_is_sent_as_text_and_bytes_as_bytes() {
    let text = "text/plain; charset=utf-8";
    let bytes = "application/octet-stream";
    let table = [
        (answer!("naïve"), text, "naïve".as_bytes()),
        (answer!(String::from("100%d {}")), text, b"100%d {}"),
        (answer!(vec![0_u8, 255]), bytes, &[0, 255]),
        (answer!(Bytes::from_static(&[7])), bytes, &[7]),
    ];
    for (response, content_type, body) in table {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], content_type);
        assert_eq!(response.headers()[CONTENT_LENGTH], body.len().to_string());
        assert_eq!(response.body(), body);
    }
}

#[tokio::test]
async fn a_status_alone_has_no_body() {
    let response = answer!(StatusCode::NO_CONTENT);
    assert_eq!(response.status(), 204);
    assert!(response.body().is_empty());
    assert!(!response.headers().contains_key(CONTENT_TYPE));
}

#[tokio::test]
async fn nothing_is_an_empty_200() {
    let response = answer!(());
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[CONTENT_LENGTH], "0");
}

#[tokio::test]
async fn a_status_goes_with_anything() {
    let response = answer!((StatusCode::CREATED, "made"));
    assert_eq!(response.status(), 201);
    assert_eq!(response.body(), "made");
}

#[tokio::test]
async fn the_outer_status_wins() {
    let response = answer!((StatusCode::CREATED, (StatusCode::GONE, "made")));
    assert_eq!(response.status(), 201);
}

#[tokio::test]
async fn a_response_is_sent_as_it_is() {
    let response = answer!({
        let mut response = Response::new(Body::from("<p>"));
        let html = "text/html".parse().unwrap();
        response.headers_mut().insert(CONTENT_TYPE, html);
        response
    });
    assert_eq!(response.headers()[CONTENT_TYPE], "text/html");
    assert_eq!(response.body(), "<p>");
}

#[tokio::test]
async fn a_type_of_ones_own_becomes_a_response() {
    struct Moved;
    impl IntoResponse for Moved {
        fn into_response(self) -> Response {
            (StatusCode::GONE, "moved").into_response()
        }
    }
    assert_eq!(answer!(Moved).status(), 410);
}
