//! The middleware that comes along: logger, request id, CORS, compression.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use flate2::read::GzDecoder;
use futures_util::stream;
use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, ORIGIN, VARY,
};
use hyper::{Method, StatusCode};
use tokio::io::AsyncWriteExt;
use tracing::subscriber::DefaultGuard;

use crate::gee::http::HeaderValue;
use crate::gee::middleware::{Cors, RequestId, compress, logger, request_id};
use crate::gee::{BoxError, Context, Engine, IntoResponse, Json, Streaming};
use crate::support::{Server, eventually, request, text};

/// All that this thread logs. The tests' runtime has no other thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .without_time()
            .with_target(false)
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    async fn says(&self, what: &str) {
        eventually(what, async || self.text().contains(what)).await;
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

async fn logged() -> Server {
    let mut engine = Engine::new();
    engine.layer(logger);
    engine
        .get("/hello", |_: Context| async { "hello" })
        .unwrap();
    let raw = |_: Context| async { (StatusCode::IM_A_TEAPOT, vec![0; 7]) };
    engine.get("/teapot", raw).unwrap();
    let chunks =
        |_: Context| async { Streaming::new(stream::iter(["abc", "de"].map(Ok::<_, BoxError>))) };
    engine.get("/stream", chunks).unwrap();
    let never = |_: Context| async { std::future::pending::<()>().await };
    engine.get("/never", never).unwrap();
    Server::start(engine).await
}

#[tokio::test]
async fn the_log_has_the_final_status_and_the_bytes() {
    let (log, _guard) = Log::start();
    let server = logged().await;
    let table = [
        (Method::GET, "/hello?secret=1", "200 GET /hello 5 B "),
        (Method::GET, "/teapot", "418 GET /teapot 7 B "),
        (Method::GET, "/nope", "404 GET /nope 14 B "),
        (Method::POST, "/hello", "405 POST /hello "),
        (Method::GET, "/stream", "200 GET /stream 5 B "),
        (Method::HEAD, "/hello", "200 HEAD /hello 0 B "),
        (Method::HEAD, "/stream", "200 HEAD /stream 0 B "),
    ];
    for (method, path, line) in table {
        server.ask(method, path).await;
        log.says(line).await;
    }
    assert_eq!(log.text().lines().count(), 7, "{}", log.text());
    assert!(!log.text().contains("secret"), "{}", log.text());
}

#[tokio::test]
async fn a_client_that_leaves_before_its_answer_is_logged_too() {
    let (log, _guard) = Log::start();
    let server = logged().await;
    let mut stream = server.dial().await;
    stream
        .write_all(b"GET /never HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    // Asked second, answered second: the first request has arrived by then.
    server.get("/hello").await;
    drop(stream);
    log.says("- GET /never 0 B ").await;
}

#[tokio::test]
async fn a_request_whose_handler_panics_is_logged_too() {
    async fn broken(_: Context) {
        panic!("no cake")
    }
    let (log, _guard) = Log::start();
    let mut engine = Engine::new();
    engine.layer(logger).get("/", broken).unwrap();
    let server = Server::start(engine).await;
    server.exchange("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    log.says("- GET / 0 B ").await;
}

async fn named() -> Server {
    let mut engine = Engine::new();
    engine.layer(request_id);
    let show = |c: Context| async move {
        tracing::info!("in the handler");
        c.get::<RequestId>().unwrap().as_str().to_owned()
    };
    engine.get("/", show).unwrap();
    Server::start(engine).await
}

#[tokio::test]
async fn a_request_without_an_id_gets_one_of_its_own() {
    let server = named().await;
    let (first, second) = (server.get("/").await, server.get("/").await);
    assert_eq!(first.headers()["x-request-id"], text(&first));
    assert_eq!(text(&first).len(), 32);
    assert_ne!(text(&first), text(&second));
}

#[tokio::test]
async fn an_id_of_the_client_is_kept_if_it_is_harmless() {
    let server = named().await;
    let table = [
        ("trace-1_a.B", true),
        (&*"x".repeat(64), true),
        (&*"x".repeat(65), false),
        ("", false),
        ("a b", false),
        ("a\tb", false),
        ("<script>", false),
    ];
    for (id, kept) in table {
        let mut request = request(Method::GET, "/");
        request
            .headers_mut()
            .insert("x-request-id", id.parse().unwrap());
        let response = server.send(request).await;
        assert_eq!(text(&response) == id, kept, "{id:?}");
    }
}

#[tokio::test]
async fn what_is_logged_further_in_has_the_id() {
    let (log, _guard) = Log::start();
    let server = named().await;
    let response = server.get("/").await;
    let line = format!("request{{id=\"{}\"}}: in the handler", text(&response));
    log.says(&line).await;
}

#[tokio::test]
async fn the_line_of_a_request_has_its_id_even_if_it_is_written_last() {
    let (log, _guard) = Log::start();
    let mut engine = Engine::new();
    engine.layer(request_id).layer(logger);
    let chunks = |_: Context| async { Streaming::new(stream::iter([Ok::<_, BoxError>("abc")])) };
    engine.get("/stream", chunks).unwrap();
    let response = Server::start(engine).await.get("/stream").await;
    let id = response.headers()["x-request-id"].to_str().unwrap();
    log.says(&format!("request{{id=\"{id}\"}}: 200 GET /stream 3 B "))
        .await;
}

async fn shared(cors: Cors) -> Server {
    let mut engine = Engine::new();
    engine
        .layer(cors)
        .get("/", |_: Context| async { "data" })
        .unwrap();
    Server::start(engine).await
}

async fn from_origin(
    server: &Server,
    method: Method,
    origin: &str,
) -> hyper::Response<bytes::Bytes> {
    let mut request = request(method.clone(), "/");
    let headers = request.headers_mut();
    headers.insert(ORIGIN, origin.parse().unwrap());
    if method == Method::OPTIONS {
        let ask = HeaderValue::from_static;
        headers.insert("access-control-request-method", ask("PUT"));
        headers.insert("access-control-request-headers", ask("x-a, x-b"));
    }
    server.send(request).await
}

#[tokio::test]
async fn an_allowed_origin_may_read_and_another_may_not() {
    let app = Cors::origins(["https://app.test"]).credentials(true);
    let server = shared(app).await;
    let allowed = from_origin(&server, Method::GET, "https://app.test").await;
    assert_eq!(
        allowed.headers()["access-control-allow-origin"],
        "https://app.test"
    );
    assert_eq!(
        allowed.headers()["access-control-allow-credentials"],
        "true"
    );
    assert_eq!(allowed.headers()[VARY], "origin");
    for origin in [
        "https://app.test.evil",
        "http://app.test",
        "https://app.test/",
        "null",
    ] {
        let response = from_origin(&server, Method::GET, origin).await;
        assert_eq!(text(&response), "data");
        let allow = response.headers().get("access-control-allow-origin");
        assert_eq!(allow, None, "{origin}");
        assert_eq!(response.headers()[VARY], "origin");
    }
}

#[tokio::test]
async fn a_browser_that_asks_first_is_answered_before_the_routes() {
    let server = shared(Cors::origins(["https://app.test"])).await;
    let response = from_origin(&server, Method::OPTIONS, "https://app.test").await;
    assert_eq!(response.status(), 204);
    let expected = [
        ("access-control-allow-origin", "https://app.test"),
        ("access-control-allow-methods", "PUT"),
        ("access-control-allow-headers", "x-a, x-b"),
        ("access-control-max-age", "600"),
    ];
    for (name, value) in expected {
        assert_eq!(response.headers()[name], value, "{name}");
    }
    let refused = from_origin(&server, Method::OPTIONS, "https://evil.test").await;
    assert!(
        !refused
            .headers()
            .contains_key("access-control-allow-methods")
    );
}

#[tokio::test]
async fn any_origin_goes_without_credentials() {
    let server = shared(Cors::any_origin().credentials(true)).await;
    let response = from_origin(&server, Method::GET, "https://any.test").await;
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-credentials")
    );
}

const LONG: usize = 100_000;

async fn compressed() -> Server {
    let mut engine = Engine::new();
    engine.layer(compress);
    let long = |_: Context| async {
        "x".repeat(LONG)
            .with_header(ETAG, HeaderValue::from_static("\"1\""))
    };
    engine.get("/long", long).unwrap();
    engine
        .get("/json", |_: Context| async { Json(vec![7; 1000]) })
        .unwrap();
    engine
        .get("/short", |_: Context| async { "short" })
        .unwrap();
    engine
        .get("/bytes", |_: Context| async { vec![0; LONG] })
        .unwrap();
    let already = |_: Context| async {
        "x".repeat(LONG)
            .with_header(CONTENT_ENCODING, HeaderValue::from_static("br"))
    };
    engine.get("/already", already).unwrap();
    Server::start(engine).await
}

async fn accepting(server: &Server, path: &str, codings: &str) -> hyper::Response<bytes::Bytes> {
    let mut request = request(Method::GET, path);
    request
        .headers_mut()
        .insert(ACCEPT_ENCODING, codings.parse().unwrap());
    server.send(request).await
}

#[tokio::test]
async fn long_text_is_compressed_for_those_who_take_it() {
    let server = compressed().await;
    let response = accepting(&server, "/long", "br, gzip;q=0.5").await;
    assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(
        response.headers()[CONTENT_LENGTH],
        response.body().len().to_string()
    );
    assert_eq!(response.headers()[VARY], "accept-encoding");
    assert_eq!(response.headers()[ETAG], "W/\"1\"");
    let mut unpacked = String::new();
    GzDecoder::new(&response.body()[..])
        .read_to_string(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, "x".repeat(LONG));
    let json = accepting(&server, "/json", "*").await;
    assert_eq!(json.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(json.headers()[CONTENT_TYPE], "application/json");
}

#[tokio::test]
async fn who_does_not_take_gzip_gets_the_text_itself() {
    let server = compressed().await;
    for codings in [
        "",
        "br",
        "identity",
        "gzip;q=0",
        "gzip; q=0.0, br",
        "*;q=0",
        "gzip;q=0, *",
    ] {
        let response = accepting(&server, "/long", codings).await;
        assert!(
            !response.headers().contains_key(CONTENT_ENCODING),
            "{codings:?}"
        );
        assert_eq!(response.body().len(), LONG, "{codings:?}");
        assert_eq!(response.headers()[VARY], "accept-encoding");
        assert_eq!(response.headers()[ETAG], "\"1\"");
    }
}

#[tokio::test]
async fn what_gains_nothing_is_left_as_it_is() {
    let server = compressed().await;
    let table = [
        ("/short", None),
        ("/bytes", None),
        ("/already", Some("br")),
        ("/nope", None),
    ];
    for (path, coding) in table {
        let response = accepting(&server, path, "gzip").await;
        let found = response.headers().get(CONTENT_ENCODING);
        assert_eq!(found.map(|value| value.to_str().unwrap()), coding, "{path}");
        assert!(!response.headers().contains_key(VARY), "{path}");
    }
}

#[tokio::test]
async fn head_has_the_headers_of_the_compressed_answer() {
    let server = compressed().await;
    let get = accepting(&server, "/long", "gzip").await;
    let mut request = request(Method::HEAD, "/long");
    request
        .headers_mut()
        .insert(ACCEPT_ENCODING, "gzip".parse().unwrap());
    let head = server.send(request).await;
    for name in [CONTENT_LENGTH, CONTENT_ENCODING, ETAG] as [HeaderName; 3] {
        assert_eq!(head.headers()[&name], get.headers()[&name]);
    }
}
