//! Panics: what the client gets, what the log gets, and what goes on.

use std::io::Write;
use std::sync::{Arc, Mutex};

use futures_util::{Stream, StreamExt, stream};
use hyper::StatusCode;
use tracing::subscriber::DefaultGuard;

use crate::gee::middleware::{logger, recovery};
use crate::gee::{BoxError, Context, Engine, IntoResponse, Next, Response, Streaming, abort};
use crate::support::{Server, eventually, text};

/// All that this thread logs. The tests' runtime has no other thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
        let subscriber = subscriber.with_ansi(false).without_time().finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn at_once(_: Context) {
    panic!("the secret reason")
}

async fn later(_: Context) {
    tokio::task::yield_now().await;
    let nothing: [u8; 0] = [];
    assert_eq!(nothing.get(1), Some(&1), "the secret reason");
}

async fn without_text(_: Context) {
    std::panic::panic_any(42)
}

async fn raised_again(_: Context) {
    let caught = std::panic::catch_unwind(|| panic!("the secret reason"));
    std::panic::resume_unwind(caught.unwrap_err())
}

fn engine() -> Engine {
    try_engine().unwrap()
}

fn try_engine() -> Result<Engine, BoxError> {
    let mut engine = Engine::classic();
    engine
        .get("/fine", |_: Context| async { "fine" })?
        .get("/at-once", at_once)?
        .get("/later", later)?
        .get("/without-text", without_text)?
        .get("/raised-again", raised_again)?
        .get("/abort", aborts)?
        .get("/stream", |_: Context| async {
            Streaming::new(broken_stream())
        })?;
    Ok(engine)
}

async fn aborts(_: Context) {
    abort()
}

/// A stream whose third chunk panics.
fn broken_stream() -> impl Stream<Item = Result<&'static str, BoxError>> {
    stream::iter(0..3).map(|n| match n {
        0 | 1 => Ok("chunk"),
        _ => panic!("the secret reason"),
    })
}

#[tokio::test]
async fn a_panic_is_a_clean_500_and_the_connection_goes_on() {
    let server = Server::start(engine()).await;
    let mut client = server.client().await;
    for path in ["/at-once", "/later", "/without-text", "/raised-again"] {
        let response = client.get(path).await;
        assert_eq!(response.status(), 500, "{path}");
        assert_eq!(text(&response), "500 internal server error\n", "{path}");
        assert_eq!(text(&client.get("/fine").await), "fine", "after {path}");
    }
}

#[tokio::test]
async fn the_log_has_the_request_the_reason_the_place_and_the_way_there() {
    let (log, _guard) = Log::start();
    let server = Server::start(engine()).await;
    for path in ["/at-once", "/later"] {
        server.get(path).await;
        let text = log.text();
        let function = format!(
            "recovery::{}",
            path.trim_start_matches('/').replace('-', "_")
        );
        let line = format!("GET {path} panicked: ");
        for part in [&*line, "the secret reason", "recovery.rs:", &function] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(text.contains(&format!("500 GET {path} 26 B")), "{text}");
    }
    server.get("/without-text").await;
    assert!(
        log.text().contains("a panic without a message"),
        "{}",
        log.text()
    );
}

#[tokio::test]
async fn what_lies_outside_of_recovery_sees_the_500() {
    async fn translate(c: Context, next: Next) -> Response {
        let response = next.run(c).await;
        match response.status() {
            StatusCode::INTERNAL_SERVER_ERROR => {
                "sorry".with_status(StatusCode::SERVICE_UNAVAILABLE)
            }
            _ => response,
        }
    }
    async fn panics(_: Context, _: Next) {
        panic!("in a layer")
    }
    let mut engine = Engine::new();
    engine.layer(translate).layer(recovery).layer(panics);
    engine
        .get("/", |_: Context| async { "never asked" })
        .unwrap();
    let response = Server::start(engine).await.get("/").await;
    assert_eq!(
        (response.status().as_u16(), text(&response)),
        (503, "sorry")
    );
}

#[tokio::test]
async fn an_aborted_request_has_no_answer_and_no_error_in_the_log() {
    let (log, _guard) = Log::start();
    let server = Server::start(engine()).await;
    let answer = server
        .exchange("GET /abort HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    assert_eq!(answer, "");
    assert_eq!(text(&server.get("/fine").await), "fine");
    assert!(!log.text().contains("ERROR"), "{}", log.text());
}

/// Its status has been sent, so the client can only be shown that something is missing.
#[tokio::test]
async fn a_panic_in_a_stream_leaves_the_body_incomplete() {
    let (log, _guard) = Log::start();
    let server = Server::start(engine()).await;
    let answer = server
        .exchange("GET /stream HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "the end was sent: {answer}");
    assert!(
        !answer.contains("secret") && !answer.contains("500"),
        "{answer}"
    );
    let line = "the body of GET /stream panicked: the secret reason";
    eventually("the reason in the log", async || log.text().contains(line)).await;
    assert_eq!(text(&server.get("/fine").await), "fine");
}

#[tokio::test]
async fn the_panic_of_a_spawned_task_is_its_handles() {
    let mut engine = Engine::classic();
    let spawns = |_: Context| async {
        let task = tokio::spawn(async { panic!("in a task") });
        task.await.is_err_and(|error| error.is_panic()).to_string()
    };
    engine.get("/", spawns).unwrap();
    let response = Server::start(engine).await.get("/").await;
    assert_eq!((response.status().as_u16(), text(&response)), (200, "true"));
}

#[tokio::test]
async fn classic_is_logger_and_recovery_and_new_is_neither() {
    let (log, _guard) = Log::start();
    let mut bare = Engine::new();
    bare.get("/", at_once).unwrap();
    let server = Server::start(bare).await;
    assert_eq!(
        server.exchange("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await,
        ""
    );
    assert!(!log.text().contains("500 GET"), "{}", log.text());
    let mut own = Engine::new();
    own.layer(logger).layer(recovery).get("/", at_once).unwrap();
    assert_eq!(Server::start(own).await.get("/").await.status(), 500);
}
