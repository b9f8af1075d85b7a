//! Exercise 1 of day 3: a bound for keys.
//!
//! Copy this file to `day3-http-pool/tests/` and add to `HttpPoolOptions`:
//!
//! ```text
//! /// The longest key that is served, decoded; a longer one is answered with 414.
//! pub max_key_bytes: usize,
//! ```

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use day3_http_pool as geecache;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use geecache::{BasePath, Group, Groups, HttpPool, HttpPoolOptions};

/// A node that answers every key with itself, and counts how often it had to.
async fn node(options: HttpPoolOptions) -> (SocketAddr, Arc<AtomicUsize>) {
    let loads = Arc::new(AtomicUsize::new(0));
    let counted = loads.clone();
    let getter = move |key: Bytes| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move { Ok(Some(key.into())) }
    };
    let groups = Groups::new();
    groups
        .add(Group::builder("scores", getter).build())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let never = std::future::pending();
    let pool = HttpPool::new(options);
    tokio::spawn(async move { pool.serve(listener, groups, never).await });
    (address, loads)
}

async fn status_of(address: SocketAddr, key: &[u8]) -> String {
    let path = BasePath::default().join("scores", key);
    let request = format!("GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).unwrap().to_string()
}

fn up_to(max_key_bytes: usize) -> HttpPoolOptions {
    HttpPoolOptions {
        max_key_bytes,
        ..HttpPoolOptions::default()
    }
}

#[tokio::test]
async fn a_key_of_the_length_that_is_allowed_is_served() {
    let (address, _) = node(up_to(4)).await;
    assert_eq!(status_of(address, b"1234").await, "200");
}

#[tokio::test]
async fn a_longer_key_is_refused_and_nothing_is_loaded() {
    let (address, loads) = node(up_to(4)).await;
    assert_eq!(status_of(address, b"12345").await, "414");
    assert_eq!(loads.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_counts_is_the_key_and_not_how_it_is_written() {
    let (address, _) = node(up_to(4)).await;
    // Twelve characters in the path.
    assert_eq!(status_of(address, b"\xff\xff\xff\xff").await, "200");
}

#[tokio::test]
async fn a_long_key_is_served_unless_there_is_a_bound() {
    let (address, _) = node(HttpPoolOptions::default()).await;
    assert_eq!(status_of(address, &[b'k'; 4096]).await, "200");
}
