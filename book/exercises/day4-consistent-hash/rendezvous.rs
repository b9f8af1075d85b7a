//! Exercise 2 of day 4: rendezvous hashing, which needs no circle and no replicas.
//!
//! Copy this file to `day4-consistent-hash/tests/` and add a public module `rendezvous`:
//!
//! ```text
//! pub struct Map { .. }                  // Clone
//! impl Map {
//!     pub fn new() -> Self;
//!     pub fn add(&mut self, node: &str, weight: NonZeroU32);   // again: a new weight
//!     pub fn remove(&mut self, node: &str) -> bool;
//!     pub fn get(&self, key: &[u8]) -> Option<&str>;
//! }
//! ```
//!
//! Each node has a score for each key, and the key belongs to the node with the highest. Hash node and
//! key together to a number u between 0 and 1, both excluded; with the weight w, the score is
//! -w / ln u. Use a hash in which every bit counts: `Xxh3` is there.

use std::collections::HashMap;
use std::num::NonZeroU32;

use day4_consistent_hash as geecache;

use geecache::rendezvous::Map;

const KEYS: usize = 100_000;

fn weight(weight: u32) -> NonZeroU32 {
    NonZeroU32::new(weight).unwrap()
}

fn map(nodes: &[&str]) -> Map {
    let mut map = Map::new();
    for node in nodes {
        map.add(node, NonZeroU32::MIN);
    }
    map
}

fn keys() -> impl Iterator<Item = String> {
    (0..KEYS).map(|i| format!("key{i}"))
}

fn shares(map: &Map) -> HashMap<String, usize> {
    let mut shares = HashMap::new();
    for key in keys() {
        let owner = map.get(key.as_bytes()).unwrap();
        *shares.entry(owner.into()).or_default() += 1;
    }
    shares
}

const THREE: [&str; 3] = [
    "http://localhost:8001",
    "http://localhost:8002",
    "http://localhost:8003",
];

#[test]
fn without_nodes_there_is_no_owner() {
    let mut map = Map::new();
    assert_eq!(map.get(b"Tom"), None);
    map.add("a", weight(1));
    assert_eq!(map.get(b"Tom"), Some("a"));
    assert!(map.remove("a"));
    assert!(!map.remove("a"));
    assert_eq!(map.get(b"Tom"), None);
}

#[test]
fn the_order_of_insertion_does_not_matter() {
    let forth = map(&THREE);
    let back = map(&[THREE[2], THREE[1], THREE[0], THREE[2]]);
    assert!(keys().all(|key| forth.get(key.as_bytes()) == back.get(key.as_bytes())));
}

#[test]
fn three_nodes_share_the_keys_within_three_per_cent() {
    for (node, keys) in shares(&map(&THREE)) {
        let share = (keys * 3) as f64 / KEYS as f64;
        assert!((0.97..1.03).contains(&share), "{node} has {share}");
    }
}

#[test]
fn a_node_of_weight_three_gets_three_times_as_many() {
    let mut map = map(&THREE);
    map.add(THREE[1], weight(3));
    let shares = shares(&map);
    for light in [THREE[0], THREE[2]] {
        let ratio = shares[THREE[1]] as f64 / shares[light] as f64;
        assert!((2.8..3.2).contains(&ratio), "{ratio} times as many");
    }
}

#[test]
fn exactly_the_keys_of_a_removed_node_move() {
    let before = map(&THREE);
    let mut after = before.clone();
    after.remove(THREE[1]);
    for key in keys() {
        let (old, new) = (before.get(key.as_bytes()), after.get(key.as_bytes()));
        assert_eq!(old != new, old == Some(THREE[1]), "{key}");
    }
}

#[test]
fn a_node_that_gains_weight_takes_keys_and_gives_none() {
    let before = map(&THREE);
    let mut after = before.clone();
    after.add(THREE[0], weight(2));
    for key in keys() {
        let (old, new) = (before.get(key.as_bytes()), after.get(key.as_bytes()));
        assert!(old == new || new == Some(THREE[0]), "{key}");
    }
}
