//! Bodies that arrive: whole, too large, broken off, and read twice.

use bytes::Bytes;
use futures_util::FutureExt;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};

use crate::gee::{Body, BodyError, BoxError, Context, Engine, IntoResponse, Rejection, Streaming};
use crate::support::{Server, request_with, text};

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.post("/length", length).unwrap();
    engine.body_limit(100);
    engine
}

async fn length(mut c: Context) -> Result<String, Rejection> {
    Ok(c.bytes().await?.len().to_string())
}

#[tokio::test]
async fn a_body_of_the_limit_is_read_and_one_more_byte_is_a_413() {
    let server = Server::start(engine()).await;
    for (size, status) in [(0, 200), (100, 200), (101, 413), (1 << 20, 413)] {
        let body = vec![b'x'; size];
        let response = server
            .send(request_with(Method::POST, "/length", body))
            .await;
        assert_eq!(response.status(), status, "{size}");
    }
}

#[tokio::test]
async fn the_limit_holds_for_a_body_that_does_not_say_its_length() {
    let server = Server::start(engine()).await;
    let chunk = format!("40\r\n{}\r\n", "x".repeat(0x40));
    let head = "POST /length HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let small = server.exchange(format!("{head}{chunk}0\r\n\r\n")).await;
    assert!(small.ends_with("\r\n\r\n64"), "{small}");
    let large = server
        .exchange(format!("{head}{chunk}{chunk}0\r\n\r\n"))
        .await;
    assert!(large.starts_with("HTTP/1.1 413 "), "{large}");
}

#[tokio::test]
async fn a_length_above_the_limit_is_refused_before_the_body_is_sent() {
    let server = Server::start(engine()).await;
    let head = "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 101\r\n\r\n";
    let answer = server.exchange(head).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_of_the_client() {
    let mut parts = vec![Ok("half"), Err(BoxError::from("gone"))].into_iter();
    let broken = futures_util::stream::poll_fn(move |_| std::task::Poll::Ready(parts.next()));
    let body = Streaming::new(broken).into_response().into_body();
    let error = body.bytes(100).await.unwrap_err();
    assert!(matches!(error, BodyError::Broken(_)), "{error:?}");
    assert_eq!(Rejection::from(error).status(), 400);
}

#[tokio::test]
async fn a_body_can_be_read_twice() {
    let mut engine = Engine::new();
    let twice = |mut c: Context| async move {
        let number: i32 = c.json().await?;
        Ok::<_, Rejection>(format!("{number} {:?}", c.bytes().await?))
    };
    engine.post("/", twice).unwrap();
    let mut request = request_with(Method::POST, "/", " 7 ");
    let json = "application/json".parse().unwrap();
    request.headers_mut().insert(CONTENT_TYPE, json);
    let response = Server::start(engine).await.send(request).await;
    assert_eq!(text(&response), r#"7 b" 7 ""#);
}

/// It would pass for what the client sent.
#[tokio::test]
async fn a_body_that_an_earlier_read_lost_is_no_empty_body() {
    let mut engine = engine();
    let refused = |mut c: Context| async move {
        assert_eq!(c.bytes().await.unwrap_err().status(), 413);
        c.bytes().await
    };
    let dropped = |mut c: Context| async move {
        assert!(c.bytes().now_or_never().is_none());
        c.bytes().await
    };
    engine.post("/refused", refused).unwrap();
    engine.post("/dropped", dropped).unwrap();
    let endless = Streaming::new(futures_util::stream::pending::<Result<Bytes, BoxError>>());
    let table = [
        ("/refused", Body::from(vec![b'x'; 101])),
        ("/dropped", endless.into_response().into_body()),
    ];
    for (path, body) in table {
        let request = Request::post(path).body(body).unwrap();
        assert_eq!(engine.handle(request).await.status(), 400, "{path}");
    }
}

#[tokio::test]
async fn an_engine_answers_without_a_network() {
    let request = Request::post("/length").body(Body::from("four")).unwrap();
    let response = engine().handle(request).await;
    assert_eq!(response.into_body().bytes(10).await.unwrap(), "4");
}
