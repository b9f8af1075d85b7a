//! Connections: many requests on one, many at once, clients that go, and the end.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore};

use crate::gee::{Context, Engine};
use crate::support::{Server, eventually, in_time, read_to_end, text};

/// `/` answers at once; `/slow` says that it was asked, and waits until it may answer.
struct Slow {
    asked: Arc<Notify>,
    may: Arc<Semaphore>,
}

async fn server() -> (Server, Slow) {
    let slow = Slow {
        asked: Arc::default(),
        may: Arc::new(Semaphore::new(0)),
    };
    let (asked, may) = (Arc::clone(&slow.asked), Arc::clone(&slow.may));
    let mut engine = Engine::new();
    engine.get("/", |_: Context| async { "fast" }).unwrap();
    let handler = move |_: Context| {
        let (asked, may) = (Arc::clone(&asked), Arc::clone(&may));
        async move {
            asked.notify_one();
            may.acquire().await.unwrap().forget();
            "slow"
        }
    };
    engine.get("/slow", handler).unwrap();
    (Server::start(engine).await, slow)
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let (server, _slow) = server().await;
    let mut client = server.client().await;
    for _ in 0..3 {
        assert_eq!(text(&client.get("/").await), "fast");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let (server, _slow) = server().await;
    let answer = server
        .exchange(
            "GET / HTTP/1.1\r\nhost: a\r\n\r\n\
             GET /nope HTTP/1.1\r\nhost: a\r\n\r\n\
             GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        )
        .await;
    let statuses: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.split_once("HTTP/1.1 ").map(|(_, status)| &status[..3]))
        .collect();
    assert_eq!(statuses, ["200", "404", "200"], "{answer}");
}

#[tokio::test]
async fn a_slow_request_holds_up_no_other() {
    let (server, slow) = server().await;
    let (mut waiting, mut other) = (server.client().await, server.client().await);
    let waiting = tokio::spawn(async move { waiting.get("/slow").await });
    in_time("the slow handler", slow.asked.notified()).await;
    assert_eq!(text(&other.get("/").await), "fast");
    slow.may.add_permits(1);
    assert_eq!(text(&waiting.await.unwrap()), "slow");
}

#[tokio::test]
async fn a_client_that_leaves_ends_its_request_and_nothing_else() {
    let (server, slow) = server().await;
    let mut stream = server.dial().await;
    let request = "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    in_time("the slow handler", slow.asked.notified()).await;
    let running = || Arc::strong_count(&slow.may);
    let while_running = running();
    drop(stream);
    eventually("the request's end", async || running() < while_running).await;
    assert_eq!(text(&server.get("/").await), "fast");
}

#[tokio::test]
async fn a_handler_that_panics_costs_its_own_connection_and_no_other() {
    let mut engine = Engine::new();
    let panics = |c: Context| async move { assert_eq!(c.path(), "/calm") };
    engine.get("/", panics).unwrap();
    engine.get("/calm", panics).unwrap();
    let server = Server::start(engine).await;
    let mut other = server.client().await;
    assert_eq!(other.get("/calm").await.status(), 200);
    let answer = server.exchange("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(answer, "");
    assert_eq!(other.get("/calm").await.status(), 200);
}

#[tokio::test]
async fn nonsense_is_answered_with_400_and_the_connection_closed() {
    let (server, _slow) = server().await;
    let answer = server.exchange("NONSENSE\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer:?}");
    assert_eq!(text(&server.get("/").await), "fast");
}

#[tokio::test]
async fn a_running_request_is_answered_after_the_stop_began() {
    let (server, slow) = server().await;
    let address = server.address;
    let mut client = server.client().await;
    let running = tokio::spawn(async move { client.get("/slow").await });
    in_time("the slow handler", slow.asked.notified()).await;
    let served = server.stop();
    eventually("no more connections", async || {
        TcpStream::connect(address).await.is_err()
    })
    .await;
    assert!(!served.is_finished());
    slow.may.add_permits(1);
    assert_eq!(text(&running.await.unwrap()), "slow");
    in_time("the end", served).await.unwrap();
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_stop() {
    let (server, _slow) = server().await;
    let mut client = server.client().await;
    client.get("/").await;
    in_time("the end", server.stop()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_ends_its_headers_is_cut_off() {
    let (server, _slow) = server().await;
    let mut stream = server.dial().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    let start = tokio::time::Instant::now();
    let cut = tokio::time::timeout(Duration::from_secs(60), async {
        let mut rest = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await
    });
    assert!(cut.await.is_ok(), "still open after a minute");
    assert!(
        start.elapsed() >= Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn dropping_the_server_ends_its_connections() {
    let (server, slow) = server().await;
    let mut stream = server.dial().await;
    let request = "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    in_time("the slow handler", slow.asked.notified()).await;
    server.abort();
    assert_eq!(read_to_end(&mut stream).await, "");
}
