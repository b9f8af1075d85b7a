//! Which handler answers which request, and what is answered where none does.

use hyper::header::{ALLOW, CONTENT_LENGTH};
use hyper::{Method, StatusCode};

use crate::gee::{Context, Engine, RouteError};
use crate::support::{Server, text};

/// `/both` has GET and POST, `/put` has PUT, `/own` has a HEAD of its own.
fn engine() -> Engine {
    try_engine().unwrap()
}

fn try_engine() -> Result<Engine, RouteError> {
    let mut engine = Engine::new();
    engine
        .get("/", |_: Context| async { "index" })?
        .get("/both", |_: Context| async { "got" })?
        .post("/both", |_: Context| async { "posted" })?
        .put("/put", |_: Context| async { "put" })?
        .get("/own", |_: Context| async { "got" })?
        .head("/own", |_: Context| async { StatusCode::ACCEPTED })?;
    Ok(engine)
}

async fn server() -> Server {
    Server::start(engine()).await
}

#[tokio::test]
async fn each_path_and_method_has_its_own_handler() {
    let server = server().await;
    let table = [
        (Method::GET, "/", "index"),
        (Method::GET, "/both", "got"),
        (Method::POST, "/both", "posted"),
        (Method::PUT, "/put", "put"),
    ];
    for (method, path, expected) in table {
        let response = server.ask(method.clone(), path).await;
        assert_eq!(response.status(), 200, "{method} {path}");
        assert_eq!(text(&response), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_404() {
    let server = server().await;
    for path in ["/nope", "/both/", "/BOTH", "//both", "/both/more", "/bot"] {
        assert_eq!(server.get(path).await.status(), 404, "{path}");
        let posted = server.ask(Method::POST, path).await;
        assert_eq!(posted.status(), 404, "POST {path}");
    }
}

#[tokio::test]
async fn a_known_path_with_another_method_is_a_405_that_names_the_right_ones() {
    let server = server().await;
    let table = [
        (Method::POST, "/", "GET, HEAD, OPTIONS"),
        (Method::DELETE, "/both", "GET, HEAD, OPTIONS, POST"),
        (Method::GET, "/put", "OPTIONS, PUT"),
        (Method::HEAD, "/put", "OPTIONS, PUT"),
        (Method::PUT, "/own", "GET, HEAD, OPTIONS"),
    ];
    for (method, path, allow) in table {
        let response = server.ask(method.clone(), path).await;
        assert_eq!(response.status(), 405, "{method} {path}");
        assert_eq!(response.headers()[ALLOW], allow, "{method} {path}");
    }
}

#[tokio::test]
async fn options_names_the_methods_of_a_path() {
    let server = server().await;
    let response = server.ask(Method::OPTIONS, "/both").await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()[ALLOW], "GET, HEAD, OPTIONS, POST");
    assert_eq!(server.ask(Method::OPTIONS, "/nope").await.status(), 404);
}

#[tokio::test]
async fn a_route_for_options_comes_before_the_automatic_answer() {
    let mut engine = engine();
    let own = |_: Context| async { StatusCode::IM_A_TEAPOT };
    engine.options("/both", own).unwrap();
    let server = Server::start(engine).await;
    assert_eq!(server.ask(Method::OPTIONS, "/both").await.status(), 418);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = server().await;
    let get = "GET /both HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let got = server.exchange(get).await;
    let head = server.exchange(get.replace("GET", "HEAD")).await;
    let (headers, body) = got.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "got");
    assert!(headers.contains("content-length: 3\r\n"), "{headers}");
    let (head, no_body) = head.split_once("\r\n\r\n").unwrap();
    assert_eq!(no_body, "");
    assert_eq!(sorted_without_date(head), sorted_without_date(headers));
}

fn sorted_without_date(headers: &str) -> Vec<&str> {
    let lines = headers.split("\r\n");
    let mut lines: Vec<&str> = lines.filter(|line| !line.starts_with("date: ")).collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn head_of_an_empty_answer_invents_no_length() {
    let mut engine = engine();
    let nothing = |_: Context| async { StatusCode::NO_CONTENT };
    engine.get("/nothing", nothing).unwrap();
    let server = Server::start(engine).await;
    let response = server.ask(Method::HEAD, "/nothing").await;
    assert_eq!(response.status(), 204);
    assert!(!response.headers().contains_key(CONTENT_LENGTH));
}

#[tokio::test]
async fn a_route_for_head_comes_before_that_of_get() {
    let server = server().await;
    assert_eq!(server.ask(Method::HEAD, "/own").await.status(), 202);
    assert_eq!(server.get("/own").await.status(), 200);
}

#[tokio::test]
async fn every_method_can_be_registered() {
    let mut engine = Engine::new();
    let answer = |c: Context| async move { c.method().to_string() };
    engine
        .get("/", answer)
        .and_then(|engine| engine.post("/", answer))
        .and_then(|engine| engine.put("/", answer))
        .and_then(|engine| engine.patch("/", answer))
        .and_then(|engine| engine.delete("/", answer))
        .and_then(|engine| engine.options("/", answer))
        .and_then(|engine| engine.route("PURGE".parse().unwrap(), "/", answer))
        .unwrap();
    let server = Server::start(engine).await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
        let response = server.ask(method.parse().unwrap(), "/").await;
        assert_eq!(text(&response), method);
    }
}

#[tokio::test]
async fn the_query_is_no_part_of_the_path() {
    let server = server().await;
    assert_eq!(text(&server.get("/both?path=/nope").await), "got");
}

#[tokio::test]
async fn a_second_handler_for_one_route_is_refused_and_the_first_stays() {
    let mut engine = engine();
    let error = engine.get("/both", |_: Context| async { "other" });
    let error = error.err().unwrap().to_string();
    assert!(error.contains("GET /both"), "{error}");
    assert_eq!(text(&Server::start(engine).await.get("/both").await), "got");
}

#[test]
fn a_path_without_a_leading_slash_is_refused() {
    for path in ["", "both", "*", "http://host/both"] {
        let mut engine = Engine::new();
        let error = engine.get(path, |_: Context| async {}).err().unwrap();
        assert_eq!((error.method(), error.path()), (&Method::GET, path));
    }
}

#[tokio::test]
async fn an_engine_without_routes_answers_404() {
    let server = Server::start(Engine::new()).await;
    assert_eq!(server.get("/").await.status(), 404);
    assert_eq!(server.ask(Method::OPTIONS, "*").await.status(), 404);
}

#[tokio::test]
async fn a_context_shows_the_request() {
    let mut engine = Engine::new();
    let show = |c: Context| async move {
        let missing = c.header("x-none");
        format!(
            "{} {} {} {:?} {missing:?}",
            c.method(),
            c.path(),
            c.uri(),
            c.header("Host")
        )
    };
    engine.post("/a-b", show).unwrap();
    let server = Server::start(engine).await;
    let response = server.ask(Method::POST, "/a-b?x=%20").await;
    let expected = r#"POST /a-b /a-b?x=%20 Some("gee.test") None"#;
    assert_eq!(text(&response), expected);
}
