//! Exercise 2 of day 3: an asker who has the value already need not get it again.
//!
//! Copy this file to `day3-http-pool/tests/`. It asks for no new method. Give a value an `etag`, and
//! answer a request whose `if-none-match` names it with 304 and no body (RFC 9110, section 13.1.2).

use std::net::SocketAddr;

use bytes::Bytes;
use day3_http_pool as geecache;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use geecache::{ByteView, Group, Groups, HttpPool, HttpPoolOptions};

/// A node that has no "nobody", one and the same value for all keys that begin with "same", and the
/// key itself for all others.
async fn node() -> SocketAddr {
    let getter = |key: Bytes| async move {
        Ok(match &key[..] {
            b"nobody" => None,
            key if key.starts_with(b"same") => Some(ByteView::from("630")),
            _ => Some(key.into()),
        })
    };
    let groups = Groups::new();
    groups
        .add(Group::builder("scores", getter).build())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let pool = HttpPool::new(HttpPoolOptions::default());
    let never = std::future::pending();
    tokio::spawn(async move { pool.serve(listener, groups, never).await });
    address
}

struct Answer {
    status: String,
    etag: Option<String>,
    body: String,
}

async fn ask(address: SocketAddr, key: &str, if_none_match: Option<&str>) -> Answer {
    let condition = if_none_match.map(|tags| format!("if-none-match: {tags}\r\n"));
    let condition = condition.unwrap_or_default();
    let request = format!(
        "GET /_geecache/scores/{key} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n{condition}\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let etag = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("etag").then(|| value.to_string())
    });
    Answer {
        status: head.split(' ').nth(1).unwrap().to_string(),
        etag,
        body: body.to_string(),
    }
}

async fn etag(address: SocketAddr, key: &str) -> String {
    let answer = ask(address, key, None).await;
    assert_eq!(answer.status, "200");
    answer.etag.expect("a value has an etag")
}

#[tokio::test]
async fn an_etag_is_a_quoted_text_without_quotes_in_it() {
    let etag = etag(node().await, "Tom").await;
    let inner = etag.strip_prefix('"').and_then(|e| e.strip_suffix('"'));
    assert!(!inner.expect("quotes around it").contains('"'), "{etag}");
}

#[tokio::test]
async fn it_depends_on_the_value_alone() {
    let (one, other) = (node().await, node().await);
    assert_eq!(etag(one, "same1").await, etag(one, "same2").await);
    assert_eq!(etag(one, "same1").await, etag(other, "same1").await);
    assert_ne!(etag(one, "Tom").await, etag(one, "Sam").await);
}

#[tokio::test]
async fn who_has_the_value_gets_304_and_no_body() {
    let address = node().await;
    let tag = etag(address, "Tom").await;
    let ways = [
        tag.clone(),
        format!("\"other\", {tag}"),
        format!("{tag},\"other\""),
        format!("W/{tag}"),
        "*".to_string(),
    ];
    for tags in ways {
        let answer = ask(address, "Tom", Some(&tags)).await;
        assert_eq!(answer.status, "304", "{tags}");
        assert_eq!(answer.body, "", "{tags}");
        assert_eq!(answer.etag.as_ref(), Some(&tag), "{tags}");
    }
}

#[tokio::test]
async fn who_has_another_value_gets_this_one() {
    let answer = ask(node().await, "Tom", Some("\"other\"")).await;
    assert_eq!((&*answer.status, &*answer.body), ("200", "Tom"));
}

#[tokio::test]
async fn a_key_that_does_not_exist_has_no_etag_and_stays_a_404() {
    let answer = ask(node().await, "nobody", Some("*")).await;
    assert_eq!((&*answer.status, answer.etag), ("404", None));
}
