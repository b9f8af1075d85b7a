//! Exercise 1 of day 5: whom a pool believes to be down.
//!
//! Copy this file to `day5-peers/tests/` and add to `HttpPool`:
//!
//! ```text
//! pub fn down(&self) -> Vec<PeerUrl>
//! ```
//!
//! The peers that are down at this moment, by their URLs in ascending order.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use day5_peers as geecache;
use tokio::net::TcpListener;

use geecache::{ByteView, Group, Groups, HttpPool, HttpPoolOptions, PeerUrl};

async fn value(_: Bytes) -> geecache::Answer {
    Ok(Some(ByteView::from("630")))
}

/// An address at which nobody listens, for now.
async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

fn url(address: SocketAddr) -> PeerUrl {
    format!("http://{address}").parse().unwrap()
}

#[tokio::test]
async fn nobody_is_down_before_somebody_was_asked() {
    let pool = HttpPool::new(HttpPoolOptions::default());
    assert!(pool.down().is_empty());
    pool.set_peers([url(free_address().await)]);
    assert!(pool.down().is_empty());
}

#[tokio::test]
async fn a_peer_is_down_until_it_answers() {
    let address = free_address().await;
    let pool = HttpPool::new(HttpPoolOptions::default());
    pool.set_peers([url(address)]);
    let group = Group::builder("scores", value).peers(pool.clone()).build();
    assert_eq!(group.get("Tom").await.unwrap(), Some("630".into()));
    assert_eq!(pool.down(), [url(address)]);

    let listener = TcpListener::bind(address).await.unwrap();
    let node = HttpPool::new(HttpPoolOptions::default());
    let server = tokio::spawn(async move {
        let forever = std::future::pending();
        node.serve(listener, Groups::new(), forever).await
    });
    let deadline = Instant::now() + Duration::from_secs(10);
    while !pool.down().is_empty() {
        assert!(Instant::now() < deadline, "it is still down");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.abort();
}

#[tokio::test]
async fn they_are_listed_by_url_and_only_while_they_are_members() {
    let addresses = [free_address().await, free_address().await];
    let mut urls = addresses.map(url);
    urls.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    let pool = HttpPool::new(HttpPoolOptions::default());
    pool.set_peers(urls.clone());
    let group = Group::builder("scores", value).peers(pool.clone()).build();
    for i in 0..100 {
        group.get(format!("key{i}")).await.unwrap();
    }
    assert_eq!(pool.down(), urls);
    pool.set_peers([]);
    assert!(pool.down().is_empty());
}
