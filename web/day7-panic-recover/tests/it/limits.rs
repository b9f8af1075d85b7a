//! What a client may take: time, bytes, connections; and what happens when it takes more.

use std::time::{Duration, Instant};

use futures_util::stream;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::gee::{BoxError, Context, Engine, Limits, Rejection, Streaming};
use crate::support::{Server, eventually, in_time, read_to_end, text};

const SHORT: Duration = Duration::from_millis(200);

async fn server(limits: Limits) -> Server {
    let mut engine = Engine::classic();
    engine.limits(limits);
    engine.get("/", |_: Context| async { "fine" }).unwrap();
    let echo = |mut c: Context| async move { c.bytes().await };
    engine.post("/echo", echo).unwrap();
    let never = |_: Context| async { std::future::pending::<()>().await };
    engine.get("/never", never).unwrap();
    engine.get("/endless", endless).unwrap();
    Server::start(engine).await
}

async fn endless(_: Context) -> Streaming {
    Streaming::new(stream::repeat_with(|| Ok::<_, BoxError>(vec![0; 64 << 10])))
}

async fn send(server: &Server, bytes: &str) -> TcpStream {
    let mut stream = server.dial().await;
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_is_cut_off() {
    let header_timeout = SHORT;
    let server = server(Limits {
        header_timeout,
        ..Limits::default()
    })
    .await;
    for bytes in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: a\r\nx-a: "] {
        let start = Instant::now();
        let answer = read_to_end(&mut send(&server, bytes).await).await;
        assert!(!answer.contains("200"), "{answer}");
        assert!(start.elapsed() >= SHORT, "{bytes:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let header_timeout = SHORT;
    let server = server(Limits {
        header_timeout,
        ..Limits::default()
    })
    .await;
    let mut stream = send(&server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(read_to_end(&mut stream).await.ends_with("fine"));
}

const POST: &str = "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10000\r\n\r\n";

#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_408() {
    let body_timeout = SHORT;
    let server = server(Limits {
        body_timeout,
        ..Limits::default()
    })
    .await;
    for bytes in [POST.to_owned(), format!("{POST}some of it")] {
        let start = Instant::now();
        let answer = read_to_end(&mut send(&server, &bytes).await).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(start.elapsed() >= SHORT);
    }
}

/// Time enough for each byte would be time enough for ever.
#[tokio::test]
async fn a_client_that_sends_a_byte_now_and_then_is_cut_off_too() {
    let body_timeout = SHORT;
    let server = server(Limits {
        body_timeout,
        ..Limits::default()
    })
    .await;
    let (mut read, mut write) = send(&server, POST).await.into_split();
    let drip = tokio::spawn(async move {
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let mut answer = Vec::new();
    in_time("the end", read.read_to_end(&mut answer)).await.ok();
    assert!(
        answer.starts_with(b"HTTP/1.1 408 "),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    drip.abort();
}

#[tokio::test]
async fn a_slow_upload_that_keeps_the_rate_is_read() {
    let limits = Limits {
        body_timeout: SHORT,
        min_body_rate: 1_000,
        ..Limits::default()
    };
    let server = server(limits).await;
    let mut stream = send(&server, POST).await;
    let start = Instant::now();
    for _ in 0..10 {
        stream.write_all(&[b'x'; 1_000]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(start.elapsed() > SHORT);
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
}

/// The time in which nobody reads is not the client's.
#[tokio::test]
async fn a_handler_that_takes_its_time_between_two_reads_makes_no_client_late() {
    let mut engine = Engine::new();
    engine.limits(Limits {
        body_timeout: 2 * SHORT,
        // Nothing worth naming is granted for what has come.
        min_body_rate: 1 << 30,
        ..Limits::default()
    });
    let (reads, mut reading) = mpsc::unbounded_channel();
    let handler = move |c: Context| {
        let reads = reads.clone();
        async move {
            let mut body = c.into_request().into_body();
            reads.send(())?;
            body.frame().await.transpose()?;
            tokio::time::sleep(3 * SHORT).await;
            reads.send(())?;
            body.frame().await.transpose()?;
            Ok::<_, BoxError>("read")
        }
    };
    engine.post("/echo", handler).unwrap();
    let server = Server::start(engine).await;
    let mut stream = send(&server, POST).await;
    for _ in 0..2 {
        in_time("the handler", reading.recv()).await.unwrap();
        tokio::time::sleep(SHORT / 4).await;
        stream.write_all(&[b'x'; 5_000]).await.unwrap();
    }
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_cut_off() {
    let write_timeout = SHORT;
    let server = server(Limits {
        write_timeout,
        max_connections: 1,
        ..Limits::default()
    })
    .await;
    let reads_nothing = send(&server, "GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await;
    // There is one permit, so this answer means that the other connection has ended.
    assert_eq!(text(&server.get("/").await), "fine");
    drop(reads_nothing);
}

#[tokio::test]
async fn a_client_that_reads_slowly_is_not() {
    let write_timeout = SHORT;
    let server = server(Limits {
        write_timeout,
        ..Limits::default()
    })
    .await;
    let mut stream = send(&server, "GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let start = Instant::now();
    let mut chunk = vec![0; 1 << 20];
    while start.elapsed() < 3 * SHORT {
        stream.read_exact(&mut chunk).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_connection_above_the_limit_waits_for_another_to_end() {
    let server = server(Limits {
        max_connections: 2,
        ..Limits::default()
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut client = server.client().await;
        assert_eq!(text(&client.get("/").await), "fine");
        held.push(client);
    }
    let third = server.get("/");
    tokio::pin!(third);
    let early = tokio::time::timeout(SHORT, &mut third).await;
    assert!(early.is_err(), "answered above the limit");
    held.pop();
    assert_eq!(text(&in_time("the third", third).await), "fine");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_a_431() {
    let server = server(Limits::default()).await;
    let long = format!(
        "GET / HTTP/1.1\r\nhost: a\r\nx-a: {}\r\n\r\n",
        "x".repeat(17 << 10)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nhost: a\r\n{}\r\n",
        "x-a: 1\r\n".repeat(200)
    );
    for bytes in [long, many] {
        let answer = server.exchange(bytes).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn requests_that_run_on_after_the_stop_have_their_grace_and_no_more() {
    let shutdown_grace = SHORT;
    let server = server(Limits {
        shutdown_grace,
        ..Limits::default()
    })
    .await;
    let mut stream = send(&server, "GET /never HTTP/1.1\r\nhost: a\r\n\r\n").await;
    server.get("/").await;
    let start = Instant::now();
    in_time("the end", server.stop()).await.unwrap();
    assert!(start.elapsed() >= SHORT, "{:?}", start.elapsed());
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn a_slow_body_has_no_hold_on_the_others() {
    let server = server(Limits::default()).await;
    let slow = send(&server, POST).await;
    eventually("an answer", async || server.get("/").await.status() == 200).await;
    drop(slow);
}

/// Nothing can be added to it, and somebody who wants no limit writes it all the same.
#[tokio::test]
async fn a_time_without_an_end_is_a_time_like_any_other() {
    let server = server(Limits {
        header_timeout: Duration::MAX,
        body_timeout: Duration::MAX,
        write_timeout: Duration::MAX,
        shutdown_grace: Duration::MAX,
        ..Limits::default()
    })
    .await;
    let mut slow = send(&server, &POST.replace("10000", "4")).await;
    assert_eq!(text(&server.get("/").await), "fine");
    slow.write_all(b"done").await.unwrap();
    let mut status = [0; 12];
    slow.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    in_time("the end", server.stop()).await.unwrap();
}

#[test]
fn a_body_that_came_too_late_is_the_clients_fault() {
    let rejection = Rejection::from(crate::gee::BodyError::TimedOut);
    assert_eq!(rejection.status(), 408);
}
