//! Exercise 2 of day 1: serve over a Unix socket, with one loop for both kinds of listener.
//!
//! Copy this file to `web/day1-http-base/tests/` and let `Engine::serve` take a `tokio::net::TcpListener`
//! or a `tokio::net::UnixListener`. The file of a socket belongs to whoever made it: leave it alone.
#![cfg(unix)]

use web_day1_http_base as gee;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gee::{Context, Engine};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

/// `/` answers at once; `/slow` says that it was asked, and waits until it may answer.
fn engine(asked: &Arc<Notify>, may: &Arc<Notify>) -> Engine {
    let mut engine = Engine::new();
    engine.get("/", |_: Context| async { "fast" }).unwrap();
    let (asked, may) = (Arc::clone(asked), Arc::clone(may));
    let slow = move |_: Context| {
        let (asked, may) = (Arc::clone(&asked), Arc::clone(&may));
        async move {
            asked.notify_one();
            may.notified().await;
            "slow"
        }
    };
    engine.get("/slow", slow).unwrap();
    engine
}

struct Server {
    socket: PathBuf,
    asked: Arc<Notify>,
    may: Arc<Notify>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Server {
    fn start(name: &str) -> Self {
        let socket = std::env::temp_dir().join(format!("gee-{}-{name}", std::process::id()));
        let listener = UnixListener::bind(&socket).unwrap();
        let (asked, may) = (Arc::default(), Arc::default());
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or_default() };
        let serving = tokio::spawn(engine(&asked, &may).serve(listener, stopped));
        Self {
            socket,
            asked,
            may,
            stop,
            serving,
        }
    }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    in_time(read).await.unwrap();
    answer
}

async fn ask_at(socket: &Path, path: &str) -> String {
    ask(UnixStream::connect(socket).await.unwrap(), path).await
}

async fn in_time<F: Future>(future: F) -> F::Output {
    let output = tokio::time::timeout(Duration::from_secs(10), future).await;
    output.expect("not within ten seconds")
}

#[tokio::test]
async fn a_request_over_the_socket_is_answered() {
    let server = Server::start("answer");
    let answer = ask_at(&server.socket, "/").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nfast"), "{answer}");
    assert!(ask_at(&server.socket, "/nope").await.contains(" 404 "));
    std::fs::remove_file(&server.socket).unwrap();
}

#[tokio::test]
async fn a_running_request_is_answered_after_the_stop_began() {
    let server = Server::start("stop");
    let socket = server.socket.clone();
    let slow = tokio::spawn(async move { ask_at(&socket, "/slow").await });
    in_time(server.asked.notified()).await;
    server.stop.send(()).unwrap();
    in_time(async {
        while UnixStream::connect(&server.socket).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    server.may.notify_one();
    assert!(in_time(slow).await.unwrap().ends_with("\r\n\r\nslow"));
    in_time(server.serving).await.unwrap();
    std::fs::remove_file(&server.socket).unwrap();
}

#[tokio::test]
async fn tcp_is_served_as_before() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let engine = engine(&Arc::default(), &Arc::default());
    tokio::spawn(engine.serve(listener, std::future::pending()));
    let answer = ask(TcpStream::connect(address).await.unwrap(), "/").await;
    assert!(answer.ends_with("\r\n\r\nfast"), "{answer}");
}
