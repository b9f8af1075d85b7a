//! The messages of groupcache: their bytes, and the two ways to ask with them.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use prost::Message;
use tokio::io::AsyncWriteExt;

use crate::effort;
use crate::geecache::wire::{self, GetRequest, GetResponse};
use crate::geecache::{Answer, BasePath, ByteView, Group, Groups, HttpPoolOptions};
use crate::support::{Server, in_time, read_to_end, value};

// By hand, after https://protobuf.dev/programming-guides/encoding/. A field begins with its number
// times 8 plus its kind: kind 2 has a length, kind 1 is eight bytes. So 0x0a is field 1 with a length,
// 0x12 is field 2 with a length, 0x11 is field 2 in eight bytes. Go writes the same bytes: see
// `interop_go_writes_the_golden_bytes`.
pub(crate) const REQUEST: &[u8] = b"\x0a\x06scores\x12\x03Tom";
pub(crate) const REQUEST_0XFF: &[u8] = b"\x0a\x06scores\x12\x02\xff\x00";
pub(crate) const RESPONSE: &[u8] = b"\x0a\x03630";
pub(crate) const RESPONSE_EMPTY: &[u8] = b"\x0a\x00";
/// What Go writes for a value that is nil.
pub(crate) const RESPONSE_NONE: &[u8] = b"";
/// 1.5 is 0x3ff8000000000000, its lowest byte first.
pub(crate) const RESPONSE_QPS: &[u8] = b"\x0a\x03630\x11\x00\x00\x00\x00\x00\x00\xf8\x3f";
/// In front of 300 bytes: 300 is 0b10_0101100, seven bits a byte, the lowest first.
pub(crate) const LENGTH_300: &[u8] = b"\xac\x02";

/// [`REQUEST`] with a key of 300 times "x".
pub(crate) fn long_request() -> Vec<u8> {
    [b"\x0a\x06scores\x12", LENGTH_300, &[b'x'; 300]].concat()
}

/// [`RESPONSE`] with a value of 300 times "x".
pub(crate) fn long_response() -> Vec<u8> {
    [b"\x0a", LENGTH_300, &[b'x'; 300]].concat()
}

fn request(key: impl Into<Bytes>) -> GetRequest {
    GetRequest {
        group: "scores".into(),
        key: key.into(),
    }
}

#[test]
fn a_request_has_the_bytes_of_groupcache() {
    let table: [(&[u8], &[u8]); 3] = [
        (b"Tom", REQUEST),
        (b"\xff\x00", REQUEST_0XFF),
        (&[b'x'; 300], &long_request()),
    ];
    for (key, body) in table {
        let key = Bytes::copy_from_slice(key);
        assert_eq!(request(key.clone()).encode_to_vec(), body);
        let decoded = wire::decode_request(Bytes::copy_from_slice(body)).unwrap();
        assert_eq!(decoded, ("scores".into(), key));
    }
}

#[test]
fn a_response_has_the_bytes_of_groupcache() {
    let table: [(&[u8], &[u8]); 3] = [
        (b"630", RESPONSE),
        (b"", RESPONSE_EMPTY),
        (&[b'x'; 300], &long_response()),
    ];
    for (value, body) in table {
        let view = ByteView::from(value.to_vec());
        assert_eq!(wire::encode(view.clone()), body);
        assert_eq!(wire::decode(Bytes::copy_from_slice(body)).unwrap(), view);
    }
}

#[test]
fn a_response_without_a_value_carries_an_empty_one() {
    let body = Bytes::from_static(RESPONSE_NONE);
    assert!(wire::decode(body).unwrap().is_empty());
}

#[test]
fn a_response_may_tell_how_often_the_key_is_asked_for() {
    let body = Bytes::from_static(RESPONSE_QPS);
    assert_eq!(&wire::decode(body.clone()).unwrap()[..], b"630");
    let response = GetResponse::decode(body).unwrap();
    assert_eq!(response.minute_qps, Some(1.5));
    assert_eq!(response.encode_to_vec(), RESPONSE_QPS);
}

#[test]
fn fields_that_nobody_knows_are_skipped() {
    // Field 15 of each kind: a number, eight bytes, a length and bytes, a group, four bytes.
    let unknown: [&[u8]; 5] = [
        b"\x78\xac\x02",
        b"\x79abcdefgh",
        b"\x7a\x02hi",
        b"\x7b\x08\x01\x7c",
        b"\x7dabcd",
    ];
    for field in unknown {
        let response = [field, RESPONSE, field].concat();
        assert_eq!(&wire::decode(response.into()).unwrap()[..], b"630");
        let request = [field, REQUEST, field].concat();
        let expected = ("scores".to_string(), Bytes::from("Tom"));
        assert_eq!(wire::decode_request(request.into()).unwrap(), expected);
    }
}

#[test]
fn the_last_of_two_values_counts() {
    let body = [RESPONSE, b"\x0a\x03589"].concat();
    assert_eq!(&wire::decode(body.into()).unwrap()[..], b"589");
}

#[test]
fn a_body_that_is_cut_is_an_error() {
    for cut in 1..RESPONSE_QPS.len() {
        let body = Bytes::from_static(&RESPONSE_QPS[..cut]);
        // Between two fields it is a shorter message.
        let is_whole = cut == RESPONSE.len();
        assert_eq!(wire::decode(body).is_ok(), is_whole, "{cut}");
    }
    for cut in 0..REQUEST.len() {
        let body = Bytes::from_static(&REQUEST[..cut]);
        // Between the fields it lacks the key.
        assert!(wire::decode_request(body).is_err(), "{cut}");
    }
}

#[test]
fn a_request_that_lacks_the_group_or_the_key_is_an_error() {
    let bodies: [&[u8]; 5] = [
        b"",
        b"\x0a\x06scores",
        b"\x12\x03Tom",
        b"\x0a\x00\x12\x03Tom",
        b"\x0a\x06scores\x12\x00",
    ];
    for body in bodies {
        assert!(wire::decode_request(Bytes::from_static(body)).is_err());
    }
}

#[test]
fn garbage_is_an_error() {
    let bodies: [&[u8]; 7] = [
        b"630", // what days 3 to 6 sent
        b"<html>",
        b"\x08\x01",                                     // field 1 as a number
        b"\x02\x00",                                     // field 0 does not exist
        b"\x0f",                                         // nor does kind 7
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", // a length of more than 64 bits
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",     // a length beyond all memory
    ];
    for body in bodies {
        assert!(wire::decode(Bytes::from_static(body)).is_err(), "{body:?}");
        assert!(
            wire::decode_request(Bytes::from_static(body)).is_err(),
            "{body:?}"
        );
    }
}

#[test]
fn the_name_of_a_group_is_text() {
    let body = Bytes::from_static(b"\x0a\x01\xff\x12\x03Tom");
    assert!(wire::decode_request(body).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256 * effort()))]

    #[test]
    fn no_body_makes_decoding_panic(body: Vec<u8>) {
        let (response, request) = (wire::decode(body.clone().into()), wire::decode_request(body.into()));
        prop_assert!(response.is_ok() || !response.unwrap_err().to_string().is_empty());
        prop_assert!(request.is_ok() || !request.unwrap_err().to_string().is_empty());
    }

    #[test]
    fn no_damage_to_a_body_makes_decoding_panic(
        value: Vec<u8>, at: prop::sample::Index, byte: u8, cut: prop::sample::Index,
    ) {
        let mut body = wire::encode(value.into()).to_vec();
        let at = at.index(body.len());
        body[at] = byte;
        body.truncate(cut.index(body.len() + 1));
        wire::decode(body.clone().into()).ok();
        wire::decode_request(body.into()).ok();
    }

    #[test]
    fn any_value_survives_the_way(value: Vec<u8>) {
        let body = wire::encode(value.clone().into());
        prop_assert_eq!(&wire::decode(body).unwrap()[..], value);
    }

    #[test]
    fn any_key_survives_the_way(group in ".+", key in prop::collection::vec(any::<u8>(), 1..300)) {
        let message = GetRequest { group: group.clone(), key: key.clone().into() };
        let body = message.encode_to_vec().into();
        prop_assert_eq!(wire::decode_request(body).unwrap(), (group, key.into()));
    }
}

/// A database with every kind of answer.
async fn scores(key: Bytes) -> Answer {
    match &key[..] {
        b"Tom" => Ok(Some("630".into())),
        b"nothing" => Ok(Some("".into())),
        b"broken" => Err("the disk is on fire".into()),
        b"\xff\x00" => Ok(Some("bytes".into())),
        key if key.starts_with(b"xxx") => Ok(Some(key.len().to_string().into())),
        _ => Ok(None),
    }
}

/// The response to a request with a body, over a connection of its own.
async fn send(
    server: &Server,
    method: Method,
    path: &str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let io = TokioIo::new(server.dial().await);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder().method(method).uri(path);
    let request = request.header("host", "node");
    let request = request.body(Full::new(body.into())).unwrap();
    in_time("a response", async {
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::from_parts(head, body)
    })
    .await
}

async fn post(server: &Server, body: impl Into<Bytes>) -> Response<Bytes> {
    send(server, Method::POST, "/_geecache/", body).await
}

fn is_no_such_key(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::NOT_FOUND && response.headers().contains_key(wire::NO_SUCH_KEY)
}

#[tokio::test]
async fn a_post_to_the_base_path_is_answered_as_the_get_is() {
    let server = Server::start(scores).await;
    for key in [
        &b"Tom"[..],
        b"nothing",
        b"\xff\x00",
        b"Kim",
        b"broken",
        &[b'x'; 20_000],
    ] {
        let by_path = server.get(&BasePath::default().join("scores", key)).await;
        let by_body = request(key.to_vec()).encode_to_vec();
        let by_body = post(&server, by_body).await;
        assert_eq!(by_body.status(), by_path.status(), "{key:?}");
        assert_eq!(by_body.body(), by_path.body(), "{key:?}");
        for name in [CONTENT_TYPE, wire::NO_SUCH_KEY] {
            let (by_body, by_path) = (by_body.headers(), by_path.headers());
            assert_eq!(by_body.get(&name), by_path.get(&name), "{name} of {key:?}");
        }
    }
}

#[tokio::test]
async fn a_post_of_the_golden_bytes_gets_the_golden_bytes() {
    let server = Server::start(scores).await;
    let response = post(&server, REQUEST).await;
    assert_eq!(response.headers()[CONTENT_TYPE], "application/x-protobuf");
    assert_eq!(response.body(), RESPONSE);
    assert_eq!(&value(post(&server, REQUEST_0XFF).await)[..], b"bytes");
    assert!(is_no_such_key(
        &post(&server, request("Kim").encode_to_vec()).await
    ));
}

#[tokio::test]
async fn a_post_that_asks_for_nothing_is_refused() {
    let server = Server::start(scores).await;
    let table: [(&[u8], u16); 7] = [
        (b"Tom", 400),
        (b"", 400),
        (b"\x0a\x06scores", 400),
        (b"\x0a\x06scores\x12\x00", 400),
        (b"\x12\x03Tom", 400),
        (b"\x0a\x01\xff\x12\x03Tom", 400),
        (b"\x0a\x04ages\x12\x03Tom", 404),
    ];
    for (body, status) in table {
        let response = post(&server, body).await;
        assert_eq!(response.status(), status, "{body:?}");
        assert!(!response.headers().contains_key(wire::NO_SUCH_KEY));
    }
}

#[tokio::test]
async fn a_post_with_more_than_any_key_needs_is_refused() {
    let server = Server::start(scores).await;
    let longest = (64 << 10) - REQUEST.len();
    let fits = request(vec![b'x'; longest]).encode_to_vec();
    assert_eq!(post(&server, fits).await.status(), StatusCode::OK);
    let oversize = request(vec![b'x'; 64 << 10]).encode_to_vec();
    let response = post(&server, oversize).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_post_whose_body_has_no_end_is_refused_before_it() {
    let server = Server::start(scores).await;
    let mut stream = server.dial().await;
    let head = "POST /_geecache/ HTTP/1.1\r\nhost: node\r\ncontent-length: 1000000000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&[b'x'; 100_000]).await.ok();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with(b"HTTP/1.1 413 "));
}

#[tokio::test]
async fn a_post_whose_body_does_not_come_is_given_up() {
    let options = HttpPoolOptions {
        peer_timeout: Duration::from_millis(50),
        ..Default::default()
    };
    let server = Server::with(options, scores).await;
    let mut stream = server.dial().await;
    let head = "POST /_geecache/ HTTP/1.1\r\nhost: node\r\ncontent-length: 13\r\n\r\n\x0a\x06sc";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with(b"HTTP/1.1 408 "));
}

#[tokio::test]
async fn a_post_to_the_path_of_a_key_is_refused() {
    let server = Server::start(scores).await;
    let table = [
        ("/_geecache/scores/Tom", 405),
        ("/_geecache/scores/", 400),
        ("/_geecache/scores", 400),
        ("/_geecache", 404),
        ("/", 404),
    ];
    for (path, status) in table {
        let response = send(&server, Method::POST, path, REQUEST).await;
        assert_eq!(response.status(), status, "{path}");
        if status == 405 {
            assert_eq!(response.headers()[ALLOW], "GET, HEAD, DELETE");
        }
    }
}

#[tokio::test]
async fn a_body_with_any_other_method_asks_for_nothing() {
    let server = Server::start(scores).await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let response = send(&server, method, "/_geecache/", REQUEST).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_post_reaches_a_group_and_a_key_with_slashes() {
    let groups = Groups::new();
    let getter = |key: Bytes| async move { Ok(Some(key.into())) };
    groups.add(Group::builder("g/x", getter).build()).unwrap();
    let server = Server::of(HttpPoolOptions::default(), groups).await;
    let asked = GetRequest {
        group: "g/x".into(),
        key: "a/b+c%20d".into(),
    };
    let response = post(&server, asked.encode_to_vec()).await;
    assert_eq!(&value(response)[..], b"a/b+c%20d");
}

/// A ring with one point more or less agrees about nearly all keys, so only a few would show it.
#[test]
fn a_node_has_as_many_points_on_the_ring_as_groupcache_gives_it() {
    assert_eq!(HttpPoolOptions::default().replicas, 50);
}

/// Go writes its keys as for a query, and reads them as a path: the two differ in the space.
#[test]
fn a_plus_under_groupcaches_base_path_is_a_space() {
    let table: [(&str, &str, &[u8]); 6] = [
        ("/_groupcache/", "a+b", b"a b"),
        ("/_groupcache/", "a%20b", b"a b"),
        ("/_groupcache/", "a%2Bb%2b", b"a+b+"),
        ("/_geecache/", "a+b", b"a+b"),
        ("/_geecache/", "a%20b", b"a b"),
        ("/_geecache/", "a%2Bb%2b", b"a+b+"),
    ];
    for (base, sent, key) in table {
        let base: BasePath = base.parse().unwrap();
        let path = format!("{base}scores/{sent}");
        let expected = ("scores".to_string(), Bytes::copy_from_slice(key));
        assert_eq!(base.split(&path), Ok(expected), "{path}");
    }
}

#[test]
fn a_plus_in_the_name_of_a_group_is_read_as_in_a_key() {
    let base: BasePath = "/_groupcache/".parse().unwrap();
    let split = base.split("/_groupcache/high+scores%2B/k");
    assert_eq!(split, Ok(("high scores+".into(), "k".into())));
    let base = BasePath::default();
    let split = base.split("/_geecache/high+scores%2B/k");
    assert_eq!(split, Ok(("high+scores+".into(), "k".into())));
}

#[test]
fn what_we_send_means_the_same_to_every_node() {
    for base in ["/_groupcache/", "/_geecache/"] {
        let base: BasePath = base.parse().unwrap();
        let path = base.join("high scores", b"a b+c");
        assert_eq!(path, format!("{base}high%20scores/a%20b%2Bc"));
        for byte in 0..=255 {
            let path = base.join("s", &[byte]);
            let expected = ("s".to_string(), Bytes::copy_from_slice(&[byte]));
            assert!(!path.contains(['+', ' ']));
            assert_eq!(base.split(&path), Ok(expected));
        }
    }
}
