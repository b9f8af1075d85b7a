//! Exercise 1 of day 4: the first few owners of a key, for a copy of its value on more than one node.
//!
//! Copy this file to `day4-consistent-hash/tests/` and add to `consistent_hash::Map`:
//!
//! ```text
//! pub fn owners(&self, key: impl AsRef<[u8]>, count: usize) -> Vec<&str>
//! ```
//!
//! The first is the one of `get`; the others follow on the circle, each node once.

use day4_consistent_hash as geecache;

use geecache::consistent_hash::{Map, Xxh3};

fn number(text: &[u8]) -> u64 {
    std::str::from_utf8(text).unwrap().parse().unwrap()
}

/// At 2, 12, 22, at 4, 14, 24 and at 6, 16, 26.
fn small() -> Map<fn(&[u8]) -> u64> {
    let mut map = Map::with_hash(3, number as fn(&[u8]) -> u64);
    map.extend(["6", "4", "2"]);
    map
}

#[test]
fn the_owners_follow_each_other_on_the_circle() {
    let map = small();
    assert_eq!(map.owners("11", 2), ["2", "4"]);
    assert_eq!(map.owners("13", 3), ["4", "6", "2"]);
    assert_eq!(map.owners("25", 2), ["6", "2"]);
    assert_eq!(map.owners("27", 1), ["2"]);
}

#[test]
fn there_are_no_more_owners_than_nodes() {
    assert_eq!(small().owners("11", 9), ["2", "4", "6"]);
    assert!(small().owners("11", 0).is_empty());
    assert!(Map::new(50).owners("Tom", 2).is_empty());
}

#[test]
fn a_node_is_named_once_however_many_points_follow_each_other() {
    let mut map = Map::with_hash(100, Xxh3);
    map.extend(["a", "b"]);
    for i in 0..1000 {
        let key = format!("key{i}");
        let owners = map.owners(&key, 2);
        assert_eq!(owners.len(), 2);
        assert_eq!(Some(owners[0]), map.get(&key));
        assert_ne!(owners[0], owners[1]);
    }
}

#[test]
fn the_second_owner_is_the_first_when_the_first_has_left() {
    let mut map = Map::with_hash(50, Xxh3);
    map.extend(["a", "b", "c", "d"]);
    for i in 0..1000 {
        let key = format!("key{i}");
        let owners: Vec<String> = map.owners(&key, 2).into_iter().map(Into::into).collect();
        let mut without = map.clone();
        without.remove(&owners[0]);
        assert_eq!(without.get(&key), Some(owners[1].as_str()));
    }
}
