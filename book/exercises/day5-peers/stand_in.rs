//! Exercise 2 of day 5: while the owner of a key is down, one other node stands in for it.
//!
//! Copy this file to `day5-peers/tests/`. No new method is needed: a pool that knows that the owner is
//! down picks the next node on the ring that is not. The first request after the fall may still be
//! loaded by whoever asks: it is the one that finds out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use day5_peers as geecache;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use geecache::consistent_hash::Map;
use geecache::{ByteView, Group, Groups, HttpPool, HttpPoolOptions, PeerUrl};

/// A group whose values name the process that loaded them, and how many it has loaded.
fn scores(name: String, pool: HttpPool) -> (Group, Arc<AtomicUsize>) {
    let loads = Arc::<AtomicUsize>::default();
    let count = loads.clone();
    let getter = move |_: Bytes| {
        count.fetch_add(1, Ordering::SeqCst);
        let value = ByteView::from(name.clone());
        async move { Ok(Some(value)) }
    };
    (Group::builder("scores", getter).peers(pool).build(), loads)
}

struct Node {
    url: PeerUrl,
    loads: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Node {
    fn start(listener: TcpListener, urls: &[PeerUrl]) -> Self {
        let url = url(listener.local_addr().unwrap());
        let pool = HttpPool::new(HttpPoolOptions {
            self_url: Some(url.clone()),
            ..Default::default()
        });
        pool.set_peers(urls.iter().cloned());
        let (group, loads) = scores(url.to_string(), pool.clone());
        let groups = Groups::new();
        groups.add(group).unwrap();
        let server = tokio::spawn(async move {
            let forever = std::future::pending();
            pool.serve(listener, groups, forever).await.unwrap();
        });
        Self { url, loads, server }
    }

    async fn kill(&mut self) {
        self.server.abort();
        (&mut self.server).await.ok();
    }
}

fn url(address: SocketAddr) -> PeerUrl {
    format!("http://{address}").parse().unwrap()
}

async fn three() -> (Vec<Node>, Vec<PeerUrl>) {
    let mut listeners = Vec::new();
    for _ in 0..3 {
        listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
    }
    let address = |listener: &TcpListener| listener.local_addr().unwrap();
    let urls: Vec<PeerUrl> = listeners.iter().map(address).map(url).collect();
    let nodes = listeners
        .into_iter()
        .map(|l| Node::start(l, &urls))
        .collect();
    (nodes, urls)
}

/// A process that owns no key.
fn front(urls: &[PeerUrl]) -> (Group, Arc<AtomicUsize>) {
    let pool = HttpPool::new(HttpPoolOptions::default());
    pool.set_peers(urls.iter().cloned());
    scores("front".into(), pool)
}

fn keys_of(owner: &PeerUrl, urls: &[PeerUrl]) -> Vec<String> {
    let mut ring = Map::new(50);
    ring.extend(urls.iter().map(PeerUrl::as_str));
    let keys = (0..).map(|i| format!("key{i}"));
    let owned = keys.filter(|key| ring.get(key) == Some(owner.as_str()));
    owned.take(20).collect()
}

#[tokio::test]
async fn the_keys_of_a_dead_node_are_loaded_once_for_all_who_ask() {
    let (mut nodes, urls) = three().await;
    let keys = keys_of(&nodes[0].url, &urls);
    let fronts = [front(&urls), front(&urls), front(&urls)];
    nodes[0].kill().await;
    for (group, _) in &fronts {
        group.get(&keys[0]).await.unwrap(); // finds out
    }
    let before: usize = nodes.iter().map(|n| n.loads.load(Ordering::SeqCst)).sum();
    let before_fronts: usize = fronts.iter().map(|f| f.1.load(Ordering::SeqCst)).sum();
    for key in &keys[1..] {
        for (group, _) in &fronts {
            for _ in 0..5 {
                let value = group.get(key).await.unwrap().unwrap();
                assert_ne!(value, ByteView::from("front"), "{key}");
            }
        }
    }
    let after: usize = nodes.iter().map(|n| n.loads.load(Ordering::SeqCst)).sum();
    let after_fronts: usize = fronts.iter().map(|f| f.1.load(Ordering::SeqCst)).sum();
    assert_eq!(after - before, keys.len() - 1);
    assert_eq!(after_fronts, before_fronts);
}

#[tokio::test]
async fn the_owner_is_asked_again_when_it_is_back() {
    let (mut nodes, urls) = three().await;
    let keys = keys_of(&nodes[0].url, &urls);
    let (group, _) = front(&urls);
    let owner = ByteView::from(nodes[0].url.to_string());
    nodes[0].kill().await;
    group.get(&keys[0]).await.unwrap();
    assert_ne!(group.get(&keys[1]).await.unwrap().unwrap(), owner);

    let address = urls[0].as_str().trim_start_matches("http://");
    let listener = TcpListener::bind(address).await.unwrap();
    nodes[0] = Node::start(listener, &urls);
    let deadline = Instant::now() + Duration::from_secs(10);
    while group.get(&keys[1]).await.unwrap().unwrap() != owner {
        assert!(Instant::now() < deadline, "the owner is not asked");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn where_everybody_is_down_the_asker_loads() {
    let (mut nodes, urls) = three().await;
    for node in &mut nodes {
        node.kill().await;
    }
    let (group, loads) = front(&urls);
    for i in 0..20 {
        let value = group.get(format!("key{i}")).await.unwrap();
        assert_eq!(value, Some("front".into()));
    }
    assert_eq!(loads.load(Ordering::SeqCst), 20);
}
