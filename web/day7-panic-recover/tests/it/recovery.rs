//! Panics: what the client gets, what the log gets, and what goes on.

use std::future::{Ready, pending, poll_fn, ready};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use hyper::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tracing::subscriber::DefaultGuard;

use crate::gee::middleware::{logger, recovery, request_id};
use crate::gee::{
    BoxError, Context, Engine, Handler, IntoResponse, Next, Response, Streaming, abort,
};
use crate::support::{Client, Server, eventually, in_time, read_to_end, text};

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

async fn caught_within(_: Context) -> &'static str {
    let caught = std::panic::catch_unwind(|| panic!("nobody's business"));
    caught.map_or("caught", |()| "not caught")
}

async fn from_a_task(_: Context) {
    let task = tokio::spawn(async { panic!("in a task") });
    std::panic::resume_unwind(task.await.unwrap_err().into_panic())
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
        .get("/caught-within", caught_within)?
        .get("/from-a-task", from_a_task)?
        .get("/when-called", when_called)?
        .get("/when-dropped", WhenDropped)?;
    Ok(engine)
}

async fn aborts(_: Context) {
    abort()
}

/// It is no `async fn`, and panics before there is a future.
fn when_called(c: Context) -> Ready<&'static str> {
    assert_eq!(c.path(), "/", "the secret reason");
    ready("never")
}

/// A handler whose future panics when it is dropped, after it has given its response.
struct WhenDropped;

impl Handler for WhenDropped {
    fn call(&self, _: Context) -> BoxFuture<'static, Response> {
        let bomb = Bomb;
        Box::pin(poll_fn(move |_| {
            let _armed = &bomb;
            Poll::Ready("never".into_response())
        }))
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the secret reason")
    }
}

#[tokio::test]
async fn a_panic_is_a_clean_500_and_the_connection_goes_on() {
    let server = Server::start(engine()).await;
    let mut client = server.client().await;
    let everywhere = ["/at-once", "/later", "/when-called", "/when-dropped"];
    let otherwise = ["/without-text", "/raised-again", "/from-a-task"];
    for path in everywhere.iter().chain(&otherwise) {
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

/// Its message would be lost, because the hook has kept it from the program's own.
#[tokio::test]
async fn a_panic_that_the_handler_catches_is_logged_and_taken_for_no_other() {
    let (log, _guard) = Log::start();
    let server = Server::start(engine()).await;
    assert_eq!(text(&server.get("/caught-within").await), "caught");
    let line =
        "WARN web_day7_panic_recover::panics: a handler has caught a panic: nobody's business";
    assert!(log.text().contains(line), "{}", log.text());
    server.get("/from-a-task").await;
    let line = "GET /from-a-task panicked: in a task\n";
    assert!(log.text().contains(line), "{}", log.text());
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
    let go = Arc::new(Notify::new());
    let server = Server::start(broken_stream(&go)).await;
    let mut stream = server.dial().await;
    let request = "GET /stream HTTP/1.1\r\nhost: a\r\nx-request-id: seven\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let seen = read_until("chunk\r\n", &mut stream).await;
    assert!(seen.starts_with("HTTP/1.1 200 "), "{seen}");
    go.notify_one();
    // Neither the chunk of no bytes that would be the end, nor a second answer.
    assert_eq!(read_to_end(&mut stream).await, "");
    let line = "the body of GET /stream panicked: the secret reason";
    eventually("the reason in the log", async || log.text().contains(line)).await;
    assert!(
        log.text().contains("ERROR request{id=\"seven\"}: "),
        "{}",
        log.text()
    );
    assert_eq!(text(&server.get("/fine").await), "fine");
}

/// A stream that sends one chunk, and panics when it is told to.
fn broken_stream(go: &Arc<Notify>) -> Engine {
    let go = Arc::clone(go);
    let mut engine = Engine::new();
    engine.layer(request_id).layer(recovery);
    let fine = |_: Context| async { "fine" };
    engine.get("/fine", fine).unwrap();
    let handler = move |_: Context| {
        let go = Arc::clone(&go);
        let chunk = stream::once(async { Ok::<_, BoxError>("chunk") });
        let broken = stream::once(async move {
            go.notified().await;
            panic!("the secret reason")
        });
        async { Streaming::new(chunk.chain(broken)) }
    };
    engine.get("/stream", handler).unwrap();
    engine
}

async fn read_until(end: &str, stream: &mut TcpStream) -> String {
    let mut seen = String::new();
    in_time(end, async {
        while !seen.ends_with(end) {
            seen.push(stream.read_u8().await.unwrap().into());
        }
    })
    .await;
    seen
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

/// The program's own hook prints it, as it prints every panic that is not a request's.
#[tokio::test]
async fn the_panic_of_a_spawned_task_is_reported_by_the_hook() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_web-day7-panic-recover"));
    command.args(["--listen", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let address = line.trim().trim_start_matches("serving http://");
    let address = address.trim_end_matches('/').parse().unwrap();
    for path in ["/panic", "/spawn"] {
        Client::connect(address).await.get(path).await;
    }
    process.kill().unwrap();
    let said = process.wait_with_output().unwrap().stderr;
    let said = String::from_utf8_lossy(&said);
    assert_eq!(said.matches("\nthread 'tokio-").count(), 1, "{said}");
    assert!(said.contains("in a task of its own"), "{said}");
    assert!(said.contains("GET /panic panicked: index out of"), "{said}");
}

/// Nothing can catch it. Who looks for the reason must find both.
#[test]
fn a_panic_on_the_way_out_of_another_ends_the_program_and_both_are_printed() {
    const CHILD: &str = "SEVEN_DAYS_PANICS_TWICE";
    if std::env::var_os(CHILD).is_some() {
        return panic_twice();
    }
    let name = "a_panic_on_the_way_out_of_another_ends_the_program_and_both_are_printed";
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", &format!("recovery::{name}"), "--nocapture"]);
    let output = child.env(CHILD, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("one more after it: the first"), "{said}");
    assert!(said.contains("the secret reason"), "{said}");
}

#[tokio::main(flavor = "current_thread")]
async fn panic_twice() {
    let mut engine = Engine::classic();
    let twice = |_: Context| async {
        let _bomb = Bomb;
        panic!("the first")
    };
    let twice = move |c: Context| async move {
        let () = twice(c).await;
    };
    engine.get("/", twice).unwrap();
    Server::start(engine).await.get("/").await;
}

/// The client has left, and with it the only one who could be told.
#[tokio::test]
async fn a_panic_in_the_drop_of_a_request_that_nobody_waits_for_is_nobodys_end() {
    let (log, _guard) = Log::start();
    let asked = Arc::new(Notify::new());
    let mut engine = engine();
    let notify = Arc::clone(&asked);
    let waits = move |_: Context| {
        let asked = Arc::clone(&notify);
        async move {
            let _bomb = Bomb;
            asked.notify_one();
            pending::<()>().await;
        }
    };
    engine.get("/waits", waits).unwrap();
    let server = Server::start(engine).await;
    let mut stream = server.dial().await;
    let request = "GET /waits HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    in_time("the handler", asked.notified()).await;
    drop(stream);
    let line = "a request failed badly";
    eventually("a line in the log", async || log.text().contains(line)).await;
    assert_eq!(text(&server.get("/fine").await), "fine");
    in_time("the end", server.stop()).await.unwrap();
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
