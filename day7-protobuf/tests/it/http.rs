use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use hyper::{Method, Response, StatusCode};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::effort;
use crate::geecache::{Answer, BasePath, Group, Groups, HttpPoolOptions, wire};
use crate::support::{DEADLINE, Server, eventually, gated, in_time, path, read_to_end, value};

/// A database with every kind of answer.
async fn scores(key: Bytes) -> Answer {
    match &key[..] {
        b"Tom" => Ok(Some("630".into())),
        b"nothing" => Ok(Some("".into())),
        b"broken" => Err("the disk is on fire".into()),
        _ => Ok(None),
    }
}

/// Every key is its own value.
async fn echo(key: Bytes) -> Answer {
    Ok(Some(key.into()))
}

fn one_at_a_time() -> HttpPoolOptions {
    HttpPoolOptions {
        max_connections: 1,
        ..Default::default()
    }
}

fn impatient() -> HttpPoolOptions {
    HttpPoolOptions {
        header_timeout: Duration::from_millis(50),
        ..Default::default()
    }
}

/// The wait that a test is about must never end before this one does.
const NO_GRACE_NEEDED: Duration = Duration::from_secs(3600);

fn head(request_line: &str) -> String {
    format!("{request_line} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n")
}

fn get(path: &str) -> String {
    head(&format!("GET {path}"))
}

#[tokio::test]
async fn a_value_is_served() {
    let server = Server::start(scores).await;
    let response = server.get("/_geecache/scores/Tom").await;
    assert_eq!(response.headers()[CONTENT_TYPE], wire::CONTENT_TYPE);
    assert_eq!(&value(response)[..], b"630");
}

#[tokio::test]
async fn an_empty_value_is_a_value() {
    let server = Server::start(scores).await;
    assert!(value(server.get(&path("nothing")).await).is_empty());
}

fn no_such_key(headers: &HeaderMap) -> bool {
    headers.contains_key(wire::NO_SUCH_KEY)
}

#[tokio::test]
async fn each_outcome_has_its_status() {
    let server = Server::start(scores).await;
    let table = [
        ("/_geecache/scores/Tom", 200),
        ("/_geecache/scores/broken", 500),
        ("/_geecache/scores/Kim", 404),
        ("/_geecache/ages/Tom", 404),
        ("/scores/Tom", 404),
        ("/_geecache", 404),
        ("/", 404),
        ("/_geecache/", 400),
        ("/_geecache/scores", 400),
        ("/_geecache/scores/", 400),
        ("/_geecache//Tom", 400),
        ("/_geecache/scores/%", 400),
        ("/_geecache/%FF/Tom", 400),
    ];
    let mut client = server.client().await;
    for (path, status) in table {
        let response = client.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        let about_the_key = path == "/_geecache/scores/Kim";
        assert_eq!(no_such_key(response.headers()), about_the_key, "{path}");
        assert!(!response.body().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_failure_says_nothing_about_the_key() {
    let server = Server::start(scores).await;
    let failed = server.get(&path("broken")).await;
    let missing = server.get(&path("Kim")).await;
    assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert!(!no_such_key(failed.headers()) && no_such_key(missing.headers()));
}

#[tokio::test]
async fn other_methods_are_refused_with_a_list_of_the_right_ones() {
    let loads = Arc::new(AtomicUsize::new(0));
    let counted = loads.clone();
    let server = Server::start(move |key| {
        counted.fetch_add(1, Ordering::Relaxed);
        echo(key)
    })
    .await;
    let mut client = server.client().await;
    for method in [Method::PUT, Method::PATCH] {
        let response = client.send(method, &path("Tom")).await.unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        let allowed: Vec<_> = response.headers()[ALLOW]
            .to_str()
            .unwrap()
            .split(", ")
            .collect();
        assert!(allowed.contains(&"GET") && allowed.contains(&"HEAD"));
    }
    assert_eq!(loads.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn head_tells_the_length_and_sends_no_body() {
    let server = Server::start(scores).await;
    for key in ["Tom", "Kim", "broken"] {
        let full = server.get(&path(key)).await;
        let answer = server.exchange(head(&format!("HEAD {}", path(key)))).await;
        let answer = String::from_utf8(answer).unwrap().to_ascii_lowercase();
        let length = full.headers()[CONTENT_LENGTH].to_str().unwrap();
        assert_eq!(length, full.body().len().to_string());
        assert!(answer.starts_with(&format!("http/1.1 {}", full.status().as_u16())));
        assert!(answer.contains(&format!("content-length: {length}\r\n")));
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_space_and_a_plus_are_two_keys_on_the_wire() {
    let server = Server::start(echo).await;
    let mut client = server.client().await;
    for key in ["a b", "a+b", "a%20b", "a b"] {
        assert_eq!(&value(client.get(&path(key)).await)[..], key.as_bytes());
    }
}

#[tokio::test]
async fn any_bytes_are_a_key() {
    let server = Server::start(echo).await;
    let mut client = server.client().await;
    for byte in 0..=255 {
        let key = [byte];
        assert_eq!(&value(client.get(&path(key)).await)[..], key);
    }
    for key in ["/", "//", "a/b", ".", "..", "../..", "%2F", "é", "k?q=1#f"] {
        assert_eq!(&value(client.get(&path(key)).await)[..], key.as_bytes());
    }
}

#[tokio::test]
async fn a_slash_in_a_key_may_be_written_as_it_is() {
    let server = Server::start(echo).await;
    let response = server.get("/_geecache/scores/a/b//c/").await;
    assert_eq!(&value(response)[..], b"a/b//c/");
}

#[tokio::test]
async fn a_long_key_is_a_key() {
    let server = Server::start(echo).await;
    let key = vec![b'/'; 16 << 10];
    assert_eq!(&value(server.get(&path(&key)).await)[..], key);
}

#[tokio::test]
async fn a_group_with_a_slash_in_its_name_is_not_a_key_of_another_group() {
    let groups = Groups::new();
    for name in ["g", "g/x"] {
        let getter = move |key: Bytes| async move {
            let said = format!("{name}: {}", String::from_utf8_lossy(&key));
            Ok(Some(said.into()))
        };
        groups.add(Group::builder(name, getter).build()).unwrap();
    }
    let server = Server::of(HttpPoolOptions::default(), groups).await;
    let base = BasePath::default();
    let of_g = server.get(&base.join("g", b"x/k")).await;
    assert_eq!(&value(of_g)[..], b"g: x/k");
    let of_gx = server.get(&base.join("g/x", b"k")).await;
    assert_eq!(&value(of_gx)[..], b"g/x: k");
}

#[tokio::test]
async fn groups_live_under_the_base_path_of_the_options() {
    for base_path in ["/", "/v1/cache/"] {
        let options = HttpPoolOptions {
            base_path: base_path.parse().unwrap(),
            ..Default::default()
        };
        let server = Server::with(options, echo).await;
        let there = server.get(&format!("{base_path}scores/Tom")).await;
        assert_eq!(&value(there)[..], b"Tom");
        let elsewhere = server.get("/_geecache/scores/Tom").await;
        assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
        assert!(!no_such_key(elsewhere.headers()));
    }
}

#[tokio::test]
async fn an_unexpected_target_gets_a_refusal_and_the_server_goes_on() {
    let server = Server::start(scores).await;
    let targets = [
        "GET *",
        "GET /",
        "GET //",
        "GET /_geecache",
        "GET /_geecache//",
        "GET /_geecache/../../etc/passwd",
        "GET /_geecache/scores/%0",
        "GET /_geecache/scores/%é",
        "GET /_geecache/é/k",
        "GET _geecache/scores/k",
        "GET http://node",
        "GET http://node/_geecache",
        "GET http:///_geecache/scores/k",
        "OPTIONS *",
        "CONNECT node:80",
        "CONNECT /_geecache/scores/k",
        "BREW /_geecache/scores/k",
    ];
    for target in targets {
        let answer = server.exchange(head(target)).await;
        assert!(answer.starts_with(b"HTTP/1.1 4"), "{target}: {answer:?}");
    }
    assert_eq!(&value(server.get(&path("Tom")).await)[..], b"630");
}

/// What a stranger may send, with nothing after it.
async fn half_closed(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut stream = server.dial().await;
    stream.write_all(bytes).await.ok();
    stream.shutdown().await.ok();
    read_to_end(&mut stream).await
}

#[tokio::test]
async fn garbage_is_refused_and_the_server_goes_on() {
    let server = Server::start(echo).await;
    let garbage: [&[u8]; 9] = [
        b"",
        b"\r\n\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /_geecache/scores/k HTTP/9.9\r\n\r\n",
        b"GET /_geecache/scores/k HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /_geecache/scores/k HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
        &[0xff; 4096],
    ];
    for bytes in garbage {
        let answer = half_closed(&server, bytes).await;
        let refused = answer.is_empty() || answer.starts_with(b"HTTP/1.1 400");
        assert!(refused, "{bytes:?}: {answer:?}");
    }
    assert_eq!(&value(server.get(&path("k")).await)[..], b"k");
}

#[test]
fn whatever_arrives_the_next_request_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let server = runtime.block_on(Server::with(one_at_a_time(), echo));
    let config = ProptestConfig {
        cases: 64 * effort(),
        // Each step may have to wait for the deadline.
        max_shrink_time: 2_000,
        ..ProptestConfig::default()
    };
    let words = prop::sample::select(vec![
        "GET ",
        "HEAD ",
        "/_geecache/",
        "scores/",
        "k",
        "%",
        "%2F",
        " HTTP/1.1",
        "\r\n",
        "host: n",
        "content-length: 9",
        "transfer-encoding: chunked",
        "expect: 100-continue",
        ": ",
        "\0",
        "é",
    ]);
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        prop::collection::vec(words, 0..24).prop_map(|words| words.concat().into_bytes()),
    ];
    proptest!(config, |(bytes in bytes)| {
        runtime.block_on(async {
            half_closed(&server, &bytes).await;
            assert_eq!(&value(server.get(&path("k")).await)[..], b"k");
        });
    });
}

#[tokio::test]
async fn an_oversize_head_is_refused_and_the_server_goes_on() {
    let server = Server::with(one_at_a_time(), echo).await;
    let long = "k".repeat(100 << 10);
    let requests = [
        get(&path(&long)),
        get(&path("k")).replace("host: node", &format!("host: {long}")),
        format!("GET {long}"),
    ];
    for request in requests {
        let answer = server.exchange(request).await;
        let refusals: [&[u8]; 3] = [b"", b"HTTP/1.1 431", b"HTTP/1.1 414"];
        let refused = refusals.contains(&&answer[..answer.len().min(12)]);
        assert!(refused, "{}", String::from_utf8_lossy(&answer));
        assert_eq!(&value(server.get(&path("k")).await)[..], b"k");
    }
}

#[tokio::test]
async fn a_body_that_nobody_asked_for_does_no_harm() {
    let server = Server::with(one_at_a_time(), echo).await;
    let with_length = |length: usize| {
        let line = format!("connection: close\r\ncontent-length: {length}");
        get(&path("k")).replace("connection: close", &line)
    };
    for request in [
        with_length(5) + "12345",
        with_length(5),
        with_length(1 << 40),
    ] {
        let answer = server.exchange(request).await;
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
        assert_eq!(&value(server.get(&path("k")).await)[..], b"k");
    }
}

#[tokio::test]
async fn requests_that_arrive_together_are_answered_in_their_order() {
    let server = Server::start(echo).await;
    let first = get(&path("one")).replace("connection: close\r\n", "");
    let answer = server.exchange(first + &get(&path("two"))).await;
    let answer = String::from_utf8(answer).unwrap();
    let statuses = answer.matches("HTTP/1.1 200").count();
    assert_eq!(statuses, 2, "{answer}");
    assert!(answer.find("one") < answer.find("two"));
}

#[tokio::test]
async fn a_shutdown_lets_running_requests_finish_and_takes_no_new_ones() {
    let (getter, mut gate) = gated();
    let options = HttpPoolOptions {
        shutdown_grace: NO_GRACE_NEEDED,
        ..Default::default()
    };
    let server = Server::with(options, getter).await;
    let (address, mut client) = (server.address, server.client().await);
    let running = tokio::spawn(async move { client.get(&path("slow")).await });
    gate.asked().await;

    let serving = server.stop();
    eventually("a refused connection", async || {
        TcpStream::connect(address).await.is_err()
    })
    .await;
    assert!(!serving.is_finished());

    gate.open();
    assert_eq!(&value(running.await.unwrap())[..], b"slow");
    in_time("the end of serve", serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_connections_that_ask_nothing() {
    let options = HttpPoolOptions {
        shutdown_grace: NO_GRACE_NEEDED,
        ..Default::default()
    };
    let server = Server::with(options, echo).await;
    let mut silent = server.dial().await;
    let mut idle = server.client().await;
    idle.get(&path("k")).await;
    in_time("the end of serve", server.stop())
        .await
        .unwrap()
        .unwrap();
    assert!(read_to_end(&mut silent).await.is_empty());
    assert!(idle.send(Method::GET, &path("k")).await.is_err());
}

#[tokio::test]
async fn a_shutdown_waits_no_longer_than_the_grace_period() {
    let grace = Duration::from_millis(50);
    let (getter, mut gate) = gated();
    let options = HttpPoolOptions {
        shutdown_grace: grace,
        ..Default::default()
    };
    let server = Server::with(options, getter).await;
    let mut client = server.client().await;
    let endless = tokio::spawn(async move { client.send(Method::GET, &path("slow")).await });
    gate.asked().await;
    let started = Instant::now();
    in_time("the end of serve", server.stop())
        .await
        .unwrap()
        .unwrap();
    assert!(started.elapsed() >= grace);
    assert!(endless.await.unwrap().is_err());
}

#[tokio::test]
async fn a_dropped_serve_closes_the_listener_and_every_connection() {
    let (getter, mut gate) = gated();
    let server = Server::start(getter).await;
    let mut idle = server.dial().await;
    let mut client = server.client().await;
    let endless = tokio::spawn(async move { client.send(Method::GET, &path("slow")).await });
    gate.asked().await;
    server.serving.abort();
    eventually("the port is free", async || {
        TcpListener::bind(server.address).await.is_ok()
    })
    .await;
    assert!(read_to_end(&mut idle).await.is_empty());
    assert!(endless.await.unwrap().is_err());
}

#[tokio::test]
async fn a_silent_connection_is_closed_and_holds_nobody_up() {
    let started = Instant::now();
    let server = Server::with(impatient(), echo).await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        silent.push(server.dial().await);
    }
    assert_eq!(&value(server.get(&path("k")).await)[..], b"k");
    for stream in &mut silent {
        assert!(!read_to_end(stream).await.starts_with(b"HTTP/1.1 200"));
    }
    assert!(started.elapsed() >= impatient().header_timeout);
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_closed_too() {
    let server = Server::with(impatient(), echo).await;
    for begun in [
        "GET /_geecache/sco",
        "GET /_geecache/scores/k HTTP/1.1\r\nhost",
    ] {
        let answer = server.exchange(begun).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    }
    let kept_alive = get(&path("k")).replace("connection: close\r\n", "");
    let answer = server.exchange(kept_alive).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
}

/// More than the operating system takes off a server's hands for a client that reads nothing.
const LARGE: usize = 32 << 20;

async fn large(_: Bytes) -> Answer {
    Ok(Some(vec![b'x'; LARGE].into()))
}

fn wants_to_be_read() -> HttpPoolOptions {
    HttpPoolOptions {
        write_timeout: Duration::from_millis(500),
        ..one_at_a_time()
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_loses_its_connection() {
    let server = Server::with(wants_to_be_read(), large).await;
    let mut deaf = server.dial().await;
    let asked = Instant::now();
    deaf.write_all(get(&path("k")).as_bytes()).await.unwrap();
    // There is one connection at a time: this one is served when the first is gone.
    let answer = server.get(&path("another")).await;
    assert_eq!(value(answer).len(), LARGE);
    assert!(asked.elapsed() >= wants_to_be_read().write_timeout);
    assert!(read_to_end(&mut deaf).await.len() < LARGE);
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_its_whole_answer() {
    let server = Server::with(wants_to_be_read(), large).await;
    let mut slow = server.dial().await;
    let asked = Instant::now();
    slow.write_all(get(&path("k")).as_bytes()).await.unwrap();
    let (mut part, mut read) = (vec![0; 1 << 20], 0);
    loop {
        let more = in_time("a part", slow.read(&mut part)).await.unwrap();
        if more == 0 {
            break;
        }
        read += more;
        // Slow in all, never silent for long.
        let due = wants_to_be_read()
            .write_timeout
            .mul_f64(1.5 * read as f64 / LARGE as f64);
        tokio::time::sleep_until((asked + due).into()).await;
    }
    assert!(read > LARGE, "{read} bytes of the head and {LARGE} bytes");
    assert!(asked.elapsed() > wants_to_be_read().write_timeout);
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_off() {
    let server = Server::with(impatient(), echo).await;
    let (mut read, mut write) = server.dial().await.into_split();
    let trickle = async {
        let mut pace = tokio::time::interval(impatient().header_timeout / 10);
        while write.write_all(b"GET").await.is_ok() {
            pace.tick().await;
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        _ = read.read_to_end(&mut answer) => {}
        () = trickle => {}
        () = tokio::time::sleep(DEADLINE) => panic!("nothing stops a slow head"),
    }
}

#[tokio::test]
async fn a_long_load_is_not_taken_for_silence() {
    let (getter, mut gate) = gated();
    let server = Server::with(impatient(), getter).await;
    let mut client = server.client().await;
    let running = tokio::spawn(async move { client.get(&path("slow")).await });
    gate.asked().await;
    let mut clock = server.dial().await;
    read_to_end(&mut clock).await;
    gate.open();
    assert_eq!(&value(running.await.unwrap())[..], b"slow");
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_served_when_one_goes() {
    let server = Server::with(one_at_a_time(), echo).await;
    let mut first = server.client().await;
    first.get(&path("k")).await;
    let mut second = server.dial().await;
    second.write_all(get(&path("k")).as_bytes()).await.unwrap();
    for _ in 0..20 {
        first.get(&path("k")).await;
        let none_yet = second.try_read(&mut [0]).unwrap_err();
        assert_eq!(none_yet.kind(), std::io::ErrorKind::WouldBlock);
    }
    drop(first);
    let answer = read_to_end(&mut second).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
}

#[tokio::test]
async fn a_client_that_hangs_up_makes_room_for_the_next() {
    let (getter, mut gate) = gated();
    let server = Server::with(one_at_a_time(), getter).await;

    let mut in_a_request = server.dial().await;
    in_a_request.write_all(b"GET /_geecache/sco").await.unwrap();
    drop(in_a_request);
    assert_eq!(&value(server.get(&path("k")).await)[..], b"k");

    let mut during_the_load = server.dial().await;
    let request = get(&path("slow"));
    during_the_load.write_all(request.as_bytes()).await.unwrap();
    gate.asked().await;
    drop(during_the_load);
    assert_eq!(&value(server.get(&path("k")).await)[..], b"k");
}

#[tokio::test]
async fn a_client_that_hangs_up_in_a_response_makes_room_for_the_next() {
    let large = Bytes::from(vec![0; 16 << 20]);
    let server = Server::with(one_at_a_time(), move |key: Bytes| {
        let value = if key == "large" { large.clone() } else { key };
        async move { Ok(Some(value.into())) }
    })
    .await;
    let mut in_a_response = server.dial().await;
    let request = get(&path("large"));
    in_a_response.write_all(request.as_bytes()).await.unwrap();
    let begun = in_time("a response", in_a_response.read_exact(&mut [0; 1024])).await;
    assert_eq!(begun.unwrap(), 1024);
    drop(in_a_response);
    assert_eq!(&value(server.get(&path("k")).await)[..], b"k");
}

/// `None` if the connection was closed instead, which is as good an answer to a bug.
fn status(response: hyper::Result<Response<Bytes>>) -> Option<StatusCode> {
    response.ok().map(|response| response.status())
}

#[tokio::test]
async fn a_getter_that_panics_harms_no_other_connection() {
    let options = HttpPoolOptions {
        max_connections: 2,
        ..Default::default()
    };
    let server = Server::with(options, |key: Bytes| async move {
        assert_ne!(key, "bug", "a bug in somebody's getter");
        Ok(Some(key.into()))
    })
    .await;
    let mut other = server.client().await;
    other.get(&path("k")).await;
    for _ in 0..4 {
        let mut client = server.client().await;
        let status = status(client.send(Method::GET, &path("bug")).await);
        assert!([None, Some(StatusCode::INTERNAL_SERVER_ERROR)].contains(&status));
    }
    assert_eq!(&value(other.get(&path("k")).await)[..], b"k");
    assert_eq!(&value(server.get(&path("k")).await)[..], b"k");
}
