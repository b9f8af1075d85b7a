use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use hyper::header::ALLOW;
use hyper::{Method, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::geecache::{
    Answer, BasePath, Error, Group, Groups, HttpPool, HttpPoolOptions, InvalidPeerUrl, PeerPicker,
    PeerUrl, api, wire,
};
use crate::nodes::{
    FakePeer, Member, Node, Reply, free_address, join, keys_of, patient, response, said, saying,
    url,
};
use crate::support::{Client, dial, eventually, gated, in_time, path, read_to_end};

// Who answers.

#[tokio::test]
async fn every_key_is_loaded_once_and_by_its_owner_whomever_one_asks() {
    let (a, b) = (Node::start("a").await, Node::start("b").await);
    join(&[&a, &b]);
    let (of_a, of_b) = (keys_of(&a, &[&a, &b]), keys_of(&b, &[&a, &b]));
    for (key_of_a, key_of_b) in of_a.zip(of_b).take(20) {
        for node in [&a, &b] {
            assert_eq!(node.get(&key_of_a).await, said("a", &key_of_a));
            assert_eq!(node.get(&key_of_b).await, said("b", &key_of_b));
        }
    }
    assert_eq!(a.member.loads.count(), 20);
    assert_eq!(b.member.loads.count(), 20);
}

#[tokio::test]
async fn any_bytes_are_a_key_on_the_way_to_the_owner() {
    let owner = Node::start("owner").await;
    let asker = Member::asking(owner.address, patient());
    let mut keys: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
    keys.push((0..=255).collect());
    let texts = [
        "a b",
        "a+b",
        "a%20b",
        "a%2Bb",
        "a/b",
        "//",
        "a//b/",
        "..",
        "../..",
        "../a",
        "%%",
        "%2F",
        "%zz",
        "é",
        "日本",
        "k?q=1#f",
        "k;v=1",
        "http://h/",
        "\r\n",
    ];
    keys.extend(texts.map(Vec::from));
    for key in &keys {
        let key_text = key.escape_ascii();
        assert_eq!(asker.get(key).await, said("owner", key), "{key_text}");
    }
    assert_eq!(owner.member.loads.keys(), keys);
    assert_eq!(asker.loads.count(), 0);
}

#[tokio::test]
async fn a_group_with_a_slash_in_its_name_is_not_a_key_of_another_group() {
    let groups = Groups::new();
    for name in ["g", "g/x"] {
        let group = Group::builder(name, saying(name)).build();
        groups.add(group).unwrap();
    }
    let address = free_address();
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        let pool = HttpPool::new(patient());
        pool.serve(listener, groups, std::future::pending()).await
    });
    let pool = HttpPool::new(patient());
    pool.set_peers([url(address)]);
    for (name, key) in [("g", "x/k"), ("g/x", "k"), ("g", "k"), ("g/x", "x/k")] {
        let group = Group::builder(name, saying("asker")).peers(pool.clone());
        let answer = in_time("a value", group.build().get(key)).await;
        assert_eq!(answer.unwrap(), Some(said(name, key)), "{key} of {name}");
    }
}

#[tokio::test]
async fn a_peer_that_does_not_have_the_group_is_no_owner_of_its_keys() {
    let owner = Node::start("owner").await;
    let pool = HttpPool::new(patient());
    pool.set_peers([owner.url()]);
    let group = Group::builder("ages", saying("asker")).peers(pool).build();
    let answer = in_time("a value", group.get("Tom")).await;
    assert_eq!(answer.unwrap(), Some(said("asker", "Tom")));
}

#[tokio::test]
async fn without_peers_every_key_is_local() {
    let never_set = Member::new(patient(), saying("me"));
    let set_to_none = Member::new(patient(), saying("me"));
    set_to_none.pool.set_peers([url(free_address())]);
    set_to_none.pool.set_peers([]);
    let only_itself = Node::start("me").await;
    join(&[&only_itself]);
    for member in [&never_set, &set_to_none, &only_itself.member] {
        for key in ["Tom", "Jack", "Tom"] {
            assert_eq!(member.get(key).await, said("me", key));
        }
        assert_eq!(member.loads.count(), 2, "the second Tom is a hit");
    }
}

#[tokio::test]
async fn a_node_knows_itself_by_any_spelling_of_its_url() {
    // Nothing listens there: a node that takes itself for another would get no answer, and keep none.
    let port = free_address().port();
    let table = [
        ("http://127.0.0.1:PORT", "http://127.0.0.1:PORT/"),
        ("http://127.0.0.1:PORT/", "http://127.0.0.1:PORT"),
        ("http://localhost:PORT", "http://LocalHost:PORT/"),
    ];
    for (self_url, in_the_list) in table {
        let url = |url: &str| url.replace("PORT", &port.to_string()).parse().unwrap();
        let options = HttpPoolOptions {
            self_url: Some(url(self_url)),
            ..patient()
        };
        let node = Member::new(options, saying("me"));
        node.pool.set_peers([url(in_the_list)]);
        for _ in 0..2 {
            assert_eq!(node.get("Tom").await, said("me", "Tom"));
        }
        assert_eq!(node.loads.count(), 1, "{self_url} is {in_the_list}");
    }
}

#[tokio::test]
async fn a_node_that_does_not_know_itself_still_answers() {
    // Two names of one host, which spelling alone cannot tell: the node asks itself. The deadline is
    // far away, so it is not what ends the question.
    for (self_host, host_in_the_list) in [("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")] {
        let address = free_address();
        let url = |host: &str| -> PeerUrl {
            let url = format!("http://{host}:{}", address.port());
            url.parse().unwrap()
        };
        let options = HttpPoolOptions {
            self_url: Some(url(self_host)),
            ..patient()
        };
        let node = Node::at(address, options, saying("me")).await;
        node.member.pool.set_peers([url(host_in_the_list)]);
        for _ in 0..2 {
            assert_eq!(node.get("Tom").await, said("me", "Tom"));
        }
        let gets = (0..10).map(|i| node.member.group.get(format!("key{i}")));
        for answer in in_time("values", join_all(gets)).await {
            assert!(answer.unwrap().is_some());
        }
        assert_eq!(node.member.loads.count(), 11);
    }
}

#[tokio::test]
async fn two_nodes_that_take_each_other_for_the_owner_both_answer() {
    let (a, b) = (Node::start("a").await, Node::start("b").await);
    a.member.pool.set_peers([b.url()]);
    b.member.pool.set_peers([a.url()]);
    for key in ["Tom", "Jack", "Tom"] {
        assert_eq!(a.get(key).await, said("b", key));
        assert_eq!(b.get(key).await, said("a", key));
    }
    let gets = [&a, &b].map(|node| node.member.group.get("Sam"));
    for answer in in_time("values", join_all(gets)).await {
        assert!(answer.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_key_that_its_owner_does_not_have_is_not_looked_for_again() {
    let owner = Node::with(patient(), |_: Bytes| async { Ok(None) }).await;
    let asker = Member::asking(owner.address, patient());
    for _ in 0..5 {
        let answer = in_time("an answer", asker.group.get("nobody")).await;
        assert_eq!(answer.unwrap(), None);
    }
    assert_eq!(asker.loads.count(), 0);
    assert!((1..=5).contains(&owner.member.loads.count()));
}

#[tokio::test]
async fn an_empty_value_of_a_peer_is_a_value() {
    let owner = Node::with(patient(), |_: Bytes| async { Ok(Some("".into())) }).await;
    let asker = Member::asking(owner.address, patient());
    assert_eq!(asker.get("Tom").await, "".into());
    assert_eq!(asker.loads.count(), 0);
}

#[tokio::test]
async fn the_empty_key_is_an_error_before_anybody_is_asked() {
    let peer = FakePeer::start(Reply::value("a value")).await;
    let asker = Member::asking(peer.address, patient());
    let answer = asker.group.get("").await;
    assert!(matches!(answer, Err(Error::EmptyKey)), "{answer:?}");
    assert_eq!((peer.connections(), asker.loads.count()), (0, 0));
}

// What a request to a peer looks like.

#[tokio::test]
async fn a_request_says_less_time_than_the_asker_will_wait() {
    let peer = FakePeer::start(Reply::value("a value")).await;
    let options = HttpPoolOptions {
        peer_timeout: Duration::from_secs(20),
        ..Default::default()
    };
    let asker = Member::asking(peer.address, options);
    asker.get("Tom").await;
    let request = &peer.requests()[0];
    let header = format!("\r\n{}: ", wire::TIMEOUT_MS);
    let (_, rest) = request.split_once(&header).expect("the header");
    let (milliseconds, _) = rest.split_once("\r\n").unwrap();
    let milliseconds: u64 = milliseconds.parse().unwrap();
    assert!((10_000..20_000).contains(&milliseconds), "{milliseconds}");
}

#[tokio::test]
async fn base_paths_and_paths_of_peers_come_before_the_group() {
    let peer = FakePeer::start(Reply::value("a value")).await;
    let options = HttpPoolOptions {
        base_path: "/v1/".parse::<BasePath>().unwrap(),
        ..patient()
    };
    let asker = Member::new(options, saying("asker"));
    for (path, expected) in [
        ("", "get /v1/scores/tom "),
        ("/", "get /v1/scores/tom "),
        ("/cache/", "get /cache/v1/scores/tom "),
    ] {
        let url = format!("{}{path}", url(peer.address));
        asker.pool.set_peers([url.parse::<PeerUrl>().unwrap()]);
        asker.group.get("Tom").await.unwrap();
        let last = peer.requests().pop().unwrap();
        assert!(last.starts_with(expected), "{last}");
    }
}

#[tokio::test]
async fn gets_one_after_the_other_share_a_connection() {
    let peer = FakePeer::start(Reply::value("a value")).await;
    let asker = Member::asking(peer.address, patient());
    for i in 0..20 {
        assert_eq!(asker.get(format!("key{i}")).await, "a value".into());
    }
    assert_eq!(peer.gets(), 20);
    // The client may open a second one while it looks for one to use again.
    assert!(peer.connections() <= 2, "{}", peer.connections());
}

// Peers that fail.

#[tokio::test]
async fn whatever_is_no_answer_is_made_good_by_a_local_load() {
    let oversize = [b'x'; 100];
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n";
    let chunked = [chunked.as_bytes(), &oversize, b"\r\n0\r\n\r\n"].concat();
    let replies = [
        Reply::status("500 Internal Server Error"),
        Reply::status("503 Service Unavailable"),
        Reply::status("504 Gateway Timeout"),
        Reply::status("404 Not Found"),
        Reply::status("400 Bad Request"),
        Reply::status("302 Found\r\nlocation: /elsewhere"),
        Reply::Send("HTTP/1.1 204 No Content\r\n\r\n".into()),
        Reply::Send(response("200 OK", &oversize)),
        Reply::Send(chunked.into()),
    ];
    for reply in replies {
        let peer = FakePeer::start(reply).await;
        let options = HttpPoolOptions {
            max_body_bytes: 64,
            ..patient()
        };
        let asker = Member::asking(peer.address, options);
        assert_eq!(asker.get("Tom").await, said("asker", "Tom"));
        assert_eq!(asker.loads.keys(), ["Tom"]);
        assert_eq!(peer.gets(), 1, "one question is enough");

        // It answered, so it lives, and is asked for the next key at once.
        peer.replies(Reply::value("better"));
        assert_eq!(asker.get("Jack").await, "better".into());
        assert_eq!(asker.loads.count(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_good_by_a_local_load() {
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n";
    let texts = [
        short,
        chunked,
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "\0\0\0\0\0\0\0\0",
        "",
    ];
    for text in texts {
        let peer = FakePeer::start(Reply::SendAndClose(text.into())).await;
        let asker = Member::asking(peer.address, patient());
        assert_eq!(asker.get("Tom").await, said("asker", "Tom"), "{text:?}");
        assert_eq!(asker.loads.keys(), ["Tom"], "{text:?}");
    }
}

#[tokio::test]
async fn a_peer_that_breaks_off_is_skipped_for_a_while() {
    let peer = FakePeer::start(Reply::SendAndClose(Bytes::new())).await;
    let asker = Member::asking(peer.address, patient());
    for i in 0..10 {
        let key = format!("key{i}");
        assert_eq!(asker.get(&key).await, said("asker", key));
    }
    assert_eq!(peer.gets(), 1);
    peer.replies(Reply::value("back"));
    let mut keys = (10..).map(|i| format!("key{i}"));
    eventually("an answer of the peer", async || {
        asker.get(keys.next().unwrap()).await == "back".into()
    })
    .await;
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
    let view = said("owner", "Tom");
    let options = HttpPoolOptions {
        max_body_bytes: wire::encode(view.clone()).len(),
        ..patient()
    };
    let owner = Node::start("owner").await;
    let asker = Member::asking(owner.address, options);
    assert_eq!(asker.get("Tom").await, view);
    assert_eq!(asker.get("Tomm").await, said("asker", "Tomm"));
}

#[tokio::test]
async fn a_404_with_the_marker_is_an_answer_and_one_without_is_none() {
    let with_marker = format!("404 Not Found\r\n{}: 1", wire::NO_SUCH_KEY);
    let peer = FakePeer::start(Reply::status(&with_marker)).await;
    let asker = Member::asking(peer.address, patient());
    let answer = in_time("an answer", asker.group.get("Tom")).await;
    assert_eq!(answer.unwrap(), None);
    assert_eq!(asker.loads.count(), 0);
    peer.replies(Reply::status("404 Not Found"));
    assert_eq!(asker.get("Tom").await, said("asker", "Tom"));
}

async fn out_of_order(_: Bytes) -> Answer {
    Err("the database is out of order".into())
}

#[tokio::test]
async fn an_owner_that_cannot_load_leaves_it_to_the_asker() {
    let owner = Node::with(patient(), out_of_order).await;
    let asker = Member::asking(owner.address, patient());
    assert_eq!(asker.get("Tom").await, said("asker", "Tom"));
    assert_eq!(owner.member.loads.keys(), ["Tom"]);
}

#[tokio::test]
async fn where_nobody_can_load_the_asker_learns_why() {
    let owner = Node::with(patient(), out_of_order).await;
    let asker = Member::new(patient(), out_of_order);
    asker.pool.set_peers([owner.url()]);
    let error = in_time("an answer", asker.group.get("Tom")).await;
    let Err(Error::Load { key, source, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(key, "Tom");
    assert_eq!(source.to_string(), "the database is out of order");
}

#[tokio::test]
async fn a_peer_that_refuses_connections_is_asked_again_once_it_is_there() {
    let address = free_address();
    let asker = Member::asking(address, patient());
    for key in ["Tom", "Jack"] {
        assert_eq!(asker.get(key).await, said("asker", key));
    }
    let _owner = Node::at(address, patient(), saying("owner")).await;
    let mut keys = (0..).map(|i| format!("key{i}"));
    eventually("an answer of the owner", async || {
        let key = keys.next().unwrap();
        asker.get(&key).await == said("owner", key)
    })
    .await;
}

#[tokio::test]
async fn a_peer_that_is_down_takes_no_other_down() {
    let (a, b, c) = (
        Node::start("a").await,
        Node::start("b").await,
        Node::start("c").await,
    );
    let all = [&a, &b, &c];
    join(&all);
    let keys = [&a, &b, &c].map(|owner| keys_of(owner, &all).take(10).collect::<Vec<_>>());
    c.kill().await;
    for ((of_a, of_b), of_c) in keys[0].iter().zip(&keys[1]).zip(&keys[2]) {
        assert_eq!(a.get(of_c).await, said("a", of_c));
        assert_eq!(a.get(of_b).await, said("b", of_b));
        assert_eq!(b.get(of_c).await, said("b", of_c));
        assert_eq!(b.get(of_a).await, said("a", of_a));
    }
}

/// A peer that never answers: the system takes the connections, and nobody looks at them.
struct Silent(std::net::TcpListener);

impl Silent {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// The connections since the last call.
    fn connections(&self) -> usize {
        std::iter::from_fn(|| self.0.accept().ok()).count()
    }
}

const ONE_SECOND: Duration = Duration::from_secs(1);

fn one_second() -> HttpPoolOptions {
    HttpPoolOptions {
        peer_timeout: ONE_SECOND,
        ..Default::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_hangs_costs_one_deadline_and_is_then_skipped() {
    let silent = Silent::start();
    let asker = Member::asking(silent.address(), one_second());
    let started = Instant::now();
    let gets = (0..10).map(|i| asker.get(format!("early{i}")));
    for (i, value) in join_all(gets).await.into_iter().enumerate() {
        assert_eq!(value, said("asker", format!("early{i}")));
    }
    let elapsed = started.elapsed();
    assert!(
        (ONE_SECOND..2 * ONE_SECOND).contains(&elapsed),
        "{elapsed:?}"
    );

    let started = Instant::now();
    for i in 0..100 {
        let key = format!("late{i}");
        assert_eq!(asker.get(&key).await, said("asker", key));
    }
    assert!(started.elapsed() < ONE_SECOND, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_costs_one_deadline_too() {
    let begun = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nbegun";
    let peer = FakePeer::start(Reply::Send(begun.into())).await;
    let asker = Member::asking(peer.address, one_second());
    let started = Instant::now();
    assert_eq!(asker.get("Tom").await, said("asker", "Tom"));
    assert_eq!(asker.get("Jack").await, said("asker", "Jack"));
    let elapsed = started.elapsed();
    assert!(
        (ONE_SECOND..2 * ONE_SECOND).contains(&elapsed),
        "{elapsed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_stays_down_while_others_come_and_go() {
    let silent = Silent::start();
    let asker = Member::asking(silent.address(), one_second());
    assert_eq!(asker.get("Tom").await, said("asker", "Tom"));
    let started = Instant::now();
    for i in 0..10 {
        let stranger = url(SocketAddr::from(([127, 0, 0, 1], 1)));
        asker.pool.set_peers([url(silent.address()), stranger]);
        asker.pool.set_peers([url(silent.address())]);
        assert!(asker.get(format!("key{i}")).await.starts_with(b"asker"));
    }
    assert!(started.elapsed() < ONE_SECOND, "{:?}", started.elapsed());
}

#[test]
fn two_who_add_a_peer_at_the_same_time_get_the_same_one() {
    // A large ring takes so long that the calls would overlap.
    let pool = HttpPool::new(HttpPoolOptions {
        replicas: 20_000,
        ..patient()
    });
    let peer = url(SocketAddr::from(([127, 0, 0, 1], 1)));
    let together = std::sync::Barrier::new(2);
    let add = || {
        together.wait();
        pool.set_peers([peer.clone()]);
        let added = pool.pick_peer(b"Tom").unwrap();
        Arc::as_ptr(&added).cast::<()>().addr()
    };
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(add);
        (add(), other.join().unwrap())
    });
    assert_eq!(one, other, "what is known of the peer's health is lost");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_is_down_is_tried_at_growing_intervals() {
    let silent = Silent::start();
    let asker = Member::asking(silent.address(), one_second());
    asker.get("Tom").await;
    silent.connections();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let in_the_first_minute = silent.connections();
    assert!(
        (8..30).contains(&in_the_first_minute),
        "{in_the_first_minute}"
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    let in_the_second = silent.connections();
    assert!((8..20).contains(&in_the_second), "{in_the_second}");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_shows_life_and_answers_nothing_is_asked_less_and_less_often() {
    let peer = FakePeer::start(Reply::SignsOfLife).await;
    let asker = Member::asking(peer.address, one_second());
    let mut keys = (0..).map(|i| format!("key{i}"));
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) {
        asker.get(keys.next().unwrap()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Each costs one second: without the growth there would be more than fifty.
    assert!((5..35).contains(&peer.gets()), "{}", peer.gets());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_left_the_pool_is_tried_no_more() {
    let silent = Silent::start();
    let asker = Member::asking(silent.address(), one_second());
    asker.get("Tom").await;
    asker.pool.set_peers([]);
    // What was under way may come to its end.
    tokio::time::sleep(Duration::from_secs(20)).await;
    silent.connections();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(silent.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_tried_for_a_pool_that_is_gone() {
    let silent = Silent::start();
    let asker = Member::asking(silent.address(), one_second());
    asker.get("Tom").await;
    drop(asker);
    tokio::time::sleep(Duration::from_secs(20)).await;
    silent.connections();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(silent.connections(), 0);
}

#[tokio::test]
async fn a_peer_that_hung_is_skipped_until_it_answers_and_then_asked_again() {
    let peer = FakePeer::start(Reply::Silence).await;
    let options = HttpPoolOptions {
        peer_timeout: Duration::from_millis(100),
        ..Default::default()
    };
    let asker = Member::asking(peer.address, options);
    assert_eq!(asker.get("Tom").await, said("asker", "Tom"));
    let mut keys = (0..).map(|i| format!("key{i}"));
    for key in keys.by_ref().take(20) {
        assert_eq!(asker.get(&key).await, said("asker", key));
    }
    eventually("a probe", async || peer.requests().len() >= 3).await;
    assert_eq!(peer.gets(), 1, "{:?}", peer.requests());
    for probe in &peer.requests()[1..] {
        assert!(probe.starts_with("head /_geecache/ "), "{probe}");
    }

    peer.replies(Reply::value("back"));
    eventually("an answer of the peer", async || {
        asker.get(keys.next().unwrap()).await == "back".into()
    })
    .await;
}

#[tokio::test]
async fn a_value_that_is_slow_to_load_does_not_take_its_owner_down() {
    let (getter, mut gate) = gated();
    let options = HttpPoolOptions {
        peer_timeout: Duration::from_secs(2),
        ..Default::default()
    };
    let owner = Node::with(patient(), getter).await;
    let asker = Member::asking(owner.address, options);
    let started = Instant::now();
    assert_eq!(asker.get("slow").await, said("asker", "slow"));
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "the owner said so in time"
    );
    gate.asked().await;
    assert_eq!(asker.get("fast").await, "fast".into());
    assert_eq!(asker.loads.keys(), ["slow"]);
}

/// The status line of the answer to a GET with this header.
async fn status_line(address: SocketAddr, key: &str, header: &str) -> String {
    let mut stream = dial(address).await;
    let path = path(key);
    let request = format!("GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n{header}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    let line = answer.split(|&byte| byte == b'\r').next().unwrap();
    String::from_utf8(line.to_vec()).unwrap()
}

#[tokio::test]
async fn a_node_works_no_longer_than_the_asker_waits() {
    let (getter, _gate) = gated();
    let node = Node::with(patient(), getter).await;
    let header = format!("{}: 50\r\n", wire::TIMEOUT_MS);
    let started = Instant::now();
    let line = status_line(node.address, "slow", &header).await;
    assert_eq!(line, "HTTP/1.1 504 Gateway Timeout");
    assert!(started.elapsed() >= Duration::from_millis(50));
    let line = status_line(node.address, "fast", &header).await;
    assert_eq!(line, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_node_works_no_longer_than_its_own_deadline_whatever_the_asker_says() {
    let (getter, _gate) = gated();
    let options = HttpPoolOptions {
        peer_timeout: Duration::from_millis(50),
        ..Default::default()
    };
    let node = Node::with(options, getter).await;
    for value in ["3600000", "99999999999999999999999", "soon", "-1", ""] {
        let header = format!("{}: {value}\r\n", wire::TIMEOUT_MS);
        let line = status_line(node.address, "slow", &header).await;
        assert_eq!(line, "HTTP/1.1 504 Gateway Timeout", "{value}");
    }
    let line = status_line(node.address, "slow", "").await;
    assert_eq!(line, "HTTP/1.1 504 Gateway Timeout");
}

#[tokio::test]
async fn a_get_that_is_given_up_half_way_leaves_all_in_order() {
    let (getter, mut gate) = gated();
    let owner = Node::with(patient(), getter).await;
    let asker = Member::asking(owner.address, patient());
    for _ in 0..3 {
        let mut get = Box::pin(asker.group.get("slow"));
        tokio::select! {
            _ = &mut get => panic!("the gate is closed"),
            _ = gate.asked() => {}
        }
        drop(get);
        assert_eq!(asker.get("fast").await, "fast".into());
    }
    gate.open();
    assert_eq!(asker.get("slow").await, "slow".into());
    assert_eq!(asker.loads.count(), 0);
}

// Peers that come and go.

/// A getter whose values change with time, all over the cluster.
#[derive(Clone, Default)]
struct Versions(Arc<AtomicUsize>);

impl Versions {
    fn getter(&self, name: &'static str) -> impl Fn(Bytes) -> std::future::Ready<Answer> + use<> {
        let version = self.0.clone();
        move |_| {
            let version = version.load(Ordering::SeqCst);
            std::future::ready(Ok(Some(format!("{name} {version}").into())))
        }
    }

    fn next(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn what_was_loaded_in_the_owners_stead_is_not_read_once_the_owner_is_back() {
    let versions = Versions::default();
    let owner = Node::with(patient(), versions.getter("owner")).await;
    let address = owner.address;
    let asker = Member::new(patient(), versions.getter("asker"));
    asker.pool.set_peers([owner.url()]);
    assert_eq!(asker.get("Tom").await, "owner 0".into());
    owner.kill().await;
    eventually("a local load", async || {
        asker.get("Tom").await == "asker 0".into()
    })
    .await;

    versions.next();
    let _owner = Node::at(address, patient(), versions.getter("owner")).await;
    eventually("the owner's new value", async || {
        let value = asker.get("Tom").await;
        assert_ne!(value, "owner 0".into());
        value == "owner 1".into()
    })
    .await;
}

#[tokio::test]
async fn what_was_loaded_in_the_owners_stead_is_not_kept() {
    let versions = Versions::default();
    let owner = Node::with(patient(), versions.getter("owner")).await;
    let asker = Node::with(patient(), versions.getter("asker")).await;
    join(&[&asker, &owner]);
    let key = keys_of(&owner, &[&asker, &owner]).next().unwrap();
    owner.kill().await;
    assert_eq!(asker.get(&key).await, "asker 0".into());
    versions.next();
    // From now on the asker is the owner itself, and answers from its own cache.
    join(&[&asker]);
    assert_eq!(asker.get(&key).await, "asker 1".into());
}

#[tokio::test]
async fn a_node_that_joins_is_asked_for_its_keys_even_where_they_are_cached() {
    let (old, new) = (Node::start("old").await, Node::start("new").await);
    join(&[&old]);
    let key = keys_of(&new, &[&old, &new]).next().unwrap();
    for _ in 0..2 {
        assert_eq!(old.get(&key).await, said("old", &key));
    }
    join(&[&old, &new]);
    assert_eq!(old.get(&key).await, said("new", &key));
    assert_eq!(new.get(&key).await, said("new", &key));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn peers_may_change_while_the_pool_is_in_use() {
    let nodes = [
        Node::start("a").await,
        Node::start("b").await,
        Node::start("c").await,
    ];
    let asker = Arc::new(Member::new(patient(), saying("asker")));
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..8)
        .map(|reader| {
            let (asker, done) = (asker.clone(), done.clone());
            tokio::spawn(async move {
                let mut gets = 0;
                while !done.load(Ordering::Relaxed) || gets < 50 {
                    let key = format!("key{}", (reader * 7 + gets) % 40);
                    let value = asker.get(&key).await;
                    let names = ["a", "b", "c", "asker"];
                    assert!(names.iter().any(|name| value == said(name, &key)));
                    gets += 1;
                }
            })
        })
        .collect();
    for round in 0..200_usize {
        let members = nodes.iter().enumerate();
        let members = members.filter(|(i, _)| (round >> i) & 1 == 1);
        asker.pool.set_peers(members.map(|(_, node)| node.url()));
        tokio::task::yield_now().await;
    }
    asker.pool.set_peers([nodes[1].url()]);
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        in_time("the end of a reader", reader).await.unwrap();
    }
    assert_eq!(asker.get("last").await, said("b", "last"));
}

// URLs of peers.

#[test]
fn the_url_of_a_peer_is_http_a_host_and_perhaps_a_port_and_a_path() {
    let good = [
        "http://localhost:8001",
        "http://10.0.0.7:8001/",
        "http://node",
        "http://[::1]:8001",
        "http://Node-1.example.org/cache/",
    ];
    for url in good {
        let parsed: PeerUrl = url.parse().unwrap();
        assert_eq!(parsed.as_str(), url);
        assert_eq!(parsed.to_string(), url);
    }
    let bad = [
        "",
        " ",
        "localhost",
        "localhost:8001",
        "10.0.0.7:8001",
        "//node:8001",
        "/node",
        "https://node:8001",
        "ftp://node",
        "http://",
        "http:///",
        "http://:8001",
        "http://node:",
        "http://node:http",
        "http://node:99999",
        "http://me:secret@node:8001",
        "http://node/?q=1",
        "http://node?",
        "http://node/#top",
        "http://node#top",
        "http://a node:8001",
        " http://node:8001",
        "http://node:8001 ",
        "http://node:8001,http://node:8002",
    ];
    for url in bad {
        let invalid = InvalidPeerUrl { url: url.into() };
        assert_eq!(url.parse::<PeerUrl>(), Err(invalid.clone()));
        assert!(invalid.to_string().contains(&format!("{url:?}")));
    }
}

#[test]
fn urls_of_one_node_may_differ_in_spelling() {
    let url = |url: &str| url.parse::<PeerUrl>().unwrap();
    let same = [
        ("http://node:8001", "http://node:8001"),
        ("http://node:8001", "http://node:8001/"),
        ("http://node:8001", "http://NODE:8001"),
        ("http://node", "http://Node:80/"),
        ("http://node/a", "http://node:80/a/"),
        ("http://[::1]:8001", "http://[::1]:8001/"),
    ];
    for (a, b) in same {
        assert!(url(a).is_same_node(&url(b)), "{a} {b}");
        assert!(url(b).is_same_node(&url(a)), "{b} {a}");
        assert_eq!(url(a) == url(b), a == b, "the ring takes them as written");
    }
    let different = [
        ("http://node:8001", "http://node:8002"),
        ("http://node:8001", "http://node"),
        ("http://node-1:8001", "http://node-2:8001"),
        ("http://node", "http://node/a"),
        ("http://node/a", "http://node/A"),
        ("http://localhost:8001", "http://127.0.0.1:8001"),
    ];
    for (a, b) in different {
        assert!(!url(a).is_same_node(&url(b)), "{a} {b}");
        assert!(!url(b).is_same_node(&url(a)), "{b} {a}");
    }
}

// The front for users.

async fn scores(key: Bytes) -> Answer {
    match &key[..] {
        b"Kim" => Ok(None),
        b"broken" => Err("the disk is on fire".into()),
        b"nothing" => Ok(Some("".into())),
        _ => Ok(Some(key.into())),
    }
}

async fn front() -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let group = Group::builder("scores", scores).build();
    tokio::spawn(api::serve(listener, group, std::future::pending()));
    Client::connect(address).await
}

#[tokio::test]
async fn the_front_answers_with_the_bytes_of_the_value() {
    let mut front = front().await;
    let table: [(&str, &[u8]); 10] = [
        ("/api?key=Tom", b"Tom"),
        ("/api?x=1&key=Tom&y", b"Tom"),
        ("/api?key=Tom&key=Jack", b"Tom"),
        ("/api?key=nothing", b""),
        ("/api?key=a+b", b"a b"),
        ("/api?key=a%20b", b"a b"),
        ("/api?key=a%2Bb", b"a+b"),
        ("/api?key=%FF%00%26", b"\xff\0&"),
        ("/api?key=%C3%A9", "é".as_bytes()),
        ("/api?key=a/b=c?d", b"a/b=c?d"),
    ];
    for (path, value) in table {
        let response = front.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.body(), value, "{path}");
    }
}

#[tokio::test]
async fn the_front_tells_a_bad_question_from_a_missing_key_and_a_failure() {
    let mut front = front().await;
    let table = [
        ("/api?key=Tom", 200),
        ("/api", 400),
        ("/api?", 400),
        ("/api?key", 400),
        ("/api?key=", 400),
        ("/api?monkey=Tom", 400),
        ("/api?key=%", 400),
        ("/api?key=%zz", 400),
        ("/api?key=Kim", 404),
        ("/", 404),
        ("/api/", 404),
        ("/api/Tom", 404),
        ("/_geecache/scores/Tom", 404),
        ("/api?key=broken", 500),
    ];
    for (path, status) in table {
        let response = front.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(!response.body().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn the_front_answers_get_and_head_and_says_so_to_others() {
    let mut front = front().await;
    let head = front.send(Method::HEAD, "/api?key=Tom").await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()["content-length"], "3");
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let response = front.send(method, "/api?key=Tom").await.unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        let allowed = response.headers()[ALLOW].to_str().unwrap();
        let allowed: Vec<_> = allowed.split(", ").collect();
        assert!(allowed.contains(&"GET") && allowed.contains(&"HEAD"));
    }
}
