//! Responses that are sent while they are made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Mutex, mpsc};

use crate::gee::{BoxError, Context, Engine, Streaming};
use crate::support::{Server, eventually, in_time};

type Chunk = Result<&'static str, BoxError>;

/// A server that sends what comes through a channel, once, at `/`.
async fn server() -> (Server, mpsc::Sender<Chunk>) {
    let (send, receive) = mpsc::channel(1);
    let receive = Arc::new(Mutex::new(Some(receive)));
    let handler = move |_: Context| {
        let receive = Arc::clone(&receive);
        async move {
            let receive: mpsc::Receiver<Chunk> = receive.lock().await.take().unwrap();
            let chunks = stream::unfold(receive, |mut receive| async {
                Some((receive.recv().await?, receive))
            });
            Streaming::new(chunks).content_type(HeaderValue::from_static("text/plain"))
        }
    };
    let mut engine = Engine::new();
    engine.get("/", handler).unwrap();
    (Server::start(engine).await, send)
}

#[tokio::test]
async fn a_stream_is_sent_chunk_by_chunk() {
    let (server, send) = server().await;
    let mut client = server.dial().await;
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    for chunk in ["first", "second"] {
        send.send(Ok(chunk)).await.unwrap();
        let mut seen = String::new();
        in_time(chunk, async {
            while !seen.ends_with(&format!("{chunk}\r\n")) {
                seen.push(client.read_u8().await.unwrap().into());
            }
        })
        .await;
    }
}

/// Three pieces in 50 answers: each of them would wait 40 ms.
#[tokio::test]
async fn a_small_chunk_does_not_wait_until_the_one_before_is_confirmed() {
    let mut engine = Engine::new();
    let chunks = |_: Context| async {
        Streaming::new(stream::unfold(0, |n| async move {
            // hyper writes what it has when there is no more for the moment.
            tokio::task::yield_now().await;
            (n < 3).then_some((Ok::<_, BoxError>("chunk"), n + 1))
        }))
    };
    engine.get("/", chunks).unwrap();
    let server = Server::start(engine).await;
    let mut client = server.client().await;
    let start = Instant::now();
    for _ in 0..50 {
        client.get("/").await;
    }
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
}

#[tokio::test]
async fn a_stream_that_ends_is_whole() {
    let (server, send) = server().await;
    for chunk in ["a", "b"] {
        let send = send.clone();
        tokio::spawn(async move { send.send(Ok(chunk)).await });
    }
    drop(send);
    let response = server.get("/").await;
    assert_eq!(response.headers()[CONTENT_TYPE], "text/plain");
    assert!(!response.headers().contains_key(CONTENT_LENGTH));
    assert_eq!(response.body().len(), 2);
}

#[tokio::test]
async fn a_stream_that_fails_leaves_the_body_incomplete() {
    let (server, send) = server().await;
    tokio::spawn(async move {
        send.send(Ok("half")).await.unwrap();
        send.send(Err("the disk is gone".into())).await
    });
    let answer = server.exchange("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "the end was sent: {answer}");
    assert!(!answer.contains("the disk is gone"), "{answer}");
}

#[tokio::test]
async fn a_stream_is_dropped_when_its_client_leaves() {
    let (server, send) = server().await;
    let mut client = server.dial().await;
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    send.send(Ok("first")).await.unwrap();
    drop(client);
    eventually("the stream's end", async || send.is_closed()).await;
}

/// A client that reads nothing: the stream is asked for no more than the buffers hold.
#[tokio::test]
async fn a_stream_is_not_made_faster_than_it_is_read() {
    const CHUNK: usize = 64 << 10;
    let made = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let handler = move |_: Context| {
        let count = Arc::clone(&count);
        async move {
            Streaming::new(stream::repeat_with(move || {
                count.fetch_add(CHUNK, std::sync::atomic::Ordering::Relaxed);
                Ok::<_, BoxError>(Bytes::from(vec![0; CHUNK]))
            }))
        }
    };
    let mut engine = Engine::new();
    engine.get("/", handler).unwrap();
    let server = Server::start(engine).await;
    let mut client = server.dial().await;
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let made = || made.load(std::sync::atomic::Ordering::Relaxed);
    eventually("the first chunk", async || made() > 0).await;
    let (mut before, mut quiet) = (0, 0);
    eventually("a pause", async || {
        tokio::time::sleep(Duration::from_millis(10)).await;
        quiet = if made() == before { quiet + 1 } else { 0 };
        before = made();
        quiet == 10
    })
    .await;
    assert!(
        before < 64 << 20,
        "{before} bytes for a client that reads none"
    );
}
